"""API keys: made at random, kept as hashes in a file.

A line of the file is a name and `sha256:` with 64 hexadecimal digits; a name may have
several keys. Keys have 256 random bits, so that a plain hash cannot be searched.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

PREFIX = "dagway_"
_LINE = re.compile(r"([\w.@-]{1,100})\s+sha256:([0-9a-f]{64})", re.ASCII)
_NAME = re.compile(r"[\w.@-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept."""

    name: str
    digest: str

    @property
    def line(self) -> str:
        """The file's line."""
        return f"{self.name} sha256:{self.digest}"


def made(name: str) -> tuple[str, Key]:
    """A new key: what its user sends, and what is kept.

    Raises:
        ValueError: if the name is none.
    """
    if _NAME.fullmatch(name) is None:
        message = "a name has at most 100 letters, digits and signs of _ . @ -"
        raise ValueError(message)
    secret = PREFIX + secrets.token_urlsafe(32)
    return secret, Key(name, _digest(secret))


def parsed(text: str) -> tuple[Key, ...]:
    """The keys of a file.

    Raises:
        ValueError: if a line is none, without what it holds.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition("#")[0].strip()
        if not bare:
            continue
        parts = _LINE.fullmatch(bare)
        if parts is None:
            message = f"line {number} is not a name and sha256: with 64 digits"
            raise ValueError(message)
        found.append(Key(parts[1], parts[2]))
    return tuple(found)


def owner(secret: str, keys: tuple[Key, ...]) -> str | None:
    """Whose key it is; takes as long for any key."""
    digest = _digest(secret)
    name = None
    for key in keys:
        if hmac.compare_digest(digest, key.digest):
            name = key.name
    return name


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
