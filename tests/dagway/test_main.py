"""The command line, as a shell meets it."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dagway.__main__ import main
from tests.support.databases import Databases
from tests.support.servers import ROOT, environment, served

CHAIN = '{ dag(dagId: "fx_chain") { dagId } }'
BY_ID = "query Dag($id: ID!) { dag(dagId: $id) { dagId } }"


@pytest.fixture(autouse=True)
def without_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No database is named by the environment, nor by an Airflow at home."""
    for name in list(os.environ):
        if name.startswith(("DAGWAY_", "AIRFLOW_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))


@pytest.fixture
def address(databases: Databases) -> str:
    return databases.address("3.3.2-sqlite")


def file(folder: Path, text: str) -> str:
    """A file with that text: its name."""
    path = folder / "given"
    path.write_text(text, encoding="utf-8")
    return str(path)


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    """The JSON that was printed."""
    return json.loads(capsys.readouterr().out)


def test_query_prints_the_answer_to_a_files_document(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", "--db", address, "-f", file(tmp_path, CHAIN)]) == 0

    assert printed(capsys) == {"data": {"dag": {"dagId": "fx_chain"}}}


def test_query_reads_the_document_from_stdin(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(CHAIN))

    assert main(["query", "--db", address, "-f", "-"]) == 0

    assert printed(capsys) == {"data": {"dag": {"dagId": "fx_chain"}}}


def test_query_takes_variables_as_json_or_from_a_file(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = file(tmp_path, BY_ID)
    variables = tmp_path / "variables.json"
    variables.write_text('{"id": "fx_fan"}')
    for given in ('{"id": "fx_fan"}', f"@{variables}"):
        assert main(["query", "--db", address, "-f", document, "-v", given]) == 0

        assert printed(capsys) == {"data": {"dag": {"dagId": "fx_fan"}}}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { deleteDag }", "GRAPHQL_VALIDATION_FAILED"),
        (BY_ID, "BAD_USER_INPUT"),
    ],
)
def test_query_ends_with_1_if_the_answer_has_errors(
    address: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    document: str,
    code: str,
) -> None:
    assert main(["query", "--db", address, "-f", file(tmp_path, document)]) == 1

    response = printed(capsys)
    assert response["data"] is None
    assert [e["extensions"]["code"] for e in response["errors"]] == [code]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ("{", "the variables are not JSON: "),
        ("[]", "the variables must be a JSON object"),
        ("@not/there", "cannot read not/there: "),
    ],
)
def test_query_says_what_is_wrong_with_its_variables(
    address: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    variables: str,
    said: str,
) -> None:
    document = file(tmp_path, CHAIN)

    assert main(["query", "--db", address, "-f", document, "-v", variables]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"dagway: {said}")


def test_print_schema_prints_the_schema_that_is_released(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["print-schema"]) == 0

    schema = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    assert capsys.readouterr().out == schema


def test_check_tells_what_a_database_is(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--db", address]) == 0

    out = capsys.readouterr().out
    assert "Airflow   3.3.0 to 3.3.x (schema revision d2f4e1b3c5a7)" in out
    assert "68 DAGs, 89 runs, 1,001 task instances" in out


@pytest.mark.parametrize("command", ["check", "serve", "query"])
@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("sqlite:////not/there.db", "there is no file /not/there.db"),
        ("mysql://airflow@db/airflow", "mysql databases are not supported"),
        ("postgresql://nobody@127.0.0.1:1/airflow", "cannot be reached"),
        ("sqlite:///EMPTY", "Airflow"),
    ],
)
def test_a_database_that_cannot_be_served_gets_one_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    database: str,
    said: str,
) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    database = database.replace("EMPTY", str(empty))
    more = ["-f", file(tmp_path, CHAIN)] if command == "query" else []

    assert main([command, "--db", database, *more]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("dagway: ")
    assert said in err
    assert err.count("\n") == 1


def test_without_a_database_it_is_said_where_one_can_be_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check"]) == 2

    err = capsys.readouterr().err
    assert err.startswith("dagway: no database is named: give --db or ")
    for name in ("DAGWAY_DATABASE_URL", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"):
        assert name in err


def test_a_command_must_be_one_that_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["dance"])

    assert ended.value.code == 2
    assert "invalid choice: 'dance'" in capsys.readouterr().err


def test_the_module_is_a_program_that_runs_anywhere(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dagway", "print-schema"],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == (ROOT / "schema.graphql").read_text(encoding="utf-8")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("options", "number", "status"),
    [
        ((), signal.SIGTERM, -signal.SIGTERM),
        ((), signal.SIGINT, 0),
        (("--workers", "2"), signal.SIGTERM, 0),
    ],
)
def test_serve_answers_until_a_signal_and_ends_quietly(
    address: str, options: tuple[str, ...], number: signal.Signals, status: int
) -> None:
    with served(address, *options) as server:
        assert server.ask(CHAIN) == {"dag": {"dagId": "fx_chain"}}
        ended, out, err = server.stopped(number)

    assert out == f"GraphQL is at {server.url}\n"
    lines = [json.loads(line) for line in err.splitlines()]
    assert {line["outcome"] for line in lines} == {"ok"}
    assert ended == status


def test_serve_says_that_a_port_is_taken(address: str) -> None:
    with served(address) as server:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "dagway", "serve"),
                *("--db", address, "--port", str(server.port)),
            ],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    assert done.returncode != 0
    assert "address already in use" in done.stderr
