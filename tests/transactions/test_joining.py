"""Two accounts that turn out to be one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.transactions.erasing import erase
from counterfoil.transactions.joining import join_lines
from counterfoil.transactions.models import BankTransaction, Exclusion, PreparedCoding, ReviewKind
from tests.api.asking import statements
from tests.factories import make_account, make_line, make_link
from tests.fakes import NOW, line
from tests.reconciliation.conftest import make_books
from tests.transactions.feeds import Feed, many


@dataclass
class Double:
    """A deleted account whose line "1" is booked, and the account that was made instead of it."""

    feed: Feed
    newer: BankAccount

    async def line(self, aggregator_id: str, **values: Any) -> BankTransaction:
        """A line of the newer account."""
        return await make_line(self.newer, aggregator_id=aggregator_id, **values)

    async def join(self) -> dict[str, BankTransaction]:
        """Join them; what is there then, by the aggregator's ids."""
        feed, link_id = self.feed, self.newer.bank_link_id
        assert link_id is not None
        await BankAccount.filter(id=self.newer.id).update(bank_link_id=None)
        await BankAccount.filter(id=feed.books.account.id).update(bank_link_id=link_id)
        async with feed.books.begin() as uow:
            await join_lines(
                uow,
                newer_id=self.newer.id,
                older_id=feed.books.account.id,
                bank_link_id=link_id,
            )
        rows = await BankTransaction.filter(removed_at=None)
        assert {row.bank_account_id for row in rows} <= {feed.books.account.id}
        return {row.aggregator_id: row for row in rows}


@pytest.fixture
async def double(database: str) -> Double:
    feed = Feed(await make_books())
    await feed.apply(line("1", description="Paper"))
    await feed.book()
    async with feed.books.begin() as uow:
        await erase(uow, bank_account_ids=[feed.books.account.id], key=bytes(32))
    return Double(feed, await make_account(await make_link(feed.books.organization)))


class TestJoinLines:
    async def test_lines_that_only_the_newer_one_has_move(self, double: Double) -> None:
        before = await double.line("a", amount_minor=-9)
        after = (await double.join())["a"]
        assert (after.id, after.amount_minor) == (before.id, -9)
        assert (after.revision, after.binding_revision) == (2, 2)
        assert after.change_position > before.change_position

    async def test_a_line_that_the_older_one_has_goes_on_there(self, double: Double) -> None:
        before = await double.feed.row()
        newer = await double.line("a", description="PAPER")
        after = await double.join()
        assert after.keys() == {"a"}
        row = after["a"]
        assert (row.id, row.reconciled_minor, row.description) == (before.id, -1234, "PAPER")
        assert (row.adrift_at, row.undecided_at) == (None, None)
        assert not await BankTransaction.filter(id=newer.id).exists()

    async def test_nothing_stays_with_the_newer_one(self, double: Double) -> None:
        await double.line("a", description="Paper", comment="Ask Bo")
        await double.line("b", amount_minor=-9)
        await double.line("gone", removed_at=NOW)
        assert (await double.join()).keys() == {"a", "b"}
        assert await BankTransaction.filter(bank_account_id=double.newer.id).count() == 0
        assert await BankTransaction.all().count() == 2

    async def test_what_differs_from_what_is_booked_is_asked(self, double: Double) -> None:
        await double.line("a", dated_on=date(2026, 3, 10))
        row = (await double.join())["a"]
        [item] = await double.feed.items()
        assert (row.dated_on, item.kind) == (date(2026, 3, 9), ReviewKind.CHANGED)

    async def test_notes_go_with_the_line(self, double: Double) -> None:
        newer = await double.line("a", description="Paper", comment="Ask Bo", to_check_at=NOW)
        await PreparedCoding.create(
            bank_transaction_id=newer.id, amount_minor=-1, coding={}, actor="x", prepared_at=NOW
        )
        row = (await double.join())["a"]
        assert (row.comment, row.to_check_at) == ("Ask Bo", NOW)
        assert (await PreparedCoding.get()).bank_transaction_id == row.id

    async def test_an_exclusion_goes_with_a_line_that_moves(self, double: Double) -> None:
        newer = await double.line("a", amount_minor=-9, excluded_at=NOW)
        await Exclusion.create(
            bank_transaction_id=newer.id,
            reason="x",
            actor="x",
            act_id=newer.id,
            excluded_at=NOW,
        )
        row = (await double.join())["a"]
        assert row.excluded_at == NOW
        assert (await Exclusion.get()).bank_transaction_id == row.id

    async def test_what_the_newer_one_has_not_waits_for_the_next_pull(self, double: Double) -> None:
        await double.line("a", amount_minor=-9)
        row = (await double.join())["1"]
        assert row.adrift_at == double.feed.books.clock.now()
        assert await double.feed.items() == []

    async def test_a_withdrawn_row_of_the_same_id_is_not_in_the_way(self, double: Double) -> None:
        await make_line(double.feed.books.account, aggregator_id="a", removed_at=NOW)
        newer = await double.line("a", amount_minor=-9)
        assert (await double.join())["a"].id == newer.id

    async def test_a_long_history_joins_in_as_many_statements_as_a_short_one(
        self, double: Double
    ) -> None:
        async def counted(lines: int) -> int:
            await BankTransaction.filter(reconciled_minor=0).delete()
            double.newer = await make_account(await make_link(double.feed.books.organization))
            await many(double.feed.books.account, lines, called="old-")
            await many(double.newer, lines, called="new-")
            await double.line("another", amount_minor=-99_999)
            with statements() as seen:
                assert len(await double.join()) == lines + 2
            return len(seen)

        assert await counted(1_200) == await counted(2)
