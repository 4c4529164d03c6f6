"""Answering whether a new account is one that was here before: then the two become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from counterfoil.accounts.models import (
    AccountKey,
    AccountQuestion,
    BankAccount,
    FeedState,
    KeyKind,
)
from counterfoil.accounts.questions import (
    FormerAccountBack,
    QuestionAnswered,
    QuestionBooked,
    answer,
)
from counterfoil.audit.models import AuditEvent
from counterfoil.errors import NotFound
from counterfoil.kit.ids import new_id
from counterfoil.links.models import BankLink
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Change, ChangeKind, Transactions
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import (
    make_account,
    make_ledger_account,
    make_link,
    make_organization,
    make_viewer,
)
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue
from tests.reconciliation.acting import booked
from tests.reconciliation.conftest import Books, make_books


@dataclass
class Desk:
    """A deleted account, a new one that may be it, and a person who can tell."""

    transactions: Transactions
    viewer: Viewer
    link: BankLink
    former: BankAccount
    new: BankAccount
    question: AccountQuestion

    async def answer(
        self, same_as: UUID | None, *, viewer: Viewer | None = None, question_id: UUID | None = None
    ) -> AccountQuestion:
        who = viewer or self.viewer
        async with self.transactions.begin(who.organization_id) as uow:
            return await answer(
                uow,
                who,
                question_id=question_id or self.question.id,
                same_as=same_as,
                key=bytes(32),
            )

    async def same(self) -> AccountQuestion:
        return await self.answer(self.former.id)

    async def rows(self) -> list[dict[str, Any]]:
        accounts = await BankAccount.all().order_by("id").values()
        return [*accounts, *await AccountQuestion.all().values()]


@pytest.fixture
async def desk(database: str) -> Desk:
    organization = await make_organization()
    link = await make_link(organization)
    former = await make_account(
        link, name="Rent", renamed_at=NOW, memo="Two signatures", deleted_at=NOW
    )
    await BankAccount.filter(id=former.id).update(bank_link_id=None, aggregator_id=None)
    new = await make_account(link, aggregator_id="new", name="Checking", current_minor=777)
    question = await AccountQuestion.create(
        organization_id=organization.id,
        bank_account_id=new.id,
        candidates=[str(former.id)],
        raised_at=NOW,
    )
    transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
    return Desk(transactions, await make_viewer(organization), link, former, new, question)


class TestRefusals:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(self, desk: Desk) -> None:
        before = await desk.rows()
        reader = Viewer(
            desk.viewer.organization_id, desk.viewer.actor_kind, new_id(), frozenset({Right.READ})
        )
        for same_as in (None, desk.former.id):
            with pytest.raises(Forbidden, match="“banks”"):
                await desk.answer(same_as, viewer=reader)
        assert await desk.rows() == before
        assert await AuditEvent.all().count() == 0

    async def test_foreign_and_absent_questions_are_not_found(self, desk: Desk) -> None:
        before = await desk.rows()
        with pytest.raises(NotFound):
            await desk.answer(None, viewer=await make_viewer(await make_organization()))
        with pytest.raises(NotFound):
            await desk.answer(None, question_id=new_id())
        assert await desk.rows() == before

    @pytest.mark.parametrize("column", ["hidden_at", "deleted_at"])
    async def test_one_about_an_account_that_is_gone_is_not_found(
        self, desk: Desk, column: str
    ) -> None:
        await BankAccount.filter(id=desk.new.id).update(**{column: NOW})
        before = await desk.rows()
        with pytest.raises(NotFound) as refused:
            await desk.same()
        assert refused.value.field == ("question_id",)
        assert await desk.rows() == before

    async def test_what_is_no_candidate_or_hidden_is_not_found(self, desk: Desk) -> None:
        other = await make_account(desk.link, deleted_at=NOW)
        await BankAccount.filter(id=desk.former.id).update(hidden_at=NOW)
        before = await desk.rows()
        for same_as in (other.id, desk.former.id, desk.new.id, new_id()):
            with pytest.raises(NotFound) as refused:
                await desk.answer(same_as)
            assert refused.value.field == ("same_as",)
        assert await desk.rows() == before

    async def test_one_that_came_back_since_says_so(self, desk: Desk) -> None:
        await BankAccount.filter(id=desk.former.id).update(
            bank_link_id=desk.link.id, aggregator_id="other", deleted_at=None
        )
        with pytest.raises(FormerAccountBack, match="“Rent” is back"):
            await desk.same()

    async def test_with_a_ledger_account_too(self, desk: Desk) -> None:
        ledger = await make_ledger_account(await make_organization())
        await BankAccount.filter(id=desk.new.id).update(ledger_account_id=ledger.id)
        with pytest.raises(QuestionBooked):
            await desk.same()

    async def test_another_answer_afterwards_is_refused(self, desk: Desk) -> None:
        await desk.answer(None)
        with pytest.raises(QuestionAnswered):
            await desk.same()
        assert (await BankAccount.get(id=desk.former.id)).deleted_at == NOW


class TestNoneOfThem:
    async def test_leaves_both_as_they_are(self, desk: Desk) -> None:
        accounts = await BankAccount.all().order_by("id").values()
        answered = await desk.answer(None)
        assert (answered.answered_at, answered.answer_id) == (NOW, None)
        assert (answered.actor, answered.revision) == (desk.viewer.actor, 2)
        assert await BankAccount.all().order_by("id").values() == accounts

    async def test_the_same_answer_again_changes_nothing(self, desk: Desk) -> None:
        await desk.answer(None)
        await desk.answer(None)
        assert await AuditEvent.all().count() == 1


class TestTheSame:
    async def test_the_one_that_was_here_before_lives_on(self, desk: Desk) -> None:
        await desk.same()
        after = await BankAccount.get(id=desk.former.id)
        assert (after.name, after.memo, after.deleted_at) == ("Rent", "Two signatures", None)
        assert (after.bank_link_id, after.aggregator_id) == (desk.link.id, "new")
        assert (after.current_minor, after.bank_name) == (777, "Operating")

    async def test_the_new_one_is_absorbed(self, desk: Desk) -> None:
        await desk.same()
        after = await BankAccount.get(id=desk.new.id)
        assert (after.deleted_at, after.absorbed_by_id) == (NOW, desk.former.id)
        assert (after.bank_link_id, after.aggregator_id) == (None, None)
        told = {row.object_id: row.kind for row in await Change.filter(type="BANK_ACCOUNT")}
        assert told == {
            desk.former.id: ChangeKind.UPSERTED,
            desk.new.id: ChangeKind.GONE,
        }

    async def test_what_was_absorbed_before_leads_to_it_at_once(self, desk: Desk) -> None:
        earlier = await make_account(desk.link, deleted_at=NOW, absorbed_by_id=desk.new.id)
        await desk.same()
        assert (await BankAccount.get(id=earlier.id)).absorbed_by_id == desk.former.id

    async def test_it_is_recognised_by_the_keys_of_both(self, desk: Desk) -> None:
        for account, digest in ((desk.former, "a"), (desk.new, "a"), (desk.new, "b")):
            await AccountKey.create(
                organization_id=desk.viewer.organization_id,
                bank_account_id=account.id,
                kind=KeyKind.WEAK,
                digest=digest * 64,
                seen_at=NOW,
            )
        await desk.same()
        keys = await AccountKey.all().order_by("digest")
        assert [(key.bank_account_id, key.digest[0]) for key in keys] == [
            (desk.former.id, "a"),
            (desk.former.id, "b"),
        ]

    async def test_by_one_that_only_may_have_been_its_own_too(self, desk: Desk) -> None:
        for account, kind in ((desk.former, KeyKind.MAYBE), (desk.new, KeyKind.EXACT)):
            await AccountKey.create(
                organization_id=desk.viewer.organization_id,
                bank_account_id=account.id,
                kind=kind,
                digest="withheld",
                seen_at=NOW,
            )
        await desk.same()
        keys = await AccountKey.filter(bank_account_id=desk.former.id, digest="withheld")
        assert {key.kind for key in keys} == {KeyKind.EXACT, KeyKind.MAYBE}

    async def test_its_ledger_account_comes_back_where_it_is_free(self, desk: Desk) -> None:
        organization = await make_organization()
        ledger = await make_ledger_account(organization, number="1010")
        await BankAccount.filter(id=desk.former.id).update(ledger_account_id=ledger.id)
        await desk.same()
        assert (await BankAccount.get(id=desk.former.id)).ledger_account_id == ledger.id

    async def test_the_same_answer_again_changes_nothing(self, desk: Desk) -> None:
        await desk.same()
        before = await desk.rows()
        await desk.same()
        assert await desk.rows() == before
        assert await AuditEvent.all().count() == 1

    async def test_one_that_its_login_still_has_but_no_longer_hands_over_is_taken(
        self, desk: Desk
    ) -> None:
        await BankAccount.filter(id=desk.former.id).update(
            bank_link_id=desk.link.id,
            aggregator_id="before",
            deleted_at=None,
            feed_state=FeedState.ACCESS_LOST,
        )
        await desk.same()
        former = await BankAccount.get(id=desk.former.id)
        assert (former.bank_link_id, former.aggregator_id) == (desk.link.id, "new")
        assert (former.feed_state, former.current_minor) == (FeedState.OPEN, 777)
        assert (await BankAccount.get(id=desk.new.id)).absorbed_by_id == former.id


class TestTheLines:
    @pytest.fixture
    async def books(self, database: str) -> Books:
        """Books whose account has a booked line, and was then deleted."""
        books = await make_books()
        await booked(books, await books.line(aggregator_id="old"))
        await BankAccount.filter(id=books.account.id).update(
            bank_link_id=None, aggregator_id=None, deleted_at=NOW
        )
        return books

    async def new(self, books: Books, **values: Any) -> tuple[BankAccount, AccountQuestion]:
        new = await make_account(books.link, name="Checking", **values)
        question = await AccountQuestion.create(
            organization_id=books.organization.id,
            bank_account_id=new.id,
            candidates=[str(books.account.id)],
            raised_at=NOW,
        )
        return new, question

    async def same(self, books: Books, question: AccountQuestion) -> None:
        async with books.begin() as uow:
            await answer(
                uow,
                books.viewer,
                question_id=question.id,
                same_as=books.account.id,
                key=bytes(32),
            )

    async def test_they_come_over_and_the_reconciled_one_stays_so(self, books: Books) -> None:
        new, question = await self.new(books)
        await books.line(account=new, aggregator_id="n1")
        await books.line(-99, account=new, aggregator_id="n2")
        await self.same(books, question)
        lines = {
            row.aggregator_id: row.reconciled_minor
            for row in await BankTransaction.filter(
                bank_account_id=books.account.id, removed_at=None
            )
        }
        assert lines == {"n1": -1234, "n2": 0}
        kept = BankTransaction.filter(bank_account_id=new.id, removed_at=None)
        assert await kept.count() == 0

    async def test_with_a_booked_line_the_new_one_stays_as_it_is(self, books: Books) -> None:
        ledger = await make_ledger_account(books.organization)
        new = await books.tied_account(ledger, name="Checking")
        await booked(books, await books.line(-50, account=new))
        await BankAccount.filter(id=new.id).update(ledger_account_id=None, start_on=None)
        question = await AccountQuestion.create(
            organization_id=books.organization.id,
            bank_account_id=new.id,
            candidates=[str(books.account.id)],
            raised_at=NOW,
        )
        with pytest.raises(QuestionBooked, match="“Checking”"):
            await self.same(books, question)
        assert (await BankAccount.get(id=new.id)).absorbed_by_id is None
        assert (await BankAccount.get(id=books.account.id)).deleted_at == NOW
