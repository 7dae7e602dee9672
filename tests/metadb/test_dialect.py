"""The two dialects bind and read the same values."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from dagway.operation import Gateway, opened
from metadb.backends import dialect_of
from metadb.column import Kind
from metadb.dialect import storable
from metadb.sqlite import sqlite_instant, sqlite_text
from tests.support.databases import Databases

SECOND = datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC)


@pytest.fixture
async def gateway(name: str, databases: Databases) -> Any:
    """A gateway on each backend."""
    async with opened(databases.address(name)) as found:
        yield found


async def value(gateway: Gateway, sql: str, *values: object) -> Any:
    """What a statement of one value gives."""
    session = gateway.request().session
    try:
        return (await session.fetch(sql, values))[0][0]
    finally:
        await session.close()


@pytest.mark.parametrize("text", ["a", "ü", "", "日本", "￿"])
def test_a_text_that_databases_hold_stays_as_it_is(text: str) -> None:
    assert storable(text) == text


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "x\udfffy", "\ud800\x00"])
def test_a_text_that_none_holds_becomes_one_that_none_has(text: str) -> None:
    found = storable(text)
    assert found != text
    assert "\x00" not in found
    found.encode()


@pytest.mark.parametrize(
    "instant",
    [
        SECOND,
        SECOND + timedelta(microseconds=1),
        SECOND.replace(year=1),
        SECOND.replace(year=999, microsecond=5),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
    ],
)
def test_sqlite_instants_are_text_of_one_length(instant: datetime) -> None:
    text = sqlite_text(instant)
    assert len(text) == len("2026-01-01 00:00:00.000000")
    assert sqlite_instant(text) == instant
    east = timezone(timedelta(hours=1))
    if instant.year < 9999:
        assert sqlite_text(instant.astimezone(east)) == text


@pytest.mark.parametrize(
    "stored", ["", "x", "2026", "5", 5, 5.5, b"2026-01-01", "12:00"]
)
def test_what_sqlite_holds_for_an_instant_may_be_none(stored: Any) -> None:
    convert = dialect_of("sqlite").convert
    nullable, needed = (convert(Kind.INSTANT, nullable=n) for n in (True, False))
    assert nullable is not None
    assert needed is not None
    assert nullable(stored) is None
    assert needed(stored) == datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "stored", "read"),
    [
        (Kind.BOOLEAN, 1, True),
        (Kind.BOOLEAN, 0, False),
        (Kind.BOOLEAN, "t", True),
        (Kind.BOOLEAN, "FALSE", False),
        (Kind.BOOLEAN, "f", False),
        (Kind.BOOLEAN, "", False),
        (Kind.INTEGER, 5, 5),
        (Kind.INTEGER, "5x", None),
        (Kind.INTEGER, 1.5, None),
        (Kind.FLOAT, 1, 1.0),
        (Kind.FLOAT, "x", None),
        (Kind.FLOAT, math.inf, None),
    ],
)
def test_sqlite_holds_anything_in_any_column(
    kind: Kind, stored: object, read: object
) -> None:
    convert = dialect_of("sqlite").convert(kind)
    assert convert is not None
    assert convert(stored) == read
    assert type(convert(stored)) is type(read)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (SECOND, SECOND),
        (SECOND, SECOND + timedelta(microseconds=1)),
        (SECOND - timedelta(microseconds=1), SECOND),
        (SECOND - timedelta(microseconds=400), SECOND + timedelta(microseconds=200)),
        (SECOND.replace(microsecond=999_999), SECOND + timedelta(seconds=60)),
        (SECOND, SECOND - timedelta(days=400, microseconds=3)),
    ],
)
async def test_seconds_between_instants_are_pythons(
    gateway: Gateway, start: datetime, end: datetime
) -> None:
    dialect = gateway.catalogue.dialect
    first, last = (dialect.bound(v) for v in (start, end))
    if dialect.name == "sqlite":
        inside = "SELECT ?1 AS a, ?2 AS b"
    else:
        inside = "SELECT $1::timestamptz AS a, $2::timestamptz AS b"
    sql = f"SELECT {dialect.elapsed('q.b', 'q.a')} FROM ({inside}) q"
    assert await value(gateway, sql, first, last) == (end - start).total_seconds()


@pytest.mark.parametrize("size", [0, 1, 3])
async def test_a_value_is_among_as_many_as_there_are(
    gateway: Gateway, size: int
) -> None:
    dialect = gateway.catalogue.dialect
    texts, numbers = ("a", "b", "c")[:size], (2**40, -1, 0)[:size]
    column = "task_id" if dialect.name == "sqlite" else "t.task_id"
    for name, values in ((column, texts), ("map_index", numbers)):
        sql = f"SELECT count(*) FROM task_instance t WHERE {name} "
        count = await value(
            gateway, sql + dialect.among(1, values), dialect.bound(values)
        )
        assert (count == 0) is (-1 not in values)


async def test_texts_are_looked_for_literally(gateway: Gateway) -> None:
    dialect = gateway.catalogue.dialect
    a, b = ("?1", "?2") if dialect.name == "sqlite" else ("$1::text", "$2::text")
    for text, other, begins, holds in (
        ("a%b", "a%", True, True),
        ("axb", "a%", False, False),
        ("a_b", "_", False, True),
        ("Ab", "a", False, False),
        ("ab", "b", False, True),
        ("ab", "", True, True),
        ("a\\b", "\\", False, True),
    ):
        starts = await value(
            gateway, f"SELECT {dialect.starts_with(a, b)}", text, other
        )
        found = await value(gateway, f"SELECT {dialect.contains(a, b)}", text, other)
        assert (bool(starts), bool(found)) == (begins, holds)


@pytest.mark.parametrize(
    "given", ["x", "", "0" * 31, "0" * 32 + "0", "g" * 32, "'", "0" * 31 + "A", None, 5]
)
def test_a_key_that_is_no_uuid_matches_none(given: object) -> None:
    _, values = dialect_of("postgresql").keys([Kind.UUID], [(given,), ("a" * 32,)], 1)
    assert values == [[None, "a" * 32]]


def test_a_relation_of_keys_has_one_text_for_any_number_of_them() -> None:
    kinds = [Kind.TEXT, Kind.INTEGER]
    for name in ("sqlite", "postgresql"):
        dialect = dialect_of(name)
        few, values = dialect.keys(kinds, [("a", 1)], 3)
        many, more = dialect.keys(kinds, [("a", 1)] * 100, 3)
        assert few == many
        assert len(values) == len(more)


@pytest.mark.parametrize("year", [1, 9999])
async def test_the_ends_of_time_are_postgresqls_infinities(
    databases: Databases, year: int
) -> None:
    end = datetime.min if year == 1 else datetime.max  # noqa: DTZ901  # made aware below
    aware = end.replace(tzinfo=UTC)
    async with opened(databases.address("3.3.2-postgresql")) as gateway:
        dialect = gateway.catalogue.dialect
        word = "-infinity" if year == 1 else "infinity"
        sql = f"SELECT $1::timestamptz = timestamptz '{word}'"
        assert await value(gateway, sql, dialect.bound(aware)) is True
        read = dialect.read(Kind.INSTANT, f"timestamptz '{word}'", nullable=False)
        assert await value(gateway, f"SELECT {read}") == aware
        read = dialect.read(Kind.INSTANT, f"timestamptz '{word}'")
        assert await value(gateway, f"SELECT {read}") is None
