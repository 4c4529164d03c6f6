"""Excluding, restoring, annotating and keeping ours, as clients ask for it."""

from __future__ import annotations

from typing import Any

from counterfoil.api import ids
from counterfoil.transactions.models import BankTransaction, ReviewItem, ReviewKind
from counterfoil.viewer import Right, Viewer
from tests.api.bookkeeping import KEY, acted, asked, ledger_id, line_id, refused
from tests.fakes import NOW
from tests.reconciliation.conftest import Books, books, make_books

__all__ = ["books"]

_LINE = """bankTransaction {
  state comment toCheck revision
  preparedCoding { memo lines { amount { amount } ledgerAccount { name } } }
}"""


def items(*lines: BankTransaction) -> list[dict[str, Any]]:
    return [
        {"bankTransactionId": line_id(line), "expectedRevision": line.revision} for line in lines
    ]


class TestExcludeTransactions:
    async def test_without_the_right_nothing_is_excluded(self, books: Books) -> None:
        line, reader = await books.line(), await books.clerk(Right.CODE)
        error = await refused(
            books, "excludeTransactions", viewer=reader, items=items(line), reason="Twice"
        )
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CODE")

    async def test_another_organizations_line_is_not_found(self, books: Books) -> None:
        foreign = await (await make_books()).line()
        error = await refused(
            books,
            "excludeTransactions",
            items=items(await books.line(), foreign),
            reason="Twice",
        )
        assert error["code"] == "NOT_FOUND"

    async def test_two_in_one_act(self, books: Books) -> None:
        lines = [await books.line(), await books.line()]
        payload = await acted(
            books, "excludeTransactions", items=items(*lines), reason="Reported twice"
        )
        assert payload["errors"] == []
        assert payload["act"]["kind"] == "EXCLUDE"
        assert [line["state"] for line in payload["bankTransactions"]] == ["EXCLUDED"] * 2

    async def test_one_that_changed_keeps_all(self, books: Books) -> None:
        lines = [await books.line(), await books.line(revision=2)]
        given = [*items(lines[0]), {**items(lines[1])[0], "expectedRevision": 1}]
        error = await refused(books, "excludeTransactions", items=given, reason="Twice")
        assert error["__typename"] == "ConflictError"

    async def test_one_that_is_named_twice_names_its_place(self, books: Books) -> None:
        line = await books.line()
        error = await refused(books, "excludeTransactions", items=items(line, line), reason="Twice")
        assert error["code"] == "INVALID_INPUT"
        assert error["field"] == ["items", "1", "bankTransactionId"]

    async def test_one_that_is_excluded_names_its_place(self, books: Books) -> None:
        free, gone = await books.line(), await books.line()
        await acted(books, "excludeTransactions", items=items(gone), reason="Twice")
        again = await books.reread(gone)
        error = await refused(
            books,
            "excludeTransactions",
            items=items(free, again),
            reason="Twice",
            idempotencyKey="another-key",
        )
        assert error["code"] == "NOT_BOOKABLE"
        assert error["field"] == ["items", "1", "bankTransactionId"]

    async def test_without_a_reason(self, books: Books) -> None:
        error = await refused(
            books, "excludeTransactions", items=items(await books.line()), reason="  "
        )
        assert (error["code"], error["field"]) == ("INVALID_INPUT", ["reason"])


class TestRestoreTransactions:
    async def _excluded(self, books: Books) -> BankTransaction:
        line = await books.line()
        await acted(books, "excludeTransactions", items=items(line), reason="Twice")
        return await books.reread(line)

    async def test_without_the_right_it_stays_excluded(self, books: Books) -> None:
        line, reader = await self._excluded(books), await books.clerk(Right.CODE)
        error = await refused(books, "restoreTransactions", viewer=reader, items=items(line))
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CODE")

    async def test_it_is_to_review_again(self, books: Books) -> None:
        line = await self._excluded(books)
        payload = await acted(books, "restoreTransactions", items=items(line))
        assert payload["errors"] == []
        assert payload["act"]["kind"] == "RESTORE"
        assert [line["state"] for line in payload["bankTransactions"]] == ["REVIEW"]

    async def test_one_that_is_not_excluded(self, books: Books) -> None:
        error = await refused(books, "restoreTransactions", items=items(await books.line()))
        assert error["code"] == "NOT_BOOKABLE"


