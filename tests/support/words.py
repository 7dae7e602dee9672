"""The words of a database's DAGs: what only some of them have."""

import re
from collections.abc import Iterator
from typing import Any

from schema.build import build_schema
from tests.support.databases import Databases

_DAG = ("dag_id", "source_dag_id", "target_dag_id")
_TEXT = ("char", "text", "clob", "json", "uuid", "string")
_DEPLOYMENTS = frozenset(
    {
        *("executor", "hostname", "queue", "pool", "unixname", "operator"),
        *("state", "run_type", "event", "triggered_by", "custom_operator_name"),
        *("timetable_summary", "timetable_description", "schedule_interval"),
    }
)
"""Columns whose words are the deployment's, or Airflow's."""
_BESIDE = {
    "dag_run_note": ("dag_run r ON r.id = n.dag_run_id", ("content",)),
    "task_instance_note": ("task_instance r ON r.id = n.ti_id", ("content",)),
    "hitl_detail": ("task_instance r ON r.id = n.ti_id", ("subject", "body")),
}
"""Tables that name no DAG, with what does."""
_FIELDS: frozenset[str] = frozenset(
    name
    for type_ in build_schema()._schema.type_map.values()
    for name in getattr(type_, "fields", ())
)
_PLAIN = re.compile(r"[a-z]+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:")
_SHORTEST, _LONGEST, _LINE = 3, 200, 25


def words_of_others(
    databases: Databases, address: str, own: tuple[str, ...]
) -> frozenset[str]:
    """What the database says of DAGs that are not `own`, and of these nowhere."""
    listed = ", ".join(f"'{dag_id}'" for dag_id in own)
    words: dict[bool, set[str]] = {True: set(), False: set()}
    for is_own, found in words.items():
        test = f"{'' if is_own else 'NOT '}IN ({listed})"
        for sql in _statements(databases, address, test):
            for row in databases.read(address, sql):
                found.update(_words(next(iter(row.values())) or ""))
    return frozenset(words[False] - words[True])


def _statements(databases: Databases, address: str, test: str) -> Iterator[str]:
    columns = _columns(databases, address)
    for table, named in columns.items():
        for dag_id in filter(named.__contains__, _DAG):
            for column, kind in named.items():
                is_text = any(text in kind.lower() for text in _TEXT)
                if is_text and column not in _DEPLOYMENTS | {"data"}:
                    yield (
                        f"SELECT DISTINCT CAST({column} AS text) FROM {table} "
                        f"WHERE {column} IS NOT NULL AND {dag_id} {test}"
                    )
    for table, (dag, named_columns) in _BESIDE.items():
        if "dag_id" not in columns.get(table, {"dag_id": ""}):
            for column in named_columns:
                yield (
                    f"SELECT n.{column} FROM {table} n JOIN {dag} "
                    f"WHERE n.{column} IS NOT NULL AND r.dag_id {test}"
                )


def _columns(databases: Databases, address: str) -> dict[str, dict[str, str]]:
    """Of each table, its columns with their types."""
    sql = (
        "SELECT t.name AS name, c.name AS col, c.type AS kind FROM sqlite_schema t, "
        "pragma_table_info(t.name) c WHERE t.type = 'table'"
        if address.startswith("sqlite:")
        else "SELECT table_name AS name, column_name AS col, data_type AS kind "
        "FROM information_schema.columns WHERE table_schema = 'public'"
    )
    found: dict[str, dict[str, str]] = {}
    for row in databases.read(address, sql):
        found.setdefault(row["name"], {})[row["col"]] = row["kind"]
    return found


def _words(value: str) -> Iterator[str]:
    """A text that is no instant, or the lines of a long one."""
    if _INSTANT.match(value):
        return
    if _SHORTEST < len(value) <= _LONGEST:
        yield value
    elif len(value) > _LONGEST:
        lines = value.replace("\\n", "\n").splitlines()
        yield from (line.strip() for line in lines if len(line) > _LINE)


def texts(answer: Any) -> Iterator[str]:  # Any: JSON
    """The texts of an answer, keys of objects in it, too."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, list):
        for item in answer:
            yield from texts(item)
    elif isinstance(answer, dict):
        yield from answer.keys() - _FIELDS
        for item in answer.values():
            yield from texts(item)


def told(answer: Any, words: frozenset[str], own: tuple[str, ...]) -> set[str]:
    """Which of the words an answer has; `own` apart.

    Words that sentences are made of are looked for alone, others anywhere in a text.
    """
    each = dict.fromkeys(texts(answer))
    whole = "\n".join([*each, ""])
    for dag_id in sorted(own, key=len, reverse=True):
        whole = re.sub(rf"\b{re.escape(dag_id)}\b", "\0", whole)
    return {
        word
        for word in words
        if word in whole
        and (word in each if _PLAIN.fullmatch(word) else any(_stand_alone(word, whole)))
    }


def _stand_alone(word: str, text: str) -> Iterator[bool]:
    """For each place of a word, whether it is no part of another word."""
    at = text.find(word)
    while at >= 0:
        around = text[max(at - 1, 0) : at] + text[at + len(word)][:1]
        yield not any(one.isalnum() or one == "_" for one in around)
        at = text.find(word, at + 1)
