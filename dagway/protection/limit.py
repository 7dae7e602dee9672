"""Limits: what each is called, which setting has it, and how its refusal reads."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from graphql import GraphQLError, Node

Cost = dict[str, tuple[float, float]]
"""By limit: what was used of it, and what may be at most."""


class Limit(NamedTuple):
    """A limit.

    Attributes:
        name: In `extensions.limit` of an error, and in `extensions.cost`.
        setting: The variable that sets it.
        code: What an error has as `extensions.code`.
        status: Of a response that is refused for it.
    """

    name: str
    setting: str
    code: str
    status: int = 400

    def told(self, message: str) -> str:
        """A refusal's message, with the setting in it."""
        return f"{message} {self.setting} sets this limit."

    def refusal(self, message: str, node: Node | None = None) -> GraphQLError:
        """The error of what is beyond it."""
        extensions = {"code": self.code, "limit": self.name}
        return GraphQLError(self.told(message), node, extensions=extensions)


BODY = Limit("body", "DAGWAY_MAX_BODY", "BODY_TOO_LARGE", 413)
BODY_TIME = Limit("bodySeconds", "DAGWAY_BODY_TIMEOUT", "BODY_TIMEOUT", 408)
CHARACTERS = Limit("characters", "DAGWAY_MAX_TOKENS", "TOKEN_LIMIT")
TOKENS = Limit("tokens", "DAGWAY_MAX_TOKENS", "TOKEN_LIMIT")
FIELDS = Limit("fields", "DAGWAY_MAX_TOKENS", "TOKEN_LIMIT")
REPETITIONS = Limit("repetitions", "DAGWAY_MAX_TOKENS", "TOKEN_LIMIT")
DEPTH = Limit("depth", "DAGWAY_MAX_DEPTH", "DEPTH_LIMIT")
INTROSPECTION_DEPTH = Limit(
    "introspectionDepth", "DAGWAY_MAX_INTROSPECTION_DEPTH", "DEPTH_LIMIT"
)
ALIASES = Limit("aliases", "DAGWAY_MAX_ALIASES", "ALIAS_LIMIT")
DIRECTIVES = Limit("directives", "DAGWAY_MAX_DIRECTIVES", "DIRECTIVE_LIMIT")
ROOT_FIELDS = Limit("rootFields", "DAGWAY_MAX_ROOT_FIELDS", "ROOT_FIELD_LIMIT")
LIST = Limit("list", "DAGWAY_MAX_LIST", "BAD_USER_INPUT")
FILTER_DEPTH = Limit("filterDepth", "DAGWAY_MAX_FILTER_DEPTH", "BAD_USER_INPUT")
FILTER_TESTS = Limit("filterTests", "DAGWAY_MAX_FILTER_TESTS", "BAD_USER_INPUT")
PAGE = Limit("page", "DAGWAY_MAX_PAGE", "BAD_USER_INPUT")
INSTANCES = Limit("instances", "DAGWAY_MAX_INSTANCES", "BAD_USER_INPUT")
EVENTS = Limit("events", "DAGWAY_MAX_EVENTS", "BAD_USER_INPUT")
VERSIONS = Limit("versions", "DAGWAY_MAX_VERSIONS", "BAD_USER_INPUT")
LINES = Limit("lines", "DAGWAY_MAX_LINES", "BAD_USER_INPUT")
IDS = Limit("ids", "DAGWAY_MAX_IDS", "BAD_USER_INPUT")
NODES = Limit("nodes", "DAGWAY_MAX_NODES", "NODE_LIMIT")
ROWS = Limit("rows", "DAGWAY_ROW_BUDGET", "NODE_LIMIT")
STRUCTURES = Limit("structures", "DAGWAY_STRUCTURE_BUDGET", "NODE_LIMIT")
RESPONSE = Limit("response", "DAGWAY_MAX_RESPONSE", "RESPONSE_TOO_LARGE")
OPERATION_TIME = Limit("seconds", "DAGWAY_OPERATION_TIMEOUT", "TIMEOUT")
STATEMENT_TIME = Limit("statementSeconds", "DAGWAY_STATEMENT_TIMEOUT", "TIMEOUT")
HEAVY = Limit("heavyOperations", "DAGWAY_HEAVY_OPERATIONS", "BUSY", 429)
OPERATIONS = Limit("operations", "DAGWAY_MAX_OPERATIONS", "BUSY", 429)
BATCH = Limit("batch", "DAGWAY_MAX_BATCH", "BATCH_LIMIT")
POINTS = Limit("points", "DAGWAY_RATE_BURST", "RATE_LIMITED", 429)

LIMITS: Mapping[str, Limit] = MappingProxyType(
    {one.name: one for one in tuple(globals().values()) if isinstance(one, Limit)}
)
"""All of them, by name."""
