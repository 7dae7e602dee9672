"""The documents that clients send, word for word."""

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "documents"
VIEWS = tuple(sorted(path.stem for path in (FOLDER / "views").glob("*.graphql")))
CORE = ("dag_list", "graph", "grid", "grid_instances", "node", "run")


def core(name: str) -> str:
    """One of the documents of the graph view, the grid view and their like."""
    return (FOLDER / "core" / f"{name}.graphql").read_text(encoding="utf-8")


def view(name: str) -> str:
    """The document of one of AIP-19's views."""
    return (FOLDER / "views" / f"{name}.graphql").read_text(encoding="utf-8")
