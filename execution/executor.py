"""graphql-core's executor, with a plan of the whole operation.

Before the first statement the operation is planned once: each relation's columns, and
every argument. A client's mistake, however deep, makes its root field null and lets
the others run. What aborts the operation crosses every nullable field.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

from graphql import GraphQLError, OperationType
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from graphql.type import GraphQLField, GraphQLNonNull
from strawberry.schema.schema import (
    StrawberryGraphQLCoreExecutionContext as StockExecutor,
)
from strawberry.types.arguments import convert_arguments
from typing_extensions import override

from execution.columns import Bulk, Table
from execution.plan import Group, Mistake, ObjectPlan, Unplannable, Walk, bare, located
from execution.run import Run
from loaders.relation import Relation, Shape, Wanted

log = logging.getLogger("execution")


class Root(NamedTuple):
    """A root field: its plan, or what a client got wrong in it."""

    response: str
    group: Group
    plan: ObjectPlan | None
    mistakes: list[Mistake]
    nonnull: bool


class Executor(StockExecutor):
    """Runs an operation level by level, or as graphql-core does, with look-ahead.

    Attributes:
        breadth_first: Whether to run level by level what can be planned.
        bulk: Serializes whole columns, by a scalar's name.
        fallbacks: How many operations were begun again with graphql-core.
        every_column: Whether to select all columns instead; the tests' reference.
        mistakes: Which exceptions are a client's: they end their root field.
        aborts: Which exceptions end the operation.
    """

    breadth_first: ClassVar[bool] = True
    bulk: ClassVar[Bulk] = {}
    fallbacks: ClassVar[int] = 0
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
        roots = [
            self._root(root_type, response, group)
            for response, group in grouped_field_set.items()
        ]
        plannable = all(root.plan is not None for root in roots)
        if plannable and self.breadth_first and not self.every_column:
            return self._by_level(roots, stock)
        return stock(roots)

    async def _by_level(
        self, roots: Sequence[Root], stock: Callable[[Sequence[Root]], Any]
    ) -> dict[str, Any]:
        """Run a plan; begin again with graphql-core where a value is not what it must.

        graphql-core then says what is wrong, and where. Neither a client's mistake nor
        a failing database leads there.
        """
        self._collect_mistakes(roots)
        run = Run(self.context_value, self.bulk)
        errors: list[GraphQLError] = []
        answers: dict[str, Any] = {}
        try:
            for root in roots:
                answers[root.response] = await self._answer(run, root, errors)
        except GraphQLError:
            raise
        except self.aborts as error:
            raise self._aborting(error) from error
        except Exception as error:  # graphql-core finds it again
            type(self).fallbacks += 1
            log.warning("begun again with graphql-core: %s", error, exc_info=error)
            self.context_value.restart()
            done = stock(roots)
            return done if isinstance(done, dict) else await done
        for found in errors:
            self._collect(root_error=found)
        return answers

    async def _answer(self, run: Run, root: Root, errors: list[GraphQLError]) -> Any:
        """A root field's answer; None with an error where a client got it wrong.

        Raises:
            GraphQLError: if it got a field wrong that cannot be null.
        """
        if root.mistakes or root.plan is None:
            return None
        try:
            (made,) = await run.objects(root.plan, Table((), [(1,)]))
        except self.mistakes as error:
            found = located(Mistake(error, root.group), [root.response])
            if root.nonnull:
                raise found from error
            errors.append(found)
            return None
        return made[root.response]

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
        """Let an abort through to the root, whatever it crosses."""
        original = getattr(raw_error, "original_error", None) or raw_error
        if isinstance(original, self.aborts) and self._abort is None:
            self._abort = self._aborting(original)
        if self._abort is not None:
            raise self._abort
        super().handle_field_error(raw_error, *rest)

    def _aborting(self, error: Exception) -> GraphQLError:
        """The one error of an aborted operation."""
        code = getattr(error, "code", None)
        return GraphQLError(str(error), original_error=error, extensions={"code": code})

    # Planning

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


def _in_order(done: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """An answer with the root fields that a client got wrong, which are null."""
    return {name: done.get(name) for name in names}
