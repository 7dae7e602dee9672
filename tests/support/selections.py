"""Selections that ask for all there is."""

from typing import Any

from graphql import get_named_type, is_leaf_type, is_required_argument

from schema.build import build_schema

_SCHEMA: Any = build_schema()._schema  # strawberry's only way to graphql-core's


ONE_AT_A_TIME = frozenset({"upstreamDependencies", "downstreamDependencies", "log"})
"""Fields that are refused where there are several parents."""


def everything(
    type_name: str, depth: int, without: frozenset[str] = ONE_AT_A_TIME
) -> str:
    """Every leaf of a type, and of what it leads to in so many steps.

    Fields that need an argument are left out, and those named in `without`.
    """
    inside = [
        found
        for name, field in _SCHEMA.type_map[type_name].fields.items()
        if name not in without
        and (found := _selected(name, field, depth, without)) is not None
    ]
    return "{ __typename " + " ".join(inside) + " }"


def _selected(name: str, field: Any, depth: int, without: frozenset[str]) -> str | None:
    if any(map(is_required_argument, field.args.values())):
        return None
    type_ = get_named_type(field.type)
    if is_leaf_type(type_):
        return name
    if "pageInfo" in type_.fields:
        if depth == 0:
            return f"{name} {{ pageInfo {{ startCursor endCursor }} totalCount }}"
        node = type_.fields["nodes"].type
        rows = everything(get_named_type(node).name, depth - 1, without)
        return f"{name}(first: 20) {{ nodes {rows} totalCount }}"
    if depth == 0:
        return f"{name} {{ __typename }}"
    return f"{name} {everything(type_.name, depth - 1, without)}"
