"""Airflow dags with setup and teardown tasks."""

from __future__ import annotations

from _compat import BashOperator, EmptyOperator, TaskGroup, dag, setup, task, teardown

with dag("fx_setup_teardown", tags=["setup"]):

    @setup
    def make_cluster() -> str:
        """Set up the first thing."""
        return "cluster"

    @setup
    def make_bucket() -> str:
        """Set up the second thing."""
        return "bucket"

    @teardown(on_failure_fail_dagrun=True)
    def drop_cluster() -> None:
        """Tear down the first thing."""

    @teardown
    def drop_bucket() -> None:
        """Tear down the second thing."""

    @task
    def work() -> None:
        """Work between the two."""

    cluster, bucket = make_cluster(), make_bucket()
    done_cluster, done_bucket = drop_cluster(), drop_bucket()
    more = EmptyOperator(task_id="more")
    [cluster, bucket] >> work() >> more >> [done_cluster, done_bucket]
    cluster >> done_cluster
    bucket >> done_bucket
    more >> EmptyOperator(task_id="report")

with dag("fx_setup_groups", tags=["setup", "group"]):
    with TaskGroup("inside") as inside:
        make = EmptyOperator(task_id="make").as_setup()
        use = EmptyOperator(task_id="use")
        drop = EmptyOperator(task_id="drop").as_teardown(setups=make)
        make >> use >> drop
    with TaskGroup("second") as second:
        make_2 = EmptyOperator(task_id="make").as_setup()
        drop_2 = EmptyOperator(task_id="drop").as_teardown(setups=make_2)
        with drop_2:
            EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")
    inside >> second >> EmptyOperator(task_id="end")

with dag("fx_teardown_fails", tags=["setup"]):
    prepare = EmptyOperator(task_id="prepare").as_setup()
    body = EmptyOperator(task_id="body")
    clean = BashOperator(task_id="clean", bash_command="exit 1").as_teardown(
        setups=prepare, on_failure_fail_dagrun=True
    )
    ignored = BashOperator(task_id="clean_ignored", bash_command="exit 1").as_teardown(
        setups=prepare
    )
    prepare >> body >> [clean, ignored]
