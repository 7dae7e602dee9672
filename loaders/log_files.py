"""Task logs as files: in a folder, or at any address that fsspec opens."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, TypeVar

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

T = TypeVar("T")


class Unreadable(Exception):
    """A file is missing or cannot be read; the message says why, for people."""


class LogFiles:
    """The files beneath one address; nothing outside it is ever opened."""

    def __init__(self, address: str) -> None:
        """Take an address: a folder, or a URL such as s3://bucket/logs.

        Raises:
            ImportError, ValueError: if fsspec cannot open such an address.
        """
        # a listing would not show what is written after it was kept
        found: tuple[Any, str] = url_to_fs(address, use_listings_cache=False)
        self._files, root = found
        self._root = root.rstrip("/")

    async def check(self, path: str) -> None:
        """Do nothing if there is such a file and it can be read.

        Raises:
            Unreadable: if not.
        """
        await self.read(path, 0, 1)

    async def read(self, path: str, start: int, most: int) -> bytes:
        """At most so many bytes of a file, from a place on; none behind its end.

        Raises:
            Unreadable: if it cannot be read.
        """
        return await asyncio.to_thread(_tried, lambda: self._read(path, start, most))

    def _read(self, path: str, start: int, most: int) -> bytes:
        whole = self._whole(path)
        found = None if whole is None else self._files.info(whole)
        if found is None or found["type"] != "file":
            raise FileNotFoundError(path)
        if start >= found["size"]:
            return b""
        end = min(start + most, found["size"])
        read: bytes = self._files.cat_file(whole, start=start, end=end)
        return read

    def _whole(self, path: str) -> str | None:
        """The file's own path; None if that lies outside, links followed."""
        if "\\" in path or "\x00" in path:
            return None
        if not {"", ".", ".."}.isdisjoint(path.split("/")):
            return None
        whole = f"{self._root}/{path}"
        if not isinstance(self._files, LocalFileSystem):
            return whole
        root, real = os.path.realpath(self._root or "/"), os.path.realpath(whole)
        return real if os.path.commonpath((root, real)) == root else None


def _tried(read: Callable[[], T]) -> T:
    """What a function gives.

    Raises:
        Unreadable: if it fails, however a file system of fsspec's says so.
    """
    try:
        return read()
    except FileNotFoundError as error:
        message = "There is no such file at the log location."
        raise Unreadable(message) from error
    except PermissionError as error:
        message = "The gateway may not read that file at the log location."
        raise Unreadable(message) from error
    except Exception as error:  # each file system has its own: botocore's, aiohttp's
        message = f"The log location cannot be read: {type(error).__name__}."
        raise Unreadable(message) from error
