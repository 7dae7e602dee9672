"""The sample DAGs: an invented company's pipelines."""

from dagway.demo.declared import Dag
from dagway.demo.teams import finance, platform, science, shop

POOLS = {
    "warehouse": (6, "Connections that the warehouse bears"),
    "ledger": (2, "The ledger takes one writer and one reader"),
    "gpu": (2, None),
    "crawler": (128, "Be kind to the shop's servers 🐢"),
}
"""Slots and description of each pool besides Airflow's own."""

_SYNTAX = """\
Traceback (most recent call last):
  File "/opt/airflow/dags/science/churn_model.py", line 23
    with TaskGroup("prepare") as prepare
                                        ^
SyntaxError: expected ':'
"""


def dags() -> list[Dag]:
    """All of them; one that hangs on others comes after those."""
    return [
        shop.orders_ingest(),
        shop.stock_sync(),
        shop.customers_snapshot(),
        shop.orders_model(),
        shop.dashboards_refresh(),
        finance.warehouse_nightly(),
        finance.board_report(),
        finance.month_close(),
        finance.payouts(),
        science.recommender_train(),
        science.recommender_deploy(),
        science.fraud_scores(),
        science.weather_features(),
        science.weather_demand(),
        platform.catalogue_crawl(),
        platform.erasure_requests(),
        platform.ftp_export(),
        platform.warehouse_bootstrap(),
        platform.tokyo_tills(),
    ]


def broken_files() -> dict[str, str]:
    """What Airflow says of each file that it cannot read, by the file."""
    broken = {dag.file: dag.import_error for dag in dags() if dag.import_error}
    return {**broken, "science/churn_model.py": _SYNTAX}
