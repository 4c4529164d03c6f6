"""Notes on bank lines."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.ledger.completing import LedgerAccountInactive, LineCurrencyMismatch
from counterfoil.reconciliation.annotating import annotate
from counterfoil.reconciliation.bookable import NotBookable
from counterfoil.reconciliation.coding import CodedToItself, Coding, CodingIncomplete, CodingLine
from counterfoil.reconciliation.models import Act
from counterfoil.transactions.models import BankTransaction, PreparedCoding
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.conftest import Books, make_books


async def noting(
    books: Books, line: BankTransaction, *, viewer: Viewer | None = None, **said: Any
) -> BankTransaction:
    async with books.begin() as uow:
        return await annotate(
            uow,
            viewer or books.viewer,
            bank_transaction_id=line.id,
            expected_revision=said.pop("expected_revision", None),
            **said,
        )


def coding(books: Books, *amounts: int, memo: str | None = None) -> Coding:
    """So much for office supplies, in one line each."""
    lines = [CodingLine(ledger_account_id=books.supplies.id, amount_minor=one) for one in amounts]
    return Coding(lines=lines, memo=memo)


class TestAnnotate:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, books: Books
    ) -> None:
        line, reader = await books.line(), await books.clerk(Right.CODE)
        before = await books.written()
        with pytest.raises(Forbidden):
            await noting(books, line, viewer=reader, comment="Whose is this?")
        assert await books.written() == before

    async def test_another_organizations_line_is_not_found(self, books: Books) -> None:
        with pytest.raises(NotFound):
            await noting(books, await (await make_books()).line(), comment="Whose is this?")

    async def test_a_comment_and_to_check_are_noted(self, books: Books) -> None:
        line = await books.line()
        noted = await noting(books, line, comment=" Whose\nis this? ", to_check=True)
        assert (noted.comment, noted.to_check_at, noted.revision) == ("Whose is this?", NOW, 2)

    async def test_what_is_not_named_stays_and_null_takes_away(self, books: Books) -> None:
        line = await books.line()
        await noting(books, line, comment="Whose is this?", to_check=True)
        kept = await noting(books, line, to_check=False)
        assert (kept.comment, kept.to_check_at) == ("Whose is this?", None)
        gone = await noting(books, line, comment=None)
        assert gone.comment is None

    async def test_the_trail_says_what_was_noted_and_not_its_text(self, books: Books) -> None:
        line = await books.line()
        await noting(books, line, comment="Whose is this?", to_check=True)
        event = await AuditEvent.get()
        assert (event.action, event.object_id) == ("annotateTransaction", line.id)
        assert event.after == {"changed": ["comment", "to_check"]}
        assert await Act.all().count() == 0

    async def test_a_comment_of_more_than_500_characters_is_refused(self, books: Books) -> None:
        line = await books.line()
        assert (await noting(books, line, comment="x" * 500)).comment == "x" * 500
        with pytest.raises(InvalidInput) as refused:
            await noting(books, line, comment="x" * 501)
        assert refused.value.field == ("comment",)

    async def test_a_line_that_changed_since_it_was_read_is_a_conflict(self, books: Books) -> None:
        line = await books.line(revision=2)
        with pytest.raises(Conflict):
            await noting(books, line, comment="Whose is this?", expected_revision=1)


class TestAPreparedCoding:
    @pytest.mark.parametrize("pending", [True, False])
    async def test_it_is_kept_with_the_amount_that_it_is_for(
        self, books: Books, pending: bool
    ) -> None:
        line = await books.line(-1000, pending=pending)
        await noting(books, line, coding=coding(books, -700, -300, memo="Paper"))
        prepared = await PreparedCoding.get(bank_transaction_id=line.id)
        supplies = str(books.supplies.id)
        assert prepared.coding == {
            "memo": "Paper",
            "lines": [
                {"ledger_account_id": supplies, "amount_minor": -700, "memo": None},
                {"ledger_account_id": supplies, "amount_minor": -300, "memo": None},
            ],
        }
        assert (prepared.amount_minor, prepared.actor) == (-1000, books.viewer.actor)
        assert prepared.prepared_at == NOW

    async def test_the_next_one_takes_its_place_and_null_takes_it_away(self, books: Books) -> None:
        line = await books.line(-1000)
        await noting(books, line, coding=coding(books, -1000))
        await noting(books, line, coding=coding(books, -500, -500))
        prepared = await PreparedCoding.get(bank_transaction_id=line.id)
        assert len(prepared.coding["lines"]) == 2
        await noting(books, line, coding=None)
        assert await PreparedCoding.all().count() == 0

    async def test_it_must_add_up_to_the_line(self, books: Books) -> None:
        line = await books.line(-1000)
        with pytest.raises(CodingIncomplete):
            await noting(books, line, coding=coding(books, -999))
        assert await PreparedCoding.all().count() == 0

    @pytest.mark.parametrize("amounts", [(), (-1000, 0), tuple([-10] * 101)])
    async def test_no_lines_too_many_or_one_of_0_are_refused(
        self, books: Books, amounts: tuple[int, ...]
    ) -> None:
        with pytest.raises(InvalidInput):
            await noting(books, await books.line(-1000), coding=coding(books, *amounts))

    async def test_its_accounts_are_looked_at(self, books: Books) -> None:
        line = await books.line(-1000)
        theirs = (await make_books()).supplies
        inactive = await make_ledger_account(books.organization, inactive_at=NOW)
        euros = await make_ledger_account(books.organization, currency="EUR")
        path = ("coding", "lines", "0", "ledger_account_id")
        for account, error in (
            (new_id(), NotFound),
            (theirs.id, NotFound),
            (inactive.id, LedgerAccountInactive),
            (euros.id, LineCurrencyMismatch),
            (books.checking.id, CodedToItself),
        ):
            part = CodingLine(ledger_account_id=account, amount_minor=-1000)
            with pytest.raises(error) as refused:
                await noting(books, line, coding=Coding(lines=[part]))
            assert refused.value.field == path
        assert await PreparedCoding.all().count() == 0

    @pytest.mark.parametrize(
        ("columns", "reason"),
        [({"excluded_at": NOW}, "EXCLUDED"), ({"amount_minor": 0}, "ZERO")],
    )
    async def test_a_line_that_is_not_to_be_booked_takes_none(
        self, books: Books, columns: dict[str, Any], reason: str
    ) -> None:
        line = await books.line(**{"amount_minor": -1000, **columns})
        with pytest.raises(NotBookable) as refused:
            await noting(books, line, coding=coding(books, -1000))
        assert (refused.value.reason, refused.value.field) == (reason, ("coding",))
