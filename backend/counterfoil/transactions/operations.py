"""Writing bank lines: what a pull brings, in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from counterfoil.aggregators.port import ChangesPage, TransactionSnapshot
from counterfoil.kit.ids import new_id
from counterfoil.transactions import bulk
from counterfoil.transactions.applying import fold, pair_postings
from counterfoil.transactions.bulk import Known, Line
from counterfoil.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Target:
    """The account that a line belongs to, and how many digits its currency has."""

    bank_account_id: UUID
    exponent: int


@dataclass(frozen=True, slots=True)
class Applied:
    """How many lines are new, changed, and withdrawn."""

    added: int = 0
    modified: int = 0
    removed: int = 0

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.added + other.added, self.modified + other.modified, self.removed + other.removed
        )


NOTHING = Applied()


async def apply_pages(
    uow: UnitOfWork,
    pages: Iterable[ChangesPage],
    *,
    targets: Mapping[str, Target],
    bank_link_id: UUID,
    refresh_id: UUID,
) -> Applied:
    """Bring the rows of one login to what these pages say.

    `targets` maps the aggregator's account ids to the accounts that take lines; lines of other
    accounts are dropped (deleted and hidden ones among them). Repeating it changes nothing. The
    caller holds the link's row, so that nobody else writes these lines meanwhile.
    """
    folded = fold(pages)
    lines = [line for line in folded.written if line.account_id in targets]
    known = await bulk.known(bank_link_id, _ids_of(lines))
    fresh = [line for line in lines if line.aggregator_id not in known]
    continued = await _continue_pending(uow, fresh, known, targets, refresh_id)
    changed = [line for line in lines if _differs(line, known.get(line.aggregator_id))]
    written = [_line(uow.now, line, targets, refresh_id) for line in changed]
    new = [
        _line(uow.now, line, targets, refresh_id)
        for line in fresh
        if line.aggregator_id not in continued
    ]
    position = await uow.position() if new or written or continued or folded.withdrawn else 0
    await bulk.insert(uow.organization_id, new, position=position)
    await bulk.update(written, position=position)
    removed = await bulk.withdraw(
        bank_link_id, folded.withdrawn, position=position, now=uow.now, refresh_id=refresh_id
    )
    return Applied(len(new), len(written) + len(continued), removed)


def _ids_of(lines: Sequence[TransactionSnapshot]) -> Sequence[str]:
    named = {line.pending_id for line in lines if line.pending_id is not None}
    return [*(line.aggregator_id for line in lines), *named]


def _differs(line: TransactionSnapshot, row: Known | None) -> bool:
    if row is None:
        return False
    return row.removed or row.raw_hash != line.raw_hash.hex()


async def _continue_pending(
    uow: UnitOfWork,
    fresh: Sequence[TransactionSnapshot],
    known: Mapping[str, Known],
    targets: Mapping[str, Target],
    refresh_id: UUID,
) -> frozenset[str]:
    """Give the rows of pending lines that the bank names to their posted successors."""
    pairs = {
        line.pending_id: line
        for line in fresh
        if line.pending_id is not None and known.get(line.pending_id, _POSTED).pending
    }
    if pairs:
        rows = [
            _line(uow.now, line, targets, refresh_id)._replace(id=known[pending].id)
            for pending, line in pairs.items()
        ]
        await bulk.become(rows, position=await uow.position())
    return frozenset(line.aggregator_id for line in pairs.values())


_POSTED = Known(id=UUID(int=0), raw_hash="", pending=False, removed=False)


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


def _line(
    now: datetime,
    line: TransactionSnapshot,
    targets: Mapping[str, Target],
    refresh_id: UUID,
) -> Line:
    target = targets[line.account_id]
    return Line(
        id=new_id(),
        bank_account_id=target.bank_account_id,
        aggregator_id=line.aggregator_id,
        pending=line.pending,
        dated_on=line.dated_on,
        occurred_on=line.occurred_on,
        amount_minor=line.amount_minor,
        currency=line.currency,
        exponent=target.exponent,
        description=line.description,
        bank_description=line.bank_description,
        counterparty=line.counterparty,
        check_number=line.check_number,
        category=line.category,
        raw_hash=line.raw_hash.hex(),
        refresh_id=refresh_id,
        changed_at=now,
    )
