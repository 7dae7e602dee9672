"""What a selection asks for: fields, relations, and the columns that they need.

One plan serves both executions. It walks a selection with graphql-core's own
`collect_subfields`, so that fragments, merged fields, aliases and directives mean
what they mean there, and reads each field's declaration.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    is_leaf_type,
)

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
    Wanted,
)

Group = Any  # graphql-core's list of FieldDetails for one response name
TYPENAME = "__typename"
CURSORS = frozenset({"start_cursor", "end_cursor"})


class Unplannable(Exception):
    """A selection whose shape graphql-core must execute: introspection, @defer."""


class Mistake(NamedTuple):
    """A client's mistake in a field's arguments."""

    error: Exception
    group: Group


class Selected(NamedTuple):
    """A field of a selection: its response name, and what it is."""

    response: str
    group: Group
    field: GraphQLField | None
    declaration: Declaration | None


class Leaf(NamedTuple):
    """A leaf of an object: a constant for `__typename`, else what it reads."""

    response: str
    type: Any  # GraphQL's output type; None for a constant
    read: Read | None
    constant: str | None = None


@dataclass
class ObjectPlan:
    """A selection on rows of one type.

    Attributes:
        responses: The answers' names, in their order.
        vias: By relation and its arguments.
        needs: The columns that the rows must have.
    """

    type_name: str
    responses: list[str] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    vias: dict[tuple[Relation, Any], list[Leaf]] = field(default_factory=dict)
    children: list[tuple[str, "ChildPlan"]] = field(default_factory=list)
    needs: dict[str, None] = field(default_factory=dict)


@dataclass
class EmbeddedPlan:
    """An object of the same row."""

    embedded: Embedded
    plan: ObjectPlan
    nonnull: bool


@dataclass
class RelationPlan:
    """A relation followed.

    Attributes:
        nodes: Each selection on its rows.
        also: Other fields that have the same answers, by their own keys.
    """

    relation: Relation
    args: Any
    nonnull: bool
    also: dict[str, tuple[str, ...]] = field(default_factory=dict)
    nodes: list[ObjectPlan] = field(default_factory=list)
    parts: list["PagePart"] = field(default_factory=list)
    total: bool = False
    cursors: bool = False

    def like_in(self, parent: ObjectPlan) -> "RelationPlan | None":
        """Another of the parent's whose rows have the same answers."""
        return next(
            (
                other
                for _, other in parent.children
                if isinstance(other, RelationPlan)
                and self.relation.is_like(other.relation)
                and self == replace(other, relation=self.relation, also={})
            ),
            None,
        )

    @cached_property
    def wanted(self) -> Wanted:
        """What all its selections need together."""
        needs = {column: None for plan in self.nodes for column in plan.needs}
        if self.cursors and self.relation.order is not None:
            needs |= dict.fromkeys(self.relation.order(self.args))
        rows = self.relation.shape is not Shape.PAGE or any(
            part.kind not in {"totalCount", TYPENAME} for part in self.parts
        )
        return Wanted(tuple(needs), self.total, rows)


class PagePart(NamedTuple):
    """A part of a page.

    Attributes:
        kind: nodes, edges, pageInfo, totalCount or __typename.
        node: Of nodes: which of the relation's plans.
        inside: Of edges: (response, "cursor" or "node" or the typename, plan).
        info: Of pageInfo: its leaves.
        nonnull: Of totalCount: whether it must be known.
    """

    response: str
    kind: str
    node: int = 0
    inside: tuple[tuple[str, str, int], ...] = ()
    info: ObjectPlan | None = None
    type_name: str = ""
    nonnull: bool = False


@dataclass
class ChoicePlan:
    """An object, or several, whose types the arguments name."""

    nonnull: bool
    chosen: list[tuple[RelationPlan, Any] | None]
    is_list: bool


@dataclass
class FailedPlan:
    """A field whose arguments are wrong; its parent's columns are known still."""

    error: Exception


ChildPlan = EmbeddedPlan | RelationPlan | ChoicePlan | FailedPlan
Convert = Callable[[GraphQLField, Any], dict[str, Any]]
"""A field and the first of its nodes, to the resolver's keyword arguments."""


