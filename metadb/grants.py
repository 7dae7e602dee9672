"""The columns that the gateway reads, as GRANTs for a role that may read no more.

They are taken from the sources' own templates, fitted to the database: what a statement
may name is granted, and nothing besides.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass

from typing_extensions import override

from metadb import sources
from metadb.postgresql import Postgres
from metadb.source import ALIASES, Catalogue, Source
from metadb.versions import Metadatabase

_ALWAYS = {"alembic_version": {"version_num"}}
_NAMED = re.compile(r"\b([a-z]\w*)\.([a-z_]+)\b")
_TABLE = re.compile(r"\b(?:FROM|JOIN) ([a-z_]+) ([a-z]\w*)\b")


def read_columns(database: Metadatabase) -> dict[str, set[str]]:
    """The columns that statements may name, by table; only those that are there."""
    asked = _Asked(**vars(database))
    catalogue = Catalogue(asked, Postgres())
    for sql in _statements(catalogue):  # some name a column without asking for it
        tables = {alias: (table,) for table, alias in _TABLE.findall(sql)}
        for alias, column in _NAMED.findall(sql):
            for table in (*ALIASES.get(alias, ()), *tables.get(alias, ())):
                asked.has(table, column)
    return {**_ALWAYS, **asked.found}


@dataclass(frozen=True)
class _Asked(Metadatabase):
    """A database that remembers which of its columns it was asked for."""

    found: dict[str, set[str]] = field(default_factory=dict)

    @override
    def has(self, table: str, *columns: str) -> bool:
        is_there = super().has(table, *columns)
        if is_there and columns:
            self.found.setdefault(table, set()).update(columns)
        return is_there


def statements(
    database: Metadatabase, role: str, columns: dict[str, set[str]], schema: str
) -> str:
    """SQL that lets a role read these columns, of tables in a schema, and no others.

    Raises:
        ValueError: if the role's name is none that needs no quotes.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", role):
        message = f"the role is {role!r}; a name has small letters, digits and _"
        raise ValueError(message)
    named = '"' + schema.replace('"', '""') + '"'
    lines = [
        f"-- What dagway reads of schema revision {database.revision}, and no more.",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {named} FROM {role};",
        f"GRANT USAGE ON SCHEMA {named} TO {role};",
    ]
    for table in sorted(columns):
        names = ", ".join(f'"{name}"' for name in sorted(columns[table]))
        lines.append(f'GRANT SELECT ({names}) ON {named}."{table}" TO {role};')
    return "\n".join(lines) + "\n"


def _statements(catalogue: Catalogue) -> Iterator[str]:
    """The SQL of every source's parts that fit the database."""
    for source in _sources():
        if not catalogue.has(source):
            continue
        fitted = catalogue[source]
        yield f"FROM {fitted.table}"
        yield from (f"FROM {fitted.table} {join}" for join in fitted.joins.values())
        for one in fitted.expressions.values():
            yield f"{one.sql} {one.read}"


def _sources() -> Iterator[Source]:
    """Every source that `metadb.sources` declares, also those within others."""
    for found in pkgutil.iter_modules(sources.__path__, f"{sources.__name__}."):
        for value in vars(importlib.import_module(found.name)).values():
            yield from _within(value)


def _within(value: object) -> Iterator[Source]:
    if isinstance(value, Source):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _within(one)
    elif isinstance(value, dict):
        yield from _within([*value.values()])
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _within([getattr(value, one.name) for one in fields(value)])
