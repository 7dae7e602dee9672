"""What an id names: its type, and the key of its relation."""

import re
from collections.abc import Sequence
from types import MappingProxyType

from strawberry import ID

from loaders.errors import BadInput, shortened
from loaders.relation import Choice, Choices
from metadb.formats import parts_of
from metadb.statement import Key
from resolvers.asset import ASSET_OF, EVENT_OF
from resolvers.backfill import BACKFILL_OF
from resolvers.dag import DAG_OF
from resolvers.dag_run import RUN_OF
from resolvers.dag_version import VERSION_BY_ID
from resolvers.deployment import POOL_OF
from resolvers.event_log import EVENT_LOG_OF
from resolvers.parsing import IMPORT_ERROR_OF
from resolvers.sizes import Ids
from resolvers.task import GROUP_BY_ID, TASK_BY_ID
from resolvers.task_instance import INSTANCE_OF
from resolvers.task_try import TRY_OF
from resolvers.xcom import XCOM_OF

RELATIONS = MappingProxyType(
    {
        "Dag": DAG_OF,
        "DagVersion": VERSION_BY_ID,
        "DagRun": RUN_OF,
        "TaskInstance": INSTANCE_OF,
        "TaskInstanceTry": TRY_OF,
        "Task": TASK_BY_ID,
        "TaskGroup": GROUP_BY_ID,
        "Asset": ASSET_OF,
        "AssetEvent": EVENT_OF,
        "Backfill": BACKFILL_OF,
        "EventLog": EVENT_LOG_OF,
        "ImportError": IMPORT_ERROR_OF,
        "Pool": POOL_OF,
        "XCom": XCOM_OF,
    }
)
"""By the first part of an id; the other parts are the relation's key."""
_NUMBERS = frozenset({"id", "map_index", "try_number"})
_INTEGER = re.compile(r"-?[0-9]{1,18}")


def node_of(id: ID) -> tuple[str, Key] | None:  # noqa: A002  # GraphQL's argument
    """The type and key that an id names.

    Raises:
        BadInput: if it is no id of this API.
    """
    kind, parts = parts_of(str(id))
    relation = RELATIONS.get(kind)
    if relation is None or len(parts) != len(relation.key):
        raise _no_id(id)
    if relation in (TASK_BY_ID, GROUP_BY_ID):  # the key begins with the structure
        dag_id, structure, member = parts
        return kind, (structure, dag_id, member)
    return kind, tuple(
        _whole(part, id) if name in _NUMBERS else part
        for name, part in zip(relation.key, parts, strict=True)
    )


def nodes_of(ids: Ids) -> Sequence[tuple[str, Key] | None]:
    """The types and keys that ids name.

    Raises:
        BadInput: if one is no id of this API.
    """
    return [node_of(id) for id in ids]  # noqa: A001  # GraphQL's word


def _whole(text: str, id: ID) -> int:  # noqa: A002  # GraphQL's word
    if _INTEGER.fullmatch(text) is None:
        raise _no_id(id)
    return int(text)


def _no_id(id: ID) -> BadInput:  # noqa: A002  # GraphQL's word
    known = ", ".join(RELATIONS)
    return BadInput(
        f"{shortened(str(id))} is no id of this API; take one from a field `id` of "
        f"{known}."
    )


NODE = Choice(node_of, RELATIONS)
NODES = Choices(nodes_of, RELATIONS)
