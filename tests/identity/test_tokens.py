"""Tokens: of an OIDC issuer and of Airflow, as long as they are to be trusted."""

import asyncio
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode as base64url
from starlette.applications import Starlette
from starlette.routing import Route

from dagway.endpoint import Endpoint
from dagway.errors import StartError
from dagway.identity import jwks, keys, revoked
from dagway.identity.choice import chosen
from dagway.identity.settings import IdentitySettings
from dagway.operation import opened
from dagway.variable import Secret
from tests.support.databases import BACKENDS, Databases
from tests.support.http import PATH
from tests.support.issuers import SECRET, SHARED, Issuer, airflow_token, serving_issuer

PATIENCE_S = 20.0
DAGS = {"query": "{ dags(first: 1000) { nodes { dagId } } }"}
OF_AIRFLOW = IdentitySettings(airflow_jwt_secret=Secret(SECRET))


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving_issuer() as found:
        yield found


@asynccontextmanager
async def client(
    address: str, settings: IdentitySettings
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway with these settings, opened as the application does."""
    who = chosen(settings)
    async with opened(address) as gateway:
        if who.revoked is not None:
            who.revoked.open(gateway.session)
        endpoint = Endpoint(gateway, None, who.identity)
        transport = httpx.ASGITransport(
            Starlette(routes=[Route(PATH, endpoint)]), raise_app_exceptions=False
        )
        async with httpx.AsyncClient(
            transport=transport, base_url="http://gate"
        ) as found:
            yield found


async def status(client: httpx.AsyncClient, token: str) -> int:
    response = await client.post(
        PATH, json=DAGS, headers={"authorization": f"Bearer {token}"}
    )
    assert response.status_code in {200, 401, 503}
    if response.status_code == 401:
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    return response.status_code


def of_issuer(issuer: Issuer) -> IdentitySettings:
    return IdentitySettings(oidc_issuer=issuer.address, oidc_audience=("dagway",))


async def test_an_issuers_tokens_are_taken_and_no_others(
    databases: Databases, issuer: Issuer
) -> None:
    now = int(time.time())
    async with client(databases.address("3.3.2-sqlite"), of_issuer(issuer)) as gate:
        right = issuer.token()
        assert await status(gate, right) == 200
        assert await status(gate, issuer.token(aud=["x", "dagway"])) == 200
        assert await status(gate, issuer.token(algorithm="PS256")) == 200
        assert await status(gate, issuer.token(exp=now - 5)) == 200  # of the leeway

        head, body, signature = right.split(".")
        eve = json.dumps({**issuer_claims(right), "sub": "eve"}).encode()
        public = issuer.keys["k1"].public_key()
        none = base64url(b'{"alg":"none","typ":"JWT"}').decode()
        wrong = {
            "expired": issuer.token(exp=now - 60),
            "of tomorrow": issuer.token(nbf=now + 600),
            "issued later": issuer.token(iat=now + 600),
            "for others": issuer.token(aud="other"),
            "for nobody": issuer.token(aud=None),
            "without an end": issuer.token(exp=None),
            "without a beginning": issuer.token(iat=None),
            "of another issuer": issuer.token(iss=f"{issuer.address}/"),
            "of no issuer": issuer.token(iss=None),
            "of an unknown key": issuer.token("k9"),
            "unsigned": f"{none}.{body}.",
            "forged": f"{head}.{base64url(eve).decode()}.{signature}",
            "cut": right[:-4],
            "no token": "a.b.c",
            "too long": right + "A" * 20_000,
            "by the public key as a secret": hmac_token(issuer, public),
            "by a shared key of the set": jwt.encode(
                issuer_claims(right),
                SHARED,
                algorithm="HS256",
                headers={"kid": "shared"},
            ),
            "airflow's": airflow_token(aud="dagway", iss=issuer.address),
        }
        found = {title: await status(gate, token) for title, token in wrong.items()}

    assert found == dict.fromkeys(wrong, 401)


def issuer_claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def hmac_token(issuer: Issuer, public: Any) -> str:
    """The old trick: the public key's text as the secret of an HMAC."""
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = ({"alg": "HS256", "kid": "k1"}, issuer_claims(issuer.token()))
    signed = b".".join(base64url(json.dumps(part).encode()) for part in parts)
    signature = hmac.new(pem, signed, "sha256").digest()
    return b".".join((signed, base64url(signature))).decode()


async def test_keys_of_an_issuer_are_read_when_needed_and_not_more_often(
    databases: Databases, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(databases.address("3.3.2-sqlite"), of_issuer(issuer)) as gate:
        assert issuer.asked == []
        many = await asyncio.gather(*(status(gate, issuer.token()) for _ in range(20)))
        assert set(many) == {200}
        assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]

        unknown = [await status(gate, issuer.token(f"x{at}")) for at in range(20)]
        assert set(unknown) == {401}
        assert len(issuer.asked) == 2

        issuer.add("k2")
        monkeypatch.setattr(jwks, "RETRY_S", 0.0)
        assert await status(gate, issuer.token("k2")) == 200
        assert len(issuer.asked) == 4

        monkeypatch.setattr(jwks, "FRESH_S", 0.0)
        issuer.is_down = True
        assert await status(gate, issuer.token("k2")) == 200  # the last that was had
        issuer.is_down = False
        retired = issuer.token("k2")
        del issuer.keys["k2"]
        async with asyncio.timeout(PATIENCE_S):
            while await status(gate, retired) == 200:  # noqa: ASYNC110  # no event tells
                await asyncio.sleep(0.01)


async def test_known_keys_serve_while_they_are_read_again(
    databases: Databases, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(databases.address("3.3.2-sqlite"), of_issuer(issuer)) as gate:
        assert await status(gate, issuer.token()) == 200
        monkeypatch.setattr(jwks, "FRESH_S", 0.0)
        monkeypatch.setattr(jwks, "RETRY_S", 0.0)
        issuer.is_free.clear()
        issuer.add("k2")
        asked = len(issuer.asked)

        known = [await status(gate, issuer.token()) for _ in range(5)]
        unknown = [
            asyncio.create_task(status(gate, issuer.token(kid)))
            for kid in ("k2", "k2", "k3")
        ]
        known += [await status(gate, issuer.token()) for _ in range(5)]
        waiting = [one for one in unknown if not one.done()]
        issuer.is_free.set()

        assert known == [200] * 10
        assert waiting == unknown
        assert sorted(await asyncio.gather(*unknown)) == [200, 200, 401]
        assert issuer.asked[asked:][:2] == [
            "/.well-known/openid-configuration",
            "/keys",
        ]
        assert len(issuer.asked[asked:]) <= 4  # one more, for what was still lacking


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_airflows_tokens_are_of_the_algorithm_that_is_set(
    databases: Databases, issuer: Issuer, algorithm: str
) -> None:
    settings = IdentitySettings(
        airflow_jwt_secret=Secret(SECRET), airflow_jwt_algorithm=algorithm
    )
    jti = uuid.uuid4().hex
    async with client(databases.address("3.3.2-sqlite"), settings) as gate:
        for other in ("HS256", "HS384", "HS512"):
            expected = 200 if other == algorithm else 401
            assert await status(gate, airflow_token(algorithm=other)) == expected
        head, body, _ = airflow_token(algorithm=algorithm).split(".")
        none = base64url(b'{"alg":"none","typ":"JWT"}').decode()
        assert await status(gate, f"{none}.{body}.") == 401
        assert await status(gate, f"{head}.{body}.") == 401
        public = issuer.token(aud="apache-airflow", iss=None, jti=jti)
        assert await status(gate, public) == 401


async def test_a_set_of_keys_may_be_held_to_one_algorithm(
    databases: Databases, issuer: Issuer
) -> None:
    settings = IdentitySettings(
        airflow_jwks=f"{issuer.address}/keys", airflow_jwt_algorithm="RS512"
    )
    claims = {"aud": "apache-airflow", "jti": uuid.uuid4().hex}
    async with client(databases.address("3.3.2-sqlite"), settings) as gate:
        for algorithm, expected in (("RS512", 200), ("RS256", 401), ("PS512", 401)):
            token = issuer.token(algorithm=algorithm, **claims)
            assert await status(gate, token) == expected
        public = issuer.keys["k1"].public_key()
        assert await status(gate, hmac_token(issuer, public)) == 401


async def test_an_issuer_that_does_not_answer_lets_nobody_in(
    databases: Databases, issuer: Issuer
) -> None:
    issuer.is_down = True
    async with client(databases.address("3.3.2-sqlite"), of_issuer(issuer)) as gate:
        assert await status(gate, issuer.token()) == 401


async def test_keys_may_be_in_a_file(
    databases: Databases, issuer: Issuer, tmp_path: Path
) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(issuer.answer("/keys")))
    settings = IdentitySettings(
        airflow_jwks=str(file), airflow_jwt_audience=("apache-airflow",)
    )
    jti = uuid.uuid4().hex
    async with client(databases.address("3.3.2-sqlite"), settings) as gate:
        mine = issuer.token(aud="apache-airflow", iss=None, jti=jti)
        assert await status(gate, mine) == 200
        assert await status(gate, issuer.token(aud="apache-airflow", iss=None)) == 401
        assert await status(gate, airflow_token()) == 401


async def test_airflows_tokens_are_taken_and_no_tasks(databases: Databases) -> None:
    async with client(databases.address("3.3.2-sqlite"), OF_AIRFLOW) as gate:
        assert await status(gate, airflow_token()) == 200
        task = airflow_token(aud="urn:airflow.apache.org:task")
        wrong = {
            "a task's": task,
            "without an audience": airflow_token(aud=None),
            "without an id": airflow_token(jti=None),
            "of another secret": airflow_token("x" * 64),
            "of another algorithm": jwt.encode(
                issuer_claims(airflow_token()), SECRET, algorithm="HS256"
            ),
            "expired": airflow_token(exp=int(time.time()) - 60),
        }
        found = {title: await status(gate, token) for title, token in wrong.items()}
    assert found == dict.fromkeys(wrong, 401)


@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_has_logged_out_of_airflow_is_out(
    databases: Databases, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = databases.copy(f"3.3.2-{backend}")
    jti = uuid.uuid4().hex
    token, other = airflow_token(jti=jti), airflow_token()
    async with client(address, OF_AIRFLOW) as gate:
        assert await status(gate, token) == 200
        databases.write(
            address,
            f"INSERT INTO revoked_token (jti, exp) VALUES ('{jti}', "
            "'2030-01-01 00:00:00')",
        )
        monkeypatch.setattr(revoked, "KEPT_S", 0.0)
        assert await status(gate, token) == 401
        assert await status(gate, token) == 401
        assert await status(gate, other) == 200


async def test_a_database_without_logouts_takes_tokens(databases: Databases) -> None:
    async with client(databases.address("3.1.8-sqlite"), OF_AIRFLOW) as gate:
        assert await status(gate, airflow_token()) == 200


async def test_a_logout_that_cannot_be_looked_up_lets_nobody_in(
    databases: Databases,
) -> None:
    address = databases.copy("3.3.2-sqlite")
    async with client(address, OF_AIRFLOW) as gate:
        databases.write(address, "ALTER TABLE revoked_token RENAME TO elsewhere")
        assert await status(gate, airflow_token()) == 503


async def test_a_cookie_identifies_but_asks_nothing_by_itself(
    databases: Databases,
) -> None:
    async with client(databases.address("3.3.2-sqlite"), OF_AIRFLOW) as gate:
        gate.cookies.set("_token", airflow_token())

        async def code(send: Callable[..., Any], **more: Any) -> Any:
            response = await send(**more)
            errors = response.json().get("errors")
            return errors[0]["extensions"]["code"] if errors else response.status_code

        async def get(**headers: str) -> httpx.Response:
            return await gate.get(PATH, params=DAGS, headers=headers)

        assert await code(gate.post, url=PATH, json=DAGS) == 200
        plain = {"content-type": "text/plain"}
        sent = json.dumps(DAGS)
        refused = await code(gate.post, url=PATH, content=sent, headers=plain)
        assert refused == "UNSUPPORTED_MEDIA_TYPE"
        assert await code(get) == "PREFLIGHT_REQUIRED"
        assert await code(get, **{"x-requested-with": "dagway"}) == 200
        assert await code(get, **{"apollo-require-preflight": "1"}) == 200
        assert await code(get, authorization=f"Bearer {airflow_token()}") == 200
        wrong = {"authorization": "Bearer wrong", "x-requested-with": "dagway"}
        assert await code(get, **wrong) == "UNAUTHENTICATED"
        gate.cookies.set("_token", "wrong")
        assert await code(gate.post, url=PATH, json=DAGS) == "UNAUTHENTICATED"


async def test_rules_know_tokens_by_their_claims(
    databases: Databases, issuer: Issuer, tmp_path: Path
) -> None:
    key, kept = keys.made("ada")
    (tmp_path / "keys").write_text(kept.line)
    rules = tmp_path / "rules.toml"
    rules.write_text(
        """
        [[rule]]
        claims = {groups = ["data-*"], dagway_token = "oidc"}
        allow = [{dag_ids = "fx_chain"}]
        [[rule]]
        claims = {role = "admin", dagway_token = "airflow"}
        allow = [{tags = "link"}]
        [[rule]]
        keys = "ada"
        allow = [{dag_ids = "fx_xcom"}]
        """
    )
    settings = IdentitySettings(
        keys_file=str(tmp_path / "keys"),
        oidc_issuer=issuer.address,
        oidc_audience=("dagway",),
        airflow_jwt_secret=Secret(SECRET),
        rules_file=str(rules),
    )

    async with client(databases.address("3.3.2-sqlite"), settings) as gate:

        async def seen(token: str) -> list[str]:
            response = await gate.post(
                PATH, json=DAGS, headers={"authorization": f"Bearer {token}"}
            )
            return [dag["dagId"] for dag in response.json()["data"]["dags"]["nodes"]]

        assert await seen(issuer.token(groups=["data-eng"])) == ["fx_chain"]
        assert await seen(issuer.token(groups=["x"], sub="ada")) == []
        claims = {"role": "admin", "dagway_token": "airflow"}
        assert await seen(issuer.token(**claims)) == []
        linked = ["fx_external", "fx_trigger_child", "fx_trigger_parent"]
        assert await seen(airflow_token()) == linked
        assert await seen(airflow_token(role="viewer")) == []
        assert await seen(key) == ["fx_xcom"]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (IdentitySettings(oidc_issuer="https://id.example"), "needs DAGWAY_OIDC_AUD"),
        (IdentitySettings(oidc_audience=("a",)), "need DAGWAY_OIDC_ISSUER"),
        (
            IdentitySettings(airflow_jwt_secret=Secret("a"), airflow_jwks="b"),
            "both set",
        ),
        (
            IdentitySettings(
                airflow_jwt_secret=Secret("x"), airflow_jwt_algorithm="RS256"
            ),
            "is RS256, which is of public keys",
        ),
        (
            IdentitySettings(airflow_jwks="/keys", airflow_jwt_algorithm="HS256"),
            "is HS256, which needs DAGWAY_AIRFLOW_JWT_SECRET",
        ),
    ],
)
def test_settings_that_contradict_stop_the_start(
    settings: IdentitySettings, complaint: str
) -> None:
    with pytest.raises(StartError, match=complaint):
        chosen(settings)
