"""Texts that people give to entries, within what the books can keep: pure."""

from __future__ import annotations

from counterfoil.errors import InvalidInput
from counterfoil.kit.text import clean

REFERENCE_LIMIT = 80
MEMO_LIMIT = 500
CONTACT_LIMIT = 200
EXTERNAL_ID_LIMIT = 128


def bounded(text: str | None, *, limit: int, field: tuple[str, ...]) -> str | None:
    """The text, cleaned; None where nothing is left.

    Raises:
        InvalidInput: it is longer than `limit` characters.
    """
    cleaned = clean(text, limit=limit + 1) if text is not None else ""
    if len(cleaned) > limit:
        name = field[-1].replace("_", " ")
        raise InvalidInput(f"The {name} is longer than {limit} characters.", field=field)
    return cleaned or None
