"""Matching bank lines with journal lines: groups of N to M, in whole or in part."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from counterfoil.ledger.models import JournalLine
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.bookable import NotBookable, Obstacle
from counterfoil.reconciliation.clearing_dates import open_day
from counterfoil.reconciliation.grouping import (
    MatchOfTwoCurrencies,
    Share,
    cleared_on,
    journal_share,
    require_balance,
    require_group,
    share,
)
from counterfoil.reconciliation.hand_clearings import of_people, take_away
from counterfoil.reconciliation.lines import (
    BookableLine,
    bookable_lines,
    clearing_accounts,
    journal_lines,
    open_minor,
    reversed_or_reversal,
)
from counterfoil.reconciliation.models import (
    Act,
    ActKind,
    Match,
    MatchBankItem,
    MatchJournalItem,
)
from counterfoil.reconciliation.telling import tell_entries
from counterfoil.reconciliation.writing_off import WriteOff, write_off_difference
from counterfoil.transactions.deciding import after_unmatch
from counterfoil.transactions.models import BankTransaction
from counterfoil.transactions.reviewing import touch
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer


@dataclass(frozen=True, slots=True)
class BankItem:
    """What a bank line gives: minor units of its sign, or (null) all that is open of it."""

    bank_transaction_id: UUID
    amount_minor: int | None = None
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class JournalItem:
    """What a journal line gives: minor units of its sign, or (null) all that is open of it."""

    journal_line_id: UUID
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class _Group:
    bank: Sequence[BookableLine]
    journal: Sequence[JournalLine]

    @property
    def ledger_account_id(self) -> UUID:
        return self.bank[0].ledger_account_id if self.bank else self.journal[0].ledger_account_id

    @property
    def currency(self) -> str:
        return self.bank[0].line.currency if self.bank else self.journal[0].currency


async def match(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_items: Sequence[BankItem],
    journal_items: Sequence[JournalItem],
    write_off: WriteOff | None = None,
    key: Key | None,
    parent: Act | None = None,
) -> Act:
    """Say that these bank lines are these journal lines, as far as the amounts go.

    All are of one ledger account and one currency. Either side may be empty when the other adds
    up to zero; entries alone, on an account that is a bank account's or has been. A bank line takes
    the place of a person's hand clearing, and its date with it. With `write_off`, a small
    difference between the two sides is posted by the same act.

    Raises:
        Forbidden, NotFound, Conflict, AlreadyReconciled, NotBookable, MatchOfTwoCurrencies,
        MatchTooMuch, MatchUnbalanced, InvalidInput, IdempotencyKeyReused.
        NothingToWriteOff, WriteOffTooLarge; as `create_entry`.
    """
    act, replayed = await begin(
        uow, viewer, ActKind.MATCH, key=key, bank_account_id=None, parent=parent
    )
    if replayed:
        return act
    group = await _read(uow, viewer, bank_items, journal_items)
    given = [
        share(item.amount_minor, line.open_minor, field=_amount("bank_items", index))
        for index, (item, line) in enumerate(zip(bank_items, group.bank, strict=True))
    ]
    shares = await _journal_shares(group, journal_items)
    if write_off is not None:
        difference = sum(given) - sum(one.amount_minor for one in shares)
        left = await write_off_difference(
            uow, viewer, act, write_off, banks=group.bank, difference_minor=difference
        )
        group, shares = _Group(group.bank, [*group.journal, left]), [*shares, Share(difference)]
    return await _finish(uow, viewer, act, group, given, shares)


async def _finish(
    uow: UnitOfWork,
    viewer: Viewer,
    act: Act,
    group: _Group,
    given: Sequence[int],
    shares: Sequence[Share],
) -> Act:
    """Seal what the bank lines give and the journal lines share, where that is the same."""
    inherited = cleared_on(shares)
    require_balance(given, [one.amount_minor for one in shares], currency=group.currency)
    displaced = [clearing for one in shares for clearing in one.displaced]
    if displaced:
        act.details["displaced"] = await take_away(uow, displaced)
    sealed = await seal(
        uow,
        act,
        ledger_account_id=group.ledger_account_id,
        currency=group.currency,
        bank_items=[
            BankItem(bank.line.id, amount) for bank, amount in zip(group.bank, given, strict=True)
        ],
        journal_items=[
            JournalItem(line.id, one.amount_minor)
            for line, one in zip(group.journal, shares, strict=True)
        ],
        on=inherited,
    )
    act.bank_account_id = group.bank[0].account.id if group.bank else None
    return await finish(
        uow,
        viewer,
        act,
        action="matchTransactions",
        match_ids=[sealed.id],
        bank_transaction_ids=[bank.line.id for bank in group.bank],
        journal_line_ids=[line.id for line in group.journal],
        journal_entry_ids=[line.journal_entry_id for line in group.journal],
    )


async def _read(
    uow: UnitOfWork,
    viewer: Viewer,
    bank_items: Sequence[BankItem],
    journal_items: Sequence[JournalItem],
) -> _Group:
    bank_ids = [item.bank_transaction_id for item in bank_items]
    journal_ids = [item.journal_line_id for item in journal_items]
    require_group(bank_ids, journal_ids)
    expected = {item.bank_transaction_id: item.expected_revision for item in bank_items}
    group = _Group(
        await bookable_lines(uow, viewer, expected, within="bank_items"),
        await journal_lines(viewer, journal_ids, field=("journal_items",)),
    )
    _require_one_account(group)
    if group.bank:
        await _require_standing(group.journal)
    elif not await clearing_accounts([group.ledger_account_id]):
        field = ("journal_items", "0", "journal_line_id")
        raise NotBookable(Obstacle.NOTHING_CLEARS, field=field)
    return group


def _require_one_account(group: _Group) -> None:
    bank = [
        (("bank_items", str(i), "bank_transaction_id"), one.line.currency, one.ledger_account_id)
        for i, one in enumerate(group.bank)
    ]
    journal = [
        (("journal_items", str(i), "journal_line_id"), one.currency, one.ledger_account_id)
        for i, one in enumerate(group.journal)
    ]
    for field, currency, ledger_account_id in bank + journal:
        if currency != group.currency:
            raise MatchOfTwoCurrencies(currency=group.currency, other=currency, field=field)
        if ledger_account_id != group.ledger_account_id:
            raise NotBookable(Obstacle.ANOTHER_LEDGER_ACCOUNT, field=field)


async def _require_standing(lines: Sequence[JournalLine]) -> None:
    """With the bank's lines match only lines of entries that stand, neither of them taken back."""
    taken_back = await reversed_or_reversal(lines)
    for index, line in enumerate(lines):
        if line.id in taken_back:
            field = ("journal_items", str(index), "journal_line_id")
            raise NotBookable(Obstacle.REVERSED, field=field)


