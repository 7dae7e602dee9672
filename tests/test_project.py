"""The repository as a whole: names, pins, and what its documents promise."""

import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PACKAGES = {"dagway", "execution", "loaders", "metadb", "resolvers", "schema"}


def project() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned(name: str) -> dict[str, str]:
    """The versions in a requirements file, by name."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", text))


def wanted(group: str | None) -> list[Requirement]:
    """What pyproject.toml asks for, groups in groups included."""
    if group is None:
        return [Requirement(line) for line in project()["project"]["dependencies"]]
    found: list[Requirement] = []
    for line in project()["dependency-groups"][group]:
        if isinstance(line, dict):
            found += wanted(line["include-group"])
        else:
            found.append(Requirement(line))
    return found


def normal(name: str) -> str:
    """A distribution's name as requirements files write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_pins_satisfy_what_is_asked_for() -> None:
    for name, group in (("runtime", None), ("dev", "dev")):
        versions = pinned(name)
        for requirement in wanted(group):
            version = versions.get(normal(requirement.name))
            assert version, f"{requirement} is not in {name}.txt: run scripts/lock"
            assert requirement.specifier.contains(version, prereleases=True)


def test_the_tests_run_with_the_versions_that_serve() -> None:
    development = pinned("dev")
    for name, version in pinned("runtime").items():
        assert development[name] == version


def test_every_pin_has_a_hash_and_no_address() -> None:
    for path in (ROOT / "requirements").iterdir():
        text = path.read_text(encoding="utf-8")
        assert "://" not in text
        for block in re.split(r"(?m)^(?=\S)", text)[1:]:
            assert "--hash=sha256:" in block, block


def test_no_dependency_owns_one_of_our_names() -> None:
    owners = importlib.metadata.packages_distributions()

    assert {name: owners[name] for name in PACKAGES if name in owners} == {}


def test_links_between_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert len(documents) > 5
    for document in documents:
        for link in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (document.parent / link).exists(), f"{document.name}: {link}"


def test_the_readme_names_the_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    for script in re.findall(r"scripts/([a-z-]+)", readme):
        assert (ROOT / "scripts" / script).exists(), script
    assert "scripts/test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
