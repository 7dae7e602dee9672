"""The data scientists' team: models, weather, fraud."""

from datetime import timedelta

from dagway.demo.assets import Alias, Asset, all_of
from dagway.demo.declared import Dag, Group, Manual, Param, Structure, Task, chain
from dagway.demo.operators import (
    BASH,
    DEFERRED,
    PYTHON,
    RESCHEDULED,
    SHORT_CIRCUIT,
    SQL,
    TRIGGER,
)
from dagway.demo.schedules import continuous, every, never, on_assets

TILES = Alias("weather_tiles", "weather")
_NORTH = Asset("weather_north", "s3://nordlicht-lake/weather/north", "weather")
_SOUTH = Asset("weather_south", "s3://nordlicht-lake/weather/south", "weather")


def _by_hand(count: int, hours: float, *people: str) -> tuple[Manual, ...]:
    """Runs that people started now and then, the newest a few minutes ago."""
    return tuple(
        Manual(
            timedelta(minutes=4, hours=hours * number + (number * 7 % 5) / 2),
            people[number % len(people)],
            conf={"trials": 3 + number % 4},
            is_dated=number % 3 > 0,
            through="CLI" if number % 4 == 1 else "REST_API",
        )
        for number in range(count)
    )


def recommender_train() -> Dag:
    """Started by people, with parameters; starts another DAG."""
    structure = Structure(
        (
            Task("sample", SQL, seconds=60, fields={"sql": "select * from sessions"}),
            Task("propose_trials", PYTHON, seconds=5, returns=_TRIALS, lengths=(3, 6)),
            Task(
                "train",
                PYTHON,
                seconds=420,
                over="propose_trials",
                failing=0.075,
                queue="gpu",
                pool="gpu",
            ),
            Task("compare", PYTHON, seconds=30, trigger_rule="none_failed", returns=87),
            Task("deploy", TRIGGER, seconds=2, triggers="recommender_deploy"),
        ),
        chain("sample", "propose_trials", "train", "compare", "deploy"),
    )
    return Dag(
        "recommender_train",
        "science/recommender_train.py",
        never(),
        (structure,),
        owner="data-science",
        tags=("science", "model"),
        description="Trains what the shop recommends",
        params=(
            Param("trials", 3, {"type": "integer", "minimum": 1, "maximum": 12}),
            Param("since", "2026-01-01", {"type": "string", "format": "date"}),
        ),
        manual=_by_hand(42, 8, "scientist-1", "scientist-2", "intern"),
        slowing=-0.2,
    )


_TRIALS = [{"depth": 2**number, "rate": 0.1 / number} for number in range(1, 7)]


def recommender_deploy() -> Dag:
    """Started by another DAG's task."""
    structure = Structure(
        (
            Task(
                "fetch_model", BASH, seconds=12, fields={"bash_command": "fetch model"}
            ),
            Task("shadow_traffic", RESCHEDULED, seconds=900),
            Task("is_better", SHORT_CIRCUIT, seconds=4, goes_on=0.7),
            Task("switch", BASH, seconds=20, fields={"bash_command": "switch --now"}),
            Task("announce", PYTHON, seconds=3),
        ),
        chain("fetch_model", "shadow_traffic", "is_better", "switch", "announce"),
    )
    return Dag(
        "recommender_deploy",
        "science/recommender_deploy.py",
        never(),
        (structure,),
        owner="data-science",
        tags=("science", "deploy"),
        description="Puts a model in front of customers, if it is better",
        manual=(Manual(timedelta(minutes=6), "scientist-2", conf={"model": "v41"}),),
    )


def fraud_scores() -> Dag:
    """Again and again, one run at a time."""
    structure = Structure(
        (
            Task("next_batch", SQL, seconds=8, pool="warehouse"),
            Task("features", PYTHON, seconds=70, failing=0.05),
            Task("score", PYTHON, seconds=120, queue="gpu", returns=9_400),
            Task("alert", PYTHON, seconds=6, trigger_rule="none_failed"),
        ),
        chain("next_batch", "features", "score", "alert"),
    )
    return Dag(
        "fraud_scores",
        "science/fraud_scores.py",
        continuous(),
        (structure,),
        owner="data-science",
        tags=("science", "streaming-ish"),
        description="Scores payments, batch after batch",
        runs=32,
        max_active_runs=1,
    )


def weather_features() -> Dag:
    """Deferred until the forecast is out; writes whichever asset it covers."""
    regions = ("north", "south", "alps")
    structure = Structure(
        (
            Task("forecast_is_out", DEFERRED, seconds=1500, fields=_UNTIL),
            Group(
                "regions",
                tuple(
                    Group(
                        region,
                        (
                            Task("fetch", PYTHON, seconds=40, failing=0.075),
                            Task("grid", PYTHON, seconds=90),
                        ),
                        tooltip=f"Tiles of the {region}",
                    )
                    for region in regions
                ),
                tooltip="Each with its own provider",
            ),
            Task(
                "write_tiles", PYTHON, seconds=30, alias=TILES, outlets=(_NORTH, _SOUTH)
            ),
        ),
        (
            *(
                edge
                for region in regions
                for edge in chain(f"regions.{region}.fetch", f"regions.{region}.grid")
            ),
            *chain("forecast_is_out", "regions", "write_tiles"),
        ),
    )
    return Dag(
        "weather_features",
        "science/weather_features.py",
        every(timedelta(hours=3), timedelta(minutes=9, seconds=12)),
        (structure,),
        owner="data-science",
        tags=("science", "weather"),
        description="Rain sells mudguards: the weather where customers are",
        runs=36,
    )


_UNTIL = {"target_time": "{{ ds }}T04:00:00+00:00"}


def weather_demand() -> Dag:
    """On an alias, whichever asset is behind it."""
    structure = Structure(
        (
            Task("read_tiles", PYTHON, seconds=20, inlets=(_NORTH,)),
            Task("predict", PYTHON, seconds=65, failing=0.125),
            Task("fall_back_to_last_year", SQL, seconds=10, trigger_rule="one_failed"),
            Task("write_demand", SQL, seconds=15, trigger_rule="none_failed"),
        ),
        (
            *chain("read_tiles", "predict", "write_demand"),
            *chain("predict", "fall_back_to_last_year"),
        ),
    )
    return Dag(
        "weather_demand",
        "science/weather_demand.py",
        on_assets(all_of(TILES)),
        (structure,),
        owner="data-science",
        tags=("science", "weather", "forecast"),
        description="What the weather will sell",
    )
