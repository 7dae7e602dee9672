"""GraphQL over HTTP: strawberry's view, with this gateway's way to run an operation."""

from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLRequestData
from strawberry.types import ExecutionResult
from typing_extensions import override

from dagway.graphiql import page
from dagway.operation import Gateway, encoded, finished
from loaders.request import Request


class Endpoint(GraphQL[Request, None]):
    """Answers GET and POST; a browser that asks for a page gets GraphiQL."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway.schema, subscription_protocols=())
        self._gateway = gateway

    @override
    async def get_context(
        self, request: HttpRequest | WebSocket, response: Response | WebSocket
    ) -> Request:
        return self._gateway.request()

    @override
    async def execute_single(
        self,
        request: HttpRequest,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Request,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        run = super().execute_single(
            request, request_adapter, sub_response, context, root_value, request_data
        )
        try:
            return await finished(run, context)
        except HTTPException as error:  # no such operation, or none that may run
            code = {"code": "BAD_USER_INPUT"}
            return ExecutionResult(None, [GraphQLError(error.reason, extensions=code)])

    @override
    async def render_graphql_ide(self, request: HttpRequest) -> Response:
        return await page(request)

    @override
    def encode_json(self, data: object) -> bytes:
        return encoded(data)
