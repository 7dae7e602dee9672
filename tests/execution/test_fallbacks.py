"""Values that their types do not allow: graphql-core says what is wrong, and where.

A schema of its own, over rows in memory that hold anything.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from dagway.documents import Documents, Ready
from dagway.operation import Gateway, GatewayExecutor, StockExecutor, opened
from loaders.relation import Relation, Rows, Shape, Wanted
from loaders.request import Request
from resolvers.scalars import SCALARS
from schema.fields import column, related
from tests.execution.paths import EveryColumnExecutor, compared
from tests.support.databases import Databases

WHEN = datetime(2026, 11, 1, 0, 0, 0, 250_000, UTC)
RIGHT: dict[str, Any] = {
    "name": "a",
    "size": 5,
    "must": 7,
    "ratio": 0.5,
    "is_good": True,
    "words": ["x", "y"],
    "when": WHEN,
}
WRONG: tuple[Any, ...] = (
    None,
    "x",
    1.5,
    2**31,
    -(2**40),
    float("nan"),
    b"\x80",
    [],
    [None],
)
EXECUTORS = (GatewayExecutor, StockExecutor, EveryColumnExecutor)
rows: list[dict[str, Any]] = []


async def load(
    request: Request, keys: Sequence[Any], args: object, wanted: Wanted
) -> Rows:
    """Three rows for each key."""
    del request, args
    found = [
        (at, *[row[name] for name in wanted.columns])
        for at in range(1, len(keys) + 1)
        for row in rows
    ]
    return Rows(found, [len(rows)] * len(keys))


async def load_one(
    request: Request, keys: Sequence[Any], args: object, wanted: Wanted
) -> Rows:
    """The last row, for the keys that are a whole number."""
    there = [type(key) is int for (key,) in keys]
    last = [rows[-1][name] for name in wanted.columns]
    del request, args
    found = [(at, *last) for at, is_there in enumerate(there, 1) if is_there]
    return Rows(found, list(map(int, there)))


_COLUMNS = frozenset(RIGHT)
THINGS = Relation("things", Shape.LIST, load, (), _COLUMNS)
LAST = Relation("last", Shape.ONE, load_one, ("must",), _COLUMNS)


@strawberry.type
class Thing:
    """A row."""

    name: str = column("name", "Text.")
    size: int | None = column("size", "A number.")
    must: int = column("must", "A number that is always there.")
    ratio: float | None = column("ratio", "A number.")
    is_good: bool | None = column("is_good", "A truth.")
    words: list[str] | None = column("words", "Texts.")
    when: datetime | None = column("when", "An instant.")
    last: "Thing" = related(LAST, "The last one.")
    maybe: "Thing | None" = related(LAST, "The same, if there is one.")


@strawberry.type
class Query:
    """The root."""

    things: list[Thing] | None = related(THINGS, "All.")
    must: list[Thing] = related(THINGS, "All.")


LEAVES = ("name", "size", "must", "ratio", "isGood", "words", "when", "__typename")


@pytest.fixture
async def gateways(databases: Databases) -> AsyncIterator[list[Gateway]]:
    """A gateway of this schema in each execution."""
    async with opened(databases.address("3.3.2-sqlite")) as gateway:
        yield [_executed_by(gateway, executor) for executor in EXECUTORS]


def _executed_by(gateway: Gateway, executor: type[GatewayExecutor]) -> Gateway:
    schema = strawberry.Schema(
        Query,
        execution_context_class=executor,
        extensions=[Ready],
        config=StrawberryConfig(scalar_map=SCALARS),  # type: ignore[arg-type]  # a dict is invariant in its keys
    )
    documents = Documents(schema._schema, None, executor.planned)
    return replace(gateway, schema=schema, documents=documents, executor=executor)


def written(at: Random, depth: int = 2) -> str:
    """A random selection of a Thing."""
    parts = at.sample(LEAVES, at.randint(1, 4))
    if depth and at.random() < 0.5:
        parts.append(f"{at.choice(('last', 'maybe'))} {written(at, depth - 1)}")
    return f"{{ {' '.join(parts)} }}"


async def test_one_wrong_value_is_told_as_graphql_core_tells_it(
    gateways: list[Gateway], caplog: pytest.LogCaptureFixture
) -> None:
    at = Random(4)  # noqa: S311  # a seed for tests
    fallbacks = with_errors = 0
    for _ in range(120):
        rows[:] = [dict(RIGHT) for _ in range(3)]
        rows[at.randrange(3)][at.choice(tuple(RIGHT))] = at.choice(WRONG)
        document = f"{{ {at.choice(('things', 'must'))} {written(at)} }}"
        before, caplog_before = GatewayExecutor.fallbacks, len(caplog.records)
        assert gateways[0].documents.prepared(document).plan is not None

        first, *others = [compared(await each.answer(document)) for each in gateways]

        begun = GatewayExecutor.fallbacks - before
        logged = [
            record
            for record in caplog.records[caplog_before:]
            if record.name == "execution" and record.levelno == logging.WARNING
        ]
        assert len(logged) == begun, document
        assert begun == 1 or not first[1], document
        fallbacks += begun
        with_errors += bool(first[1])
        for other in others:
            assert other[0] == first[0], document
            if len(first[1]) == 1:
                assert other[1] == first[1], document
            assert bool(other[1]) == bool(first[1]), document
    assert fallbacks > 20
    assert with_errors > 20


async def test_right_values_are_never_begun_again(gateways: list[Gateway]) -> None:
    rows[:] = [dict(RIGHT) for _ in range(3)]
    before = GatewayExecutor.fallbacks
    every = " ".join(LEAVES)

    answers = [
        await each.answer(f"{{ things {{ {every} last {{ {every} }} }} }}")
        for each in gateways
    ]

    assert GatewayExecutor.fallbacks == before
    assert [answer.errors for answer in answers] == [[], [], []]
    assert answers[0].data == answers[1].data == answers[2].data
