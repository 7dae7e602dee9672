"""Clients that behave badly, beside those that do not."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.reliability.fault import Fault
from tests.reliability.load import request
from tests.reliability.on_postgres import OnPostgres
from tests.reliability.process import held

IDLE, SLOW = 1_000, 20
_FIELDS = "name description type { name kind ofType { name } }"
_LARGE = f"""{{
    a: __schema {{ types {{ name fields {{ {_FIELDS} args {{ {_FIELDS} }} }} }} }}
    b: __schema {{ types {{ name fields {{ {_FIELDS} args {{ {_FIELDS} }} }} }} }}
}}"""
_SECONDS = 4
_MEMORY = 64 << 20
"""Bytes that 20 answers of some 100 kB each may take, with all that they need."""
_HALF = b"POST /graphql HTTP/1.1\r\nhost: here\r\nconte"


@contextmanager
def _connected(scene: OnPostgres, number: int) -> Iterator[list[socket.socket]]:
    """So many connections, which take little at once."""
    with ExitStack() as stack:
        found = []
        for _ in range(number):
            one = stack.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.connect(("127.0.0.1", scene.server.port))
            found.append(one)
        yield found


def _read_slowly(scene: OnPostgres) -> None:
    """One byte a second of each answer."""
    body = request(_LARGE)
    head = (
        "POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    before = held(scene.server.process.pid).memory
    with _connected(scene, SLOW) as clients:
        for one in clients:
            one.sendall(head.encode() + body)
        for _ in range(_SECONDS):
            time.sleep(1)
            for one in clients:
                one.recv(1)
        grown = held(scene.server.process.pid).memory - before
    assert grown < _MEMORY, f"{grown:,} bytes more in memory"


def _idle(scene: OnPostgres) -> None:
    """Half of them have sent nothing, half a part of a head."""
    with _connected(scene, IDLE) as clients:
        for one in clients[::2]:
            one.sendall(_HALF)
        time.sleep(_SECONDS)
        assert held(scene.server.process.pid).descriptors > IDLE


FAULTS: tuple[Fault[OnPostgres], ...] = (
    Fault(
        "slow-readers",
        f"{SLOW} clients that read one byte a second of a large answer",
        _read_slowly,
    ),
    Fault(
        "idle-connections",
        f"{IDLE:,} connections, half of them with half a head; `ulimit -Sn` is 256",
        _idle,
    ),
)
