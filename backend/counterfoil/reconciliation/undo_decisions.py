"""Undoing a decision about a line that the bank changed: it is booked as before, and waits again.

The review item keeps what the decision replaced. That comes back only where everything is still
as the decision left it; what was done since is undone first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.kit.money import Money
from counterfoil.ledger.models import JournalLine
from counterfoil.reconciliation.lines import open_minor, reversed_or_reversal
from counterfoil.reconciliation.models import Act, EntryOrigin
from counterfoil.reconciliation.regrouping import Group, group_of_json, within
from counterfoil.reconciliation.resealing import groups_by_id, groups_of, reseal
from counterfoil.reconciliation.undo_steps import Blocked, Effect, EffectKind, Undoing
from counterfoil.transactions import decisions
from counterfoil.transactions.decisions import Columns
from counterfoil.transactions.models import BankTransaction, Exclusion, ReviewItem, ReviewKind
from counterfoil.transactions.reviewing import touch

MOVED_ON = (
    "What came of this was matched, booked, excluded or changed since. Undo that first, or undo "
    "the match."
)
CHANGED_AGAIN = "The bank changed this line once more since. Decide about that instead."
ELSEWHERE = (
    "Its bank account has been tied anew since, so that the line cannot be booked as it was."
)


@dataclass(frozen=True, slots=True)
class BookedAgain:
    """Makes a line what it was when it was booked, and its matches what they were."""

    act: Act
    line: BankTransaction
    version: Columns
    was: Sequence[Group]
    now: Sequence[Group]

    @property
    def rows(self) -> Sequence[UUID]:
        return (self.line.id, *(group.id for group in [*self.was, *self.now]))

    @property
    def effects(self) -> Sequence[Effect]:
        amount = Money(self.version["amount_minor"], self.version["currency"])
        told = f"{amount.to_decimal_string()} {self.version['currency']}"
        dated = self.version["dated_on"].isoformat()
        text = f"The bank line is {told} of {dated} again, as it was booked."
        return [Effect(EffectKind.MATCH, text)]

    async def do(self, undoing: Undoing) -> None:
        await reseal(
            undoing.uow,
            self.now,
            self.was,
            meanwhile=partial(decisions.write_version, self.line.id, self.version),
            of=self.line.id,
            dated_anew=False,
        )
        await self._take_origins()
        undoing.bank_transaction_ids.add(self.line.id)
        for group in [*self.was, *self.now]:
            undoing.bank_transaction_ids.update(group.bank)

    async def _take_origins(self) -> None:
        """What another line took over was not made from it."""
        heir = self.act.details.get("heir")
        if heir:
            await EntryOrigin.filter(
                bank_transaction_id=heir["bank_transaction_id"],
                journal_entry_id__in=heir["journal_entry_ids"],
            ).delete()


@dataclass(frozen=True, slots=True)
class WaitAgain:
    """Lets what the bank reports wait for a decision again."""

    item: ReviewItem

    @property
    def rows(self) -> Sequence[UUID]:
        return (self.item.id,)

    @property
    def effects(self) -> Sequence[Effect]:
        did = "withdrew it" if self.item.kind is ReviewKind.WITHDRAWN else "changed it"
        return [Effect(EffectKind.UNDECIDE, f"That the bank {did} waits for a decision again.")]

    async def do(self, undoing: Undoing) -> None:
        await decisions.undecide(undoing.uow, self.item)
        await touch(undoing.uow, [self.item.bank_transaction_id])
        undoing.bank_transaction_ids.add(self.item.bank_transaction_id)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that can be taken back as a whole: its line, and the two steps of that."""

    line: BankTransaction
    rewriting: BookedAgain
    waiting: WaitAgain
    excluded: bool
    """Whether the decision took the line out of review."""


