"""Identity by what a request bears: an API key, or a token; in a cookie, too."""

from collections.abc import Sequence

from starlette.requests import Request

from dagway.identity.keys import PREFIX, Key, owner
from dagway.identity.principal import Principal
from dagway.identity.tokens import Tokens
from dagway.identity.watched import Watched
from dagway.protocol import BadRequest

_REALM = 'Bearer realm="dagway"'


class ByBearer:
    """Takes the API keys of a file, and tokens that are trusted.

    The header comes before a cookie: a right cookie makes up for no wrong header.
    """

    def __init__(
        self,
        keys: Watched[tuple[Key, ...]] | None = None,
        tokens: Sequence[Tokens] = (),
    ) -> None:
        self._keys = keys
        self._tokens = tokens

    async def principal(self, request: Request) -> Principal:
        """Whose key or token the request bears.

        Raises:
            BadRequest: if it bears none that is known, or that cannot be told now.
        """
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        found = None
        if scheme.lower() == "bearer" and secret.strip():
            found = await self._of_header(secret.strip())
        else:
            for one in self._tokens:
                token = one.cookie and request.cookies.get(one.cookie)
                if token:
                    found = await one.principal(token, by_cookie=True)
                    break
            else:
                message = "Send a key or a token: Authorization: Bearer KEY."
                raise _unauthenticated(message, _REALM)
        if found is None:
            message = "The key or token is none that is known here, or not any more."
            raise _unauthenticated(message, f'{_REALM}, error="invalid_token"')
        return found

    async def _of_header(self, secret: str) -> Principal | None:
        if self._keys is not None and secret.startswith(PREFIX):
            name = owner(secret, self._keys.value())
            return None if name is None else Principal(name)
        for one in self._tokens:
            found = await one.principal(secret)
            if found is not None:
                return found
        return None


def _unauthenticated(message: str, challenge: str) -> BadRequest:
    return BadRequest(401, "UNAUTHENTICATED", message, {"www-authenticate": challenge})
