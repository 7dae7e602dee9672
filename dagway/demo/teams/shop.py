"""The shop's team: orders, stock, customers, and what is made of them."""

from datetime import timedelta

from dagway.demo.assets import Asset, all_of, any_of
from dagway.demo.declared import (
    Backfill,
    Dag,
    Edge,
    Group,
    Manual,
    Structure,
    Task,
    chain,
)
from dagway.demo.operators import BASH, BRANCH, EMPTY, PYTHON, SENSOR, SQL
from dagway.demo.schedules import (
    cron,
    cron_interval,
    every,
    on_assets,
    on_assets_or_time,
)

ORDERS = Asset("orders_raw", "s3://nordlicht-lake/raw/orders", "lake")
STOCK = Asset("stock", "s3://nordlicht-lake/raw/stock", "lake")
CUSTOMERS = Asset("customers", "postgres://warehouse/core/customers", "warehouse")
MART = Asset("orders_mart", "postgres://warehouse/mart/orders", "warehouse")

_LINKS = {"shop-data": "https://nordlicht.example/teams/shop-data"}


def orders_ingest() -> Dag:
    """A mapped group: one iteration for each shop."""
    structure = Structure(
        (
            Task("list_shops", PYTHON, seconds=4, returns=_SHOPS, lengths=(3, 6)),
            Group(
                "per_shop",
                (
                    Task("download", PYTHON, seconds=45, failing=0.075, retries=2),
                    Task("validate", PYTHON, seconds=15, failing=0.013),
                    Task("load", SQL, seconds=25, pool="warehouse", fields=_COPY),
                ),
                tooltip="Once for each shop that was open",
                over="list_shops",
            ),
            Task(
                "reconcile",
                SQL,
                seconds=20,
                outlets=(ORDERS,),
                fields={"sql": "call reconcile_orders('{{ ds }}')"},
            ),
        ),
        (
            *chain("per_shop.download", "per_shop.validate", "per_shop.load"),
            *chain("list_shops", "per_shop", "reconcile"),
        ),
    )
    return Dag(
        "orders_ingest",
        "shop/orders_ingest.py",
        cron("*/30 * * * *", "Every 30 minutes"),
        (structure,),
        owner="shop-data",
        owner_links=_LINKS,
        tags=("shop", "ingest", "critical"),
        description="Orders of all shops, into the lake",
        doc="# Orders\n\nFetches each shop's orders of the last half hour.\n\n"
        "*On call:* retry `download` first; shops' tills reboot at night.",
        runs=64,
        slowing=0.35,
        manual=(
            Manual(
                timedelta(seconds=75),
                "oncall",
                conf={"shops": ["Köln", "Łódź"], "reason": "till was offline"},
                note="Zweiter Versuch für Köln und Łódź",
            ),
        ),
    )


_SHOPS = ["berlin", "köln", "łódź", "malmö", "zürich", "東京"]
_COPY = {"sql": "copy orders from 's3://nordlicht-lake/raw/orders/{{ ds }}'"}


def stock_sync() -> Dag:
    """Set up, worked with, torn down; one instance is failing right now."""
    structure = Structure(
        (
            Task("open_tunnel", BASH, seconds=6, is_setup=True, fields=_OPEN),
            Group(
                "warehouses",
                tuple(
                    Task(
                        name,
                        PYTHON,
                        seconds=seconds,
                        failing=0.05,
                        returns=seconds * 31,
                    )
                    for name, seconds in (
                        ("hamburg", 160),
                        ("lyon", 210),
                        ("gdańsk", 120),
                    )
                ),
                tooltip="One snapshot for each warehouse",
            ),
            Task("publish", SQL, seconds=30, outlets=(STOCK,), pool="warehouse"),
            Task(
                "close_tunnel",
                BASH,
                seconds=3,
                is_teardown=True,
                trigger_rule="all_done_setup_success",
                fields={"bash_command": "tunnel close", "env": {"SITE": "all"}},
            ),
        ),
        (
            *chain("open_tunnel", "warehouses", "publish", "close_tunnel"),
            *chain("open_tunnel", "close_tunnel"),
        ),
    )
    return Dag(
        "stock_sync",
        "shop/stock_sync.py",
        every(timedelta(hours=1), timedelta(minutes=2, seconds=31)),
        (structure,),
        owner="shop-data",
        owner_links=_LINKS,
        tags=("shop", "ingest"),
        description="What the warehouses have in stock",
        runs=50,
    )


_OPEN = {"bash_command": "tunnel open --wait", "env": {"SITE": "all"}}


