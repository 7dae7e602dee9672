"""Fragments that may come later, which come with the rest of the answer."""

from graphql import REMOVE, DirectiveNode, DocumentNode, Visitor, visit

from schema.directives import DEFER


class _Undeferring(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> object:
        return REMOVE if node.name.value == DEFER.name else None


def undeferred(document: DocumentNode, text: str) -> DocumentNode:
    """A valid document, of that text, without what lets a fragment come later."""
    if DEFER.name not in text:
        return document
    found: DocumentNode = visit(document, _Undeferring())
    return found
