"""Undoing an exclusion of which lines were erased since with their account."""

from __future__ import annotations

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import NotFound
from counterfoil.reconciliation.models import Act
from counterfoil.reconciliation.undo_obstacles import OF_A_DELETED_ACCOUNT
from counterfoil.reconciliation.undo_steps import Effect, EffectKind
from counterfoil.reconciliation.undoing import NotUndoable
from counterfoil.transactions.models import BankTransaction, Exclusion, RememberedExclusion
from tests.factories import make_ledger_account
from tests.fakes import NOW, line
from tests.reconciliation.acting import excluded, shown, undone
from tests.reconciliation.conftest import Books
from tests.transactions.feeds import Feed
from tests.transactions.test_excluding_again import again, deleting, out_of_review

BACK = Effect(EffectKind.RESTORE, "1 bank line comes back to review.")
ERASED = Effect(
    EffectKind.RESTORE, "1 bank line that was erased is to be reviewed if it comes again."
)


@pytest.fixture
def feed(books: Books) -> Feed:
    return Feed(books)


class TestOfTwoAccounts:
    @pytest.fixture
    async def act(self, feed: Feed) -> Act:
        """The line "1" and one of another account are excluded at once; the first is erased."""
        await feed.apply(line("1"))
        ledger = await make_ledger_account(feed.books.organization)
        other = await feed.books.line(account=await feed.books.tied_account(ledger))
        act = await excluded(feed.books, await feed.row(), other)
        await deleting(feed)
        return act

    async def test_while_one_is_deleted_it_stays(self, feed: Feed, act: Act) -> None:
        await BankAccount.filter(id=feed.books.account.id).update(deleted_at=NOW)
        seen, before = await shown(feed.books, act), await feed.books.written()
        assert (seen.blocked, seen.effects) == (OF_A_DELETED_ACCOUNT, ())
        with pytest.raises(NotUndoable, match="was deleted"):
            await undone(feed.books, act)
        assert await feed.books.written() == before
        assert await RememberedExclusion.all().count() == 1

    @pytest.mark.parametrize("back", [False, True])
    async def test_where_one_is_hidden_it_is_not_found(
        self, feed: Feed, act: Act, back: bool
    ) -> None:
        if back:
            await feed.apply(line("a", description="Line 1"))
            assert await again(feed) == 1
        await BankAccount.filter(id=feed.books.account.id).update(hidden_at=NOW)
        before = await feed.books.written()
        for attempt in (shown, undone):
            with pytest.raises(NotFound):
                await attempt(feed.books, act)
        assert await feed.books.written() == before


class TestOfAnAccountThatCameBack:
    @pytest.fixture
    async def act(self, feed: Feed) -> Act:
        """The lines "1" and "2" are excluded at once, and erased."""
        await feed.apply(line("1"), line("2"))
        act = await excluded(feed.books, await feed.row("1"), await feed.row("2"))
        await deleting(feed)
        return act

    async def test_a_line_that_comes_later_is_free_too(self, feed: Feed, act: Act) -> None:
        await feed.apply(line("a", description="Line 1"))
        assert await again(feed) == 1
        assert (await shown(feed.books, act)).effects == (BACK, ERASED)
        await undone(feed.books, act)
        await feed.apply(line("b", description="Line 2"))
        assert await again(feed) == 0
        assert await out_of_review() == []
        assert not await Exclusion.exists()
        assert await BankTransaction.all().count() == 2

    async def test_before_any_comes_it_is_undone_for_all(self, feed: Feed, act: Act) -> None:
        [effect] = (await shown(feed.books, act)).effects
        assert effect.text.startswith("2 bank lines that were erased are")
        await undone(feed.books, act)
        assert (await Act.get(id=act.id)).undone_at == feed.books.clock.now()
        assert not await RememberedExclusion.exists()
