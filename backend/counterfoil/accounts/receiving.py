"""What a pull reports of the accounts of a login: recognised, brought up to date, or let go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from counterfoil.accounts.keys import exact_of
from counterfoil.accounts.known import exact_keys, keep_keys, keep_maybe, note_likeness
from counterfoil.accounts.models import AccountQuestion, BankAccount, FeedState
from counterfoil.accounts.operations import save
from counterfoil.accounts.placing import History, LinkFacts, Placing
from counterfoil.accounts.reported import keep_balances, take
from counterfoil.aggregators.port import AccountSnapshot
from counterfoil.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Received:
    """What became of the accounts of a login.

    `with_feed` are those whose lines are stored. `reattached` are the ids of those that came
    (back) to an aggregator's id under which their lines are not stored. `failing` is what a
    person calls those that failed, hidden and deleted ones left out; `unplaced` whether one
    failed that has no row yet, so that nobody can keep its lines. `history_behind`: one came whose
    history lies before what was read. `undecided`: by the lines that came one may be a hidden one,
    and only all of them can tell otherwise.
    """

    with_feed: Sequence[BankAccount]
    reattached: Sequence[UUID]
    failing: Sequence[str]
    unplaced: bool
    history_behind: bool
    undecided: bool = False


async def receive(
    uow: UnitOfWork,
    *,
    link: LinkFacts,
    refresh_id: UUID,
    snapshots: Iterable[AccountSnapshot],
    failed: Collection[str],
    key: bytes,
    added_at: datetime | None,
    history: History,
) -> Received:
    """Bring the accounts of a login to what the bank reports of them.

    One that the login brought before is found by the aggregator's id; any other is recognised
    among those that no login brings in (`recognising`), or is new. A hidden one stays hidden and
    has no feed, whichever login hands it over; nor has what may be a hidden one. A deleted one
    comes back where a person asked for it (`wanted_at`), or where it was deleted before a person
    added this login or accounts to it (`added_at`; None where all of that has come). Otherwise it
    is passed over, as it is under the very id that it was deleted under, unless the whole login is
    new, and as what another login brings in is; where the login was taken over, its new id is
    kept for whoever asks for it. One that comes back in a `resumed` reading is wanted back still:
    the next pull brings its history. Those that the bank no longer hands over stay, ACCESS_LOST,
    unless they are among the `failed` ones (by the aggregator's id).
    """
    rows = await (
        BankAccount.filter(bank_link_id=link.bank_link_id)
        .order_by("id")
        .select_for_update(no_key=True)
    )
    placing = Placing(
        uow,
        link,
        key,
        rows=rows,
        reported={snapshot.aggregator_id: snapshot for snapshot in snapshots},
        failed=failed,
        added_at=added_at,
        history=history,
    )
    await placing.place()
    reception = _Reception(uow, placing, refresh_id)
    await reception.take()
    await reception.lose()
    return await reception.outcome()


@dataclass(frozen=True, slots=True)
class _Reception:
    """One call of `receive`, after each account has its place."""

    uow: UnitOfWork
    placing: Placing
    refresh_id: UUID

    async def take(self) -> None:
        """Write what the bank reports; of hidden ones only under which keys they were seen."""
        placing = self.placing
        fresh = {at: row for at, row in placing.placed.items() if row.hidden_at is None}
        for at, row in placing.placed.items():
            if at in fresh:
                moved = row.id in placing.reattached
                await take(self.uow, row, placing.reported[at], moved=moved)
            else:
                await row.save()
        await keep_balances(self.uow, fresh.values(), refresh_id=self.refresh_id)
        await self._keep_keys()
        await AccountQuestion.bulk_create(placing.questions)

    async def _keep_keys(self) -> None:
        """Remember what was seen, and what may be a hidden one: so that it is withheld again."""
        placing = self.placing
        seen = [*placing.placed.items(), *placing.passed.items()]
        await keep_keys(self.uow, [(row.id, placing.digests(at)) for at, row in seen])
        withheld = [(row, placing.digests(at).exact) for at, row in placing.remembered.items()]
        await keep_maybe(self.uow, withheld)
        await note_likeness(self.uow, placing.withheld)

    async def lose(self) -> None:
        """Mark the shown accounts that the bank no longer hands over."""
        placed = {row.id for row in self.placing.placed.values()}
        for row in self.placing.rows:
            shown = row.hidden_at is None and row.deleted_at is None
            missing = row.id not in placed and row.aggregator_id not in self.placing.failed
            if shown and missing and row.feed_state is FeedState.OPEN:
                row.feed_state = FeedState.ACCESS_LOST
                await save(self.uow, row)

    async def outcome(self) -> Received:
        """What became of them all."""
        placing, facts = self.placing, self.placing.link
        rows = await BankAccount.filter(bank_link_id=facts.bank_link_id)
        shown = [row for row in rows if row.hidden_at is None and row.deleted_at is None]
        attached = {row.aggregator_id for row in rows}
        strangers = {
            aggregator_id: exact_of(placing.key, facts.aggregator, aggregator_id)
            for aggregator_id in placing.failed
            if aggregator_id not in attached
        }
        known = await exact_keys(self.uow.organization_id, strangers.values())
        unplaced = [digest for digest in strangers.values() if digest not in known]
        failing = [row.name for row in shown if row.aggregator_id in placing.failed]
        return Received(
            with_feed=shown,
            reattached=placing.reattached,
            failing=sorted(failing) + ["an account"] * len(unplaced),
            unplaced=bool(unplaced),
            history_behind=any(row.wanted_at is not None for row in placing.placed.values()),
            undecided=bool(placing.remembered),
        )
