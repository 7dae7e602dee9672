"""Directives of documents, beside those that GraphQL itself has."""

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLDirective,
    GraphQLNonNull,
    GraphQLString,
)

DEFER = GraphQLDirective(
    "defer",
    [DirectiveLocation.FRAGMENT_SPREAD, DirectiveLocation.INLINE_FRAGMENT],
    {
        "if": GraphQLArgument(
            GraphQLNonNull(GraphQLBoolean),
            default_value=True,
            description="Whether the fragment may come later.",
        ),
        "label": GraphQLArgument(
            GraphQLString, description="A name for the fragment, unique in a document."
        ),
    },
    description=(
        "Allows the fragment to come later than the rest of the answer. This gateway "
        "answers it with the rest, from one state of the database."
    ),
)
