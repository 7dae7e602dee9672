"""What ties a deployment's DAGs to each other and to assets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Dependency(NamedTuple):
    """A tie between a DAG and another, or an asset.

    Attributes:
        kind: ASSET, ASSET_ALIAS, TRIGGER, SENSOR, or Airflow's own word.
        task_dag_id: The DAG of the task that ties them.
        task_structure: That DAG's newest structure.
        task_alias: The alias through which that task makes the asset.
        asset_id: Of an asset's dependency.
        dag_id: At the other end; it may not exist.
    """

    kind: str
    label: str | None
    task_dag_id: str | None
    task_id: str | None
    task_structure: str | None
    asset_id: int | None
    dag_id: str | None
    task_alias: str | None = None


class Tie(NamedTuple):
    """A trigger, or a sensor, between two DAGs."""

    kind: str
    label: str | None
    source: str
    target: str
    task_id: str | None

    @property
    def owner(self) -> str:
        """The DAG whose task it is: the one that triggers, or that waits."""
        return self.source if self.kind == "TRIGGER" else self.target


class Made(NamedTuple):
    """A task that makes an asset, itself or through an alias."""

    dag_id: str | None
    task_id: str | None
    alias: str | None


_NOBODY = Made(None, None, None)


@dataclass(slots=True)
class Lineage:
    """All ties of a deployment, DAGs that are stale apart.

    Attributes:
        structures: Each DAG's newest structure, stale ones' too.
        alive: The DAGs that are not stale.
        ties: Triggers and sensors.
        makers: Of each asset.
        users: Of each asset, the DAGs that it schedules, with the alias if one is
            between them.
        names: Of each asset.
        empty: Aliases that stand for no asset yet: who makes and who uses them.
    """

    structures: dict[str, str] = field(default_factory=dict)
    alive: set[str] = field(default_factory=set)
    ties: list[Tie] = field(default_factory=list)
    makers: dict[int, list[Made]] = field(default_factory=dict)
    users: dict[int, dict[str, str | None]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    empty: dict[str, tuple[list[Made], list[str]]] = field(default_factory=dict)

    def upstream(self, dag_id: str, own: Sequence[Tie]) -> Iterable[Dependency]:
        """What a DAG waits for; `own`: ties that its structure adds."""
        for tie in (*self.ties, *own):
            if tie.target == dag_id and tie.source != dag_id:
                yield self._of_tie(tie, tie.source)
        for asset_id, users in self.users.items():
            if dag_id in users:
                yield from self._makers_of(asset_id, users[dag_id])
        for alias, (makers, used_by) in self.empty.items():
            if dag_id in used_by:
                for made in makers or [_NOBODY]:
                    yield self._of_asset(made, None, alias, made.dag_id)

    def downstream(self, dag_id: str, own: Sequence[Tie]) -> Iterable[Dependency]:
        """What a DAG sets off; `own`: ties that its structure adds."""
        for tie in (*self.ties, *own):
            if tie.source == dag_id and tie.target != dag_id:
                yield self._of_tie(tie, tie.target)
        for asset_id, makers in self.makers.items():
            mine = next((made for made in makers if made.dag_id == dag_id), None)
            if mine is not None:
                yield from self._users_of(asset_id, mine)
        for alias, (makers, used_by) in self.empty.items():
            for mine in makers:
                if mine.dag_id == dag_id:
                    for user in used_by or (None,):
                        yield self._of_asset(mine, None, alias, user)

    def _makers_of(self, asset_id: int, alias: str | None) -> Iterable[Dependency]:
        """An asset's makers, each DAG once; somebody unknown if there is none."""
        by_dag = {m.dag_id: m for m in reversed(self.makers.get(asset_id, []))}
        for dag_id in sorted(by_dag, key=str):
            made = by_dag[dag_id]
            yield self._of_asset(made, asset_id, alias or made.alias, dag_id)
        if not by_dag:
            yield self._of_asset(_NOBODY, asset_id, alias, None)

    def _users_of(self, asset_id: int, made: Made) -> Iterable[Dependency]:
        users: Mapping[str, str | None] = self.users.get(asset_id, {})
        for user in sorted(users):
            yield self._of_asset(made, asset_id, users[user] or made.alias, user)
        if not users:
            yield self._of_asset(made, asset_id, made.alias, None)

    def _of_asset(
        self, made: Made, asset_id: int | None, alias: str | None, dag_id: str | None
    ) -> Dependency:
        return Dependency(
            "ASSET" if alias is None else "ASSET_ALIAS",
            alias if asset_id is None or alias else self.names.get(asset_id),
            made.dag_id,
            made.task_id,
            self.structures.get(made.dag_id or ""),
            asset_id,
            dag_id,
            made.alias,
        )

    def _of_tie(self, tie: Tie, other: str) -> Dependency:
        structure = self.structures.get(tie.owner)
        return Dependency(
            tie.kind, tie.label, tie.owner, tie.task_id, structure, None, other
        )
