"""What a line is recognised by where its id means nothing any more: pure.

A bank that is linked anew gives every line a new id. What a line says stays: its account, date,
amount, currency, and the bank's own text. Of a line that was erased nothing is kept but an HMAC of
that, and it can't be made anew: so a version of the cleaning below is never changed once it was
used. A better one gets the next number.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

VERSION = 1


class Said(NamedTuple):
    """What a posted line says; `text` is the bank's own where it gave one, else the description."""

    dated_on: date
    amount_minor: int
    currency: str
    text: str

    def cleaned(self, version: int = VERSION) -> Said:
        """The same for all lines that say the same."""
        return self._replace(text=_CLEANINGS[version](self.text))


def cleaned_v1(text: str) -> str:
    """`text` without what differs between two reports of one line: case, width, white space.

    Two texts that are a compatibility caseless match (The Unicode Standard, section 3.13, D146)
    become one. Cleaning twice changes nothing more.
    """
    folded = unicodedata.normalize("NFD", text).casefold()
    folded = unicodedata.normalize("NFKD", folded).casefold()
    return " ".join(unicodedata.normalize("NFKD", folded).split())


_CLEANINGS: Mapping[int, Callable[[str], str]] = {1: cleaned_v1}


def fingerprint(key: bytes, bank_account_id: UUID, line: Said, *, version: int = VERSION) -> str:
    """The HMAC-SHA256 of what a line of an account says, in hex, under the organization's key.

    Lines that say the same have the same; without the key nobody can tell what a line said.
    """
    said = line.cleaned(version)
    parts = (
        f"counterfoil line {version}",
        str(bank_account_id),
        said.dated_on.isoformat(),
        str(said.amount_minor),
        said.currency,
        said.text,
    )
    message = b"".join(_measured(part.encode()) for part in parts)
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _measured(part: bytes) -> bytes:
    """A part behind its length, so that no two lists of parts make one message."""
    return len(part).to_bytes(4, "big") + part
