"""How much a document may ask for, read off it before anything of it runs.

Fragments count as often as they are spread, so that no nesting of them hides what is
asked for. Each is looked at once, which takes time in the document's length and not in
what it stands for.
"""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from dagway.protection.limit import (
    ALIASES,
    DEPTH,
    DIRECTIVES,
    FIELDS,
    INTROSPECTION_DEPTH,
    REPETITIONS,
    ROOT_FIELDS,
    TOKENS,
    Cost,
)

_NESTING = 100  # selection sets in one another, fragments' included
_REPETITIONS = 5  # pairs of fields of one name, a token
_INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may be, and what may come of it.

    Attributes:
        body: Bytes of its body, or of its query string.
        body_s: Seconds that its body may take to arrive.
        tokens: Tokens of its document, and fields once fragments are written out.
        depth: Fields in one another.
        introspection_depth: The same below `__schema` and `__type`.
        aliases: Fields with another name; `__typename` is free.
        directives: Directives.
        root_fields: Fields of the query itself.
        list_values: Values of a list in an argument.
        filter_depth: Filters in one another.
        filter_tests: Tests of a filter.
        page: Items of a page.
        instances: Task instances of a page.
        events: Asset events, or entries of the audit log, of a page.
        versions: Versions of a page.
        lines: Lines of a log's page.
        ids: Ids of `nodes`.
        nodes: Objects that it may ask for.
        response: Bytes of its answer.
        heavy_nodes: Objects from which on an operation is heavy.
        heavy_operations: Heavy operations that run at once.
        heavy_wait_s: Seconds that one may wait for its turn.
        batch: Operations of one request that are answered together; 0 for no batches.
    """

    body: int = 262_144
    body_s: float = 10.0
    tokens: int = 2_000
    depth: int = 12
    introspection_depth: int = 15
    aliases: int = 15
    directives: int = 50
    root_fields: int = 20
    list_values: int = 1_000
    filter_depth: int = 4
    filter_tests: int = 50
    page: int = 1_000
    instances: int = 10_000
    events: int = 200
    versions: int = 50
    lines: int = 10_000
    ids: int = 100
    nodes: int = 500_000
    response: int = 67_108_864
    heavy_nodes: int = 20_000
    heavy_operations: int = 2
    heavy_wait_s: float = 5.0
    batch: int = 0


class Size(NamedTuple):
    """How much a selection asks for, with its fragments written out.

    Attributes:
        width: Fields of the selection itself.
        fields: Fields of it and all below.
    """

    depth: int = 0
    introspection_depth: int = 0
    aliases: int = 0
    directives: int = 0
    width: int = 0
    fields: int = 0

    def beside(self, other: "Size") -> "Size":
        """Both in one selection."""
        return Size(
            max(self.depth, other.depth),
            max(self.introspection_depth, other.introspection_depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.width + other.width,
            self.fields + other.fields,
        )


_NOTHING = Size()


_MEASURES = (
    (DEPTH, "depth", "depth", "levels deep"),
    (
        INTROSPECTION_DEPTH,
        "introspection_depth",
        "introspection_depth",
        "levels of introspection deep",
    ),
    (ALIASES, "aliases", "aliases", "aliases long"),
    (DIRECTIVES, "directives", "directives", "directives"),
    (ROOT_FIELDS, "width", "root_fields", "root fields"),
    (FIELDS, "fields", "tokens", "fields"),
)
"""A limit, the attribute of a Size, that of the Limits, and the words for it."""


def measured(document: DocumentNode, limits: Limits) -> tuple[Cost, list[GraphQLError]]:
    """By limit the most that an operation uses of it, and what is beyond one."""
    cost: Cost = {TOKENS.name: (document.token_count, limits.tokens)}
    repeated, most = _repetitions(document), limits.tokens * _REPETITIONS
    if repeated > most:
        cost[REPETITIONS.name] = (repeated, most)
        message = (
            f"The document has {repeated:,} pairs of fields of one name; at most "
            f"{most:,} are allowed."
        )
        return cost, [REPETITIONS.refusal(message)]
    sizes = _Sizes(document)
    errors: list[GraphQLError] = []
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            try:
                size = sizes.operation(operation)
            except _TooNested:
                cost[DEPTH.name] = (_NESTING, limits.depth)
                message = f"Selections are nested more than {_NESTING} deep."
                return cost, [*errors, DEPTH.refusal(message, operation)]
            for limit, has, may_have, noun in _MEASURES:
                used, most = getattr(size, has), getattr(limits, may_have)
                cost[limit.name] = (max(used, cost.get(limit.name, (0, 0))[0]), most)
                if used > most:
                    message = f"The operation is {used:,} {noun}; at most {most:,} are"
                    errors.append(limit.refusal(f"{message} allowed.", operation))
    return cost, errors


def cost_of(
    document: DocumentNode, operation: OperationDefinitionNode, limits: Limits
) -> Cost:
    """By limit what an operation uses, if it was found to be within the limits."""
    size = _Sizes(document).operation(operation)
    found: Cost = {TOKENS.name: (document.token_count, limits.tokens)}
    for limit, has, may_have, _ in _MEASURES:
        found[limit.name] = (getattr(size, has), getattr(limits, may_have))
    return found


def _repetitions(document: DocumentNode) -> int:
    """Pairs of fields of one name: validation looks at each if they may merge."""
    names: Counter[str] = Counter()
    waiting = [
        one.selection_set
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                names[(selection.alias or selection.name).value] += 1
            below = getattr(selection, "selection_set", None)
            if below is not None:
                waiting.append(below)
    return sum(count * count for count in names.values())


class _TooNested(Exception):
    """Selections in one another beyond what is looked at."""


class _Sizes:
    """The sizes of one document's selections."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, Size] = {}

    def operation(self, operation: OperationDefinitionNode) -> Size:
        """An operation's size.

        Raises:
            _TooNested: if its selections are nested too deeply to tell.
        """
        variables = operation.variable_definitions or ()
        directives = len(operation.directives or ()) + sum(
            len(variable.directives or ()) for variable in variables
        )
        inside = self._selected(operation.selection_set, 1)
        return inside.beside(Size(directives=directives))

    def _selected(self, selections: SelectionSetNode, nesting: int) -> Size:
        if nesting > _NESTING:
            raise _TooNested
        size = _NOTHING
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    one = self._field(selection, nesting)
                case FragmentSpreadNode():
                    one = self._spread(selection.name.value, nesting)
                case InlineFragmentNode():
                    one = self._selected(selection.selection_set, nesting + 1)
                case _:
                    one = _NOTHING
            size = size.beside(one)
            if selection.directives:
                size = size.beside(Size(directives=len(selection.directives)))
        return size

    def _field(self, field: FieldNode, nesting: int) -> Size:
        below = _NOTHING
        if field.selection_set is not None:
            below = self._selected(field.selection_set, nesting + 1)
        name = field.name.value
        is_alias = field.alias is not None and name != "__typename"
        depths = (1 + below.depth, below.introspection_depth)
        if name in _INTROSPECTION:
            depths = (0, 1 + below.depth)
        return Size(
            *depths, below.aliases + is_alias, below.directives, 1, 1 + below.fields
        )

    def _spread(self, name: str, nesting: int) -> Size:
        """A fragment's size; nothing within itself, which validation refuses."""
        fragment = self._fragments.get(name)
        if fragment is None:
            return _NOTHING
        if name not in self._known:
            self._known[name] = _NOTHING
            inside = self._selected(fragment.selection_set, nesting + 1)
            directives = Size(directives=len(fragment.directives or ()))
            self._known[name] = inside.beside(directives)
        return self._known[name]
