"""What a DAG's serialized definition says of the DAG itself."""

from datetime import datetime
from typing import Any

from metadb.dag_param import Param, params
from metadb.serialized import Serialized, bare, instant, unwrap, zone


class DagDetails:
    """A DAG; what is asked for is read from its definition."""

    __slots__ = ("_dag", "_version")

    def __init__(self, source: Serialized) -> None:
        self._dag = source.dag
        self._version = source.version

    @property
    def description(self) -> str | None:
        """What it does, in a line."""
        return self._text("_description") or self._text("description")

    @property
    def doc_md(self) -> str | None:
        """Its documentation, in Markdown."""
        return self._text("doc_md")

    @property
    def timezone(self) -> str | None:
        """Its name, or an offset such as `+01:00`."""
        return zone(bare(self._dag.get("timezone", "UTC")))

    @property
    def start_date(self) -> datetime | None:
        """The DAG's own; tasks may have others."""
        return instant(bare(self._dag.get("start_date")))

    @property
    def end_date(self) -> datetime | None:
        """The DAG's own; tasks may have others."""
        return instant(bare(self._dag.get("end_date")))

    @property
    def catchup(self) -> bool:
        """Whether missed runs are made later; Airflow 2 leaves out True, 3 False."""
        return self._dag.get("catchup", self._version == 1) is True

    @property
    def dagrun_timeout(self) -> float | None:
        """Seconds."""
        value = bare(self._dag.get("dagrun_timeout"))
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value)

    @property
    def default_args(self) -> dict[str, Any]:  # JSON
        """What its tasks are given unless they say otherwise, unwrapped."""
        found = unwrap(self._dag.get("default_args"))
        return found if isinstance(found, dict) else {}

    @property
    def params(self) -> tuple[Param, ...]:
        """In stored order."""
        return params(self._dag.get("params"))

    def _text(self, key: str) -> str | None:
        value = self._dag.get(key)
        return value if isinstance(value, str) else None
