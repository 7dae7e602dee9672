"""The keys of many rows: what a relation is followed by."""

from collections.abc import Sequence
from itertools import repeat
from typing import Any, NamedTuple

from metadb.by_column import is_constant
from metadb.statement import Key


class Keys(NamedTuple):
    """The keys of some rows.

    To make and compare tuples costs more than all else that is done with them. Mostly
    all rows have one structure, or are of one DAG, and differ in one value.

    Attributes:
        each: Of each row what stands for its key: the key, or the one of its values
            in which the rows differ.
        unique: The keys, each once, by what stands for them.
    """

    each: Sequence[Any]
    unique: dict[Any, Key]

    @classmethod
    def of(cls, keys: list[Key]) -> "Keys":
        """Keys that stand for themselves."""
        return cls(keys, {key: key for key in keys})

    @classmethod
    def of_columns(cls, columns: Sequence[Sequence[Any]], number: int) -> "Keys":
        """The keys of so many rows, of their columns, of which there may be none."""
        if not number:
            return cls([], {})
        varying = [column for column in columns if not is_constant(column)]
        if not varying:
            key = tuple([column[0] for column in columns])
            return cls([key] * number, {key: key})
        if len(varying) == 1:
            (each,) = varying
            once = list(dict.fromkeys(each))
            parts = [once if one is each else repeat(one[0]) for one in columns]
            return cls(each, dict(zip(once, zip(*parts, strict=False), strict=True)))
        return cls.of(list(zip(*columns, strict=True)))
