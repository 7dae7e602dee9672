"""Finance's team: the books, and the reports on them."""

from datetime import timedelta

from dagway.demo.declared import (
    Dag,
    Deadline,
    Edge,
    Group,
    Manual,
    Param,
    Question,
    Structure,
    Task,
    chain,
)
from dagway.demo.operators import APPROVAL, BASH, EMPTY, EXTERNAL, PYTHON, SQL
from dagway.demo.schedules import cron, cron_interval

_LINKS = {
    "finance-data": "https://nordlicht.example/teams/finance-data",
    "head-of-finance": "mailto:finance@nordlicht.example",
}


def month_close() -> Dag:
    """Groups in groups with labels between them, and a person who must say yes."""
    ledgers = Group(
        "ledgers",
        (
            Task("freeze", SQL, seconds=20, pool="ledger"),
            Group(
                "receivables",
                (
                    Task("collect", SQL, seconds=120, pool="ledger"),
                    Task("age", SQL, seconds=60, pool="ledger", failing=0.05),
                ),
                tooltip="What customers owe",
            ),
            Group(
                "payables",
                (
                    Task("collect", SQL, seconds=150, pool="ledger"),
                    Task("match", PYTHON, seconds=240, failing=0.15, retries=2),
                ),
                tooltip="What we owe",
                color="#ffe0b2",
            ),
        ),
        tooltip="Sub-ledgers, closed one by one",
        display_name="Nebenbücher",
    )
    statements = Group(
        "statements",
        (
            Task("balance_sheet", SQL, seconds=45),
            Task("profit_and_loss", SQL, seconds=45),
            Task("cash_flow", SQL, seconds=70),
        ),
        tooltip="The three that the board reads",
        doc="Figures in **EUR**, rounded to thousands.",
    )
    approve = Task(
        "approve",
        APPROVAL,
        seconds=5400,
        owner="head-of-finance",
        question=Question(
            "May the month be closed?",
            "Run **{{ run_id }}**: please look at the three statements first.",
        ),
    )
    structure = Structure(
        (
            Task("start"),
            ledgers,
            statements,
            approve,
            Task("close_books", SQL, seconds=15, pool="ledger", retries=0),
            Task("send_to_board", PYTHON, seconds=10),
            Task("tell_oncall", PYTHON, seconds=4, trigger_rule="one_failed"),
        ),
        (
            *chain("ledgers.receivables.collect", "ledgers.receivables.age"),
            *chain("ledgers.payables.collect", "ledgers.payables.match"),
            *chain("ledgers.freeze", ("ledgers.receivables", "ledgers.payables")),
            *chain("statements.balance_sheet", "statements.cash_flow"),
            Edge("start", "ledgers", "first working day"),
            *chain("ledgers", "statements"),
            Edge("statements", "approve", "ready to be read"),
            *chain("approve", "close_books", "send_to_board"),
            *chain("ledgers", "tell_oncall"),
        ),
    )
    return Dag(
        "month_close",
        "finance/month_close.py",
        cron("0 5 1 * *", "At 05:00, on day 1 of the month", "Europe/Berlin"),
        (structure,),
        owner="finance-data",
        owner_links=_LINKS,
        tags=("finance", "monthly", "critical"),
        display_name="Monatsabschluss",
        description="Closes the books of a month",
        doc="# Month close\n\n| step | who |\n|---|---|\n| ledgers | machines |\n"
        "| approval | head of finance |\n",
        params=(
            Param("month", None, {"type": ["null", "string"], "format": "date"}),
            Param(
                "currency",
                "EUR",
                {"type": "string", "enum": ["EUR", "CHF", "SEK"]},
                "What the statements are in",
            ),
        ),
        timezone="Europe/Berlin",
        runs=26,
        max_active_runs=2,
        slowing=0.6,
        deadline=Deadline("books closed", timedelta(hours=2), "Before the board meets"),
        manual=(
            Manual(
                timedelta(minutes=34),
                "finance-controller",
                conf={"month": "dry-run", "currency": "CHF"},
                note="Dry run for the new controller; please approve 🙏",
                failing={"ledgers.payables.match": 0},
            ),
        ),
    )


