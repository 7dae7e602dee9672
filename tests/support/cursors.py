"""Cursors as a hostile client would forge them."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any


def forged(content: object) -> str:
    """A cursor that holds this: bytes as they are, else as JSON."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(text).decode().rstrip("=")


def opened(cursor: str) -> Any:
    """What a cursor holds."""
    return json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
