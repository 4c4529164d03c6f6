"""Which row each account gets that a login hands over: its own, that of one of before, a new one.

Nothing is written here: the rows are only given their places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from counterfoil.accounts.alike import Incoming, Known
from counterfoil.accounts.keys import Digests, digests_of
from counterfoil.accounts.known import (
    alike_elsewhere,
    as_known,
    away_under,
    exact_keys,
    hidden_elsewhere,
    unattached,
)
from counterfoil.accounts.models import AccountQuestion, BankAccount
from counterfoil.accounts.recognising import (
    Ask,
    New,
    Overlap,
    Recognised,
    Same,
    Withheld,
    recognise,
    to_compare,
)
from counterfoil.accounts.reported import discovered
from counterfoil.accounts.returning import bring_back
from counterfoil.aggregators.port import AccountSnapshot
from counterfoil.kit.ids import new_id
from counterfoil.unit_of_work import UnitOfWork


class Compared(Protocol):
    """How many of an account's kept lines are in the delivered span, how many occur there, and how
    many are delivered in the span of the kept ones."""

    @property
    def kept(self) -> int: ...

    @property
    def found(self) -> int: ...

    @property
    def theirs(self) -> int: ...


class History(Protocol):
    """The lines that are delivered for accounts that the login did not bring before."""

    async def common(self, aggregator_id: str, bank_account_id: UUID) -> Compared:
        """Compare the lines of one, by the aggregator's id, with those of an account here."""
        ...

    async def has_lines(self, aggregator_id: str) -> bool:
        """Whether any posted line is delivered for it."""
        ...


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """The login whose accounts are received.

    `resumed`: its lines are read from a cursor on, so that what an account had before, under this
    login, is not among them. `whole`: all that any account has is among them. `is_new`: a person
    added the login itself, and no pull has brought all of it yet.
    """

    bank_link_id: UUID
    aggregator: str
    institution_name: str
    resumed: bool = False
    whole: bool = False
    is_new: bool = False


