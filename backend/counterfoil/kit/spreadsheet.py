"""Texts in files that spreadsheets open: none is computed, and each comes back as it was."""

from __future__ import annotations

import re

_LIKE_ONE = re.compile(r"'*[=+\-@\t\r]")
_MADE_HARMLESS = re.compile(r"'+[=+\-@\t\r]")


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula.

    A text that already looks like a harmless formula gets one too, so that `meant` undoes it.
    Source: OWASP, CSV injection.
    """
    return f"'{text}" if _LIKE_ONE.match(text) else text


def meant(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if _MADE_HARMLESS.match(text) else text
