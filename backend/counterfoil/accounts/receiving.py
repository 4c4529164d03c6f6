"""What a pull reports of the accounts of a login: recognised, brought up to date, or let go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias
from uuid import UUID

from counterfoil.accounts.keys import Digests, digests_of, exact_of
from counterfoil.accounts.known import (
    as_known,
    deleted_under,
    exact_keys,
    hidden_elsewhere,
    keep_keys,
    note_likeness,
    unattached,
)
from counterfoil.accounts.models import AccountQuestion, BankAccount, FeedState
from counterfoil.accounts.operations import save
from counterfoil.accounts.recognising import (
    Ask,
    Incoming,
    Known,
    Overlap,
    Recognised,
    Same,
    Withheld,
    recognise,
    to_compare,
)
from counterfoil.accounts.reported import discovered, keep_balances, take
from counterfoil.accounts.returning import bring_back
from counterfoil.aggregators.port import AccountSnapshot
from counterfoil.kit.ids import new_id
from counterfoil.unit_of_work import UnitOfWork


class Compared(Protocol):
    """How many of an account's kept lines are in the delivered span, and how many occur there."""

    @property
    def kept(self) -> int: ...

    @property
    def found(self) -> int: ...


OverlapOf: TypeAlias = Callable[[str, UUID], Awaitable[Compared]]
"""Compares the lines delivered for an account, by the aggregator's id, with those of one here."""


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """The login whose accounts are received.

    `resumed`: its lines are read from a cursor on, so that what an account had before, under this
    login, is not among them.
    """

    bank_link_id: UUID
    aggregator: str
    institution_name: str
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """What became of the accounts of a login.

    `with_feed` are those whose lines are stored. `reattached` are the ids of those that came
    (back) to an aggregator's id under which their lines are not stored. `failing` is what a
    person calls those that failed, hidden and deleted ones left out; `unplaced` whether one
    failed that has no row yet, so that nobody can keep its lines.
    """

    with_feed: Sequence[BankAccount]
    reattached: Sequence[UUID]
    failing: Sequence[str]
    unplaced: bool


async def receive(
    uow: UnitOfWork,
    *,
    link: LinkFacts,
    refresh_id: UUID,
    snapshots: Iterable[AccountSnapshot],
    failed: Collection[str],
    key: bytes,
    adding: bool,
    overlap: OverlapOf,
) -> Received:
    """Bring the accounts of a login to what the bank reports of them.

    One that the login brought before is found by the aggregator's id; any other is recognised
    among those that no login brings in (`recognising`), or is new. A hidden one stays hidden and
    has no feed, whichever login hands it over; nor has what may be a hidden one. A deleted one
    comes back where a person asked for it (`wanted_at`), or is `adding`: that is, just added this
    login or accounts to it. Otherwise it is passed over, as it is under the very id that it was
    deleted under, unless the whole login is new; where the login was taken over, its new id is kept
    for whoever asks for it. One that comes back in a `resumed` reading is wanted back still: the
    next pull brings its history. Those that the bank no longer hands over stay, marked ACCESS_LOST,
    unless they are among the `failed` ones (by the aggregator's id).
    """
    rows = await (
        BankAccount.filter(bank_link_id=link.bank_link_id)
        .order_by("id")
        .select_for_update(no_key=True)
    )
    reported = {snapshot.aggregator_id: snapshot for snapshot in snapshots}
    reception = _Reception(uow, link, refresh_id, key, failed, rows, reported)
    await reception.place(adding=adding, overlap=overlap)
    await reception.take()
    await reception.lose()
    return await reception.outcome()


