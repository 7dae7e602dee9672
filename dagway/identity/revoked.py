"""Whether a token was ended by a logout, as Airflow's database says."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

from dagway.protocol import BadRequest
from metadb.aborted import OperationAborted
from metadb.session import Session
from metadb.sources.revoked_token import REVOKED_TOKEN
from metadb.statement import Order, Query, rows_per_key

log = logging.getLogger("dagway")

KEPT_S = 5.0
_KEPT = 10_000  # tokens


class Revoked:
    """Asks the database once for each token, and again after five seconds."""

    def __init__(self) -> None:
        self._session: Callable[[], Session] | None = None
        self._found: OrderedDict[str, tuple[float, bool]] = OrderedDict()

    def open(self, session: Callable[[], Session]) -> None:
        """From now on sessions can be had."""
        self._session = session
        if not session().catalogue.has(REVOKED_TOKEN):
            log.warning(
                "The database has no table revoked_token that may be read: who logs "
                "out of Airflow keeps a valid token until it expires."
            )

    async def is_revoked(self, jti: str) -> bool:
        """Whether the token of this id was ended.

        Raises:
            BadRequest: if the database does not answer.
        """
        at, found = self._found.get(jti, (float("-inf"), False))
        now = time.monotonic()
        if found or now - at <= KEPT_S:
            return found
        found = await self._asked(jti)
        self._found[jti] = now, found
        self._found.move_to_end(jti)
        if len(self._found) > _KEPT:
            self._found.popitem(last=False)
        return found

    async def _asked(self, jti: str) -> bool:
        if self._session is None:
            raise _unanswered()
        session = self._session()
        if not session.catalogue.has(REVOKED_TOKEN):
            return False
        query = Query(
            REVOKED_TOKEN, ("jti",), [(jti,)], ("jti",), Order(("jti",)), limit=1
        )
        try:
            return bool(await rows_per_key(session, query))
        except OperationAborted as error:
            raise _unanswered() from error
        finally:
            await session.close()


def _unanswered() -> BadRequest:
    message = "Whether the token was revoked cannot be told now; try again soon."
    return BadRequest(503, "DATABASE_ERROR", message, {"retry-after": "1"})
