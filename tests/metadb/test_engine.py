import asyncio
import socket
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from metadb.aborted import OperationAborted
from metadb.address import in_schema
from metadb.backends import dialect_of
from metadb.engine import create_engine
from metadb.errors import (
    LoginRefused,
    UnknownDatabase,
    Unreachable,
    UnusableDatabase,
)
from metadb.session import Bounds, Session
from metadb.source import Catalogue
from metadb.versions import probe
from tests.support.databases import Databases, PostgresServer

PASSWORD = "s3cr3t"  # noqa: S105  # nobody's
BACKENDS = ["3.3.2-sqlite", "3.3.2-postgresql"]


@asynccontextmanager
async def engine_on(address: str, pool_size: int = 5) -> AsyncIterator[AsyncEngine]:
    """An engine until the block is left."""
    engine = create_engine(address, pool_size=pool_size)
    try:
        yield engine
    finally:
        await engine.dispose()


async def scalar(engine: AsyncEngine, sql: str) -> Any:
    """The one value of a statement on a connection from the pool."""
    async with engine.connect() as connection:
        return await connection.scalar(text(sql))


async def refused(address: str) -> UnusableDatabase:
    """The error of an address that does not connect."""
    async with engine_on(address) as engine:
        with pytest.raises(UnusableDatabase) as caught:
            await scalar(engine, "SELECT 1")
    return caught.value


@pytest.fixture(params=BACKENDS)
def copy(request: pytest.FixtureRequest, databases: Databases) -> str:
    """The address of a copy that the test may write to."""
    return databases.copy(request.param)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM dag", "CREATE TABLE mine (x integer)", "DROP TABLE dag"],
)
async def test_nothing_can_be_written(copy: str, statement: str) -> None:
    async with engine_on(copy) as engine:
        before = await scalar(engine, "SELECT count(*) FROM dag")

        with pytest.raises(DBAPIError, match=r"read-?only"):
            await scalar(engine, statement)

        assert await scalar(engine, "SELECT count(*) FROM dag") == before > 0


async def test_a_session_sees_one_snapshot_in_all_its_statements(
    copy: str, databases: Databases
) -> None:
    paused = "SELECT count(*) FROM dag WHERE is_paused"
    async with engine_on(copy) as engine:
        dialect = dialect_of(engine.dialect.name)
        catalogue = Catalogue(await probe(engine), dialect)
        dags = await scalar(engine, "SELECT count(*) FROM dag")
        session = Session(engine, catalogue, Bounds())
        before = (await session.fetch(paused, ()))[0][0]

        writing = asyncio.to_thread(
            databases.write, copy, "UPDATE dag SET is_paused = true"
        )
        if engine.dialect.name == "sqlite":
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(writing)
                await asyncio.sleep(0.1)
                assert (await session.fetch(paused, ()))[0][0] == before < dags
                await session.close()
        else:
            await writing
            assert (await session.fetch(paused, ()))[0][0] == before < dags
            await session.close()

        later = Session(engine, catalogue, Bounds())
        assert (await later.fetch(paused, ()))[0][0] == dags
        await later.close()


async def test_a_connection_comes_back_without_a_transaction(copy: str) -> None:
    async with engine_on(copy, pool_size=1) as engine:
        dialect = dialect_of(engine.dialect.name)
        catalogue = Catalogue(await probe(engine), dialect)
        session = Session(engine, catalogue, Bounds())
        await session.fetch("SELECT 1", ())
        await session.close()

        async with engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            if engine.dialect.name == "sqlite":
                assert raw.in_transaction is False
            else:
                assert raw.is_in_transaction() is False


async def test_postgresql_knows_who_reads(databases: Databases) -> None:
    async with engine_on(databases.address("3.3.2-postgresql")) as engine:
        assert await scalar(engine, "SHOW application_name") == "dagway"
        assert await scalar(engine, "SHOW default_transaction_read_only") == "on"


async def test_the_search_path_is_the_address_own(databases: Databases) -> None:
    address = databases.address("3.3.2-postgresql")
    async with engine_on(in_schema(address, 'a "b')) as engine:
        assert await scalar(engine, "SHOW search_path") == '"a ""b", "$user", public'


async def test_a_connection_that_the_server_closed_is_not_given_out(
    databases: Databases,
) -> None:
    address = databases.address("3.3.2-postgresql")
    async with engine_on(address, pool_size=1) as engine:
        first = await scalar(engine, "SELECT pg_backend_pid()")

        databases.server.run(f"SELECT pg_terminate_backend({first})")
        await asyncio.sleep(0.1)

        assert await scalar(engine, "SELECT pg_backend_pid()") != first


