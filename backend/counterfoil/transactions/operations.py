"""Writing bank lines: what a pull brings, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from counterfoil.aggregators.port import ChangesPage, TransactionSnapshot
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import plan_each_time
from counterfoil.transactions import bulk
from counterfoil.transactions.applying import NOTHING, Applied, fold, pair_postings
from counterfoil.transactions.bulk import Line, Pending
from counterfoil.transactions.deciding import held, note, reports
from counterfoil.transactions.models import ReviewKind
from counterfoil.unit_of_work import UnitOfWork

__all__ = ["NOTHING", "Applied", "apply_pages", "pair_unnamed_postings"]


async def apply_pages(
    uow: UnitOfWork,
    pages: Iterable[ChangesPage],
    *,
    targets: Mapping[str, UUID],
    bank_link_id: UUID,
    refresh_id: UUID,
) -> Applied:
    """Bring the rows of one login to what these pages say.

    `targets` maps the aggregator's account ids to the accounts that take lines; lines of other
    accounts are dropped (deleted and hidden ones among them). Repeating it changes nothing. Of a
    booked line only what describes it follows: the rest waits for a person (`deciding`). The
    caller holds the link's row, so that nobody else writes these lines meanwhile.
    """
    await plan_each_time()
    folded = fold(pages)
    lines = [line for line in folded.written if line.account_id in targets]
    stored = await _stored_hashes(lines, targets)
    fresh = [line for line in lines if line.aggregator_id not in stored]
    changed = [line for line in lines if _differs(line, stored)]
    successors = await _successors(bank_link_id, fresh, there=stored.keys())
    new = [line for line in fresh if line.aggregator_id not in successors]
    if not (fresh or changed or folded.withdrawn):
        return NOTHING
    position = await uow.position()
    row = partial(_row, uow.now, targets, refresh_id)
    await bulk.become(
        [
            row(line, successors[line.aggregator_id].id)
            for line in fresh
            if line.aggregator_id in successors
        ],
        position=position,
    )
    await bulk.insert(uow.organization_id, map(row, new), position=position)
    followed = await _follow(
        uow,
        list(map(row, changed)),
        folded.withdrawn,
        bank_link_id=bank_link_id,
        refresh_id=refresh_id,
    )
    revived = sum(stored[line.aggregator_id] is None for line in changed)
    revived += sum(pending.withdrawn for pending in successors.values())
    return followed + Applied(len(new) + revived, len(successors) - revived)


async def _follow(
    uow: UnitOfWork,
    changed: Sequence[Line],
    withdrawn: Sequence[str],
    *,
    bank_link_id: UUID,
    refresh_id: UUID,
) -> Applied:
    """Let stored lines follow the bank, and note what it says of booked ones, which do not."""
    position = await uow.position()
    booked = await bulk.booked(
        bank_link_id, [*(line.aggregator_id for line in changed), *withdrawn]
    )
    await bulk.update(
        [held(line, booked.get(line.aggregator_id)) for line in changed], position=position
    )
    removed = await bulk.withdraw(
        bank_link_id, withdrawn, position=position, now=uow.now, refresh_id=refresh_id
    )
    said = reports(changed, withdrawn, booked)
    await note(uow, said, refresh_id=refresh_id)
    seen = {line.id for line in booked.values() if line.shown}
    gone = [report for report in said if report.kind is ReviewKind.WITHDRAWN]
    held_back = sum(report.bank_transaction_id in seen for report in gone)
    return Applied(modified=len(changed) + held_back, removed=removed)


async def _stored_hashes(
    lines: Iterable[TransactionSnapshot], targets: Mapping[str, UUID]
) -> Mapping[str, str | None]:
    """What is stored of these lines, account by account, so that one index answers."""
    by_account: defaultdict[str, list[str]] = defaultdict(list)
    for line in lines:
        by_account[line.account_id].append(line.aggregator_id)
    stored: dict[str, str | None] = {}
    for account_id, aggregator_ids in by_account.items():
        bank_account_id = targets[account_id]
        stored |= await bulk.stored_hashes(bank_account_id, aggregator_ids)
    return stored


def _differs(line: TransactionSnapshot, stored: Mapping[str, str | None]) -> bool:
    return line.aggregator_id in stored and stored[line.aggregator_id] != line.raw_hash.hex()


async def _successors(
    bank_link_id: UUID, fresh: Iterable[TransactionSnapshot], *, there: Container[str]
) -> Mapping[str, Pending]:
    """New posted lines that the bank names as a pending one gone on: their ids, and its row.

    A pending line that is still reported (`there`) has not gone on, whatever the other one says.
    """
    named = {
        line.pending_id: line.aggregator_id
        for line in fresh
        if line.pending_id is not None and line.pending_id not in there
    }
    rows = await bulk.pending_rows(bank_link_id, list(named))
    return {named[pending_id]: row for pending_id, row in rows.items()}


async def pair_unnamed_postings(
    uow: UnitOfWork, *, bank_link_id: UUID, refresh_id: UUID
) -> Applied:
    """After the last page: posted lines that continue a pending one which the bank didn't name.

    Returns what to add to the counts: each pair is one changed line, not one new and one gone.
    """
    vanished = await bulk.vanished_pending(bank_link_id, refresh_id)
    if not vanished:
        return NOTHING
    appeared = await bulk.appeared_posted(refresh_id, {line.bank_account_id for line in vanished})
    pairs = pair_postings(vanished, appeared)
    if pairs:
        await bulk.merge(pairs, position=await uow.position())
    return Applied(-len(pairs), len(pairs), -len(pairs))


def _row(
    now: datetime,
    targets: Mapping[str, UUID],
    refresh_id: UUID,
    line: TransactionSnapshot,
    row_id: UUID | None = None,
) -> Line:
    return Line(
        id=row_id or new_id(),
        bank_account_id=targets[line.account_id],
        aggregator_id=line.aggregator_id,
        pending=line.pending,
        dated_on=line.dated_on,
        occurred_on=line.occurred_on,
        amount_minor=line.amount_minor,
        currency=line.currency,
        exponent=line.exponent,
        description=line.description,
        bank_description=line.bank_description,
        counterparty=line.counterparty,
        check_number=line.check_number,
        category=line.category,
        raw_hash=line.raw_hash.hex(),
        refresh_id=refresh_id,
        changed_at=now,
    )
