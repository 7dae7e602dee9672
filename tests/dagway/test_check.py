import re
import shutil
import tempfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import text

from dagway.check import Count, Report, check, grants, insist
from dagway.settings import Settings
from metadb.engine import create_engine
from metadb.errors import TooOld, Unreachable, UnusableDatabase
from metadb.versions import Metadatabase
from tests.support.databases import Databases
from tests.support.rights import without_rights

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
ONLY_READS = "; the gateway only reads, and needs no more than that"
FEATURES = (
    "notes, try history, names of mapped instances, versions of DAGs, bundles, "
    "assets, backfills, deadlines, human in the loop, teams, partitions"
)


async def lines(address: str) -> list[str]:
    """What a check prints of an address."""
    return str(await check(Settings.from_env({}, address))).splitlines()


async def rows(address: str) -> dict[str, int]:
    """How many rows the tables have that a check counts."""
    engine = create_engine(address)
    try:
        async with engine.connect() as connection:
            return {
                table: await connection.scalar(text(f"SELECT count(*) FROM {table}"))
                for table in ("dag", "dag_run", "task_instance")
            }
    finally:
        await engine.dispose()


async def test_a_sqlite_database_is_told_in_a_few_lines(databases: Databases) -> None:
    address = databases.address("3.3.2-sqlite")
    dag, run, instance = (await rows(address)).values()

    found = await lines(address)

    assert found[0] == f"Database  {address} (from --db)"
    assert re.fullmatch(r"Server    SQLite 3\.\d+\.\d+", found[1])
    assert found[2:] == [
        "Airflow   3.3.0 to 3.3.x (schema revision d2f4e1b3c5a7)",
        f"Rows      {dag} DAGs, {run} runs, {instance:,} task instances",
        f"Has       {FEATURES}",
        f"Warning   this user may write to the file{ONLY_READS}",
    ]


async def test_a_file_that_may_not_be_written_to_is_not_warned_of(
    databases: Databases,
) -> None:
    content = Path(databases.address("3.3.2-sqlite").removeprefix("sqlite:///"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "airflow.db"
        shutil.copyfile(content, path)
        path.chmod(0o444)

        with without_rights(folder):
            found = await check(Settings.from_env({}, f"sqlite:///{path}"))

    assert found.warnings == []


async def test_a_postgresql_database_is_told_in_a_few_lines(
    databases: Databases,
) -> None:
    address = databases.address("3.3.2-postgresql")
    dag, run, instance = (await rows(address)).values()

    found = await lines(address)

    socket = unquote(address.partition("?host=")[2])
    assert found[0] == (
        f"Database  postgresql://postgres@{socket}/3.3.2-postgresql (from --db)"
    )
    assert re.fullmatch(r"Server    PostgreSQL \d+\.\d+", found[1])
    assert found[2:] == [
        "Airflow   3.3.0 to 3.3.x (schema revision d2f4e1b3c5a7)",
        f"Rows      {dag} DAGs, {run} runs, {instance:,} task instances",
        f"Has       {FEATURES}",
        f"Warning   the role postgres is a superuser{ONLY_READS}",
    ]


async def test_the_role_of_the_documentation_reads_and_no_more(
    databases: Databases,
) -> None:
    address = databases.copy("3.3.2-postgresql")
    name = address.partition("@/")[2].partition("?")[0]
    script = re.findall(r"```sql\n(.*?)```", OPERATING.read_text(), re.DOTALL)[0]
    printed = await grants(Settings.from_env({}, address), "dagway")
    try:
        databases.write(address, f"{script} {printed}")
        reader = address.replace("postgres@", "dagway@")
        found = await check(Settings.from_env({}, reader))

        databases.write(address, "GRANT DELETE ON dag_run TO dagway")
        more = await check(Settings.from_env({}, reader))
    finally:
        databases.server.run("DROP OWNED BY dagway", database=name)
        databases.server.run("DROP ROLE dagway")

    assert found.warnings == []
    assert {t: c.rows for t, c in found.counts.items()} == await rows(address)
    assert not found.database.columns.keys() & {"connection", "variable"}
    assert more.warnings == [
        f"Warning   the role dagway may write to Airflow's tables{ONLY_READS}"
    ]


async def test_a_large_table_is_estimated(databases: Databases) -> None:
    address = databases.copy("3.3.2-postgresql")
    before = await rows(address)
    databases.write(
        address,
        "ALTER TABLE dag_run RENAME TO small; "
        "CREATE TABLE dag_run AS SELECT small.* FROM small, generate_series(1, 1500)",
    )
    never = await check(Settings.from_env({}, address))
    databases.write(address, "ANALYZE dag_run")

    found = await check(Settings.from_env({}, address))

    assert str(never.counts["dag_run"]) == "about 100,001"
    assert found.counts["dag_run"].is_exact is False
    assert found.counts["dag_run"].rows == pytest.approx(
        1500 * before["dag_run"], rel=0.05
    )
    assert found.counts["dag"] == Count(before["dag"], is_exact=True)


async def test_a_database_that_fails_meanwhile_is_an_error_and_served_nevertheless(
    databases: Databases,
) -> None:
    address = databases.copy("3.3.2-postgresql")
    databases.write(
        address,
        "ALTER TABLE dag_run RENAME TO small; CREATE VIEW dag_run AS "
        "SELECT * FROM small WHERE 1 / (id * 0) = 1",
    )
    settings = Settings.from_env({}, address)

    await insist(settings)
    with pytest.raises(UnusableDatabase) as error:
        await check(settings)

    assert str(error.value).startswith("the database failed while it was looked at: ")
    assert str(error.value).endswith("division by zero")


async def test_an_unknown_revision_is_warned_of(databases: Databases) -> None:
    address = databases.copy("3.3.2-sqlite")
    databases.write(address, "UPDATE alembic_version SET version_num = 'abc123'")

    found = await check(Settings.from_env({}, address))

    assert str(found).splitlines()[2] == (
        "Airflow   unknown, probably newer than this gateway (schema revision abc123)"
    )
    assert found.warnings[0] == (
        "Warning   the schema revision is unknown; what its columns offer is served"
    )


async def test_what_cannot_be_served_is_an_error(
    databases: Databases, tmp_path: Path
) -> None:
    old = databases.copy("3.3.2-sqlite")
    databases.write(old, "UPDATE alembic_version SET version_num = 'c804e5c76e3e'")

    with pytest.raises(TooOld, match=r"^Airflow 2\.6 made this database"):
        await lines(old)
    with pytest.raises(Unreachable, match=rf"^there is no file {tmp_path}/a\.db$"):
        await lines(f"sqlite:///{tmp_path}/a.db")


def test_one_release_is_no_range() -> None:
    database = Metadatabase("sqlite", "10b52ebd31f7", "2.8.0", "2.8.0", {}, frozenset())
    counts = dict.fromkeys(("dag", "dag_run", "task_instance"), Count(1, is_exact=True))

    report = Report("sqlite:////a.db", "--db", "SQLite 3", database, counts, None)

    assert str(report).splitlines()[2:] == [
        "Airflow   2.8.0 (schema revision 10b52ebd31f7)",
        "Rows      1 DAGs, 1 runs, 1 task instances",
        "Has       none of the features that not every Airflow has",
    ]
