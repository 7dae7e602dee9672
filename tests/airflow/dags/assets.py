"""Airflow dags that make assets (datasets, on 2.x) and are scheduled by them."""

from __future__ import annotations

from _compat import (
    AIRFLOW,
    Asset,
    AssetAlias,
    AssetOrTimeSchedule,
    BashOperator,
    EmptyOperator,
    dag,
    task,
)
from airflow.timetables.trigger import CronTriggerTimetable

ORDERS = Asset(
    uri="s3://fx-bucket/orders", name="fx_orders", group="fx", extra={"a": 1}
)
CUSTOMERS = Asset(uri="s3://fx-bucket/customers", name="fx_customers")
REPORT = Asset(uri="s3://fx-bucket/report", name="fx_report")
UNUSED = Asset(uri="s3://fx-bucket/nobody-makes-this", name="fx_unused")

with dag("fx_asset_producer", tags=["asset"]):
    BashOperator(task_id="make_orders", bash_command="true", outlets=[ORDERS])
    BashOperator(
        task_id="make_both", bash_command="true", inlets=[ORDERS], outlets=[CUSTOMERS]
    )

with dag("fx_asset_one", schedule=[ORDERS], tags=["asset"]):
    EmptyOperator(task_id="use", inlets=[ORDERS], outlets=[REPORT])

with dag("fx_asset_all", schedule=[ORDERS, CUSTOMERS], tags=["asset"]):
    EmptyOperator(task_id="use")

with dag("fx_asset_waiting", schedule=[ORDERS, UNUSED], tags=["asset"]):
    EmptyOperator(task_id="use")

if AIRFLOW >= (2, 9):
    with dag("fx_asset_any", schedule=ORDERS | (CUSTOMERS & UNUSED), tags=["asset"]):
        EmptyOperator(task_id="use")

    with dag(
        "fx_asset_or_time",
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable("0 5 * * *", timezone="UTC"),
            assets=ORDERS & UNUSED,
        ),
        tags=["asset"],
    ):
        EmptyOperator(task_id="use")

if AIRFLOW >= (2, 10):
    ALIAS = AssetAlias("fx_alias")

    with dag("fx_asset_alias_producer", tags=["asset"]):

        @task(outlets=[ALIAS])
        def make(*, outlet_events: object) -> None:
            """Say at run time which asset it was."""
            outlet_events[ALIAS].add(
                Asset(uri="s3://fx-bucket/from-alias", name="fx_from_alias"),
                extra={"rows": 3},
            )

        make()

    with dag("fx_asset_alias", schedule=[ALIAS], tags=["asset"]):
        EmptyOperator(task_id="use")

if AIRFLOW >= (3, 0):
    from airflow.sdk import asset

    with dag("fx_asset_refs", schedule=Asset.ref(name="fx_orders"), tags=["asset"]):
        EmptyOperator(task_id="use", inlets=[Asset.ref(uri=UNUSED.uri)])

    @asset(schedule=None, name="fx_asset_decorated", tags=["asset"])
    def fx_asset_decorated() -> None:
        """Make an asset and its dag at once."""
