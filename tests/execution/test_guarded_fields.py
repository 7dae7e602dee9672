"""What stands before a field is never passed by: permissions, extensions, directives.

A schema of its own, over rows in memory.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import strawberry
from strawberry.directive import DirectiveLocation, DirectiveValue
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.permission import BasePermission, PermissionExtension
from strawberry.types.field import StrawberryField
from typing_extensions import override

from dagway.documents import Documents, Ready
from dagway.operation import Gateway, GatewayExecutor, StockExecutor, opened
from loaders.relation import Relation, Rows, Shape, Wanted
from loaders.request import Request
from schema.fields import column, related
from tests.execution.paths import EveryColumnExecutor, compared
from tests.support.databases import Databases

ROWS = (
    {"name": "a", "secret": "of a", "of": "root"},
    {"name": "b", "secret": "of b", "of": "root"},
    {"name": "a1", "secret": "of a1", "of": "a"},
    {"name": "b1", "secret": "of b1", "of": "b"},
)
EXECUTORS = (GatewayExecutor, StockExecutor, EveryColumnExecutor)
asked: list[Any] = []


async def load(
    request: Request, keys: Sequence[Any], args: object, wanted: Wanted
) -> Rows:
    """The rows of each key."""
    del request, args
    each = [[row for row in ROWS if row["of"] == (*key, "root")[0]] for key in keys]
    rows = [
        (at, *[row[name] for name in wanted.columns])
        for at, found in enumerate(each, 1)
        for row in found
    ]
    return Rows(rows, [len(found) for found in each])


_COLUMNS = frozenset({"name", "secret", "of"})
THINGS = Relation("things", Shape.LIST, load, (), _COLUMNS)
PARTS = Relation("parts", Shape.LIST, load, ("name",), _COLUMNS)


class OnlyOfB(BasePermission):
    """Lets nobody see anything but of b."""

    message = "Not for you."

    @override
    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        name = getattr(source, "name", None)
        asked.append((info.field_name, name))
        return bool(name == "b")


class Loud(FieldExtension):
    """Answers in capitals."""

    @override
    def resolve(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs).upper()


def before(field: StrawberryField, *extensions: FieldExtension) -> Any:
    """A declared field with extensions before it."""
    field.extensions = [*field.extensions, *extensions]
    return field


def allowed() -> PermissionExtension:
    return PermissionExtension([OnlyOfB()])


@strawberry.type
class Thing:
    """A row."""

    name: str = column("name", "Its name.")
    secret: str | None = before(column("secret", "Not for all."), allowed())
    must: str = before(column("secret", "Not for all."), allowed())
    loud: str = before(column("name", "In capitals."), Loud())
    parts: list["Thing"] = related(PARTS, "What it has.")
    guarded: list["Thing"] | None = before(related(PARTS, "The same."), allowed())


@strawberry.type
class Query:
    """The root."""

    things: list[Thing] = related(THINGS, "All.")
    denied: list[Thing] | None = before(related(THINGS, "All."), allowed())


@strawberry.directive(locations=[DirectiveLocation.FIELD])
def doubled(value: DirectiveValue[Any]) -> Any:
    """Say it twice."""
    return value * 2


class Watching(SchemaExtension):
    """Sees each field that is resolved."""

    @override
    def resolve(
        self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any
    ) -> Any:
        asked.append(info.field_name)
        return _next(root, info, *args, **kwargs)


class Ways:
    """A gateway with a schema of this module's, in each execution."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def each(self, extensions: Sequence[Any] = (), **more: Any) -> list[Gateway]:
        """One of each, and one that plans within graphql-core's executor."""
        found: list[Gateway] = []
        for executor in (*EXECUTORS, GatewayExecutor):
            schema = strawberry.Schema(
                Query,
                execution_context_class=executor,
                extensions=[Ready, *extensions],
                **more,
            )
            core: Any = schema._schema
            plan = None if executor in {g.executor for g in found} else executor.planned
            documents = Documents(core, None, plan)
            found.append(
                replace(
                    self._gateway,
                    schema=schema,
                    documents=documents,
                    executor=executor,
                )
            )
        return found


