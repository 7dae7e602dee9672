"""The demo's database: a file as Airflow 3.3 would have left it at an instant."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from dagway.demo.assets import Asset
from dagway.demo.dag_rows import BUNDLE, DagRows
from dagway.demo.dags import dags
from dagway.demo.declared import Dag
from dagway.demo.deployment import add_deployment
from dagway.demo.instance_rows import InstanceRows
from dagway.demo.run_rows import RunRows
from dagway.demo.runs import World
from dagway.demo.sheet import Sheet
from dagway.errors import StartError

__all__ = ["BUNDLE", "build"]


def build(path: Path, now: datetime, seed: int = 0) -> None:
    """Make the database; the same for the same instant and seed.

    Args:
        path: Where; nothing may be there.
        now: The instant at which it shows the sample DAGs.
        seed: Of all that is left to chance.

    Raises:
        StartError: if there is something at the path, or it cannot be written.
    """
    if path.exists():
        message = f"{path} exists; the demo's database is never written over a file"
        raise StartError(message)
    sheet = filled(now.astimezone(UTC), seed)
    part = path.with_name(f"{path.name}.part")  # whoever stops this leaves no half
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(part)) as connection:
            _write(connection, sheet)
        part.replace(path)
    except sqlite3.OperationalError as error:
        message = f"cannot write {path}: {error}"
        raise StartError(message) from error


def _write(connection: sqlite3.Connection, sheet: Sheet) -> None:
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(files(__package__).joinpath("tables.sql").read_text())
    sheet.write(connection)
    connection.commit()
    connection.execute("PRAGMA journal_mode = WAL")  # as Airflow 3 has it


def filled(now: datetime, seed: int) -> Sheet:
    """All rows of the database."""
    declared = dags()
    world = World(now, seed)
    for dag in declared:
        world.add(dag)
    world.number()
    sheet = Sheet()
    add_deployment(sheet, now)
    asset_ids = _add_assets(sheet, now, declared)
    dag_rows = DagRows(sheet, now, seed, asset_ids)
    run_rows = RunRows(sheet, now, seed)
    instance_rows = InstanceRows(sheet, now, seed)
    for history in world.histories.values():
        versions = dag_rows.add(history)
        weights = [layout.weights() for layout in history.layouts]
        run_rows.add_backfill(history.dag, history.runs)
        for run in history.runs:
            run_rows.add(run, versions, dag_rows.alert_ids.get(history.dag.dag_id))
            instance_rows.add(run, versions, weights)
        run_rows.add_waiting(history, asset_ids)
    run_rows.add_events(world.events, asset_ids, dag_rows)
    return sheet


def _add_assets(
    sheet: Sheet, now: datetime, declared: Iterable[Dag]
) -> Mapping[str, int]:
    """The assets that the DAGs name; their ids by their names."""
    ids: dict[str, int] = {}
    made = now - timedelta(days=90)
    for asset in _assets(declared):
        if asset.name in ids:
            continue
        ids[asset.name] = len(ids) + 1
        sheet.add(
            "asset",
            {
                "id": ids[asset.name],
                "name": asset.name,
                "uri": asset.uri,
                "group": asset.group,
                "extra": "{}",
                "created_at": made,
                "updated_at": made,
            },
        )
        sheet.add("asset_active", {"name": asset.name, "uri": asset.uri})
    return ids


def _assets(declared: Iterable[Dag]) -> Iterable[Asset]:
    for dag in declared:
        for structure in dag.structures:
            for task in structure.tasks():
                yield from task.outlets
                yield from task.inlets
        condition = dag.schedule.condition
        for one in condition.leaves() if condition else ():
            if isinstance(one, Asset):
                yield one
