"""graphql-core's executor, told beforehand what the whole operation asks for.

Before the first statement the operation is planned once: each relation's columns, and
every argument. A client's mistake, however deep, makes its root field null and lets
the others run. What aborts the operation crosses every nullable field.
"""

from collections.abc import Awaitable
from typing import Any, ClassVar

from graphql import GraphQLError, OperationType
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import get_argument_values
from graphql.type import GraphQLField, GraphQLNonNull
from strawberry.schema.schema import (
    StrawberryGraphQLCoreExecutionContext as StockExecutor,
)
from strawberry.types.arguments import convert_arguments
from typing_extensions import override

from execution.plan import Group, Mistake, ObjectPlan, Unplannable, Walk, bare, located
from loaders.relation import Relation, Shape, Wanted


class Executor(StockExecutor):
    """Runs resolvers as graphql-core does, with look-ahead for their relations.

    Attributes:
        every_column: Whether to select all columns instead; the tests' reference.
        mistakes: Which exceptions are a client's: they end their root field.
        aborts: Which exceptions end the operation.
    """

    every_column: ClassVar[bool] = False
    mistakes: ClassVar[tuple[type[Exception], ...]] = ()
    aborts: ClassVar[tuple[type[Exception], ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._abort: GraphQLError | None = None
        self._looked: dict[Any, tuple[Wanted, str]] = {}
        if self.context_value is not None:
            self.context_value.planner = self

    # What resolvers ask

    def wanted(self, relation: Relation, args: Any, info: Any) -> tuple[Wanted, str]:
        """What a field's selection needs of its relation, and its rows' type."""
        raw = info._raw_info  # noqa: SLF001  # strawberry's only way to graphql-core's
        type_ = bare(raw.return_type)
        if relation.shape is Shape.PAGE:
            type_ = bare(type_.fields["nodes"].type)
        if self.every_column:
            everything = tuple(sorted(relation.columns))
            return Wanted(everything, total=relation.shape is Shape.PAGE), type_.name
        name = (relation, args, raw.parent_type.name, *map(id, raw.field_nodes))
        found = self._looked.get(name)
        if found is None:
            group = [FieldDetails(node, None, None) for node in raw.field_nodes]
            plan = self._walk().relation(relation, args, raw.return_type, group)
            found = self._looked[name] = (plan.wanted, type_.name)
        return found

    def wanted_as(self, relation: Relation, type_name: str, info: Any) -> Wanted:
        """What a field's selection needs if its object is of that type."""
        if self.every_column:
            return Wanted(tuple(sorted(relation.columns)))
        raw = info._raw_info  # noqa: SLF001  # as above
        group = [FieldDetails(node, None, None) for node in raw.field_nodes]
        return self._walk().relation_as(relation, type_name, group).wanted

    # What graphql-core calls

    @override
    def execute_root_grouped_field_set(
        self,
        root_type: Any,
        root_value: Any,
        grouped_field_set: Any,
        *rest: Any,
    ) -> Any:
        """Plan all root fields; leave out those that a client got wrong."""
        if self.operation.operation is not OperationType.QUERY:
            return super().execute_root_grouped_field_set(
                root_type, root_value, grouped_field_set, *rest
            )
        good: dict[str, Any] = {}
        bad: dict[str, None] = {}
        for response, group in grouped_field_set.items():
            mistakes, nonnull = self._mistakes(root_type, response, group)
            if not mistakes:
                good[response] = group
                continue
            errors = [located(mistake, [response]) for mistake in mistakes]
            if nonnull:
                raise errors[0]
            bad[response] = None
            for error in errors[:1]:
                self.collected_errors.add(error, None)
        done = super().execute_root_grouped_field_set(
            root_type, root_value, good, *rest
        )
        if not bad:
            return done
        names = [*grouped_field_set]
        if isinstance(done, dict):
            return _in_order(done, names)
        return self._completed(done, names)

    async def _completed(
        self, done: Awaitable[dict[str, Any]], names: list[str]
    ) -> dict[str, Any]:
        return _in_order(await done, names)

    @override
    def handle_field_error(self, raw_error: Any, *rest: Any) -> None:
        """Let an abort through to the root, whatever it crosses."""
        original = getattr(raw_error, "original_error", None) or raw_error
        if isinstance(original, self.aborts) and self._abort is None:
            self._abort = GraphQLError(
                str(original),
                original_error=original,
                extensions={"code": getattr(original, "code", None)},
            )
        if self._abort is not None:
            raise self._abort
        super().handle_field_error(raw_error, *rest)

    # Planning

    def _mistakes(
        self, root_type: Any, response: str, group: Group
    ) -> tuple[list[Mistake], bool]:
        """What a client got wrong in a root field, and whether it cannot be null."""
        walk = self._walk()
        try:
            selected = walk.selected(root_type, response, group)
            walk.add(ObjectPlan(root_type.name), selected)
        except Unplannable:
            return [], False
        if selected.field is None:
            return [], False
        return walk.mistakes, isinstance(selected.field.type, GraphQLNonNull)

    def _walk(self) -> Walk:
        return Walk(self.collect_subfields, self.schema, self._arguments)

    def _arguments(self, field: GraphQLField, details: FieldDetails) -> dict[str, Any]:
        """A resolver's keyword arguments, as strawberry converts them."""
        if not field.args:
            return {}
        given = get_argument_values(
            field,
            details.node,
            self.variable_values,
            details.fragment_variable_values,
        )
        schema = self.schema._strawberry_schema  # type: ignore[attr-defined]  # noqa: SLF001  # set by strawberry
        return convert_arguments(
            given,
            field.extensions["strawberry-definition"].arguments,
            schema.schema_converter.scalar_registry,
            schema.config,
        )


def _in_order(done: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """An answer with the root fields that a client got wrong, which are null."""
    return {name: done.get(name) for name in names}
