"""What a client did wrong.

    ClientError            extensions.code
    ├── BadInput           BAD_USER_INPUT
    ├── BadCursor          BAD_CURSOR
    ├── UnboundedList      UNBOUNDED_LIST
    └── UnreadableLog      LOG_UNREADABLE

It ends the root field that it happened under, and no other.
"""

_SHOWN = 60


def shortened(value: object) -> str:
    """What a client gave, as a message quotes it."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class ClientError(Exception):
    """A client's mistake: the message says what was wrong and what is allowed."""

    code = "BAD_USER_INPUT"


class BadInput(ClientError):
    """An argument out of its range, or not with another."""


class BadCursor(ClientError):
    """A cursor that is none, or is of another list or order."""

    code = "BAD_CURSOR"


class UnboundedList(ClientError):
    """A list that needs a bound on what is searched."""

    code = "UNBOUNDED_LIST"


class UnreadableLog(ClientError):
    """A log that was there a moment ago, or whose location does not answer."""

    code = "LOG_UNREADABLE"
