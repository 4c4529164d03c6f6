"""Transfers between two accounts, card payments among them: one entry, both sides cleared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.identity.queries import organization
from counterfoil.ledger.drafting import EntryDraft, Rate
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.locks import books_of, reversal_date
from counterfoil.ledger.models import EntrySource, LedgerAccount, LedgerAccountType
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.booking import clear, keep_duplicate_reason
from counterfoil.reconciliation.coding import CodedToItself, CodingLine, reference_of, refuse_itself
from counterfoil.reconciliation.fields import Path, lines_named, members, renamed
from counterfoil.reconciliation.legs import Crossing, Leg, crossing, other_amount
from counterfoil.reconciliation.lines import BookableLine, bookable_lines
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTransaction:
    """The other side's bank line is there."""

    bank_transaction_id: UUID
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAccount:
    """The other side's bank line is not there (yet): the account that it will be on.

    `amount_minor` is in that account's currency, + into it. In the same currency it follows.
    """

    ledger_account_id: UUID
    amount_minor: int | None = None


class SameAccount(InvalidInput):
    """Both sides of the transfer are on one ledger account."""

    def __init__(self, *, field: tuple[str, ...]) -> None:
        super().__init__(
            "Both sides are on the same account. A transfer reaches another one.", field=field
        )


class NotTransferable(CounterfoilError):
    """Money is not moved to such an account: it is neither an asset nor a liability."""

    code = "LEDGER_ACCOUNT_UNSUITABLE"
    field = ("ledger_account_id",)

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(
            f"Ledger account {number} is neither an asset nor a liability, so no money is moved to "
            "it. Choose another one, or book the line."
        )


class DatedAtWill(InvalidInput):
    """Another date was typed than the earlier line's, although that one's period is open."""

    def __init__(self, on: date) -> None:
        self.on = on
        super().__init__(
            f"A transfer is dated like its earlier line, {on.isoformat()}. Leave the date out: "
            "only past a lock is it a later one.",
            field=("posted_on",),
        )


class OtherAmountMissing(InvalidInput):
    """The other side is in another currency, and nobody said how much it is."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        super().__init__(
            f"The other account is in {currency}. Say how much of it the transfer is.",
            field=("other_amount",),
        )


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two sides of a transfer; `banks` are the bank lines that are there, one or two."""

    first: Leg
    second: Leg
    banks: Sequence[BookableLine]

    @property
    def earlier(self) -> BookableLine:
        return min(self.banks, key=lambda bank: bank.line.dated_on)


async def transfer(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_transaction_id: UUID,
    expected_revision: int | None,
    other: OtherTransaction | OtherAccount,
    fees: Sequence[CodingLine] = (),
    rates: Sequence[Rate] = (),
    exchange_account_id: UUID | None = None,
    memo: str | None = None,
    posted_on: date | None = None,
    duplicate_reason: str | None,
    key: Key | None,
    parent: Act | None = None,
    source: EntrySource = EntrySource.FEED,
) -> Act:
    """Post one entry for a transfer, and reconcile the bank lines of it that are there.

    It is dated like the earlier line, or `posted_on` where that day's period is locked; each side
    clears on the date of its own line, and not before the entry. A side whose line
    is not there yet stays outstanding on its account until that line is matched with it. Fees are
    in the currency of the first line and of the bank's sign. See `crossing` for currencies and
    rates; `exchange_account_id` takes what two rates leave. `memo` is the line's description
    where it is None.

    Raises:
        Forbidden, NotFound, Conflict, AlreadyReconciled, NotBookable, PossibleDuplicate,
        IdempotencyKeyReused, IdempotencyKeyInvalid; what is about the other line names
        `other_transaction_id`, or its `other_expected_revision`.
        SameAccount, NotTransferable, OtherAmountMissing, InvalidInput.
        CodedToItself: a fee, or what two rates leave, is for one of the two sides.
        DatedAtWill: `posted_on` is another date, and no lock reaches the earlier line's.
        LegsOfOneSign, TransferUnbalanced, RateMissing, RateNotAsked, ExchangeAccountMissing.
        PeriodLocked, LedgerAccountInactive, LineCurrencyMismatch, RateUnusable: as `create_entry`.
    """
    act, replayed = await begin(
        uow, viewer, ActKind.TRANSFER, key=key, bank_account_id=None, parent=parent
    )
    if replayed:
        return act
    [bank] = await bookable_lines(uow, viewer, {bank_transaction_id: expected_revision})
    act.bank_account_id = bank.account.id
    sides = await _sides(uow, viewer, bank, other, fees)
    _refuse_own(sides, fees, exchange_account_id)
    await _refuse_date(viewer, sides, posted_on)
    await keep_duplicate_reason(viewer, act, list(sides.banks), reason=duplicate_reason)
    crossed = await _crossing(viewer, sides, fees, rates, exchange_account_id)
    draft = _draft(sides, crossed, memo=memo, posted_on=posted_on, source=source)
    places = (("bank_transaction_id",), _field_of(other), *members("fees", len(fees)))
    with lines_named(*places, ("exchange_account_id",)):
        entry = await create_entry(uow, viewer, draft, act_id=act.id)
    groups = [
        await clear(uow, act, one, entry, place=place) for place, one in enumerate(sides.banks)
    ]
    return await finish(
        uow,
        viewer,
        act,
        action="transferTransaction",
        bank_transaction_ids=[one.line.id for one in sides.banks],
        journal_entry_ids=[entry.entry.id],
        match_ids=[group.id for group in groups],
    )