@dataclass(slots=True)
class Placing:
    """Finds the rows of the accounts that a login hands over (`reported`, by the aggregator's id).

    `rows` are those of the login so far, locked; `failed` what it could not tell of; `added_at`
    is when a person added it or accounts to it, where these are still to come; `known` are those
    that its strangers may be. After `place`: `placed` is which row each reported account goes to,
    `passed` which one it is that stays away, such as one that another login brings in.
    `withheld` are hidden ones that one of them may be, `remembered` which it may be in the next
    pull too. `reattached` are the ids of rows that came (back) to an id under which their lines are
    not stored.
    """

    uow: UnitOfWork
    link: LinkFacts
    key: bytes
    rows: Sequence[BankAccount]
    reported: Mapping[str, AccountSnapshot]
    failed: Collection[str]
    added_at: datetime | None
    history: History
    known: Mapping[UUID, Known] = field(default_factory=dict)
    placed: dict[str, BankAccount] = field(default_factory=dict)
    passed: dict[str, BankAccount] = field(default_factory=dict)
    withheld: set[UUID] = field(default_factory=set)
    remembered: dict[str, UUID] = field(default_factory=dict)
    reattached: list[UUID] = field(default_factory=list)
    questions: list[AccountQuestion] = field(default_factory=list)

    def digests(self, aggregator_id: str) -> Digests:
        """The keys of a reported account."""
        facts, snapshot = self.link, self.reported[aggregator_id]
        return digests_of(self.key, facts.aggregator, facts.institution_name, snapshot)

    async def place(self) -> None:
        """Find or make the row of each reported account that gets one."""
        attached = {row.aggregator_id: row for row in self.rows}
        for aggregator_id in self.reported.keys() & attached.keys():
            await self._keep(aggregator_id, attached[aggregator_id])
        if strangers := sorted(self.reported.keys() - attached.keys()):
            await self._place_strangers(strangers)

    async def _keep(self, aggregator_id: str, row: BankAccount) -> None:
        if row.deleted_at is not None and row.wanted_at is None:
            return
        if row.deleted_at is not None:
            await self._attach(row, aggregator_id)
        if not self.link.resumed:  # else it was handed over no more for a while, and waits still
            row.update_from_dict({"wanted_at": None})
        self.placed[aggregator_id] = row

    async def _place_strangers(self, strangers: Sequence[str]) -> None:
        coming: Sequence[Incoming] = [self._incoming(each) for each in strangers]
        if self.added_at is None or self.rows:
            coming = await self._without_away(coming)
        if not coming:
            return
        free, elsewhere = await self._candidates()
        staying = {row.id: row for row in self.rows if row.hidden_at and row.id not in free}
        known = [
            replace(row, attached=row.id in staying)
            for row in await as_known([*free.values(), *elsewhere.values(), *staying.values()])
        ]
        self.known = {row.id: row for row in known}
        answers = await self._answers(coming, known)
        new = [one for one in coming if isinstance(answers[one.aggregator_id], New)]
        doubles = await self._doubles(new)
        for aggregator_id, answer in answers.items():
            if isinstance(answer, Withheld):
                await self._withhold(aggregator_id, answer.id)
            elif isinstance(answer, Same) and answer.id in elsewhere:
                self.passed[aggregator_id] = elsewhere[answer.id]
            elif isinstance(answer, Same):
                await self._place_known(aggregator_id, free[answer.id])
            elif aggregator_id in doubles:
                self.passed[aggregator_id] = doubles[aggregator_id]
            elif (deleted := self._only_deleted(answer, free)) is not None:
                self._pass_over(aggregator_id, deleted)
            else:
                await self._place_new(aggregator_id, answer)

    async def _answers(
        self, coming: Sequence[Incoming], known: Sequence[Known]
    ) -> Mapping[str, Recognised]:
        common: dict[tuple[str, UUID], Overlap] = {}
        pairs = to_compare(coming, known, whole=self.link.whole)
        for one, row in sorted(pairs):
            compared = await self.history.common(one, row)
            common[one, row] = Overlap(compared.kept, compared.found, compared.theirs)
        return recognise(coming, known, overlap=common, whole=self.link.whole)

    async def _doubles(self, new: Sequence[Incoming]) -> Mapping[str, BankAccount]:
        """Which of these another login brings in already, where this login itself is not new: else
        a person said that it is another one. Only what is told by a number or more."""
        told = [one for one in new if self.reported[one.aggregator_id].number or one.digests.strong]
        if not told or self.link.is_new:
            return {}
        rows = await alike_elsewhere(
            self.uow.organization_id,
            bank_link_id=self.link.bank_link_id,
            digests=[one.digests for one in told],
        )
        by_id = {row.id: row for row in rows}
        answers = await self._answers(told, await as_known(rows))
        return {at: by_id[each.id] for at, each in answers.items() if isinstance(each, Same)}

    async def _candidates(self) -> tuple[Mapping[UUID, BankAccount], Mapping[UUID, BankAccount]]:
        """The accounts that may come by this login, and hidden ones that stay elsewhere."""
        organization_id, bank_link_id = self.uow.organization_id, self.link.bank_link_id
        handed_over = {*self.reported, *self.failed}
        free = await unattached(organization_id, bank_link_id=bank_link_id, handed_over=handed_over)
        hidden = await hidden_elsewhere(organization_id, bank_link_id=bank_link_id, besides=free)
        return {row.id: row for row in free}, {row.id: row for row in hidden}

    async def _without_away(self, coming: Sequence[Incoming]) -> Sequence[Incoming]:
        """Pass over what was deleted under the very id: a sibling that a login still has. Also when
        it came back since by another login, which brings it in now."""
        digests = [one.digests.exact for one in coming]
        facts, organization_id = self.link, self.uow.organization_id
        away = await away_under(organization_id, digests, bank_link_id=facts.bank_link_id)
        return [one for one in coming if one.digests.exact not in away]

    def _incoming(self, aggregator_id: str) -> Incoming:
        snapshot = self.reported[aggregator_id]
        digests = self.digests(aggregator_id)
        return Incoming(aggregator_id, digests, snapshot.name, snapshot.currency)

    async def _withhold(self, aggregator_id: str, hidden: UUID) -> None:
        """Leave one away that may be a hidden one. The next pull has its lines no more by which
        that was told; where it has none yet, they may still tell otherwise."""
        self.withheld.add(hidden)
        if await self.history.has_lines(aggregator_id):
            self.remembered[aggregator_id] = hidden

    async def _place_known(self, aggregator_id: str, row: BankAccount) -> None:
        gone = row.deleted_at is not None and row.hidden_at is None
        if gone and row.wanted_at is None and not self._is_added_again(row):
            self._pass_over(aggregator_id, row)
            return
        await self._attach(row, aggregator_id)
        self.placed[aggregator_id] = row

    def _only_deleted(
        self, answer: Recognised, rows: Mapping[UUID, BankAccount]
    ) -> BankAccount | None:
        """One of the deleted accounts that it may be and no other, in a login that was taken over:
        nobody asked for any of them."""
        if not self._is_taken_over or not isinstance(answer, Ask):
            return None
        candidates = [rows[each] for each in answer.candidates]
        stay = all(row.deleted_at and not self._is_added_again(row) for row in candidates)
        return candidates[0] if stay else None

    def _is_added_again(self, row: BankAccount) -> bool:
        """Whether a person added something after this one was deleted: they may mean it."""
        added_at, deleted_at = self.added_at, row.deleted_at
        return added_at is not None and deleted_at is not None and deleted_at <= added_at

    def _pass_over(self, aggregator_id: str, row: BankAccount) -> None:
        """Leave a deleted one away. Its new id is kept of a login that was taken over, and where
        its lines alone told: the next pull has these no more. By it whoever adds accounts later is
        asked about it."""
        is_like = self.digests(aggregator_id).weak in self.known[row.id].weak
        if self._is_taken_over or not is_like:
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
        row.wanted_at = self.uow.now if self.link.resumed else None
        self.reattached.append(row.id)

    async def _place_new(self, aggregator_id: str, answer: Recognised) -> None:
        row = discovered(self.uow, self.link.bank_link_id, self.reported[aggregator_id])
        if await self._was_passed_over(aggregator_id):
            row.wanted_at = self.uow.now
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

    async def _was_passed_over(self, aggregator_id: str) -> bool:
        """Whether an earlier pull read lines of it that nobody took: it left a note of whom it took
        it for."""
        exact = self.digests(aggregator_id).exact
        return self.link.resumed and bool(await exact_keys(self.uow.organization_id, [exact]))
