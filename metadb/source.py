"""Sources: what can be read, once the columns that this database has are known.

A source's templates are SQL with words in braces:

- `{r.run_after}`: a column, by the alias of its table in `ALIASES`. It is looked for
  in the database; a template that names one that is missing is not used.
- `{uuid v.id}`: a UUID as 32 digits. `{elapsed r.end_date r.start_date}`: seconds.
  `{quarter r.logical_date r.run_after}`: quarters of an hour, see `Dialect`.
  `{day_before r.run_after}`: an instant a day or more earlier.
- `{elements d.owners}`: the parts between its commas, see `Dialect`.
- `{join_text}`, `{json_list}`, `{collate}`, `{insist ti_dag_run}`: see `Dialect`.
- `{inside s.data dag tasks}`: what is at a path inside JSON.
- `{small_json xcom.value}`, `{small_bytes …}`: whether it is small enough to show.
- `{needs h.try_number}`: nothing, but the column must be there.
- `{the asset}`: the table of that alias, by whichever name it is there, and the alias.
- `{site}`: Airflow's address and major version, as a literal.

This is the one place where Airflow's versions and the two dialects meet.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from metadb.column import Column, Kind
from metadb.dialect import Dialect
from metadb.seen import is_seen
from metadb.versions import Metadatabase

ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "d": ("dag",),
        "d2": ("dag",),
        "g": ("dag_tag",),
        "o": ("dag_owner_attributes",),
        "v": ("dag_version",),
        "s": ("serialized_dag",),
        "c": ("dag_code",),
        "c2": ("dag_code",),
        "r": ("dag_run",),
        "recent": ("dag_run",),
        "n": ("dag_run_note",),
        "t": ("task_instance",),
        "h": ("task_instance_history",),
        "m": ("task_instance_note",),
        "m4": ("task_instance_note",),
        "b": ("backfill",),
        "i": ("import_error",),
        "j": ("job",),
        "l": ("log",),
        "p": ("slot_pool",),
        "w": ("dag_warning",),
        "e": ("deadline",),
        "a": ("deadline_alert",),
        "x": ("trigger",),
        "q": ("hitl_detail",),
        "f": ("rendered_task_instance_fields",),
        "asset": ("asset", "dataset"),
        "active": ("asset_active",),
        "nick": ("asset_alias", "dataset_alias"),
        "nicked": ("asset_alias_asset", "dataset_alias_dataset"),
        "event": ("asset_event", "dataset_event"),
        "consumed": ("dagrun_asset_event", "dagrun_dataset_event"),
        "waiting": ("asset_dag_run_queue", "dataset_dag_run_queue"),
        "scheduled": (
            "dag_schedule_asset_reference",
            "dag_schedule_dataset_reference",
        ),
        "by_nick": (
            "dag_schedule_asset_alias_reference",
            "dag_schedule_dataset_alias_reference",
        ),
        "by_name": ("dag_schedule_asset_name_reference",),
        "by_uri": ("dag_schedule_asset_uri_reference",),
        "outlet": ("task_outlet_asset_reference", "task_outlet_dataset_reference"),
        "xcom": ("xcom",),
        "template": ("log_template",),
        "inlet": ("task_inlet_asset_reference",),
        "nicked_event": ("asset_alias_asset_event", "dataset_alias_dataset_event"),
        "bundle_team": ("dag_bundle_team",),
        "team": ("team",),
        "ended": ("revoked_token",),
    }
)
"""The table that an alias stands for, and what older Airflows call it."""
_WORD = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, eq=False)
class Source:
    """Rows of one kind, as declared.

    Attributes:
        name: What cursors and messages call it.
        tables: FROM, as templates; the first that fits this database.
        dag: The column that a permission on DAGs is checked on; None only where rows
            say nothing of DAGs, or `shown` says it.
        columns: What can be read, filtered and ordered by.
        tie: Columns that end every order and make it total.
        joins: Tables that only some columns need, one row at most each, by alias.
        indexes: The index that serves a key of these columns.
        data: The kind of data that rows are, of `metadb.seen.DATA`.
        shown: Which rows are there under a permission, as templates: those for which
            one holds that fits this database. Without any, rows of DAGs that are seen.
        guards: Columns that are less under a permission: templates, the newest
            Airflow's first, in which `[it]` is the column's own SQL.
        tied: Columns of JSON that may name other DAGs, see `metadb.tied`.
    """

    name: str
    tables: tuple[str, ...]
    dag: str | None
    columns: Mapping[str, Column]
    tie: tuple[str, ...]
    joins: Mapping[str, str] = field(default_factory=dict)
    indexes: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    data: str | None = None
    shown: tuple[str, ...] = ()
    guards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tied: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expression:
    """A column as this database spells it: to compare, to read, and what it joins."""

    kind: Kind
    sql: str
    read: str
    joins: tuple[str, ...]
    nullable: bool


@dataclass(frozen=True, eq=False)
class Fitted:
    """A source fitted to one database.

    Attributes:
        alias: The main table's alias; Airflow 2 may have another main table.
        shown: What rows must meet, under a permission; else empty.
        tied: Columns that are read without the names of other DAGs, likewise.
    """

    source: Source
    alias: str
    table: str
    expressions: Mapping[str, Expression]
    joins: Mapping[str, str]
    indexes: Mapping[tuple[str, ...], str]
    shown: str = ""
    tied: frozenset[str] = frozenset()

    def joined(self, columns: Iterable[str]) -> str:
        """The joins that columns need, each after a space."""
        needed = {alias for name in columns for alias in self.expressions[name].joins}
        return "".join(
            f" {sql}" for alias, sql in self.joins.items() if alias in needed
        )


class _Missing(LookupError):
    """The database has no such column."""


class Catalogue:
    """Sources, fitted to one database when first asked for."""

    def __init__(
        self, database: Metadatabase, dialect: Dialect, airflow_url: str | None = None
    ) -> None:
        self.database = database
        self.dialect = dialect
        self._site = "NULL"
        if airflow_url is not None:
            quoted = airflow_url.rstrip("/").replace("'", "''")
            self._site = f"'{database.major} {quoted}'"
        self._fitted: dict[Source, Fitted] = {}
        self._permitted: dict[Source, Fitted] = {}

    def __getitem__(self, source: Source) -> Fitted:
        fitted = self._fitted.get(source)
        if fitted is None:
            fitted = self._fitted[source] = self._fit(source)
        return fitted

    def permitted(self, source: Source) -> Fitted:
        """The same, for statements under a permission, which begin with `seen`."""
        fitted = self._permitted.get(source)
        if fitted is None:
            fitted = self._permitted[source] = self._permit(self[source])
        return fitted

    def has(self, source: Source) -> bool:
        """Whether the database has a table for a source."""
        return any(map(self.fits, source.tables))

    def fits(self, template: str) -> bool:
        """Whether the database has every column that a template names."""
        try:
            self.sql(template)
        except _Missing:
            return False
        return True

    def sql(self, template: str) -> str:
        """A template's SQL.

        Raises:
            LookupError: if the database lacks a column that it names.
        """
        return _WORD.sub(lambda word: self._word(*word[1].split()), template)

    def _fit(self, source: Source) -> Fitted:
        table = next((self.sql(t) for t in source.tables if self.fits(t)), None)
        if table is None:
            message = f"{source.name} has no table in this database"
            raise LookupError(message)
        return Fitted(
            source,
            table.split()[1],
            table,
            {name: self._expression(source, c) for name, c in source.columns.items()},
            {a: self.sql(join) for a, join in source.joins.items() if self.fits(join)},
            {
                key: self.dialect.insist(index)
                for key, index in source.indexes.items()
                if index in self.database.indexes
            },
        )

    def _permit(self, fitted: Fitted) -> Fitted:
        source = fitted.source
        shown = ""
        if source.shown:
            fitting = filter(self.fits, source.shown)
            shown = " OR ".join(f"({self.sql(one)})" for one in fitting) or "1 = 0"
        elif source.dag is not None:
            shown = is_seen(fitted.expressions[source.dag].sql, source.data)
        guarded = {
            name: self._guarded(fitted.expressions[name], templates)
            for name, templates in source.guards.items()
        }
        expressions = {**fitted.expressions, **guarded}
        return replace(fitted, shown=shown, expressions=expressions, tied=source.tied)

    def _guarded(self, own: Expression, templates: Sequence[str]) -> Expression:
        """A column with its guard; nothing where no guard fits."""
        guard = next((self.sql(t) for t in templates if self.fits(t)), None)
        if guard is None:
            return _null(own.kind)
        sql = guard.replace("[it]", own.sql)
        read = self.dialect.read(own.kind, sql)
        return replace(own, sql=sql, read=read, nullable=True)

    def _expression(self, source: Source, column: Column) -> Expression:
        for spelling in column.spellings:
            joins = self._joins(source, spelling)
            if self.fits(spelling) and all(self.fits(source.joins[j]) for j in joins):
                sql = self.sql(spelling)
                read = self.dialect.read(column.kind, sql, nullable=column.nullable)
                if column.kind is Kind.FLOAT:  # NaN is above all numbers in a filter
                    sql = read
                return Expression(column.kind, sql, read, joins, column.nullable)
        if column.otherwise is not None:
            return self._expression(source, column.otherwise)
        return _null(column.kind)

    def _joins(self, source: Source, spelling: str) -> tuple[str, ...]:
        names = (name for word in _WORD.findall(spelling) for name in word.split())
        used = {name.split(".")[0] for name in names if "." in name}
        return tuple(alias for alias in source.joins if alias in used)

    def _word(self, word: str, *rest: str) -> str:
        match word:
            case "insist":
                known = rest[0] in self.database.indexes
                sql = self.dialect.insist(rest[0]) if known else ""
            case "the":
                sql = f"{self._table(rest[0])} {rest[0]}"
            case "inside":
                sql = self.dialect.inside(self._column(rest[0]), *rest[1:])
            case "site":
                sql = self._site
            case _ if rest:
                sql = self._function(word, [self._column(name) for name in rest])
            case _ if "." in word:
                sql = self._column(word)
            case _:
                sql = getattr(self.dialect, word)
        return sql

    def _function(self, word: str, columns: Sequence[str]) -> str:
        match word:
            case "needs":
                return ""
            case "uuid":
                return self.dialect.read(Kind.UUID, *columns)
            case _:
                sql: str = getattr(self.dialect, word)(*columns)
                return sql

    def _column(self, name: str) -> str:
        alias, column = name.split(".")
        if not self.database.has(self._table(alias), column):
            raise _Missing(name)
        return name

    def _table(self, alias: str) -> str:
        for table in ALIASES[alias]:
            if self.database.has(table):
                return table
        raise _Missing(alias)


def _null(kind: Kind) -> Expression:
    null = f"CAST(NULL AS {_NULLS.get(kind, 'text')})"
    return Expression(kind, null, null, (), nullable=True)


_NULLS = {
    Kind.INTEGER: "bigint",
    Kind.FLOAT: "double precision",
    Kind.BOOLEAN: "boolean",
    Kind.INSTANT: "timestamptz",
    Kind.BYTES: "bytea",
}
