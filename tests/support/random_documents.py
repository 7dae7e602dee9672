"""Random documents over the schema: valid ones, with everything that GraphQL has.

Aliases, named and inline fragments, merged fields, @skip and @include, variables,
interfaces and connections; and now and then one argument that a client got wrong.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from schema.build import build_schema

_SCHEMA: Any = build_schema()._schema  # strawberry's only way to graphql-core's

# the clock differs from run to run, and of these only one parent may be asked
_NEVER = frozenset({"asOf", "log"})
_ONCE = frozenset({"upstreamDependencies", "downstreamDependencies"})
_STRUCTURED = frozenset({"Dag", "DagVersion", "DagRun"})
_STEPS = frozenset({"runs", "depth", "upstream", "downstream"})
_WRONG = ("first: -1", "first: 100000", 'after: "nonsense"')


@dataclass(frozen=True)
class Known:
    """What documents may name, of one database."""

    dag_ids: Sequence[str]
    runs: Sequence[tuple[str, str]]
    instances: Sequence[tuple[str, str, str, int]]
    task_ids: Sequence[str]
    ids: Sequence[str]


@dataclass
class Document:
    """A document, its variables, and how many mistakes it has."""

    text: str
    variables: dict[str, Any]
    mistakes: int


@dataclass
class Writer:
    """Writes one document."""

    random: Random
    known: Known
    mistakes: int = 0
    _fragments: list[str] = field(default_factory=list)
    _variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    _arguments: dict[tuple[str, str], str] = field(default_factory=dict)
    _numbers: int = 0

    def document(self) -> Document:
        """A query of one to three root fields."""
        query = _SCHEMA.query_type
        roots = [name for name in query.fields if name not in _NEVER]
        chosen = self.random.sample(roots, self.random.randint(1, 3))
        body = " ".join(self._field(query, name, 4, alone=True) for name in chosen)
        declared = ", ".join(f"${n}: {t}" for n, (t, _) in self._variables.items())
        head = f"query Random({declared})" if declared else "query Random"
        text = "\n".join([f"{head} {{ {body} }}", *self._fragments])
        variables = {name: value for name, (_, value) in self._variables.items()}
        return Document(text, variables, self.mistakes)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _selection(self, type_: Any, depth: int, *, alone: bool) -> str:
        """The selection set of a composite type."""
        if isinstance(type_, GraphQLInterfaceType):
            return self._of_any(type_, depth, alone=alone)
        names = [n for n in type_.fields if self._fits(type_, n, depth, alone=alone)]
        chosen = self.random.sample(names, min(len(names), self.random.randint(1, 5)))
        parts = [self._field(type_, name, depth, alone=alone) for name in chosen]
        if self.random.random() < 0.2:
            parts.append("__typename")
        if self.random.random() < 0.3 and chosen:
            parts.append(self._fragment(type_, depth, alone=alone))
        if type_.name in _STRUCTURED and depth > 1 and self.random.random() < 0.4:
            shared = _SCHEMA.type_map["DagStructure"]
            inner = self._field(shared, "edges", depth - 1, alone=alone)
            parts.append(f"... on DagStructure {{ {inner} }}")
        if self.random.random() < 0.15 and chosen:  # merged: the same field twice
            parts.append(self._field(type_, chosen[0], depth, alone=alone, plain=True))
            parts.append(self._field(type_, chosen[0], depth, alone=alone, plain=True))
        return "{ " + " ".join(parts or ["__typename"]) + " }"

    def _of_any(self, type_: GraphQLInterfaceType, depth: int, *, alone: bool) -> str:
        """Of an interface: its id, and fields of some of its types."""
        possible = _SCHEMA.get_possible_types(type_)
        chosen = self.random.sample(list(possible), 3)
        parts = ["__typename"]
        for one in chosen:
            names = [n for n in one.fields if self._fits(one, n, depth, alone=alone)]
            inner = [
                self._field(one, name, depth - 1, alone=alone, prefix=one.name)
                for name in self.random.sample(names, min(3, len(names)))
            ]
            parts.append(f"... on {one.name} {{ {' '.join(inner)} }}")
        return "{ " + " ".join(parts) + " }"

    def _fits(self, type_: Any, name: str, depth: int, *, alone: bool) -> bool:
        if name in _NEVER or (name in _ONCE and not alone):
            return False
        return depth > 0 or is_leaf_type(get_named_type(type_.fields[name].type))

    def _fragment(self, type_: GraphQLObjectType, depth: int, *, alone: bool) -> str:
        """A fragment on the same type, named or inline."""
        names = [n for n in type_.fields if self._fits(type_, n, depth, alone=alone)]
        name = self.random.choice(names)
        inner = self._field(type_, name, depth - 1 if depth else 0, alone=alone)
        if self.random.random() < 0.5:
            return f"... {self._directive()} {{ {inner} }}"
        fragment = f"F{self._number()}"
        self._fragments.append(f"fragment {fragment} on {type_.name} {{ {inner} }}")
        return f"...{fragment} {self._directive()}"

    def _directive(self) -> str:
        if self.random.random() < 0.7:
            return ""
        word = self.random.choice(("skip", "include"))
        if self.random.random() < 0.5:
            return f"@{word}(if: {self.random.choice(('true', 'false'))})"
        return f"@{word}(if: {self._variable('Boolean!', self.random.random() < 0.5)})"

    def _variable(self, type_: str, value: Any) -> str:
        name = f"v{self._number()}"
        self._variables[name] = (type_, value)
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
        if prefix or (not plain and self.random.random() < 0.25):
            alias = f"{prefix or 'a'}{self._number()}: "
        key = (type_.name, name)
        if alias:
            arguments = self._argued(type_.name, name, found)
        else:
            if key not in self._arguments:
                self._arguments[key] = self._argued(type_.name, name, found)
            arguments = self._arguments[key]
        inner: Any = get_named_type(found.type)
        directive = "" if plain or not alias else self._directive()
        text = f"{alias}{name}{arguments} {directive}".rstrip()
        if is_leaf_type(inner):
            return text
        bare = (
            found.type.of_type if isinstance(found.type, GraphQLNonNull) else found.type
        )
        several = isinstance(bare, GraphQLList) or "pageInfo" in inner.fields
        still_alone = alone and not several
        return f"{text} {self._selection(inner, depth - 1, alone=still_alone)}"

    def _argued(self, type_name: str, name: str, found: GraphQLField) -> str:
        """A field's arguments: what it needs, and some of what it takes."""
        parts = []
        if "first" in found.args and not self.mistakes and self.random.random() < 0.01:
            self.mistakes += 1
            wrong = self.random.choice(_WRONG)
            if wrong.partition(":")[0] in found.args:
                parts.append(wrong)
        elif "first" in found.args and self.random.random() < 0.8:
            parts.append(f"first: {self.random.choice((0, 1, 2, 3, 7))}")
        parts += self._needed(type_name, name, found.args)
        order = found.args.get("orderBy")
        if order is not None and not parts and self.random.random() < 0.7:
            input_type: Any = get_named_type(order.type)
            by = input_type.fields["by"].type
            member = self.random.choice(list(_members(get_named_type(by))))
            direction = self.random.choice(("ASC", "DESC"))
            parts.append(f"orderBy: {{by: {member}, direction: {direction}}}")
        return f"({', '.join(parts)})" if parts else ""

    def _needed(self, type_name: str, name: str, args: Mapping[str, Any]) -> list[str]:
        """Arguments that a field must have; what they name is mostly there."""
        r, known = self.random, self.known
        dag_id, run_id, task_id, map_index = r.choice(known.instances)
        if r.random() < 0.5:
            dag_id, run_id = r.choice(known.runs)
        values: dict[str, Any] = {
            "dagId": dag_id,
            "runId": run_id,
            "taskId": task_id if "runId" in args else r.choice(known.task_ids),
            "mapIndex": map_index,
            "versionNumber": r.choice((1, 2)),
            "tryNumber": 1,
            "id": r.choice(known.ids),
            "ids": r.sample(list(known.ids), 3),
            "key": "return_value",
            "after": "2026-11-01T00:00:00Z",
            "before": "2026-11-01T00:00:00Z",
            "start": "2026-11-01T00:00:00Z",
            "end": "2026-11-03T00:00:00Z",
            "name": "fx_orders",
        }
        found = []
        for argument, about in args.items():
            needed = isinstance(about.type, GraphQLNonNull)
            wanted = (needed and about.default_value is None) or argument == "mapIndex"
            if name == "asset" and argument == "name":
                wanted = True
            if (
                type_name == "Query"
                and name == "taskInstances"
                and argument == "filter"
            ):
                found.append(f"filter: {{dagId: {{eq: {json.dumps(dag_id)}}}}}")
            elif name == "by" and argument == "dimension":
                found.append("dimension: TAG")
            elif (wanted or is_required_argument(about)) and argument in values:
                value = values[argument]
                if r.random() < 0.3:
                    found.append(
                        f"{argument}: {self._variable(str(about.type), value)}"
                    )
                else:
                    found.append(f"{argument}: {json.dumps(value)}")
            elif argument in _STEPS and r.random() < 0.5:
                found.append(f"{argument}: {r.choice((1, 2, 3))}")
        return found


def _members(type_: Any) -> Sequence[str]:
    assert isinstance(type_, GraphQLEnumType)
    return list(type_.values)


def document(seed: int, known: Known) -> Document:
    """The document of a number."""
    return Writer(Random(seed), known).document()  # noqa: S311  # not for secrets
