"""Chance that is the same for the same seed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random


@dataclass(frozen=True, slots=True)
class Chance:
    """Dice; two with the same names fall alike."""

    dice: Random

    @classmethod
    def of(cls, *names: object) -> "Chance":
        """The dice of that name."""
        return cls(Random("|".join(map(str, names))))  # noqa: S311  # nothing is secret

    def happens(self, share: float) -> bool:
        """Whether something happens that does in this share of cases."""
        return self.dice.random() < share

    def between(self, low: float, high: float) -> timedelta:
        """A number of seconds between two."""
        return timedelta(seconds=self.dice.uniform(low, high))

    def about(self, seconds: float) -> timedelta:
        """Seconds near to some, now and then far more."""
        drawn = seconds * self.dice.lognormvariate(0, 0.18)
        if self.happens(0.015):
            drawn *= self.dice.uniform(2, 3.5)
        return timedelta(seconds=drawn)

    def uuid(self, instant: datetime) -> str:
        """A UUID of version 7 made at an instant: 32 hex digits, as SQLite holds it."""
        milliseconds = int(instant.timestamp() * 1000)
        first = 0x7000 | self.dice.getrandbits(12)
        rest = 1 << 63 | self.dice.getrandbits(62)
        return f"{milliseconds:012x}{first:04x}{rest:016x}"

    def hexadecimal(self, digits: int) -> str:
        """So many random hex digits."""
        return f"{self.dice.getrandbits(4 * digits):0{digits}x}"

    def word(self, letters: int) -> str:
        """A random suffix, as Airflow puts one behind the ids of some runs."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(self.dice.choices(alphabet, k=letters))
