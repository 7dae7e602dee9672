"""Rules: who sees which DAGs, on every backend, and as the file says now."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from dagway.identity import keys, rules, watched
from dagway.identity.bearer import ByBearer
from dagway.identity.principal import Principal
from dagway.identity.rules import Ruled
from dagway.identity.watched import Watched
from dagway.limits import Limits
from dagway.operation import Gateway, opened
from metadb.visibility import Grant, Visibility
from tests.support.databases import BACKENDS, Databases
from tests.support.gateways import Asking
from tests.support.http import PATH, client_of

ALL = Grant()
IDS = "{ dags(first: 1000) { totalCount nodes { dagId tags owners bundleName } } }"
TEAMS = """
INSERT INTO dag_bundle (name, active) VALUES ('other', {true});
UPDATE dag SET bundle_name = 'other' WHERE dag_id LIKE 'fx_asset%';
INSERT INTO team (name) VALUES ('data_eng'), ('dataXeng');
INSERT INTO dag_bundle_team (dag_bundle_name, team_name) VALUES ('other', 'data_eng');
"""


async def seen(ask: Asking, allow: tuple[Grant, ...], *deny: Grant) -> list[Any]:
    ask.visible = Visibility(allow, deny)
    found = (await ask(IDS))["dags"]
    assert found["totalCount"] == len(found["nodes"])
    return list(found["nodes"])


async def test_grants_name_dags_by_pattern_tag_owner_and_bundle(ask: Asking) -> None:
    every = await seen(ask, (ALL,))
    ask.visible = None
    assert every == (await ask(IDS))["dags"]["nodes"]
    assert await seen(ask, ()) == []
    assert await seen(ask, (ALL,), ALL) == []

    def ids(dags: list[Any]) -> set[str]:
        return {dag["dagId"] for dag in dags}

    starting = await seen(ask, (Grant(dag_ids=("fx_asset_*", "fx_cha?n")),))
    assert ids(starting) == {
        dag["dagId"]
        for dag in every
        if dag["dagId"].startswith("fx_asset_") or dag["dagId"] == "fx_chain"
    }
    tagged = await seen(ask, (Grant(tags=("l?nk", "none")),))
    assert ids(tagged) == {d["dagId"] for d in every if "link" in d["tags"]} != set()
    owned = await seen(ask, (Grant(owners=("*",)),))
    assert ids(owned) == {d["dagId"] for d in every if d["owners"]}
    owners = {owner for dag in every for owner in dag["owners"]}
    assert len(owners) > 1
    for owner in owners:
        of_one = await seen(ask, (Grant(owners=(owner,)),))
        assert ids(of_one) == {d["dagId"] for d in every if owner in d["owners"]}
    bundled = await seen(ask, (Grant(bundles=("*",)),))
    assert ids(bundled) == {d["dagId"] for d in every if d["bundleName"]} != set()
    both = await seen(ask, (Grant(dag_ids=("fx_trigger_*",), tags=("link",)),))
    assert ids(both) == {"fx_trigger_parent", "fx_trigger_child"}
    rest = await seen(ask, (ALL,), Grant(tags=("link",)), Grant(dag_ids=("fx_a*",)))
    assert ids(rest) == {
        d["dagId"]
        for d in every
        if "link" not in d["tags"] and not d["dagId"].startswith("fx_a")
    }


@pytest.mark.parametrize(
    "pattern", ["FX_CHAIN", "fx%", "fx_chai_", "[f]x_chain", "fx\\_chain", "'", "\x00"]
)
async def test_a_pattern_has_no_signs_but_two_and_no_other_case(
    ask: Asking, pattern: str
) -> None:
    assert await seen(ask, (Grant(dag_ids=(pattern,)),)) == []


@pytest.mark.parametrize("backend", BACKENDS)
async def test_teams_are_those_of_bundles(databases: Databases, backend: str) -> None:
    address = databases.copy(f"3.3.2-{backend}")
    true = "true" if backend == "postgresql" else "1"
    databases.write(address, TEAMS.format(true=true))
    async with opened(address) as gateway:
        ask = Asking(gateway)
        mine = {d["dagId"] for d in await seen(ask, (Grant(teams=("data_eng",)),))}
        assert mine
        assert all(dag_id.startswith("fx_asset") for dag_id in mine)
        others = {d["dagId"] for d in await seen(ask, (ALL,), Grant(teams=("data*",)))}
        assert others
        assert not any(one.startswith("fx_asset") for one in others)


@pytest.mark.parametrize("name", ["2.11.2-sqlite", "3.0.6-postgresql"])
async def test_what_a_database_cannot_say_allows_nothing_and_denies_all(
    ask: Asking,
) -> None:
    unknown = Grant(teams=("data_eng",))
    assert await seen(ask, (unknown,)) == []
    assert await seen(ask, (ALL,), unknown) == []


KINDS = {
    "code": "{ dag(dagId: D) { sourceCode } }",
    "conf": "{ dagRuns(first: 1000) { nodes { dagId conf } } }",
    "event_log": "{ eventLogs(first: 5, filter: {timestamp: {gte: T}}) "
    "{ nodes { dagId } } }",
    "rendered": "{ dag(dagId: D) { runs { nodes { taskInstances { nodes "
    "{ renderedFields } } } } } }",
    "xcom": "{ taskInstances(first: 1000, filter: {runAfter: {gte: T}}) "
    "{ nodes { xcoms { key value } } } }",
    "logs": "{ dag(dagId: D) { runs(first: 1) { nodes { taskInstances(first: 1) "
    "{ nodes { log { available } } } } } } }",
}
DAG_OF_KIND = {"code": "fx_big300", "rendered": "fx_trigger_parent"}


def leaves(found: Any) -> list[Any]:
    """What an answer holds that is neither null, nor empty, nor a DAG's id."""
    if isinstance(found, dict):
        return [v for key, one in found.items() if key != "dagId" for v in leaves(one)]
    if isinstance(found, list):
        return [value for one in found for value in leaves(one)]
    return [] if found is None else [found]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_kind_of_data_is_kept_back_by_itself(ask: Asking, kind: str) -> None:
    dag_id = DAG_OF_KIND.get(kind, "fx_chain")
    document = KINDS[kind].replace("D)", f'"{dag_id}")')
    document = document.replace("gte: T", 'gte: "2026-11-01T00:00:00Z"')
    unrestricted = await ask(document)
    assert leaves(unrestricted) or unrestricted["eventLogs"]["nodes"]

    others = tuple(one for one in KINDS if one != kind)
    for visible in (
        Visibility((Grant(data=others),)),
        Visibility((ALL,), (Grant(data=(kind,)),)),
    ):
        ask.visible = visible
        found = await ask(document)
        assert leaves(found) == []
        assert not found.get("eventLogs", {}).get("nodes")
        assert len(await seen(ask, visible.allow, *visible.deny)) > 60
    ask.visible = Visibility((Grant(data=(kind,)),), (Grant(data=others),))
    found = await ask(document)
    assert leaves(found) or found["eventLogs"]["nodes"]


