"""Texts that people give to entries, within what the books can keep: pure."""

from __future__ import annotations

from collections.abc import Mapping

from counterfoil.errors import InvalidInput
from counterfoil.kit.text import uncut

MEMO_LIMIT = 500
_LIMITS = {"reference": 80, "memo": MEMO_LIMIT, "contact": 200, "external_id": 128}


def worded(texts: Mapping[str, str | None]) -> dict[str, str | None]:
    """The texts of an entry by their column, cleaned; None where nothing is left.

    Raises:
        InvalidInput: one is too long.
    """
    return {name: bounded(text, limit=_LIMITS[name], field=(name,)) for name, text in texts.items()}


def bounded(text: str | None, *, limit: int, field: tuple[str, ...]) -> str | None:
    """The text, cleaned; None where nothing is left.

    Raises:
        InvalidInput: it is longer than `limit` characters.
    """
    cleaned = uncut(text) if text is not None else ""
    if len(cleaned) > limit:
        name = field[-1].replace("_", " ")
        raise InvalidInput(f"The {name} is longer than {limit} characters.", field=field)
    return cleaned or None
