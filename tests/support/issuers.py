"""Those who sign tokens: an OIDC issuer with a server of its own, and Airflow."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    generate_private_key,
)
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode
from typing_extensions import override

SECRET = "a secret of Airflow and the gateway, as long as HS512 would have it: 64."  # noqa: S105  # of tests

SHARED = b"a key of the set that is no public key"


def airflow_token(secret: str = SECRET, algorithm: str = "HS512", **claims: Any) -> str:
    """A token as Airflow 3.3.2 signs it for a user of its simple auth manager."""
    now = int(time.time())
    made = {
        "sub": "admin",
        "role": "admin",
        "teams": [],
        "jti": uuid.uuid4().hex,
        "aud": "apache-airflow",
        "nbf": now,
        "exp": now + 86_400,
        "iat": now,
        **claims,
    }
    kept = {name: value for name, value in made.items() if value is not None}
    return jwt.encode(kept, secret, algorithm=algorithm)


class Issuer:
    """An OIDC issuer.

    Attributes:
        keys: Its private keys, by their ids.
        asked: The paths that were asked for.
        is_down: Whether it answers with an error.
        is_free: Whether it answers at all; else whoever asks waits.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.keys: dict[str, RSAPrivateKey] = {}
        self.asked: list[str] = []
        self.is_down = False
        self.is_free = threading.Event()
        self.is_free.set()
        self.add("k1")

    def add(self, kid: str) -> None:
        """Make a key."""
        self.keys[kid] = generate_private_key(65537, 2048)

    def answer(self, path: str) -> dict[str, Any]:
        """What is at a path."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
        return {
            "keys": [
                {
                    **RSAAlgorithm.to_jwk(key.public_key(), as_dict=True),
                    "kid": kid,
                    "use": "sig",
                }
                for kid, key in self.keys.items()
            ]
            + [{"kty": "oct", "k": base64url_encode(SHARED).decode(), "kid": "shared"}]
        }

    def token(self, kid: str = "k1", algorithm: str = "RS256", **claims: Any) -> str:
        """A token that it signs; a claim of None is left out."""
        now = int(time.time())
        made = {
            "iss": self.address,
            "aud": "dagway",
            "sub": "ada",
            "iat": now,
            "exp": now + 600,
            **claims,
        }
        kept = {name: value for name, value in made.items() if value is not None}
        key = self.keys.get(kid) or generate_private_key(65537, 2048)
        return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": kid})


@contextmanager
def serving_issuer() -> Iterator[Issuer]:
    """An issuer that can be asked for its keys."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(issuer.answer(self.path)).encode()
            issuer.is_free.wait()
            self.send_response(503 if issuer.is_down else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.is_free.set()
        server.shutdown()
        thread.join()
        server.server_close()
