"""Excerpts of answers: what a selection keeps, as JSON that is pleasant to read.

A selection is written as GraphQL writes it. A name alone keeps all below it; `at` says
which items of a list are kept, without it the first two:
`{ dag { runs { nodes(at: [0]) { runId state } } } }`.
"""

import json
from typing import Any

from graphql import (
    FieldNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    value_from_ast_untyped,
)

WIDTH = 92
LONGEST = 96
"""Characters of a text that are kept."""


def excerpt(data: Any, selection: str) -> str:
    """JSON of what a selection keeps of some data.

    Raises:
        LookupError: if the data has no such field or item.
    """
    (operation,) = parse(selection).definitions
    if not isinstance(operation, OperationDefinitionNode):
        raise TypeError(selection)
    return _laid_out(_kept(data, operation.selection_set, None))


def _kept(value: Any, below: SelectionSetNode | None, at: list[int] | None) -> Any:
    match value:
        case list():
            chosen = value[:2] if at is None else [value[i] for i in at]
            return [_kept(item, below, None) for item in chosen]
        case dict() if below is not None:
            fields = [node for node in below.selections if isinstance(node, FieldNode)]
            return {
                field.name.value: _kept(
                    value[field.name.value], field.selection_set, _at(field)
                )
                for field in fields
            }
        case dict():
            return {name: _kept(inner, None, None) for name, inner in value.items()}
        case str() if len(value) > LONGEST:
            return f"{value[:LONGEST]}…"
    return value


def _at(field: FieldNode) -> list[int] | None:
    for argument in field.arguments or ():
        found: list[int] = value_from_ast_untyped(argument.value)
        return found
    return None


def _laid_out(value: Any, indent: str = "", before: int = 0) -> str:
    """JSON: on one line what fits, after so many characters on its first line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + before + len(line) < WIDTH or not isinstance(value, dict | list):
        return line
    inner = f"{indent}  "
    if isinstance(value, list):
        parts = [_laid_out(item, inner) for item in value]
    else:
        names = {f"{json.dumps(name)}: ": item for name, item in value.items()}
        parts = [f"{n}{_laid_out(item, inner, len(n))}" for n, item in names.items()]
    start, end = ("[", "]") if isinstance(value, list) else ("{", "}")
    return f"{start}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{end}"
