"""Identity by what a request's Authorization header bears."""

from starlette.requests import Request

from dagway.identity.keys import Key, owner
from dagway.identity.principal import Principal
from dagway.identity.watched import Watched
from dagway.protocol import BadRequest

_REALM = 'Bearer realm="dagway"'


class ByKey:
    """Takes the API keys of a file."""

    def __init__(self, keys: Watched[tuple[Key, ...]]) -> None:
        self._keys = keys

    async def principal(self, request: Request) -> Principal:
        """Whose key the request bears.

        Raises:
            BadRequest: if it bears none of the file's.
        """
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            message = "Send a key: Authorization: Bearer KEY."
            raise _unauthenticated(message, _REALM)
        name = owner(secret.strip(), self._keys.value())
        if name is None:
            message = "The key is none that is known here."
            raise _unauthenticated(message, f'{_REALM}, error="invalid_token"')
        return Principal(name)


def _unauthenticated(message: str, challenge: str) -> BadRequest:
    return BadRequest(401, "UNAUTHENTICATED", message, {"www-authenticate": challenge})
