"""docs/views.md: every view, with what scripts/count-views counts and real answers."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.count_views import NOW, SHOWN, all_counted, counted, printed, shown
from benchmarks.excerpt import excerpt
from benchmarks.views import DOCUMENTS, VIEWS, View
from tests.support.databases import Databases
from tests.support.gateways import Asking

TEXT = SHOWN.read_text(encoding="utf-8")


async def test_the_document_holds_what_the_script_counts() -> None:
    assert shown(TEXT, await all_counted(None)) == TEXT, (
        "run: scripts/count-views --write"
    )


def test_every_document_has_its_place() -> None:
    paths = sorted(DOCUMENTS.glob("*/*.graphql"))
    names = [f"{path.parent.name}/{path.stem}" for path in paths]

    assert sorted(view.document for view in VIEWS) == names
    assert re.findall("(?m)^## (.+)$", TEXT) == [view.title for view in VIEWS]
    assert f"as of {NOW:%Y-%m-%dT%H:%M:%SZ}" in TEXT


def test_every_view_is_explained_before_its_figures() -> None:
    for section in TEXT.split("\n## ")[1:]:
        _, _, rest = section.partition("\n\n")
        prose, _, _ = rest.partition("\n\n<!-- counted: ")
        assert len(prose) > 50, section[:100]


def test_excerpts_are_json() -> None:
    found = re.findall(r"```json\n(.*?)\n```", TEXT, re.DOTALL)

    assert len(found) == len(VIEWS)
    assert all(json.loads(one) for one in found)


def test_a_document_without_a_place_for_a_view_is_refused() -> None:
    with pytest.raises(LookupError, match="no place for table"):
        shown("# Views\n", [])


@pytest.mark.parametrize("name", ["3.3.2-sqlite", "2.7.3-sqlite", "2.11.2-postgresql"])
async def test_any_database_can_be_counted_on(name: str, databases: Databases) -> None:
    counts = await all_counted(databases.address(name))

    table = printed(counts).splitlines()
    assert [line.split()[0] for line in table[1:]] == [v.document for v in VIEWS]
    assert all(count.statements > 0 and count.size > len("{}") for count in counts)
    grid = next(count for count in counts if count.view.document == "core/grid")
    assert grid.data["dag"]["runs"]["nodes"]


async def test_what_is_counted_is_what_was_sent(ask: Asking) -> None:
    view = replace(VIEWS[0], about={}, variables={"first": 2})

    count = await counted(ask.gateway, view)

    data = await ask(view.text, first=2)
    assert count.data == data
    assert len(data["dags"]["nodes"]) == 2
    assert count.statements == ask.statements == 4
    assert count.rows == sum(one.rows for one in ask.answer.executed)
    sent = json.dumps(
        ask.answer.response, ensure_ascii=False, separators=(",", ":")
    ).encode()
    assert count.size == len(sent)


async def test_an_answer_with_errors_is_not_counted(
    ask: Asking, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("benchmarks.views.DOCUMENTS", tmp_path)
    (tmp_path / "wrong.graphql").write_text("query Wrong { nothing }")
    wrong = View("wrong", "Wrong", "none", "", "", "{ nothing }")

    with pytest.raises(RuntimeError, match=r"^wrong: .*nothing"):
        await counted(ask.gateway, wrong)


async def test_a_subject_that_is_not_there_is_an_error(ask: Asking) -> None:
    lost = replace(VIEWS[0], about={"dags": {"dagId": {"eq": "no_such_dag"}}})

    with pytest.raises(LookupError, match=r"no task instance for .*no_such_dag"):
        await counted(ask.gateway, lost)


def test_an_excerpt_has_the_first_two_items_or_those_that_are_named() -> None:
    data = {"runs": [{"id": n, "tags": ["a", "b", "c"], "x": 1} for n in range(4)]}

    assert json.loads(excerpt(data, "{ runs { id tags } }")) == {
        "runs": [{"id": 0, "tags": ["a", "b"]}, {"id": 1, "tags": ["a", "b"]}]
    }
    assert json.loads(excerpt(data, "{ runs(at: [-1]) { id } }")) == {
        "runs": [{"id": 3}]
    }
    with pytest.raises(LookupError):
        excerpt(data, "{ runs { state } }")


def test_an_excerpt_is_broken_where_a_line_would_be_too_long() -> None:
    data = {"short": {"a": 1}, "long": {"one": "x" * 50, "two": "ü" * 200}, "no": []}

    assert excerpt(data, "{ short long no }") == "\n".join(
        (
            "{",
            '  "short": {"a": 1},',
            '  "long": {',
            f'    "one": "{"x" * 50}",',
            f'    "two": "{"ü" * 96}…"',
            "  },",
            '  "no": []',
            "}",
        )
    )
