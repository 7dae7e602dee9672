"""The executable schema, its SDL, and the check of its declarations."""

from collections.abc import Iterator

import strawberry
from graphql import GraphQLField, GraphQLObjectType, is_interface_type
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from loaders.relation import (
    DECLARATION,
    Choice,
    Choices,
    Declaration,
    Embedded,
    Part,
    Read,
    Relation,
    Shape,
    Via,
)
from resolvers.scalars import SCALARS
from schema.dag import Dag
from schema.dag_run import DagRun
from schema.dag_version import DagVersion
from schema.query import Query
from schema.task import Task, TaskGroup
from schema.task_instance import TaskInstance

NODE_TYPES = (Dag, DagVersion, DagRun, TaskInstance, Task, TaskGroup)


def build_schema(
    executor: type | None = None, extensions: tuple[type[SchemaExtension], ...] = ()
) -> strawberry.Schema:
    """The schema, executed by `executor` (graphql-core's own class by default)."""
    return strawberry.Schema(
        Query,
        types=NODE_TYPES,
        extensions=extensions,
        execution_context_class=executor,
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def print_sdl() -> str:
    """The schema in SDL, as `schema.graphql` holds it."""
    return build_schema().as_str() + "\n"
