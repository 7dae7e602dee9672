"""The views that docs/views.md shows: Airflow's pages, and our documents.

Airflow's figures are of 3.3.2, measured as docs/views.md says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DOCUMENTS = Path(__file__).parents[1] / "documents"
UNMEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class View:
    """A document, and the page of Airflow that it is instead of.

    Attributes:
        document: Its folder and name in documents/.
        title: Its heading in docs/views.md.
        page: The page of Airflow 3.3.
        requests: How many the page takes; in brackets, those that carry the view.
            Nothing where there is no page.
        selects: How many statements that is, likewise.
        excerpt: What is shown of the answer; see `benchmarks.excerpt`.
        about: Filters for what it is about on the demo: dags, runs, instances.
        variables: The document's, beside those that name what it is about.
    """

    document: str
    title: str
    page: str
    requests: str
    selects: str
    excerpt: str
    about: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The document."""
        return (DOCUMENTS / f"{self.document}.graphql").read_text(encoding="utf-8")


def _dag(dag_id: str, task_id: str | None = None, **run: Any) -> dict[str, Any]:
    """A DAG's newest run that a filter keeps, and its first instance, or a task's."""
    tasks = {} if task_id is None else {"taskIdIn": [task_id]}
    return {"dags": {"dagId": {"eq": dag_id}}, "runs": run, "instances": tasks}


