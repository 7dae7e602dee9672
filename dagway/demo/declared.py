"""Words in which the sample DAGs are declared."""

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

from dagway.demo.assets import Alias, Asset
from dagway.demo.operators import EMPTY, Operator
from dagway.demo.schedules import Schedule

Json = Any  # Any: JSON
COMPANY_RETRIES = 1
"""How often a task is tried again if it says nothing: the company's setting."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a task asks people."""

    subject: str
    body: str
    options: tuple[str, ...] = ("Approve", "Reject")


@dataclass(frozen=True, slots=True)
class Task:
    """A task; all but its name has a default.

    Attributes:
        name: Without its groups' prefixes.
        seconds: How long a try takes, more or less.
        failing: The chance that a try fails.
        fields: Its template fields' values before rendering.
        over: The id of the task whose result it is mapped over.
        shows_items: Of a mapped task, whether its instances are named after what they
            work on.
        returns: Its result; of a task that others are mapped over, the longest.
        lengths: Of a task that others are mapped over: its result's shortest and
            longest length.
        often: Of a branch, how often each task after it is followed.
        goes_on: Of a short circuit, how often it lets the rest run.
        outlets: What it writes; under an alias, which assets that may be.
    """

    name: str
    operator: Operator = EMPTY
    _: KW_ONLY
    seconds: float = 20.0
    failing: float = 0.0
    retries: int = COMPANY_RETRIES
    retry_delay: timedelta = timedelta(minutes=5)
    trigger_rule: str = "all_success"
    fields: Mapping[str, Json] = field(default_factory=dict)
    over: str | None = None
    shows_items: bool = False
    returns: Json = None
    lengths: tuple[int, int] | None = None
    often: Mapping[str, float] = field(default_factory=dict)
    goes_on: float = 1.0
    external: str | None = None
    triggers: str | None = None
    question: Question | None = None
    inlets: tuple[Asset, ...] = ()
    outlets: tuple[Asset, ...] = ()
    alias: Alias | None = None
    pool: str = "default_pool"
    pool_slots: int = 1
    queue: str = "default"
    weight: int = 1
    owner: str | None = None
    display_name: str | None = None
    doc: str | None = None
    is_setup: bool = False
    is_teardown: bool = False
    fails_run: bool = False
    execution_timeout: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group of tasks.

    Attributes:
        name: Without its parents' prefixes.
        over: The id of the task whose result it is mapped over.
    """

    name: str
    members: tuple["Task | Group", ...]
    _: KW_ONLY
    tooltip: str = ""
    display_name: str = ""
    doc: str | None = None
    prefix: bool = True
    over: str | None = None
    color: str = "CornflowerBlue"


@dataclass(frozen=True, slots=True)
class Edge:
    """That a task or group runs after another; both by id."""

    source: str
    target: str
    label: str | None = None


def chain(*ends: str | tuple[str, ...]) -> tuple[Edge, ...]:
    """Edges from each end to the next; those of a tuple run side by side."""
    sides = [(end,) if isinstance(end, str) else end for end in ends]
    return tuple(
        Edge(source, target)
        for before, after in pairwise(sides)
        for source in before
        for target in after
    )


@dataclass(frozen=True, slots=True)
class Structure:
    """What a DAG consists of; edges inside a group come before edges to or from it."""

    members: tuple[Task | Group, ...]
    edges: tuple[Edge, ...] = ()

    def tasks(self) -> Iterator[Task]:
        """All tasks, however deep."""
        pending = list(reversed(self.members))
        while pending:
            member = pending.pop()
            if isinstance(member, Task):
                yield member
            else:
                pending.extend(reversed(member.members))


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a DAG's runs."""

    name: str
    default: Json
    schema: Mapping[str, Json]
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Manual:
    """A run that somebody started.

    Attributes:
        ago: How long before now.
        by: Who.
        failing: How many tries of a task fail, by its id.
        is_dated: Whether it has a logical date.
    """

    ago: timedelta
    by: str
    _: KW_ONLY
    conf: Mapping[str, Json] = field(default_factory=dict)
    note: str | None = None
    failing: Mapping[str, int] = field(default_factory=dict)
    is_dated: bool = True
    through: str = "REST_API"


@dataclass(frozen=True, slots=True)
class Backfill:
    """A backfill of the days before the oldest scheduled run."""

    ago: timedelta
    by: str
    days: int


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a run should have ended, counted from when it was queued."""

    name: str
    after: timedelta
    description: str


@dataclass(frozen=True, slots=True)
class Dag:
    """A sample DAG.

    Attributes:
        file: Its source, relative to the DAG folder.
        structures: Its versions, oldest first.
        changed: How long ago each version but the first came.
        runs: How many scheduled runs there are.
        slowing: By how much its tasks become slower from the oldest run to the newest.
        quiet: How long ago it was paused, or its file went.
        notes: Notes on runs, by how many runs ago.
    """

    dag_id: str
    file: str
    schedule: Schedule
    structures: tuple[Structure, ...]
    _: KW_ONLY
    owner: str = "data-platform"
    owner_links: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    description: str | None = None
    display_name: str | None = None
    doc: str | None = None
    params: tuple[Param, ...] = ()
    changed: tuple[timedelta, ...] = ()
    runs: int = 30
    slowing: float = 0.0
    is_paused: bool = False
    is_stale: bool = False
    quiet: timedelta = timedelta()
    max_active_runs: int = 16
    max_active_tasks: int = 16
    manual: tuple[Manual, ...] = ()
    backfill: Backfill | None = None
    deadline: Deadline | None = None
    notes: Mapping[int, str] = field(default_factory=dict)
    warning: tuple[str, str] | None = None
    import_error: str | None = None
    timezone: str = "UTC"
