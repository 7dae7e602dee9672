"""gql, the client for Python, as docs/clients.md has it."""

import subprocess
import sys
from pathlib import Path

from tests.support.databases import Databases
from tests.support.servers import served

HERE = Path(__file__).parent


def test_gql_is_answered(databases: Databases) -> None:
    with served(databases.address("3.3.2-sqlite")) as server:
        said = subprocess.run(
            [sys.executable, HERE / "recipe.py", server.url, "fx_texts"],
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
        ).stdout

    assert said == "Texte & Größen 🚀\n"
