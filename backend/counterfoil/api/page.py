"""The built page: its files, and its first page for every address that the page itself knows."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from counterfoil.api.auth import COOKIE

BUILT = Path(__file__).resolve().parents[3] / "frontend" / "dist"
SIGN_IN = "sign-in"
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
        if _is_page(path) and path != SIGN_IN and COOKIE not in Request(scope).cookies:
            return _to_sign_in(scope)
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


def _to_sign_in(scope: Scope) -> Response:
    """Away to the sign-in page, which leads back; so that the page never asks in vain."""
    wanted = Request(scope).url
    address = f"{wanted.path}?{wanted.query}" if wanted.query else wanted.path
    return RedirectResponse(
        f"/{SIGN_IN}?{urlencode({'next': address})}", 303, headers={"Cache-Control": "no-store"}
    )


def _is_page(path: str) -> bool:
    """Whether an address is one that the page shows something at, not a file that is missing."""
    return path == "." or "." not in path.rpartition("/")[2]
