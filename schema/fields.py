"""How a type of the API says what a field reads: the face of `loaders.relation`.

Each helper makes graphql-core's resolver from the declaration, and lets the
declaration travel in the field's metadata, where the planner finds it again.
They return Any, which stands for the value of the annotated attribute.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from operator import attrgetter
from typing import Any

import strawberry

from loaders.relation import (
    DECLARATION,
    Choice,
    Choices,
    Declaration,
    Embedded,
    Part,
    Read,
    Relation,
    Via,
    Wanted,
)
from loaders.request import Request
from metadb.formats import identities, identity


def column(name: str, description: str) -> Any:
    """A column of the row, as it is."""
    return _leaf(Read((name,)), description)


def worded(
    name: str, words: Mapping[str, Enum], other: Enum | None, description: str
) -> Any:
    """A column of words, as an enum's members; unknown words are `other`."""
    return _leaf(Read((name,), words=words, other=other), description)


def derived(columns: tuple[str, ...], of: Callable[..., Any], description: str) -> Any:
    """A function of columns, in the order named."""
    return _leaf(Read(columns, of), description)


class _Identity:
    """Makes ids of one kind: of an object's parts, or of columns of them."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __call__(self, *parts: str | int) -> str:
        return identity(self._kind, *parts)

    def column(self, *columns: Sequence[str | int]) -> list[str]:
        """The ids of many objects."""
        return identities(self._kind, *columns)


def identified(
    kind: str, columns: tuple[str, ...], description: str = "Its identity."
) -> Any:
    """The id that a kind and columns make, in the order named."""
    return _leaf(Read(columns, _Identity(kind)), description)


def via(
    relation: Relation,
    columns: tuple[str, ...],
    of: Callable[..., Any] | None,
    description: str,
    words: Mapping[str, Enum] | None = None,
    other: Enum | None = None,
) -> Any:
    """A function of columns of a relation's one row, NULLs where there is none.

    Its arguments are those of `relation.args`.
    """
    declared = Via(relation, Read(columns, of, words, other))
    key = _key_of(relation)
    value = value_of(declared.read)

    async def resolve(
        root: Any, info: strawberry.Info[Request, None], **given: Any
    ) -> Any:
        args = relation.args(**given)
        loader = info.context.loader(relation, args, Wanted(columns), relation.name)
        row = await loader.load(key(root))
        return value([None] * len(columns) if row is None else row[1:])

    return _field(_with_arguments(resolve, relation.args), declared, description)


def embedded(description: str, present: str | None = None) -> Any:
    """An object made of the same row; null where the column `present` is."""

    def resolve(root: Any) -> Any:
        there = present is None or getattr(root, present) is not None
        return root if there else None

    return _field(resolve, Embedded(present), description)


def part(name: str, of: Callable[[Any], Any], description: str) -> Any:
    """A part of a page."""

    def resolve(root: Any) -> Any:
        return of(root)

    return _field(resolve, Part(name), description)


def related(relation: Relation, description: str) -> Any:
    """What a relation leads to; its arguments are those of `relation.args`."""
    key = _key_of(relation)

    async def resolve(
        root: Any, info: strawberry.Info[Request, None], **given: Any
    ) -> Any:
        args = relation.args(**given)
        request = info.context
        wanted, type_name = _planner(request).wanted(relation, args, info)
        return await request.loader(relation, args, wanted, type_name).load(key(root))

    return _field(_with_arguments(resolve, relation.args), relation, description)


def chosen(choice: Choice, description: str) -> Any:
    """An object whose type an argument names."""

    async def resolve(
        root: Any, info: strawberry.Info[Request, None], **given: Any
    ) -> Any:
        del root
        return await _chosen(choice, choice.of(**given), info)

    return _field(_with_arguments(resolve, choice.of), choice, description)


def each_chosen(choices: Choices, description: str) -> Any:
    """Objects whose types an argument names, each or null."""

    async def resolve(
        root: Any, info: strawberry.Info[Request, None], **given: Any
    ) -> Any:
        del root
        return [_chosen(choices, named, info) for named in choices.of(**given)]

    return _field(_with_arguments(resolve, choices.of), choices, description)


async def _chosen(
    choice: Choice | Choices, named: Any, info: strawberry.Info[Request, None]
) -> Any:
    if named is None:
        return None
    type_name, key = named
    relation = choice.relations[type_name]
    request = info.context
    wanted = _planner(request).wanted_as(relation, type_name, info)
    return await request.loader(relation, None, wanted, type_name).load(key)


def value_of(read: Read) -> Callable[[Any], Any]:
    """A leaf's value, given its columns' values in order."""
    of, words, other = read.of, read.words, read.other
    if of is not None:
        plain = of
        if words is None:
            return lambda values: plain(*values)
        known = words
        return lambda values: _member(plain(*values), known, other)
    if words is not None:
        known = words
        return lambda values: _member(values[0], known, other)
    return lambda values: values[0]


def _member(word: Any, words: Mapping[str, Enum], other: Enum | None) -> Enum | None:
    return None if word is None else words.get(word, other)


def _leaf(read: Read, description: str) -> Any:
    get = attrgetter(*read.columns)
    value = value_of(read)
    single = len(read.columns) == 1

    def resolve(root: Any) -> Any:
        found = get(root)
        return value((found,) if single else found)

    return _field(resolve, read, description)


def _field(
    resolver: Callable[..., Any], declaration: Declaration, description: str
) -> Any:
    return strawberry.field(
        resolver=resolver,
        description=description,
        metadata={DECLARATION: declaration},
    )


def _key_of(relation: Relation) -> Callable[[Any], tuple[Any, ...]]:
    if not relation.key:
        return lambda _root: ()
    get = attrgetter(*relation.key)
    if len(relation.key) == 1:
        return lambda root: (get(root),)
    return get


def _planner(request: Request) -> Any:
    """The executor, which puts itself there before the first resolver runs."""
    return request.planner


def _with_arguments(
    resolve: Callable[..., Any], declared_by: Callable[..., Any]
) -> Callable[..., Any]:
    """Give a resolver the arguments of another function.

    strawberry reads them from the signature, and resolves annotations that are text
    in the resolver's module.
    """
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    own = [p for p in inspect.signature(resolve).parameters.values() if p.kind is kind]
    declared = inspect.signature(declared_by).parameters.values()
    signature = inspect.Signature([*own, *declared])
    resolve.__signature__ = signature  # type: ignore[attr-defined]  # read by inspect
    resolve.__module__ = declared_by.__module__
    return resolve
