"""Which DAGs a caller may see, and which kinds of their data, as one predicate.

A statement under a permission begins with it: `WITH seen AS (…)`, see `metadb.seen`.
What is not known of a DAG, or of this database, allows nothing and denies all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from metadb.dialect import Value
from metadb.seen import DATA
from metadb.source import Catalogue

_WRITTEN = 256  # permissions that are kept as SQL
_OF_BUNDLE = (
    "EXISTS (SELECT 1 FROM {the bundle_team}%s WHERE "
    "{bundle_team.dag_bundle_name} = {d.bundle_name} AND [matches {%s}])"
)
_TEAM = " JOIN {the team} ON {team.id} = {bundle_team.team_id}"  # in Airflow 3.1
_TESTS = {
    "dag_ids": ("[matches {d.dag_id}]",),
    "tags": (
        (
            "EXISTS (SELECT 1 FROM dag_tag g WHERE {g.dag_id} = {d.dag_id} "
            "AND [matches {g.name}])"
        ),
    ),
    "owners": (
        (
            "EXISTS (SELECT 1 FROM {elements d.owners} owner "
            "WHERE [matches trim(owner.value)])"
        ),
    ),
    "bundles": ("[matches {d.bundle_name}]",),
    "teams": (
        _OF_BUNDLE % ("", "bundle_team.team_name"),
        _OF_BUNDLE % (_TEAM, "team.name"),
    ),
}
"""By a grant's attribute: SQL about `dag d`, the newest Airflow's first."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Some DAGs, and some of their data.

    Attributes:
        dag_ids: Patterns, of which one must fit; None for any. `*` stands for any
            text, `?` for one character, all else for itself. So with the others.
        tags: One of the DAG's.
        owners: One of the DAG's.
        bundles: The DAG's.
        teams: That of the DAG's bundle, from Airflow 3.1 on.
        data: Kinds of data, of `metadb.seen.DATA`; None for all, and for the DAG.
    """

    dag_ids: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    owners: tuple[str, ...] | None = None
    bundles: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    data: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Visibility:
    """DAGs that one of the grants of `allow` names, and none of `deny` does.

    A grant of `deny` with kinds of data takes only these away.

    Attributes:
        general: Whether the audit log's entries of no DAG are seen too.
    """

    allow: tuple[Grant, ...]
    deny: tuple[Grant, ...] = ()
    general: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """How a caller's statements begin, and the first values that they bind."""

    sql: str = ""
    values: tuple[object, ...] = ()


UNRESTRICTED = Opening()


@lru_cache(_WRITTEN)
def opening(visible: Visibility, catalogue: Catalogue) -> Opening:
    """A permission's SQL for one database."""
    writing = _Writing(catalogue)
    allowed = [(g, writing.grant(g, otherwise="1 = 0")) for g in visible.allow]
    denied = [(g, writing.grant(g, otherwise="1 = 1")) for g in visible.deny]
    hidden = _any(sql for grant, sql in denied if grant.data is None)
    columns = ["d.dag_id AS dag_id"]
    for kind in DATA:
        given = _any(sql for g, sql in allowed if g.data is None or kind in g.data)
        taken = _any(sql for g, sql in denied if g.data is not None and kind in g.data)
        columns.append(f"({given} AND ({taken}) IS NOT TRUE) AS {kind}")
    rows = (
        f"SELECT {', '.join(columns)} FROM dag d "
        f"WHERE {_any(sql for _, sql in allowed)} AND ({hidden}) IS NOT TRUE"
    )
    general = f"SELECT 1 AS one WHERE {'1 = 1' if visible.general else '1 = 0'}"
    sql = f"WITH seen AS ({rows}), general AS ({general}) "
    return Opening(sql, tuple(writing.values))


def _any(conditions: Iterable[str]) -> str:
    return f"({' OR '.join(dict.fromkeys(conditions)) or '1 = 0'})"


class _Writing:
    """One predicate in the making."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.values: list[object] = []

    def grant(self, grant: Grant, *, otherwise: str) -> str:
        """Whether it names a DAG; `otherwise`: where this database cannot say."""
        tests = [
            self._test(templates, patterns, otherwise)
            for name, templates in _TESTS.items()
            if (patterns := getattr(grant, name)) is not None
        ]
        return f"({' AND '.join(tests) or '1 = 1'})"

    def _test(
        self, templates: tuple[str, ...], patterns: tuple[str, ...], otherwise: str
    ) -> str:
        dialect = self._catalogue.dialect
        for template in filter(self._catalogue.fits, templates):
            bound: Value = tuple(map(dialect.pattern, patterns))
            self.values.append(dialect.bound(bound))
            before, _, rest = self._catalogue.sql(template).partition("[matches ")
            column, _, after = rest.partition("]")
            return before + dialect.matches(column, len(self.values)) + after
        return otherwise
