"""Documents, made ready to run: parsed, held to the limits, validated; each once."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.values import get_variable_values
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from typing_extensions import override

from dagway.ceiling import Ceiling
from dagway.deferred import undeferred
from dagway.limits import Limits, cost_of, measured
from dagway.protection import inputs
from dagway.protection.limit import CHARACTERS, NODES, TOKENS, Cost
from execution.executor import BY_FIELD
from execution.levels import Root
from loaders.errors import ClientError
from metadb.kept import Kept

KEPT = 262_144
"""Characters of the documents that are kept, and again of those that are with plans.

Reading a document costs more than running a small one. Once parsed it takes some 150
bytes for each character of its text, and clients choose the text.
"""
_LONG = 4_096  # characters of variables from which on no plan is kept
_DOCUMENT = "document"
_LENGTH = 32  # characters a token, at most: a lexer's time goes by characters
_BY_HAND = 4_000  # characters up to which misspelt names are worth a suggestion
_MOST_ERRORS = 5  # what suggests another name takes milliseconds for each
_MOST_MESSAGE = 500
_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


class Refused(Exception):
    """An operation that does not run at all.

    Attributes:
        errors: What is wrong with it.
        cost: What is known of what it would cost.
    """

    def __init__(self, *errors: GraphQLError, cost: Cost | None = None) -> None:
        super().__init__(*errors)
        self.errors = list(errors)
        self.cost = cost or {}


@dataclass(frozen=True, slots=True, eq=False)
class _Document:
    """A valid document, as it was sent and parsed, and the arguments of its fields."""

    text: str
    node: DocumentNode
    given: inputs.Found


Plan = Callable[
    [GraphQLSchema, DocumentNode, str | None, dict[str, Any]],
    tuple[Root, ...] | None,
]
"""Plans the operation of that name, if it can be planned."""


@dataclass(eq=False)
class Prepared:
    """An operation that may run.

    Attributes:
        text: Its document, as it was sent.
        document: The same, parsed.
        variables: As they were sent.
        nodes: How many objects it leads to, at most.
        inputs: What its arguments hold, by limit.
        plan: Its root fields, planned; None where graphql-core must execute it.
        said: What was answered, where nothing is loaded: it is the same for ever.
    """

    text: str
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: dict[str, Any]
    nodes: int
    inputs: Cost
    plan: tuple[Root, ...] | None
    said: bytes | None = None

    @cached_property
    def loads(self) -> bool:
        """Whether it takes the database to answer it."""
        return self.plan is None or any(root.loads for root in self.plan)

    @cached_property
    def name(self) -> str | None:
        """The operation's name."""
        name = self.operation.name
        return None if name is None else name.value

    @cached_property
    def kind(self) -> str:
        """`query`, `mutation` or `subscription`."""
        return self.operation.operation.value

    @property
    def extensions(self) -> dict[str, Any]:
        """What tells `Ready` the document, and that its plan, if any, has failed."""
        return {_DOCUMENT: self.document, BY_FIELD: self.plan is not None}


class Ready(SchemaExtension):
    """Lets strawberry execute what is prepared, as it is."""

    @override
    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        context.graphql_document = (context.operation_extensions or {}).get(_DOCUMENT)
        yield

    @override
    def on_validate(self) -> Iterator[None]:
        if self.execution_context.operation_extensions:
            self.execution_context.pre_execution_errors = []
        yield


