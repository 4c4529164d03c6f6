"""The media type of an answer (GraphQL over HTTP, "Accept"; RFC 9110, section 12.5.1)."""

from __future__ import annotations

from typing import NamedTuple

RESPONSE = "application/graphql-response+json"
LEGACY = "application/json"


class _Wish(NamedTuple):
    """How much a client wants a type; greater is more."""

    quality: float
    explicit: int
    earlier: int


def media_type(accept: str | None) -> str | None:
    """The better of the two types for what a client accepts; None when it takes neither.

    Where it does not care, the answer is `application/graphql-response+json`.
    """
    if accept is None or not accept.strip():
        return RESPONSE
    wishes = {type_: _wish(accept, type_) for type_ in (RESPONSE, LEGACY)}
    chosen = max(wishes, key=lambda type_: wishes[type_])
    return chosen if wishes[chosen].quality > 0 else None


def _wish(accept: str, type_: str) -> _Wish:
    """The most specific range that covers a type decides; among equals the first one listed."""
    found = _Wish(0.0, -1, 0)
    for place, entry in enumerate(accept.split(",")):
        range_, *parameters = (part.strip().lower() for part in entry.split(";"))
        explicit = {type_: 2, "application/*": 1, "*/*": 0}.get(range_, -1)
        if explicit > found.explicit:
            found = _Wish(_quality(parameters), explicit, -place)
    return found


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def is_json(content_type: str | None) -> bool:
    """Whether a body is JSON in UTF-8."""
    type_, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    charset = next((p.partition("=")[2] for p in parameters if p.startswith("charset=")), "utf-8")
    return type_ == "application/json" and charset.strip('"') in ("utf-8", "utf8")
