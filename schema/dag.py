"""DAGs."""

from datetime import datetime
from typing import Annotated

import strawberry

from resolvers import asset as asset_relation
from resolvers import backfill as backfill_relation
from resolvers import calendar as calendar_relation
from resolvers import dag as relation
from resolvers import dag_run as run_relation
from resolvers import dag_version as version_relation
from resolvers import derive, details, lineage, parsing, stats
from resolvers.masking import masked
from resolvers.scalars import JSONValue
from schema.asset import NextRunAsset
from schema.backfill import Backfill
from schema.calendar import CalendarBucket
from schema.connections import Connection
from schema.dag_run import DagRun
from schema.dag_version import DagVersion
from schema.fields import column, derived, embedded, identified, related, via
from schema.lineage import DagDependency
from schema.node import DagStructure, Node
from schema.parsing import DagWarning, ImportProblem
from schema.schedule import NextRun, Schedule
from schema.state_counts import DagRunStateCount
from schema.stats import DurationStats
from schema.task import AssetReference, Param


@strawberry.type(description="An owner of a DAG, and where to find them.")
class OwnerLink:
    """A link; embedded."""

    owner: str = column("owner", "The owner.")
    link: str = column("link", "A web page or a mailto: address.")


@strawberry.type(description="A DAG, as Airflow knows it now.")
class Dag(Node, DagStructure):
    """A DAG."""

    id: strawberry.ID = identified("Dag", ("dag_id",))
    dag_id: strawberry.ID = column("dag_id", "Its id, unique in this Airflow.")
    url: str | None = derived(
        ("site", "dag_id"),
        derive.dag_url,
        "Its page in Airflow, if the gateway was told Airflow's address.",
    )
    display_name: str = column(
        "display_name", "What people call it; its id unless it was given another name."
    )
    description: str | None = column("description", "What it does, in a line.")
    doc_md: str | None = via(
        details.DETAILS,
        ("doc_md",),
        derive.documentation,
        "Its documentation, in Markdown.",
    )
    is_paused: bool = column("is_paused", "Whether the scheduler leaves it alone.")
    is_stale: bool = column("is_stale", "Whether the DAG processor no longer finds it.")
    owners: list[str] = derived(("owners",), derive.owners, "Who owns its tasks.")
    owner_links: list[OwnerLink] = related(
        details.OWNER_LINKS, "Where to find its owners, by owner."
    )
    tags: list[str] = derived(("tags",), derive.texts, "Its tags, by name.")
    fileloc: str | None = column("fileloc", "The file that defines it.")
    relative_fileloc: str | None = column(
        "relative_fileloc", "The same in its bundle; null before Airflow 3."
    )
    bundle_name: str | None = column(
        "bundle_name", "The bundle of its file; null before Airflow 3."
    )
    bundle_version: str | None = column(
        "bundle_version", "The bundle's version, for example a commit."
    )
    timezone: str | None = via(
        details.DETAILS, ("timezone",), None, "The time zone of its dates."
    )
    start_date: datetime | None = via(
        details.DETAILS, ("start_date",), None, "Before when it does not run."
    )
    end_date: datetime | None = via(
        details.DETAILS, ("end_date",), None, "After when it does not run."
    )
    catchup: bool | None = via(
        details.DETAILS,
        ("catchup",),
        None,
        "Whether runs that were missed are made later.",
    )
    max_active_runs: int | None = column(
        "max_active_runs", "How many of its runs may be active at once."
    )
    max_active_tasks: int | None = column(
        "max_active_tasks", "How many of its task instances may run at once."
    )
    max_consecutive_failed_dag_runs: int | None = column(
        "max_consecutive_failed_dag_runs",
        "After how many failed runs in a row it is paused; 0 for never, null before "
        "Airflow 2.9.",
    )
    dag_run_timeout: float | None = via(
        details.DETAILS, ("dagrun_timeout",), None, "Seconds that a run may take."
    )
    default_args: JSONValue | None = via(
        details.DETAILS,
        ("default_args",),
        masked,
        "What its tasks are given unless they say otherwise; *** under sensitive "
        "names.",
    )
    params: list[Param] = related(
        details.PARAMS_OF_DAG, "The values that a run can be given."
    )
    last_parsed_time: datetime | None = column(
        "last_parsed_time", "When the DAG processor last read it."
    )
    last_parse_duration: float | None = column(
        "last_parse_duration", "Seconds that this took (from Airflow 3.1 on)."
    )
    has_import_errors: bool = column(
        "has_import_errors", "Whether its file fails to import."
    )
    import_errors: list[ImportProblem] = related(
        parsing.IMPORT_ERRORS_OF_DAG, "Why its file fails to import, if it does."
    )
    warnings: list[DagWarning] = related(
        parsing.WARNINGS_OF_DAG, "What about it may be wrong."
    )
    schedule: Schedule = embedded("When it runs.")
    next_run: NextRun | None = embedded(
        "The next run; null if none is due.", "next_dagrun_create_after"
    )
    next_run_assets: list[NextRunAsset] = related(
        asset_relation.AWAITED_OF_DAG,
        "What an asset-scheduled DAG still waits for, and what has come in.",
    )
    schedule_assets: list[AssetReference] = related(
        asset_relation.REFERENCES_OF_DAG, "What its schedule refers to."
    )
    version: DagVersion | None = related(
        version_relation.VERSION_OF_DAG,
        "The newest structure; null until the DAG has been serialized.",
    )
    version_by_number: DagVersion | None = related(
        version_relation.VERSION_BY_NUMBER, "One of its versions."
    )
    versions: Connection[DagVersion] = related(
        version_relation.VERSIONS_OF_DAG,
        "Its versions, newest first; at most 50 a page. Airflow 2 keeps one.",
    )
    source_code: str | None = via(
        version_relation.VERSION_OF_DAG,
        ("source_code",),
        None,
        "The text of its file, as it was parsed last.",
    )
    run: DagRun | None = related(run_relation.RUN_OF_DAG, "One of its runs, by id.")
    runs: Connection[DagRun] = related(
        run_relation.RUNS_OF_DAG,
        "Its runs, newest first unless ordered otherwise; at most 1,000 a page.",
    )
    latest_run: DagRun | None = related(
        run_relation.LATEST_RUN, "Its newest run, by runAfter."
    )
    run_stats: DurationStats = related(
        stats.STATS_OF_DAG,
        "How long its runs take, over the newest `runs` that have ended.",
    )
    active_run_count: int = column("active_run_count", "How many runs are running.")
    run_state_counts: list[DagRunStateCount] = related(
        relation.RUN_STATE_COUNTS,
        "Its runs by state, the most frequent first: all of them, or those whose "
        "runAfter lies between `since` and `until`, both included.",
    )
    calendar: list[CalendarBucket] = related(
        calendar_relation.CALENDAR,
        "How many of its runs fall into each day, or hour, of a time zone, by state, "
        "from `since` on until `until`: at most 366 days by day, 31 by hour; of the "
        "current year, or month, without either. A run counts at its partitionDate, "
        "else logicalDate, else runAfter. If it is asked of a single DAG that is "
        "neither paused nor stale, runs that the schedule will make after now are "
        "there too, at the date that they will have; 100,000 of them at most.",
    )
    backfills: list[Backfill] = related(
        backfill_relation.BACKFILLS_OF_DAG,
        "Its backfills, newest first; none in Airflow 2.",
    )
    upstream_dependencies: list[DagDependency] = related(
        lineage.UPSTREAM,
        "Other DAGs and assets that it waits for, with the task that ties them. One "
        "DAG a request.",
    )
    downstream_dependencies: list[DagDependency] = related(
        lineage.DOWNSTREAM,
        "Other DAGs and assets that it sets off, with the task that ties them. One DAG "
        "a request.",
    )
    parent_dag: Annotated["Dag", strawberry.lazy("schema.dag")] | None = related(
        lineage.PARENT_DAG, "Of an Airflow 2 SubDAG, the DAG that it is part of."
    )
    sub_dags: list[Annotated["Dag", strawberry.lazy("schema.dag")]] = related(
        lineage.SUB_DAGS, "Its SubDAGs, in Airflow 2; none from Airflow 3 on."
    )
