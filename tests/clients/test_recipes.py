"""docs/clients.md: its code is what the tests run."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.servers import served

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "clients.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The page's code in a language."""
    found = re.findall(rf"(?ms)^```{language}\n(.*?)^```$", PAGE)
    assert found
    return found


@pytest.mark.parametrize(
    ("language", "names"),
    [("js", ["apollo.js", "smoke.js"]), ("python", ["recipe.py"])],
)
def test_code_of_the_page_is_code_that_is_run(language: str, names: list[str]) -> None:
    run = [(HERE / name).read_text(encoding="utf-8") for name in names]

    assert [
        one for one in blocks(language) if not any(one in text for text in run)
    ] == []


def test_the_command_of_the_page_is_answered(databases: Databases) -> None:
    (command,) = blocks("bash")
    with served(databases.address("3.3.2-sqlite")) as server:
        said = subprocess.run(
            [
                "bash",
                "-c",
                command.replace("http://127.0.0.1:8000/graphql", server.url),
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert json.loads(said) == {"data": {"dag": {"dagId": "fx_texts"}}}
