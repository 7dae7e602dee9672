"""Runs of DAGs."""

from metadb.column import blob, boolean, instant, integer, json, number, text, uuid
from metadb.seen import kept_back
from metadb.source import Source
from metadb.sources.dag import NEWEST_STRUCTURE, only_structure
from metadb.sources.deadline import MISSED, MISSED_3_1

_RAN = (
    "(SELECT {t.dag_version_id} FROM task_instance t{insist ti_dag_run} "
    "WHERE {t.dag_id} = {r.dag_id} AND {t.run_id} = {r.run_id} "
    "UNION SELECT {h.dag_version_id} FROM task_instance_history h"
    "{insist idx_tih_dag_run} "
    "WHERE {h.dag_id} = {r.dag_id} AND {h.run_id} = {r.run_id})"
)
_VERSIONS = (
    "(SELECT %s FROM (SELECT {uuid v.id} AS id FROM dag_version v "
    f"WHERE v.id IN {_RAN} ORDER BY {{v.version_number}} DESC) q)"
)
_OWN = _VERSIONS % (
    "CASE WHEN count(*) > 1 THEN {join_text}(q.id, ',') || '@' || {r.dag_id} || '|' "
    "|| {r.run_id} ELSE min(q.id) || '@' END"
)
_NEWEST = f"{NEWEST_STRUCTURE % '{r.dag_id}'} || '@'"
_ONLY = (
    "CASE WHEN NOT EXISTS (SELECT 1 FROM dag_version v WHERE {v.dag_id} = {r.dag_id} "
    f"ORDER BY {{v.version_number}} LIMIT 1 OFFSET 1) THEN {_NEWEST} END"
)
"""Of a DAG of one version, whatever its runs' instances are: they are not read.

All of a run's must be, to say which of several versions they ran; no index has both.
"""
_STRUCTURE = f"coalesce({_ONLY}, {_OWN}, {_NEWEST}, '@')"
_EXACT = (
    "(SELECT count(*) > 0 AND count(*) = count({s.dag_hash}) FROM task_instance t"
    "{insist ti_dag_run} LEFT JOIN serialized_dag s "
    "ON {s.dag_version_id} = {t.dag_version_id} "
    "WHERE {t.dag_id} = {r.dag_id} AND {t.run_id} = {r.run_id})"
)
_EXACT_2 = (
    "EXISTS (SELECT 1 FROM serialized_dag s "
    "WHERE {s.dag_id} = {r.dag_id} AND {s.dag_hash} = {r.dag_hash})"
)
_ANY_MISSED = (
    "(SELECT count(*) > 0 FROM deadline e "
    "WHERE {e.dagrun_id} = {r.id} AND {needs e.deadline_time}%s)"
)
RUN_AFTER = ("{r.run_after}", "coalesce({r.data_interval_end}, {r.execution_date})")

DAG_RUN = Source(
    name="dag_run",
    tables=("dag_run r",),
    dag="dag_id",
    tie=("id",),
    joins={
        "n": "LEFT JOIN dag_run_note n ON {n.dag_run_id} = {r.id}",
    },
    guards={"conf": (kept_back("{r.dag_id}", "conf"),)},
    columns={
        "id": integer("{r.id}", nullable=False),
        "dag_id": text("{r.dag_id}", nullable=False),
        "run_id": text("{r.run_id}", nullable=False),
        "run_type": text("{r.run_type}"),
        "state": text("{r.state}"),
        "logical_date": instant("{r.logical_date}", "{r.execution_date}"),
        "run_after": instant(*RUN_AFTER, nullable=False),
        "data_interval_start": instant("{r.data_interval_start}"),
        "data_interval_end": instant("{r.data_interval_end}"),
        "queued_at": instant("{r.queued_at}"),
        "start_date": instant("{r.start_date}"),
        "end_date": instant("{r.end_date}"),
        "duration": number("{elapsed r.end_date r.start_date}"),
        "conf": json("{needs r.logical_date}{r.conf}", otherwise=blob("{r.conf}")),
        "note": text("{n.content}"),
        "triggered_by": text("{r.triggered_by}"),
        "triggering_user_name": text("{r.triggering_user_name}"),
        "bundle_version": text("{r.bundle_version}"),
        "partition_key": text("{r.partition_key}"),
        "partition_date": instant("{r.partition_date}"),
        "backfill_id": integer("{r.backfill_id}"),
        "clear_number": integer("{r.clear_number}"),
        "last_scheduling_decision": instant("{r.last_scheduling_decision}"),
        "has_missed_deadline": boolean(*map(_ANY_MISSED.__mod__, (MISSED, MISSED_3_1))),
        "created_dag_version_id": uuid("{r.created_dag_version_id}"),
        "structure": text(
            _STRUCTURE, f"coalesce({only_structure('{r.dag_id}')}, '') || '@'"
        ),
        "ran_versions": text(_VERSIONS % "{join_text}(q.id, ',')"),
        "is_structure_exact": boolean(_EXACT, _EXACT_2),
        "site": text("{site}"),
    },
)
