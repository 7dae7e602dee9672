"""Values made of several columns; a missing one gives a missing value."""

from collections.abc import Iterable
from inspect import cleandoc
from typing import Any
from urllib.parse import quote

import msgspec


def owners(text: str | None) -> list[str]:
    """Owners, from the text that lists them."""
    return [owner for part in (text or "").split(",") if (owner := part.strip())]


def documentation(text: str | None) -> str | None:
    """A DAG's documentation as Airflow shows it: without the source's indentation."""
    return None if text is None else cleandoc(text)


def texts(json: str | None) -> list[str]:
    """Texts, from a JSON list."""
    if json is None:
        return []
    try:
        return _all_texts(json)
    except (msgspec.MsgspecError, RecursionError):  # it has others, or is no list
        found = decoded(json)
        return [str(value) for value in found] if isinstance(found, list) else []


_all_texts = msgspec.json.Decoder(list[str]).decode


def member_of(json: str | None, key: str) -> str | None:
    """A text in a JSON object; None where there is none."""
    found = decoded(json)
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, str) else None


def decoded(json: str | None) -> Any:
    """A JSON text's value; None where it is none."""
    if json is None:
        return None
    try:
        return msgspec.json.decode(json)
    except (msgspec.MsgspecError, RecursionError):
        return None


def listed(values: Iterable[str] | None) -> list[str]:
    """A list, empty where there is none."""
    return list(values or ())


def _page(site: str | None, modern: str, classic: str) -> str | None:
    """An address in Airflow, by its major version, which `site` begins with."""
    if site is None:
        return None
    major, _, base = site.partition(" ")
    return base + (modern if int(major) > _CLASSIC else classic)


_CLASSIC = 2


def dag_url(site: str | None, dag_id: str) -> str | None:
    """A DAG's page."""
    dag = quote(dag_id, safe="")
    return _page(site, f"/dags/{dag}", f"/dags/{dag}/grid")


def run_url(site: str | None, dag_id: str, run_id: str) -> str | None:
    """A run's page."""
    dag, run = quote(dag_id, safe=""), quote(run_id, safe="")
    return _page(site, f"/dags/{dag}/runs/{run}", f"/dags/{dag}/grid?dag_run_id={run}")


def instance_url(
    site: str | None, dag_id: str, run_id: str, task_id: str, map_index: int
) -> str | None:
    """A task instance's page."""
    dag, run, task = (quote(part, safe="") for part in (dag_id, run_id, task_id))
    mapped = map_index >= 0
    modern = f"/dags/{dag}/runs/{run}/tasks/{task}"
    classic = f"/dags/{dag}/grid?dag_run_id={run}&task_id={task}"
    return _page(
        site,
        f"{modern}/mapped/{map_index}" if mapped else modern,
        f"{classic}&map_index={map_index}" if mapped else classic,
    )
