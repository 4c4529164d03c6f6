"""What undoing an act would do now, or why it cannot be done. Reads, never writes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import orjson

from counterfoil.accounts.models import BankAccount
from counterfoil.ledger.locks import PeriodLocked, books_of, open_date, reversal_date
from counterfoil.ledger.models import EntryState, JournalEntry, JournalLine
from counterfoil.ledger.stored import lines_of, number_of
from counterfoil.reconciliation.bookable import obstacle_to_exclude
from counterfoil.reconciliation.excluding import as_excluded
from counterfoil.reconciliation.fates import Fate, fates_of
from counterfoil.reconciliation.hand_clearings import Kept
from counterfoil.reconciliation.lines import open_minor
from counterfoil.reconciliation.models import (
    Act,
    ActKind,
    ClearingOrigin,
    CodingExample,
    HandClearing,
    Match,
    MatchBankItem,
    MatchJournalItem,
)
from counterfoil.reconciliation.put_again import standing_of
from counterfoil.reconciliation.regrouping import within
from counterfoil.reconciliation.reopening import SettledByStart, require_reopenable
from counterfoil.reconciliation.reversing import (
    NotReversible,
    matches_of,
    require_reversible,
)
from counterfoil.reconciliation.undo_decisions import decision_of
from counterfoil.reconciliation.undo_obstacles import obstacle_of_its_own
from counterfoil.reconciliation.undo_reversals import anew
from counterfoil.reconciliation.undo_steps import (
    Blocked,
    Discard,
    Effect,
    ExcludeAgain,
    Forget,
    Restore,
    RestoreErased,
    Reverse,
    Step,
    Unclear,
    Unmatch,
)
from counterfoil.transactions.models import BankTransaction, Exclusion, RememberedExclusion
from counterfoil.transactions.reviewing import Excluded
from counterfoil.viewer import Viewer

NOTHING_LEFT = "Nothing of this is left: what it did has been taken back since."


@dataclass(frozen=True, slots=True)
class Plan:
    """What undoing an act would do now: its own steps, and those of its parts, in order."""

    act: Act
    steps: Sequence[Step] = ()
    parts: Sequence[Plan] = ()
    blocked: str | None = None

    @property
    def token(self) -> str:
        """Two plans have the same token when they do the same to the same rows."""
        steps = [[str(plan.act.id), *_named(plan)] for plan in self.in_order()]
        return hashlib.sha256(orjson.dumps([steps, self.blocked])).hexdigest()

    @property
    def effects(self) -> Sequence[Effect]:
        """Each effect once, with how often it happens."""
        every = Counter(
            effect for plan in self.in_order() for step in plan.steps for effect in step.effects
        )
        return [
            effect if times == 1 else Effect(effect.kind, f"{effect.text} ({times} times)")
            for effect, times in every.items()
        ]

    def in_order(self) -> Iterator[Plan]:
        """This plan's parts, and then itself."""
        for part in self.parts:
            yield from part.in_order()
        yield self


def _named(plan: Plan) -> list[object]:
    return [
        [[effect.text for effect in step.effects], sorted(str(row) for row in step.rows)]
        for step in plan.steps
    ]


async def plan_of(viewer: Viewer, act: Act) -> Plan:
    """The plan of undoing this act of the viewer's organization."""
    if fixed := obstacle_of_its_own(act.kind, undone=act.undone_at is not None):
        return Plan(act, blocked=fixed)
    try:
        return await (_of_parts if act.kind is ActKind.BULK else _of_one)(viewer, act)
    except Blocked as blocked:
        return Plan(act, blocked=str(blocked))


async def _of_parts(viewer: Viewer, act: Act) -> Plan:
    """The newest part first. Those of which nothing is left need no undoing."""
    parts = await Act.filter(parent_id=act.id, undone_at=None).order_by("-acted_at", "-id")
    plans = [await plan_of(viewer, part) for part in parts]
    left = [plan for plan in plans if plan.blocked != NOTHING_LEFT]
    if not left:
        raise Blocked(NOTHING_LEFT)
    blocked = next((plan.blocked for plan in left if plan.blocked), None)
    return Plan(act, parts=left, blocked=blocked)


async def _of_one(viewer: Viewer, act: Act) -> Plan:
    steps = await _WAYS.get(act.kind, _back)(viewer, act)
    if not steps:
        raise Blocked(await _why_nothing(act))
    return Plan(act, steps)


async def _why_nothing(act: Act) -> str:
    """A draft that was posted since is what the posting act made; else nothing is left."""
    ids = act.details.get("journal_entry_ids", ()) if act.kind is ActKind.POST else ()
    posted = await JournalEntry.filter(id__in=list(ids), state=EntryState.POSTED).exclude(
        act_id=act.id
    )
    for entry in posted:
        if not await JournalEntry.exists(reverses_id=entry.id):
            return f"Its draft was posted since, as entry {number_of(entry)}. Undo its posting."
    return NOTHING_LEFT


async def _back(viewer: Viewer, act: Act) -> list[Step]:
    """The steps for whatever rows carry the act's id, or stand in the places of such."""
    standing = await standing_of(act)
    by_reversal = await matches_of([line for entry in standing for line in await lines_of(entry)])
    matches = await _own_matches(act, but=by_reversal)
    fates = await fates_of([*by_reversal, *matches])
    steps: list[Step] = [
        *await _reversals(viewer, standing, fates),
        *await _unmatchings(act, matches, fates),
    ]
    drafts = await JournalEntry.filter(act_id=act.id, state=EntryState.DRAFT)
    steps += [Discard(draft) for draft in drafts]
    clearings = await HandClearing.filter(act_id=act.id, origin=ClearingOrigin.PERSON)
    if clearings:
        steps.append(Unclear(clearings))
    if excluded := await Exclusion.filter(act_id=act.id).order_by("id"):
        steps.append(Restore(tuple(row.bank_transaction_id for row in excluded)))
    if erased := await RememberedExclusion.filter(act_id=act.id).order_by("id"):
        steps.append(RestoreErased(tuple(row.id for row in erased)))
    if restored := [as_excluded(one) for one in act.details.get("exclusions", [])]:
        await _refuse_unexcludable(restored)
        steps.append(ExcludeAgain(restored))
    if await CodingExample.exists(act_id=act.id):
        steps.append(Forget(act.id))
    return steps


