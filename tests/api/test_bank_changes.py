"""Deciding about booked lines that the bank changed, as clients ask for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from counterfoil.api import ids
from counterfoil.transactions.deciding import Resolution
from counterfoil.transactions.models import BankTransaction, ReviewItem
from counterfoil.viewer import Right
from tests.api.asking import ask
from tests.api.bookkeeping import acted, ledger_id, line_id, refused
from tests.reconciliation.acting import booked
from tests.reconciliation.bank_changing import accepted, reports
from tests.reconciliation.conftest import Books, books, make_books

__all__ = ["books"]

_LIST = """query($first: Int, $after: Cursor, $open: Boolean) {
  reviewItems(first: $first, after: $after, open: $open) {
    totalCount
    nodes {
      id kind reportedOn reportedAmount { amount } difference { amount currency }
      resolution resolvedAt reason
      bankTransaction { id state bankAccount { name } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""


def item_id(item: ReviewItem) -> str:
    return ids.encode("ReviewItem", item.id)


async def changed(books: Books, **reported: Any) -> tuple[BankTransaction, dict[str, Any]]:
    """A booked line of 100.00 out that the bank changed, and which one is meant."""
    line = await books.line(-10000)
    await booked(books, line)
    item = await reports(books, line, **reported)
    return line, _of(await books.reread(line), item)


def _of(line: BankTransaction, item: ReviewItem) -> dict[str, Any]:
    return {"reviewItemId": item_id(item), "expectedRevision": line.revision}


class TestEachChoice:
    async def _rest(self, books: Books, mutation: str) -> dict[str, Any]:
        if mutation == "adjustBankChange":
            return {"ledgerAccountId": ledger_id(books.sales)}
        if mutation == "markDuplicate":
            return {"bankTransactionId": line_id(await books.line(-10000))}
        return {}

    @pytest.mark.parametrize(
        "mutation", ["acceptBankChange", "adjustBankChange", "rebookBankChange", "markDuplicate"]
    )
    async def test_without_the_right_nothing_changes(self, books: Books, mutation: str) -> None:
        _, which = await changed(books, amount_minor=-12000)
        rest, reader = await self._rest(books, mutation), await books.clerk(Right.CODE)
        error = await refused(books, mutation, viewer=reader, **which, **rest)
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CODE")

    @pytest.mark.parametrize(
        "mutation", ["acceptBankChange", "adjustBankChange", "rebookBankChange", "markDuplicate"]
    )
    async def test_another_organizations_is_not_found(self, books: Books, mutation: str) -> None:
        _, which = await changed(await make_books(), amount_minor=-12000)
        rest = await self._rest(books, mutation)
        error = await refused(books, mutation, **which, **rest)
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["reviewItemId"])

    @pytest.mark.parametrize(
        "mutation", ["acceptBankChange", "adjustBankChange", "rebookBankChange", "markDuplicate"]
    )
    async def test_a_line_that_changed_meanwhile_is_a_conflict(
        self, books: Books, mutation: str
    ) -> None:
        _, which = await changed(books, amount_minor=-12000)
        which["expectedRevision"] -= 1
        rest = await self._rest(books, mutation)
        error = await refused(books, mutation, **which, **rest)
        assert (error["code"], error["current"]["revision"]) == (
            "CONFLICT",
            which["expectedRevision"] + 1,
        )

    @pytest.mark.parametrize(
        "mutation", ["acceptBankChange", "adjustBankChange", "rebookBankChange", "markDuplicate"]
    )
    async def test_repeated_it_is_answered_with_the_same_act(
        self, books: Books, mutation: str
    ) -> None:
        _, which = await changed(books, amount_minor=-12000)
        given = {**which, **await self._rest(books, mutation)}
        first, again = [await acted(books, mutation, **given) for _ in range(2)]
        assert (first["errors"], first["replayed"], again["replayed"]) == ([], False, True)
        assert again["act"] == first["act"]
        assert first["act"]["kind"] == "DECIDE"


class TestAcceptBankChange:
    async def test_the_rest_is_to_review(self, books: Books) -> None:
        line, which = await changed(books, amount_minor=-12000)
        payload = await acted(books, "acceptBankChange", **which)
        assert [(one["id"], one["state"]) for one in payload["bankTransactions"]] == [
            (line_id(line), "REVIEW")
        ]
        assert payload["journalEntry"] is None

    async def test_a_withdrawn_line_is_gone(self, books: Books) -> None:
        _, which = await changed(books)
        payload = await acted(books, "acceptBankChange", **which)
        assert (payload["errors"], payload["bankTransactions"]) == ([], [])


class TestAdjustBankChange:
    async def test_the_difference_is_an_entry(self, books: Books) -> None:
        _, which = await changed(books, amount_minor=-12000)
        account = ledger_id(books.sales)
        payload = await acted(books, "adjustBankChange", **which, ledgerAccountId=account)
        assert payload["bankTransactions"][0]["state"] == "RECONCILED"
        assert payload["journalEntry"] == {
            "number": "2026-0002",
            "memo": "Changed by the bank: Elm Street Coffee",
            "lines": [
                {
                    "amount": {"amount": "-20.00", "currency": "USD"},
                    "ledgerAccount": {"name": "Operating Account"},
                },
                {
                    "amount": {"amount": "20.00", "currency": "USD"},
                    "ledgerAccount": {"name": "Sales"},
                },
            ],
        }

    async def test_a_date_alone_is_refused_at_its_field(self, books: Books) -> None:
        _, which = await changed(books, dated_on="2026-03-12")
        account = ledger_id(books.sales)
        error = await refused(books, "adjustBankChange", **which, ledgerAccountId=account)
        assert (error["code"], error["field"]) == ("INVALID_INPUT", ["reviewItemId"])


class TestRebookBankChange:
    async def test_as_before(self, books: Books) -> None:
        _, which = await changed(books, amount_minor=-12000)
        payload = await acted(books, "rebookBankChange", **which, memo="With the tip")
        entry = payload["journalEntry"]
        assert (entry["number"], entry["memo"]) == ("2026-0003", "With the tip")
        assert entry["lines"][1] == {
            "amount": {"amount": "120.00", "currency": "USD"},
            "ledgerAccount": {"name": "Office Supplies"},
        }

    async def test_on_other_accounts(self, books: Books) -> None:
        _, which = await changed(books, amount_minor=-12000)
        lines = [
            {"ledgerAccountId": ledger_id(books.supplies), "amount": "-100.00"},
            {"ledgerAccountId": ledger_id(books.sales), "amount": "-20.00", "memo": "Tip"},
        ]
        payload = await acted(books, "rebookBankChange", **which, lines=lines)
        accounts = [line["ledgerAccount"]["name"] for line in payload["journalEntry"]["lines"]]
        assert accounts == ["Operating Account", "Office Supplies", "Sales"]

    async def test_what_is_left_over_names_the_lines(self, books: Books) -> None:
        _, which = await changed(books, amount_minor=-12000)
        lines = [{"ledgerAccountId": ledger_id(books.supplies), "amount": "-100.00"}]
        error = await refused(books, "rebookBankChange", **which, lines=lines)
        assert (error["code"], error["field"]) == ("JOURNAL_ENTRY_UNBALANCED", ["lines"])

    async def test_a_withdrawn_line_is_only_reversed(self, books: Books) -> None:
        _, which = await changed(books)
        payload = await acted(books, "rebookBankChange", **which)
        assert payload["journalEntry"]["number"] == "2026-0002"


class TestMarkDuplicate:
    async def test_the_other_line_is_reconciled(self, books: Books) -> None:
        line, which = await changed(books, amount_minor=-12000)
        heir = await books.line(-10000)
        payload = await acted(books, "markDuplicate", **which, bankTransactionId=line_id(heir))
        states = {one["id"]: one["state"] for one in payload["bankTransactions"]}
        assert states == {line_id(heir): "RECONCILED", line_id(line): "EXCLUDED"}

    async def test_not_itself(self, books: Books) -> None:
        line, which = await changed(books, amount_minor=-12000)
        error = await refused(books, "markDuplicate", **which, bankTransactionId=line_id(line))
        assert (error["code"], error["field"]) == ("INVALID_INPUT", ["bankTransactionId"])


class TestReviewItems:
    async def test_without_the_right_to_read_there_is_no_list(self, books: Books) -> None:
        await changed(books, amount_minor=-12000)
        blind = await books.clerk(Right.READ)
        with pytest.raises(Exception, match="read"):
            await ask(blind, _LIST)

    async def test_open_ones_of_all_accounts_newest_first(self, books: Books) -> None:
        first, _ = await changed(books, amount_minor=-12000, dated_on="2026-03-11")
        books.clock.advance(timedelta(hours=1))
        second, _ = await changed(books)
        await changed(await make_books(), amount_minor=-12000)
        found = (await ask(books.viewer, _LIST))["reviewItems"]
        assert found["totalCount"] == 2
        assert [
            (one["bankTransaction"]["id"], one["kind"], one["reportedOn"], one["difference"])
            for one in found["nodes"]
        ] == [
            (line_id(second), "WITHDRAWN", None, {"amount": "100.00", "currency": "USD"}),
            (line_id(first), "CHANGED", "2026-03-11", {"amount": "-20.00", "currency": "USD"}),
        ]

    async def test_it_goes_on_after_a_cursor(self, books: Books) -> None:
        for _ in range(3):
            await changed(books, amount_minor=-12000)
            books.clock.advance(timedelta(hours=1))
        page = (await ask(books.viewer, _LIST, first=2))["reviewItems"]
        assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (2, True)
        rest = (await ask(books.viewer, _LIST, first=2, after=page["pageInfo"]["endCursor"]))[
            "reviewItems"
        ]
        assert (len(rest["nodes"]), rest["pageInfo"]["hasNextPage"]) == (1, False)

    async def test_decided_ones_where_asked_for(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        await accepted(books, await reports(books, line))
        other = await books.line(-500)
        await booked(books, other)
        await reports(books, other, resolution=Resolution.KEPT, amount_minor=-600)
        await changed(books, amount_minor=-12000)
        decided = (await ask(books.viewer, _LIST, open=False))["reviewItems"]["nodes"]
        assert {one["resolution"]: one["bankTransaction"] for one in decided} == {
            "ACCEPTED": None,
            "KEPT": {
                "id": line_id(other),
                "state": "RECONCILED",
                "bankAccount": {"name": books.account.name},
            },
        }
        assert [one["difference"] for one in decided] == [None, None]
        every = (await ask(books.viewer, _LIST, open=None))["reviewItems"]
        assert every["totalCount"] == 3