class TestAnnotateTransaction:
    async def _noted(
        self, books: Books, line: BankTransaction, viewer: Viewer | None = None, **given: Any
    ) -> dict[str, Any]:
        return await asked(
            books, "annotateTransaction", _LINE, viewer=viewer, **items(line)[0], **given
        )

    async def test_without_the_right_nothing_is_noted(self, books: Books) -> None:
        line, reader = await books.line(), await books.clerk(Right.CODE)
        before = await books.written()
        for given in (
            {"comment": "Which shop?"},
            {"coding": {"lines": [{"ledgerAccountId": "x", "amount": "1"}]}},
        ):
            payload = await self._noted(books, line, reader, **given)
            assert payload["bankTransaction"] is None
            assert payload["errors"][0]["code"] == "FORBIDDEN"
        assert await books.written() == before

    async def test_all_of_it_on_a_pending_line_and_away_again(self, books: Books) -> None:
        line = await books.line(pending=True)
        part = {"ledgerAccountId": ledger_id(books.supplies), "amount": "-12.34"}
        payload = await self._noted(
            books,
            line,
            comment=" Which shop? ",
            toCheck=True,
            coding={"memo": "Paper", "lines": [part]},
        )
        assert payload == {
            "errors": [],
            "bankTransaction": {
                "state": "PENDING",
                "comment": "Which shop?",
                "toCheck": True,
                "revision": 2,
                "preparedCoding": {
                    "memo": "Paper",
                    "lines": [
                        {
                            "amount": {"amount": "-12.34"},
                            "ledgerAccount": {"name": "Office Supplies"},
                        }
                    ],
                },
            },
        }
        line.revision = 2
        payload = await self._noted(books, line, toCheck=False)
        assert payload["bankTransaction"]["comment"] == "Which shop?"
        assert not payload["bankTransaction"]["toCheck"]
        line.revision = 3
        payload = await self._noted(books, line, comment=None, coding=None)
        assert payload["bankTransaction"]["comment"] is None
        assert payload["bankTransaction"]["preparedCoding"] is None

    async def test_a_coding_that_can_not_be_names_its_place(self, books: Books) -> None:
        line, supplies = await books.line(), ledger_id(books.supplies)
        for part, code, field in (
            ({"ledgerAccountId": supplies, "amount": "-12.345"}, "INVALID_INPUT", "amount"),
            ({"ledgerAccountId": "x", "amount": "-12.34"}, "NOT_FOUND", "ledgerAccountId"),
        ):
            payload = await self._noted(books, line, coding={"lines": [part]})
            [error] = payload["errors"]
            assert (error["code"], error["field"]) == (code, ["coding", "lines", "0", field])

    async def test_a_line_that_changed_is_a_conflict(self, books: Books) -> None:
        line = await books.line(revision=2)
        line.revision = 1
        payload = await self._noted(books, line, comment="Which shop?")
        assert payload["errors"][0]["__typename"] == "ConflictError"
        assert payload["errors"][0]["current"] == {"revision": 2}


class TestKeepOurs:
    async def _reported(self, books: Books) -> tuple[BankTransaction, dict[str, Any]]:
        line = await books.line(undecided_at=NOW)
        item = await ReviewItem.create(
            organization_id=books.organization.id,
            bank_transaction_id=line.id,
            kind=ReviewKind.WITHDRAWN,
            refresh_id=line.last_refresh_id,
            raised_at=NOW,
        )
        return line, {
            "reviewItemId": ids.encode("ReviewItem", item.id),
            "reason": "The bank is wrong",
            "idempotencyKey": KEY,
        }

    async def test_without_the_right_it_stays_undecided(self, books: Books) -> None:
        _, given = await self._reported(books)
        before = await books.written()
        reader = await books.clerk(Right.CODE)
        payload = await asked(books, "keepOurs", _LINE, viewer=reader, **given)
        assert payload["bankTransaction"] is None
        assert payload["errors"][0]["code"] == "FORBIDDEN"
        assert await books.written() == before

    async def test_another_organizations_is_not_found(self, books: Books) -> None:
        _, given = await self._reported(await make_books())
        payload = await asked(books, "keepOurs", _LINE, **given)
        assert payload["errors"][0]["code"] == "NOT_FOUND"
        assert payload["errors"][0]["field"] == ["reviewItemId"]

    async def test_it_is_decided_once(self, books: Books) -> None:
        _, given = await self._reported(books)
        for _ in range(2):
            payload = await asked(books, "keepOurs", _LINE, **given)
            assert payload["errors"] == []
            assert payload["bankTransaction"]["state"] == "REVIEW"
            assert payload["bankTransaction"]["revision"] == 2
        given.update(reason="No, it is right", idempotencyKey="another-key")
        payload = await asked(books, "keepOurs", _LINE, **given)
        assert payload["errors"][0]["code"] == "ALREADY_DECIDED"
