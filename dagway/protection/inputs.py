"""What arguments hold: sizes of pages, lengths of lists, depths and tests of filters.

Each is held to its limit before anything runs, whether the document says it or its
variables do.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLList,
    OperationDefinitionNode,
    Undefined,
    ValidationContext,
    ValidationRule,
    get_named_type,
    get_nullable_type,
    value_from_ast,
)

from dagway.limits import Limits
from dagway.protection.limit import (
    EVENTS,
    FILTER_DEPTH,
    FILTER_TESTS,
    IDS,
    INSTANCES,
    LINES,
    LIST,
    PAGE,
    VERSIONS,
    Cost,
    Limit,
)
from resolvers.sizes import LIMIT

SIZES = {one.name: one for one in (PAGE, INSTANCES, EVENTS, VERSIONS, LINES, IDS)}
"""By the name that an argument has it by, the limit of a page."""


class Given(NamedTuple):
    """An argument of a field that a limit is for; `node` is None if it is left out."""

    name: str
    argument: GraphQLArgument
    field: FieldNode
    node: ArgumentNode | None


class Excess(NamedTuple):
    """One argument's measure of one limit."""

    limit: Limit
    used: int
    message: str


Found = dict[str | None, list[Given]]
"""By an operation's name: the arguments of it and of the fragments that it uses."""


def collecting(found: Found) -> type[ValidationRule]:
    """A rule that finds nothing wrong, and puts the arguments of a document there.

    So they are found in the one walk that validation is.
    """

    class Arguments(ValidationRule):
        """Collects arguments."""

        context: ValidationContext

        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self._own: list[Given] = []
            self._operations: list[tuple[OperationDefinitionNode, list[Given]]] = []
            self._fragments: dict[str, list[Given]] = {}

        def enter_operation_definition(
            self, node: OperationDefinitionNode, *_args: Any
        ) -> None:
            """Begin with an operation."""
            self._own = []
            self._operations.append((node, self._own))

        def enter_fragment_definition(
            self, node: FragmentDefinitionNode, *_args: Any
        ) -> None:
            """Begin with a fragment."""
            self._own = self._fragments[node.name.value] = []

        def enter_field(self, node: FieldNode, *_args: Any) -> None:
            """Collect a field's arguments."""
            field = self.context.get_field_def()
            if field is None or not field.args:
                return
            nodes = {one.name.value: one for one in node.arguments or ()}
            for name, argument in field.args.items():
                if is_held(argument):
                    self._own.append(Given(name, argument, node, nodes.get(name)))

        def leave_document(self, *_args: Any) -> None:
            """Give each operation what its fragments have."""
            for node, own in self._operations:
                used = self.context.get_recursively_referenced_fragments(node)
                name = None if node.name is None else node.name.value
                found[name] = [
                    *own,
                    *(one for each in used for one in self._fragments[each.name.value]),
                ]

    return Arguments


def limit_of(argument: GraphQLArgument) -> Limit | None:
    """The limit of an argument that says how much is wanted."""
    definition = argument.extensions.get("strawberry-definition")
    metadata: Mapping[str, Any] = getattr(definition, "metadata", None) or {}
    return SIZES.get(metadata.get(LIMIT, ""))


def is_held(argument: GraphQLArgument) -> bool:
    """Whether a limit is for an argument: it is a size, a list or a filter."""
    is_list = isinstance(get_nullable_type(argument.type), GraphQLList)
    is_filter = isinstance(get_named_type(argument.type), GraphQLInputObjectType)
    return is_list or is_filter or limit_of(argument) is not None


def measured(
    given: Sequence[Given], variables: Mapping[str, Any], limits: Limits
) -> tuple[Cost, list[GraphQLError]]:
    """By limit the most that is used of it, and what is beyond one."""
    most = _allowed(limits)
    cost: Cost = {name: (0, allowed) for name, allowed in most.items()}
    errors = []
    for one in given:
        for limit, used, message in _measures(one, dict(variables)):
            allowed = most[limit.name]
            cost[limit.name] = (max(used, cost[limit.name][0]), allowed)
            if used > allowed:
                text = f"{message}; at most {allowed:,} are allowed."
                errors.append(limit.refusal(text, one.field))
    return cost, errors


def _allowed(limits: Limits) -> dict[str, int]:
    return {
        PAGE.name: limits.page,
        INSTANCES.name: limits.instances,
        EVENTS.name: limits.events,
        VERSIONS.name: limits.versions,
        LINES.name: limits.lines,
        IDS.name: limits.ids,
        LIST.name: limits.list_values,
        FILTER_DEPTH.name: limits.filter_depth,
        FILTER_TESTS.name: limits.filter_tests,
    }


def _measures(given: Given, variables: dict[str, Any]) -> Iterator[Excess]:
    name, argument = given.name, given.argument
    value = argument.default_value
    if given.node is not None:
        value = value_from_ast(given.node.value, argument.type, variables)
    if value is None or value is Undefined:
        return
    limit = limit_of(argument)
    if limit is not None:
        size = len(value) if isinstance(value, list) else value
        yield Excess(limit, size, f"{name} asks for {size:,}")
        return
    found = _Contents(argument.type, value)
    yield Excess(LIST, found.longest, f"{name} has a list of {found.longest:,} values")
    if isinstance(value, dict):
        depth, tests = found.depth, found.tests
        yield Excess(FILTER_DEPTH, depth, f"{name} is {depth:,} levels deep")
        yield Excess(FILTER_TESTS, tests, f"{name} has {tests:,} tests")


class _Contents:
    """What an argument's value is made of.

    Attributes:
        longest: Values of its longest list.
        depth: Objects of its own type in one another, the outermost included.
        tests: Values that are no objects, and objects that have none; a list of values
            is one.
    """

    def __init__(self, type_: Any, value: Any) -> None:
        self.longest = self.depth = self.tests = 0
        own = get_named_type(type_)
        waiting: list[tuple[Any, Any, int]] = [(type_, value, 1)]
        while waiting:  # not by recursion: a value may be nested as deep as you like
            of, one, depth = waiting.pop()
            inner = get_named_type(of)
            if isinstance(one, list):
                self.longest = max(self.longest, len(one))
            if isinstance(one, list) and isinstance(inner, GraphQLInputObjectType):
                waiting += ((inner, each, depth) for each in one)
            elif isinstance(one, dict) and isinstance(inner, GraphQLInputObjectType):
                self.depth = max(self.depth, depth if inner is own else 0)
                parts = [*_parts(inner, one)]
                self.tests += not parts
                waiting += ((part, each, depth + 1) for part, each in parts)
            else:
                self.tests += 1


def _parts(
    type_: GraphQLInputObjectType, value: Mapping[str, Any]
) -> Iterator[tuple[Any, Any]]:
    """The types and values of an object's parts; null is as good as left out."""
    for name, field in type_.fields.items():
        found = value.get(field.out_name or name)
        if found is not None:
            yield field.type, found
