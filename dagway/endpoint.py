"""The endpoint: from an HTTP request to an operation's answer."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dagway.batches import check_nodes, check_size, joined, observed
from dagway.body import CLOSE, body_of
from dagway.documents import Prepared, Refused
from dagway.graphiql import page
from dagway.hanging_up import unless_gone
from dagway.identity.disclosure import (
    check_introspection,
    check_preflight,
    undisclosed,
)
from dagway.identity.principal import Anybody, Identity
from dagway.lanes import Lanes
from dagway.limits import Limits
from dagway.once_waiting import once_waiting
from dagway.operating.door import Door
from dagway.operating.facts import FAILED, Facts, Observer, Observers
from dagway.operating.rates import Rates, charge
from dagway.operating.report import HEADER as REPORT
from dagway.operating.report import reported, wanted
from dagway.operation import Gateway, encoded, formatted
from dagway.persisted import Persisted
from dagway.protection.limit import BODY, RESPONSE
from dagway.protocol import (
    GRAPHQL,
    JSON,
    Asked,
    BadRequest,
    Batch,
    Beyond,
    asked_by_body,
    asked_by_query,
    check_content,
    form_of,
    wants_page,
)
from dagway.reply import Reply

_REPORT = REPORT.encode()

Ready = Prepared | list[dict[str, Any]]
"""An operation that may run, or what is wrong with it."""


class Endpoint:
    """Answers GET and POST; a browser that asks for a page gets GraphiQL."""

    def __init__(
        self,
        gateway: Gateway,
        limits: Limits | None = None,
        identity: Identity | None = None,
        observer: Observer | None = None,
        door: Door | None = None,
        rates: Rates | None = None,
        persisted: Persisted | None = None,
    ) -> None:
        self._gateway = gateway
        self._identity = identity or Anybody()
        self._limits = limits or Limits()
        self._observer = observer or Observers()
        self._door = door or Door()
        self._rates = rates
        self._persisted = persisted or Persisted()
        self._lanes = Lanes(self._limits, self._observer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        request, facts = Request(scope, receive), Facts(headers=scope["headers"])
        self._door.enter()
        self._observer.begun()
        try:
            response = await self._response(request, facts)
            facts.ended(len(response.body))
            await response(scope, receive, send)
        except ClientDisconnect:
            facts.cancelled()
        except BaseException:
            facts.outcome = FAILED
            raise
        finally:
            self._door.leave()
            self._observer.ended(facts)

    async def _response(self, request: Request, facts: Facts) -> Response:
        headers = dict(reversed(facts.headers))  # the first counts of several
        accept = headers.get(b"accept")
        form = JSON
        try:
            is_bare = request.method == "GET" and "query" not in request.query_params
            if is_bare and wants_page(accept):
                return await page(request)
            form = form_of(accept)
            facts.wants = wanted(headers.get(_REPORT), {})
            self._door.check()
            facts.principal = await self._identity.principal(request)
            check_preflight(request, facts.principal)
            asked = await self._asked(request, headers, facts)
            if isinstance(asked, Asked):
                work = self._answered(request, asked, form, facts)
            else:
                work = self._all_answered(request, asked, form, facts)
            return await once_waiting(work, partial(unless_gone, request))
        except BadRequest as bad:
            return self._failure(facts, bad, form)
        except ClientDisconnect:
            raise
        except Exception as error:  # ours: nobody knows it  # noqa: BLE001
            (fault,) = formatted([GraphQLError("", original_error=error)], facts.id)
            facts.refused(fault["extensions"]["code"])
            return Reply(self.encode_json({"errors": [fault]}), form, 500)

    async def _asked(
        self, request: Request, headers: Mapping[bytes, bytes], facts: Facts
    ) -> Asked | Batch:
        """What is asked for.

        Raises:
            BadRequest: if that is not to be found out.
        """
        method = request.method
        if method == "GET":
            size, most = len(request.scope["query_string"]), self._limits.body
            facts.cost[BODY.name] = (size, most)
            if size > most:
                message = f"The query string has more than {most:,} bytes."
                raise Beyond(BODY._replace(status=414), message, size, most, CLOSE)
            return asked_by_query(request.query_params)
        if method == "POST":
            check_content(headers)
            body = await body_of(request.receive, headers, self._limits)
            facts.cost[BODY.name] = (len(body), self._limits.body)
            return asked_by_body(body, self._limits.batch)
        message = f"{method} is not allowed here; GET and POST are."
        raise BadRequest(405, "METHOD_NOT_ALLOWED", message, {"allow": "GET, POST"})

    async def _answered(
        self, request: Request, asked: Asked, form: str, facts: Facts
    ) -> Response:
        """An operation's answer.

        Raises:
            BadRequest: if it does not run now.
        """
        ready = self._ready(asked, facts)
        charge(self._rates, request, facts)
        if not isinstance(ready, Prepared):
            facts.told(ready)
            status = 400 if form == GRAPHQL or facts.limit is not None else 200
            return self._response_of({"errors": ready}, form, status, facts)
        if ready.said is not None and not facts.wants:
            facts.told(())
            return Reply(ready.said, form, 200)
        async with self._lanes.turn(ready.nodes) as facts.waited_s:
            response = await self._run(ready, facts)
        status = 200 if "data" in response else 400
        reply = self._response_of(response, form, status, facts)
        if not (ready.loads or facts.wants or "errors" in response):
            ready.said = bytes(reply.body)
        return reply

    async def _all_answered(
        self, request: Request, batch: Batch, form: str, facts: Facts
    ) -> Response:
        """The answers of several operations, in order, which run one after another.

        Each has facts of its own, the request none.

        Raises:
            BadRequest: if they do not run now, or are too much together.
        """
        parts = [
            Facts(principal=facts.principal, headers=facts.headers, wants=facts.wants)
            for _ in batch
        ]
        ready = [*map(self._ready_or_bad, batch, parts)]
        facts.nodes = sum(part.nodes for part in parts)
        charge(self._rates, request, facts)
        check_nodes(facts.nodes, self._limits)
        answers: list[bytes] = []
        async with self._lanes.turn(facts.nodes):
            for one, part in zip(ready, parts, strict=True):
                with observed(self._observer, part):
                    answers.append(await self._part(one, part))
                check_size(answers, self._limits)
        return Reply(joined(answers), form, 200)

    async def _part(self, ready: Ready, facts: Facts) -> bytes:
        """One answer of several."""
        if isinstance(ready, Prepared):
            response = await self._run(ready, facts)
        else:
            facts.told(ready)
            response = {"errors": ready}
        content = self._with_report(self.encode_json(response), facts)
        facts.ended(len(content))
        return content

    def _ready_or_bad(self, asked: Asked, facts: Facts) -> Ready:
        """One operation of several, of which others may be answered."""
        try:
            return self._ready(asked, facts)
        except BadRequest as bad:
            return [_error(bad)]

    def _ready(self, asked: Asked, facts: Facts) -> Ready:
        """An operation that may run, else what is wrong with it.

        Raises:
            BadRequest: if its document is not to be found out.
        """
        if asked.extensions:
            facts.wants |= wanted(None, asked.extensions)
        try:
            prepared = self._gateway.documents.prepared(
                self._persisted.text(asked), asked.variables, asked.name
            )
            check_introspection(prepared, facts.principal)
            if "persistedQuery" in asked.extensions:
                self._persisted.keep(asked)
        except Refused as refused:
            facts.cost |= refused.cost
            return undisclosed(formatted(refused.errors), facts.principal)
        facts.name, facts.kind = prepared.name, prepared.kind
        facts.nodes, facts.prepared = prepared.nodes, prepared
        return prepared

    async def _run(self, prepared: Prepared, facts: Facts) -> dict[str, Any]:
        """An operation's response; without data if it went beyond a limit."""
        answer = await self._gateway.run(prepared, facts.principal.visible, facts)
        facts.told(answer.errors)
        if answer.result is None and facts.limit is not None:
            return {"errors": answer.errors}
        return answer.outgoing

    def _response_of(
        self, response: Mapping[str, Any], form: str, status: int, facts: Facts
    ) -> Response:
        """A response.

        Raises:
            Beyond: if it is too large.
        """
        content, most = self.encode_json(response), self._limits.response
        if len(content) > most:
            message = (
                f"The answer has more than the {most:,} bytes that are allowed; ask "
                "for less at once."
            )
            raise Beyond(RESPONSE, message, len(content), most)
        return Reply(self._with_report(content, facts), form, status)

    def _failure(self, facts: Facts, bad: BadRequest, form: str) -> Response:
        """An answer of one error."""
        facts.cost |= bad.cost
        error = _error(bad)
        facts.told([error])
        content = self._with_report(self.encode_json({"errors": [error]}), facts)
        return Reply(content, form, bad.status, bad.headers)

    def _with_report(self, content: bytes, facts: Facts) -> bytes:
        """A response's body, with what it cost, if that is wanted."""
        if not facts.wants:
            return content
        facts.cost.setdefault(RESPONSE.name, (len(content), self._limits.response))
        report = self.encode_json(reported(facts, self._limits))
        return content[:-1] + b',"extensions":' + report + b"}"

    def encode_json(self, data: object) -> bytes:
        """A response's body."""
        return encoded(data)


def _error(bad: BadRequest) -> dict[str, Any]:
    limit = {} if bad.limit is None else {"limit": bad.limit.name}
    return {"message": str(bad), "extensions": {"code": bad.code, **limit}}