async def _sides(
    uow: UnitOfWork,
    viewer: Viewer,
    bank: BookableLine,
    other: OtherTransaction | OtherAccount,
    fees: Sequence[CodingLine],
) -> _Sides:
    first = _leg(bank)
    if isinstance(other, OtherAccount):
        second = await _named_leg(viewer, first, other, fees)
        return _Sides(first, second, [bank])
    wanted = {other.bank_transaction_id: other.expected_revision}
    with renamed(
        {
            "bank_transaction_id": "other_transaction_id",
            "expected_revision": "other_expected_revision",
        }
    ):
        [mirror] = await bookable_lines(uow, viewer, wanted)
    if mirror.ledger_account_id == first.ledger_account_id:
        raise SameAccount(field=("other_transaction_id",))
    return _Sides(first, _leg(mirror), [bank, mirror])


def _leg(bank: BookableLine) -> Leg:
    return Leg(
        ledger_account_id=bank.ledger_account_id,
        amount_minor=bank.open_minor,
        currency=bank.line.currency,
    )


async def _named_leg(
    viewer: Viewer, first: Leg, other: OtherAccount, fees: Sequence[CodingLine]
) -> Leg:
    if other.ledger_account_id == first.ledger_account_id:
        raise SameAccount(field=("ledger_account_id",))
    account = await LedgerAccount.get_or_none(
        id=other.ledger_account_id, organization_id=viewer.organization_id
    )
    if account is None:
        raise NotFound(field=("ledger_account_id",))
    if account.type not in (LedgerAccountType.ASSET, LedgerAccountType.LIABILITY):
        raise NotTransferable(account.number)
    currency = account.currency or first.currency
    amount = other.amount_minor
    if amount is None:
        if currency != first.currency:
            raise OtherAmountMissing(currency)
        amount = other_amount(first, fees)
    return Leg(ledger_account_id=account.id, amount_minor=amount, currency=currency)


def _refuse_own(
    sides: _Sides, fees: Sequence[CodingLine], exchange_account_id: UUID | None
) -> None:
    own = (sides.first.ledger_account_id, sides.second.ledger_account_id)
    refuse_itself(fees, own, within=("fees",))
    if exchange_account_id in own:
        raise CodedToItself(field=("exchange_account_id",))


async def _refuse_date(viewer: Viewer, sides: _Sides, posted_on: date | None) -> None:
    on = sides.earlier.line.dated_on
    if posted_on is None or posted_on == on:
        return
    if posted_on < on or reversal_date(on, await books_of(viewer)) == on:
        raise DatedAtWill(on)


async def _crossing(
    viewer: Viewer,
    sides: _Sides,
    fees: Sequence[CodingLine],
    rates: Sequence[Rate],
    exchange_account_id: UUID | None,
) -> Crossing:
    with renamed({"other": "other_transaction_id" if len(sides.banks) > 1 else "other_amount"}):
        return crossing(
            sides.first,
            sides.second,
            fees=fees,
            rates=rates,
            base=(await organization(viewer)).base_currency,
            on=sides.earlier.line.dated_on,
            exchange_account_id=exchange_account_id,
        )


def _draft(
    sides: _Sides,
    crossed: Crossing,
    *,
    memo: str | None,
    posted_on: date | None,
    source: EntrySource,
) -> EntryDraft:
    line, on = sides.banks[0].line, sides.earlier.line.dated_on
    return EntryDraft(
        posted_on=posted_on or on,
        transaction_on=sides.earlier.line.occurred_on or on,
        reference=reference_of(line),
        memo=line.description if memo is None else memo or None,
        lines=crossed.lines,
        rates=crossed.rates,
        source=source,
    )


def _field_of(other: OtherTransaction | OtherAccount) -> Path:
    if isinstance(other, OtherTransaction):
        return ("other_transaction_id",)
    return ("ledger_account_id",)
