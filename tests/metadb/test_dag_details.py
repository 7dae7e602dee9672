from datetime import UTC, datetime
from typing import Any

import pytest

from metadb.dag_details import DagDetails
from metadb.serialized import Serialized
from tests.support.structures import source

SCHEMA = {"__type": "dict", "__var": {"type": "integer"}}


def details(version: int = 3, **dag: Any) -> DagDetails:
    return DagDetails(source([], version=version, **dag))


def test_what_a_dag_says_of_itself_is_read() -> None:
    found = details(
        description="What it does",
        doc_md="# Docs",
        timezone="Europe/Berlin",
        start_date=1_000_000_000.0,
        end_date=1_000_000_060.0,
        catchup=True,
        dagrun_timeout=90.0,
        default_args={
            "__type": "dict",
            "__var": {"retry_delay": {"__type": "timedelta", "__var": 5.0}},
        },
        params=[["n", {"default": 3, "description": "Many", "schema": SCHEMA}]],
    )

    assert found.description == "What it does"
    assert found.doc_md == "# Docs"
    assert found.timezone == "Europe/Berlin"
    assert found.start_date == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)
    assert found.end_date == datetime(2001, 9, 9, 1, 47, 40, tzinfo=UTC)
    assert found.catchup is True
    assert found.dagrun_timeout == 90.0
    assert found.default_args == {"retry_delay": 5.0}
    assert found.params == (("n", 3, "Many", {"type": "integer"}),)


def test_a_dag_that_says_nothing_has_defaults() -> None:
    found = details()

    assert found.timezone == "UTC"
    assert found.default_args == {}
    assert found.params == ()
    assert (found.description, found.doc_md) == (None, None)
    assert (found.start_date, found.end_date) == (None, None)
    assert found.dagrun_timeout is None


@pytest.mark.parametrize(("version", "catchup"), [(1, True), (2, False), (3, False)])
def test_catchup_is_left_out_where_it_is_the_default(
    version: int, catchup: bool
) -> None:
    assert details(version).catchup is catchup


def test_airflow_2_writes_some_names_with_an_underscore() -> None:
    assert DagDetails(Serialized(1, {"_description": "Old"}, {})).description == "Old"


def test_what_is_not_of_the_right_kind_is_nothing() -> None:
    found = details(
        description=5,
        timezone=[],
        start_date="soon",
        catchup="yes",
        dagrun_timeout=True,
        default_args=[1],
        params="many",
    )

    assert (found.description, found.timezone, found.start_date) == (None, None, None)
    assert found.catchup is False
    assert found.dagrun_timeout is None
    assert found.default_args == {}
    assert found.params == ()
