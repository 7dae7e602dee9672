"""Documents that a request names instead of sending them.

Trusted documents are named by an id, and come from a manifest. Persisted queries are
named by their SHA-256, and come from earlier requests, as Apollo has it.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSyntaxError, parse

from dagway.documents import Refused
from dagway.errors import StartError
from dagway.protocol import Asked, BadRequest

MOST_KEPT = 1_000
MOST_CHARACTERS = 4_194_304
"""Of all kept queries together; the oldest go first."""
_APOLLO = "apollo-persisted-query-manifest"


class Persisted:
    """Finds the text of what is asked for.

    Args:
        trusted: Texts by id.
        only: Whether nothing else is taken.
    """

    def __init__(
        self, trusted: Mapping[str, str] | None = None, *, only: bool = False
    ) -> None:
        texts = dict(trusted or {})
        self._only = frozenset(texts.values()) if only else None
        self._trusted = {_digest(text): text for text in texts.values()}
        self._trusted |= {f"sha256:{key}": text for key, text in self._trusted.items()}
        self._trusted |= texts
        self._kept: dict[str, str] = {}
        self._characters = 0

    def text(self, asked: Asked) -> str:
        """The document of a request, sent or named.

        Raises:
            BadRequest: if it is not one that may be asked for.
            Refused: if it is named, and not known.
        """
        text = asked.query
        if asked.document_id is not None:
            text = self._of_id(asked.document_id)
        elif "persistedQuery" in asked.extensions:
            text = self._of_hash(_hash(asked), text)
        if text is None:
            raise BadRequest(400, "BAD_REQUEST", "query must be there, and a string.")
        if self._only is not None and text not in self._only:
            message = "Only documents of the gateway's list are taken here."
            raise BadRequest(403, "DOCUMENT_NOT_TRUSTED", message)
        return text

    def keep(self, asked: Asked) -> None:
        """Keep a valid document that was sent with its hash."""
        text = asked.query
        if text is None or self._only is not None:
            return
        key = _hash(asked)
        if key in self._kept:
            return
        self._kept[key] = text
        self._characters += len(text)
        while len(self._kept) > MOST_KEPT or self._characters > MOST_CHARACTERS:
            self._characters -= len(self._kept.pop(next(iter(self._kept))))

    def _of_id(self, document_id: str) -> str:
        text = self._trusted.get(document_id)
        if text is None:
            message = "documentId names no document that this gateway knows."
            raise _unknown(message, "DOCUMENT_NOT_FOUND")
        return text

    def _of_hash(self, key: str, text: str | None) -> str:
        if text is None:
            text = self._trusted.get(key) or self._kept.get(key)
            if text is None:
                message = "PersistedQueryNotFound"
                raise _unknown(message, "PERSISTED_QUERY_NOT_FOUND")
            if key in self._kept:
                self._kept[key] = self._kept.pop(key)
        elif _digest(text) != key:
            message = "sha256Hash is not the SHA-256 of query, as hexadecimal digits."
            raise BadRequest(400, "PERSISTED_QUERY_HASH_MISMATCH", message)
        return text


def _hash(asked: Asked) -> str:
    """What `extensions.persistedQuery` names.

    Raises:
        BadRequest: if it is not of the form that there is.
    """
    told = asked.extensions["persistedQuery"]
    if isinstance(told, dict) and told.get("version") == 1:
        key = told.get("sha256Hash")
        if isinstance(key, str):
            return key
    message = "persistedQuery must have version 1 and a sha256Hash."
    raise BadRequest(400, "BAD_REQUEST", message)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _unknown(message: str, code: str) -> Refused:
    return Refused(GraphQLError(message, extensions={"code": code}))


def read_manifest(path: str) -> dict[str, str]:
    """The texts of a manifest, by id: Apollo's form, or a plain object of texts.

    Raises:
        StartError: if it cannot be read, or is wrong.
    """
    found: dict[str, str] = {}
    try:
        for key, text in _entries(orjson.loads(Path(path).read_bytes())):
            if found.setdefault(key, text) != text:
                message = f"{key!r} stands for two documents"
                raise ValueError(message)  # noqa: TRY301  # told as all others
            _check_document(key, text)
    except (OSError, ValueError) as error:
        message = f"DAGWAY_TRUSTED_DOCUMENTS: {path} cannot be used: {error}"
        raise StartError(message) from error
    return found


def _entries(manifest: Any) -> Iterator[tuple[str, str]]:
    """Ids and texts.

    Raises:
        ValueError: if there are other things.
    """
    entries: list[tuple[Any, Any]] = []
    match manifest:
        case {"format": str(), "operations": list(operations)}:
            if (manifest["format"], manifest.get("version")) != (_APOLLO, 1):
                message = f"its format must be {_APOLLO!r}, and its version 1"
                raise ValueError(message)
            for one in operations:
                operation = one if isinstance(one, dict) else {}
                entries.append((operation.get("id"), operation.get("body")))
        case dict():
            entries.extend(manifest.items())
        case _:
            message = "it must be a JSON object: Apollo's manifest, or texts by id"
            raise ValueError(message)
    for number, (key, text) in enumerate(entries, 1):
        if not (isinstance(key, str) and key and isinstance(text, str)):
            message = f"entry {number} has no id and text, both strings"
            raise ValueError(message)
        yield key, text


def _check_document(key: str, text: str) -> None:
    try:
        parse(text, no_location=True)
    except GraphQLSyntaxError as error:
        message = f"{key!r} is no GraphQL document: {error.message}"
        raise ValueError(message) from error
