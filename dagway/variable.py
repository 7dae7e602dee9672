"""Variables: how a setting is written, read and refused."""

import ipaddress
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from dagway.errors import StartError


class Secret:
    """A text that shows in no repr, message or log.

    Attributes:
        value: The text.
    """

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    @override
    def __repr__(self) -> str:
        return "Secret(***)"

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.value == self.value

    @override
    def __hash__(self) -> int:
        return hash(self.value)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment that fills one setting.

    Attributes:
        name: Of the variable.
        default: What holds without it, as it would be written.
        allowed: Which values it may have.
        meaning: What it is for.
        read: The setting from the variable's text; ValueError if it is not allowed.
    """

    name: str
    default: str
    allowed: str
    meaning: str
    read: Callable[[str], Any]


def setting(
    name: str, default: str, allowed: str, read: Callable[[str], Any], meaning: str
) -> Any:
    """A field that a variable fills; its default goes the same way."""
    variable = Variable(name, default, allowed, meaning, read)
    return field(default=read(default), metadata={"variable": variable})


def integer(lowest: int, highest: int) -> tuple[str, Callable[[str], int]]:
    """What is allowed of an integer, and how it is read."""

    def read(text: str) -> int:
        value = int(text.replace(",", "").replace("_", ""))
        if not lowest <= value <= highest:
            raise ValueError
        return value

    return f"an integer from {lowest:,} to {highest:,}", read


def seconds(lowest: float, highest: float) -> tuple[str, Callable[[str], float]]:
    """What is allowed of a time, and how it is read."""

    def read(text: str) -> float:
        value = float(text)
        if not (math.isfinite(value) and lowest <= value <= highest):
            raise ValueError
        return value

    return f"seconds, from {lowest:g} to {highest:g}", read


def word(*allowed: str) -> tuple[str, Callable[[str], str]]:
    """What is allowed of a word, and how it is read."""

    def read(text: str) -> str:
        if text.lower() not in allowed:
            raise ValueError
        return text.lower()

    return f"one of {', '.join(allowed)}", read


def names(text: str) -> tuple[str, ...]:
    """Names, separated by commas."""
    found = tuple(name.strip().lower() for name in text.split(",")) if text else ()
    if not all(re.fullmatch(r"[\w.-]+", name) for name in found):
        raise ValueError
    return found


def switch() -> tuple[str, Callable[[str], bool]]:
    """What is allowed of a switch, and how it is read."""
    allowed, read = word("on", "off")
    return allowed, lambda text: read(text) == "on"


def networks(text: str) -> tuple[str, ...]:
    """Addresses and networks of IP, separated by commas."""
    found = [part.strip() for part in text.split(",")] if text else []
    return tuple(str(ipaddress.ip_network(part)).removesuffix("/32") for part in found)


def url_path(text: str) -> str:
    """A path without a slash at its end; empty for none."""
    if text and not re.fullmatch(r"(/[\w.~-]+)+/?", text, re.ASCII):
        raise ValueError
    return text.rstrip("/")


def optional(text: str) -> str | None:
    """A text, or None."""
    return text or None


def origins(text: str) -> tuple[str, ...]:
    """Origins of web pages, separated by commas."""
    found = tuple(one.strip().lower() for one in text.split(",")) if text else ()
    if not all(re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?", one) for one in found):
        raise ValueError
    return found


def web_address(text: str) -> str | None:
    """An address of HTTP, or None."""
    if not text:
        return None
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise ValueError
    return text.rstrip("/")


def read(variable: Variable, text: str, where: str | None = None) -> Any:
    """A setting from its variable's text, or from one that another place says.

    Raises:
        StartError: if that is not allowed.
    """
    try:
        return variable.read(text)
    except ValueError:
        shown = re.sub("//.*@", "//***@", text)
        message = (
            f"{where or variable.name} is {shown!r}; it must be {variable.allowed}"
        )
        raise StartError(message) from None
