"""Filters: what clients write, and the conditions that it means.

A part that is left out, or null, does not filter. Parts side by side must all hold.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from strawberry import ID

from metadb.condition import (
    Among,
    Begins,
    Compared,
    Comparison,
    Condition,
    Contains,
    Every,
    Exists,
    HoldsAny,
    Negated,
    Null,
    Some,
)
from metadb.sources.dag import TAGGED_WITH_ALL, TAGGED_WITH_ANY
from metadb.sources.task_instance import UNFINISHED
from resolvers.states import (
    DAG_RUN_STATES,
    DAG_RUN_TYPES,
    TASK_INSTANCE_STATES,
    DagRunState,
    DagRunType,
    TaskInstanceState,
    TriggerRule,
    words_of,
)


def optional(description: str, name: str | None = None) -> Any:  # stands for its value
    """An optional part of an input, null by default."""
    return strawberry.field(description=description, name=name, default=None)


@strawberry.input(
    description="Compares text by code point: case counts, and no sign is a wildcard."
)
class StringFilter:
    """Tests of one text."""

    eq: str | None = optional("Is this text.")
    in_: list[str] | None = optional("Is one of these, at most 1,000.", name="in")
    starts_with: str | None = optional("Begins with this text.")
    contains: str | None = optional("Holds this text.")

    def conditions(self, column: str) -> list[Condition]:
        """What it means for a column."""
        found: list[Condition] = []
        if self.eq is not None:
            found.append(Compared(column, "=", self.eq))
        if self.in_ is not None:
            found.append(Among(column, tuple(self.in_)))
        if self.starts_with is not None:
            found.append(Begins(column, self.starts_with))
        if self.contains is not None:
            found.append(Contains(column, self.contains))
        return found


@strawberry.input(description="Compares instants.")
class DateTimeFilter:
    """Tests of one instant."""

    gte: datetime | None = optional("At this instant or later.")
    gt: datetime | None = optional("Later than this instant.")
    lte: datetime | None = optional("At this instant or earlier.")
    lt: datetime | None = optional("Earlier than this instant.")
    is_null: bool | None = optional("Whether there is no instant.")

    def conditions(self, column: str) -> list[Condition]:
        """What it means for a column."""
        found: list[Condition] = _ranged(
            column, {">=": self.gte, ">": self.gt, "<=": self.lte, "<": self.lt}
        )
        if self.is_null is not None:
            found.append(Null(column, self.is_null))
        return found

    @property
    def is_a_bound(self) -> bool:
        """Whether it leaves only part of the time."""
        return any(v is not None for v in (self.gte, self.gt, self.lte, self.lt))


@strawberry.input(description="Compares numbers; a missing number matches nothing.")
class FloatFilter:
    """Tests of one number."""

    gte: float | None = optional("This number or more.")
    gt: float | None = optional("More than this number.")
    lte: float | None = optional("This number or less.")
    lt: float | None = optional("Less than this number.")

    def conditions(self, column: str) -> list[Condition]:
        """What it means for a column."""
        return _ranged(
            column, {">=": self.gte, ">": self.gt, "<=": self.lte, "<": self.lt}
        )


@strawberry.input(
    description="Keeps DAGs. At most 4 levels of and, or and not, and 50 tests in all."
)
class DagFilter:
    """Tests of a DAG."""

    dag_id: StringFilter | None = optional("By dagId.")
    display_name: StringFilter | None = optional("By displayName.")
    is_paused: bool | None = optional("Whether it is paused.")
    is_stale: bool | None = optional("Whether the DAG processor no longer finds it.")
    tags_any: list[str] | None = optional("Has at least one of these tags.")
    tags_all: list[str] | None = optional("Has all of these tags.")
    owners_any: list[str] | None = optional("Has at least one of these owners.")
    bundle_name: StringFilter | None = optional("By bundleName.")
    has_import_errors: bool | None = optional("Whether its file fails to import.")
    latest_run_state_in: list[DagRunState] | None = optional(
        "Its newest run is in one of these states."
    )
    and_: list["DagFilter"] | None = optional("All of these hold.", name="and")
    or_: list["DagFilter"] | None = optional("At least one of these holds.", name="or")
    not_: "DagFilter | None" = optional("This does not hold.", name="not")

    def condition(self) -> Condition:
        """What it means."""
        found = self._own()
        if self.and_ is not None:
            found += [f.condition() for f in self.and_]
        if self.or_ is not None:
            found.append(Some(tuple(f.condition() for f in self.or_)))
        if self.not_ is not None:
            found.append(Negated(self.not_.condition()))
        return Every(tuple(found))

    def _own(self) -> list[Condition]:
        found = texts(
            dag_id=self.dag_id,
            display_name=self.display_name,
            bundle_name=self.bundle_name,
        )
        for column in ("is_paused", "is_stale", "has_import_errors"):
            value = getattr(self, column)
            if value is not None:
                found.append(Compared(column, "=", value))
        if self.tags_any is not None:
            found.append(Exists(TAGGED_WITH_ANY, tuple(self.tags_any)))
        if self.tags_all is not None:
            found.append(Exists(TAGGED_WITH_ALL, tuple(self.tags_all)))
        if self.owners_any is not None:
            found.append(_owned_by(tuple(self.owners_any)))
        if self.latest_run_state_in is not None:
            states = self.latest_run_state_in
            found.append(_worded("latest_run_state", states, DAG_RUN_STATES))
        return found


@strawberry.input(description="Keeps DAG runs.")
class DagRunFilter:
    """Tests of a run."""

    dag_id: StringFilter | None = optional("By dagId.")
    run_id: StringFilter | None = optional("By runId.")
    state_in: list[DagRunState] | None = optional(
        "Is in one of these states; OTHER is any word that has no name of its own."
    )
    run_type_in: list[DagRunType] | None = optional("Is of one of these types.")
    logical_date: DateTimeFilter | None = optional("By logicalDate.")
    run_after: DateTimeFilter | None = optional("By runAfter.")
    start_date: DateTimeFilter | None = optional("By startDate.")
    end_date: DateTimeFilter | None = optional("By endDate.")
    duration: FloatFilter | None = optional("By duration, in seconds.")
    triggering_user_name: StringFilter | None = optional("By triggeringUserName.")

    def condition(self) -> Condition:
        """What it means."""
        found = texts(
            dag_id=self.dag_id,
            run_id=self.run_id,
            triggering_user_name=self.triggering_user_name,
        )
        if self.state_in is not None:
            found.append(_worded("state", self.state_in, DAG_RUN_STATES))
        if self.run_type_in is not None:
            found.append(_worded("run_type", self.run_type_in, DAG_RUN_TYPES))
        for column in ("logical_date", "run_after", "start_date", "end_date"):
            found += _nested(column, getattr(self, column))
        return Every((*found, *_nested("duration", self.duration)))


@strawberry.input(description="Keeps task instances.")
class TaskInstanceFilter:
    """Tests of a task instance."""

    dag_id: StringFilter | None = optional("By dagId.")
    run_id: StringFilter | None = optional("By runId.")
    run_after: DateTimeFilter | None = optional("By its run's runAfter.")
    task_id_in: list[ID] | None = optional("Is of one of these tasks.")
    group_id: ID | None = optional(
        "Is of a task in this group, or in one inside it. In a list that is not a "
        "run's, dagId must say which DAG's group: {eq: …}."
    )
    state_in: list[TaskInstanceState] | None = optional(
        "Is in one of these states; OTHER is any word that has no name of its own."
    )
    state_is_null: bool | None = optional("Whether it has no state yet.")
    map_index_in: list[int] | None = optional("Has one of these map indexes.")
    operator_in: list[str] | None = optional("Is of one of these operators.")
    pool: StringFilter | None = optional("By pool.")
    queue: StringFilter | None = optional("By queue.")
    start_date: DateTimeFilter | None = optional("By startDate.")
    end_date: DateTimeFilter | None = optional("By endDate.")
    duration: FloatFilter | None = optional("By duration, in seconds.")
    try_number_gte: int | None = optional("Was tried at least so often.")

    def condition(self) -> Condition:
        """What it means, but for the group, which only the structure knows."""
        found = texts(
            dag_id=self.dag_id, run_id=self.run_id, pool=self.pool, queue=self.queue
        )
        if self.task_id_in is not None:
            found.append(Among("task_id", tuple(self.task_id_in)))
        if self.operator_in is not None:
            found.append(Among("operator", tuple(self.operator_in)))
        if self.map_index_in is not None:
            found.append(Among("map_index", tuple(self.map_index_in)))
        if self.state_in is not None:
            found.append(_worded("state", self.state_in, TASK_INSTANCE_STATES))
        if self.state_is_null is not None:
            found.append(Null("state", self.state_is_null))
        for column in ("run_after", "start_date", "end_date"):
            found += _nested(column, getattr(self, column))
        found += _nested("duration", self.duration)
        if self.try_number_gte is not None:
            found.append(Compared("try_number", ">=", self.try_number_gte))
        return Every(tuple(found))

    @property
    def is_bounded(self) -> bool:
        """Whether the database can search it without reading all instances."""
        by_text = (_is_exact(self.dag_id), _is_exact(self.run_id))
        unfinished = self.state_in is not None and not {
            state.value for state in self.state_in
        }.difference(UNFINISHED)
        by_time = self.run_after is not None and self.run_after.is_a_bound
        return any(by_text) or unfinished or by_time


@strawberry.input(description="Keeps tasks of a structure.")
class TaskFilter:
    """Tests of a task."""

    task_id_in: list[ID] | None = optional("Is one of these tasks.")
    operator_in: list[str] | None = optional(
        "Has one of these as operatorName or taskType."
    )
    owner_in: list[str] | None = optional("Has one of these owners.")
    trigger_rule_in: list[TriggerRule] | None = optional("Has one of these rules.")
    is_mapped: bool | None = optional("Whether it is mapped, or in a mapped group.")
    group_id: ID | None = optional("Is in this group, or in one inside it.")


def _is_exact(text: StringFilter | None) -> bool:
    return text is not None and (text.eq is not None or text.in_ is not None)


def texts(**filters: StringFilter | None) -> list[Condition]:
    """What filters of texts mean, each for the column that names it."""
    found: list[Condition] = []
    for column, text in filters.items():
        if text is not None:
            found += text.conditions(column)
    return found


def _nested(column: str, given: DateTimeFilter | FloatFilter | None) -> list[Condition]:
    return [] if given is None else given.conditions(column)


def _ranged(
    column: str, bounds: Mapping[Comparison, datetime | float | None]
) -> list[Condition]:
    return [
        Compared(column, comparison, value)
        for comparison, value in bounds.items()
        if value is not None
    ]


def _worded(
    column: str, members: Iterable[Enum], known: Mapping[str, Enum]
) -> Condition:
    """The database's words for members; OTHER stands for all that have no member."""
    chosen, other = words_of(members, known)
    among = Among(column, tuple(chosen))
    if not other:
        return among
    unknown = Every((Null(column, is_null=False), Negated(Among(column, tuple(known)))))
    return Some((among, unknown))


def _owned_by(owners: Iterable[str]) -> Condition:
    """An owner has no comma and is not empty; others match nothing."""
    named = (owner.strip() for owner in owners)
    whole = tuple(f",{name}," for name in named if name and "," not in name)
    return HoldsAny("owners_listed", whole)
