"""Health and counts over HTTP."""

from pathlib import Path

from dagway.app import create_app
from dagway.identity import keys
from dagway.settings import Settings
from tests.operating.test_facts import client_of
from tests.support.databases import Databases


async def test_probes_say_that_the_gateway_is_alive_and_ready(
    name: str, databases: Databases
) -> None:
    app = create_app(Settings.from_env({}, databases.address(name)))
    async with client_of(app) as client:
        alive = await client.get("/healthz")
        early = await client.get("/readyz")
        async with app.router.lifespan_context(app):
            ready = await client.get("/readyz")
            verbose = (await client.get("/readyz?verbose")).json()

    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert (early.status_code, early.json()) == (503, {"status": "starting"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
    assert verbose["limits"]["nodes"] == 500_000
    assert verbose["limits"]["rows"] == 300_000
    assert verbose["database"]["revision"] == verbose["database"]["revisionRead"]
    assert verbose["database"]["isRevisionKnown"] is True
    assert "assets" in verbose["database"]["features"]


async def test_a_gateway_whose_database_is_gone_is_not_ready(
    databases: Databases,
) -> None:
    address = databases.copy("3.3.2-postgresql")
    app = create_app(Settings.from_env({}, address))
    async with app.router.lifespan_context(app), client_of(app) as client:
        databases.write(address, "DROP TABLE alembic_version")
        response = await client.get("/readyz")
        alive = await client.get("/healthz")

    assert response.status_code == 503
    assert response.json() == {"status": "the database does not answer"}
    assert alive.status_code == 200


async def test_counts_and_details_are_for_those_who_may_ask(
    databases: Databases, tmp_path: Path
) -> None:
    secret, key = keys.made("prometheus")
    file = tmp_path / "keys"
    file.write_text(key.line, encoding="utf-8")
    environ = {"DAGWAY_KEYS_FILE": str(file)}
    app = create_app(Settings.from_env(environ, databases.address("3.3.2-sqlite")))
    async with app.router.lifespan_context(app), client_of(app) as client:
        unknown = [
            (await client.get(path)).status_code
            for path in ("/healthz", "/readyz", "/readyz?verbose", "/metrics")
        ]
        bearer = {"authorization": f"Bearer {secret}"}
        known = [
            (await client.get(path, headers=bearer)).status_code
            for path in ("/readyz?verbose", "/metrics")
        ]

    assert unknown == [200, 200, 401, 401]
    assert known == [200, 200]
