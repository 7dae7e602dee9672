"""The platform's team: big, old, paused and odd ones."""

from datetime import timedelta

from dagway.demo.declared import Dag, Edge, Group, Manual, Structure, Task, chain
from dagway.demo.operators import BASH, EMPTY, PYTHON, SENSOR, SQL
from dagway.demo.schedules import cron, once

_LINKS = {"data-platform": "https://nordlicht.example/teams/data-platform"}
_SECTIONS = (
    *("city", "road", "gravel", "cargo", "kids", "e-bikes"),
    *("helmets", "lights", "locks", "pumps", "clothing", "spares"),
)
_PAGES = 24


def catalogue_crawl() -> Dag:
    """300 tasks: twelve sections, in each six lanes side by side."""
    edges: list[Edge] = []
    groups: list[Group] = []
    for section in _SECTIONS:
        pages = tuple(
            Task(f"page_{number:02}", PYTHON, seconds=9, failing=0.0012, pool="crawler")
            for number in range(1, _PAGES)
        )
        groups.append(
            Group(
                section,
                (*pages, Task("merge", BASH, seconds=6)),
                tooltip=f"All pages of {section}",
            )
        )
        lanes = [
            tuple(f"{section}.{page.name}" for page in pages[lane::6])
            for lane in range(6)
        ]
        for lane in lanes:
            edges += chain(*lane, f"{section}.merge")
    structure = Structure(
        (
            Task("robots_txt", SENSOR, seconds=4),
            Task("plan", PYTHON, seconds=8, returns=len(_SECTIONS) * _PAGES),
            *groups,
            *(Task(f"shard_{number}", SQL, seconds=40) for number in range(1, 9)),
            Task("index", SQL, seconds=60),
            Task("done", EMPTY),
        ),
        (
            *edges,
            *chain("robots_txt", "plan", _SECTIONS),
            *chain(_SECTIONS, tuple(f"shard_{number}" for number in range(1, 9))),
            *chain(tuple(f"shard_{number}" for number in range(1, 9)), "index", "done"),
        ),
    )
    return Dag(
        "catalogue_crawl",
        "platform/catalogue_crawl.py",
        cron("40 */6 * * *", "At 40 minutes past the hour, every 6 hours"),
        (structure,),
        owner="data-platform",
        owner_links=_LINKS,
        tags=("platform", "crawl", "large"),
        description="Every page of the catalogue, four times a day",
        runs=26,
        max_active_tasks=64,
        slowing=0.25,
        manual=(Manual(timedelta(seconds=70), "platform-engineer"),),
    )


def erasure_requests() -> Dag:
    """Paused six days ago."""
    structure = Structure(
        (
            Task("collect", SQL, seconds=30, returns=12),
            Task("erase", SQL, seconds=200, failing=0.15, retries=0, pool="erasure"),
            Task("prove", PYTHON, seconds=20, doc="Writes the *Löschprotokoll*."),
        ),
        chain("collect", "erase", "prove"),
    )
    return Dag(
        "erasure_requests",
        "platform/erasure_requests.py",
        cron("30 3 * * 1-5", "At 03:30, Monday through Friday", "Europe/Berlin"),
        (structure,),
        owner="data-platform",
        owner_links=_LINKS,
        tags=("personal-data", "Löschung"),
        display_name="Löschanfragen (DSGVO)",
        description="Erases people who asked for it",
        timezone="Europe/Berlin",
        is_paused=True,
        quiet=timedelta(days=6),
        warning=(
            "non-existent pool",
            "Dag 'erasure_requests' references non-existent pools: ['erasure']",
        ),
    )


def ftp_export() -> Dag:
    """Its file is gone."""
    structure = Structure(
        (
            Task("dump", SQL, seconds=60),
            Task("zip", BASH, seconds=15, fields={"bash_command": "zip -r out.zip ."}),
            Task("upload", BASH, seconds=90, failing=0.2, retries=0),
        ),
        chain("dump", "zip", "upload"),
    )
    return Dag(
        "ftp_export",
        "platform/ftp_export.py",
        cron("0 22 * * *", "At 22:00"),
        (structure,),
        owner="data-platform",
        tags=("legacy",),
        description="Nightly files for a partner who has left",
        is_stale=True,
        quiet=timedelta(days=33),
    )


def warehouse_bootstrap() -> Dag:
    """Once, and whenever somebody needs a sandbox."""
    structure = Structure(
        (
            Task("create_schemas", SQL, seconds=6),
            Task("seed", SQL, seconds=45, failing=0.1),
            Task("grant", SQL, seconds=4),
        ),
        chain("create_schemas", "seed", "grant"),
    )
    manual = tuple(
        Manual(
            timedelta(days=number * 2, hours=5 + number % 7),
            f"developer-{number % 3 + 1}",
            conf={"sandbox": f"sbx_{number:02}"},
        )
        for number in range(26)
    )
    return Dag(
        "warehouse_bootstrap",
        "platform/warehouse_bootstrap.py",
        once(timedelta(days=75)),
        (structure,),
        owner="data-platform",
        owner_links=_LINKS,
        tags=("platform", "sandbox"),
        description="An empty warehouse with a little in it",
        manual=manual,
    )


def tokyo_tills() -> Dag:
    """Another alphabet and another time zone; three versions."""
    fetch = Task("fetch", PYTHON, seconds=50, failing=0.1, display_name="取得")
    convert = Task("convert", PYTHON, seconds=20, display_name="変換")
    load = Task("load", SQL, seconds=30, display_name="読み込み")
    audit = Task("audit", SQL, seconds=12, display_name="監査")
    first = Structure((fetch, load), chain("fetch", "load"))
    second = Structure((fetch, convert, load), chain("fetch", "convert", "load"))
    third = Structure(
        (
            Group("pos", (fetch, convert), tooltip="東京店のレジ", prefix=False),
            load,
            audit,
        ),
        (*chain("fetch", "convert"), *chain("pos", "load", "audit")),
    )
    return Dag(
        "tokyo_tills",
        "platform/tokyo_tills.py",
        cron("0 23 * * *", "At 23:00", "Asia/Tokyo"),
        (first, second, third),
        changed=(timedelta(days=16), timedelta(days=4)),
        owner="data-platform",
        owner_links=_LINKS,
        tags=("shop", "東京"),
        display_name="東京店 レジ取込",
        description="Tills of the shop in Tokyo, after it has closed",
        timezone="Asia/Tokyo",
    )
