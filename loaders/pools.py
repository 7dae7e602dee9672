"""Pools, and how many of their slots are taken."""

from collections.abc import Sequence

from loaders.relation import Rows, Wanted
from loaders.request import Request
from metadb.condition import Among
from metadb.sources.deployment import POOL
from metadb.sources.task_instance import TASK_INSTANCE
from metadb.statement import Grouped, Key, Order, Query, rows_per_key

STATES = ("running", "queued", "scheduled", "deferred")
_TAKEN = {f"{state}_slots": state for state in STATES}
COLUMNS = frozenset({*POOL.columns, *_TAKEN, "occupied_slots", "open_slots"})
_COUNTED = frozenset({*_TAKEN, "occupied_slots", "open_slots"})
_OWN = tuple(POOL.columns)
_UNLIMITED = -1


async def every(
    request: Request, keys: Sequence[Key], args: object, wanted: Wanted
) -> Rows:
    """All pools by name, or those with the keys' ids."""
    del args
    match = ("id",) if any(keys) else ()
    query = Query(POOL, match, keys, _OWN, Order(("name",)))
    found = await rows_per_key(request.session, query)
    taken: dict[str, dict[str, int]] = {}
    if not _COUNTED.isdisjoint(wanted.columns):
        taken = await _taken(request)
    rows = []
    for at, *values in found:
        pool = dict(zip(_OWN, values, strict=True))
        pool |= _slots(pool, taken.get(str(pool["name"]), {}))
        rows.append((at, *[pool[name] for name in wanted.columns]))
    counts = [0] * len(keys)
    for row in rows:
        counts[row[0] - 1] += 1
    return Rows(rows, counts)


async def _taken(request: Request) -> dict[str, dict[str, int]]:
    """Slots of each pool that instances take, by their state; one statement."""
    grouped = Grouped(
        TASK_INSTANCE,
        (),
        [()],
        ("pool", "state"),
        (("sum", "pool_slots"),),
        where=(Among("state", STATES),),
    )
    found: dict[str, dict[str, int]] = {}
    for _, pool, state, slots in await rows_per_key(request.session, grouped):
        found.setdefault(pool, {})[state] = int(slots)
    return found


def _slots(pool: dict[str, object], taken: dict[str, int]) -> dict[str, int]:
    """How a pool's slots are used. Deferred instances take some if the pool says so."""
    used = {name: taken.get(state, 0) for name, state in _TAKEN.items()}
    occupied = used["running_slots"] + used["queued_slots"]
    if pool["include_deferred"]:
        occupied += used["deferred_slots"]
    total = int(str(pool["slots"]))
    left = _UNLIMITED if total == _UNLIMITED else total - occupied
    return {**used, "occupied_slots": occupied, "open_slots": left}
