"""Parameters of DAGs and tasks, as Airflow serializes them."""

from typing import Any

from metadb.serialized import bare, unwrap

Param = tuple[str, Any, str | None, Any]  # Any: JSON
"""A parameter's name, default, description and schema."""


def params(*stored: object) -> tuple[Param, ...]:
    """Parameters as serialized, later ones over earlier ones of the same name."""
    found: dict[str, Param] = {}
    for some in stored:
        for name, body in _pairs(bare(some)):
            found[name] = _param(name, body)
    return tuple(found.values())


def _pairs(stored: object) -> list[tuple[str, object]]:
    """Airflow writes a list of pairs; before 2.7 and in partial_kwargs, an object."""
    if isinstance(stored, dict):
        return list(stored.items())
    if not isinstance(stored, list):
        return []
    return [
        (pair[0], pair[1])
        for pair in stored
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)  # noqa: PLR2004  # a pair
    ]


def _param(name: str, body: object) -> Param:
    body = bare(body)
    if not isinstance(body, dict) or not ("__class" in body or "default" in body):
        return name, unwrap(body), None, {}
    description = unwrap(body.get("description"))
    return (
        name,
        unwrap(body.get("default")),
        description if isinstance(description, str) else None,
        unwrap(body.get("schema")),
    )
