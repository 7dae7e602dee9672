"""Statements read the columns that are asked for, and never hold a client's text."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dagway.operation import opened
from metadb.session import Bounds
from tests.support.databases import BACKENDS, Databases
from tests.support.documents import CORE, core
from tests.support.gateways import Asking
from tests.support.seed import dags

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARK = "xyzzy_marker"


@pytest.fixture(scope="module")
def addresses(databases: Databases) -> dict[str, str]:
    """A database of each backend with some DAGs of one shape."""
    return databases.seeded(dags(30, tasks=4, runs=4, prefix="some"))


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=BACKENDS)
async def ask(
    request: pytest.FixtureRequest, addresses: dict[str, str]
) -> AsyncIterator[Asking]:
    """Asks one gateway on each backend, for all tests here."""
    async with opened(addresses[request.param]) as gateway:
        yield Asking(gateway)


def read_by(sql: str) -> set[str]:
    """The columns of the main table that a statement reads, not only filters by."""
    inside = sql.partition("LATERAL (")[2] or sql
    selected = inside.partition("SELECT ")[2].partition(" FROM ")[0]
    return set(re.findall(r"\b[a-z]\.(\w+)", selected)) - {"at"}


def last_of(ask: Asking) -> str:
    """The text of the last statement."""
    return ask.answer.executed[-1].sql


@pytest.mark.parametrize(
    ("selection", "columns"),
    [
        ("__typename", set()),
        ("runId", {"run_id"}),
        ("id", {"dag_id", "run_id"}),
        ("state rawState", {"state"}),
        ("again: state state", {"state"}),
        ("duration", {"start_date", "end_date"}),
        ("conf note", {"conf", "content"}),
        (
            "... on Node { id } ... on DagRun { clearNumber }",
            {"dag_id", "run_id", "clear_number"},
        ),
        ("runId @skip(if: true) state", {"state"}),
    ],
)
async def test_a_statement_reads_what_the_selection_needs(
    ask: Asking, selection: str, columns: set[str]
) -> None:
    await ask(f"{{ dagRuns(first: 2) {{ nodes {{ {selection} }} }} }}")
    assert ask.statements == 1
    assert read_by(last_of(ask)) == columns


async def test_fields_of_fragments_are_read_together_once(ask: Asking) -> None:
    await ask(
        """{ dagRuns(first: 2) { ...A nodes { state } edges { node { runId } } } }
           fragment A on DagRunConnection { nodes { queuedAt } }"""
    )
    assert ask.statements == 1
    assert read_by(last_of(ask)) == {"state", "run_id", "queued_at"}


async def test_a_cursor_reads_its_orders_columns(ask: Asking) -> None:
    for selection in ("edges { cursor }", "pageInfo { endCursor }"):
        await ask(f"{{ dagRuns(first: 2) {{ {selection} }} }}")
        assert read_by(last_of(ask)) == {"run_after", "id"}
    await ask("{ dagRuns(first: 2) { pageInfo { hasNextPage } } }")
    assert read_by(last_of(ask)) == set()


async def test_a_relation_reads_its_key_and_no_more(ask: Asking) -> None:
    await ask("{ dagRuns(first: 2) { nodes { dag { description } } } }")
    runs, dags_ = (e.sql for e in ask.answer.executed)
    assert read_by(runs) == {"dag_id"}
    assert read_by(dags_) == {"description"}


async def test_a_total_is_counted_only_if_asked_for(ask: Asking) -> None:
    await ask("{ dags(first: 2) { nodes { dagId } } }")
    assert ask.statements == 1
    assert "count(" not in last_of(ask)
    await ask("{ dags(first: 2) { nodes { dagId } totalCount } }")
    assert ask.statements == 2
    await ask("{ dags(first: 2) { totalCount } }")
    assert ask.statements == 1
    assert "count(*)" in last_of(ask)


async def test_joins_are_made_only_for_columns_that_need_them(ask: Asking) -> None:
    where = 'filter: {dagId: {eq: "fx_chain"}}'
    await ask(f"{{ taskInstances({where}) {{ nodes {{ state }} }} }}")
    assert "task_instance_note" not in last_of(ask)
    assert "dag_version" not in last_of(ask)
    await ask(f"{{ taskInstances({where}) {{ nodes {{ note version {{ id }} }} }} }}")
    assert "JOIN task_instance_note" in ask.answer.executed[0].sql


EVERY_TEXT = f"""query ($id: ID!, $t: String!, $after: String) {{
  dag(dagId: "{MARK}1") {{ id run(runId: "{MARK}2") {{ id }} }}
  dagRun(dagId: $id, runId: $id) {{ id taskInstance(taskId: $id) {{ id }}
    taskInstances(filter: {{groupId: $id, taskIdIn: [$id]}}) {{ totalCount }}
    taskSummaries(taskIdIn: [$id], groupId: $id) {{ state }} }}
  taskInstance(dagId: $id, runId: $id, taskId: $id) {{ id }}
  dags(first: 7, filter: {{dagId: {{eq: $t, in: [$t, "{MARK}3"], startsWith: $t,
    contains: $t}}, displayName: {{contains: $t}}, bundleName: {{eq: $t}},
    tagsAny: [$t], tagsAll: [$t], ownersAny: [$t],
    or: [{{dagId: {{eq: $t}}}}, {{not: {{tagsAny: [$t]}}}}]}}) {{
    nodes {{ id }} totalCount }}
  dagRuns(filter: {{runId: {{eq: $t}}, triggeringUserName: {{contains: $t}}}}) {{
    nodes {{ id }} totalCount }}
  taskInstances(filter: {{dagId: {{eq: $t}}, taskIdIn: [$id], groupId: $id,
    operatorIn: [$t], pool: {{startsWith: $t}}, queue: {{eq: $t}}}}) {{
    nodes {{ id }} totalCount }}
  eventLogs(filter: {{event: {{eq: $t}}, owner: {{contains: $t}}}}) {{ totalCount }}
  fleet(filter: {{dagId: {{contains: $t}}}}) {{ dagCount
    runStateCounts {{ count }} byTag: by(dimension: TAG) {{ key }} }}
  nodes(ids: ["Dag/{MARK}", "DagRun/{MARK}/{MARK}", "TaskInstance/{MARK}/a/b/-1",
    "Task/{MARK}/{MARK}/c", "DagVersion/{MARK}/{MARK}/c"]) {{ id }}
  paged: dags(first: 1, after: $after) {{ nodes {{ id }} }}
}}"""


async def test_no_text_of_a_client_is_in_any_statement(ask: Asking) -> None:
    found = await ask("{ dags(first: 1) { pageInfo { endCursor } } }")
    after = found["dags"]["pageInfo"]["endCursor"]

    await ask(EVERY_TEXT, id=f"{MARK}'; --", t=f'{MARK}"%_', after=after)

    texts = [done.sql for done in ask.answer.executed]
    assert len(texts) > 12
    for sql in texts:
        assert MARK not in sql
        assert "--" not in sql
    bound = repr([done.values for done in ask.answer.executed])
    assert bound.count(MARK) > 20


@pytest.mark.parametrize("backend", BACKENDS)
async def test_texts_do_not_depend_on_how_much_is_asked_for(
    addresses: dict[str, str], backend: str
) -> None:
    sizes = []
    for many, rows in ((1, 40_000), (25, 150_000)):
        async with opened(addresses[backend], bounds=Bounds(rows=rows)) as gateway:
            sizes.append(await texts_at(Asking(gateway), many))
    assert sizes[0] == sizes[1]


async def texts_at(ask: Asking, many: int) -> list[list[str]]:
    """The statements' texts of several documents, at one size."""
    names = [f"some_{i:04}" for i in range(many)]
    where = {"dagId": {"in": names}, "tagsAll": names}
    found = []
    await ask(core("dag_list"), first=many, filter={"dagId": {"in": names}})
    found.append(sorted(done.sql for done in ask.answer.executed))
    await ask(core("grid"), dagId="some_0000", runs=min(many, 4))
    found.append(sorted(done.sql for done in ask.answer.executed))
    await ask(
        """query ($n: Int, $f: DagFilter, $ids: [ID!]!) {
          dags(first: $n, filter: $f) { nodes { id tags } totalCount }
          nodes(ids: $ids) { id ... on Dag { latestRun { id stateCounts { count } } } }
        }""",
        n=many,
        f=where,
        ids=[f"Dag/{name}" for name in names],
    )
    found.append(sorted(done.sql for done in ask.answer.executed))
    return found


@pytest.mark.parametrize("document", [n for n in CORE if n != "node"])
async def test_core_documents_repeat_their_texts(ask: Asking, document: str) -> None:
    given = {"dagId": "fx_chain", "runId": "none"} if document != "dag_list" else {}
    await ask(core(document), **given)
    first = [done.sql for done in ask.answer.executed]
    await ask(core(document), **given)
    assert [done.sql for done in ask.answer.executed] == first
