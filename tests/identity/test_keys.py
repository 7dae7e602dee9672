"""API keys: who has one may ask, and the file may change at any time."""

from pathlib import Path

import httpx
import pytest

from dagway.__main__ import main
from dagway.errors import StartError
from dagway.identity import keys, watched
from dagway.identity.bearer import ByBearer
from dagway.identity.exposure import check_exposure
from dagway.identity.watched import Watched
from dagway.limits import Limits
from tests.support.databases import Databases
from tests.support.http import PATH, client_of

ASKED = {"query": "{ __typename }"}


async def sent(client: httpx.AsyncClient, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"authorization": authorization}
    return await client.post(PATH, json=ASKED, headers=headers)


async def test_keys_rotate_while_the_gateway_runs(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "SETTLED_S", 0.0)
    old, kept_old = keys.made("grafana")
    new, kept_new = keys.made("grafana")
    file = tmp_path / "keys"
    file.write_text(f"# who may ask\n{kept_old.line}\n")
    identity = ByBearer(Watched(str(file), keys.parsed))
    address = databases.address("3.3.2-sqlite")
    async with client_of(address, Limits(), identity) as client:
        assert (await sent(client, f"Bearer {old}")).status_code == 200
        assert (await sent(client, f"Bearer {new}")).status_code == 401

        file.write_text(f"{kept_old.line}\n{kept_new.line}\n")
        assert (await sent(client, f"Bearer {old}")).status_code == 200
        assert (await sent(client, f"bearer {new}")).status_code == 200

        file.write_text("nonsense\n")
        assert (await sent(client, f"Bearer {new}")).status_code == 200

        file.write_text(f"{kept_new.line}\n")
        assert (await sent(client, f"Bearer {old}")).status_code == 401
        assert (await sent(client, f"Bearer {new}")).status_code == 200


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer dagway_no"]
)
async def test_without_a_known_key_nothing_is_answered(
    databases: Databases, tmp_path: Path, authorization: str | None
) -> None:
    file = tmp_path / "keys"
    file.write_text(keys.made("grafana")[1].line)
    identity = ByBearer(Watched(str(file), keys.parsed))
    address = databases.address("3.3.2-sqlite")
    async with client_of(address, Limits(), identity) as client:
        response = await sent(client, authorization)

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer ")
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "no.such.invalid"])  # noqa: S104  # what is refused
def test_a_host_that_others_reach_needs_identity(host: str) -> None:
    with pytest.raises(StartError, match="DAGWAY_KEYS_FILE"):
        check_exposure(host, is_identified=False)
    check_exposure(host, is_identified=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_this_machine_alone_needs_none(host: str) -> None:
    check_exposure(host, is_identified=False)


def test_a_key_is_printed_with_the_line_that_keeps_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["key", "grafana"]) == 0
    secret, line = capsys.readouterr().out.splitlines()
    assert secret not in line
    assert keys.owner(secret, keys.parsed(line)) == "grafana"


def test_a_file_of_keys_that_is_wrong_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("grafana secret\n")
    with pytest.raises(StartError, match="line 1"):
        Watched(str(file), keys.parsed)
