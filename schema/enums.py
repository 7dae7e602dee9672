"""Enums that say which members they have, when a client names another."""

from collections.abc import Callable
from typing import Any

import strawberry
from graphql import GraphQLEnumType, GraphQLError


def tell_members(schema: strawberry.Schema) -> None:
    """Make the errors of every enum's input list its members."""
    for type_ in schema._schema.type_map.values():  # noqa: SLF001  # strawberry's only way there
        if isinstance(type_, GraphQLEnumType) and not type_.name.startswith("__"):
            allowed = ", ".join(type_.values)
            telling: Any = type_  # methods of one object, which checkers refuse
            telling.coerce_input_value = _telling(type_.coerce_input_value, allowed)
            telling.coerce_input_literal = _telling(type_.coerce_input_literal, allowed)


def _telling(parse: Callable[..., Any], allowed: str) -> Callable[..., Any]:
    def parsed(*given: Any) -> Any:
        try:
            return parse(*given)
        except GraphQLError as error:
            message = f"{error.message} Allowed are {allowed}."
            code = {"code": "BAD_USER_INPUT"}
            raise GraphQLError(message, error.nodes, extensions=code) from error

    return parsed
