"""A column that can be read, and every spelling of it that Airflow has had."""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What a column's values are, once read; the dialects differ in how."""

    TEXT = auto()
    INTEGER = auto()
    FLOAT = auto()
    BOOLEAN = auto()
    INSTANT = auto()
    """An aware datetime in UTC."""
    UUID = auto()
    """32 hexadecimal digits, lower case, without hyphens."""
    JSON = auto()
    """JSON text, not yet decoded."""
    BYTES = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a source.

    Attributes:
        kind: What its values are.
        spellings: SQL templates, the newest Airflow's first. The first whose
            columns all exist in the database is used; if none, the column is NULL.
            `metadb.source` lists the template's words.
        nullable: Whether an order by this column must place NULLs.
        otherwise: The column to use if no spelling fits, where Airflow changed
            not only a name but the kind.
    """

    kind: Kind
    spellings: tuple[str, ...]
    nullable: bool = True
    otherwise: "Column | None" = None


def text(*spellings: str, nullable: bool = True) -> Column:
    """A column of text."""
    return Column(Kind.TEXT, spellings, nullable)


def integer(*spellings: str, nullable: bool = True) -> Column:
    """A column of integers."""
    return Column(Kind.INTEGER, spellings, nullable)


def number(*spellings: str) -> Column:
    """A column of floats."""
    return Column(Kind.FLOAT, spellings)


def boolean(*spellings: str) -> Column:
    """A column of booleans."""
    return Column(Kind.BOOLEAN, spellings)


def instant(*spellings: str, nullable: bool = True) -> Column:
    """A column of instants."""
    return Column(Kind.INSTANT, spellings, nullable)


def uuid(*spellings: str, otherwise: Column | None = None) -> Column:
    """A column of UUIDs."""
    return Column(Kind.UUID, spellings, otherwise=otherwise)


def json(*spellings: str, otherwise: Column | None = None) -> Column:
    """A column of JSON text."""
    return Column(Kind.JSON, spellings, otherwise=otherwise)


def blob(*spellings: str) -> Column:
    """A column of bytes."""
    return Column(Kind.BYTES, spellings)
