"""Clients that ask for what they know the answer to, and check every answer."""

import json
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count, cycle
from typing import Any, NamedTuple, Self

CLIENTS = 32
RECOVERY_S = 5.0
"""How long the gateway may take to be as before, once a fault is over."""
PATIENCE_S = 30.0
"""How long a client waits for an answer, and a test, on whatever machine, for that."""
RIGHT = "right"
BROKEN = "connection broken"
_JSON = {"content-type": "application/json"}
VARIED = 20
_BEGIN = b'"query": "'
_PAUSE_S = 0.02
"""How long a client waits before it asks again after an error."""


def request(document: str, variables: Mapping[str, Any] | None = None) -> bytes:
    """A request's body."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    assert _BEGIN in body
    return body


class Seen(NamedTuple):
    """One answer: when it was asked for and came, on the monotonic clock.

    Attributes:
        said: RIGHT, a status with the codes of the errors, BROKEN, or else what it was.
    """

    began: float
    ended: float
    said: str


def said_of(status: int, body: bytes, right: frozenset[bytes]) -> str:
    """What an answer says, if any of some bodies is right."""
    if status == 200 and body in right:
        return RIGHT
    try:
        found = json.loads(body)
        codes = [error["extensions"]["code"] for error in found["errors"]]
    except (ValueError, KeyError, TypeError):
        return f"WRONG: {status} {body[:60]!r}"
    if found.get("data") is not None:
        return f"WRONG: data beside {codes}"
    return f"{status} {' '.join(codes)}"


class Client:
    """One connection, which is made anew once it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = self._connected()

    def _connected(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)

    def ask(self, body: bytes) -> tuple[int, bytes]:
        """Status and body of an answer.

        Raises:
            OSError, HTTPException: if the connection breaks, or is refused.
        """
        try:
            self._connection.request("POST", "/graphql", body, _JSON)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException):
            self.close()
            self._connection = self._connected()
            raise

    def close(self) -> None:
        """End it."""
        self._connection.close()


@dataclass
class Load:
    """Clients that ask without a pause from the block's begin to its end.

    Attributes:
        port: The gateway's.
        asked: What is asked for in turn, with the answers that are right.
        clients: How many.
        is_varied: Whether one request in VARIED has a document that is new.
    """

    port: int
    asked: Mapping[bytes, frozenset[bytes]]
    clients: int = CLIENTS
    is_varied: bool = False
    _seen: list[Seen] = field(default_factory=list)
    _right_at: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._right_at = [0.0] * self.clients
        self._threads = [
            threading.Thread(target=self._run, args=(number,))
            for number in range(self.clients)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        client = Client(self.port)
        turns = cycle(self.asked.items())
        for _ in range(number):  # so that not all ask for the same
            next(turns)
        for at in count():
            if self._stop.is_set():
                break
            body, right = next(turns)
            if self.is_varied and at % VARIED == 0:
                body = body.replace(_BEGIN, _BEGIN + b"# %d %d\\n" % (number, at), 1)
            seen = _asked(client, body, right)
            self._seen.append(seen)
            if seen.said == RIGHT:
                self._right_at[number] = seen.began
            else:
                self._stop.wait(_PAUSE_S)
        client.close()

    def taken(self) -> list[Seen]:
        """The answers since this was asked last."""
        seen, self._seen = self._seen, []
        return seen

    def add(self, seen: list[Seen]) -> None:
        """Count other clients' answers as these ones'."""
        self._seen += seen

    def all_right(self, since: float, seconds: float) -> None:
        """Wait until every client had a right answer to what it asked since then.

        Raises:
            AssertionError: if that takes longer.
        """
        end = time.monotonic() + seconds
        while min(self._right_at) <= since:
            if time.monotonic() > end:
                said = Counter(one.said for one in self._seen if one.began > since)
                message = f"not all clients are served after {seconds} s: {said}"
                raise AssertionError(message)
            time.sleep(0.02)


def _asked(client: Client, body: bytes, right: frozenset[bytes]) -> Seen:
    began = time.monotonic()
    try:
        status, answer = client.ask(body)
    except TimeoutError:
        said = f"WRONG: no answer in {PATIENCE_S:g} s"
    except (OSError, HTTPException):
        said = BROKEN
    else:
        said = said_of(status, answer, right)
    return Seen(began, time.monotonic(), said)


def known_answers(port: int, bodies: Sequence[bytes]) -> dict[bytes, frozenset[bytes]]:
    """What a gateway without a fault answers.

    Raises:
        AssertionError: if that is an error.
    """
    client = Client(port)
    found = {}
    for body in bodies:
        status, answer = client.ask(body)
        assert status == 200, answer
        assert b'"errors"' not in answer, answer
        found[body] = frozenset({answer})
    client.close()
    return found
