"""How many objects an operation may lead to, told from its document and variables.

Parents times what a list may hold: `first` where it is asked for, else what lists of
its kind hold in large deployments. Leaves and counts are free. A field that two
fragments select counts twice.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
)

STRUCTURE = 300
TRIES = 330
CALENDAR = 732
OTHER = 3
PAGE = 50

_STRUCTURES = ("Dag", "DagRun", "DagVersion", "DagStructure")
SIZES: Mapping[tuple[str, str], int] = MappingProxyType(
    {
        **{
            (type_, field): STRUCTURE
            for type_ in _STRUCTURES
            for field in ("tasks", "edges", "taskGroups")
        },
        ("Graph", "nodes"): STRUCTURE,
        ("Graph", "edges"): STRUCTURE,
        ("DagRun", "taskSummaries"): STRUCTURE,
        ("DagRun", "tries"): TRIES,
        ("Dag", "calendar"): CALENDAR,
    }
)
"""By type and field: how many objects a list without a page holds."""
FREE = frozenset({"DagRunStateCount", "TaskInstanceStateCount"})
SIZING = ("first", "last", "runs")
"""Arguments that say how many objects a list holds, or one of a page."""
ITEMS = frozenset({"nodes", "edges", "lines"})
"""What holds a page's items."""

Composite = GraphQLObjectType | GraphQLInterfaceType


class Count(NamedTuple):
    """A selection's objects: some, and some more for each item of its page."""

    fixed: int = 0
    per_item: int = 0

    def beside(self, other: "Count") -> "Count":
        """Both in one selection."""
        return Count(self.fixed + other.fixed, self.per_item + other.per_item)


class Ceiling:
    """Counts the objects of one operation.

    Args:
        variables: The operation's, coerced.
        sizes: What a list holds that does not say.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        sizes: Mapping[tuple[str, str], int] = SIZES,
    ) -> None:
        self._schema = schema
        self._fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._variables = variables
        self._sizes = sizes
        self._known: dict[str, Count] = {}

    def of(self, operation: OperationDefinitionNode) -> int:
        """How many objects an operation that is valid leads to, at most."""
        root = self._schema.query_type
        return self._selected(operation.selection_set, root).fixed

    def _selected(self, selections: SelectionSetNode, type_: Any) -> Count:
        found = Count()
        for selection in selections.selections:
            if not self._is_left_out(selection):
                found = found.beside(self._selection(selection, type_))
        return found

    def _selection(self, selection: SelectionNode, type_: Any) -> Count:
        match selection:
            case FieldNode():
                return self._field(selection, type_)
            case InlineFragmentNode(type_condition=condition):
                inner = type_
                if condition is not None:
                    inner = self._schema.get_type(condition.name.value)
                return self._selected(selection.selection_set, inner)
            case FragmentSpreadNode():
                return self._spread(selection.name.value)
        return Count()

    def _spread(self, name: str) -> Count:
        if name not in self._known:
            fragment = self._fragments[name]
            type_ = self._schema.get_type(fragment.type_condition.name.value)
            self._known[name] = self._selected(fragment.selection_set, type_)
        return self._known[name]

    def _field(self, node: FieldNode, type_: Composite) -> Count:
        field = type_.fields.get(node.name.value)
        if field is None or node.selection_set is None:
            return Count()  # a leaf, or introspection
        item: Any = get_named_type(field.type)
        inside = self._selected(node.selection_set, item)
        if is_page(item):
            return Count(inside.fixed + inside.per_item * self._size(node, field, PAGE))
        own = 0 if item.name in FREE else 1
        each = own + inside.fixed
        if is_page(type_) and node.name.value in ITEMS:
            is_wrapper = node.name.value == "edges"
            return Count(per_item=each - 1 if is_wrapper else each)
        if isinstance(get_nullable_type(field.type), GraphQLList):
            declared = self._sizes.get((type_.name, node.name.value), OTHER)
            return Count(each * self._size(node, field, declared))
        return Count(each)

    def _size(self, node: FieldNode, field: GraphQLField, otherwise: int) -> int:
        """How many objects a field asks for: as it says, or as such lists hold."""
        given = {
            argument.name.value: argument.value for argument in node.arguments or ()
        }
        for name in SIZING:
            if name in field.args:
                value = self._value(given.get(name))
                value = field.args[name].default_value if value is None else value
                if isinstance(value, int):
                    return max(value, 0)
        if "ids" in given:
            ids = given["ids"]
            listed = ids.values if isinstance(ids, ListValueNode) else None
            found = self._value(ids) if listed is None else listed
            return len(found) if isinstance(found, list | tuple) else 1
        depth = self._value(given.get("depth"))
        if isinstance(depth, int) and otherwise < STRUCTURE:
            return min(otherwise * max(depth, 1), STRUCTURE)
        return otherwise

    def _value(self, node: ValueNode | None) -> Any:
        """A variable's value, an integer or a boolean; None for all else."""
        match node:
            case VariableNode():
                return self._variables.get(node.name.value)
            case IntValueNode():
                return int(node.value)
            case BooleanValueNode():
                return node.value
        return None

    def _is_left_out(self, selection: SelectionNode) -> bool:
        for directive in selection.directives or ():
            for argument in directive.arguments or ():
                holds = self._value(argument.value)
                match directive.name.value:
                    case "skip" if holds is True:
                        return True
                    case "include" if holds is False:
                        return True
        return False


def is_page(type_: Any) -> bool:
    """Whether a type is a part of a list, with its items in it."""
    fields = getattr(type_, "fields", {})
    return "pageInfo" in fields or {"lines", "hasNextPage"} <= fields.keys()
