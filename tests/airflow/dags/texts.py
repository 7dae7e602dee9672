"""Airflow dags full of texts: docs, owners, params, unicode, secrets by name."""

from __future__ import annotations

import datetime as dt

from _compat import BashOperator, EmptyOperator, Param, PythonOperator, dag, since

DOCS = """# Größe & Maß

| a | b |
|---|---|
| 日本語 | emoji 🚀 |

<script>alert("not run")</script> `code` "quotes" \\ backslash
"""


def show(**context: object) -> dict[str, object]:
    """Return the params of the run."""
    return dict(context["params"])


with dag(
    "fx_texts",
    description='Texts: Grüße, 日本語, 🚀, "quotes", \\ and a\nsecond line',
    doc_md=DOCS,
    tags=["texts", "Größe", "日本語", "with space", "team:data"],
    default_args={
        "owner": "ada",
        "retries": 1,
        "retry_delay": dt.timedelta(minutes=7),
        "email": ["ada@example.com"],
        "email_on_failure": False,
        "password": "not-a-real-secret",
        "api_key": "neither-is-this",
        "depends_on_past": False,
    },
    owner_links={
        "ada": "https://example.com/ada",
        "grace": "mailto:grace@example.com",
    },
    **since((2, 9), dag_display_name="Texte & Größen 🚀"),
):
    (
        EmptyOperator(
            task_id="documented",
            doc_md=DOCS,
            **since((2, 9), task_display_name="Dokumentiert ✓ 日本語"),
        )
        >> EmptyOperator(task_id="plain_doc", doc="plain text", owner="grace")
        >> EmptyOperator(task_id="json_doc", doc_json='{"a": 1}', owner="alan, grace")
        >> EmptyOperator(task_id="yaml_doc", doc_yaml="a: 1")
        >> EmptyOperator(task_id="rst_doc", doc_rst="*a*", owner="team_data")
    )

with dag(
    "fx_params",
    tags=["params"],
    params={
        "count": Param(3, type="integer", minimum=1, maximum=10, title="How many"),
        "name": Param("ada", type="string", description="A name, *of course*"),
        "when": Param("2026-11-01T00:00:00+00:00", type="string", format="date-time"),
        "level": Param("low", enum=["low", "high"]),
        "maybe": Param(None, type=["null", "string"]),
        "tags": Param(["a", "b"], type="array"),
        "config": Param({"deep": {"er": [1, 2]}}, type="object"),
        "ratio": 0.5,
        "flag": True,
        "password": Param("hunter2", type="string", section="secrets"),
    },
    render_template_as_native_obj=True,
):
    PythonOperator(task_id="show", python_callable=show) >> BashOperator(
        task_id="echo",
        bash_command="echo '{{ params.name }} {{ params.own }} {{ run_id }}'",
        env={"TOKEN": "t", "GREETING": "hällo"},
        params={"own": Param("task level", type="string", description="Own"), "n": 1},
    )

with dag(
    "fx_task_settings",
    tags=["settings"],
    max_active_tasks=3,
    max_active_runs=2,
    dagrun_timeout=dt.timedelta(hours=5, minutes=30),
    default_args={"owner": "settings"},
    **since((2, 9), max_consecutive_failed_dag_runs=4),
    **(since((3, 0), fail_fast=True) or {"fail_stop": True}),
):
    (
        BashOperator(
            task_id="everything",
            bash_command="echo done",
            retries=3,
            retry_delay=dt.timedelta(seconds=30),
            retry_exponential_backoff=True,
            max_retry_delay=dt.timedelta(minutes=10),
            execution_timeout=dt.timedelta(minutes=5),
            pool="default_pool",
            pool_slots=2,
            queue="default",
            priority_weight=7,
            weight_rule="absolute",
            depends_on_past=True,
            wait_for_downstream=True,
            max_active_tis_per_dag=2,
            max_active_tis_per_dagrun=1,
            run_as_user=None,
            executor_config={"KubernetesExecutor": {"image": "busybox", "n": 1}},
            email="settings@example.com",
            do_xcom_push=False,
        )
        >> EmptyOperator(
            task_id="dated",
            start_date=dt.datetime(2026, 11, 2, tzinfo=dt.timezone.utc),
            end_date=dt.datetime(2036, 11, 2, tzinfo=dt.timezone.utc),
            weight_rule="upstream",
            priority_weight=2,
        )
        >> BashOperator(
            task_id="zero",
            bash_command="true",
            retries=0,
            retry_delay=dt.timedelta(0),
            priority_weight=1,
        )
    )
