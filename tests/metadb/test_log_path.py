"""Paths of logs come from Airflow's templates, and never lead outside."""

from datetime import UTC, datetime

import pytest

from metadb.log_path import Attempt, NoPath, log_path

ATTEMPT = Attempt("etl", "run:1", "load", -1, 2, datetime(2026, 1, 2, tzinfo=UTC))
MAPPED = Attempt("etl", "run:1", "load", 3, 1, None)
FIRST = "{{ ti.dag_id }}/{{ ti.task_id }}/{{ ts }}/{{ try_number }}.log"
NEWEST = (
    "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/"
    "{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}"
    "attempt={{ try_number|default(ti.try_number) }}.log"
)


@pytest.mark.parametrize(
    ("template", "attempt", "path"),
    [
        (None, ATTEMPT, "dag_id=etl/run_id=run:1/task_id=load/attempt=2.log"),
        (
            NEWEST,
            MAPPED,
            "dag_id=etl/run_id=run:1/task_id=load/map_index=3/attempt=1.log",
        ),
        (FIRST, ATTEMPT, "etl/load/2026-01-02T00:00:00+00:00/2.log"),
        ("{dag_id}/{task_id}/{try_number}.log", ATTEMPT, "etl/load/2.log"),
        ("{{ run_id }}/{{ map_index }}", MAPPED, "run:1/3"),
    ],
)
def test_a_template_of_airflow_gives_the_path(
    template: str | None, attempt: Attempt, path: str
) -> None:
    assert log_path(template, attempt) == path


@pytest.mark.parametrize(
    "template",
    [
        "{{ ti.",
        "{{ ti.start_date }}/x.log",
        "{{ macros.ds_add(ds, 1) }}",
        "{{ ti.__class__.__init__.__globals__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ 1 / 'a' }}",
        "{missing}",
        "{dag_id",
        "{0}",
        "{dag_id.missing}",
    ],
)
def test_a_template_that_cannot_be_filled_in_says_so(template: str) -> None:
    with pytest.raises(NoPath, match="cannot be made of the template"):
        log_path(template, ATTEMPT)


@pytest.mark.parametrize("field", ["dag_id", "run_id", "task_id"])
@pytest.mark.parametrize(
    "hostile", ["..", "../..", "a/../b", "/etc", "a//b", ".", "a/./b", "/"]
)
def test_a_hostile_id_leads_nowhere(field: str, hostile: str) -> None:
    ids = {"dag_id": "d", "run_id": "r", "task_id": "t", field: hostile}
    attempt = Attempt(**ids, map_index=-1, try_number=1, logical_date=None)

    with pytest.raises(NoPath, match="outside the log location"):
        log_path("{{ dag_id }}/{{ run_id }}/{{ task_id }}", attempt)


def test_an_id_is_never_a_template() -> None:
    attempt = Attempt("{{ 7 * 7 }}", "{run_id}", "t", -1, 1, None)

    assert log_path("{{ dag_id }}", attempt) == "{{ 7 * 7 }}"
    assert log_path("{run_id}", attempt) == "{run_id}"