async def _reversals(
    viewer: Viewer, standing: Sequence[JournalEntry], fates: dict[UUID, Fate]
) -> list[Reverse]:
    books = await books_of(viewer)
    steps = []
    for entry in standing:
        await _refuse_fixed(viewer, entry)
        matches = await matches_of(await lines_of(entry))
        await _refuse_settled(matches)
        bank = await MatchBankItem.filter(match_id__in=[group.id for group in matches])
        ids = tuple(sorted({item.bank_transaction_id for item in bank}))
        day = reversal_date(entry.posted_on, books)
        steps.append(Reverse(entry, day, ids, _told_once(fates, ids)))
    return steps


async def _refuse_fixed(viewer: Viewer, entry: JournalEntry) -> None:
    try:
        await require_reversible(entry)
    except NotReversible as refused:
        raise Blocked(str(refused)) from refused
    try:
        open_date(entry.posted_on, await books_of(viewer), viewer)
    except PeriodLocked as locked:
        raise Blocked(
            f"Entry {number_of(entry)} is in a period that is locked up to "
            f"{locked.locked_up_to.isoformat()}. Reverse it instead: that is dated after the lock."
        ) from locked


async def _refuse_settled(matches: Sequence[Match]) -> None:
    try:
        await require_reopenable(matches)
    except SettledByStart as settled:
        raise Blocked(str(settled)) from settled


def _told_once(fates: dict[UUID, Fate], bank_transaction_ids: Collection[UUID]) -> list[Fate]:
    """The fates of these lines, but for lines that a step before has told of."""
    return [fates.pop(one) for one in bank_transaction_ids if one in fates]


async def _own_matches(act: Act, *, but: Sequence[Match]) -> list[Match]:
    """The act's matches, but for those that its own entries' reversals take back."""
    others = {group.id for group in but}
    found = await Match.filter(act_id=act.id, sealed=True).order_by("id")
    return [group for group in found if group.id not in others]


async def _unmatchings(
    act: Act, matches: Sequence[Match], fates: dict[UUID, Fate]
) -> list[Unmatch]:
    if not matches:
        return []
    await _refuse_settled(matches)
    ids = [group.id for group in matches]
    bank = await MatchBankItem.filter(match_id__in=ids)
    journal = await MatchJournalItem.filter(match_id__in=ids)
    lines = tuple(sorted({item.bank_transaction_id for item in bank}))
    await _refuse_no_room(act.details.get("displaced", []), journal)
    return [
        Unmatch(
            tuple(ids),
            lines,
            tuple(sorted({item.journal_line_id for item in journal})),
            _told_once(fates, lines),
            act.details.get("displaced", []),
        )
    ]


async def _refuse_no_room(displaced: Sequence[Kept], freed: Sequence[MatchJournalItem]) -> None:
    """Hand clearings come back where nothing else has what a match gave up since."""
    room: Counter[UUID] = Counter()
    for item in freed:
        room[item.journal_line_id] += item.amount_minor
    for line in await JournalLine.filter(id__in=[one["journal_line_id"] for one in displaced]):
        room[line.id] += open_minor(line)
    for one in displaced:
        line_id, amount = UUID(one["journal_line_id"]), one["amount_minor"]
        if within(amount, room[line_id]) != amount:
            raise Blocked(
                "What was cleared by hand before is matched with something else since. Undo that "
                "first."
            )
        room[line_id] -= amount


async def _refuse_unexcludable(restored: Sequence[Excluded]) -> None:
    ids = [one.bank_transaction_id for one in restored]
    lines = await BankTransaction.filter(id__in=ids)
    accounts = await BankAccount.filter(id__in=list({line.bank_account_id for line in lines}))
    by_id = {account.id: account for account in accounts}
    if len(lines) < len(ids):
        raise Blocked(NOTHING_LEFT)
    for line in lines:
        if found := obstacle_to_exclude(line, by_id[line.bank_account_id]):
            raise Blocked(found.value)


async def _undecided(viewer: Viewer, act: Act) -> list[Step]:
    """The line as it was booked, and the bank's report waiting again, in the order that holds."""
    decision = await decision_of(act)
    if decision is None:
        return await _back(viewer, act)
    posted = await _reversals(viewer, await standing_of(act), {})
    restored = [Restore((decision.line.id,))] if decision.excluded else []
    if "unmatched" not in act.details:
        return [*restored, decision.rewriting, *posted, decision.waiting]
    [again] = await anew(viewer, act)
    steps: list[Step] = [*posted, decision.rewriting]
    steps += [replace(again, possible=again.matches), decision.waiting]
    if await CodingExample.exists(act_id=act.id):
        steps.append(Forget(act.id))
    return steps


_WAYS: Mapping[ActKind, Callable[[Viewer, Act], Awaitable[Sequence[Step]]]] = {
    ActKind.REVERSE: anew,
    ActKind.DECIDE: _undecided,
}
"""How to take back what is not just rows of the act; see `_back`."""
