"""Reading a request's body: no longer than allowed, and not for ever."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from counterfoil.api.refusals import Refused, RequestCode

SECONDS = 15.0
"""How long the whole body may take to arrive."""


async def read_body(request: Request, *, limit: int, seconds: float = SECONDS) -> bytes:
    """The body, of at most `limit` bytes.

    Raises:
        Refused: it is longer (413), or it did not arrive in time (408).
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _collect(request, limit)
    except (TimeoutError, ClientDisconnect):
        raise Refused(
            RequestCode.BAD_REQUEST,
            "The request did not arrive in time.",
            status=408,
            headers={"Connection": "close"},
        ) from None


async def _collect(request: Request, limit: int) -> bytes:
    chunks: list[bytes] = []
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(limit: int) -> Refused:
    return Refused(
        RequestCode.TOO_COSTLY,
        f"The body is longer than {limit:,} bytes.",
        status=413,
        headers={"Connection": "close"},
    )
