"""Whatever people do in the books, and undo: they come to what a plain model of them says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from counterfoil.errors import CounterfoilError
from counterfoil.ledger.balances import balance_at
from counterfoil.ledger.models import EntryState, JournalEntry, JournalLine
from counterfoil.reconciliation.models import Act, Match
from counterfoil.transactions.models import BankTransaction, ReviewItem
from tests.reconciliation.acting import (
    booked,
    cleared_by_hand,
    excluded,
    matched,
    restored,
    reversed_by_hand,
    undone,
)
from tests.reconciliation.bank_changing import accepted, adjusted, reports
from tests.reconciliation.conftest import Books, make_books
from tests.reconciliation.plain_books import Entry, Line, PlainBooks

FOREVER = date(2999, 12, 31)


class NotBooked(CounterfoilError):
    """Of a line that is not booked the bank's version is taken at once: nobody decides."""


class Step(NamedTuple):
    """Something that somebody tries; places are counted round, a part is without its sign."""

    what: str
    one: int
    other: int
    part: int | None


@dataclass
class Tried:
    """The product's books beside the plain ones."""

    books: Books
    plain: PlainBooks = field(default_factory=PlainBooks)
    lines: list[BankTransaction] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    async def begin(self, amounts: Sequence[int]) -> None:
        """The bank reports lines; some of these amounts are in the books already."""
        for place, amount in enumerate(amounts):
            self.plain.lines.append(Line(amount))
            self.lines.append(await self.books.line(amount))
            if place % 2:
                self.plain.entries.append(Entry(amount))
                await self.books.entry(amount)

    async def try_it(self, step: Step) -> None:
        """Both do it, or both refuse."""
        attempt = getattr(self, f"_{step.what}")
        line, entry = step.one % len(self.lines), step.other % len(self.plain.entries)
        refused = None
        try:
            self.acts.append(await attempt(step, line, entry))
        except CounterfoilError as error:
            refused = error
        event(f"{step.what}: {'done' if self.allowed else 'refused'}")
        assert (refused is None) is self.allowed, f"{step}: {refused!r}"

    allowed: bool = False
    """What the plain books said of the last step."""

    async def own_line(self, entry: int) -> JournalLine:
        """The line of an entry on the bank's ledger account."""
        return await JournalLine.get(
            ledger_account_id=self.books.checking.id, journal_entry__number=entry + 1
        )

    async def _book(self, step: Step, line: int, entry: int) -> Act:
        self.allowed = self.plain.book(line)
        return await booked(self.books, self.lines[line])

    async def _match(self, step: Step, line: int, entry: int) -> Act:
        """One with one, in part."""
        given = _signed(step.part, self.plain.lines[line].amount)
        taken = _signed(step.part, self.plain.entries[entry].amount)
        own = await self.own_line(entry)
        self.allowed = self.plain.match({line: given}, {entry: taken})
        bank = self.lines[line] if given is None else (self.lines[line], given)
        return await matched(self.books, [bank], [own if taken is None else (own, taken)])

    async def _group(self, step: Step, line: int, entry: int) -> Act:
        """One with its neighbours, whole."""
        lines = {line, (line + (step.part or 0) // 100) % len(self.lines)}
        entries = {entry, (entry + 1) % len(self.plain.entries)}
        own = [await self.own_line(one) for one in sorted(entries)]
        self.allowed = self.plain.match(
            dict.fromkeys(sorted(lines)), dict.fromkeys(sorted(entries))
        )
        return await matched(self.books, [self.lines[one] for one in sorted(lines)], own)

    async def _exclude(self, step: Step, line: int, entry: int) -> Act:
        self.allowed = self.plain.exclude(line)
        return await excluded(self.books, self.lines[line])

    async def _restore(self, step: Step, line: int, entry: int) -> Act:
        self.allowed = self.plain.restore(line)
        return await restored(self.books, self.lines[line])

    async def _clear(self, step: Step, line: int, entry: int) -> Act:
        part = _signed(step.part, self.plain.entries[entry].amount)
        own = await self.own_line(entry)
        self.allowed = self.plain.clear(entry, part)
        return await cleared_by_hand(self.books, own, part)

    async def _reverse(self, step: Step, line: int, entry: int) -> Act:
        row = await JournalEntry.get(organization_id=self.books.organization.id, number=entry + 1)
        self.allowed = self.plain.reverse(entry)
        return await reversed_by_hand(self.books, row)

    async def _accept(self, step: Step, line: int, entry: int) -> Act:
        return await self._decide(accepted, self.plain.accept, line, step)

    async def _adjust(self, step: Step, line: int, entry: int) -> Act:
        return await self._decide(adjusted, self.plain.adjust, line, step)

    async def _decide(
        self,
        decide: Callable[[Books, ReviewItem], Awaitable[Act]],
        plain: Callable[[int, int], bool],
        line: int,
        step: Step,
    ) -> Act:
        """The bank reports another amount of a booked line, and somebody decides about it."""
        stored = await self.books.reread(self.lines[line])
        more = {None: 0, 100: stored.amount_minor + 100, 200: stored.amount_minor - 200}[step.part]
        self.allowed = plain(line, more)
        if stored.reconciled_minor == 0:
            raise NotBooked
        item = await reports(self.books, stored, amount_minor=more)
        try:
            return await decide(self.books, item)
        except CounterfoilError:
            await ReviewItem.filter(id=item.id).delete()
            await BankTransaction.filter(id=stored.id).update(undecided_at=None)
            raise

    async def _undo(self, step: Step, line: int, entry: int) -> Act:
        """Decisions apart: whether they can be undone is tested with them."""
        number = step.one % len(self.acts) if self.acts else 0
        if not self.acts or self.plain.acts[number].kind == "DECIDE":
            return await self._book(step, line, entry)
        self.allowed = self.plain.undo(number)
        event(f"undo of {self.plain.acts[number].kind}: {self.allowed}")
        return await undone(self.books, self.acts[number])

    async def compare(self) -> None:
        """Both are the same: lines, entries and their numbers, balances, matches, acts."""
        plain = self.plain
        lines = {row.id: row for row in await BankTransaction.filter(**self._own)}
        assert [
            (row.amount_minor, row.reconciled_minor, row.excluded_at is not None)
            for row in (lines[line.id] for line in self.lines)
        ] == [
            (line.amount, plain.reconciled(place), line.excluded_by is not None)
            for place, line in enumerate(plain.lines)
        ]
        entries = await JournalLine.filter(
            ledger_account_id=self.books.checking.id, journal_entry__state=EntryState.POSTED
        ).order_by("journal_entry__number")
        assert [(row.amount_minor, row.cleared_minor) for row in entries] == [
            (entry.amount, plain.cleared(place)) for place, entry in enumerate(plain.entries)
        ]
        numbers = await JournalEntry.filter(**self._own).order_by("number")
        assert [row.number for row in numbers] == [*range(1, len(plain.entries) + 1)]
        total = sum(entry.amount for entry in plain.entries)
        assert await self.balance(self.books.checking.id) == (total, total)
        assert await self.balance(self.books.supplies.id) == (-total, -total)
        assert await Match.filter(sealed=True, **self._own).count() == len(plain.groups)
        acts = {row.id: row for row in await Act.filter(**self._own)}
        assert [acts[act.id].undone_at is not None for act in self.acts] == [
            act.undone for act in plain.acts
        ]
        assert len(acts) == len(plain.acts)

    @property
    def _own(self) -> dict[str, object]:
        return {"organization_id": self.books.organization.id}

    async def balance(self, ledger_account_id: UUID) -> tuple[int, int]:
        found = await balance_at(self.books.viewer, ledger_account_id, FOREVER)
        return found["USD"].amount_minor, found["USD"].base_minor


def _signed(part: int | None, whole: int) -> int | None:
    if part is None:
        return None
    return part if whole > 0 else -part


AMOUNTS = st.sampled_from([-300, -200, -100, 100, 200])
STEPS = st.builds(
    Step,
    what=st.sampled_from(
        [
            "book",
            "match",
            "match",
            "group",
            "exclude",
            "restore",
            "clear",
            "reverse",
            "accept",
            "adjust",
            "undo",
            "undo",
        ]
    ),
    one=st.integers(min_value=0, max_value=15),
    other=st.integers(min_value=0, max_value=15),
    part=st.sampled_from([None, None, 100, 200]),
)


@settings(
    max_examples=settings().max_examples // 10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(
    amounts=[-100, -100],
    steps=[
        Step("clear", 0, 0, None),
        Step("match", 0, 0, None),
        Step("undo", 1, 0, None),
        Step("undo", 0, 0, None),
    ],
)
@example(
    amounts=[-200, -200],
    steps=[
        Step("match", 0, 0, 100),
        Step("reverse", 0, 0, None),
        Step("undo", 1, 0, None),
        Step("match", 0, 0, 100),
        Step("match", 1, 2, 100),
    ],
)
@example(
    amounts=[-300, -300],
    steps=[
        Step("clear", 0, 0, None),
        Step("match", 0, 0, None),
        Step("accept", 0, 0, 100),
        Step("match", 1, 0, 100),
        Step("undo", 1, 0, None),
        Step("adjust", 0, 0, 200),
        Step("adjust", 1, 0, None),
    ],
)
@given(
    amounts=st.lists(AMOUNTS, min_size=2, max_size=5),
    steps=st.lists(STEPS, min_size=8, max_size=24),
)
async def test_the_books_come_to_what_the_plain_ones_say(
    database: str, amounts: list[int], steps: list[Step]
) -> None:
    tried = Tried(await make_books())
    await tried.begin(amounts)
    for step in steps:
        await tried.try_it(step)
        await tried.compare()
