"""Whether a browser sends a request for a page of ours, or for somebody else's.

A session's cookie goes along with either. Browsers name the page's origin (RFC 6454) with every
POST and every websocket; programs that are no browsers name none, and hold no cookie by accident.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def is_foreign(headers: Headers, *, public_url: str, scheme: str) -> bool:
    """Whether the request names an origin that is neither `public_url` nor the host it came to."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "cross-site"
    host = headers.get("host", "")
    return _place(origin) not in (_place(public_url), _place(f"{_web(scheme)}://{host}"))


def _web(scheme: str) -> str:
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)


def _place(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what has none, such as the origin "null"."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None:
        return None
    return parts.scheme, parts.hostname, port
