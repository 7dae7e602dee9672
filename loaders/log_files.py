"""Task logs as files: in a folder, or at any address that fsspec opens."""

import asyncio
import os
from typing import Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem


class LogFiles:
    """The files beneath one address; nothing outside it is ever opened."""

    def __init__(self, address: str) -> None:
        """Take an address: a folder, or a URL such as s3://bucket/logs.

        Raises:
            ImportError, ValueError: if fsspec cannot open such an address.
        """
        found: tuple[Any, str] = url_to_fs(address)
        self._files, root = found
        self._root = root.rstrip("/")

    async def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return await asyncio.to_thread(self._exists, path)

    async def read(self, path: str, start: int, most: int) -> bytes:
        """At most so many bytes of a file, from a place on; none behind its end.

        Raises:
            OSError: if it cannot be read.
        """
        return await asyncio.to_thread(self._read, path, start, most)

    def _exists(self, path: str) -> bool:
        whole = self._whole(path)
        return whole is not None and bool(self._files.isfile(whole))

    def _read(self, path: str, start: int, most: int) -> bytes:
        whole = self._whole(path)
        if whole is None:
            raise FileNotFoundError(path)
        size = self._files.info(whole)["size"]
        if start >= size:
            return b""
        found: bytes = self._files.cat_file(whole, start=start, end=start + most)
        return found

    def _whole(self, path: str) -> str | None:
        """The file's own path; None if that lies outside, links followed."""
        if "\\" in path or "\x00" in path:
            return None
        if not {"", ".", ".."}.isdisjoint(path.split("/")):
            return None
        whole = f"{self._root}/{path}"
        if isinstance(self._files, LocalFileSystem):
            root, real = os.path.realpath(self._root), os.path.realpath(whole)
            if os.path.commonpath((root, real)) != root:
                return None
        return whole
