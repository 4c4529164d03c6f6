"""An entry as it is asked for, before the books have looked at it; and as it then stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from counterfoil.kit.unset import UNSET, Unset
from counterfoil.ledger.models import EntrySource, JournalEntry, JournalLine, RateSource


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """A debit (+) or credit (−) in minor units of `currency`.

    Without a currency it is in the ledger account's own, or else in the base currency. A foreign
    line's `base_minor` follows from the entry's rate unless it is given; then it is kept, and has
    to agree with the rate. A `carried` one is what the books hold it at, whatever any rate says.
    """

    ledger_account_id: UUID
    amount_minor: int
    currency: str | None = None
    base_minor: int | None = None
    memo: str | None = None
    carried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One unit of `currency` is worth `rate` units of the base currency, says `source`."""

    currency: str
    rate: Decimal
    rate_on: date
    source: RateSource


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """What an entry is to be. `posted_on` decides its period.

    Errors name a line by its place in `lines`, so what a person typed comes first, and lines that
    the caller adds by itself (the bank's side) come last.
    """

    posted_on: date
    lines: Sequence[LineDraft]
    transaction_on: date | None = None
    reference: str | None = None
    memo: str | None = None
    contact: str | None = None
    external_id: str | None = None
    source: EntrySource = EntrySource.PERSON
    rates: Sequence[Rate] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryEdit:
    """What is to change of an entry; what is not given stays.

    Rates alone value the foreign lines of a draft anew; lines alone keep the rates that they use.
    """

    posted_on: date | Unset = UNSET
    transaction_on: date | Unset | None = UNSET
    reference: str | Unset | None = UNSET
    memo: str | Unset | None = UNSET
    contact: str | Unset | None = UNSET
    external_id: str | Unset | None = UNSET
    lines: Sequence[LineDraft] | Unset = UNSET
    rates: Sequence[Rate] | Unset = UNSET


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that is stored, with its lines in their order."""

    entry: JournalEntry
    lines: tuple[JournalLine, ...]
