"""Counts what each view takes: statements, rows, bytes; holds docs/views.md to it."""

import argparse
import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from graphql import (
    NonNullTypeNode,
    OperationDefinitionNode,
    parse,
    value_from_ast_untyped,
)

from benchmarks.excerpt import excerpt
from benchmarks.views import VIEWS, View
from dagway import demo
from dagway.operation import Gateway, encoded, opened
from metadb.source import Catalogue
from metadb.sqlite import Sqlite

SHOWN = Path(__file__).parents[1] / "docs" / "views.md"
NOW = datetime(2026, 11, 25, 10, 17, 33, 250_000, tzinfo=UTC)
"""The instant of the demo that docs/views.md shows."""

SUBJECT = """
query (
  $dags: DagFilter, $runs: DagRunFilter, $instances: TaskInstanceFilter,
  $first: TaskInstanceOrder! = { by: START_DATE, direction: ASC }
) {
  asOf
  dags(first: 1, filter: $dags, orderBy: { by: LATEST_RUN, direction: DESC }) {
    nodes {
      id dagId
      runs(first: 1, filter: $runs) {
        nodes {
          id runId
          taskInstances(first: 1, filter: $instances, orderBy: $first) {
            nodes { id taskId mapIndex }
          }
        }
      }
    }
  }
}"""


@dataclass(frozen=True, slots=True)
class Count:
    """What a view took, in one request.

    Attributes:
        rows: Rows of all statements together.
        size: Bytes of the answer.
    """

    view: View
    statements: int
    rows: int
    size: int
    data: Any


class StillSqlite(Sqlite):
    """SQLite whose clock stands at the demo's instant: each count then is the same."""

    now = f"'{NOW:%Y-%m-%d %H:%M:%S.%f}'"


@asynccontextmanager
async def demonstrated() -> AsyncIterator[Gateway]:
    """A gateway on a demo made for the purpose, at an instant that does not pass."""
    with tempfile.TemporaryDirectory(prefix="dagway-views-") as folder:
        path = Path(folder) / "airflow.db"
        demo.build(path, NOW)
        async with opened(f"sqlite:///{path}") as gateway:
            still = Catalogue(gateway.catalogue.database, StillSqlite())
            gateway.current.catalogue = still
            yield gateway


async def counted(gateway: Gateway, view: View) -> Count:
    """What a view takes.

    Raises:
        RuntimeError: if its answer has errors.
    """
    variables = await _variables(gateway, view)
    answer = await gateway.answer(view.text, variables)
    if answer.errors:
        message = f"{view.document}: {answer.errors}"
        raise RuntimeError(message)
    rows = sum(one.rows for one in answer.executed)
    size = len(encoded(answer.response))
    return Count(view, len(answer.executed), rows, size, answer.data)


async def _variables(gateway: Gateway, view: View) -> dict[str, Any]:
    """What a document must be given: what it is about, else its own defaults."""
    known = {**await _subject(gateway, view.about), **view.variables}
    (operation,) = parse(view.text).definitions
    if not isinstance(operation, OperationDefinitionNode):
        raise TypeError(view.document)
    found = {}
    for one in operation.variable_definitions or ():
        name = one.variable.name.value
        if name in view.variables or isinstance(one.type, NonNullTypeNode):
            default = one.default_value and value_from_ast_untyped(one.default_value)
            found[name] = known.get(name, default)
    return found


async def _subject(gateway: Gateway, about: Mapping[str, Any]) -> dict[str, Any]:
    """The names of a DAG, its newest run, and the instance of it that began first.

    Raises:
        LookupError: if there is none.
    """
    data: Any = (await gateway.answer(SUBJECT, about)).data
    try:
        dag = data["dags"]["nodes"][0]
        run = dag["runs"]["nodes"][0]
        instance = run["taskInstances"]["nodes"][0]
    except LookupError as error:
        message = f"no task instance for {about or 'the examples'}"
        raise LookupError(message) from error
    now = datetime.fromisoformat(data["asOf"])
    return {
        "dagId": dag["dagId"],
        "runId": run["runId"],
        "taskId": instance["taskId"],
        "mapIndex": instance["mapIndex"],
        "ids": [dag["id"], run["id"], instance["id"]],
        "after": now.isoformat(),
        "start": (now - timedelta(days=7)).isoformat(),
        "end": now.isoformat(),
    }


def anywhere(view: View) -> View:
    """A view without what it is about on the demo: it takes the DAG that ran last."""
    return replace(view, about={}, variables={})


async def all_counted(address: str | None) -> list[Count]:
    """What each view takes on a database; None for the demo."""
    if address is None:
        async with demonstrated() as gateway:
            return [await counted(gateway, view) for view in VIEWS]
    async with opened(address) as gateway:
        return [await counted(gateway, anywhere(view)) for view in VIEWS]


def printed(counts: Iterable[Count]) -> str:
    """The counts as a table for a terminal."""
    lines = [f"{'view':22}{'requests':>9}{'statements':>12}{'rows':>8}{'bytes':>10}"]
    lines += [
        f"{c.view.document:22}{1:>9}{c.statements:>12}{c.rows:>8,}{c.size:>10,}"
        for c in counts
    ]
    return "\n".join(lines) + "\n"


def shown(text: str, counts: Iterable[Count]) -> str:
    """The text of docs/views.md with the counts and excerpts in their places.

    Raises:
        LookupError: if it has no place for one.
    """
    counts = list(counts)
    text = _filled(text, "table", _table(counts))
    for count in counts:
        text = _filled(text, count.view.document, _shown_one(count))
    return text


def _filled(text: str, name: str, content: str) -> str:
    begin = f"<!-- counted: {name} -->\n"
    before, found, rest = text.partition(begin)
    _, end, after = rest.partition("\n<!-- end -->")
    if not (found and end):
        message = f"docs/views.md has no place for {name}"
        raise LookupError(message)
    return f"{before}{begin}{content}{end}{after}"


_HEAD = (
    "| view | in Airflow 3.3 | requests | SELECTs "
    "| here: requests | statements | rows | bytes |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


def _table(counts: Iterable[Count]) -> str:
    return _HEAD + "\n".join(
        f"| [{c.view.title}](#{_anchor(c.view.title)}) | {c.view.page} "
        f"| {c.view.requests} | {c.view.selects} "
        f"| 1 | {c.statements} | {c.rows:,} | {c.size:,} |"
        for c in counts
    )


def _anchor(title: str) -> str:
    """How GitHub names a heading."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _shown_one(count: Count) -> str:
    view = count.view
    there = f"Airflow 3.3: {view.page}."
    if view.requests:
        there = f"{there} Requests: {view.requests}; SELECTs: {view.selects}."
    return (
        f"[{view.document}.graphql](../documents/{view.document}.graphql): "
        f"1 request, {count.statements} statements, {count.rows:,} rows, "
        f"{count.size:,} bytes. {there}\n\n"
        f"```json\n{excerpt(count.data, view.excerpt)}\n```"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Count, and print or write."""
    parser = argparse.ArgumentParser(prog="scripts/count-views", description=__doc__)
    parser.add_argument("--db", metavar="URL", help="default: a demo made for this")
    parser.add_argument("--write", action="store_true", help="put it in docs/views.md")
    given = parser.parse_args(arguments)
    if given.write and given.db:
        parser.error("docs/views.md shows the demo: --write goes without --db")
    counts = asyncio.run(all_counted(given.db))
    if given.write:
        SHOWN.write_text(shown(SHOWN.read_text(encoding="utf-8"), counts), "utf-8")
    sys.stdout.write(printed(counts))


if __name__ == "__main__":
    main()
