"""An answer's head goes out with the first of its body.

uvicorn writes them one by one, and what is written is sent at once: as two packets, for
which the client is woken twice. That takes the system about as long as a small
operation takes us.
"""

import asyncio

from typing_extensions import override


class Joining(asyncio.WriteTransport):
    """What one answer is written to.

    Args:
        transport: Of its connection.
    """

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self._head: bytes | None = None

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._head is None:
            self._head = bytes(data)
        elif self._head:
            self._transport.writelines((self._head, data))
            self._head = b""
        else:
            self._transport.write(data)

    @override
    def is_closing(self) -> bool:
        return self._transport.is_closing()

    @override
    def close(self) -> None:
        self._transport.close()
