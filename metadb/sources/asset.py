"""Assets, which Airflow 2 calls datasets: what refers to them, and their events."""

from collections.abc import Iterator
from dataclasses import replace

from metadb.column import boolean, instant, integer, json, text
from metadb.seen import is_seen
from metadb.source import Source
from metadb.sources.dag import DAG, NEWEST_STRUCTURE, only_structure
from metadb.sources.dag_run import DAG_RUN

_NAME = ("{asset.name}", "{asset.uri}")


def _aliases(seen: str = "") -> Iterator[str]:
    for own in ("asset_id", "dataset_id"):
        yield (
            "(SELECT {json_list}(q.name) FROM (SELECT {nick.name} AS name "
            "FROM {the nicked} JOIN {the nick} ON {nick.id} = {nicked.alias_id} "
            f"WHERE {{nicked.{own}}} = {{asset.id}}{seen} "
            "ORDER BY nick.name{collate}) q)"
        )


def _last_event(seen: str = "") -> Iterator[str]:
    for own in ("asset_id", "dataset_id"):
        yield (
            "(SELECT max({event.timestamp}) FROM {the event} "
            f"WHERE {{event.{own}}} = {{scheduled.{own}}}{seen})"
        )


_NICK_SEEN = (
    "EXISTS (SELECT 1 FROM {the by_nick} WHERE {by_nick.alias_id} = {nick.id} AND "
    + is_seen("{by_nick.dag_id}")
    + ")"
)
"""That a DAG that is seen waits for an alias."""


def _named_by_tasks(asset_id: str) -> Iterator[str]:
    """That a DAG that is seen makes, reads or waits for an asset."""
    for own in ("asset_id", "dataset_id"):
        for alias in ("scheduled", "outlet", "inlet"):
            yield (
                f"EXISTS (SELECT 1 FROM {{the {alias}}} WHERE {{{alias}.{own}}} = "
                f"{asset_id} AND {is_seen(f'{{{alias}.dag_id}}')})"
            )
        yield (
            "EXISTS (SELECT 1 FROM {the nicked} JOIN {the nick} ON {nick.id} = "
            f"{{nicked.alias_id}} WHERE {{nicked.{own}}} = {asset_id} "
            f"AND {_NICK_SEEN})"
        )


def _asset_seen() -> Iterator[str]:
    yield from _named_by_tasks("{asset.id}")
    for alias, column in (("by_name", "name"), ("by_uri", "uri")):
        yield (
            f"EXISTS (SELECT 1 FROM {{the {alias}}} WHERE {{{alias}.{column}}} = "
            f"{{asset.{column}}} AND {is_seen(f'{{{alias}.dag_id}}')})"
        )
    for own in ("asset_id", "dataset_id"):
        yield (
            f"EXISTS (SELECT 1 FROM {{the event}} WHERE {{event.{own}}} = {{asset.id}} "
            f"AND {is_seen('{event.source_dag_id}')})"
        )


_EVENT_SEEN = (
    is_seen("{event.source_dag_id}"),
    *(
        f"{{event.source_dag_id}} IS NULL AND {test}"
        for own in ("{event.asset_id}", "{event.dataset_id}")
        for test in _named_by_tasks(own)
    ),
)
"""Events of no DAG, as the REST API makes them, are seen with their asset."""

