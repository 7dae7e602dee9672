"""Types and trusted documents, generated as docs/clients.md says."""

import json
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from dagway.identity import keys
from tests.protocol import node
from tests.support.databases import Databases
from tests.support.servers import served

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "clients.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("### Types for TypeScript\n")[2].partition("\n## ")[0]
WRITTEN = "http://127.0.0.1:8000"
DATABASE = "3.3.2-sqlite"


@pytest.fixture(scope="module")
def generated(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the page's commands fill, from a server that asks for a key."""
    folder = tmp_path_factory.mktemp("front")
    secret, key = keys.made("front")
    (folder / "keys").write_text(key.line, encoding="utf-8")
    (folder / "node_modules").symlink_to(node.installed(HERE))
    (folder / "src").mkdir()
    keys_file = str(folder / "keys")
    with served(databases.address(DATABASE), DAGWAY_KEYS_FILE=keys_file) as server:
        origin = server.url.removesuffix("/graphql")
        for name, text in re.findall(r"(?ms)^```\w+\n// (\S+)\n(.*?)^```$", SECTION):
            file = folder / name
            file.write_text(text.replace(WRITTEN, origin), encoding="utf-8")
        (command,) = re.findall(r"(?ms)^```sh\n(.*?)^```$", SECTION)
        subprocess.run(
            ["bash", "-euc", command],
            cwd=folder,
            env={**node.environment(), "DAGWAY_KEY": secret},
            check=True,
            capture_output=True,
        )
    return folder / "src" / "gql"


def test_types_are_those_of_the_schema(generated: Path) -> None:
    types = (generated / "graphql.ts").read_text(encoding="utf-8")

    assert "DagQuery = { dag: { dagId: string, displayName: string } | null }" in types


def test_generated_documents_are_a_manifest(
    generated: Path, databases: Databases
) -> None:
    manifest = generated / "persisted-documents.json"
    ((document_id, _),) = json.loads(manifest.read_text(encoding="utf-8")).items()
    asked = {"documentId": document_id, "variables": {"dagId": "fx_chain"}}
    with served(
        databases.address(DATABASE),
        DAGWAY_TRUSTED_DOCUMENTS=str(manifest),
        DAGWAY_TRUSTED_ONLY="on",
    ) as server:
        found = httpx.post(server.url, json=asked).json()

    assert found["data"]["dag"]["dagId"] == "fx_chain"
