"""What is known of one operation, and who wants to know."""

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, field
from typing_extensions import override

from dagway.documents import Prepared
from dagway.identity.principal import NOBODY, Principal
from dagway.protection.limit import Cost
from metadb.session import Executed, Session

OK, ERRORS, REFUSED = "ok", "errors", "refused"
FAILED, CANCELLED = "failed", "cancelled"
OUTCOMES = (OK, ERRORS, REFUSED, FAILED, CANCELLED)
_FAULTS = frozenset({"DATABASE_ERROR", "INTERNAL_ERROR"})
_UNLIMITED = frozenset({"SHUTTING_DOWN", "UNAUTHENTICATED"})
"""Codes of what is refused, and by no limit."""


def _new_id() -> str:
    return f"{random.getrandbits(64):016x}"  # a name, no secret


class Facts(Struct):
    """What is known of one operation.

    Attributes:
        id: Of the operation; an error that is a fault carries it.
        began: When its request came, on the clock of `time.perf_counter`.
        name: Its name; None for none, and while its document is not read.
        kind: `query`, `mutation` or `subscription`; empty while that is not known.
        principal: Who asked.
        nodes: Objects that it may lead to.
        outcome: One of OUTCOMES; empty for a request that was for no operation.
        code: Of its first error, or of that which decided on the outcome.
        limit: The name of the limit that it went beyond.
        waited_s: Seconds that it waited for its turn.
        seconds: From the request to the answer, which is not sent yet.
        size: Bytes of the answer.
        session: Its view of the database, once it ran.
        headers: Of its request, as ASGI has them.
        wants: What its client wants to know of its cost.
        prepared: What it is, once it may run.
        cost: What is known of its cost, beside what these and its session tell.
    """

    id: str = field(default_factory=_new_id)
    began: float = field(default_factory=time.perf_counter)
    name: str | None = None
    kind: str = ""
    principal: Principal = NOBODY
    nodes: int = 0
    outcome: str = ""
    code: str | None = None
    limit: str | None = None
    waited_s: float = 0.0
    seconds: float = 0.0
    size: int = 0
    session: Session | None = None
    headers: Sequence[tuple[bytes, bytes]] = ()
    wants: frozenset[str] = frozenset()
    prepared: Prepared | None = None
    cost: Cost = field(default_factory=dict)

    @property
    def executed(self) -> Sequence[Executed]:
        """Its statements."""
        return () if self.session is None else self.session.executed

    @property
    def sql_s(self) -> float:
        """Seconds of its statements."""
        return sum([one.seconds for one in self.executed])

    @property
    def rows(self) -> int:
        """Rows of its statements."""
        return sum([one.rows for one in self.executed])

    @property
    def is_begun_again(self) -> bool:
        """Whether it was begun again with graphql-core."""
        return self.session is not None and self.session.is_restarted

    def told(self, errors: Iterable[dict[str, Any]]) -> None:
        """Take the outcome from the errors of its answer."""
        for error in errors:
            self.refused(error["extensions"]["code"], error["extensions"].get("limit"))
        self.outcome = self.outcome or OK

    def refused(self, code: str, limit: str | None = None) -> None:
        """Take the outcome from one error; a fault outweighs a limit, that the rest."""
        found = ERRORS if limit is None and code not in _UNLIMITED else REFUSED
        if code in _FAULTS:
            found = FAILED
        if not self.outcome or OUTCOMES.index(found) > OUTCOMES.index(self.outcome):
            self.outcome, self.code, self.limit = found, code, limit

    def cancelled(self) -> None:
        """Note that its client has hung up."""
        self.outcome, self.code = CANCELLED, None
        self.seconds = time.perf_counter() - self.began

    def ended(self, size: int) -> None:
        """Note the time, and the bytes of the answer."""
        self.size = size
        self.seconds = time.perf_counter() - self.began


class Observer(ABC):
    """Wants to know of operations."""

    def begun(self) -> None:  # noqa: B027  # most do not want to know
        """A request is taken up."""

    def waiting(self, more: int) -> None:  # noqa: B027  # nor this
        """One operation more waits for its turn, or (-1) one less."""

    @abstractmethod
    def ended(self, facts: Facts) -> None:
        """A request is answered; its facts have no outcome if it was for a page."""


class Observers(Observer):
    """Several of them, as one; without any nothing is observed."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    @override
    def begun(self) -> None:
        """Tell all."""
        for one in self._observers:
            one.begun()

    @override
    def waiting(self, more: int) -> None:
        """Tell all."""
        for one in self._observers:
            one.waiting(more)

    @override
    def ended(self, facts: Facts) -> None:
        """Tell all."""
        for one in self._observers:
            one.ended(facts)
