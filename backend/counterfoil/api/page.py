"""The built page: its files, and its first page for every address that the page itself knows."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

BUILT = Path(__file__).resolve().parents[3] / "frontend" / "dist"
_NAMED_BY_CONTENT = "assets/"
_NOT_BUILT = "The page has not been built. Run: make run\n"


def page(folder: Path = BUILT) -> ASGIApp:
    """The page in `folder`, or a sentence where it has not been built."""
    if not (folder / "index.html").is_file():
        return PlainTextResponse(_NOT_BUILT, status_code=503)
    return Page(directory=folder)


class Page(StaticFiles):
    """Serves a folder of built files."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not _is_page(path):
                raise
            response = await super().get_response("index.html", scope)
        lasting = path.startswith(_NAMED_BY_CONTENT)
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if lasting else "no-cache"
        )
        return response


def _is_page(path: str) -> bool:
    """Whether an address is one that the page shows something at, not a file that is missing."""
    return path == "." or "." not in path.rpartition("/")[2]
