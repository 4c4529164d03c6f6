"""Texts that people give to what they do, within what is kept of them: pure."""

from __future__ import annotations

from counterfoil.errors import InvalidInput
from counterfoil.kit.text import uncut

REASON_LIMIT = 500
COMMENT_LIMIT = 500


def required_reason(text: str) -> str:
    """The reason, cleaned.

    Raises:
        InvalidInput: it is empty, or longer than 500 characters.
    """
    reason = bounded(text, limit=REASON_LIMIT, field="reason")
    if reason is None:
        raise InvalidInput("Say why, in a few words.", field=("reason",))
    return reason


def bounded(text: str, *, limit: int, field: str) -> str | None:
    """The text, cleaned; None where nothing is left.

    Raises:
        InvalidInput: it is longer than `limit` characters.
    """
    cleaned = uncut(text)
    if len(cleaned) > limit:
        raise InvalidInput(
            f"The {field} is longer than {limit} characters. Shorten it.", field=(field,)
        )
    return cleaned or None