async def decision_of(act: Act) -> Decision | None:
    """What takes the decision of this act back; None where nothing of it is left to take back.

    Raises:
        Blocked.
    """
    item = await decisions.decided_by(act.id)
    if item is None or item.replaced is None:
        return None
    line = await BankTransaction.get(id=item.bank_transaction_id)
    was, now = ([group_of_json(one) for one in side] for side in item.replaced["groups"])
    if not await _still(act, line, item, now):
        return None
    await _refuse_tied_anew(line, item, was)
    rebooked = "unmatched" in act.details
    if not rebooked:
        await _refuse_no_room(was, now, but=line.id)
    version = decisions.version_of_json(item.replaced["line"][0])
    rewriting = BookedAgain(act, line, version, *(((), ()) if rebooked else (was, now)))
    return Decision(line, rewriting, WaitAgain(item), await _excluded_by(act, line))


async def _excluded_by(act: Act, line: BankTransaction) -> bool:
    return await Exclusion.exists(bank_transaction_id=line.id, act_id=act.id)


async def _still(act: Act, line: BankTransaction, item: ReviewItem, left: Sequence[Group]) -> bool:
    """Whether all is as the decision left it; False: its matches are gone.

    Raises:
        Blocked: something else came of it meanwhile.
    """
    if await decisions.was_changed_again(item):
        raise Blocked(CHANGED_AGAIN)
    there = await groups_by_id([group.id for group in left])
    if left and not there:
        return False
    own = await groups_of(line.id)
    same = _as_they_are(left) == _as_they_are(there.values())
    alone = {group.id for group in own} <= there.keys()
    version = decisions.version_as_json(decisions.booked_version(line))
    kept = item.replaced["line"][1] if item.replaced else None
    free = line.excluded_at is None or await _excluded_by(act, line)
    if not (same and alone and free and version == kept):
        raise Blocked(MOVED_ON)
    return True


def _as_they_are(groups: Iterable[Group]) -> dict[UUID, tuple[object, object]]:
    return {group.id: (dict(group.bank), dict(group.journal)) for group in groups}


async def _refuse_tied_anew(line: BankTransaction, item: ReviewItem, was: Sequence[Group]) -> None:
    """The bank lines must be booked where they were, behind the start of their accounts."""
    rows = await BankTransaction.filter(id__in=[one for group in was for one in group.bank])
    found = await BankAccount.filter(id__in=list({row.bank_account_id for row in rows}))
    accounts = {account.id: account for account in found}
    lines = {row.id: row for row in rows}
    booked_on = decisions.version_of_json((item.replaced or {})["line"][0])["dated_on"]
    for group in was:
        for one in group.bank:
            account = accounts[lines[one].bank_account_id]
            dated_on = booked_on if one == line.id else lines[one].dated_on
            if account.ledger_account_id != group.ledger_account_id:
                raise Blocked(ELSEWHERE)
            if account.start_on is None or dated_on <= account.start_on:
                raise Blocked(ELSEWHERE)


async def _refuse_no_room(was: Sequence[Group], now: Sequence[Group], *, but: UUID) -> None:
    """What the other lines gave before must be open of them, and their entries must stand."""
    journal = _more([group.journal for group in was], [group.journal for group in now])
    bank = _more([group.bank for group in was], [group.bank for group in now])
    rows = await JournalLine.filter(id__in=list(journal)).select_related("journal_entry")
    lines = await BankTransaction.filter(id__in=[one for one in bank if one != but])
    with_bank = {one for group in was if group.bank for one in group.journal}
    if await reversed_or_reversal([row for row in rows if row.id in with_bank]):
        raise Blocked(MOVED_ON)
    room = {row.id: open_minor(row) for row in rows} | {row.id: open_minor(row) for row in lines}
    for one, more in {**journal, **bank}.items():
        if one != but and within(more, room.get(one, 0)) != more:
            raise Blocked(MOVED_ON)


def _more(was: Sequence[Mapping[UUID, int]], now: Sequence[Mapping[UUID, int]]) -> dict[UUID, int]:
    """What each line gave to the groups more than it gives now, as far as it gave something."""
    gave = {one: _sum(was, one) for items in was for one in items}
    more = {one: amount - _sum(now, one) for one, amount in gave.items()}
    return {one: amount for one, amount in more.items() if amount * gave[one] > 0}


def _sum(groups: Sequence[Mapping[UUID, int]], one: UUID) -> int:
    return sum(items.get(one, 0) for items in groups)
