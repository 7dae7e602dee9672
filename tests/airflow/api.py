"""A small client of Airflow 3's API server, and what it is asked for a fixture."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

Json = object
PAGE = 100
SINCE = "2026-10-01T00:00:00Z"
ROOTS = {
    "fx_groups": ("outer.first", "outer.inner_b.before", "bare_one"),
    "fx_group_edges": ("left.l1", "task_1"),
    "fx_setup_teardown": ("work", "more"),
    "fx_setup_groups": ("inside.use", "second.a"),
    "fx_diamond": ("left", "bottom"),
}
RETRIED = {
    "fx_retry": (("flaky", -1), ("flaky_mapped", 1)),
    "fx_retry_waiting": (("waits", -1),),
    "fx_fails": (("fails", -1),),
    "fx_chain": (("step_3", -1),),
    "fx_deferred": (("short", -1),),
}


class Refused(Exception):  # noqa: N818
    """The API server answered with an error; the message holds its body."""


class Api:
    """Requests to one API server on this machine, as its administrator."""

    def __init__(self, port: int) -> None:
        """Keep the port."""
        self.base = f"http://127.0.0.1:{port}"
        self.token = ""

    def wait(self, seconds: float = 400) -> None:
        """Wait until the server gives a token.

        Raises:
            TimeoutError: It did not in that time.

        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for method, body in (("GET", None), ("POST", {})):
                try:
                    answer = self.call(method, "/auth/token", body)
                except (OSError, Refused):
                    continue
                if isinstance(answer, dict):
                    self.token = str(answer["access_token"])
                    return
            time.sleep(1)
        raise TimeoutError(self.base)

    def call(self, method: str, path: str, body: Json = None) -> Json:
        """Return the decoded answer; a list of lines if it is NDJSON.

        Raises:
            Refused: The status is 400 or more.

        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)  # noqa: S310
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=300) as response:  # noqa: S310
                text = response.read().decode()
                if "ndjson" in response.headers.get("Content-Type", ""):
                    return [json.loads(line) for line in text.splitlines() if line]
        except urllib.error.HTTPError as error:
            message = f"{method} {path}: {error.code} {error.read().decode()[:2000]}"
            raise Refused(message) from error
        return json.loads(text) if text else None

    def attempt(self, method: str, path: str, body: Json = None) -> Json:
        """Return the answer, or print why there is none: not every version has all."""
        try:
            return self.call(method, path, body)
        except Refused as error:
            print("  refused:", str(error)[:300], flush=True)
            return None


class Capture:
    """The answers so far, each under its method and path."""

    def __init__(self, api: Api) -> None:
        """Start with none."""
        self.api = api
        self.answers: dict[str, Json] = {}

    def get(self, path: str, **query: object) -> Json:
        """Ask, keep the answer (an error as {"error": ...}) and return it."""
        asked = path + (
            "?" + urllib.parse.urlencode(query, doseq=True) if query else ""
        )
        try:
            answer = self.api.call("GET", asked)
        except Refused as error:
            answer = {"error": str(error)}
        self.answers[f"GET {asked}"] = answer
        return answer

    def pages(self, path: str, key: str, **query: object) -> Iterator[dict[str, Json]]:
        """Ask for every page and yield the items under the key."""
        offset = 0
        while True:
            answer = self.get(path, limit=PAGE, offset=offset, **query)
            items = answer.get(key, []) if isinstance(answer, dict) else []
            yield from items
            offset += PAGE
            if len(items) < PAGE:
                return


def quoted(text: object) -> str:
    """Return the text as one segment of a path."""
    return urllib.parse.quote(str(text), safe="")


def capture(api: Api) -> dict[str, Json]:
    """Return what the server says about everything in its database."""
    ask = Capture(api)
    dags = [
        str(dag["dag_id"])
        for dag in ask.pages("/api/v2/dags", "dags", exclude_stale="false")
    ]
    for path in (
        "/api/v2/assets",
        "/api/v2/assets/aliases",
        "/api/v2/assets/events",
        "/api/v2/eventLogs",
        "/api/v2/importErrors",
        "/api/v2/pools",
        "/api/v2/dagWarnings",
        "/api/v2/dagTags",
        "/api/v2/jobs",
        "/ui/backfills",
        "/ui/dags",
    ):
        ask.get(path, limit=PAGE)
    for path in (
        "/api/v2/monitor/health",
        "/api/v2/version",
        "/ui/dashboard/dag_stats",
        "/ui/dependencies",
    ):
        ask.get(path)
    ask.get("/ui/dashboard/historical_metrics_data", start_date=SINCE)
    for dag in dags:
        one_dag(ask, dag)
    return ask.answers


def one_dag(ask: Capture, dag: str) -> None:
    """Ask for a dag: its details, structures, versions and runs."""
    path = f"/api/v2/dags/{dag}"
    ask.get(path)
    ask.get(f"{path}/details")
    ask.get(f"{path}/tasks")
    ask.get(f"/api/v2/dagSources/{dag}")
    ask.get("/api/v2/backfills", dag_id=dag)
    ask.get(f"/ui/grid/structure/{dag}", limit=25)
    ask.get(f"/ui/grid/runs/{dag}", limit=25)
    ask.get(f"/ui/calendar/{dag}", logical_date_gte=SINCE)
    ask.get(f"/ui/next_run_assets/{dag}")
    ask.get(f"/ui/dags/{dag}/latest_run")
    structure = "/ui/structure/structure_data"
    ask.get(structure, dag_id=dag)
    ask.get(structure, dag_id=dag, external_dependencies="true")
    for root in ROOTS.get(dag, ()):
        for sides in ({"include_upstream": "true"}, {"include_downstream": "true"}):
            ask.get(structure, dag_id=dag, root=root, **sides)
            ask.get(structure, dag_id=dag, root=root, depth=1, **sides)
            ask.get(f"/ui/grid/structure/{dag}", limit=25, root=root, **sides)
        ask.get(
            structure,
            dag_id=dag,
            root=root,
            include_upstream="true",
            include_downstream="true",
        )
    versions = list(ask.pages(f"{path}/dagVersions", "dag_versions"))
    for version in versions if len(versions) > 1 else ():
        number = version["version_number"]
        ask.get(structure, dag_id=dag, version_number=number)
        ask.get(f"{path}/dagVersions/{number}")
        ask.get(f"/api/v2/dagSources/{dag}", version_number=number)
    runs = [str(run["dag_run_id"]) for run in ask.pages(f"{path}/dagRuns", "dag_runs")]
    if runs:
        ask.get(f"/ui/grid/ti_summaries/{dag}", run_ids=runs[:25])
    for run in runs:
        one_run(ask, dag, run)


def one_run(ask: Capture, dag: str, run: str) -> None:
    """Ask for a run: its instances, their tries and values."""
    path = f"/api/v2/dags/{dag}/dagRuns/{quoted(run)}"
    ask.get(path)
    ask.get(f"/ui/gantt/{dag}/{quoted(run)}")
    ask.get(f"{path}/upstreamAssetEvents")
    ask.get(f"{path}/hitlDetails")
    instances = list(ask.pages(f"{path}/taskInstances", "task_instances"))
    mapped = {str(one["task_id"]) for one in instances if one["map_index"] != -1}
    for task in sorted(mapped):
        for _ in ask.pages(
            f"{path}/taskInstances/{quoted(task)}/listMapped", "task_instances"
        ):
            pass
    known = {(one["task_id"], one["map_index"]) for one in instances}
    for task, index in RETRIED.get(dag, ()):
        if (task, index) in known:
            middle = "" if index == -1 else f"/{index}"
            ask.get(f"{path}/taskInstances/{task}{middle}/tries")
    if dag in {"fx_xcom", "fx_mapped", "fx_params"}:
        values(ask, path, instances)


def values(ask: Capture, path: str, instances: list[dict[str, Json]]) -> None:
    """Ask for every value that the instances of a run pushed."""
    for task in sorted({str(one["task_id"]) for one in instances}):
        entries = f"{path}/taskInstances/{quoted(task)}/xcomEntries"
        for entry in list(ask.pages(entries, "xcom_entries", map_index=-1)):
            ask.get(f"{entries}/{quoted(entry['key'])}")
    for one in instances:
        if one["map_index"] != -1:
            entries = f"{path}/taskInstances/{quoted(one['task_id'])}/xcomEntries"
            index = one["map_index"]
            for entry in list(ask.pages(entries, "xcom_entries", map_index=index)):
                ask.get(f"{entries}/{quoted(entry['key'])}", map_index=index)
