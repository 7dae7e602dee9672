"""Rows about the deployment: its components, pools, bundles, and broken files."""

from datetime import datetime, timedelta

from dagway.demo.dag_rows import BUNDLE
from dagway.demo.dags import POOLS, broken_files
from dagway.demo.sheet import Sheet, Value, as_json

_HEAD = "d2f4e1b3c5a7"
_MONTHS = timedelta(days=400)


def add_deployment(sheet: Sheet, now: datetime) -> None:
    """What a database has besides DAGs."""
    sheet.add("alembic_version", {"version_num": _HEAD})
    sheet.add(
        "dag_bundle",
        {
            "name": BUNDLE,
            "active": 1,
            "last_refreshed": now - timedelta(seconds=47),
            "template_params": "{}",
        },
    )
    _jobs(sheet, now)
    _log_templates(sheet, now)
    pools = {"default_pool": (128, "Default pool"), **POOLS}
    for number, (name, (slots, description)) in enumerate(pools.items(), 1):
        sheet.add(
            "slot_pool",
            {
                "id": number,
                "pool": name,
                "slots": slots,
                "description": description,
                "include_deferred": 0,
            },
        )
    for number, (file, trace) in enumerate(broken_files().items(), 1):
        sheet.add(
            "import_error",
            {
                "id": number,
                "timestamp": now - timedelta(minutes=11 * number, seconds=8),
                "filename": file,
                "bundle_name": BUNDLE,
                "stacktrace": trace,
            },
        )


def _jobs(sheet: Sheet, now: datetime) -> None:
    """A scheduler that was replaced yesterday, and the components that run now."""
    replaced = now - timedelta(hours=31)
    jobs: list[tuple[str, datetime, datetime | None, float]] = [
        ("SchedulerJob", now - timedelta(days=19), replaced, 0),
        ("SchedulerJob", replaced, None, 2.1),
        ("TriggererJob", now - timedelta(days=19, minutes=-1), None, 1.4),
        ("DagProcessorJob", now - timedelta(days=19, minutes=-2), None, 3.3),
    ]
    for number, (kind, start, end, beat) in enumerate(jobs, 1):
        row: dict[str, Value] = {
            "id": number,
            "state": "success" if end else "running",
            "job_type": kind,
            "start_date": start,
            "end_date": end,
            "latest_heartbeat": end or now - timedelta(seconds=beat),
            "hostname": f"airflow-{kind.removesuffix('Job').lower()}-0",
            "unixname": "airflow",
        }
        sheet.add("job", row)
    command = ["/opt/airflow/bin/airflow", "scheduler"]
    extra = {"host_name": "airflow-scheduler-0", "full_command": str(command)}
    sheet.add(
        "log",
        {
            "dttm": replaced,
            "event": "cli_scheduler",
            "dag_id": None,
            "task_id": None,
            "run_id": None,
            "map_index": None,
            "logical_date": None,
            "owner": "airflow",
            "owner_display_name": None,
            "extra": as_json(extra),
            "try_number": None,
        },
    )


def _log_templates(sheet: Sheet, now: datetime) -> None:
    attempt = "attempt={{ try_number|default(ti.try_number) }}.log"
    names = (
        (
            "{{ ti.dag_id }}/{{ ti.task_id }}/{{ ts }}/{{ try_number }}.log",
            "{dag_id}-{task_id}-{logical_date}-{try_number}",
        ),
        (
            "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/"
            "{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}"
            + attempt,
            "{dag_id}-{task_id}-{run_id}-{map_index}-{try_number}",
        ),
    )
    for number, (file, search) in enumerate(names, 1):
        sheet.add(
            "log_template",
            {
                "id": number,
                "filename": file,
                "elasticsearch_id": search,
                "created_at": now - _MONTHS,
            },
        )
