"""Structures that may be wanted again, by what identifies the texts they were made of.

Nothing that is kept is taken for what the database holds: each operation asks for the
identities of the structures that it needs, in its own snapshot and under its own
permission, and fetches the texts of those that are not kept (decision 0020).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from metadb import serialized
from metadb.dialect import Row
from metadb.kept import Kept
from metadb.serialized import Serialized
from metadb.session import Session
from metadb.sources.dag_version import SERIALIZED
from metadb.statement import Key, Order, Query, rows_per_key
from metadb.structure import Structure

TEXT = ("dag_id", "structure", "version_number", "hash", "data", "data_compressed")
"""The columns that a structure is made of."""
IDENTITY = ("dag_id", "structure", "version_number", "hash", "last_updated")
"""Those that tell whether it would be the same."""
MIB = 1_048_576
_EACH, _CHARACTER, _MEMBER, _EDGE = 10_000, 8, 1_000, 350


class Decoded(NamedTuple):
    """A version's structure, and what it was made of; None if that cannot be read."""

    structure: Structure
    source: Serialized | None

    @property
    def size(self) -> int:
        """Bytes that it takes, once every column of it was read.

        Measured with tracemalloc (Python 3.11): decoded, Airflow's own texts take 5 to
        6 bytes a character, and 8 to 11 with what is remembered of them. Where a text
        says little of each task, or of little but edges, those show: some 1,000 bytes
        a task, 350 an edge. A text of empty objects would take 18 bytes a character.
        """
        if self.source is None:
            return _EACH
        members, edges = len(self.structure.members), len(self.structure.joined.pairs)
        text = _CHARACTER * self.source.length
        return _EACH + text + _MEMBER * members + _EDGE * edges


def rows_of(versions: Sequence[str], columns: Sequence[str]) -> Query:
    """The rows of versions' structures."""
    keys = [(version,) for version in versions]
    return Query(SERIALIZED, ("id",), keys, columns, Order(("structure",)))


def decoded(text: Row) -> Decoded:
    """What columns TEXT hold."""
    dag_id, version, number, digest, data, compressed = text
    name = f"{version}#{digest or ''}"
    try:
        found = serialized.dag_in(serialized.decoded(data, compressed), dag_id)
        structure = Structure.of(found, name=name, version_number=number)
    except serialized.Undecodable as error:
        return Decoded(Structure.empty(name, problem=str(error)), None)
    return Decoded(structure, found)


class KeptStructures:
    """Structures of one database; those used longest ago go first.

    What Airflow writes over changes its hash, or at least the instant of its last
    change. Where one of them is missing nothing is kept. A migration may write texts
    anew and leave both, so that what is of another revision is another structure.

    Args:
        size: Bytes that they may take all together, as `Decoded.size` has them.
    """

    def __init__(self, size: int) -> None:
        self._kept: Kept[Key, Decoded] = Kept(size)

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return self._kept.size

    @property
    def hits(self) -> int:
        """How often a structure was there."""
        return self._kept.hits

    @property
    def misses(self) -> int:
        """How often its text was fetched."""
        return self._kept.misses

    async def of(
        self, session: Session, identities: Mapping[str, Row]
    ) -> dict[str, Decoded]:
        """The structures of versions with these identities; one statement, or none.

        Rows that were counted as identities are not counted again as texts.
        """
        revision = session.catalogue.database.revision
        keys: dict[str, Key] = {v: (revision, *row) for v, row in identities.items()}
        kept = {version: self._kept.find(key) for version, key in keys.items()}
        found = {version: one for version, one in kept.items() if one is not None}
        missing = [version for version in keys if version not in found]
        if missing:
            session.spend(-len(missing))
            for at, *text in await rows_per_key(session, rows_of(missing, TEXT)):
                version = missing[at - 1]
                found[version] = one = decoded(text)
                *_, digest, changed = keys[version]
                if digest and changed is not None:
                    self._kept.put(keys[version], one, one.size)
        return found
