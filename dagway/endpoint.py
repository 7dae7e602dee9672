"""The endpoint: from an HTTP request to an operation's answer."""

import asyncio
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from graphql import GraphQLError
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dagway.batches import check_nodes, check_size, joined, observed
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
from dagway.operating.door import Door
from dagway.operating.facts import FAILED, Facts, Observer, Observers
from dagway.operating.rates import Rates, charge
from dagway.operating.report import HEADER as REPORT
from dagway.operating.report import reported, wanted
from dagway.operation import Gateway, encoded, formatted
from dagway.persisted import Persisted
from dagway.protection.limit import BODY, BODY_TIME, RESPONSE
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

_HEADERS = {
    "cache-control": "no-store",
    "vary": "accept",
    "x-content-type-options": "nosniff",
}
_CLOSE = {"connection": "close"}

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
        accept = request.headers.get("accept")
        form = JSON
        try:
            is_bare = request.method == "GET" and "query" not in request.query_params
            if is_bare and wants_page(accept):
                return await page(request)
            form = form_of(accept)
            facts.wants = wanted(request.headers.get(REPORT), {})
            self._door.check()
            facts.principal = await self._identity.principal(request)
            check_preflight(request, facts.principal)
            asked = await self._asked(request, facts)
            if isinstance(asked, Asked):
                work = self._answered(request, asked, form, facts)
            else:
                work = self._all_answered(request, asked, form, facts)
            return await unless_gone(request, work)
        except BadRequest as bad:
            return self._failure(facts, bad, form)
        except ClientDisconnect:
            raise
        except Exception as error:  # ours: nobody knows it  # noqa: BLE001
            (fault,) = formatted([GraphQLError("", original_error=error)], facts.id)
            facts.refused(fault["extensions"]["code"])
            return _sent(self.encode_json({"errors": [fault]}), form, 500)

    async def _asked(self, request: Request, facts: Facts) -> Asked | Batch:
        """What is asked for.

        Raises:
            BadRequest: if that is not to be found out.
        """
        if request.method == "GET":
            size, most = len(request.scope["query_string"]), self._limits.body
            facts.cost[BODY.name] = (size, most)
            if size > most:
                message = f"The query string has more than {most:,} bytes."
                raise Beyond(BODY._replace(status=414), message, size, most, _CLOSE)
            return asked_by_query(request.query_params)
        if request.method == "POST":
            check_content(request.headers)
            body = await self._body(request)
            facts.cost[BODY.name] = (len(body), self._limits.body)
            return asked_by_body(body, self._limits.batch)
        message = f"{request.method} is not allowed here; GET and POST are."
        raise BadRequest(405, "METHOD_NOT_ALLOWED", message, {"allow": "GET, POST"})

    async def _body(self, request: Request) -> bytes:
        """A body, if it is not too large and does not take too long.

        Raises:
            BadRequest: if it is, or does.
        """
        most, seconds = self._limits.body, self._limits.body_s
        too_large = f"The body has more than {most:,} bytes."
        length = request.headers.get("content-length", "0")
        if not length.isdecimal():
            message = "Content-Length must be a number of bytes."
            raise BadRequest(400, "BAD_REQUEST", message, _CLOSE)
        if int(length) > most:
            raise Beyond(BODY, too_large, int(length), most, _CLOSE)
        body = bytearray()
        try:
            async with asyncio.timeout(seconds):
                async for part in request.stream():
                    body += part
                    if len(body) > most:
                        raise Beyond(BODY, too_large, len(body), most, _CLOSE)
        except TimeoutError:
            message = f"The body did not arrive within {seconds:g} seconds."
            raise Beyond(BODY_TIME, message, seconds, seconds, _CLOSE) from None
        return bytes(body)

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
        began = time.perf_counter()
        async with self._lanes.turn(ready.nodes):
            facts.waited_s = time.perf_counter() - began
            response = await self._run(ready, facts)
        status = 200 if "data" in response else 400
        return self._response_of(response, form, status, facts)

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
        return _sent(joined(answers), form, 200)

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
        facts.name, facts.kind = prepared.name, prepared.operation.operation.value
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
        return _sent(self._with_report(content, facts), form, status)

    def _failure(self, facts: Facts, bad: BadRequest, form: str) -> Response:
        """An answer of one error."""
        facts.cost |= bad.cost
        error = _error(bad)
        facts.told([error])
        content = self._with_report(self.encode_json({"errors": [error]}), facts)
        return _sent(content, form, bad.status, bad.headers)

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


def _sent(
    content: bytes, form: str, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    response = Response(content, status)
    response.raw_headers += _headers(form)
    if headers:
        response.headers.update(headers)
    return response


@lru_cache
def _headers(form: str) -> list[tuple[bytes, bytes]]:
    """What every answer of a form says, as ASGI has it."""
    return Headers({**_HEADERS, "content-type": f"{form}; charset=utf-8"}).raw
