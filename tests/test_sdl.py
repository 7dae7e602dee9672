"""The API as it is published: its SDL, its descriptions, and what has changed."""

import re
from collections.abc import Iterator
from pathlib import Path

import graphql
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLNamedType,
    find_breaking_changes,
)

from schema.build import build_schema, misdeclared, print_sdl
from tests.support.documents import CORE, VIEWS, core, view

ROOT = Path(__file__).parents[1]
PRINTED = ROOT / "schema.graphql"
RELEASED = ROOT / "schema.released.graphql"
PYTHON_WORDS = r"\b(dict|str|tuple|datetime|kwargs)\b"
CHANGELOG = ROOT / "CHANGELOG.md"


def test_the_printed_schema_is_what_the_code_says() -> None:
    assert PRINTED.read_text(encoding="utf-8") == print_sdl(), (
        "run: .venv/bin/python -m dagway print-schema > schema.graphql"
    )


def breaking_changes(released: str, printed: str, changelog: str) -> list[str]:
    """Changes that break clients and that the changelog does not name."""
    unreleased = changelog.partition("## [Unreleased]")[2].partition("\n## [")[0]
    changes = find_breaking_changes(
        graphql.build_schema(released), graphql.build_schema(printed)
    )
    return [
        change.description for change in changes if change.description not in unreleased
    ]


def test_what_breaks_clients_is_named_in_the_changelog() -> None:
    assert not breaking_changes(
        RELEASED.read_text(encoding="utf-8"),
        PRINTED.read_text(encoding="utf-8"),
        CHANGELOG.read_text(encoding="utf-8"),
    ), "name each of these under Unreleased in CHANGELOG.md, word for word"


def test_a_breaking_change_shows_unless_it_is_named() -> None:
    before = "type Query { dag: String dags: [String!] }"
    after = "type Query { dags: [String!] }"
    said = "Field Query.dag was removed."

    assert breaking_changes(before, after, "## [Unreleased]\n") == [said]
    assert breaking_changes(before, after, f"## [Unreleased]\n- {said}\n") == []
    older = f"## [Unreleased]\n\n## [0.1.0]\n- {said}\n"
    assert breaking_changes(before, after, older) == [said]


def own_types() -> list[GraphQLNamedType]:
    """The schema's types, GraphQL's own apart."""
    schema = graphql.build_schema(print_sdl())
    builtin = {"Boolean", "Float", "ID", "Int", "String"}
    return [
        type_
        for name, type_ in schema.type_map.items()
        if not name.startswith("__") and name not in builtin
    ]


def described() -> Iterator[tuple[str, str | None]]:
    """Everything that has a description, by name."""
    for type_ in own_types():
        yield type_.name, type_.description
        members = getattr(type_, "fields", {})
        if isinstance(type_, GraphQLEnumType):
            members = type_.values
        for name, member in members.items():
            yield f"{type_.name}.{name}", member.description


def test_every_type_field_and_value_is_described_in_a_sentence() -> None:
    for name, description in described():
        assert description, name
        assert re.fullmatch(r"(?s)[A-Z0-9*#`@-].*[.!]", description), (
            name,
            description,
        )


def test_descriptions_do_not_speak_of_python() -> None:
    for name, description in described():
        assert not re.search(PYTHON_WORDS, description or ""), name


def test_declarations_fit_the_types() -> None:
    assert list(misdeclared(build_schema())) == []


def test_there_is_nothing_but_queries() -> None:
    schema = graphql.build_schema(print_sdl())

    assert schema.mutation_type is None
    assert schema.subscription_type is None


@pytest.mark.parametrize("name", CORE)
def test_core_documents_are_valid(name: str) -> None:
    schema = graphql.build_schema(print_sdl())

    assert graphql.validate(schema, graphql.parse(core(name))) == []


@pytest.mark.parametrize("name", VIEWS)
def test_view_documents_are_valid(name: str) -> None:
    schema = graphql.build_schema(print_sdl())

    assert graphql.validate(schema, graphql.parse(view(name))) == []
