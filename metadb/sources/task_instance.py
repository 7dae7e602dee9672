"""Task instances."""

from dataclasses import replace

from metadb.column import blob, boolean, instant, integer, json, number, text, uuid
from metadb.seen import kept_back
from metadb.source import Source
from metadb.sources.dag import NEWEST_STRUCTURE, only_structure
from metadb.sources.dag_run import RUN_AFTER

_NOTE_2 = (
    "FROM task_instance_note m4 WHERE {m4.dag_id} = {t.dag_id} AND {m4.task_id} = "
    "{t.task_id} AND {m4.run_id} = {t.run_id} AND {m4.map_index} = {t.map_index}"
)

PLAIN, MAPPED = "TASK", "MAPPED_TASK"
"""What grids call an instance whose map_index is below 0, and any other."""

UNFINISHED = (
    "scheduled",
    "queued",
    "running",
    "restarting",
    "up_for_retry",
    "up_for_reschedule",
    "deferred",
    "awaiting_input",
)
"""States of instances that go on; few have one, and an index finds them."""

TASK_INSTANCE = Source(
    name="task_instance",
    tables=("task_instance t",),
    dag="dag_id",
    tie=("run_pk", "task_id", "map_index"),
    joins={
        "r": (
            "LEFT JOIN dag_run r ON {r.dag_id} = {t.dag_id} AND {r.run_id} = {t.run_id}"
        ),
        "v": "LEFT JOIN dag_version v ON {v.id} = {t.dag_version_id}",
        "m": "LEFT JOIN task_instance_note m ON {m.ti_id} = {t.id}",
        "x": "LEFT JOIN trigger x ON {x.id} = {t.trigger_id}",
        "q": "LEFT JOIN hitl_detail q ON {q.ti_id} = {t.id}",
    },
    indexes={("dag_id", "run_id"): "ti_dag_run"},
    tied=frozenset({"rendered_fields"}),
    guards={"rendered_fields": (kept_back("{t.dag_id}", "rendered"),)},
    columns={
        "dag_id": text("{t.dag_id}", nullable=False),
        "run_id": text("{t.run_id}", nullable=False),
        "task_id": text("{t.task_id}", nullable=False),
        "map_index": integer("{t.map_index}", nullable=False),
        "run_pk": integer("{r.id}", nullable=False),
        "run_after": instant(*RUN_AFTER, nullable=False),
        "run_type": text("{r.run_type}"),
        "rendered_map_index": text("{t.rendered_map_index}"),
        "display_name": text(
            "coalesce({t.task_display_name}, {t.task_id})", "{t.task_id}"
        ),
        "state": text("{t.state}"),
        "try_number": integer(
            "{needs h.try_number}coalesce({t.try_number}, 0)",
            # Before 2.10 the column says how many tries have begun and are not put off;
            # what the scheduler itself marks as done has none.
            "CASE WHEN {t.state} IN ('scheduled', 'queued', 'deferred', "
            "'up_for_reschedule') THEN coalesce({t.try_number}, 0) + 1 "
            "WHEN {t.state} IN ('success', 'failed') AND coalesce({t.try_number}, 0) "
            "= 0 THEN 1 ELSE coalesce({t.try_number}, 0) END",
            nullable=False,
        ),
        "max_tries": integer("coalesce({t.max_tries}, -1)", nullable=False),
        "queued_at": instant("{t.queued_dttm}"),
        "scheduled_at": instant("{t.scheduled_dttm}"),
        "start_date": instant("{t.start_date}"),
        "end_date": instant("{t.end_date}"),
        "duration": number("{t.duration}"),
        "operator": text("{t.operator}"),
        "operator_name": text("coalesce({t.custom_operator_name}, {t.operator})"),
        "pool": text("coalesce({t.pool}, 'default_pool')"),
        "pool_slots": integer("coalesce({t.pool_slots}, 1)", nullable=False),
        "queue": text("{t.queue}"),
        "priority_weight": integer("{t.priority_weight}"),
        "executor": text("{t.executor}"),
        "hostname": text("nullif({t.hostname}, '')"),
        "unixname": text("{t.unixname}"),
        "pid": integer("{t.pid}"),
        "note": text(
            "{m.content}",
            f"(SELECT {{m4.content}} {_NOTE_2})",
        ),
        "updated_at": instant("{t.updated_at}"),
        "last_heartbeat_at": instant("{t.last_heartbeat_at}"),
        "external_executor_id": text("{t.external_executor_id}"),
        "rendered_fields": json(
            "(SELECT {f.rendered_fields} FROM rendered_task_instance_fields f "
            "WHERE {f.dag_id} = {t.dag_id} AND {f.task_id} = {t.task_id} "
            "AND {f.run_id} = {t.run_id} AND {f.map_index} = {t.map_index})"
        ),
        "trigger_classpath": text("{x.classpath}"),
        "trigger_created_at": instant("{x.created_date}"),
        "trigger_triggerer_id": integer("{x.triggerer_id}"),
        "action_subject": text("{q.subject}"),
        "action_body": text("{q.body}"),
        "action_options": json("{q.options}"),
        "action_defaults": json("{q.defaults}"),
        "action_is_multiple": boolean("coalesce({q.multiple}, false)"),
        "action_params": json("{q.params}"),
        "action_created_at": instant("{q.created_at}"),
        "action_responded_at": instant("{q.responded_at}"),
        "action_responded_by": json("{q.responded_by}"),
        "action_chosen_options": json("{q.chosen_options}"),
        "dag_version_id": uuid("{t.dag_version_id}"),
        "version_number": integer("{v.version_number}"),
        "structure": text(
            f"coalesce({{uuid t.dag_version_id}}, {NEWEST_STRUCTURE % '{t.dag_id}'})"
            " || '~'",
            f"{only_structure('{t.dag_id}')} || '~'",
        ),
        "one": integer("1"),
        "kind": text(
            f"CASE WHEN {{t.map_index}} < 0 THEN '{PLAIN}' ELSE '{MAPPED}' END",
            nullable=False,
        ),
        "note_flag": integer(
            "CASE WHEN {m.content} IS NULL THEN 0 ELSE 1 END",
            f"CASE WHEN EXISTS (SELECT 1 {_NOTE_2}) THEN 1 ELSE 0 END",
        ),
        "own_version": text("{uuid t.dag_version_id}"),
        "logical_date": instant("{r.logical_date}", "{r.execution_date}"),
        "log_template": text(
            "(SELECT {template.filename} FROM {the template} WHERE {template.id} = "
            "coalesce({r.log_template_id}, (SELECT min(first.id) "
            "FROM log_template first)))"
        ),
        "no_text": text(),
        "no_integer": integer(),
        "no_bytes": blob(),
        "no_instant": instant(),
        "site": text("{site}"),
    },
)
LOGGED = replace(TASK_INSTANCE, name="logged_task_instance", data="logs")
"""The same, where their logs may be read."""
IN_RUNS = Source(
    name="task_instance_in_runs",
    tables=(
        (
            "dag_run r JOIN task_instance t{insist ti_dag_run} "
            "ON {t.dag_id} = {r.dag_id} AND {t.run_id} = {r.run_id}"
        ),
    ),
    dag="dag_id",
    tie=("task_id", "map_index"),
    columns={
        "dag_id": text("{r.dag_id}", nullable=False),
        "run_after": TASK_INSTANCE.columns["run_after"],
        "state": TASK_INSTANCE.columns["state"],
    },
)
"""The same from their runs' side: for what is bounded by runAfter."""
