"""Airflow dags whose tasks fail: once, waiting for a retry, for good."""

from __future__ import annotations

import datetime as dt

from _compat import EmptyOperator, dag, task

with dag("fx_retry", tags=["retry"]):

    @task(retries=2, retry_delay=dt.timedelta(seconds=1))
    def flaky(**context: object) -> int:
        """Fail on the first try."""
        attempt = context["ti"].try_number
        if attempt == 1:
            message = "the first try always fails"
            raise RuntimeError(message)
        return attempt

    @task(retries=1, retry_delay=dt.timedelta(seconds=1))
    def flaky_mapped(number: int, **context: object) -> None:
        """Fail on the first try of one instance."""
        if number == 1 and context["ti"].try_number == 1:
            message = f"instance {number} fails once"
            raise RuntimeError(message)

    flaky() >> EmptyOperator(task_id="after")
    flaky_mapped.expand(number=[0, 1])

with dag("fx_retry_waiting", tags=["retry"], dagrun_timeout=dt.timedelta(days=60)):

    @task(retries=1, retry_delay=dt.timedelta(days=30))
    def waits() -> None:
        """Fail, and then wait for a month."""
        message = "see you in a month"
        raise RuntimeError(message)

    waits() >> EmptyOperator(task_id="after")

with dag("fx_fails", tags=["retry"]):

    @task
    def fails() -> None:
        """Fail for good."""
        message = "no way"
        raise RuntimeError(message)

    fails() >> EmptyOperator(task_id="after") >> EmptyOperator(task_id="after_that")
    EmptyOperator(task_id="independent")
