"""What readers of the feed are told, whatever happens in the bank meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fakebank.bank.ledger import Ledger
from fakebank.bank.records import Account, Description, Line
from fakebank.plaid.feed import Cursor, CursorUnknown, MutatedDuringPagination, PageSets
from fakebank.plaid.items import born
from fakebank.plaid.records import Item

NOW = datetime(2026, 6, 30, tzinfo=UTC)
DAYS = [date(2026, 1, 5), date(2026, 5, 1), date(2026, 6, 20)]  # not asked for, history, recent
STREAM = "item/"


def ledger_with_account() -> Ledger:
    ledger = Ledger()
    ledger.accounts.put(
        Account("a", "login", "Checking", None, "0000", "depository", "checking", "USD")
    )
    return ledger


def item() -> Item:
    return Item(
        "item", "token", "login", "ins", None, ["transactions"], NOW, NOW, NOW,
        initial_from=date(2026, 6, 1), history_from=date(2026, 3, 1), account_ids={"a": 0},
    )  # fmt: skip


class Reader:
    """A client's copy of an Item's lines, kept as Plaid tells clients to keep it."""

    def __init__(self) -> None:
        self.lines: dict[str, Decimal] = {}
        self.cursor = Cursor()
        self._first = Cursor()
        self._staged: list[Callable[[], object]] = []

    def read_page(self, sets: PageSets, ledger: Ledger, of: Item, *, count: int) -> bool:
        """Read one page; on a mutation begin again at the first page. False when all is read."""
        try:
            page = sets.read(
                STREAM, lambda: ledger.lines_of(["a"]), cursor=self.cursor, count=count,
                now=ledger.position, born=lambda line: born(of, line),
            )  # fmt: skip
        except MutatedDuringPagination:
            self.cursor, self._staged = self._first, []
            return True
        for change in page.changes:
            self._stage(change.kind, change.line)
        self.cursor = page.cursor
        if not page.has_more:
            for apply in self._staged:
                apply()
            self._first, self._staged = self.cursor, []
        return page.has_more

    def _stage(self, kind: str, line: Line) -> None:
        line_id, amount = line.line_id, line.amount
        if kind == "removed":
            self._staged.append(lambda: self.lines.pop(line_id, None))
        else:
            self._staged.append(lambda: self.lines.__setitem__(line_id, amount))


class BankAndReaders(RuleBasedStateMachine):
    """Lines come, change, post, go and come back, while two readers read page by page."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = ledger_with_account()
        self.item = item()
        self.item.initial_position = self.ledger.next_position()
        self.sets = PageSets()
        self.readers = [Reader(), Reader()]

    def some(self, n: int, *, living: bool = True) -> Line | None:
        lines = [x for x in self.ledger.lines if (x.removed_position is None) == living]
        return lines[n % len(lines)] if lines else None

    @rule(cents=st.integers(-999, 999), on=st.sampled_from(DAYS), pending=st.booleans())
    def add(self, cents: int, on: date, pending: bool) -> None:
        self.ledger.add(
            "a", amount=Decimal(cents) / 100, description=Description("X"), occurred_on=on,
            posted_on=None if pending else on,
        )  # fmt: skip

    @rule(n=st.integers(0, 50), cents=st.integers(-999, 999))
    def modify(self, n: int, cents: int) -> None:
        if line := self.some(n):
            self.ledger.modify(line.line_id, amount=Decimal(cents) / 100)

    @rule(n=st.integers(0, 50))
    def remove(self, n: int) -> None:
        if line := self.some(n):
            self.ledger.remove(line.line_id)

    @rule(n=st.integers(0, 50))
    def restore(self, n: int) -> None:
        if line := self.some(n, living=False):
            self.ledger.restore(line.line_id)

    @rule(n=st.integers(0, 50))
    def post(self, n: int) -> None:
        line = self.some(n)
        if line is not None and line.pending:
            self.ledger.post(line.line_id, posted_on=line.occurred_on)

    @precondition(lambda self: self.item.historical_position is None)
    @rule()
    def finish_history(self) -> None:
        self.item.historical_position = self.ledger.next_position()

    @rule(n=st.integers(0, 1), count=st.integers(1, 4))
    def read_page(self, n: int, count: int) -> None:
        self.readers[n].read_page(self.sets, self.ledger, self.item, count=count)

    @rule(n=st.integers(0, 1), count=st.integers(1, 4))
    def read_all(self, n: int, count: int) -> None:
        reader = self.readers[n]
        for _ in range(1000):
            if not reader.read_page(self.sets, self.ledger, self.item, count=count):
                break
        # a set that was begun earlier ends where it began; one more brings the rest
        while reader.read_page(self.sets, self.ledger, self.item, count=500):
            pass
        assert reader.lines == self.truth()

    def truth(self) -> dict[str, Decimal]:
        return {
            line.line_id: line.amount
            for line in self.ledger.lines
            if line.removed_position is None and born(self.item, line) is not None
        }

    @invariant()
    def balance_is_the_sum_of_its_lines(self) -> None:
        living = [line for line in self.ledger.lines if line.removed_position is None]
        account = self.ledger.accounts["a"]
        assert account.posted_total == sum(x.amount for x in living if not x.pending)
        assert account.pending_total == sum(x.amount for x in living if x.pending)


TestBankAndReaders = BankAndReaders.TestCase


class TestCursor:
    def test_of_another_stream_is_unknown(self) -> None:
        with pytest.raises(CursorUnknown):
            Cursor.decode(Cursor(5, 9, (7, 7)).encode("one"), "two")

    @pytest.mark.parametrize("text", ["", "x", "AAAA", "é", "=" * 300])
    def test_nonsense_is_unknown(self, text: str) -> None:
        with pytest.raises(CursorUnknown):
            Cursor.decode(text, "one")

    def test_comes_back_as_it_was_and_is_short(self) -> None:
        cursor = Cursor(10**12, 10**12, (10**12, 10**12))
        assert Cursor.decode(cursor.encode("one"), "one") == cursor
        assert len(cursor.encode("one")) <= 256