def customers_snapshot() -> Dag:
    """A branch with labels, and a backfill."""
    structure = Structure(
        (
            Task(
                "how_much",
                BRANCH,
                seconds=3,
                often={"changes_only": 6, "everything": 1},
            ),
            Task("changes_only", SQL, seconds=140, fields=_CHANGES, failing=0.05),
            Task("everything", SQL, seconds=1100, fields=_ALL, pool="warehouse"),
            Task(
                "deduplicate",
                SQL,
                seconds=90,
                trigger_rule="none_failed_min_one_success",
                pool="warehouse",
                pool_slots=2,
            ),
            Task("mask", PYTHON, seconds=40, doc="Removes names and addresses."),
            Task("publish", SQL, seconds=12, outlets=(CUSTOMERS,)),
        ),
        (
            Edge("how_much", "changes_only", "weekday"),
            Edge("how_much", "everything", "Sunday, or asked for"),
            *chain(("changes_only", "everything"), "deduplicate", "mask", "publish"),
        ),
    )
    return Dag(
        "customers_snapshot",
        "shop/customers_snapshot.py",
        cron_interval("15 2 * * *", "At 02:15", "Europe/Berlin"),
        (structure,),
        owner="shop-data",
        owner_links=_LINKS,
        tags=("shop", "personal-data"),
        display_name="Kundenstamm, täglicher Abzug",
        description="A copy of all customers, each night",
        timezone="Europe/Berlin",
        slowing=0.5,
        backfill=Backfill(timedelta(hours=30), "shop-analyst", 6),
        notes={4: "Slow: the replica was rebuilt that night."},
    )


_CHANGES = {"sql": "select * from customers where changed >= '{{ ds }}'"}
_ALL = {"sql": "select * from customers"}


def orders_model() -> Dag:
    """Two versions: the second has another group, and no longer one of the tasks."""
    staging = Group(
        "staging",
        tuple(
            Task(f"stg_{name}", SQL, seconds=25)
            for name in ("orders", "lines", "stock")
        ),
        tooltip="Renamed and typed, nothing else",
    )
    facts = Group(
        "facts",
        (
            Task("fct_orders", SQL, seconds=70, failing=0.05, pool="warehouse"),
            Task("fct_margins", SQL, seconds=55, pool="warehouse"),
            Group(
                "wide",
                (Task("orders_wide", SQL, seconds=80, pool="warehouse"),),
                tooltip="One wide table for the analysts",
            ),
        ),
        tooltip="What the business counts",
    )
    inner = (
        *chain("facts.fct_orders", ("facts.fct_margins", "facts.wide")),
        Edge("staging", "facts", "rows are typed"),
    )
    publish = Task("publish", EMPTY, outlets=())
    expose = Task("expose_mart", SQL, seconds=9, outlets=(MART,))
    first = Structure(
        (
            staging,
            facts,
            Task("export_spreadsheet", BASH, seconds=30, fields=_SHEET),
            expose,
            publish,
        ),
        (*inner, *chain("facts", ("export_spreadsheet", "expose_mart"), "publish")),
    )
    quality = Group(
        "quality",
        (
            Task("no_orphans", SQL, seconds=15, failing=0.075),
            Task("totals_match", SQL, seconds=22),
            Task("freshness", SENSOR, seconds=30),
        ),
        tooltip="Anything red here stops the mart",
        doc="Checks that have caught something at least once.",
        prefix=False,
        color="#dcedc8",
    )
    second = Structure(
        (staging, facts, quality, expose, publish),
        (
            *inner,
            Edge("facts", "quality", "all facts built"),
            *chain("quality", "expose_mart", "publish"),
        ),
    )
    return Dag(
        "orders_model",
        "shop/orders_model.py",
        on_assets(all_of(ORDERS, any_of(STOCK, CUSTOMERS))),
        (first, second),
        changed=(timedelta(hours=11),),
        owner="shop-data",
        owner_links=_LINKS,
        tags=("shop", "model", "critical"),
        description="Orders as the business counts them",
        max_active_runs=3,
        notes={2: "Checked by hand after the release of the quality group."},
    )


_SHEET = {"bash_command": "mart2xlsx --day {{ ds }}"}


def dashboards_refresh() -> Dag:
    """On an asset, and each morning anyway."""
    structure = Structure(
        (
            Task("list_dashboards", PYTHON, seconds=3, returns=_BOARDS, lengths=(4, 8)),
            Task(
                "refresh",
                PYTHON,
                seconds=35,
                over="list_dashboards",
                shows_items=True,
                failing=0.025,
            ),
            Task("warm_caches", BASH, seconds=50, trigger_rule="all_done"),
        ),
        chain("list_dashboards", "refresh", "warm_caches"),
    )
    return Dag(
        "dashboards_refresh",
        "shop/dashboards_refresh.py",
        on_assets_or_time(all_of(MART), cron("0 5 * * *", "At 05:00")),
        (structure,),
        owner="shop-data",
        tags=("shop", "dashboards"),
        description="Refreshes what people look at in the morning",
        runs=14,
    )


_BOARDS = [
    "umsatz",
    "returns",
    "wochenvergleich",
    "stock-outs",
    "cohorts",
    "délais",
    "店舗別売上",
    "forecast",
]
