"""Counts, pools, tags, errors and the audit log are what Airflow's API server says."""

import json
from collections import Counter
from typing import Any

from tests.differential.said import Item, Said, word
from tests.support.gateways import Asking

LIMIT = "?limit=100"
SINCE = "2026-10-01T00:00:00Z"
POOL = {
    "name": "name",
    "slots": "slots",
    "description": "description",
    "include_deferred": "includeDeferred",
    "running_slots": "runningSlots",
    "queued_slots": "queuedSlots",
    "scheduled_slots": "scheduledSlots",
    "deferred_slots": "deferredSlots",
    "occupied_slots": "occupiedSlots",
    "open_slots": "openSlots",
}
ENTRY = {
    "event": "event",
    "when": "timestamp",
    "dag_id": "dagId",
    "run_id": "runId",
    "task_id": "taskId",
    "map_index": "mapIndex",
    "try_number": "tryNumber",
    "owner": "owner",
}
ENTRIES = """query Entries($after: String, $since: DateTime!) {
  eventLogs(first: 200, after: $after, filter: { timestamp: { gte: $since } }) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { id extra timestamp event dagId runId taskId mapIndex tryNumber owner }
  }
}"""
BACKFILLS = """{
  dags(first: 1000) {
    nodes {
      dagId
      backfills {
        id backfillId fromDate toDate isPaused reprocessBehavior maxActiveRuns createdAt
        completedAt runStateCounts { state count }
      }
    }
  }
}"""
BACKFILL = {
    "id": "backfillId",
    "from_date": "fromDate",
    "to_date": "toDate",
    "is_paused": "isPaused",
    "reprocess_behavior": "reprocessBehavior",
    "max_active_runs": "maxActiveRuns",
    "created_at": "createdAt",
    "completed_at": "completedAt",
}


def theirs_by(fields: dict[str, str], one: Item) -> Item:
    """An item of Airflow's under our names."""
    return {ours: one[field] for field, ours in fields.items()}


def counted(pairs: list[Item]) -> dict[str | None, int]:
    """Counts by state."""
    return {pair["state"]: pair["count"] for pair in pairs}


async def test_pools_and_their_slots_are_airflows(ask: Asking, said: Said) -> None:
    theirs = said.to(f"/api/v2/pools{LIMIT}")["pools"]

    found = (await ask(f"{{ pools {{ {' '.join(POOL.values())} }} }}"))["pools"]

    assert found == sorted(
        (theirs_by(POOL, one) for one in theirs), key=lambda one: str(one["name"])
    )
    assert [one["deferredSlots"] for one in found] == [1, 0]


async def test_tags_are_airflows_each_with_its_dags(ask: Asking, said: Said) -> None:
    theirs = said.to(f"/api/v2/dagTags{LIMIT}")["tags"]
    carried = Counter(
        tag["name"] for dag in said.dags() if not dag["is_stale"] for tag in dag["tags"]
    )

    found = (await ask("{ tags { name dagCount } }"))["tags"]

    assert [tag["name"] for tag in found] == sorted(theirs)
    assert {tag["name"]: tag["dagCount"] for tag in found} == {
        name: carried[name] for name in theirs
    }


async def test_import_errors_are_airflows(ask: Asking, said: Said) -> None:
    theirs = said.to(f"/api/v2/importErrors{LIMIT}")["import_errors"]

    found = await ask(
        """{ importErrors { totalCount
             nodes { id filename bundleName timestamp stackTrace } } }"""
    )

    assert found["importErrors"]["totalCount"] == len(theirs) == 2
    assert found["importErrors"]["nodes"] == [
        {
            "id": f"ImportError/{one['import_error_id']}",
            "filename": one["filename"],
            "bundleName": one["bundle_name"],
            "timestamp": one["timestamp"],
            "stackTrace": one["stack_trace"],
        }
        for one in reversed(theirs)
    ]


async def test_warnings_are_airflows(ask: Asking, said: Said) -> None:
    theirs = said.to(f"/api/v2/dagWarnings{LIMIT}")["dag_warnings"]

    found = await ask(
        "{ dags(first: 1000) { nodes { dagId warnings { warningType message } } } }"
    )

    assert sorted(
        (dag["dagId"], one["warningType"], one["message"])
        for dag in found["dags"]["nodes"]
        for one in dag["warnings"]
    ) == sorted(
        (one["dag_id"], one["dag_warning_type"], one["message"]) for one in theirs
    )


async def test_the_audit_log_is_airflows(ask: Asking, said: Said) -> None:
    theirs = said.to(f"/api/v2/eventLogs{LIMIT}")

    found: list[Item] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    total = None
    while page["hasNextPage"]:
        answer = await ask(ENTRIES, after=page["endCursor"], since=SINCE)
        entries = answer["eventLogs"]
        page, total = entries["pageInfo"], entries["totalCount"]
        found += entries["nodes"]

    assert len(found) == total == theirs["total_entries"]
    oldest = {one["id"]: one for one in found}
    for one in theirs["event_logs"]:
        mine = dict(oldest[f"EventLog/{one['event_log_id']}"])
        assert mine.pop("extra") == (one["extra"] and json.loads(one["extra"]))
        assert mine == {
            "id": f"EventLog/{one['event_log_id']}",
            **theirs_by(ENTRY, one),
        }
    stamps = [one["timestamp"] for one in found]
    assert stamps == sorted(stamps, reverse=True)


