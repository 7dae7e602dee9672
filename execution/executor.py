"""graphql-core's executor, with a plan of the whole operation.

Before the first statement the operation is planned once: each relation's columns, and
every argument. A client's mistake, however deep, makes its root field null and lets
the others run. What aborts the operation crosses every nullable field.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationType
from graphql.execution.collect_fields import FieldDetails, collect_fields
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from graphql.type import GraphQLField, GraphQLNonNull
from strawberry.schema.schema import (
    StrawberryGraphQLCoreExecutionContext as StockExecutor,
)
from strawberry.types.arguments import convert_arguments
from typing_extensions import override

from execution.columns import Bulk
from execution.levels import Exceptions, Result, Root, aborting, answered, plain
from execution.plan import Group, Mistake, ObjectPlan, Unplannable, Walk, bare, located
from loaders.relation import Relation, Shape, Wanted

log = logging.getLogger("execution")


BY_FIELD = "by_field"
"""Set in an operation's extensions: it has been tried level by level."""


class Executor(StockExecutor):
    """Runs an operation level by level, or as graphql-core does, with look-ahead.

    Attributes:
        breadth_first: Whether to run level by level what can be planned.
        bulk: Serializes whole columns, by a scalar's name.
        fallbacks: How many operations were begun again with graphql-core.
        every_column: Whether to select all columns instead; the tests' reference.
        known: Which exceptions mean something.
    """

    breadth_first: ClassVar[bool] = True
    bulk: ClassVar[Bulk] = {}
    fallbacks: ClassVar[int] = 0
    every_column: ClassVar[bool] = False
    known: ClassVar[Exceptions] = Exceptions()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._abort: GraphQLError | None = None
        self._looked: dict[Any, tuple[Wanted, str]] = {}
        if self.context_value is not None:
            self.context_value.planner = self

    # Without graphql-core

    @classmethod
    def planned(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        name: str | None,
        variables: dict[str, Any],
    ) -> tuple[Root, ...] | None:
        """A query's root fields, planned; None where graphql-core must execute it.

        The plan holds for the same variables of the same document, whoever asks.
        """
        owner = schema._strawberry_schema  # type: ignore[attr-defined]  # noqa: SLF001  # set by strawberry
        built: Any = cls.build(  # graphql-core gives its base class
            schema,
            document,
            raw_variable_values=variables,
            operation_name=name,
            middleware=owner._get_middleware_manager(owner.get_extensions()),  # noqa: SLF001  # as strawberry does when it executes
        )
        if isinstance(built, list) or not built.may_go_by_level():
            return None
        if built.operation.operation is not OperationType.QUERY:
            return None
        root_type: Any = schema.query_type
        grouped, deferred, *_ = collect_fields(
            schema, built.fragments, built.variable_values, root_type, built.operation
        )
        if deferred:
            return None
        roots = built.roots(root_type, grouped)
        return roots if all(root.plan is not None for root in roots) else None

    @classmethod
    async def by_level(cls, roots: Sequence[Root], context: Any) -> Result | None:
        """A plan's result; None where graphql-core must begin again.

        That is where a value is not what it must be. Neither a client's mistake nor a
        failing database leads there.
        """
        try:
            return await answered(roots, context, cls.bulk, cls.known)
        except Exception as error:  # graphql-core finds it again
            cls.fallbacks += 1
            log.warning("begun again with graphql-core: %s", error, exc_info=error)
            context.restart()
            return None

    # What resolvers ask

    def wanted(self, relation: Relation, args: Any, info: Any) -> tuple[Wanted, str]:
        """What a field's selection needs of its relation, and its rows' type."""
        raw = info._raw_info  # noqa: SLF001  # strawberry's only way to graphql-core's
        type_ = bare(raw.return_type)
        if relation.shape is Shape.PAGE:
            type_ = bare(type_.fields["nodes"].type)
        if self.every_column:
            return _everything(relation), type_.name
        name = (relation, args, raw.parent_type.name, *map(id, raw.field_nodes))
        found = self._looked.get(name)
        if found is None:
            group = [FieldDetails(node, None, None) for node in raw.field_nodes]
            try:
                plan = self._walk().relation(relation, args, raw.return_type, group)
                wanted = plan.wanted
            except Unplannable:  # what stands before a field may read any column
                wanted = _everything(relation)
            found = self._looked[name] = (wanted, type_.name)
        return found

    def wanted_as(self, relation: Relation, type_name: str, info: Any) -> Wanted:
        """What a field's selection needs if its object is of that type."""
        if self.every_column:
            return _everything(relation)
        raw = info._raw_info  # noqa: SLF001  # as above
        group = [FieldDetails(node, None, None) for node in raw.field_nodes]
        try:
            return self._walk().relation_as(relation, type_name, group).wanted
        except Unplannable:
            return _everything(relation)

    # What graphql-core calls

    @override
    def execute_root_grouped_field_set(
        self,
        root_type: Any,
        root_value: Any,
        grouped_field_set: Any,
        serially: bool,
        position_context: Any,
    ) -> Any:
        """Plan all root fields; run them level by level, or as graphql-core does."""
        last = (serially, position_context)
        stock = partial(self._by_graphql_core, (root_type, root_value), last)
        if self.operation.operation is not OperationType.QUERY:
            return super().execute_root_grouped_field_set(
                root_type, root_value, grouped_field_set, *last
            )
        roots = self.roots(root_type, grouped_field_set)
        if self.may_go_by_level() and all(root.plan is not None for root in roots):
            return self._by_level(roots, stock)
        return stock(roots)

    def may_go_by_level(self) -> bool:
        """Whether nothing asks for graphql-core's own way."""
        if not self.breadth_first or self.every_column:
            return False
        middleware = self.middleware_manager
        if middleware is not None and middleware.middlewares:
            return False
        return not (self.operation_extensions or {}).get(BY_FIELD)

    async def _by_level(
        self, roots: Sequence[Root], stock: Callable[[Sequence[Root]], Any]
    ) -> dict[str, Any]:
        result = await self.by_level(roots, self.context_value)
        if result is None:
            done = stock(roots)
            return done if isinstance(done, dict) else await done
        if result.data is None:
            *before, last = result.errors
            for error in before:
                self._collect(root_error=error)
            raise last
        for error in result.errors:
            self._collect(root_error=error)
        return plain(result.data)

    def _by_graphql_core(
        self, first: tuple[Any, Any], last: tuple[Any, Any], roots: Sequence[Root]
    ) -> Any:
        """Let graphql-core execute; leave out root fields that a client got wrong."""
        self._collect_mistakes(roots)
        good = {root.response: root.group for root in roots if not root.mistakes}
        done = super().execute_root_grouped_field_set(*first, good, *last)
        if len(good) == len(roots):
            return done
        names = [root.response for root in roots]
        if isinstance(done, dict):
            return _in_order(done, names)
        return self._completed(done, names)

    def _collect_mistakes(self, roots: Sequence[Root]) -> None:
        """Take up what a client got wrong.

        Raises:
            GraphQLError: if it got a field wrong that cannot be null.
        """
        for root in roots:
            if root.mistakes:
                error = located(root.mistakes[0], [root.response])
                if root.nonnull:
                    raise error
                self._collect(root_error=error)

    def _collect(self, root_error: GraphQLError) -> None:
        """Take up a root field's error; other root fields have their own."""
        (response,) = root_error.path or (None,)
        self.collected_errors.add(root_error, Path(None, response or "", None))

    async def _completed(
        self, done: Awaitable[dict[str, Any]], names: list[str]
    ) -> dict[str, Any]:
        return _in_order(await done, names)

    @override
    def handle_field_error(self, raw_error: Any, *rest: Any) -> None:
        """Let an abort through to the root, and a mistake to its root field."""
        original = getattr(raw_error, "original_error", None) or raw_error
        _, group, path = rest
        if isinstance(original, self.known.mistakes):
            if path.prev is not None:
                raise raw_error
            raw_error = located(Mistake(original, group), [path.key])
        if isinstance(original, self.known.aborts) and self._abort is None:
            self._abort = aborting(original)
        if self._abort is not None:
            raise self._abort
        super().handle_field_error(raw_error, *rest)

    # Planning

    def roots(self, root_type: Any, grouped: Any) -> tuple[Root, ...]:
        """Each root field, planned as far as it can be."""
        return tuple(
            self._root(root_type, response, group)
            for response, group in grouped.items()
        )

    def _root(self, root_type: Any, response: str, group: Group) -> Root:
        """A root field's plan; none where graphql-core must execute it."""
        walk = self._walk()
        plan = ObjectPlan(root_type.name)
        try:
            selected = walk.selected(root_type, response, group)
            walk.add(plan, selected)
        except Unplannable:
            return Root(response, group, None, [], nonnull=False)
        field = selected.field
        nonnull = field is not None and isinstance(field.type, GraphQLNonNull)
        return Root(response, group, plan, walk.mistakes, nonnull)

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


def _everything(relation: Relation) -> Wanted:
    """All that can be asked of a relation."""
    columns = tuple(sorted(relation.columns))
    return Wanted(columns, total=relation.shape is Shape.PAGE)


def _in_order(done: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """An answer with the root fields that a client got wrong, which are null."""
    return {name: done.get(name) for name in names}