VIEWS = (
    View(
        "core/dag_list",
        "DAG list",
        "the list of DAGs, 50 of them",
        "46 (36)",
        "335 to 343",
        """{ dags { totalCount nodes(at: [10]) { dagId displayName owners tags
            hasImportErrors schedule nextRun runs { nodes { runId state } }
            runStateCounts } } }""",
    ),
    View(
        "core/graph",
        "Graph",
        "a DAG's graph, 300 tasks",
        "28 (2)",
        UNMEASURED,
        """{ dag { dagId tasks(at: [0, 1]) { taskId operatorName triggerRule isSetup
            downstreamTaskIds group { groupId } } taskGroups { groupId tooltip childIds
            } graph { edges { sourceKey targetKey isSetupTeardown } }
            latestRun { runId state taskInstances { nodes { taskId state } } } } }""",
        _dag("stock_sync"),
    ),
    View(
        "core/grid",
        "Grid",
        "a DAG's grid, 25 runs of 300 tasks",
        "28 (3)",
        "153 to 177 at 10 runs (66 at 25)",
        """{ dag { dagId runs { nodes(at: [1]) { runId runType state runAfter duration
            taskSummaries(at: [0, 1, 2]) { kind taskId groupId state stateCounts
            instanceCount } } } } }""",
        _dag("orders_ingest"),
    ),
    View(
        "core/grid_instances",
        "Grid, from its instances",
        "the same over the public API",
        "75",
        "8 for each",
        """{ dag { runs { nodes(at: [1]) { runId state taskInstances { nodes
            { taskId mapIndex state startDate endDate tryNumber } } } } } }""",
        _dag("orders_ingest"),
    ),
    View(
        "core/run",
        "Run",
        "a run, 300 tasks",
        "23 (2)",
        "128 to 139",
        """{ dagRun { runId state runType dataIntervalStart duration stateCounts
            taskInstances { totalCount edges(at: [1]) { node { taskId mapIndex state
            tryNumber maxTries duration task { triggerRule upstream { taskId } } } }
            } } }""",
        _dag("orders_ingest", stateIn=["FAILED"]),
    ),
    View(
        "core/node",
        "Things by their ids",
        "none",
        "",
        "",
        "{ nodes(at: [0, 1, 2]) { __typename id } }",
        _dag("orders_ingest"),
    ),
    View(
        "views/dag_details",
        "DAG details",
        "a DAG's details",
        "22 (4)",
        UNMEASURED,
        """{ dag { dagId owners ownerLinks bundleName fileloc maxActiveRuns catchup
            schedule { kind summary assetExpression unknowable } nextRunAssets {
            asset { name } queuedAt lastEventAt } version { versionNumber createdAt }
            activeRunCount runStateCounts } }""",
        _dag("orders_model"),
    ),
    View(
        "views/duration",
        "Duration",
        "a DAG's overview",
        "27 (4)",
        "153 to 177 at 10 runs",
        """{ dag { runStats runs { nodes(at: [1]) { runId duration queuedDuration
            taskInstances { nodes { taskId mapIndex duration } } } } tasks(at: [1, 4])
            { taskId stats } } }""",
        _dag("orders_ingest"),
    ),
    View(
        "views/tries",
        "Tries",
        "none since Airflow 3; tries of one task instance",
        "1 for each instance",
        "5 for each",
        """{ dag { runs { nodes(at: [1]) { runId tries(at: [0, 1]) { taskId mapIndex
            tryNumber state startDate endDate duration } taskInstances { nodes(at: [0])
            { taskId mapIndex tryNumber maxTries } } } } } }""",
        _dag("payouts"),
    ),
    View(
        "views/landing_times",
        "Landing times",
        "none since Airflow 3",
        "",
        "",
        """{ dag { runStats runs { nodes(at: [0]) { runId runType dataIntervalEnd
            landingTime hasMissedDeadline deadlines taskInstances { nodes { taskId
            endDate landingTime } } } } } }""",
        _dag("board_report"),
    ),
    View(
        "views/gantt",
        "Gantt",
        "a run's Gantt chart, 300 tasks",
        "31 (2)",
        f"{UNMEASURED} (4 for the tries)",
        """{ dagRun { runId startDate endDate tries(at: [0, 1]) { taskId tryNumber state
            scheduledAt queuedAt startDate endDate queuedDuration duration }
            taskSummaries(at: [0]) { taskId state startDate endDate } } }""",
        _dag("payouts", stateIn=["FAILED"]),
    ),
    View(
        "views/calendar",
        "Calendar",
        "a DAG's calendar",
        "23 (1)",
        UNMEASURED,
        "{ dag { calendar(at: [0, 1, -2, -1]) } }",
        _dag("payouts"),
        {"since": "2026-11-23T23:00:00Z", "until": "2026-11-26T23:00:00Z"},
    ),
    View(
        "views/code",
        "Code",
        "a DAG's code",
        "27 (3)",
        UNMEASURED,
        "{ dag { versions { nodes { versionNumber createdAt hash sourceCode } } } }",
        _dag("tokyo_tills"),
    ),
    View(
        "views/task",
        "Task, and task instance details",
        "a task instance's details",
        "26 (6)",
        UNMEASURED,
        """{ taskInstance { state tryNumber maxTries operatorName pool queuedAt
            startDate requiredAction version { versionNumber } dagRun { runId state }
            task { taskId triggerRule retries upstream { taskId }
            downstream { taskId } group }
            tries { tryNumber state startDate hostname } } }""",
        _dag("month_close", "approve"),
    ),
    View(
        "views/rendered",
        "Rendered templates",
        "a task instance's rendered templates",
        "22 (1)",
        UNMEASURED,
        """{ taskInstance { renderedFields
            task { templateFields templateFieldValues } } }""",
        _dag("orders_ingest", "per_shop.load", stateIn=["SUCCESS"]),
    ),
    View(
        "views/xcom",
        "XComs",
        "a task instance's XComs, 10 of them",
        "33 (11)",
        UNMEASURED,
        """{ taskInstance { xcoms { key value isTruncated problem timestamp mapIndex }
            xcom { value } } }""",
        _dag("orders_ingest", "list_shops"),
    ),
    View(
        "views/log",
        "Log",
        "a task instance's log",
        "24 (2)",
        "128 to 139",
        """{ taskInstance { log { tryNumber available reason page }
            eventLogs { nodes { timestamp event owner } } } }""",
        _dag("orders_ingest", "per_shop.download", stateIn=["FAILED"]),
    ),
    View(
        "views/schedule",
        "Schedule",
        "none",
        "",
        "",
        """{ dag { schedule { kind cron timezone unknowable following previous
            between(at: [0, 1, 2, 3, 4]) next } } }""",
        _dag("customers_snapshot"),
        {
            "after": "2026-10-24T12:00:00Z",
            "start": "2026-10-23T00:00:00Z",
            "end": "2026-10-28T00:00:00Z",
        },
    ),
    View(
        "views/as_it_was",
        "As it was",
        "a run's graph, with a version chosen",
        UNMEASURED,
        UNMEASURED,
        """{ dag { version { versionNumber } tasks { taskId versionNumber } }
            dagRun { createdVersion { versionNumber } versions { versionNumber
            createdAt } isStructureExact taskIdsWithoutDefinition tasks {
            taskId versionNumber } taskInstances { nodes(at: [2, 0]) { taskId state
            version { versionNumber } } } } }""",
        _dag("tokyo_tills", runAfter={"lt": "2026-11-21T00:00:00Z"}),
    ),
    View(
        "views/lineage",
        "Lineage, and SubDAGs",
        "a DAG's graph with what it depends on",
        UNMEASURED,
        f"{UNMEASURED} (18 for the graph)",
        """{ dag { upstreamDependencies { kind taskId asset { name uri } dagId
            dag { latestRun { state endDate } } } downstreamDependencies(at: [0]) {
            kind label taskDagId taskId dagId } scheduleAssets(at: [0]) { name asset {
            lastEvent { timestamp sourceDagId sourceTaskId } producingTasks } } } }""",
        _dag("orders_model"),
    ),
    View(
        "views/assets",
        "Assets",
        "the assets, then each one's page",
        "7, then 15 each",
        f"{UNMEASURED} (10 for the list)",
        """{ assets { totalCount nodes(at: [0]) { name uri group isActive aliases
            scheduledDags producingTasks events { nodes(at: [0]) { timestamp sourceDagId
            sourceTaskId createdRuns { dagId runId } } } } } }""",
    ),
    View(
        "views/fleet",
        "Fleet: home page, health, pools, audit log",
        "three pages: home, pools, audit log",
        "18 + 7 + 7",
        UNMEASURED,
        """{ asOf airflow { minVersion maxVersion backend components { name isHealthy
            latestHeartbeat } } fleet { dagCount pausedCount importErrorCount
            runStateCounts unfinishedTaskInstanceCounts failing { nodes { dagId
            latestRun { runId endDate } } } longestRunning { dagId runId startDate }
            byTag } pools { name slots runningSlots openSlots }
            eventLogs { nodes { timestamp event dagId taskId owner } } }""",
    ),
)
