"""What is served beside the API for those who operate it: health and metrics."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dagway.identity.principal import Identity
from dagway.operating.health import Health
from dagway.operating.metrics import CONTENT_TYPE, Metrics
from dagway.protocol import BadRequest

_HEADERS = {"cache-control": "no-store"}


class Pages:
    """Answers `/healthz`, `/readyz` and `/metrics`.

    Who may ask for operations may see the counts and the details, nobody else; the
    probes of an orchestrator have no key.

    Attributes:
        health: Is there once the database is open.
    """

    health: Health | None = None

    def __init__(self, metrics: Metrics, identity: Identity) -> None:
        self._metrics = metrics
        self._identity = identity

    @property
    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/healthz", self._alive),
            Route("/readyz", self._ready),
            Route("/metrics", self._counts),
        ]

    async def _alive(self, request: Request) -> Response:
        del request
        return JSONResponse({"status": "alive"}, headers=_HEADERS)

    async def _ready(self, request: Request) -> Response:
        if self.health is None:
            return _told("starting", 503)
        reason = await self.health.unready()
        if "verbose" not in request.query_params:
            return _told(reason or "ready", 503 if reason else 200)
        refused = await self._refused(request)
        if refused is not None:
            return refused
        found = {"status": reason or "ready", **await self.health.verbose()}
        return JSONResponse(found, 503 if reason else 200, _HEADERS)

    async def _counts(self, request: Request) -> Response:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        return Response(
            self._metrics.text(), headers={**_HEADERS, "content-type": CONTENT_TYPE}
        )

    async def _refused(self, request: Request) -> Response | None:
        """What is said to who may not ask."""
        try:
            await self._identity.principal(request)
        except BadRequest as bad:
            error = {"message": str(bad), "extensions": {"code": bad.code}}
            return JSONResponse({"errors": [error]}, bad.status, bad.headers)
        return None


def _told(status: str, number: int) -> Response:
    return JSONResponse({"status": status}, number, _HEADERS)
