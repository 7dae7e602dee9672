"""How often a relation is loaded, level by level."""

from collections.abc import Sequence
from typing import Any

import pytest

from dagway.operation import StockExecutor, opened
from loaders.relation import Relation, Rows, Wanted
from loaders.request import Request
from tests.support.databases import Databases

DATABASE = "3.3.2-sqlite"


@pytest.mark.parametrize(
    ("selection", "loads"),
    [
        ("source { id label } target { id label }", 1),
        ("source { id } after: target { id } target { id }", 1),
        ("source { id label } target { label id }", 2),
        ("source { id group { id } } target { id group { id } }", 1),
        ("source { upstream { id } } target { upstream(depth: 2) { id } }", 2),
    ],
)
async def test_fields_with_the_same_answers_by_other_keys_are_one_load(
    selection: str,
    loads: int,
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[str] = []
    load = Request.load

    async def counted(
        self: Request,
        relation: Relation,
        keys: Sequence[Any],
        args: Any,
        wanted: Wanted,
    ) -> Rows:
        loaded.append(relation.name)
        return await load(self, relation, keys, args, wanted)

    document = f'{{ dag(dagId: "fx_groups") {{ edges {{ {selection} }} }} }}'
    async with opened(databases.address(DATABASE)) as gateway:
        stock = await gateway.executed_by(StockExecutor).answer(document)
        monkeypatch.setattr(Request, "load", counted)
        answer = await gateway.answer(document)

    assert answer.errors == []
    assert answer.data == stock.data
    assert sum(name in {"source", "target"} for name in loaded) == loads
