"""By what an account is recognised again, whichever login brings it in.

Every key is an HMAC-SHA256 under a key of the organization: nobody who reads the table learns a
number, and two organizations with the same account have nothing in common.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass

import orjson

from counterfoil.aggregators.port import AccountSnapshot


@dataclass(frozen=True, slots=True)
class Digests:
    """The keys of one account as an aggregator hands it over, each 64 hexadecimal digits.

    `exact` is the aggregator's own id, `strong` what no two accounts share, `weak` a likeness:
    institution, kind, printed number and currency.
    """

    exact: str
    strong: frozenset[str]
    weak: str


def digests_of(key: bytes, aggregator: str, institution: str, snapshot: AccountSnapshot) -> Digests:
    """The keys of an account of this institution (its name), under the organization's `key`."""
    lasting = snapshot.persistent_id
    return Digests(
        exact=exact_of(key, aggregator, snapshot.aggregator_id),
        strong=frozenset({_digest(key, "persistent", aggregator, lasting)} if lasting else ()),
        weak=_weak(key, institution, snapshot),
    )


def exact_of(key: bytes, aggregator: str, aggregator_id: str) -> str:
    """The exact key of the account that an aggregator calls so."""
    return _digest(key, "exact", aggregator, aggregator_id)


def _weak(key: bytes, institution: str, snapshot: AccountSnapshot) -> str:
    """Where the bank prints no number, the name takes its place: else all would be alike."""
    told = ("number", snapshot.number) if snapshot.number else ("name", folded(snapshot.name))
    subtype = snapshot.subtype or ""
    kind = (snapshot.type.value, subtype, snapshot.currency)
    return _digest(key, "weak", folded(institution), *kind, *told)


def folded(name: str) -> str:
    """A name without case, accents and punctuation: a bank that moves to another id keeps this.

    Of a name that has neither letters nor digits all is kept.
    """
    once = unicodedata.normalize("NFKD", name.casefold())
    plain = unicodedata.normalize("NFKD", once.casefold())  # what a sign stands for may be capital
    words = "".join(letter if letter.isalnum() else " " for letter in plain if not _mark(letter))
    return " ".join(words.split()) or name


def _mark(letter: str) -> bool:
    return unicodedata.combining(letter) != 0


def _digest(key: bytes, label: str, *facts: str) -> str:
    """The HMAC of these facts. The label keeps apart what happens to be written alike."""
    message = orjson.dumps(["counterfoil account v1", label, *facts])
    return hmac.new(key, message, hashlib.sha256).hexdigest()
