"""Where a person's browser comes back to after the bank's page: pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from counterfoil.errors import InvalidInput

LIMIT = 400
_FIELD = ("return_url",)


def return_address(
    wanted: str | None, *, mobile_app: bool, public_url: str, app_return_urls: tuple[str, ...]
) -> str:
    """The whole address to return to: ours, or a registered link of a mobile app.

    `wanted` may be a path on this server, an address on it, or for an app one that begins like
    one of `app_return_urls`; without it the page's own.

    Raises:
        InvalidInput: it leads anywhere else, or is longer than `LIMIT`.
    """
    if wanted is None:
        return f"{public_url}/banks/add/return"
    if len(wanted) > LIMIT:
        raise InvalidInput(f"The return address is longer than {LIMIT} characters.", field=_FIELD)
    if wanted.startswith("/") and not wanted.startswith(("//", "/\\")):
        return f"{public_url}{wanted}"
    if _origin(wanted) == _origin(public_url):
        return wanted
    if mobile_app and wanted.startswith(app_return_urls):
        return wanted
    raise InvalidInput(
        "The return address is neither on this server nor a registered app link.", field=_FIELD
    )


def with_query(url: str, more: Mapping[str, str]) -> str:
    """An address with more query parameters, before its fragment if it has one."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(more)) if part)
    return urlunsplit(parts._replace(query=query))


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ("", "")
    return parts.scheme, parts.netloc
