"""GraphiQL's page at the endpoint, served wholly from here.

Its files are made by `scripts/build-web`; docs/decisions/0005 says why they are not
in the repository, and what the policy below has to allow.
"""

import os
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

BUILT = Path(__file__).parents[1] / "web" / "built"

# the editor places and colours its text by inline styles, and draws by data: images
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
    "font-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SAFE = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
_PAGE = {
    **_SAFE,
    "cache-control": "no-cache",
    "content-security-policy": POLICY,
    "vary": "accept",
}
_FILE = {**_SAFE, "cache-control": "public, max-age=31536000, immutable"}

_UNBUILT = """<!doctype html>
<title>dagway</title>
<p>GraphiQL is not built yet: run <code>scripts/build-web</code>, then load this again.
The API answers all the same.</p>
"""


async def page(request: Request) -> Response:
    """The page, with addresses relative to the path that it is served at.

    Status 503, with the command to run, while it is not built.
    """
    try:
        template = Template((BUILT / "page.html").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return HTMLResponse(_UNBUILT, status_code=503, headers=_PAGE)
    endpoint = request.scope["path"].rpartition("/")[2]
    content = template.substitute(assets=f"{endpoint}/assets")
    return HTMLResponse(content, headers=_PAGE)


def routes(path: str) -> list[Mount]:
    """Where the page's files are, for an endpoint at that path."""
    files = _Assets(directory=BUILT / "assets", check_dir=False)
    return [Mount(f"{path}/assets", files)]


class _Assets(StaticFiles):
    """Files whose names hold a digest of their content: kept by browsers for good."""

    @override
    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        found = super().file_response(full_path, stat_result, scope, status_code)
        found.headers.update(_FILE)
        return found

    @override
    async def check_config(self) -> None:
        """A folder that is not built yet is one without files."""
