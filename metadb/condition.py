"""Conditions on a source's columns, as values: hashable, and free of SQL dialects.

A condition is true, false or unknown, as in SQL; `negated` takes unknown for false.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from metadb.dialect import Dialect, Value
from metadb.source import Catalogue, Fitted, Source

Comparison = Literal["=", "<", "<=", ">", ">="]
Bind = Callable[[Value], str]
"""Takes a value, gives its placeholder."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A column against one value."""

    column: str
    comparison: Comparison
    value: Value


@dataclass(frozen=True, slots=True)
class Among:
    """A column is one of some values; none of no values."""

    column: str
    values: tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Begins:
    """A text begins with another."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Contains:
    """A text holds another."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class HoldsAny:
    """A text holds one of some others; none of no others."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Null:
    """A column has no value, or has one."""

    column: str
    is_null: bool


@dataclass(frozen=True, slots=True)
class Exists:
    """SQL of ours about other tables' rows.

    `template` is a source template in which `[values]` stands for the test against
    `values`, and `[count]` for how many they are.
    """

    template: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfDags:
    """The row's DAG is one that a condition on the source of DAGs keeps."""

    source: Source
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Every:
    """All of some conditions; true of none."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of some conditions; false of none."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """Not known to be true."""

    condition: "Condition"


Condition = (
    Compared
    | Among
    | Begins
    | Contains
    | HoldsAny
    | Null
    | Exists
    | OfDags
    | Every
    | Some
    | Negated
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes conditions as SQL for one statement; values only ever as placeholders."""

    catalogue: Catalogue
    fitted: Fitted
    bind: Bind
    number_of: Callable[[Value], int]

    @property
    def dialect(self) -> Dialect:
        """The dialect that is written."""
        return self.catalogue.dialect

    def sql(self, condition: Condition) -> str:
        """One condition, in parentheses where it needs them."""
        match condition:
            case Every(conditions):
                return self._joined(conditions, " AND ", "1 = 1")
            case Some(conditions):
                return self._joined(conditions, " OR ", "1 = 0")
            case Negated(inner):
                return f"(({self.sql(inner)}) IS NOT TRUE)"
            case Exists(template, values):
                return self._exists(template, values)
            case OfDags(source, inner):
                return self._of_dags(source, inner)
            case _:
                return self._tested(condition)

    def _tested(
        self, condition: Compared | Among | Begins | Contains | HoldsAny | Null
    ) -> str:
        column = self.fitted.expressions[condition.column].sql
        match condition:
            case Compared(_, comparison, value):
                return f"{column} {comparison} {self.bind(value)}"
            case Among(_, values):
                return f"{column} {self._among(values)}"
            case Begins(_, value):
                return self.dialect.starts_with(column, self.bind(value))
            case Contains(_, value):
                return self.dialect.contains(column, self.bind(value))
            case HoldsAny(_, values):
                return self.dialect.holds_any(column, self.number_of(values))
            case Null(_, is_null):
                return f"{column} IS {'' if is_null else 'NOT '}NULL"

    def _among(self, values: tuple[str, ...] | tuple[int, ...]) -> str:
        return self.dialect.among(self.number_of(values), values)

    def _exists(self, template: str, values: tuple[str, ...]) -> str:
        sql = self.catalogue.sql(template).replace("[values]", self._among(values))
        if "[count]" not in sql:
            return sql
        return sql.replace("[count]", self.bind(len(set(values))))

    def _of_dags(self, source: Source, condition: Condition) -> str:
        dags = self.catalogue[source]
        inside = Writer(self.catalogue, dags, self.bind, self.number_of)
        mine = self.fitted.expressions[self.fitted.source.dag or ""].sql
        theirs = dags.expressions[source.dag or ""].sql
        kept = inside.sql(condition)
        table = dags.table + dags.joined(columns_of(condition))
        return f"{mine} IN (SELECT {theirs} FROM {table} WHERE {kept})"

    def _joined(
        self, conditions: tuple[Condition, ...], word: str, nothing: str
    ) -> str:
        if not conditions:
            return nothing
        return f"({word.join(map(self.sql, conditions))})"


def columns_of(condition: Condition) -> set[str]:
    """The source's columns that a condition reads."""
    match condition:
        case Every(conditions) | Some(conditions):
            return set().union(*map(columns_of, conditions))
        case Negated(inner):
            return columns_of(inner)
        case Exists() | OfDags():
            return set()
        case _:
            return {condition.column}