@pytest.fixture
async def ways(databases: Databases) -> AsyncIterator[Ways]:
    """The ways to execute."""
    async with opened(databases.address("3.3.2-sqlite")) as gateway:
        yield Ways(gateway)


async def answers(gateways: Sequence[Gateway], document: str) -> list[Any]:
    """Each one's data, and its errors' paths and messages, and who was asked."""
    found = []
    for gateway in gateways:
        asked.clear()
        data, errors = compared(await gateway.answer(document))
        told = sorted((e["message"], str(e["path"])) for e in errors)
        found.append((data, told, sorted(map(str, asked))))
    return found


@pytest.mark.parametrize(
    ("document", "data", "denied"),
    [
        (
            "{ things { name secret } }",
            {
                "things": [
                    {"name": "a", "secret": None},
                    {"name": "b", "secret": "of b"},
                ]
            },
            [["things", 0, "secret"]],
        ),
        (
            "{ things { ... on Thing { ...F } } } fragment F on Thing { s: secret }",
            {"things": [{"s": None}, {"s": "of b"}]},
            [["things", 0, "s"]],
        ),
        (
            "{ things { parts { name secret } } }",
            {
                "things": [
                    {"parts": [{"name": "a1", "secret": None}]},
                    {"parts": [{"name": "b1", "secret": None}]},
                ]
            },
            [["things", 0, "parts", 0, "secret"], ["things", 1, "parts", 0, "secret"]],
        ),
        (
            "{ things { name guarded { name } } }",
            {
                "things": [
                    {"name": "a", "guarded": None},
                    {"name": "b", "guarded": [{"name": "b1"}]},
                ]
            },
            [["things", 0, "guarded"]],
        ),
        (
            "{ denied { name } things { name } }",
            {"denied": None, "things": [{"name": "a"}, {"name": "b"}]},
            [["denied"]],
        ),
        ("{ things { name must } }", None, [["things", 0, "must"]]),
        (
            "{ things { loud parts { loud } } }",
            {
                "things": [
                    {"loud": "A", "parts": [{"loud": "A1"}]},
                    {"loud": "B", "parts": [{"loud": "B1"}]},
                ]
            },
            [],
        ),
        (
            "{ things { name secret @skip(if: true) } }",
            {"things": [{"name": "a"}, {"name": "b"}]},
            [],
        ),
    ],
)
async def test_permissions_and_extensions_stand_before_their_fields(
    ways: Ways, document: str, data: Any, denied: list[Any]
) -> None:
    found = await answers(ways.each(), document)

    told = sorted(("Not for you.", str(path)) for path in denied)
    for answer in found:
        assert answer[:2] == (data, told)
        assert len([one for one in answer[2] if "must" not in one]) >= len(denied) - 1


async def test_a_directive_of_the_schema_is_heeded(ways: Ways) -> None:
    gateways = ways.each(directives=[doubled])

    for document, name in (
        ("{ things { name @doubled } }", "aa"),
        ("{ things { ... @include(if: true) { name @doubled } } }", "aa"),
        ("{ things { name } }", "a"),
    ):
        for data, errors, _ in await answers(gateways, document):
            assert errors == []
            assert data["things"][0]["name"] == name


async def test_an_extension_that_watches_fields_sees_each(ways: Ways) -> None:
    gateways = ways.each(extensions=[Watching])

    for data, errors, seen in await answers(gateways, "{ things { name } }"):
        assert (data, errors) == ({"things": [{"name": "a"}, {"name": "b"}]}, [])
        assert seen == ["name", "name", "things"]


async def test_what_has_nothing_before_it_is_planned(ways: Ways) -> None:
    (level_by_level, *_) = ways.each()
    plain = level_by_level.documents.prepared("{ things { name parts { name } } }")
    guarded = level_by_level.documents.prepared("{ things { name secret } }")

    assert plain.plan is not None
    assert guarded.plan is None
