"""An Airflow dag whose tasks return values of many types."""

from __future__ import annotations

import datetime as dt

from _compat import BashOperator, dag, task

VALUES: dict[str, object] = {
    "integer": 42,
    "big_integer": 2**60,
    "real": 1.5,
    "true": True,
    "text": "Grüße 日本語 🚀",
    "empty_text": "",
    "list": [1, "two", None, [3.5]],
    "mapping": {"b": 1, "a": {"nested": [True, None]}, "password": "not-secret"},
    "moment": dt.datetime(2026, 11, 1, 12, 30, tzinfo=dt.timezone.utc),
    "long_text": "x" * 5000,
}

with dag("fx_xcom", tags=["xcom"]):

    @task
    def push_all(**context: object) -> str:
        """Push a value of every type, each under its own key."""
        for key, value in VALUES.items():
            context["ti"].xcom_push(key=key, value=value)
        return "all pushed"

    @task(multiple_outputs=True)
    def several() -> dict[str, object]:
        """Return a dict that becomes several values."""
        return {"first": 1, "second": {"a": "b"}}

    @task
    def nothing() -> None:
        """Return nothing, so that nothing is stored."""

    push_all() >> several() >> nothing()
    BashOperator(task_id="shell", bash_command="echo last line")
    BashOperator(task_id="templated", bash_command="echo {{ '" + "y" * 5000 + "' }}")
