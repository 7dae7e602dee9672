"""The wheel, built and installed where nothing else is, beside PyPI's `schema`."""

import json
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.support.databases import Databases
from tests.support.documents import core
from tests.support.servers import ROOT, environment, served

OTHERS_SCHEMA = "schema==0.7.8"
VALIDATES = "import schema; print(schema.Schema(int).validate(3))"


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints.

    Raises:
        AssertionError: if it fails.
    """
    done = subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `scripts/build-wheel` makes."""
    folder = tmp_path_factory.mktemp("dist")
    run(ROOT / "scripts" / "build-wheel", folder, cwd=ROOT)
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel and another `schema`."""
    folder = tmp_path_factory.mktemp("env")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    programs = folder / "bin"
    pip: list[str | Path] = [
        programs / "python",
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
    ]
    pinned = ROOT / "requirements" / "runtime.txt"
    run(*pip, "install", "--require-hashes", "-r", pinned, cwd=folder)
    run(*pip, "install", "--no-deps", wheel, OTHERS_SCHEMA, cwd=folder)
    run(*pip, "check", cwd=folder)
    return programs


def test_it_has_one_top_level_name_and_every_file_that_serving_needs(
    wheel: Path,
) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {
        "dagway_app"
    }
    for floor in ("dagway", "execution", "loaders", "metadb", "resolvers", "schema"):
        for path in (ROOT / floor).rglob("*.py"):
            assert f"dagway_app/{path.relative_to(ROOT)}" in names
    for path in (ROOT / "web" / "built").rglob("*"):
        if path.is_file():
            assert f"dagway_app/{path.relative_to(ROOT)}" in names
    assert not [name for name in names if "__pycache__" in name]


def test_its_command_shows_its_help(installed: Path, tmp_path: Path) -> None:
    said = run(installed / "dagway", "--help", cwd=tmp_path)

    assert said.startswith("usage: dagway ")
    assert "demo" in said
    assert "serve" in said


def test_its_command_answers_a_document(
    installed: Path, databases: Databases, tmp_path: Path
) -> None:
    document = tmp_path / "list.graphql"
    document.write_text(core("dag_list"))
    address = databases.address("3.3.2-sqlite")

    said = run(
        installed / "dagway", "query", "--db", address, "-f", document, cwd=tmp_path
    )

    assert json.loads(said)["data"]["dags"]["nodes"]


def test_another_schema_stays_itself_beside_it(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "python", "-c", VALIDATES, cwd=tmp_path) == "3\n"
    assert "type Query" in run(installed / "dagway", "print-schema", cwd=tmp_path)


def test_it_serves_from_two_workers_with_its_page(
    installed: Path, databases: Databases, tmp_path: Path
) -> None:
    address = databases.address("3.3.2-sqlite")
    command = (str(installed / "dagway"),)
    with served(address, "--workers", "2", command=command, cwd=tmp_path) as server:
        assert server.ask("{ dags { totalCount } }")["dags"]["totalCount"] > 0
        page = httpx.get(server.url, headers={"accept": "text/html"})
        (script,) = re.findall(r'src="graphql/(assets/[^"]+\.js)"', page.text)[:1]
        assert httpx.get(f"{server.url}/{script}").status_code == 200
        assert server.stopped()[0] in {0, -signal.SIGTERM}


def test_its_demo_serves_sample_data(installed: Path, tmp_path: Path) -> None:
    with served(
        None, command=(str(installed / "dagway"),), name="demo", cwd=tmp_path
    ) as server:
        assert server.ask("{ dags { totalCount } }")["dags"]["totalCount"] > 0
