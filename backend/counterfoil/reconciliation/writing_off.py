"""Writing off what a match leaves: the few cents between what was booked and what the bank says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.identity.queries import organization
from counterfoil.kit.money import Money
from counterfoil.ledger.drafting import EntryDraft, LineDraft, Rate
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.locks import books_of
from counterfoil.ledger.models import EntrySource, JournalLine
from counterfoil.reconciliation.coding import CodedToItself
from counterfoil.reconciliation.fields import lines_named, renamed
from counterfoil.reconciliation.lines import BookableLine
from counterfoil.reconciliation.models import Act, EntryOrigin
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

_FIELD = ("write_off",)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """The account that takes what a match leaves; `rates` where that is in a foreign currency."""

    ledger_account_id: UUID
    memo: str | None = None
    rates: Sequence[Rate] = ()


class WriteOffTooLarge(CounterfoilError):
    """More is left than the organization lets anybody write off."""

    code = "WRITE_OFF_TOO_LARGE"
    field = _FIELD

    def __init__(self, *, left_minor: int, limit_minor: int, base: str) -> None:
        self.left_minor, self.limit_minor = left_minor, limit_minor
        left, limit = (
            Money(minor, base).to_decimal_string() for minor in (abs(left_minor), limit_minor)
        )
        super().__init__(
            f"{left} {base} is left, and your organization writes off at most {limit}. Match a "
            "part, and book the rest."
        )


class NothingToWriteOff(InvalidInput):
    """The two sides of the match add up to the same, or there is no bank line in it."""

    def __init__(self) -> None:
        super().__init__(
            "There is nothing to write off: the two sides add up to the same. Leave the write-off "
            "out.",
            field=_FIELD,
        )


async def write_off_difference(
    uow: UnitOfWork,
    viewer: Viewer,
    act: Act,
    wanted: WriteOff,
    *,
    banks: Sequence[BookableLine],
    difference_minor: int,
) -> JournalLine:
    """Post what the bank has more (+) or less (−) than the books; returns the bank's side of it.

    The entry is dated like the latest of the bank lines. Matched with them, its line makes both
    sides add up to the same.

    Raises:
        NothingToWriteOff, WriteOffTooLarge; as `create_entry`.
        CodedToItself: the account is the bank's own ledger account.
    """
    if not difference_minor or not banks:
        raise NothingToWriteOff
    if wanted.ledger_account_id == banks[0].ledger_account_id:
        raise CodedToItself(field=(*_FIELD, "ledger_account_id"))
    draft = _draft(wanted, banks, difference_minor)
    with renamed({"posted_on": "write_off"}), lines_named(_FIELD, _FIELD):
        entry = await create_entry(uow, viewer, draft, act_id=act.id)
    [line, _] = entry.lines
    limit_minor = (await books_of(viewer)).write_off_limit_minor
    if abs(line.base_minor) > limit_minor:
        base = (await organization(viewer)).base_currency
        raise WriteOffTooLarge(left_minor=line.base_minor, limit_minor=limit_minor, base=base)
    await EntryOrigin.bulk_create(
        [
            EntryOrigin(journal_entry_id=entry.entry.id, bank_transaction_id=bank.line.id)
            for bank in banks
        ]
    )
    return line


def _draft(wanted: WriteOff, banks: Sequence[BookableLine], difference_minor: int) -> EntryDraft:
    latest = max((bank.line for bank in banks), key=lambda line: line.dated_on)
    bank_side = LineDraft(
        ledger_account_id=banks[0].ledger_account_id,
        amount_minor=difference_minor,
        currency=latest.currency,
    )
    other_side = LineDraft(
        ledger_account_id=wanted.ledger_account_id,
        amount_minor=-difference_minor,
        currency=latest.currency,
    )
    return EntryDraft(
        posted_on=latest.dated_on,
        memo=wanted.memo or f"Difference: {latest.description}"[:500],
        lines=(bank_side, other_side),
        rates=wanted.rates,
        source=EntrySource.FEED,
    )