ASSET = Source(
    name="asset",
    tables=("{the asset}",),
    dag=None,
    tie=("id",),
    shown=tuple(_asset_seen()),
    guards={"aliases": tuple(_aliases(f" AND {_NICK_SEEN}"))},
    columns={
        "id": integer("{asset.id}", nullable=False),
        "name": text(*_NAME, nullable=False),
        "uri": text("{asset.uri}", nullable=False),
        "group": text('{needs asset.group}asset."group"'),
        "extra": json("{asset.extra}"),
        "is_active": boolean(
            "EXISTS (SELECT 1 FROM {the active} "
            "WHERE {active.name} = {asset.name} AND {active.uri} = {asset.uri})",
            "NOT {asset.is_orphaned}",
        ),
        "aliases": json(*_aliases()),
    },
)
ASSET_EVENT = Source(
    name="asset_event",
    tables=("{the event}",),
    dag="source_dag_id",
    tie=("id",),
    shown=_EVENT_SEEN,
    columns={
        "id": integer("{event.id}", nullable=False),
        "asset_id": integer("{event.asset_id}", "{event.dataset_id}", nullable=False),
        "timestamp": instant("{event.timestamp}", nullable=False),
        "extra": json("{event.extra}"),
        "partition_key": text("{event.partition_key}"),
        "source_dag_id": text("{event.source_dag_id}"),
        "source_run_id": text("{event.source_run_id}"),
        "source_task_id": text("{event.source_task_id}"),
        "source_map_index": integer("{event.source_map_index}"),
        "of_map_index": integer("coalesce({event.source_map_index}, -1)"),
    },
)
CONSUMED_EVENT = replace(
    ASSET_EVENT,
    name="consumed_event",
    tables=("{the consumed} JOIN {the event} ON {event.id} = {consumed.event_id}",),
    columns={
        **ASSET_EVENT.columns,
        "run_pk": integer("{consumed.dag_run_id}", nullable=False),
    },
)
"""The events that runs were made of."""
MADE_RUN = replace(
    DAG_RUN,
    name="made_run",
    tables=("{the consumed} JOIN dag_run r ON {r.id} = {consumed.dag_run_id}",),
    columns={
        **DAG_RUN.columns,
        "event_id": integer("{consumed.event_id}", nullable=False),
    },
)
"""The runs that events made."""
SCHEDULED_DAG = replace(
    DAG,
    name="scheduled_dag",
    tables=("{the scheduled} JOIN dag d ON {d.dag_id} = {scheduled.dag_id}",),
    columns={
        **DAG.columns,
        "asset_id": integer(
            "{scheduled.asset_id}", "{scheduled.dataset_id}", nullable=False
        ),
    },
)
"""The DAGs that assets schedule."""
AWAITED = Source(
    name="awaited_asset",
    tables=(
        (
            "{the scheduled} LEFT JOIN {the waiting} "
            "ON {waiting.asset_id} = {scheduled.asset_id} "
            "AND {waiting.target_dag_id} = {scheduled.dag_id}"
        ),
        (
            "{the scheduled} LEFT JOIN {the waiting} "
            "ON {waiting.dataset_id} = {scheduled.dataset_id} "
            "AND {waiting.target_dag_id} = {scheduled.dag_id}"
        ),
    ),
    dag="dag_id",
    tie=("asset_id",),
    guards={
        "last_event_at": tuple(
            _last_event(
                f" AND ({{event.source_dag_id}} IS NULL "
                f"OR {is_seen('{event.source_dag_id}')})"
            )
        )
    },
    columns={
        "dag_id": text("{scheduled.dag_id}", nullable=False),
        "asset_id": integer(
            "{scheduled.asset_id}", "{scheduled.dataset_id}", nullable=False
        ),
        "queued_at": instant("{waiting.created_at}"),
        "last_event_at": instant(*_last_event()),
    },
)
"""The assets that a DAG is scheduled on, with what has come in for its next run."""


def _of_tasks(alias: str) -> Source:
    structure = "coalesce(%s, '')"
    return Source(
        name=f"task_{alias}",
        tables=(f"{{the {alias}}}",),
        dag="dag_id",
        tie=("dag_id", "task_id"),
        columns={
            "asset_id": integer(
                f"{{{alias}.asset_id}}", f"{{{alias}.dataset_id}}", nullable=False
            ),
            "dag_id": text(f"{{{alias}.dag_id}}", nullable=False),
            "task_id": text(f"{{{alias}.task_id}}", nullable=False),
            "structure": text(
                structure % (NEWEST_STRUCTURE % f"{{{alias}.dag_id}}"),
                structure % (only_structure(f"{{{alias}.dag_id}}")),
            ),
        },
    )


OUTLET = _of_tasks("outlet")
"""The tasks that make an asset."""
INLET = _of_tasks("inlet")
"""The tasks that read one; Airflow keeps them from 3.1 on."""

_ASSETS = (
    "SELECT {scheduled.dag_id} AS dag_id, 'ASSET' AS kind, {asset.name} AS name, "
    "{asset.uri} AS uri FROM {the scheduled} "
    "JOIN {the asset} ON {asset.id} = {scheduled.asset_id}"
)
_DATASETS = (
    "SELECT {scheduled.dag_id} AS dag_id, 'ASSET' AS kind, {asset.uri} AS name, "
    "{asset.uri} AS uri FROM {the scheduled} "
    "JOIN {the asset} ON {asset.id} = {scheduled.dataset_id}"
)
_ALIASES = (
    " UNION ALL SELECT {by_nick.dag_id}, 'ALIAS', {nick.name}, NULL "
    "FROM {the by_nick} JOIN {the nick} ON {nick.id} = {by_nick.alias_id}"
)
_REFERENCES = (
    " UNION ALL SELECT {by_name.dag_id}, 'NAME_REF', {by_name.name}, NULL "
    "FROM {the by_name} UNION ALL SELECT {by_uri.dag_id}, 'URI_REF', NULL, "
    "{by_uri.uri} FROM {the by_uri}"
)
REFERENCE = Source(
    name="schedule_reference",
    tables=(
        f"({_ASSETS}{_ALIASES}{_REFERENCES}) reference",
        f"({_DATASETS}{_ALIASES}) reference",
        f"({_DATASETS}) reference",
    ),
    dag="dag_id",
    tie=("kind", "name", "uri"),
    columns={
        "dag_id": text("reference.dag_id", nullable=False),
        "kind": text("reference.kind", nullable=False),
        "name": text("reference.name"),
        "uri": text("reference.uri"),
    },
)
"""What a DAG's schedule refers to."""
NICKED = Source(
    name="alias_member",
    tables=("{the nicked} JOIN {the nick} ON {nick.id} = {nicked.alias_id}",),
    dag=None,
    tie=("name", "asset_id"),
    shown=(_NICK_SEEN,),
    columns={
        "name": text("{nick.name}", nullable=False),
        "asset_id": integer("{nicked.asset_id}", "{nicked.dataset_id}", nullable=False),
    },
)
"""The assets that an alias stands for."""
