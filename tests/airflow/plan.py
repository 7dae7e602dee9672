"""What is done to an Airflow after its dags are parsed, in the same order each time."""

from __future__ import annotations

CONF = {
    "nested": {"list": [1, 2.5, None, {"deep": "größer 🚀"}], "flag": True},
    "password": "not-a-real-secret",
    "text": "line\nbreak",
}

Run = tuple[str, str, "str | None", "dict[str, object] | None"]
"""Dag id, run id, logical date (3.x takes none), conf."""

RUNS: tuple[Run, ...] = (
    ("fx_versioned", "v1_first", None, None),
    ("fx_running", "run_1", None, None),
    ("fx_chain", "with_conf", None, CONF),
    ("fx_chain", "dated", "2026-11-05T10:00:00Z", {}),
    ("fx_fan", "run_1", None, None),
    ("fx_diamond", "run_1", None, None),
    ("fx_diamond", "run_2", "2026-11-06T10:00:00Z", {"again": 1}),
    ("fx_cross", "run_1", None, None),
    ("fx_islands", "run_1", None, None),
    ("fx_no_tasks", "run_1", None, None),
    ("fx_branch", "left", None, {"branch": "left"}),
    ("fx_branch", "right", None, {"branch": "right"}),
    ("fx_short_circuit", "run_1", None, None),
    ("fx_branch_group", "run_1", None, None),
    ("fx_trigger_rules", "run_1", None, None),
    ("fx_groups", "run_1", None, None),
    ("fx_groups", "run_2", None, None),
    ("fx_group_edges", "run_1", None, None),
    ("fx_group_names", "run_1", None, None),
    ("fx_group_docs", "run_1", None, None),
    ("fx_mapped", "run_1", None, None),
    ("fx_mapped", "run_2", None, None),
    ("fx_mapped_group", "run_1", None, None),
    ("fx_mapped_many", "run_1", None, None),
    ("fx_retry", "run_1", None, None),
    ("fx_retry_waiting", "run_1", None, None),
    ("fx_fails", "run_1", None, None),
    ("fx_fails", "run_2", None, None),
    ("fx_setup_teardown", "run_1", None, None),
    ("fx_setup_groups", "run_1", None, None),
    ("fx_teardown_fails", "run_1", None, None),
    ("fx_sensors", "run_1", None, None),
    ("fx_deferred", "run_1", None, None),
    ("fx_paused", "run_1", None, None),
    ("fx_warned", "run_1", None, None),
    ("fx_trigger_parent", "run_1", None, None),
    ("fx_asset_producer", "run_1", None, None),
    ("fx_asset_producer", "run_2", None, None),
    ("fx_asset_alias_producer", "run_1", None, None),
    ("fx_asset_decorated", "run_1", None, None),
    ("fx_texts", "run:1+of~texts.a-b", None, None),
    ("fx_params", "defaults", None, None),
    ("fx_params", "given", None, {"count": 7, "name": "grace", "level": "high"}),
    ("fx_task_settings", "run_1", None, None),
    ("fx_xcom", "run_1", None, None),
    ("fx_human", "run_1", None, None),
    ("fx_human", "run_2", None, None),
    ("fx_subdag", "run_1", None, None),
    ("fx_gone", "run_1", None, None),
    ("fx_big300", "run_1", None, None),
    ("fx_big300", "run_2", None, None),
    ("fx_running", "run_2", None, None),
    ("fx_running", "run_3", None, {"queued": True}),
)

MIXED: Run = ("fx_versioned", "mixed", None, {"note": "v1 and v2 in one run"})
LATER: tuple[Run, ...] = (
    ("fx_versioned", "v2_first", None, None),
    ("fx_chain", "later", None, {"second": "parse"}),
)
UPGRADED: tuple[Run, ...] = (
    ("fx_chain", "after_upgrade", None, CONF),
    ("fx_mapped", "after_upgrade", None, None),
    ("fx_groups", "after_upgrade", None, None),
    ("fx_versioned", "after_upgrade", None, None),
)

RUN_NOTES = (
    ("fx_chain", "with_conf", "A note on a run: *wichtig* 🚀"),
    ("fx_fails", "run_1", "known to fail"),
)
TASK_NOTES = (
    ("fx_fails", "run_1", "fails", -1, "A note on an instance"),
    ("fx_mapped", "run_1", "double", 1, "A note on a mapped instance: größer"),
)
CLEARED = (("fx_fails", "run_2", "fails"), ("fx_chain", "dated", "step_3"))
BACKFILL = ("fx_schedule_cron_trigger", "2026-11-02T00:00:00Z", "2026-11-04T23:00:00Z")
