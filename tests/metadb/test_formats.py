"""Ids, cursors and instants are read as they were written."""

import random
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec import to_builtins

from metadb.formats import (
    cursor_parts,
    cursors,
    identities,
    identity,
    instant_of,
    instant_text,
    instants,
    parts_of,
)

SIGNS = ("/", "%", "%2F", "%25", "%2f", "a", "", " ", "é", "#", "?", "~", "\n")


def test_an_id_is_its_kind_and_its_parts() -> None:
    assert identity("DagRun", "a", "b c") == "DagRun/a/b c"
    assert identity("TaskInstance", "a/b", "100%", "t", -1) == (
        "TaskInstance/a%2Fb/100%25/t/-1"
    )


def test_any_parts_are_read_from_their_id() -> None:
    at = random.Random(1)  # noqa: S311  # a seed for tests
    seen = set()
    for _ in range(2_000):
        parts = ["".join(at.choices(SIGNS, k=at.randint(0, 5))) for _ in range(3)]
        written = identity("Kind", *parts)
        assert parts_of(written) == ("Kind", parts)
        seen.add(written)
    assert len(seen) == len({tuple(parts_of(one)[1]) for one in seen})


@pytest.mark.parametrize(
    "columns",
    [
        (["a", "b"], ["c", "d"]),
        (["a", "b/c"], ["%", ""], [-1, 7]),
        (["a/", 5], [None, "%2F"]),
        ([], []),
    ],
)
def test_ids_of_many_are_those_of_each(columns: tuple[list[Any], ...]) -> None:
    assert identities("Kind", *columns) == [
        identity("Kind", *parts) for parts in zip(*columns, strict=True)
    ]


def test_cursors_hold_their_head_and_values() -> None:
    write = cursors(["runs", ["d"], ["run_after", "id"], True])
    at = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
    cursor = write([at, 7])
    assert cursor_parts(cursor) == [
        "runs",
        ["d"],
        ["run_after", "id"],
        True,
        ["2026-01-02T03:04:05.678901Z", 7],
    ]
    assert instant_of(cursor_parts(cursor)[-1][0]) == at
    assert set(cursor).isdisjoint("+/= ")


@pytest.mark.parametrize("cursor", ["", "é", "a", "!!!!", "WzJd", "bnVsbA", "e30"])
def test_what_is_no_cursor_is_a_value_error(cursor: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        cursor_parts(cursor)


def test_instants_are_printed_in_utc() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert instant_text(datetime(2026, 1, 1, 5, 30, tzinfo=east)) == (
        "2026-01-01T00:00:00Z"
    )
    assert instant_text(datetime(1, 1, 1, 0, 0, 0, 5, UTC)) == (
        "0001-01-01T00:00:00.000005Z"
    )


_EDGES = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(999, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(2026, 1, 1, 0, 0, 0, 500_000, UTC),
    datetime(2026, 1, 1, 0, 0, 0, 7, UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
]
_EAST = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))


@pytest.mark.parametrize(
    "values",
    [_EDGES, [None, *_EDGES, None], [*_EDGES, _EAST], [_EAST, None], [None], []],
)
def test_instants_of_many_are_printed_as_each_is(
    values: list[datetime | None],
) -> None:
    assert to_builtins(instants(values)) == [
        None if value is None else instant_text(value) for value in values
    ]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01t00:00:00z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01 05:30:00+05:30", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00.5-01:00", datetime(2026, 1, 1, 1, 0, 0, 500_000, UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_rfc_3339_instant_is_read(text: str, instant: datetime) -> None:
    assert instant_of(text) == instant
    assert instant_of(instant_text(instant)) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-01",
        "20260101T000000Z",
        "2026-W01-1T00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T00:00:00+0530",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-01-01T00:00:00Z\x00",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
    ],
)
def test_other_texts_are_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        instant_of(text)
