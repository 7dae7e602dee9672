"""A line of a log says what Airflow wrote, whatever it holds."""

from datetime import UTC, datetime

import pytest

from metadb.log_line import LogLine, log_line


def test_a_line_of_airflow_2_has_an_instant_a_level_and_a_logger() -> None:
    raw = b"[2026-11-25T02:33:51.269+0100] {task.py:33} ERROR - Failed: \xc3\xbc\r"

    assert log_line(raw) == LogLine(
        datetime(2026, 11, 25, 1, 33, 51, 269000, UTC),
        "error",
        "task.py:33",
        "Failed: ü",
    )


def test_a_line_of_airflow_3_is_json() -> None:
    raw = b"""{"timestamp":"2026-11-25T03:11:07.301676Z","level":"INFO",
        "event":"Done","logger":"task","lineno":3}\r"""

    assert log_line(raw) == LogLine(
        datetime(2026, 11, 25, 3, 11, 7, 301676, UTC), "info", "task", "Done"
    )


def test_what_was_raised_stands_below_with_its_frames() -> None:
    raw = b"""{"event":"Failed","error_detail":[
        {"exc_type":"RuntimeError","exc_value":"no","frames":[
            {"filename":"/a.py","lineno":7,"name":"run"}]},
        {"exc_type":"KeyError","exc_value":"'x'","frames":null}, 3]}"""

    assert log_line(raw).message.splitlines() == [
        "Failed",
        '  File "/a.py", line 7, in run',
        "RuntimeError: no",
        "KeyError: 'x'",
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"plain",
        b"[not an instant but long enough] INFO",
        b"{",
        b"{}",
        b'{"event": 3}',
        b'{"event": "half',
        b"[1]",
        b"{" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=len,
)
def test_a_line_of_another_form_is_its_text(raw: bytes) -> None:
    assert log_line(raw) == LogLine(None, None, None, raw.decode())


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    assert log_line(b"a\xffb").message == "a\ufffdb"


@pytest.mark.parametrize(
    "stamp",
    ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "soon", 7, None],
)
def test_an_instant_that_is_none_is_left_out(stamp: object) -> None:
    raw = f'{{"event":"x","timestamp":{"null" if stamp is None else repr(stamp)}}}'

    assert log_line(raw.replace("'", '"').encode()).timestamp is None


def test_an_instant_without_an_offset_is_in_utc() -> None:
    found = log_line(b'{"event":"x","timestamp":"2026-01-02T03:04:05"}')

    assert found.timestamp == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