class Documents:
    """Prepares operations.

    Args:
        limits: What they are held to; None for nothing.
        plan: Plans them; None for graphql-core to execute all.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits | None = None,
        plan: Plan | None = None,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._plan = plan
        self._documents: Kept[str, _Document] = Kept(KEPT)
        self._operations: Kept[tuple[str, str | None, str], Prepared] = Kept(KEPT)

    def prepared(
        self,
        text: str,
        variables: Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> Prepared:
        """An operation of a document: the one of that name, or the only one.

        Raises:
            Refused: if it cannot run, or may not.
        """
        given = dict(variables or {})
        try:
            # other than orjson, it tells NaN from null
            spelt = json.dumps(given) if given else "{}"
        except (TypeError, RecursionError):  # no JSON, or nested too deeply
            return self._prepared(text, name, given)
        if len(spelt) > _LONG:
            return self._prepared(text, name, given)
        return self._operations.get(
            (text, name, spelt),
            lambda: self._prepared(text, name, json.loads(spelt)),
            len(text) + len(spelt),
        )

    def _prepared(self, text: str, name: str | None, given: dict[str, Any]) -> Prepared:
        document = self._documents.get(text, lambda: self._read(text), len(text))
        node = document.node
        operation = _operation(node, name)
        coerced = get_variable_values(
            self._schema, operation.variable_definitions or (), given, _MOST_ERRORS
        )
        if isinstance(coerced, list):
            raise Refused(*(_mistake(error, "BAD_USER_INPUT") for error in coerced))
        nodes = Ceiling(self._schema, node, coerced.coerced).of(operation)
        held: Cost = {}
        if self._limits is not None:
            held = self._held(document, operation, coerced.coerced, nodes, self._limits)
        plan = self._plan and self._plan(self._schema, node, name, given)
        return Prepared(document.text, node, operation, given, nodes, held, plan)

    @staticmethod
    def _held(
        document: _Document,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        nodes: int,
        limits: Limits,
    ) -> Cost:
        """What an operation's arguments hold, by limit.

        Raises:
            Refused: if that, or the objects that it leads to, is beyond a limit.
        """
        name = None if operation.name is None else operation.name.value
        cost, errors = inputs.measured(document.given[name], variables, limits)
        most = limits.nodes
        if not errors and nodes > most:
            message = (
                f"The operation may lead to {nodes:,} objects; at most {most:,} are "
                "allowed. Ask for fewer items a page."
            )
            errors = [NODES.refusal(message, operation)]
        if errors:
            own = cost_of(document.node, operation, limits)
            cost = {**own, **cost, NODES.name: (nodes, most)}
            raise Refused(*errors[:_MOST_ERRORS], cost=cost)
        return cost

    def _read(self, text: str) -> _Document:
        """A valid document.

        Raises:
            Refused: with what is wrong with it.
        """
        document = self._parsed(text)
        if self._limits is not None:
            cost, beyond = measured(document, self._limits)
            if beyond:
                raise Refused(*beyond, cost=cost)
        given: inputs.Found = {}
        errors = validate(
            self._schema,
            document,
            (*_RULES, inputs.collecting(given)),
            max_errors=_MOST_ERRORS,
            hide_suggestions=len(text) > _BY_HAND,
        )
        if errors:
            raise Refused(
                *(_mistake(error, "GRAPHQL_VALIDATION_FAILED") for error in errors)
            )
        return _Document(text, undeferred(document, text), given)

    def _parsed(self, text: str) -> DocumentNode:
        most = None if self._limits is None else self._limits.tokens
        length = None if most is None else most * _LENGTH
        if length is not None and len(text) > length:
            message = f"The document has more than {length:,} characters."
            cost: Cost = {CHARACTERS.name: (len(text), length)}
            raise Refused(CHARACTERS.refusal(message), cost=cost)
        try:
            document = parse(text, max_lexical_tokens=most, max_comments=most)
        except GraphQLSyntaxError as error:
            if most is None or " contains more than " not in error.message:
                raise Refused(_mistake(error, "GRAPHQL_PARSE_FAILED")) from None
            cost = {TOKENS.name: (most + 1, most)}  # it is read no further
            raise Refused(TOKENS.refusal(error.message), cost=cost) from None
        return _unchained(document)


def _unchained(document: DocumentNode) -> DocumentNode:
    """A document whose tokens do not know their neighbours.

    Only the parser asks for those. Nodes keep their tokens, so that each token would
    keep all others, in circles that Python finds late once the document has gone.
    """
    token = None if document.loc is None else document.loc.start_token
    while token is not None:
        following = token.next
        token.prev = token.next = None
        token = following
    return document


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = {
        None if one.name is None else one.name.value: one
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
    }
    if name is None and len(operations) == 1:
        (operation,) = operations.values()
        return operation
    found = operations.get(name)
    if found is None:
        named = "no operationName" if name is None else f"the operationName {name!r}"
        names = ", ".join(one for one in operations if one) or "none of a name"
        message = f"The request has {named}; the document has {names}."
        raise Refused(GraphQLError(message, extensions={"code": "BAD_USER_INPUT"}))
    return found


def _mistake(error: GraphQLError, code: str) -> GraphQLError:
    """An error of what was sent, without most of it where that is very much.

    It has no cause but a mistake that we know: graphql-core's own reading of values may
    fail, as with integers of more digits than Python reads.
    """
    message = error.message
    if len(message) > _MOST_MESSAGE:
        message = f"{message[:_MOST_MESSAGE]}…"
    cause = error.original_error
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        original_error=cause if isinstance(cause, ClientError) else None,
        extensions={"code": code, **(error.extensions or {})},
    )
