"""Airflow dags with partitioned schedules (3.3 and later; nothing before)."""

from __future__ import annotations

from _compat import AIRFLOW, Asset, BashOperator, EmptyOperator, dag

if AIRFLOW >= (3, 3):
    from airflow.sdk import (
        CronPartitionTimetable,
        PartitionedAssetTimetable,
        PartitionedAtRuntime,
    )

    PARTS = Asset(uri="s3://fx-bucket/parts", name="fx_parts")

    with dag(
        "fx_partition_producer",
        schedule=CronPartitionTimetable("0 0 * * *", timezone="UTC"),
        tags=["partition"],
    ):
        BashOperator(task_id="make", bash_command="true", outlets=[PARTS])

    with dag(
        "fx_partition_consumer",
        schedule=PartitionedAssetTimetable(assets=PARTS),
        tags=["partition"],
    ):
        EmptyOperator(task_id="use")

    with dag(
        "fx_partition_runtime", schedule=PartitionedAtRuntime(), tags=["partition"]
    ):
        EmptyOperator(task_id="any")