def bare(type_: Any) -> Any:
    """A type without its lists and non-nulls."""
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    return type_


def declaration_of(field_: GraphQLField) -> Declaration | None:
    """A field's declaration; a plain attribute is a column of that name."""
    definition = field_.extensions.get("strawberry-definition")
    if definition is None:
        return None
    declared = (definition.metadata or {}).get(DECLARATION)
    if declared is None and definition.is_basic_field:
        return Read((definition.python_name,))
    return declared


class Walk:
    """Walks one operation's selections.

    Attributes:
        mistakes: Those met so far.
    """

    def __init__(
        self,
        collect: Callable[[GraphQLObjectType, Group], Any],
        schema: Any,
        convert: Convert,
    ) -> None:
        self._collect = collect
        self._schema = schema
        self._convert = convert
        self.mistakes: list[Mistake] = []

    def object(self, type_: Any, group: Group) -> ObjectPlan:
        """The plan of a selection on a type's rows."""
        if not isinstance(type_, GraphQLObjectType):
            raise Unplannable(str(type_))
        plan = ObjectPlan(type_.name)
        for selected in self._selected(type_, group):
            self.add(plan, selected)
        return plan

    def add(self, plan: ObjectPlan, selected: Selected) -> None:
        """Add a field to an object's plan."""
        response, group, field_, declared = selected
        plan.responses.append(response)
        if field_ is None:
            plan.leaves.append(Leaf(response, None, None, plan.type_name))
        elif isinstance(declared, Read) and is_leaf_type(bare(field_.type)):
            plan.leaves.append(Leaf(response, field_.type, declared))
            plan.needs |= dict.fromkeys(declared.columns)
        elif isinstance(declared, Via):
            self._via(plan, selected, field_, declared)
        else:
            child = self._child(field_, group, declared, plan)
            if isinstance(child, RelationPlan) and (like := child.like_in(plan)):
                like.also[response] = child.relation.key
            else:
                plan.children.append((response, child))

    def _via(
        self, plan: ObjectPlan, selected: Selected, field_: GraphQLField, via: Via
    ) -> None:
        plan.needs |= dict.fromkeys(via.relation.key)
        try:
            args = via.relation.args(**self._convert(field_, selected.group[0]))
        except Exception as error:  # noqa: BLE001  # kept, and raised where it belongs
            self._mistaken(error, selected.group)
            plan.children.append((selected.response, FailedPlan(error)))
            return
        leaf = Leaf(selected.response, field_.type, via.read)
        plan.vias.setdefault((via.relation, args), []).append(leaf)

    def selected(
        self, type_: GraphQLObjectType, response: str, group: Group
    ) -> Selected:
        """What one response name of a selection is.

        Raises:
            Unplannable: if it is introspection, or has an extension.
        """
        name = group[0].node.name.value
        if name == TYPENAME:
            return Selected(response, group, None, None)
        found = self._schema.get_field(type_, name)
        definition = found and found.extensions.get("strawberry-definition")
        if definition is None or definition.extensions:
            raise Unplannable(name)
        return Selected(response, group, found, declaration_of(found))

    def _selected(self, type_: GraphQLObjectType, group: Group) -> Iterator[Selected]:
        grouped, deferred, *_ = self._collect(type_, group)
        if deferred:
            message = "@defer"
            raise Unplannable(message)
        for response, each in grouped.items():
            yield self.selected(type_, response, each)

    def _child(
        self,
        field_: GraphQLField,
        group: Group,
        declared: Declaration | None,
        parent: ObjectPlan,
    ) -> ChildPlan:
        nonnull = isinstance(field_.type, GraphQLNonNull)
        if isinstance(declared, Embedded):
            inside = self.object(bare(field_.type), group)
            parent.needs |= inside.needs
            parent.needs |= {} if declared.present is None else {declared.present: None}
            return EmbeddedPlan(declared, inside, nonnull)
        if isinstance(declared, Relation):
            parent.needs |= dict.fromkeys(declared.key)
        try:
            if isinstance(declared, Relation):
                args = declared.args(**self._convert(field_, group[0]))
                return self.relation(declared, args, field_.type, group)
            if isinstance(declared, Choice | Choices):
                return self._choice(declared, field_, group)
        except Unplannable:
            raise
        except Exception as error:  # noqa: BLE001  # kept, and raised where it belongs
            self._mistaken(error, group)
            return FailedPlan(error)
        raise Unplannable(group[0].node.name.value)

    def _mistaken(self, error: Exception, group: Group) -> None:
        """Keep a mistake, without the frames that it came from: plans are kept long."""
        self.mistakes.append(Mistake(error.with_traceback(None), group))

    def _choice(
        self, declared: Choice | Choices, field_: GraphQLField, group: Group
    ) -> ChoicePlan:
        given = self._convert(field_, group[0])
        named = (
            [declared.of(**given)]
            if isinstance(declared, Choice)
            else declared.of(**given)
        )
        plans: dict[str, RelationPlan] = {}
        for one in named:
            if one is not None and one[0] not in plans:
                plans[one[0]] = self.relation_as(
                    declared.relations[one[0]], one[0], group
                )
        return ChoicePlan(
            isinstance(field_.type, GraphQLNonNull),
            [None if one is None else (plans[one[0]], one[1]) for one in named],
            isinstance(declared, Choices),
        )

    def relation_as(
        self, relation: Relation, type_name: str, group: Group
    ) -> RelationPlan:
        """The plan of a relation whose type is known by name."""
        plan = RelationPlan(relation, None, nonnull=False)
        plan.nodes.append(self.object(self._schema.type_map[type_name], group))
        return plan

    def relation(
        self, relation: Relation, args: Any, type_: Any, group: Group
    ) -> RelationPlan:
        """The plan of a relation."""
        plan = RelationPlan(relation, args, isinstance(type_, GraphQLNonNull))
        if relation.shape is Shape.PAGE:
            for selected in self._selected(bare(type_), group):
                plan.parts.append(self._part(plan, selected, bare(type_).name))
        else:
            plan.nodes.append(self.object(bare(type_), group))
        return plan

    def _part(self, plan: RelationPlan, selected: Selected, name: str) -> PagePart:
        response, group, field_, declared = selected
        if field_ is None:
            return PagePart(response, TYPENAME, type_name=name)
        if not isinstance(declared, Part):
            raise Unplannable(response)
        inner = bare(field_.type)
        if declared.name == "nodes":
            plan.nodes.append(self.object(inner, group))
            return PagePart(response, "nodes", len(plan.nodes) - 1)
        if declared.name == "edges":
            return PagePart(response, "edges", inside=self._edges(plan, inner, group))
        if declared.name == "pageInfo":
            info = self.object(inner, group)
            plan.cursors |= not CURSORS.isdisjoint(info.needs)
            return PagePart(response, "pageInfo", info=info)
        plan.total = True
        nonnull = isinstance(field_.type, GraphQLNonNull)
        return PagePart(response, "totalCount", nonnull=nonnull)

    def _edges(
        self, plan: RelationPlan, type_: Any, group: Group
    ) -> tuple[tuple[str, str, int], ...]:
        inside: list[tuple[str, str, int]] = []
        for response, each, field_, declared in self._selected(type_, group):
            if field_ is None:
                inside.append((response, type_.name, -1))
            elif isinstance(declared, Part) and declared.name == "cursor":
                plan.cursors = True
                inside.append((response, "cursor", -1))
            else:
                plan.nodes.append(self.object(bare(field_.type), each))
                inside.append((response, "node", len(plan.nodes) - 1))
        return tuple(inside)


def is_abstract(type_: Any) -> bool:
    """Whether a type's objects can be of several types."""
    return isinstance(bare(type_), GraphQLInterfaceType)


def located(mistake: Mistake, path: list[str | int]) -> GraphQLError:
    """A mistake as an error of the answer: the root field's, at the field itself."""
    error = mistake.error
    found = GraphQLError(
        str(error),
        nodes=[details.node for details in mistake.group],
        path=path,
        original_error=error,
        extensions=getattr(error, "extensions", None) or {},
    )
    code = getattr(error, "code", None)
    if code is not None and found.extensions is not None:
        found.extensions["code"] = code
    return found
