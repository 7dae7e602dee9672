"""Keys and rules change under load, and no request is dropped or sees too much."""

import asyncio
from pathlib import Path

import httpx
import pytest

from dagway.identity import keys, watched
from dagway.identity.watched import Watched
from tests.support.databases import Databases
from tests.support.servers import PATIENCE_S, Server, served

DAGS = {"query": "{ dags(first: 1000) { nodes { dagId } } }"}
RULE = """
[[rule]]
keys = ["grafana"]
allow = [{{tags = ["link"]}}]
deny = [{{dag_ids = ["{denied}"]}}]
"""
CHANGES = 30
LINKED = {"fx_external", "fx_trigger_child", "fx_trigger_parent"}


async def test_files_change_under_load(databases: Databases, tmp_path: Path) -> None:
    staying, kept = keys.made("grafana")
    file, rules = tmp_path / "keys", tmp_path / "rules.toml"
    file.write_text(kept.line)
    rules.write_text(RULE.format(denied="fx_external"))
    address = databases.address("3.3.2-sqlite")
    with served(
        address,
        DAGWAY_LOG_LEVEL="error",  # nobody empties the pipes meanwhile
        DAGWAY_OPERATION_LOG="off",
        DAGWAY_KEYS_FILE=str(file),
        DAGWAY_RULES_FILE=str(rules),
    ) as server:
        over = asyncio.Event()
        asking = [asyncio.create_task(load(server, staying, over)) for _ in range(4)]
        for at in range(CHANGES):
            lines = [keys.made("other")[1].line for _ in range(at % 3 * 50)]
            denied = sorted(LINKED)[at // 3 % 3]
            if at % 2:
                replace(file, "\n".join([*lines, kept.line]))
                replace(rules, RULE.format(denied=denied))
            else:  # in place, so that it is empty, or cut, for a moment
                file.write_text("\n".join([*lines, kept.line]))
                rules.write_text(RULE.format(denied=denied))
            await asyncio.sleep(0.1 if at % 3 < 2 else 0.7)
        over.set()
        answers = [answer for each in await asyncio.gather(*asking) for answer in each]

    assert len(answers) > CHANGES
    assert {status for status, _ in answers} == {200}
    seen = {dags for _, dags in answers}
    assert seen <= {frozenset(LINKED - {one}) for one in LINKED}
    assert len(seen) > 1


def replace(file: Path, text: str) -> None:
    """Put a new file in its place."""
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(file)


async def load(
    server: Server, key: str, over: asyncio.Event
) -> list[tuple[int, frozenset[str]]]:
    """Statuses, and the DAGs that were seen, until it is over."""
    found = []
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        while not over.is_set():
            response = await client.post(server.url, json=DAGS, headers=headers)
            dags = ((response.json().get("data") or {}).get("dags") or {}).get("nodes")
            ids = frozenset(dag["dagId"] for dag in dags or ())
            found.append((response.status_code, ids))
    return found


def test_a_file_that_is_being_written_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("one two")
    words = Watched(str(file), str.split)
    monkeypatch.setattr(watched, "SETTLED_S", 3600.0)
    file.write_text("one")
    assert words.value() == ["one", "two"]
    file.write_text("")
    monkeypatch.setattr(watched, "SETTLED_S", 0.0)
    assert words.value() == ["one", "two"]
    monkeypatch.setattr(watched, "SETTLED_S", 3600.0)
    file.write_text("one three")
    assert words.value() == ["one", "two"]
    monkeypatch.setattr(watched, "SETTLED_S", 0.0)
    assert words.value() == ["one", "three"]
