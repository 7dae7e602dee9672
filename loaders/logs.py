"""Logs of tries, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from loaders.errors import BadCursor, BadInput, UnreadableLog
from loaders.log_files import Unreadable
from loaders.relation import Rows, Wanted
from loaders.request import Request
from loaders.structure import Held
from metadb.formats import cursor_parts, cursors
from metadb.log_line import LogLine, log_line
from metadb.log_path import Attempt, NoPath, log_path
from metadb.sources.task_instance import LOGGED
from metadb.statement import Key, Order, Query, rows_per_key

INSTANCE = ("dag_id", "run_id", "task_id", "map_index")
LINE = LogLine._fields
PAGE = frozenset({"lines", "end_cursor", "has_next_page"})
PAGE_BYTES = 1024 * 1024
"""A page has no more bytes than that, whatever its lines' lengths."""
_LONGEST = 4  # bytes of a character in UTF-8
_WITHIN = range(0x80, 0xC0)  # those behind its first
_READ = ("try_number", "end_date", "log_template", "logical_date")
_NO_FILES = "The gateway knows no log location: DAGWAY_LOG_URL is not set."


class Log(NamedTuple):
    """One try's log.

    Attributes:
        place: What cursors belong to: the try's whole key.
        path: None if it cannot be read.
        is_over: Whether nothing more will be written to it.
    """

    try_number: int
    available: bool
    reason: str | None
    place: Key
    path: str | None
    is_over: bool


COLUMNS = frozenset(Log._fields)


@dataclass(frozen=True, slots=True)
class Part:
    """Which lines: so many at most, behind a cursor."""

    first: int
    after: str | None


async def of_instance(
    request: Request, keys: Sequence[Key], args: int | None, wanted: Wanted
) -> Rows:
    """The log of one instance's try: of the last one unless said otherwise."""
    if len(keys) > 1:
        message = f"Logs are asked of {len(keys)} task instances; of one at a time."
        raise BadInput(message)
    query = Query(LOGGED, INSTANCE, keys, _READ, Order(("task_id",)))
    found = await rows_per_key(request.session, query)
    if not found:
        return Rows([], [0])
    log = await _log(request, keys[0], args, found[0][1:])
    return Rows([(1, *[getattr(log, name) for name in wanted.columns])], [1])


async def _log(
    request: Request, key: Key, asked: int | None, row: Sequence[Any]
) -> Log:
    current, end_date, template, logical_date = row
    number = current if asked is None else asked
    is_over = number < current or end_date is not None

    def log(path: str | None, reason: str | None) -> Log:
        return Log(number, path is not None, reason, (*key, number), path, is_over)

    if not 1 <= number <= current:
        return log(None, f"There is no try {number}: so far there are {current}.")
    if request.logs is None:
        return log(None, _NO_FILES)
    try:
        dag_id, run_id, task_id, map_index = key
        attempt = Attempt(dag_id, run_id, task_id, map_index, number, logical_date)
        path = log_path(template, attempt)
        await request.logs.check(path)
    except (NoPath, Unreadable) as error:
        return log(None, str(error))
    return log(path, None)


async def page(
    request: Request, keys: Sequence[Key], args: Part, wanted: Wanted
) -> Rows:
    """Lines of one log from a cursor on. Costs the memory of one page.

    Raises:
        BadCursor: if the cursor is none of this log.
        UnreadableLog: if it cannot be read any more.
    """
    ((place, path, is_over),) = keys
    start = _start(place, args.after)
    data = b""
    if request.logs is not None:
        try:
            data = await request.logs.read(path, start, PAGE_BYTES + 1)
        except Unreadable as error:
            raise UnreadableLog(str(error)) from error
    lines, used, more = _lines(data, args.first, is_over=is_over)
    found = {
        "lines": Held([log_line(line) for line in lines]),
        "end_cursor": cursors(["log", list(place)])([start + used]),
        "has_next_page": more,
    }
    request.session.spend(len(lines))
    return Rows([(1, *[found[name] for name in wanted.columns])], [1])


def _start(place: Key, after: str | None) -> int:
    """The byte that a page starts at.

    Raises:
        BadCursor: if the cursor is none of this log.
    """
    if after is None:
        return 0
    try:
        name, parent, (start,) = cursor_parts(after)
    except (ValueError, TypeError):
        name, parent, start = None, None, None
    if name != "log" or parent != list(place) or type(start) is not int or start < 0:
        message = "The cursor is none of this log; take one from a page of it."
        raise BadCursor(message)
    return start


def _lines(data: bytes, first: int, *, is_over: bool) -> tuple[list[bytes], int, bool]:
    """Lines at the beginning, how many bytes they take, and whether there are more.

    A line without an end is left for later while the log is being written; one that
    is longer than a page comes in parts.
    """
    lines: list[bytes] = []
    used = 0
    goes_on = len(data) > PAGE_BYTES
    while len(lines) < first and (end := data.find(b"\n", used)) >= 0:
        lines.append(data[used:end])
        used = end + 1
    if len(lines) < first and not goes_on and is_over and used < len(data):
        lines.append(data[used:])
        used = len(data)
    elif first and goes_on and not lines:
        used = _boundary(data)
        lines.append(data[:used])
    ends = is_over or data.find(b"\n", used) >= 0
    return lines, used, goes_on or (ends and used < len(data))


def _boundary(data: bytes) -> int:
    """How long a page of one line is, so that no character is cut in two."""
    for at in range(PAGE_BYTES, PAGE_BYTES - _LONGEST, -1):
        if data[at] not in _WITHIN:
            return at
    return PAGE_BYTES