@dataclass(slots=True)
class _Reception:
    """One call of `receive`.

    `placed` is which row each reported account goes to, `passed` which one it is that stays away,
    such as a hidden one that another login brings in. `withheld` are hidden ones that one of the
    reported accounts may be.
    """

    uow: UnitOfWork
    link: LinkFacts
    refresh_id: UUID
    key: bytes
    failed: Collection[str]
    rows: Sequence[BankAccount]
    reported: Mapping[str, AccountSnapshot]
    placed: dict[str, BankAccount] = field(default_factory=dict)
    passed: dict[str, BankAccount] = field(default_factory=dict)
    withheld: set[UUID] = field(default_factory=set)
    reattached: list[UUID] = field(default_factory=list)
    questions: list[AccountQuestion] = field(default_factory=list)

    def digests(self, aggregator_id: str) -> Digests:
        facts, snapshot = self.link, self.reported[aggregator_id]
        return digests_of(self.key, facts.aggregator, facts.institution_name, snapshot)

    async def place(self, *, adding: bool, overlap: OverlapOf) -> None:
        """Find or make the row of each reported account that gets one."""
        attached = {row.aggregator_id: row for row in self.rows}
        for aggregator_id in self.reported.keys() & attached.keys():
            await self._keep(aggregator_id, attached[aggregator_id])
        if strangers := sorted(self.reported.keys() - attached.keys()):
            await self._place_strangers(strangers, adding=adding, overlap=overlap)

    async def _keep(self, aggregator_id: str, row: BankAccount) -> None:
        if row.deleted_at is not None and row.wanted_at is None:
            return
        if row.deleted_at is not None:
            await self._attach(row, aggregator_id)
        row.update_from_dict({"wanted_at": None})
        self.placed[aggregator_id] = row

    async def _place_strangers(
        self, strangers: Sequence[str], *, adding: bool, overlap: OverlapOf
    ) -> None:
        coming: Sequence[Incoming] = [self._incoming(each) for each in strangers]
        if not adding or self.rows:
            coming = await self._without_deleted(coming)
        if not coming:
            return
        free, elsewhere = await self._candidates()
        known = await as_known([*free.values(), *elsewhere.values()])
        for aggregator_id, answer in (await _answers(coming, known, overlap)).items():
            if isinstance(answer, Withheld):
                self.withheld.add(answer.id)
            elif isinstance(answer, Same) and answer.id in elsewhere:
                self.passed[aggregator_id] = elsewhere[answer.id]
            elif isinstance(answer, Same):
                await self._place_known(aggregator_id, free[answer.id], adding=adding)
            elif (deleted := self._only_deleted(answer, free)) is not None and not adding:
                self._pass_over(aggregator_id, deleted)
            else:
                self._place_new(aggregator_id, answer)

    async def _candidates(self) -> tuple[Mapping[UUID, BankAccount], Mapping[UUID, BankAccount]]:
        """The accounts that may come by this login, and hidden ones that stay elsewhere."""
        organization_id, bank_link_id = self.uow.organization_id, self.link.bank_link_id
        handed_over = {*self.reported, *self.failed}
        free = await unattached(organization_id, bank_link_id=bank_link_id, handed_over=handed_over)
        hidden = await hidden_elsewhere(organization_id, bank_link_id=bank_link_id, besides=free)
        return {row.id: row for row in free}, {row.id: row for row in hidden}

    async def _without_deleted(self, coming: Sequence[Incoming]) -> Sequence[Incoming]:
        """Pass over what is here as deleted under the very id: a sibling that a login still has."""
        digests = [one.digests.exact for one in coming]
        deleted = await deleted_under(self.uow.organization_id, digests)
        return [one for one in coming if one.digests.exact not in deleted]

    def _incoming(self, aggregator_id: str) -> Incoming:
        snapshot = self.reported[aggregator_id]
        digests = self.digests(aggregator_id)
        return Incoming(aggregator_id, digests, snapshot.name, snapshot.currency)

    async def _place_known(self, aggregator_id: str, row: BankAccount, *, adding: bool) -> None:
        gone = row.deleted_at is not None and row.hidden_at is None
        if gone and not adding and row.wanted_at is None:
            self._pass_over(aggregator_id, row)
            return
        await self._attach(row, aggregator_id)
        self.placed[aggregator_id] = row

    def _only_deleted(
        self, answer: Recognised, rows: Mapping[UUID, BankAccount]
    ) -> BankAccount | None:
        """The deleted account that it may be and no other, in a login that was taken over: nobody
        asked for that one."""
        if not self._is_taken_over or not isinstance(answer, Ask) or len(answer.candidates) > 1:
            return None
        row = rows[answer.candidates[0]]
        return row if row.deleted_at is not None else None

    def _pass_over(self, aggregator_id: str, row: BankAccount) -> None:
        """Leave a deleted one away. Of a login that was taken over its new id is kept, by which
        whoever adds accounts later is asked about it."""
        if self._is_taken_over:
            self.passed[aggregator_id] = row

    @property
    def _is_taken_over(self) -> bool:
        """Whether another login has come in the place of this one: all ids are other ones."""
        before = {row.aggregator_id for row in self.rows}
        return not self.link.resumed and bool(before) and before.isdisjoint(self.reported)

    async def _attach(self, row: BankAccount, aggregator_id: str) -> None:
        row.bank_link_id, row.aggregator_id = self.link.bank_link_id, aggregator_id
        if row.hidden_at is not None:
            return
        if row.deleted_at is not None:
            await bring_back(row)
        if self.link.resumed:
            row.wanted_at = self.uow.now
        self.reattached.append(row.id)

    def _place_new(self, aggregator_id: str, answer: Recognised) -> None:
        snapshot = self.reported[aggregator_id]
        row = discovered(self.uow, self.link.bank_link_id, snapshot)
        self.placed[aggregator_id] = row
        if isinstance(answer, Ask):
            self.questions.append(
                AccountQuestion(
                    id=new_id(),
                    organization_id=self.uow.organization_id,
                    bank_account_id=row.id,
                    candidates=[str(each) for each in answer.candidates],
                    raised_at=self.uow.now,
                )
            )

    async def take(self) -> None:
        """Write what the bank reports; of hidden ones only under which keys they were seen."""
        fresh = {at: row for at, row in self.placed.items() if row.hidden_at is None}
        for at, row in self.placed.items():
            if at in fresh:
                await take(self.uow, row, self.reported[at], moved=row.id in self.reattached)
            else:
                await row.save()
        await keep_balances(self.uow, fresh.values(), refresh_id=self.refresh_id)
        seen = {**self.placed, **self.passed}
        await keep_keys(self.uow, {row.id: self.digests(at) for at, row in seen.items()})
        await note_likeness(self.uow, self.withheld)
        await AccountQuestion.bulk_create(self.questions)

    async def lose(self) -> None:
        """Mark the shown accounts that the bank no longer hands over."""
        placed = {row.id for row in self.placed.values()}
        for row in self.rows:
            shown = row.hidden_at is None and row.deleted_at is None
            missing = row.id not in placed and row.aggregator_id not in self.failed
            if shown and missing and row.feed_state is FeedState.OPEN:
                row.feed_state = FeedState.ACCESS_LOST
                await save(self.uow, row)

    async def outcome(self) -> Received:
        rows = await BankAccount.filter(bank_link_id=self.link.bank_link_id)
        shown = [row for row in rows if row.hidden_at is None and row.deleted_at is None]
        attached = {row.aggregator_id for row in rows}
        strangers = {
            aggregator_id: exact_of(self.key, self.link.aggregator, aggregator_id)
            for aggregator_id in self.failed
            if aggregator_id not in attached
        }
        known = await exact_keys(self.uow.organization_id, strangers.values())
        unplaced = [digest for digest in strangers.values() if digest not in known]
        failing = [row.name for row in shown if row.aggregator_id in self.failed]
        return Received(
            with_feed=shown,
            reattached=self.reattached,
            failing=sorted(failing) + ["an account"] * len(unplaced),
            unplaced=bool(unplaced),
        )


async def _answers(
    coming: Sequence[Incoming], known: Sequence[Known], overlap: OverlapOf
) -> Mapping[str, Recognised]:
    common: dict[tuple[str, UUID], Overlap] = {}
    for one, row in sorted(to_compare(coming, known)):
        compared = await overlap(one, row)
        common[one, row] = Overlap(compared.kept, compared.found)
    return recognise(coming, known, overlap=common)
