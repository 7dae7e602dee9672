"""What was measured, as Markdown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.measure import Answer, Taken
from benchmarks.pages import Page

MANY = 32
_TITLES = {
    "limit": "hand-written",
    "naive": "naive strawberry",
    "postgraphile": "PostGraphile",
    "airflow": "Airflow's API",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a page took, by number of clients and by server."""

    page: Page
    answers: Mapping[str, Answer]
    taken: Mapping[int, Mapping[str, Taken]]


def titled(columns: str) -> str:
    """A table's head."""
    number = columns.count("|") - 1
    return f"{columns}\n|{' --- |' * number}"


MEASURED = titled(
    "| page | clients | server | median ms | p95 ms | pages/s | server CPU ms "
    "| database CPU ms | peak MiB | bytes | statements | answer | x limit | x dagway |"
)
TARGETS = titled("| page | clients | against | target | measured | | by CPU alone |")
LINEAR = titled("| page | bytes | ms | ms for each MiB | x limit | peak MiB |")
NOISE = titled(
    "| page | server | rows elsewhere | ms | p95 ms | server CPU ms | database CPU ms "
    "| peak MiB |"
)
SQLITE = titled("| page | ms | p95 ms | server CPU ms | peak MiB | x PostgreSQL |")
_MIB = 1 << 20


def measured(found: Found) -> Iterable[str]:
    """A line for each server and number of clients."""
    for number, by_server in found.taken.items():
        for name, taken in by_server.items():
            answer = found.answers[name]
            cells = [
                *(found.page.title, str(number), name),
                *(f"{taken.median_ms:,.2f}", f"{taken.p95_ms:,.2f}"),
                f"{taken.pages_a_s:,.1f}",
                f"{taken.each_ms(taken.cpu_s):,.2f}",
                f"{taken.each_ms(taken.database_s):,.2f}",
                *(f"{taken.peak_mib:,.0f}", f"{answer.size:,}"),
                *(f"{answer.statements}", answer.same),
                *(_times(taken, by_server.get(other)) for other in ("limit", "dagway")),
            ]
            yield _line(cells)


def targets(found: Found) -> Iterable[str]:
    """A line for each target that a page has."""
    for at, (number, by_server) in enumerate(found.taken.items()):
        for name, most in found.page.targets.items():
            limit = most[at]
            if limit is None or name not in by_server:
                continue
            ratio = _seconds(by_server["dagway"]) / _seconds(by_server[name])
            held = "held" if ratio <= limit else f"missed by x{ratio / limit:.2f}"
            told = (_said(name, limit), _said(name, ratio))
            by_cpu = _said(name, by_server["dagway"].work_ms / by_server[name].work_ms)
            yield _line(
                [found.page.title, str(number), _TITLES[name], *told, held, by_cpu]
            )


def linear(found: Found) -> str:
    """A line of how long dagway takes for what it answers."""
    taken, size = found.taken[1]["dagway"], found.answers["dagway"].size
    limit = _times(taken, found.taken[1].get("limit"))
    cells = [f"{size:,}", f"{taken.median_ms:,.1f}"]
    cells += [f"{taken.median_ms / size * _MIB:,.1f}", limit, f"{taken.peak_mib:,.0f}"]
    return _line([found.page.title, *cells])


def noise(found: Found) -> Iterable[str]:
    """Lines of a page on each of two databases."""
    for name, taken in sorted(found.taken[1].items()):
        server, _, alone = name.partition(" ")
        rows = "few" if alone else "many"
        cells = [f"{taken.median_ms:,.2f}", f"{taken.p95_ms:,.2f}"]
        cells += [f"{taken.each_ms(taken.cpu_s):,.2f}"]
        cells += [f"{taken.each_ms(taken.database_s):,.2f}", f"{taken.peak_mib:,.0f}"]
        yield _line([found.page.title, server, rows, *cells])


def sqlite(found: Found, postgres: Found) -> str:
    """A line of dagway on SQLite."""
    taken = found.taken[1]["dagway"]
    cells = [f"{taken.median_ms:,.2f}", f"{taken.p95_ms:,.2f}"]
    cells += [f"{taken.each_ms(taken.cpu_s):,.2f}", f"{taken.peak_mib:,.0f}"]
    return _line([found.page.title, *cells, _times(taken, postgres.taken[1]["dagway"])])


def _seconds(taken: Taken) -> float:
    """What is compared: the median of one client's pages; else how long one takes."""
    if taken.clients == 1:
        return taken.median_ms / 1_000
    return 1 / taken.pages_a_s


def _said(name: str, ratio: float) -> str:
    return f"{ratio:.2f}x" if name == "limit" else f"{1 / ratio:.2f}x faster"


def _times(taken: Taken, other: Taken | None) -> str:
    return "" if other is None else f"x{_seconds(taken) / _seconds(other):.2f}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