def warehouse_nightly() -> Dag:
    """A fan-out and fan-in with a pool of its own."""
    tables = ("orders", "lines", "customers", "stock", "payments", "sessions")
    structure = Structure(
        (
            Task("start"),
            *(
                Task(f"load_{table}", SQL, seconds=180, pool="warehouse", failing=0.01)
                for table in tables
            ),
            Task("vacuum", SQL, seconds=240, pool="warehouse", pool_slots=4, weight=5),
            Task("backup", BASH, seconds=600, execution_timeout=timedelta(hours=2)),
            Task("done", EMPTY, trigger_rule="none_failed"),
        ),
        chain(
            "start",
            tuple(f"load_{table}" for table in tables),
            "vacuum",
            "backup",
            "done",
        ),
    )
    return Dag(
        "warehouse_nightly",
        "finance/warehouse_nightly.py",
        cron("0 1 * * *", "At 01:00"),
        (structure,),
        owner="finance-data",
        owner_links={"finance-data": _LINKS["finance-data"]},
        tags=("warehouse", "nightly", "critical"),
        description="Loads, cleans and saves the warehouse",
        slowing=0.8,
    )


def board_report() -> Dag:
    """Waits for another DAG's run of the same night."""
    structure = Structure(
        (
            Task(
                "wait_for_warehouse", EXTERNAL, external="warehouse_nightly", retries=0
            ),
            Group(
                "figures",
                (
                    Task("revenue", SQL, seconds=30, returns=184_000),
                    Task("margin", SQL, seconds=30, returns=41_000),
                    Task("returns", SQL, seconds=25, returns=6_200, failing=0.025),
                ),
                tooltip="Yesterday's, in EUR",
            ),
            Task("render", PYTHON, seconds=20, display_name="Bericht setzen ✒️"),
            Task("mail", PYTHON, seconds=5, retries=3, failing=0.2),
        ),
        chain("wait_for_warehouse", "figures", "render", "mail"),
    )
    return Dag(
        "board_report",
        "finance/board_report.py",
        cron("0 1 * * *", "At 01:00"),
        (structure,),
        owner="finance-data",
        tags=("finance", "nightly", "mail"),
        description="Three figures for the board, each morning",
        deadline=Deadline(
            "in the board's inbox", timedelta(minutes=40), "By breakfast"
        ),
    )


def payouts() -> Dag:
    """Hourly for the hour before; one task waits for its retry, and its file broke."""
    structure = Structure(
        (
            Task("fetch_settlements", PYTHON, seconds=30, failing=0.125, retries=2),
            Task("match_invoices", SQL, seconds=55, pool="ledger", failing=0.025),
            Task(
                "transfer",
                PYTHON,
                seconds=25,
                failing=0.1,
                retries=3,
                retry_delay=timedelta(minutes=15),
                queue="bank",
            ),
            Task("confirm", PYTHON, seconds=8),
        ),
        chain("fetch_settlements", "match_invoices", "transfer", "confirm"),
    )
    return Dag(
        "payouts",
        "finance/payouts.py",
        cron_interval("0 * * * *", "Every hour"),
        (structure,),
        owner="finance-data",
        owner_links={"finance-data": _LINKS["finance-data"]},
        tags=("finance", "hourly"),
        description="Pays the marketplace's sellers",
        runs=36,
        manual=(
            Manual(
                timedelta(minutes=6),
                "oncall",
                conf={"seller": "Vélos Étoile"},
                failing={"fetch_settlements": 0, "match_invoices": 0, "transfer": 1},
                note="The bank's gateway answers 503; it retries by itself.",
            ),
        ),
        import_error="Traceback (most recent call last):\n"
        '  File "/opt/airflow/dags/finance/payouts.py", line 7, in <module>\n'
        "    from nordlicht.bank import Gateway2\n"
        "ImportError: cannot import name 'Gateway2' from 'nordlicht.bank'\n",
    )