@pytest.mark.parametrize("name", BACKENDS)
async def test_what_the_audit_log_has_of_no_dag_is_seen_by_a_switch_of_its_own(
    databases: Databases, name: str
) -> None:
    address = databases.copy(f"3.3.2-{name}")
    databases.write(
        address,
        "INSERT INTO log (id, dttm, event, owner) "
        "VALUES (999999, '2026-11-20 00:00:00.000000+00:00', 'login', 'eve')",
    )
    document = """query ($owner: StringFilter) {
        eventLogs(filter: {owner: $owner,
                           timestamp: {gte: "2020-01-01T00:00:00Z"}}) {
          totalCount nodes { id event dagId } }
        node(id: "EventLog/999999") { id } }"""
    async with opened(address) as gateway:
        ask = Asking(gateway)
        for visible, shown in (
            (None, True),
            (Visibility((ALL,)), False),
            (Visibility((ALL,), general=True), True),
            (Visibility((), general=True), True),
            (Visibility((ALL,), (ALL,), general=True), True),
        ):
            ask.visible = visible
            found = await ask(document, owner={"eq": "eve"})
            assert found["eventLogs"]["totalCount"] == shown
            assert (found["node"] is not None) == shown
        ask.visible = Visibility((), general=True)
        found = await ask(document, owner={})
        assert {one["dagId"] for one in found["eventLogs"]["nodes"]} == {None}


async def test_counts_are_of_what_is_seen(ask: Asking) -> None:
    document = """{ fleet(since: "2020-01-01T00:00:00Z") {
        dagCount importErrorCount runStateCounts { count } }
      tags { name dagCount } dagRuns(first: 1) { totalCount }
      importErrors { totalCount } pools { name runningSlots queuedSlots
        scheduledSlots deferredSlots } }"""
    whole = await ask(document)
    ask.visible = Visibility((Grant(tags=("link",)),))
    found = await ask(document)
    assert found["fleet"]["dagCount"] == 3 < whole["fleet"]["dagCount"]
    runs = found["dagRuns"]["totalCount"]
    assert sum(one["count"] for one in found["fleet"]["runStateCounts"]) == runs > 0
    assert found["tags"] == [{"name": "link", "dagCount": 3}]
    assert (
        found["importErrors"]["totalCount"] == 0 < whole["importErrors"]["totalCount"]
    )
    assert found["fleet"]["importErrorCount"] == 0
    taken = [value for pool in found["pools"] for value in leaves(pool) if value]
    assert all(isinstance(one, str) for one in taken)
    assert len(found["pools"]) == len(whole["pools"])


