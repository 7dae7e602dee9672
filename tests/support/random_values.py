"""Random values of input types: mostly such as a database has."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)

_INSTANTS = (
    "2026-11-01T00:00:00Z",
    "2026-11-03T00:00:00.250000+05:30",
    "2026-11-15T12:00:00-08:00",
    "2026-11-25T23:59:59Z",
    "2024-02-29T00:00:00Z",
    "1999-12-31T23:00:00-01:00",
)
_ODD_TEXTS = ("", "%", "_", "a/b", "naïve ☃", "it's", 'quo"ted', "\\", "x" * 300)
_WORDS = {
    "key": ("return_value", "rows", "nothing"),
    "keyIn": ("return_value", "rows"),
    "name": ("fx_orders", "orders", "nothing"),
    "uri": ("s3://lake/orders", "x"),
    "group": ("asset", "x"),
    "tagsAny": ("finance", "etl", "nightly", "fx"),
    "tagsAll": ("finance", "etl", "fx"),
    "ownersAny": ("airflow", "data", "nobody"),
    "ownerIn": ("airflow", "data"),
    "owner": ("airflow", "anonymous"),
    "operatorIn": ("PythonOperator", "EmptyOperator", "BashOperator", "@task"),
    "pool": ("default_pool", "small"),
    "queue": ("default", "x"),
    "event": ("success", "failed", "running", "cli_dag_trigger"),
    "bundleName": ("dags-folder", "x"),
    "displayName": ("fx", "orders"),
    "triggeringUserName": ("admin", "x"),
    "timezone": ("UTC", "Europe/Amsterdam", "America/St_Johns"),
}
_NUMBERS = {
    "first": (0, 1, 2, 3, 7),
    "last": (1, 2, 5),
    "mapIndex": (-1, -1, 0, 1),
    "mapIndexIn": (-1, 0, 1, 2),
    "versionNumber": (1, 2, 9),
    "limit": (1, 3, 10),
    "count": (1, 2, 4),
}
_TEXT_PARTS = frozenset({"eq", "in", "startsWith", "contains"})
_DEPTH = 3


@dataclass(frozen=True)
class Known:
    """What documents may name, of one database."""

    dag_ids: Sequence[str]
    runs: Sequence[tuple[str, str]]
    instances: Sequence[tuple[str, str, str, int]]
    task_ids: Sequence[str]
    ids: Sequence[str]


@dataclass
class Values:
    """Makes values.

    Attributes:
        instance: DAG, run, task and map index that fit one another.
    """

    random: Random
    known: Known
    instance: tuple[str, str, str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.choose()

    def choose(self) -> None:
        """Turn to another task instance, or to a run alone."""
        self.instance = self.random.choice(self.known.instances)
        if self.random.random() < 0.4:
            self.instance = (*self.random.choice(self.known.runs), *self.instance[2:])

    def of(self, type_: Any, name: str, depth: int = _DEPTH) -> Any:
        """A value for the argument, or the member, of that name; as JSON has it."""
        r = self.random
        if isinstance(type_, GraphQLNonNull):
            return self.of(type_.of_type, name, depth)
        if isinstance(type_, GraphQLList):
            number = r.choice((0, 1, 1, 2, 3))
            return [self.of(type_.of_type, name, depth) for _ in range(number)]
        if isinstance(type_, GraphQLEnumType):
            return r.choice(list(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            return {
                member: self.of(about.type, self.meant(member, name), depth - 1)
                for member, about in self.members(type_, depth)
            }
        return self._leaf(type_.name, name)

    def members(
        self, type_: GraphQLInputObjectType, depth: int = _DEPTH
    ) -> list[tuple[str, Any]]:
        """Some members of an input object, those that it must have among them."""
        r = self.random
        optional = [
            one
            for one in type_.fields
            if depth > 0 or not isinstance(_bare(type_.fields[one].type), type(type_))
        ]
        chosen = set(r.sample(optional, min(len(optional), r.choice((0, 1, 1, 2)))))
        return [
            (name, about)
            for name, about in type_.fields.items()
            if name in chosen or is_required_input_field(about)
        ]

    def meant(self, member: str, of: str) -> str:
        """What a member is about: that of a StringFilter is what the filter is."""
        return of if member in _TEXT_PARTS else member

    def _leaf(self, scalar: str, name: str) -> Any:
        r = self.random
        match scalar:
            case "Int":
                return r.choice(_NUMBERS.get(name, (1, 2, 3)))
            case "Float":
                return r.choice((0, 0.5, 2, 60.25, -1.5, 1e9))
            case "Boolean":
                return r.random() < 0.5
            case "DateTime":
                return r.choice(_INSTANTS)
        return self._text(name)

    def _text(self, name: str) -> str:
        r, known = self.random, self.known
        if r.random() < 0.04:
            return r.choice(_ODD_TEXTS)
        dag_id, run_id, task_id, _ = self.instance
        match name:
            case "dagId":
                return dag_id if r.random() < 0.8 else r.choice(known.dag_ids)
            case "taskId" | "taskIdIn" | "root":
                return task_id if r.random() < 0.5 else r.choice(known.task_ids)
            case "groupId":
                return r.choice(known.task_ids).rpartition(".")[0] or "nothing"
        words = {"runId": (run_id,), "id": known.ids, "ids": known.ids, **_WORDS}
        return r.choice(words.get(name, ("x", "")))


def literal(type_: Any, value: Any) -> str:
    """A value as a document has it."""
    if isinstance(type_, GraphQLNonNull):
        return literal(type_.of_type, value)
    if value is None:
        return "null"
    if isinstance(type_, GraphQLList):
        return f"[{', '.join(literal(type_.of_type, one) for one in value)}]"
    if isinstance(type_, GraphQLInputObjectType):
        members = (
            f"{name}: {literal(type_.fields[name].type, one)}"
            for name, one in value.items()
        )
        return f"{{{', '.join(members)}}}"
    return str(value) if isinstance(type_, GraphQLEnumType) else json.dumps(value)


def _bare(type_: Any) -> Any:
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    return type_
