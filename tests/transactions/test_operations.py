"""Applying pages to rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import (
    ChangesPage,
    Completeness,
    RemovedTransaction,
    TransactionSnapshot,
)
from counterfoil.kit.ids import new_id
from counterfoil.transactions.models import BankTransaction, PreparedCoding
from counterfoil.transactions.operations import (
    Applied,
    apply_pages,
    pair_unnamed_postings,
)
from counterfoil.unit_of_work import ChangeHead, Transactions
from tests.factories import make_account, make_link, make_organization
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue, line


@dataclass
class Feed:
    """One account that takes lines."""

    transactions: Transactions
    clock: FixedClock
    account: BankAccount
    bank_link_id: UUID

    async def apply(
        self, *added: TransactionSnapshot, removed: tuple[str, ...] = (), pages: int = 1
    ) -> Applied:
        """One refresh that brings these lines in one transaction, in so many batches."""
        refresh_id, total = new_id(), Applied()
        everything: list[TransactionSnapshot | str] = [*removed, *added]
        size = -(-len(everything) // pages) or 1
        async with self.transactions.begin(self.account.organization_id) as uow:
            for start in range(0, len(everything), size):
                total += await apply_pages(
                    uow,
                    [_page(everything[start : start + size])],
                    targets={"checking": self.account.id},
                    bank_link_id=self.bank_link_id,
                    refresh_id=refresh_id,
                )
            total += await pair_unnamed_postings(
                uow, bank_link_id=self.bank_link_id, refresh_id=refresh_id
            )
        return total

    async def rows(self) -> dict[str, BankTransaction]:
        rows = await BankTransaction.filter(bank_account_id=self.account.id, removed_at=None)
        return {row.aggregator_id: row for row in rows}


def _page(entries: list[TransactionSnapshot | str]) -> ChangesPage:
    return ChangesPage(
        [entry for entry in entries if isinstance(entry, TransactionSnapshot)],
        [],
        [RemovedTransaction(entry, None) for entry in entries if isinstance(entry, str)],
        "cursor",
        False,
        Completeness.COMPLETE,
    )


@pytest.fixture
async def feed(database: str) -> Feed:
    clock = FixedClock()
    link = await make_link(await make_organization())
    account = await make_account(link, aggregator_id="checking")
    return Feed(Transactions(clock, RecordingBell(), RecordingQueue()), clock, account, link.id)


class TestApplyPages:
    async def test_lines_of_accounts_without_a_feed_are_dropped(self, feed: Feed) -> None:
        assert await feed.apply(line("1", account_id="hidden")) == Applied()
        assert await feed.rows() == {}

    async def test_a_new_line_is_stored_as_it_was_reported(self, feed: Feed) -> None:
        reported = line(
            "1",
            occurred_on=date(2026, 3, 7),
            amount_minor=-(2**53) - 1,
            bank_description="POS 1234",
            counterparty="Elm Street Coffee",
            check_number="1001",
            category="FOOD",
        )
        assert await feed.apply(reported) == Applied(added=1)
        [row] = await BankTransaction.all()
        for name in (
            "aggregator_id",
            "pending",
            "dated_on",
            "occurred_on",
            "amount_minor",
            "currency",
            "description",
            "bank_description",
            "counterparty",
            "check_number",
            "category",
        ):
            assert getattr(row, name) == getattr(reported, name), name
        assert (row.raw_hash, row.exponent) == (reported.raw_hash.hex(), 2)
        assert (row.reconciled_minor, row.revision, row.change_position) == (0, 1, 1)
        assert row.changed_at == NOW
        assert row.first_refresh_id == row.last_refresh_id

    async def test_the_same_again_changes_nothing_and_takes_no_position(self, feed: Feed) -> None:
        await feed.apply(line("1"))
        before = await BankTransaction.all().values()
        feed.clock.advance(timedelta(days=1))
        assert await feed.apply(line("1")) == Applied()
        assert await BankTransaction.all().values() == before
        assert (await ChangeHead.get()).position == 1

    async def test_other_facts_change_the_row_in_place(self, feed: Feed) -> None:
        await feed.apply(line("1"), line("2"))
        before = await feed.rows()
        feed.clock.advance(timedelta(days=1))
        assert await feed.apply(line("1", amount_minor=-9, description="Corrected")) == Applied(
            modified=1
        )
        after = await feed.rows()
        assert after["1"].id == before["1"].id
        assert (after["1"].amount_minor, after["1"].description) == (-9, "Corrected")
        assert (after["1"].revision, after["1"].change_position) == (2, 2)
        assert after["1"].changed_at == feed.clock.now()
        assert (after["2"].revision, after["2"].change_position) == (1, 1)

    async def test_a_withdrawn_line_stays_as_such(self, feed: Feed) -> None:
        await feed.apply(line("1"))
        assert await feed.apply(removed=("1",)) == Applied(removed=1)
        [row] = await BankTransaction.all()
        assert (row.removed_at, row.revision, row.change_position) == (NOW, 2, 2)

    async def test_withdrawing_twice_or_what_is_not_there_counts_nothing(self, feed: Feed) -> None:
        await feed.apply(line("1"))
        await feed.apply(removed=("1",))
        assert await feed.apply(removed=("1", "2")) == Applied()
        [row] = await BankTransaction.all()
        assert row.revision == 2

    async def test_a_line_that_comes_back_is_its_old_row(self, feed: Feed) -> None:
        await feed.apply(line("1"))
        [before] = await BankTransaction.all()
        await feed.apply(removed=("1",))
        assert await feed.apply(line("1")) == Applied(added=1)
        [after] = await BankTransaction.all()
        assert after.id == before.id
        assert not after.removed_at

    async def test_the_lines_of_another_login_are_left_alone(self, feed: Feed) -> None:
        other = await make_link(await make_organization())
        theirs = await make_account(other, aggregator_id="checking")
        await BankTransaction.create(
            organization_id=other.organization_id,
            bank_account_id=theirs.id,
            aggregator_id="1",
            pending=False,
            dated_on=date(2026, 3, 1),
            amount_minor=1,
            currency="USD",
            exponent=2,
            description="Theirs",
            raw_hash="f" * 32,
            first_refresh_id=new_id(),
            last_refresh_id=new_id(),
            changed_at=NOW,
            change_position=1,
        )
        assert await feed.apply(line("1")) == Applied(added=1)
        assert await feed.apply(removed=("1",)) == Applied(removed=1)
        row = await BankTransaction.get(bank_account_id=theirs.id)
        assert (row.description, row.revision, row.removed_at) == ("Theirs", 1, None)


@pytest.mark.parametrize("pages", [1, 2])
class TestAPendingLinePosts:
    async def test_named_by_the_bank_it_keeps_its_row(self, feed: Feed, pages: int) -> None:
        await feed.apply(line("p", pending=True))
        before = (await feed.rows())["p"]
        posted = line("q", pending_id="p", amount_minor=-1500)
        applied = await feed.apply(posted, removed=("p",), pages=pages)
        [after] = await BankTransaction.all()
        assert after.id == before.id
        assert (after.aggregator_id, after.pending, after.amount_minor) == ("q", False, -1500)
        assert not after.removed_at
        assert applied == (Applied(0, 1, 0) if pages == 1 else Applied(1, 0, 1))

    async def test_not_named_but_the_only_one_it_keeps_its_row(
        self, feed: Feed, pages: int
    ) -> None:
        await feed.apply(line("p", pending=True), line("other", pending=True, amount_minor=-7))
        before = (await feed.rows())["p"]
        applied = await feed.apply(line("q"), removed=("p",), pages=pages)
        assert applied == Applied(modified=1)
        after = await feed.rows()
        assert set(after) == {"q", "other"}
        assert (after["q"].id, after["q"].pending) == (before.id, False)
        assert await BankTransaction.all().count() == 2

    @pytest.mark.parametrize("named", [True, False])
    async def test_what_people_noted_stays_on_the_row(
        self, feed: Feed, pages: int, named: bool
    ) -> None:
        await feed.apply(line("p", pending=True))
        before = (await feed.rows())["p"]
        await BankTransaction.filter(id=before.id).update(comment="Ask Bo", to_check_at=NOW)
        await PreparedCoding.create(
            bank_transaction_id=before.id,
            amount_minor=before.amount_minor,
            coding={"memo": None, "lines": []},
            actor="USER:",
            prepared_at=NOW,
        )
        await feed.apply(line("q", pending_id="p" if named else None), removed=("p",), pages=pages)
        [after] = await BankTransaction.all()
        assert (after.id, after.pending, after.aggregator_id) == (before.id, False, "q")
        assert (after.comment, after.to_check_at) == ("Ask Bo", NOW)
        kept = await PreparedCoding.get()
        assert (kept.bank_transaction_id, kept.amount_minor) == (before.id, before.amount_minor)

    async def test_not_named_and_ambiguous_it_is_another_row(self, feed: Feed, pages: int) -> None:
        await feed.apply(line("p1", pending=True), line("p2", pending=True))
        applied = await feed.apply(line("q"), removed=("p1", "p2"), pages=pages)
        assert applied == Applied(1, 0, 2)
        assert set(await feed.rows()) == {"q"}
        assert await BankTransaction.all().count() == 3

    async def test_with_another_amount_and_not_named_it_is_another_row(
        self, feed: Feed, pages: int
    ) -> None:
        await feed.apply(line("p", pending=True))
        applied = await feed.apply(line("q", amount_minor=-1235), removed=("p",), pages=pages)
        assert applied == Applied(1, 0, 1)

    async def test_a_hold_that_only_vanishes_is_withdrawn(self, feed: Feed, pages: int) -> None:
        await feed.apply(line("p", pending=True))
        assert await feed.apply(removed=("p",), pages=pages) == Applied(removed=1)
        assert await feed.rows() == {}