async def test_a_migration_costs_a_pooled_connection_one_operation_at_most(
    databases: Databases,
) -> None:
    address = databases.copy("3.3.2-postgresql")
    sql = "SELECT * FROM dag ORDER BY dag_id LIMIT 1"
    async with engine_on(address, pool_size=1) as engine:
        catalogue = Catalogue(await probe(engine), dialect_of("postgresql"))
        session = Session(engine, catalogue, Bounds())
        before = await session.fetch(sql, ())
        await session.close()

        databases.write(address, "ALTER TABLE dag ADD COLUMN mine integer DEFAULT 1")

        session = Session(engine, catalogue, Bounds())
        with pytest.raises(OperationAborted, match="could not answer"):
            await session.fetch(sql, ())
        await session.close()
        session = Session(engine, catalogue, Bounds())
        after = await session.fetch(sql, ())
        await session.close()
    assert tuple(after[0]) == (*tuple(before[0]), 1)


async def test_there_are_no_more_connections_than_the_pool_holds(
    databases: Databases,
) -> None:
    address = databases.address("3.3.2-postgresql")
    async with engine_on(address, pool_size=2) as engine:
        pids = await asyncio.gather(
            *(
                scalar(engine, "SELECT pg_backend_pid() FROM pg_sleep(0.02)")
                for _ in range(8)
            )
        )
    assert len(set(pids)) == 2


async def test_a_server_that_is_not_there_cannot_be_reached(tmp_path: Path) -> None:
    error = await refused(f"postgresql://ada:{PASSWORD}@/d?host={tmp_path}")

    assert isinstance(error, Unreachable)
    assert str(error) == (
        f"postgresql://ada@{tmp_path}/d cannot be reached: No such file or directory"
    )


async def test_a_server_that_does_not_answer_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]

        error = await refused(
            f"postgresql://ada:{PASSWORD}@127.0.0.1:{port}/d?connect_timeout=0.2"
        )

    assert isinstance(error, Unreachable)
    assert str(error) == (
        f"postgresql://ada@127.0.0.1:{port}/d does not answer within 0.2 s"
    )


async def test_what_the_driver_refuses_is_told(databases: Databases) -> None:
    address = databases.server.address("postgres")

    negotiation = await refused(f"{address}&sslnegotiation=direct")
    target = await refused(f"{address}&target_session_attrs=standby")

    assert isinstance(negotiation, Unreachable)
    assert str(negotiation).endswith(
        "cannot be reached: direct TLS requires sslmode=require, verify-ca, or "
        "verify-full"
    )
    assert isinstance(target, Unreachable)
    assert "None of the hosts match the target attribute" in str(target)


async def test_a_server_that_can_be_written_to_is_what_it_is(
    databases: Databases,
) -> None:
    address = databases.server.address("postgres")

    async with engine_on(f"{address}&target_session_attrs=read-write") as engine:
        assert await scalar(engine, "SELECT pg_is_in_recovery()") is False


async def test_a_database_that_the_server_does_not_have_is_named(
    databases: Databases,
) -> None:
    error = await refused(databases.server.address("nowhere"))

    assert isinstance(error, UnknownDatabase)
    assert str(error).endswith('says: database "nowhere" does not exist')


async def test_a_login_is_refused_for_a_reason(databases: Databases) -> None:
    server = databases.server
    databases.address("3.3.2-postgresql")
    server.run("CREATE ROLE mute NOLOGIN", "CREATE ROLE guest LOGIN")
    server.run('REVOKE CONNECT ON DATABASE "3.3.2-postgresql" FROM PUBLIC')
    try:
        reasons = {
            role: await refused(server.address("3.3.2-postgresql", role))
            for role in ("nobody", "mute", "guest")
        }
    finally:
        server.run('GRANT CONNECT ON DATABASE "3.3.2-postgresql" TO PUBLIC')
        server.run("DROP ROLE mute", "DROP ROLE guest")

    assert {type(error) for error in reasons.values()} == {LoginRefused}
    assert str(reasons["nobody"]).endswith(
        'refuses the login: role "nobody" does not exist'
    )
    assert str(reasons["mute"]).endswith(
        'refuses the login: role "mute" is not permitted to log in'
    )
    assert str(reasons["guest"]).endswith(
        'refuses the connection: permission denied for database "3.3.2-postgresql"'
    )


@contextmanager
def only_by_password(server: PostgresServer, role: str, password: str) -> Iterator[str]:
    """The address of a role that has to give a password, which is not in it."""
    file = Path(server.run("SHOW hba_file").strip())
    usual = file.read_text()
    server.run(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    file.write_text(f"local all {role} scram-sha-256\n{usual}")
    server.run("SELECT pg_reload_conf()")
    time.sleep(0.2)  # a reload is a signal
    try:
        yield server.address("postgres", role)
    finally:
        file.write_text(usual)
        server.run("SELECT pg_reload_conf()", f"DROP ROLE {role}")


async def test_a_wrong_password_is_refused_and_never_shown(
    databases: Databases,
) -> None:
    with only_by_password(databases.server, "locked", "right") as address:
        async with engine_on(address.replace("locked@", "locked:right@")) as engine:
            assert await scalar(engine, "SELECT current_user") == "locked"
            assert "right" not in repr(engine)

        error = await refused(address.replace("locked@", f"locked:{PASSWORD}@"))

    assert isinstance(error, LoginRefused)
    assert str(error).endswith(
        'refuses the login: password authentication failed for user "locked"'
    )
    assert PASSWORD not in "".join(traceback.format_exception(error))