async def _journal_shares(group: _Group, items: Sequence[JournalItem]) -> list[Share]:
    clearings = await of_people([line.id for line in group.journal]) if group.bank else {}
    return [
        journal_share(
            item.amount_minor,
            open_minor(line),
            clearings.get(line.id, []),
            field=_amount("journal_items", index),
        )
        for index, (item, line) in enumerate(zip(items, group.journal, strict=True))
    ]


def _amount(name: str, index: int) -> tuple[str, ...]:
    return (name, str(index), "amount")


async def seal(
    uow: UnitOfWork,
    act: Act,
    *,
    ledger_account_id: UUID,
    currency: str,
    bank_items: Sequence[BankItem],
    journal_items: Sequence[JournalItem],
    on: date | None = None,
) -> Match:
    """Make a group count, as a part of an act that has looked at its lines; amounts are given.

    It is cleared `on` that date; else on the latest date of its lines that no start has settled.
    """
    bank_ids = [item.bank_transaction_id for item in bank_items]
    journal_ids = [item.journal_line_id for item in journal_items]
    group = await Match.create(
        organization_id=uow.organization_id,
        ledger_account_id=ledger_account_id,
        currency=currency,
        cleared_on=on
        or await open_day(await latest_date(bank_ids, journal_ids), ledger_account_id),
        act_id=act.id,
    )
    await MatchBankItem.bulk_create(
        [
            MatchBankItem(
                match_id=group.id, bank_transaction_id=one, amount_minor=item.amount_minor
            )
            for one, item in zip(bank_ids, bank_items, strict=True)
        ]
    )
    await MatchJournalItem.bulk_create(
        [
            MatchJournalItem(match_id=group.id, journal_line_id=one, amount_minor=item.amount_minor)
            for one, item in zip(journal_ids, journal_items, strict=True)
        ]
    )
    await Match.filter(id=group.id).update(sealed=True)
    group.sealed = True
    await touch(uow, bank_ids)
    await tell_entries(uow, journal_ids)
    return group


async def latest_date(bank_ids: Sequence[UUID], journal_ids: Sequence[UUID]) -> date:
    """The latest date of these lines of the bank and of entries, of which there is one at least."""
    bank = await BankTransaction.filter(id__in=bank_ids)
    journal = await JournalLine.filter(id__in=journal_ids)
    dates = [*(line.dated_on for line in bank), *(line.posted_on for line in journal)]
    return max(on for on in dates if on is not None)


async def unseal(uow: UnitOfWork, matches: Collection[Match]) -> None:
    """Take matches back: their lines are open again, as far as they gave to these.

    What the bank changed meanwhile of lines that are in no other match comes in now.
    """
    ids = [group.id for group in matches]
    if not ids:
        return
    bank = await MatchBankItem.filter(match_id__in=ids)
    journal = await MatchJournalItem.filter(match_id__in=ids)
    await Match.filter(id__in=ids).update(sealed=False)
    await MatchBankItem.filter(match_id__in=ids).delete()
    await MatchJournalItem.filter(match_id__in=ids).delete()
    await Match.filter(id__in=ids).delete()
    bank_ids = {item.bank_transaction_id for item in bank}
    await after_unmatch(uow, bank_ids)
    await touch(uow, bank_ids)
    await tell_entries(uow, {item.journal_line_id for item in journal})