async def test_backfills_are_airflows_and_their_runs_are_counted(
    ask: Asking, said: Said
) -> None:
    found = (await ask(BACKFILLS))["dags"]["nodes"]

    seen = 0
    for dag in found:
        path = f"/api/v2/backfills?dag_id={dag['dagId']}"
        theirs = said.to(path)["backfills"]
        assert [
            {field: one[field] for field in BACKFILL.values()}
            for one in dag["backfills"]
        ] == [as_backfill(one) for one in theirs]
        runs = Counter(
            word(run["state"])
            for (dag_id, _), run in said.runs().items()
            if dag_id == dag["dagId"] and run["run_type"] == "backfill"
        )
        for one in dag["backfills"]:
            assert counted(one["runStateCounts"]) == runs
            seen += 1
    assert seen == 1
    every = said.to(f"/ui/backfills{LIMIT}")["backfills"]
    assert [as_backfill(one) for one in every] == [
        {field: one[field] for field in BACKFILL.values()}
        for dag in found
        for one in dag["backfills"]
    ]


def as_backfill(one: Item) -> Item:
    """Airflow's backfill as we have it."""
    return theirs_by(BACKFILL, one)


async def test_runs_and_instances_in_a_window_are_counted_as_airflow_does(
    ask: Asking, said: Said
) -> None:
    path = f"/ui/dashboard/historical_metrics_data?start_date={SINCE}"
    theirs = said.to(path.replace(":", "%3A"))
    days = [f"2026-10-{day:02}" for day in range(1, 32)]
    days += [f"2026-11-{day:02}" for day in range(1, 31)]
    starts = [f"{day}T00:00:00Z" for day in days]

    runs: Counter[str | None] = Counter()
    instances: Counter[str | None] = Counter()
    # a week at a time is allowed; both ends are in it, so one ends just before
    for at in range(0, len(starts), 7):
        week = days[at : at + 7]
        found = (
            await ask(
                """query ($since: DateTime!, $until: DateTime!) {
                     fleet(since: $since, until: $until) {
                       runStateCounts { state count }
                       taskInstanceStateCounts { state count } } }""",
                since=f"{week[0]}T00:00:00Z",
                until=f"{week[-1]}T23:59:59.999999Z",
            )
        )["fleet"]
        runs.update(counted(found["runStateCounts"]))
        instances.update(counted(found["taskInstanceStateCounts"]))

    assert runs == {
        word(state): n for state, n in theirs["dag_run_states"].items() if n
    }
    assert instances == {
        None if state == "no_status" else word(state): n
        for state, n in theirs["task_instance_states"].items()
        if n
    }


async def test_dags_are_counted_as_airflows_dashboard_does(
    ask: Asking, said: Said
) -> None:
    theirs = said.to("/ui/dashboard/dag_stats")

    found = (
        await ask(
            """{ fleet { dagCount activeCount pausedCount staleCount importErrorCount
                 failing(first: 1000) { totalCount nodes { dagId } }
                 longestRunning(first: 1000) { dagId startDate } } }"""
        )
    )["fleet"]

    dags = said.dags()
    assert found["dagCount"] == len(dags)
    assert found["activeCount"] == theirs["active_dag_count"]
    assert found["staleCount"] == sum(dag["is_stale"] for dag in dags)
    assert found["pausedCount"] == sum(
        dag["is_paused"] and not dag["is_stale"] for dag in dags
    )
    assert found["importErrorCount"] == 2
    stale = {dag["dag_id"] for dag in dags if dag["is_stale"]}
    running = {one["dagId"] for one in found["longestRunning"]} - stale
    assert len(running) == theirs["running_dag_count"]
    # Airflow's newest run is that of the latest logical date; ours, of the latest
    # runAfter, which runs without a logical date have, too
    newest: dict[str, Item] = {}
    for (dag_id, _), run in said.runs().items():
        known = newest.get(dag_id)
        if known is None or run["run_after"] > known["run_after"]:
            newest[dag_id] = run
    assert [one["dagId"] for one in found["failing"]["nodes"]] == sorted(
        dag_id for dag_id, run in newest.items() if run["state"] == "failed"
    )
    assert found["failing"]["totalCount"] == len(found["failing"]["nodes"]) > 0


async def test_parts_were_last_heard_of_when_airflow_says(
    ask: Asking, said: Said
) -> None:
    theirs = said.to("/api/v2/monitor/health")

    found = (
        await ask("{ airflow { components { name isHealthy latestHeartbeat } } }")
    )["airflow"]["components"]

    beats = {
        name: (of.get(f"latest_{name}_heartbeat") or "").replace("+00:00", "Z") or None
        for name, of in theirs.items()
    }
    assert found == [
        {
            "name": name,
            # Airflow was asked a moment after it wrote this, we days later
            "isHealthy": name == "metadatabase",
            "latestHeartbeat": beats[name],
        }
        for name in ("metadatabase", "scheduler", "triggerer", "dag_processor")
    ]
