"""Assets, and conditions on them: what the sample DAGs write and wait for."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any  # Any: JSON


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that tasks write and DAGs wait for."""

    name: str
    uri: str
    group: str = "asset"
    extra: Mapping[str, Json] = field(default_factory=dict)

    def fields(self) -> dict[str, Json]:
        """As Airflow serializes it."""
        return {
            "name": self.name,
            "uri": self.uri,
            "group": self.group,
            "extra": dict(self.extra),
        }


@dataclass(frozen=True, slots=True)
class Alias:
    """A name under which a task may write any asset."""

    name: str
    group: str = "asset"


@dataclass(frozen=True, slots=True)
class Condition:
    """Which of its members must have been written: all of them, or any."""

    word: str
    members: tuple["Asset | Alias | Condition", ...]

    def is_met(self, written: Collection[str]) -> bool:
        """Whether it is, given the names of the assets and aliases written to."""
        met = (
            member.is_met(written)
            if isinstance(member, Condition)
            else member.name in written
            for member in self.members
        )
        return all(met) if self.word == "all" else any(met)

    def leaves(self) -> Iterator[Asset | Alias]:
        """The assets and aliases in it, as declared."""
        for member in self.members:
            if isinstance(member, Condition):
                yield from member.leaves()
            else:
                yield member

    def serialized(self) -> dict[str, Json]:
        """As a timetable holds it."""
        objects: list[dict[str, Json]] = []
        for member in self.members:
            match member:
                case Condition():
                    objects.append(member.serialized())
                case Asset():
                    objects.append({"__type": "asset", **member.fields()})
                case Alias():
                    alias = {"name": member.name, "group": member.group}
                    objects.append({"__type": "asset_alias", **alias})
        return {"__type": f"asset_{self.word}", "objects": objects}

    def expression(self, ids: Mapping[str, int]) -> dict[str, Json]:
        """As the column `dag.asset_expression` holds it, given the assets' ids."""
        inside: list[dict[str, Json]] = []
        for member in self.members:
            match member:
                case Condition():
                    inside.append(member.expression(ids))
                case Asset(name, uri, group):
                    asset = {"uri": uri, "name": name, "group": group, "id": ids[name]}
                    inside.append({"asset": asset})
                case Alias(name, group):
                    inside.append({"alias": {"name": name, "group": group}})
        return {self.word: inside}


def all_of(*members: Asset | Alias | Condition) -> Condition:
    """All of them must have been written."""
    return Condition("all", members)


def any_of(*members: Asset | Alias | Condition) -> Condition:
    """One of them is enough."""
    return Condition("any", members)
