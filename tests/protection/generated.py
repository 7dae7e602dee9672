"""Requests that hypothesis writes: documents over the schema, and any variables."""

import json
from functools import cache
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
)
from hypothesis import strategies as st
from hypothesis_graphql import Mode, nodes, queries

from schema.build import build_schema, print_sdl

_SCHEMA: Any = build_schema()._schema  # strawberry's only way to graphql-core's
_MOST_TEXT = 40
_INSTANTS = st.one_of(
    st.datetimes().map(lambda found: f"{found.isoformat()}Z"),
    st.sampled_from(
        (
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59.999999-14:00",
            "2026-11-01T00:00:60Z",
            "2026-11-01",
        )
    ),
)
_TEXTS = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=_MOST_TEXT),
    st.sampled_from(
        (
            *("", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "%", "_", "\\"),
            *("fx_orders", "Dag/fx_orders", "Dag/", "DagRun/a/b/c/d", "/", "Task/%/%"),
        )
    ),
)
_WHOLE = st.one_of(
    st.integers(1, 10),
    st.integers(-3, 10),
    st.integers(-(2**70), 2**70),
    st.sampled_from((2**31 - 1, 2**31, -(2**31) - 1, 2**63, 2**64, 10**400)),
)
_NUMBERS = st.one_of(_WHOLE, st.floats(allow_nan=True, allow_infinity=True))
_ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXTS, _INSTANTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)
    ),
    max_leaves=6,
)
_LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "Int": _WHOLE,
    "Float": _NUMBERS,
    "Boolean": st.booleans(),
    "String": _TEXTS,
    "ID": st.one_of(_TEXTS, _WHOLE),
    "DateTime": st.one_of(_INSTANTS, _TEXTS),
}
_WHERE = {
    "Query": "@",
    "Dag": "dags(first: 3) { nodes { @ } }",
    "DagVersion": "dags(first: 3) { nodes { version { @ } } }",
    "DagRun": "dagRuns(first: 2) { nodes { @ } }",
    "Task": "dags(first: 2) { nodes { tasks { @ } } }",
    "TaskInstance": (
        "dagRuns(first: 1) { nodes { taskInstances(first: 1) { nodes { @ } } } }"
    ),
    "Schedule": "dags(first: 3) { nodes { schedule { @ } } }",
    "Asset": "assets(first: 2) { nodes { @ } }",
    "Fleet": "fleet { @ }",
}
"""Where objects of a type are; @ stands for one of its fields."""


@cache
def requests() -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of requests, before they are JSON."""
    scalars = {
        "DateTime": _INSTANTS.map(nodes.String),
        "JSON": st.booleans().map(nodes.Boolean),
    }
    written = (
        queries(print_sdl(), custom_scalars=scalars, mode=mode, allow_null=allow_null)
        for mode, allow_null in (
            (Mode.POSITIVE, True),
            (Mode.POSITIVE, False),
            (Mode.NEGATIVE, True),
        )
    )
    fields = [
        (type_name, name)
        for type_name in _WHERE
        for name, found in _SCHEMA.type_map[type_name].fields.items()
        if found.args
    ]
    ours = st.sampled_from(fields).flatmap(lambda field: _with_variables(*field))
    return st.one_of(*(one.map(lambda text: {"query": text}) for one in written), ours)


def body(request: dict[str, Any]) -> bytes:
    """JSON as lenient writers have it: NaN, and halves of surrogate pairs, escaped."""
    return json.dumps(request).encode()


def _with_variables(type_name: str, name: str) -> st.SearchStrategy[dict[str, Any]]:
    """A field with a variable for each of its arguments."""
    found = _SCHEMA.type_map[type_name].fields[name]
    declared = ", ".join(f"${one}: {about.type}" for one, about in found.args.items())
    given = ", ".join(f"{one}: ${one}" for one in found.args)
    inside = "" if is_leaf_type(get_named_type(found.type)) else _selection(found.type)
    text = f"query ({declared}) {{ {_WHERE[type_name]} }}".replace(
        "@", f"{name}({given}) {inside}"
    )
    variables = st.fixed_dictionaries(
        {}, optional={one: _of(about.type, 3) for one, about in found.args.items()}
    )
    return variables.map(lambda values: {"query": text, "variables": values})


def _selection(type_: Any) -> str:
    """Leaves of a type; of a page's items, and where it stands."""
    fields = getattr(get_named_type(type_), "fields", {})
    if "pageInfo" in fields:
        inner = _selection(fields["nodes"].type)
        return f"{{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {inner} }}"
    leaves = [
        name
        for name, found in fields.items()
        if is_leaf_type(get_named_type(found.type)) and not found.args
    ]
    return "{ __typename " + " ".join(leaves) + " }"


def _of(type_: Any, depth: int) -> st.SearchStrategy[Any]:
    """Values of an input type, more or less."""
    if isinstance(type_, GraphQLNonNull):
        return _of(type_.of_type, depth)
    if isinstance(type_, GraphQLList):
        right: st.SearchStrategy[Any] = st.lists(_of(type_.of_type, depth), max_size=3)
    elif isinstance(type_, GraphQLEnumType):
        right = st.sampled_from(sorted(type_.values))
    elif isinstance(type_, GraphQLInputObjectType):
        if depth == 0:
            return st.just({})
        members = {
            name: _of(about.type, depth - 1) for name, about in type_.fields.items()
        }
        right = st.fixed_dictionaries({}, optional=members)
    else:
        right = _LEAVES[type_.name]
    return st.integers(0, 19).flatmap(lambda at: _ANYTHING if at == 0 else right)
