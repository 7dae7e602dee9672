"""The executable schema, its SDL, and the check of its declarations."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import strawberry
from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    get_nullable_type,
    is_leaf_type,
    specified_directives,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext
from typing_extensions import override

from loaders.relation import (
    DECLARATION,
    Choice,
    Choices,
    Declaration,
    Embedded,
    Read,
    Relation,
    Shape,
    Via,
)
from resolvers.scalars import SCALARS
from schema.asset import Asset, AssetEvent
from schema.backfill import Backfill
from schema.dag import Dag
from schema.dag_run import DagRun
from schema.dag_version import DagVersion
from schema.deployment import Pool
from schema.directives import DEFER
from schema.enums import tell_members
from schema.event_log import EventLog
from schema.parsing import ImportProblem
from schema.query import Query
from schema.task import Task, TaskGroup
from schema.task_instance import TaskInstance
from schema.task_try import TaskInstanceTry
from schema.xcom import XCom

NODE_TYPES = (
    Dag,
    DagVersion,
    DagRun,
    TaskInstance,
    TaskInstanceTry,
    Task,
    TaskGroup,
    Asset,
    AssetEvent,
    Backfill,
    EventLog,
    ImportProblem,
    Pool,
    XCom,
)


class GatewaySchema(strawberry.Schema):
    """strawberry's schema; the roof logs errors, so that a client's do not flood."""

    @override
    def process_errors(
        self,
        errors: list[GraphQLError],
        execution_context: ExecutionContext | None = None,
    ) -> None:
        return


def build_schema(
    executor: type | None = None,
    extensions: Sequence[Callable[[], SchemaExtension]] = (),
) -> strawberry.Schema:
    """The schema, executed by `executor` (graphql-core's own class by default)."""
    schema = GatewaySchema(
        Query,
        types=NODE_TYPES,
        execution_context_class=executor,
        extensions=[*extensions],
        config=StrawberryConfig(
            scalar_map=SCALARS,  # type: ignore[arg-type]  # a dict is invariant in its keys
            enable_experimental_incremental_execution=True,  # or none may have @defer
        ),
    )
    tell_members(schema)
    core = schema._schema  # noqa: SLF001  # strawberry's only way there
    core.directives = (*specified_directives, DEFER)
    return schema


def print_sdl() -> str:
    """The schema in SDL, as `schema.graphql` holds it."""
    return build_schema().as_str() + "\n"


def misdeclared(schema: strawberry.Schema) -> Iterator[str]:
    """What type checkers cannot see is wrong with the fields' declarations.

    A relation must have all columns that the fields of its rows' type read, and its
    shape must be that of the field's type.
    """
    types = schema.schema_converter.type_map
    graphql_types: Mapping[str, Any] = schema._schema.type_map  # noqa: SLF001  # strawberry's only way there
    for name in types:
        type_ = graphql_types.get(name)
        if isinstance(type_, GraphQLObjectType):
            for field_name, field in type_.fields.items():
                yield from _misdeclared(f"{name}.{field_name}", field, graphql_types)


def _misdeclared(
    where: str, field: GraphQLField, types: Mapping[str, Any]
) -> Iterator[str]:
    declared = _declared(field)
    match declared:
        case Relation():
            yield from _mismatched(where, field, declared)
        case Via(relation, read):
            if relation.shape is not Shape.ONE:
                yield f"{where}: a leaf reads one row, not a {relation.shape.value}"
            yield from _lacking(where, relation, read.columns)
        case Choice(relations=relations) | Choices(relations=relations):
            for type_name, relation in relations.items():
                yield from _lacking(where, relation, _read_by(types[type_name]))
        case Read():
            if not is_leaf_type(_named(field.type)):
                yield f"{where}: reads a column, but its type has fields"
        case None:
            yield f"{where}: is not declared"


def _mismatched(where: str, field: GraphQLField, relation: Relation) -> Iterator[str]:
    nullable = get_nullable_type(field.type)
    rows = _named(field.type)
    is_page = "pageInfo" in getattr(rows, "fields", {})
    shape = Shape.PAGE if is_page else Shape.ONE
    if isinstance(nullable, GraphQLList):
        shape = Shape.LIST
    if shape is not relation.shape:
        yield f"{where}: is a {shape.value}, its relation a {relation.shape.value}"
    if is_page:
        rows = _named(rows.fields["nodes"].type)
        if relation.order is None:
            yield f"{where}: a page needs an order"
    yield from _lacking(where, relation, _read_by(rows))


def _lacking(
    where: str, relation: Relation, columns: tuple[str, ...] | set[str]
) -> Iterator[str]:
    lacking = sorted(set(columns) - relation.columns)
    if lacking:
        yield f"{where}: relation {relation.name} lacks {', '.join(lacking)}"


def _read_by(type_: GraphQLObjectType) -> set[str]:
    """The columns that the fields of a type read of its row."""
    found: set[str] = set()
    for field in type_.fields.values():
        match _declared(field):
            case Read(columns=columns):
                found.update(columns)
            case Relation(key=key) | Via(relation=Relation(key=key)):
                found.update(key)
            case Embedded(present):
                found |= _read_by(_named(field.type))
                found |= set() if present is None else {present}
            case _:
                continue
    return found


def _declared(field: GraphQLField) -> Declaration | None:
    definition = field.extensions["strawberry-definition"]
    declared: Declaration | None = (definition.metadata or {}).get(DECLARATION)
    if declared is None and definition.is_basic_field:
        return Read((definition.python_name,))
    return declared


def _named(type_: Any) -> Any:  # GraphQL's types
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    return type_
