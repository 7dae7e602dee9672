"""An Airflow dag with one task for every trigger rule that this version has."""

from __future__ import annotations

from _compat import AIRFLOW, BashOperator, EmptyOperator, dag

if AIRFLOW >= (3, 1):
    from airflow.task.trigger_rule import TriggerRule
else:
    from airflow.utils.trigger_rule import TriggerRule

RULES = sorted(
    {rule.value for rule in TriggerRule} - {"dummy", "none_failed_or_skipped"}
)

with dag("fx_trigger_rules", tags=["rules"], max_active_tasks=6):
    good = BashOperator(task_id="good", bash_command="exit 0")
    bad = BashOperator(task_id="bad", bash_command="exit 1")
    skipped = BashOperator(task_id="skipped", bash_command="exit 99")
    for rule in RULES:
        [good, bad, skipped] >> EmptyOperator(task_id=f"all_{rule}", trigger_rule=rule)
        good >> EmptyOperator(task_id=f"good_{rule}", trigger_rule=rule)
        bad >> EmptyOperator(task_id=f"bad_{rule}", trigger_rule=rule)
        skipped >> EmptyOperator(task_id=f"skipped_{rule}", trigger_rule=rule)
