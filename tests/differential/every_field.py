"""Documents that select every field of every type, made from the schema itself."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

# the way to a type begins at a list, for there is more of it
SINGLE = ("dag", "dagRun", "taskInstance", "asset")
LONG_AGO, LATER = '"2026-11-01T00:00:00Z"', '"2026-11-03T00:00:00Z"'
ALONE = frozenset({"log", "upstreamDependencies", "downstreamDependencies"})
CHOSEN = ("uri",)  # one of several, of which one must be given
ARGUMENTS = {
    "dagId": '"fx_chain"',
    "runId": '"run_1"',
    "taskId": '"step_1"',
    "versionNumber": "1",
    "after": LONG_AGO,
    "before": LATER,
    "start": LONG_AGO,
    "end": LATER,
    "since": LONG_AGO,
    "until": LATER,
    "uri": '"s3://fx-bucket/orders"',
    "id": '"Dag/fx_chain"',
    "ids": '["Dag/fx_chain", "DagRun/fx_chain/dated"]',
    "filter": f"{{ runAfter: {{ gte: {LONG_AGO} }} }}",
}

Step = tuple[str, GraphQLField]


def documents(schema: GraphQLSchema) -> dict[str, str]:
    """For each object type documents that select all of its fields.

    Fields that lead to other types select those types' plain fields. What is answered
    of one parent only is asked of the first one, in a document of its own.
    """
    query = schema.query_type
    assert query is not None
    made = {query.name: f"{{ {_fields(query, query.fields)} }}"}
    for name, (path, found) in _paths(query).items():
        lonely = ALONE.intersection(found.fields)
        if not ALONE.intersection(step for step, _ in path):
            made[name] = _document(path, found, found.fields.keys() - lonely, 100)
            if not lonely:
                continue
        made[f"one {name}"] = _document(path, found, found.fields, 1)
    return made


def _document(
    path: list[Step], type_: GraphQLObjectType, names: Collection[str], most: int
) -> str:
    selection = _fields(type_, names)
    for step, field in reversed(path):
        arguments = _arguments(field, most if field is path[0][1] else 2)
        selection = f"{step}{arguments} {{ {selection} }}"
    return f"{{ {selection} }}"


def _paths(
    query: GraphQLObjectType,
) -> Mapping[str, tuple[list[Step], GraphQLObjectType]]:
    """The shortest way to each object type, by the types' names."""
    found: dict[str, tuple[list[Step], GraphQLObjectType]] = {}
    waiting = deque([step] for step in query.fields.items() if step[0] not in SINGLE)
    while waiting:
        path = waiting.popleft()
        type_ = get_named_type(path[-1][1].type)
        if not isinstance(type_, GraphQLObjectType) or type_.name in found:
            continue
        found[type_.name] = path, type_
        waiting.extend([*path, step] for step in type_.fields.items())
    return found


def _fields(type_: GraphQLObjectType, names: Collection[str]) -> str:
    """Some of a type's fields, in its order."""
    return " ".join(
        f"{name}{_arguments(field)}{_plain(get_named_type(field.type))}"
        for name, field in type_.fields.items()
        if name in names
    )


def _plain(type_: GraphQLNamedType) -> str:
    """The selection of a type's plain fields; none of a plain type."""
    if not is_composite_type(type_):
        return ""
    names = ["__typename"]
    if isinstance(type_, GraphQLObjectType):
        names += [
            name
            for name, field in type_.fields.items()
            if not is_composite_type(get_named_type(field.type))
            and not any(map(is_required_argument, field.args.values()))
        ]
    return f" {{ {' '.join(names)} }}"


def _arguments(field: GraphQLField, most: int = 3) -> str:
    """The arguments that a field must have, and how much of a list to read."""
    given = ", ".join(_given(field.args, most))
    return f"({given})" if given else ""


def _given(arguments: Mapping[str, GraphQLArgument], most: int) -> Iterator[str]:
    for name, argument in arguments.items():
        if name == "first":
            yield f"first: {most}"
        elif is_required_argument(argument) or name in CHOSEN:
            type_ = get_named_type(argument.type)
            enum = isinstance(type_, GraphQLEnumType)
            value = next(iter(type_.values)) if enum else ARGUMENTS[name]  # type: ignore[attr-defined]  # an enum has them
            yield f"{name}: {value}"
