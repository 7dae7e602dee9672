"""Random documents over the schema: valid ones, with everything that GraphQL has.

Aliases, named and inline fragments, on interfaces too, merged fields, @skip and
@include, variables of every input type, whole or inside, with defaults or without;
filters, orders and connections; and now and then an argument that a client got wrong.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from schema.build import build_schema
from tests.support.random_values import Known, Values, literal

_SCHEMA: Any = build_schema()._schema  # strawberry's only way to graphql-core's

# of these only one parent may be asked
_ONCE = frozenset({"upstreamDependencies", "downstreamDependencies", "log"})
_STRUCTURED = frozenset({"Dag", "DagVersion", "DagRun"})
_WRONG = ("first: -1", "first: 100000", 'after: "nonsense"', 'before: "x"', "last: 0")
_OFTEN = {
    "first": 0.8,
    "last": 0.05,
    "after": 0.0,
    "before": 0.0,
    "mapIndex": 1.0,
    "filter": 0.35,
    "orderBy": 0.35,
}
"""How often a field is given an argument that it may go without."""
_VARIABLE = re.compile(r"\$(\w+)")


@dataclass
class Document:
    """A document, and variables for it.

    Attributes:
        sets: Several sets of its variables; all fit its text.
        cursors: Variables that a page's cursor is for: by name, where one stands in
            an answer, as the response name of a pageInfo and its member.
        mistakes: How many arguments are wrong.
    """

    text: str
    sets: list[dict[str, Any]]
    cursors: dict[str, tuple[str, str]]
    mistakes: int


@dataclass
class _Variable:
    """A variable: its declaration, and what makes its values."""

    declared: str
    make: Callable[[], Any]
    may_lack: bool = False


@dataclass
class Writer:
    """Writes one document."""

    random: Random
    known: Known
    mistakes: int = 0
    _fragments: list[str] = field(default_factory=list)
    _variables: dict[str, _Variable] = field(default_factory=dict)
    _cursors: dict[str, tuple[str, str]] = field(default_factory=dict)
    _arguments: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    _numbers: int = 0

    def __post_init__(self) -> None:
        self._values = Values(self.random, self.known)

    def document(self) -> Document:
        """A query of one to three root fields."""
        query = _SCHEMA.query_type
        chosen = self.random.sample(list(query.fields), self.random.randint(1, 3))
        depth = self.random.choice((2, 3, 4))
        parts = [self._field(query, name, depth, alone=True) for name in chosen]
        if self._may(0.1):
            parts.append(self._fragment(query, 3, alone=True))
        body = "\n".join((f"{{ {' '.join(parts)} }}", *self._fragments))
        used = set(_VARIABLE.findall(body))  # an argument may have given way to another
        self._variables = {n: v for n, v in self._variables.items() if n in used}
        self._cursors = {n: c for n, c in self._cursors.items() if n in used}
        declared = ", ".join(f"${n}: {v.declared}" for n, v in self._variables.items())
        text = f"query Random{f'({declared})' if declared else ''} {body}"
        number = 3 if self._cursors else 2
        number = number if self._variables and self._may(0.5) else 1
        sets = [self._set() for _ in range(number)]
        return Document(text, sets, self._cursors, self.mistakes)

    def _set(self) -> dict[str, Any]:
        """Values of the variables."""
        self._values.choose()
        return {
            name: variable.make()
            for name, variable in self._variables.items()
            if not (variable.may_lack and self._may(0.3))
        }

    def _may(self, chance: float) -> bool:
        return self.random.random() < chance

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _selection(self, type_: Any, depth: int, *, alone: bool, also: str = "") -> str:
        """The selection set of a composite type."""
        if isinstance(type_, GraphQLInterfaceType):
            return self._of_any(type_, depth, alone=alone)
        names = [n for n in type_.fields if self._fits(type_, n, depth, alone=alone)]
        chosen = self.random.sample(names, min(len(names), self.random.randint(1, 5)))
        parts = [self._field(type_, name, depth, alone=alone) for name in chosen]
        if also:
            parts.append(also)
        if self._may(0.2):
            parts.append("__typename")
        if self._may(0.3) and chosen:
            parts.append(self._fragment(type_, depth, alone=alone))
        if type_.name in _STRUCTURED and depth > 1 and self._may(0.4):
            parts.append(self._structured(depth - 1, alone=alone))
        if self._may(0.15) and chosen:  # merged: the same field twice
            parts.append(self._field(type_, chosen[0], depth, alone=alone, plain=True))
            parts.append(self._field(type_, chosen[0], depth, alone=alone, plain=True))
        return "{ " + " ".join(parts or ["__typename"]) + " }"

    def _structured(self, depth: int, *, alone: bool) -> str:
        """A fragment on what DAGs, their versions and their runs have in common."""
        shared = _SCHEMA.type_map["DagStructure"]
        name = self.random.choice(list(shared.fields))
        inner = self._field(shared, name, depth, alone=alone, prefix="shared")
        if self._may(0.5):
            return f"... on DagStructure {{ {inner} }}"
        return self._named("DagStructure", inner)

    def _of_any(self, type_: GraphQLInterfaceType, depth: int, *, alone: bool) -> str:
        """Of an interface: its id, and fields of some of its types."""
        possible = _SCHEMA.get_possible_types(type_)
        parts = ["__typename"]
        if type_.name == "Node" and self._may(0.5):
            parts.append(self._named("Node", "id"))
        if type_.name == "Node" and depth > 1 and self._may(0.3):
            parts.append(self._structured(depth - 1, alone=alone))
        for one in self.random.sample(list(possible), 3):
            names = [n for n in one.fields if self._fits(one, n, depth, alone=alone)]
            inner = [
                self._field(one, name, depth - 1, alone=alone, prefix=one.name)
                for name in self.random.sample(names, min(3, len(names)))
            ]
            parts.append(f"... on {one.name} {{ {' '.join(inner)} }}")
        return "{ " + " ".join(parts) + " }"

    def _fits(self, type_: Any, name: str, depth: int, *, alone: bool) -> bool:
        if name in _ONCE and not alone:
            return False
        return depth > 0 or is_leaf_type(get_named_type(type_.fields[name].type))

    def _fragment(self, type_: GraphQLObjectType, depth: int, *, alone: bool) -> str:
        """A fragment on the same type, named or inline."""
        names = [n for n in type_.fields if self._fits(type_, n, depth, alone=alone)]
        name = self.random.choice(names)
        inner = self._field(type_, name, depth - 1 if depth else 0, alone=alone)
        if self._may(0.5):
            return f"... {self._directive()} {{ {inner} }}"
        return f"{self._named(type_.name, inner)} {self._directive()}"

    def _named(self, type_name: str, inner: str) -> str:
        """A named fragment, spread."""
        fragment = f"F{self._number()}"
        self._fragments.append(f"fragment {fragment} on {type_name} {{ {inner} }}")
        return f"...{fragment}"

    def _directive(self) -> str:
        if self._may(0.7):
            return ""
        word = self.random.choice(("skip", "include"))
        if self._may(0.5):
            return f"@{word}(if: {self.random.choice(('true', 'false'))})"
        default = self.random.choice(("Boolean!", "Boolean! = true", "Boolean = false"))
        return f"@{word}(if: {self._variable(default, lambda: self._may(0.5))})"

    def _variable(
        self, declared: str, make: Callable[[], Any], *, may_lack: bool | None = None
    ) -> str:
        name = f"v{self._number()}"
        lacking = "=" in declared if may_lack is None else may_lack
        self._variables[name] = _Variable(declared, make, lacking)
        return f"${name}"

    def _field(
        self,
        type_: Any,
        name: str,
        depth: int,
        *,
        alone: bool,
        plain: bool = False,
        prefix: str = "",
    ) -> str:
        """A field, under its own name or another, with arguments and selection.

        Under its own name it has the same arguments wherever it stands, so that two of
        them can be merged.
        """
        found: GraphQLField = type_.fields[name]
        alias = ""
        if prefix or (not plain and self._may(0.25)):
            # the clock differs from run to run: its answers are told by their name
            start = "asOf" if name == "asOf" else prefix or "a"
            alias = f"{start}{self._number()}: "
        key = (type_.name, name)
        if alias:
            arguments, also = self._argued(type_.name, name, found)
        else:
            if key not in self._arguments:
                self._arguments[key] = self._argued(type_.name, name, found)
            arguments, also = self._arguments[key]
        inner: Any = get_named_type(found.type)
        directive = "" if plain else self._directive()
        text = f"{alias}{name}{arguments} {directive}".rstrip()
        if is_leaf_type(inner):
            return text
        bare = (
            found.type.of_type if isinstance(found.type, GraphQLNonNull) else found.type
        )
        several = isinstance(bare, GraphQLList) or "pageInfo" in inner.fields
        still_alone = alone and not several
        below = self._selection(inner, depth - 1, alone=still_alone, also=also)
        return f"{text} {below}"

    def _argued(
        self, type_name: str, name: str, found: GraphQLField
    ) -> tuple[str, str]:
        """A field's arguments, and what its selection must have for their sake."""
        also = ""
        parts = {}
        if self._may(0.5):
            self._values.choose()
        for argument, about in found.args.items():
            must = is_required_argument(about) or (name, argument) == ("asset", "name")
            if must or self._may(_OFTEN.get(argument, 0.4)):
                parts[argument] = self._argument(type_name, name, argument, about)
        if "last" in parts:
            parts.pop("first", None)
        inner = getattr(get_named_type(found.type), "fields", {})
        if "after" in found.args and "pageInfo" in inner and self._may(0.35):
            parts, also = self._paged(parts)
        if "first" in found.args and self.mistakes < 2 and self._may(0.01):
            self.mistakes += 1
            wrong, _, value = self.random.choice(_WRONG).partition(": ")
            if wrong in found.args:
                parts[wrong] = value
        given = ", ".join(f"{one}: {text}" for one, text in parts.items())
        return (f"({given})" if given else ""), also

    def _paged(self, parts: Mapping[str, str]) -> tuple[dict[str, str], str]:
        """Arguments with a variable for a cursor, and what shows a cursor for it."""
        argument, member = ("after", "endCursor")
        if "last" in parts:
            argument, member = ("before", "startCursor")
        cursor = self._variable("String", lambda: None, may_lack=True)
        shown = f"page{self._number()}"
        self._cursors[cursor[1:]] = (shown, member)
        also = f"{shown}: pageInfo {{ {member} hasNextPage hasPreviousPage }}"
        return {**parts, argument: cursor}, also

    def _argument(self, type_name: str, name: str, argument: str, about: Any) -> str:
        """An argument's text: a value, a variable, or a value with variables in it."""
        type_ = about.type
        whole = (type_name, name, argument) == ("Query", "taskInstances", "filter")

        def make() -> Any:
            value = self._values.of(type_, argument)
            return self._bounded(value) if whole else value

        if self._may(0.35):
            return self._variable(*self._declared(type_, make))
        bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if isinstance(bare, GraphQLInputObjectType) and not whole and self._may(0.5):
            return self._object(bare, argument)
        return literal(type_, make())

    def _declared(
        self, type_: Any, make: Callable[[], Any]
    ) -> tuple[str, Callable[[], Any]]:
        """A variable's declaration for a value of that type, and what makes it."""
        if self._may(0.2) and not isinstance(get_named_type(type_), GraphQLEnumType):
            return f"{_nullable(type_)} = {literal(type_, make())}", make
        if not isinstance(type_, GraphQLNonNull) and self._may(0.3):
            return f"{type_}!", make
        return str(type_), make

    def _object(self, type_: GraphQLInputObjectType, name: str) -> str:
        """An input object of which some members are variables."""
        parts = []
        for member, about in self._values.members(type_):
            meant = self._values.meant(member, name)

            def make(type_: Any = about.type, meant: str = meant) -> Any:
                return self._values.of(type_, meant, 1)

            if self._may(0.6):
                declared = self._declared(about.type, make)
                parts.append(f"{member}: {self._variable(*declared)}")
            else:
                parts.append(f"{member}: {literal(about.type, make())}")
        return f"{{{', '.join(parts)}}}"

    def _bounded(self, filter_: dict[str, Any]) -> dict[str, Any]:
        """A filter of task instances that says which."""
        return {**filter_, "dagId": {"eq": self._values.instance[0]}}


def _nullable(type_: Any) -> str:
    return str(type_).removesuffix("!")


def document(seed: int, known: Known) -> Document:
    """The document of a number."""
    return Writer(Random(seed), known).document()  # noqa: S311  # not for secrets
