"""What Airflow's own API server said of a database, in our words for it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.support.databases import api_answers

Item = dict[str, Any]


class Said:
    """The answers about one fixture, by what was asked."""

    def __init__(self, name: str) -> None:
        self._answers = api_answers(name)

    def to(self, path: str) -> Any:
        """The answer to one GET of a path with its query."""
        return self._answers[f"GET {path}"]

    def items(self, path: str, key: str) -> list[Item]:
        """A list's items, all of its pages."""
        return list(self._pages(path, key))

    def dag_ids(self) -> list[str]:
        """Every DAG's id, as the list of DAGs has them."""
        return [dag["dag_id"] for dag in self.dags()]

    def dags(self) -> list[Item]:
        """Every DAG, without what only its details say."""
        return self.items("/api/v2/dags", "dags")

    def runs(self) -> dict[tuple[str, str], Item]:
        """Every run, by its DAG and id."""
        return {
            (dag_id, run["dag_run_id"]): run
            for dag_id in self.dag_ids()
            for run in self.items(f"/api/v2/dags/{dag_id}/dagRuns", "dag_runs")
        }

    def instances(self, dag_id: str, run_id: str) -> list[Item]:
        """Every task instance of a run."""
        return self.items(f"{of_run(dag_id, run_id)}/taskInstances", "task_instances")

    def asked(self, start: str, end: str = "") -> dict[str, Any]:
        """Answers whose path begins and ends so, by path."""
        return {
            path: answer
            for asked, answer in self._answers.items()
            if (path := asked.removeprefix("GET ")).startswith(start)
            and path.partition("?")[0].endswith(end)
        }

    def _pages(self, path: str, key: str) -> Iterator[Item]:
        for asked, answer in self._answers.items():
            bare, _, query = asked.removeprefix("GET ").partition("?")
            if bare == path and "offset=" in query:
                yield from answer[key]


def of_run(dag_id: str, run_id: str) -> str:
    """The path of a run."""
    return f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"


def word(text: str | None) -> str | None:
    """A word of Airflow's as our enums have it."""
    return text if text is None else text.upper()
