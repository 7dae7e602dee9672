"""The documents that clients send, word for word."""

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "documents"
CORE = ("dag_list", "graph", "grid", "grid_instances", "node", "run")


def core(name: str) -> str:
    """One of the documents of the graph view, the grid view and their like."""
    return (FOLDER / "core" / f"{name}.graphql").read_text(encoding="utf-8")
