"""The parameters of a database's address, each taken once; none may be left over."""

import re
from collections.abc import Collection, Iterable, Mapping

from metadb.errors import BadAddress


class Parameters:
    """Parameters by name. Messages have their names, never their values."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._left = dict(given)

    def take(self, name: str) -> str | None:
        """A parameter's value; None if it is not given."""
        return self._left.pop(name, None)

    def take_all(self, names: Iterable[str]) -> dict[str, str]:
        """Those of some parameters that are given."""
        return {name: self._left.pop(name) for name in names if name in self._left}

    def seconds(self, name: str, default: float) -> float:
        """A number of seconds; zero stands for the default, too.

        Raises:
            BadAddress: if it is no such number.
        """
        value = self.take(name)
        if value is None:
            return default
        if not re.fullmatch(r"\d{1,6}(\.\d+)?", value):
            raise unfit(name, "must be a number of seconds")
        return float(value) or default

    def among(self, name: str, allowed: Collection[str]) -> str | None:
        """A word of those allowed; None if it is not given.

        Raises:
            BadAddress: if it is another one.
        """
        value = self.take(name)
        if value is not None and value not in allowed:
            raise unfit(name, f"may be {', '.join(allowed)}")
        return value

    def end(self) -> None:
        """Hold that all have been taken.

        Raises:
            BadAddress: if one is left.
        """
        for name in self._left:
            raise unfit(name, "is not supported; leave it out")


def unfit(name: str, reason: str) -> BadAddress:
    """The error of a parameter that cannot be honoured."""
    return BadAddress(f"the parameter {name} of the database address {reason}")