RULES = """
[[rule]]
keys = ["graf*"]
allow = [{dag_ids = ["fx_chain"]}]

[[rule]]
keys = ["grafana"]
allow = [{tags = ["link"]}]
deny = [{dag_ids = "fx_external"}]
general_log = true

[[rule]]
claims = {groups = ["data-*"], iss = "https://id.example"}
allow = [{}]
"""


def test_rules_of_a_principal_add_up() -> None:
    found = rules.parsed(RULES)

    def of(principal: Principal) -> list[int]:
        return [at for at, rule in enumerate(found) if rule.is_for(principal)]

    assert of(Principal("grafana")) == [0, 1]
    assert of(Principal("graf")) == [0]
    assert of(Principal("Grafana")) == of(Principal()) == []
    claims = {"groups": ["x", "data-eng"], "iss": "https://id.example"}
    assert of(Principal("grafana", claims=claims)) == [2]
    assert of(Principal("x", claims={**claims, "groups": "data-"})) == [2]
    assert of(Principal("x", claims={**claims, "groups": ["data"]})) == []
    assert of(Principal("x", claims={"groups": ["data-eng"]})) == []
    assert [rule.general_log for rule in found] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nonsense", "Expected"),
        ("[rule]", "written"),
        ("[rules]", "rules"),
        ("[[rule]]\nkey = ['a']", "rule 1 has key"),
        ("[[rule]]\nkeys = []", "keys is a list"),
        ("[[rule]]\nkeys = ['a']\nclaims = {a = 'b'}", "either"),
        ("[[rule]]\nclaims = {}", "no claim"),
        ("[[rule]]\nallow = [{dags = ['a']}]", "allow 1 has dags"),
        ("[[rule]]\nallow = {}", "allow is a list"),
        ("[[rule]]\ndeny = [{dag_ids = []}]", "deny 1: dag_ids"),
        ("[[rule]]\ndeny = [{data = ['secrets']}]", "data is of code"),
        ("[[rule]]\ndeny = [{data = []}]", "denies nothing"),
        ("[[rule]]\nintrospection = 'no'", "true or false"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_what_is_wrong(
    text: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        rules.parsed(text)


async def dags_of(client: httpx.AsyncClient, key: str) -> list[str]:
    response = await client.post(
        PATH,
        json={"query": "{ dags(first: 1000) { nodes { dagId } } }"},
        headers={"authorization": f"Bearer {key}"},
    )
    assert response.status_code == 200
    return [dag["dagId"] for dag in response.json()["data"]["dags"]["nodes"]]


async def test_each_key_sees_its_own_and_as_the_file_says_now(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "SETTLED_S", 0.0)
    grafana, kept = keys.made("grafana")
    other, kept_other = keys.made("other")
    (tmp_path / "keys").write_text(f"{kept.line}\n{kept_other.line}\n")
    file = tmp_path / "rules.toml"
    file.write_text(RULES)
    identity = Ruled(
        ByBearer(Watched(str(tmp_path / "keys"), keys.parsed)),
        Watched(str(file), rules.parsed),
    )
    address = databases.address("3.3.2-sqlite")
    async with client_of(address, Limits(), identity) as client:
        mine = ["fx_chain", "fx_trigger_child", "fx_trigger_parent"]
        assert await dags_of(client, grafana) == mine
        assert await dags_of(client, other) == []
        file.write_text("[[rule]]\nkeys = ['other']\nallow = [{dag_ids = 'fx_chain'}]")
        assert await dags_of(client, grafana) == []
        assert await dags_of(client, other) == ["fx_chain"]
        file.write_text("[[rule]]\nkeys = [")
        assert await dags_of(client, other) == ["fx_chain"]


@pytest.fixture
def gateway(ask: Asking) -> Gateway:
    return ask.gateway


async def test_a_kept_plan_knows_nobody(gateway: Gateway) -> None:
    document = "{ dags(first: 1000) { nodes { dagId tasks { taskId } } } }"
    prepared = gateway.documents.prepared(document)
    assert gateway.documents.prepared(document) is prepared
    one = Visibility((Grant(dag_ids=("fx_chain",)),))
    whole = (await gateway.run(prepared)).data
    restricted: Any = (await gateway.run(prepared, one)).data
    assert [d["dagId"] for d in restricted["dags"]["nodes"]] == ["fx_chain"]
    assert (await gateway.run(prepared)).data == whole
