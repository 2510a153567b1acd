"""The sample pages over HTTP with the real headers: for the browser tests, and to look at while designing.

python -m tests.web.preview 8123 serves them at /sample/<name>.
"""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from api.security import Security
from tests.web.samples import PAGES
from web.assets import HashedFiles
from web.templating import render


async def sample(request: Request) -> Response:
    """One sample page."""
    page = PAGES[request.path_params["name"]]
    return HTMLResponse(render(page.template, page.view, page.shell))


def preview() -> Starlette:
    """The application."""
    app = Starlette(routes=[Route("/sample/{name}", sample), Mount("/static", HashedFiles())])
    app.add_middleware(Security, origins=(), secure=False)
    return app


if __name__ == "__main__":
    uvicorn.run(preview(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
