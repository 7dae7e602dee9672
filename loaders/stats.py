"""How long runs and tasks usually take, over a DAG's newest runs that have ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from loaders.durations import landing, percentile, seconds, waited
from loaders.relation import Rows, Wanted
from loaders.request import Request
from loaders.windows import ENDED, by_dag, instances_in, newest_runs
from metadb.statement import Key

COLUMNS = frozenset(
    {
        "count",
        "mean",
        "min",
        "max",
        "p50",
        "p95",
        "queued_p50",
        "queued_p95",
        "landing_p50",
        "landing_p95",
    }
)
_HALF, _MOST = 0.5, 0.95


@dataclass(slots=True)
class Sample:
    """Seconds of each kind, as they are met."""

    durations: list[float] = field(default_factory=list)
    queued: list[float] = field(default_factory=list)
    landings: list[float] = field(default_factory=list)

    def add(
        self, duration: float | None, queued: float | None, landed: float | None
    ) -> None:
        """One that has ended; what is missing is left out."""
        for value, values in (
            (duration, self.durations),
            (queued, self.queued),
            (landed, self.landings),
        ):
            if value is not None:
                values.append(value)

    def row(self, columns: Sequence[str]) -> Iterable[Any]:
        """The statistics that are asked for."""
        found = self.statistics()
        return (found[name] for name in columns)

    def statistics(self) -> dict[str, float | None]:
        """All of them, by column; of nothing, None."""
        durations, queued = sorted(self.durations), sorted(self.queued)
        landings = sorted(self.landings)
        return {
            "count": len(durations),
            "mean": fmean(durations) if durations else None,
            "min": durations[0] if durations else None,
            "max": durations[-1] if durations else None,
            "p50": percentile(durations, _HALF),
            "p95": percentile(durations, _MOST),
            "queued_p50": percentile(queued, _HALF),
            "queued_p95": percentile(queued, _MOST),
            "landing_p50": percentile(landings, _HALF),
            "landing_p95": percentile(landings, _MOST),
        }


async def of_dags(
    request: Request, keys: Sequence[Key], args: int, wanted: Wanted
) -> Rows:
    """Of each DAG's runs; one statement."""
    columns = ("start_date", "end_date", "queued_at", "run_after", "run_type")
    dag_ids = [dag_id for (dag_id,) in keys]
    found = await newest_runs(request.session, dag_ids, args, columns, ENDED)
    samples = [Sample() for _ in keys]
    for at, start, end, queued_at, run_after, run_type in found:
        samples[at - 1].add(
            seconds(start, end),
            waited(queued_at, start),
            landing(run_after, end, run_type),
        )
    return _rows(samples, wanted)


async def of_tasks(
    request: Request, keys: Sequence[Key], args: int, wanted: Wanted
) -> Rows:
    """Of the instances of each (dag_id, task_id); two statements."""
    tasks = by_dag(keys)
    dag_ids = [*tasks]
    window = await newest_runs(
        request.session, dag_ids, args, ("run_id", "run_after", "run_type"), ENDED
    )
    runs = [(dag_ids[at - 1], run_id) for at, run_id, _, _ in window]
    columns = ("task_id", "duration", "queued_at", "start_date", "end_date")
    found = await instances_in(request.session, runs, tasks, columns, ENDED)
    samples: dict[Key, Sample] = {key: Sample() for key in keys}
    for at, task_id, duration, queued_at, start, end in found:
        sample = samples.get((runs[at - 1][0], task_id))
        if sample is not None:
            _, _, run_after, run_type = window[at - 1]
            sample.add(
                duration, waited(queued_at, start), landing(run_after, end, run_type)
            )
    return _rows([samples[key] for key in keys], wanted)


def _rows(samples: Sequence[Sample], wanted: Wanted) -> Rows:
    rows = [(at, *s.row(wanted.columns)) for at, s in enumerate(samples, 1)]
    return Rows(rows, [1] * len(samples))
