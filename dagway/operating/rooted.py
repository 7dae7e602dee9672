"""A gateway that a proxy shows at a path of its own."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Rooted:
    """Tells an application its root path, whether the proxy leaves that off or not."""

    def __init__(self, app: ASGIApp, root: str) -> None:
        self._app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its whole path and the root of it."""
        root = self._root
        if root and scope["type"] == "http":
            path = scope["path"]
            if path != root and not path.startswith(f"{root}/"):
                path = root + path
            scope = {**scope, "path": path, "root_path": root}
        await self._app(scope, receive, send)
