"""Cleaning of text that a bank, an aggregator or a file hands over.

What remains can be stored by any database, shown on any screen, and hides nothing: no NUL, no
lone surrogate, no control character, nothing that turns the direction of the text around it.
Fingerprints of lines are made over cleaned text, so the cleaning below is frozen: a change gets
a new `CLEANING_VERSION` and leaves the old one working.
"""

from __future__ import annotations

import re
import unicodedata

CLEANING_VERSION = 1

_SPACE_CONTROLS = "\t\n\v\f\r\x1c-\x1f\x85"
_UNWANTED = re.compile(
    f"(?![{_SPACE_CONTROLS}])"
    "[\x00-\x1f\x7f-\x9f"  # control characters, NUL among them
    "\ud800-\udfff"  # surrogates: half a character, no encoder takes them
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates of direction (UAX 9)
    "\u200b\u2060\ufeff]"  # without width: two texts that look alike would differ
)
_JOINER = "\u200d"
_LONGEST_CLUSTER = 32


def clean(text: str, *, limit: int) -> str:
    """`text` without what must not be stored or shown, in NFC, at most `limit` code points.

    Runs of white space, line ends included, become one space; none at the ends. The cut falls
    between characters as people see them, unless one is longer than 32 code points. Cleaning
    twice changes nothing more. May be empty.
    """
    return _cut(uncut(text), limit)


def uncut(text: str) -> str:
    """As `clean`, however long: for what is refused rather than cut where it is too long."""
    visible = unicodedata.normalize("NFC", _UNWANTED.sub("", text))
    return " ".join(visible.split())


def clean_or_none(text: str | None, *, limit: int) -> str | None:
    """As `clean`, and None where nothing is left."""
    return (clean(text, limit=limit) or None) if text is not None else None


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    end = limit
    while end > max(0, limit - _LONGEST_CLUSTER) and _joined(text[end - 1], text[end]):
        end -= 1
    if end == max(0, limit - _LONGEST_CLUSTER):
        end = limit
    return text[:end].rstrip()


def _joined(before: str, after: str) -> bool:
    """Whether `after` belongs to the character that `before` is part of."""
    return _JOINER in (before, after) or unicodedata.category(after) in {"Mn", "Me", "Mc"}
