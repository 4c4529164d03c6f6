"""Undoing acts and reversing entries, as clients ask for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from counterfoil.ledger.models import JournalEntry
from counterfoil.reconciliation.models import Act
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.api.asking import ask
from tests.api.bookkeeping import act_id, acted, entry_id, line_id, refused
from tests.reconciliation.acting import booked, cleared_by_hand, matched
from tests.reconciliation.conftest import Books, books, make_books

__all__ = ["books"]

_PREVIEW = """
query($id: ID!) { undoPreview(actId: $id) {
  token blockedReason effects { kind text } act { kind }
} }
"""


async def previewed(books: Books, act: Act, viewer: Viewer | None = None) -> Any:
    answer = await ask(viewer or books.viewer, _PREVIEW, id=act_id(act))
    return answer["undoPreview"]


class TestUndo:
    async def test_without_the_right_nothing_is_undone(self, books: Books) -> None:
        act = await booked(books, await books.line())
        reader = await books.clerk(Right.CODE)
        preview = await previewed(books, act, reader)
        assert (preview["token"], preview["effects"]) == (None, [])
        assert preview["blockedReason"].startswith("This needs the right “code”.")
        error = await refused(books, "undo", viewer=reader, actId=act_id(act), token="x")
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CODE")

    async def test_another_organizations_act_is_not_there(self, books: Books) -> None:
        other = await make_books()
        act = await booked(other, await other.line())
        assert await previewed(books, act) is None
        assert (await ask(books.viewer, _PREVIEW, id="nonsense"))["undoPreview"] is None
        error = await refused(books, "undo", actId=act_id(act), token="x")
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["actId"])

    async def test_somebody_elses_act_takes_the_right_close(self, books: Books) -> None:
        act = await booked(books, await books.line())
        clerk = await books.clerk(Right.CLOSE)
        token = (await previewed(books, act))["token"]
        error = await refused(books, "undo", viewer=clerk, actId=act_id(act), token=token)
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CLOSE")

    async def test_a_booking_is_taken_back_as_its_preview_says(self, books: Books) -> None:
        line = await books.line()
        act = await booked(books, line)
        preview = await previewed(books, act)
        assert preview["act"] == {"kind": "BOOK"}
        assert preview["blockedReason"] is None
        assert {effect["kind"] for effect in preview["effects"]} >= {"REOPEN", "REVERSE"}
        given: dict[str, Any] = {"actId": act_id(act), "token": preview["token"]}
        payload = await acted(books, "undo", **given)
        assert payload["errors"] == []
        assert payload["act"]["kind"] == "UNDO"
        assert [one["state"] for one in payload["bankTransactions"]] == ["REVIEW"]
        assert payload["journalEntry"]["number"] == "2026-0002"
        again = await acted(books, "undo", **given)
        assert (again["replayed"], again["act"]) == (True, payload["act"])
        shown = await ask(
            books.viewer,
            """query($id: ID!) { node(id: $id) { ... on Act {
              undoneAt undoneBy { kind } blockedReason revision } } }""",
            id=act_id(act),
        )
        assert shown["node"] == {
            "undoneAt": "2026-03-10T15:30:00.000Z",
            "undoneBy": {"kind": "UNDO"},
            "blockedReason": "This has been undone already.",
            "revision": 2,
        }

    async def test_what_changed_since_the_preview_is_shown_again(self, books: Books) -> None:
        act = await booked(books, await books.line())
        error = await refused(books, "undo", actId=act_id(act), token="of another day")
        assert (error["code"], error["field"]) == ("PREVIEW_OUTDATED", ["token"])

    async def test_an_undo_is_not_undone(self, books: Books) -> None:
        act = await booked(books, await books.line())
        token = (await previewed(books, act))["token"]
        payload = await acted(books, "undo", actId=act_id(act), token=token)
        error = await refused(
            books, "undo", actId=payload["act"]["id"], token="x", idempotencyKey="another-key"
        )
        assert error["code"] == "NOT_UNDOABLE"


class TestReverseJournalEntry:
    async def test_without_the_right_nothing_is_reversed(self, books: Books) -> None:
        entry = (await books.entry()).entry
        error = await refused(
            books,
            "reverseJournalEntry",
            viewer=await books.clerk(Right.CODE),
            journalEntryId=entry_id(entry),
            expectedRevision=1,
        )
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CODE")

    async def test_another_organizations_entry_is_not_found(self, books: Books) -> None:
        entry = (await (await make_books()).entry()).entry
        error = await refused(
            books,
            "reverseJournalEntry",
            journalEntryId=entry_id(entry),
            expectedRevision=1,
        )
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["journalEntryId"])

    async def test_its_bank_line_is_open_again(self, books: Books) -> None:
        line = await books.line()
        await booked(books, line)
        entry = await JournalEntry.get()
        given: dict[str, Any] = {
            "journalEntryId": entry_id(entry),
            "expectedRevision": entry.revision,
        }
        payload = await acted(books, "reverseJournalEntry", **given)
        assert payload["errors"] == []
        assert payload["act"]["kind"] == "REVERSE"
        assert payload["bankTransactions"] == [
            {"id": line_id(line), "state": "REVIEW", "revision": 3}
        ]
        assert payload["journalEntry"]["number"] == "2026-0002"
        again = await acted(books, "reverseJournalEntry", **given)
        assert again == {**payload, "replayed": True}

    async def test_once_is_enough(self, books: Books) -> None:
        entry = (await books.entry()).entry
        given: dict[str, Any] = {
            "journalEntryId": entry_id(entry),
            "expectedRevision": entry.revision,
        }
        await acted(books, "reverseJournalEntry", **given)
        stored = await JournalEntry.get(id=entry.id)
        given["expectedRevision"] = stored.revision
        error = await refused(books, "reverseJournalEntry", **given, idempotencyKey="another-key")
        assert error["code"] == "JOURNAL_ENTRY_REVERSED"

    async def test_what_is_of_others_takes_the_right_close_and_says_so_before(
        self, books: Books
    ) -> None:
        clerk = await books.clerk(Right.CLOSE)
        own = replace(books, viewer=clerk)
        anothers, free = await books.entry(-100), await own.entry(-200)
        taken, by_hand = await own.entry(-300), await own.entry(-400)
        await matched(books, [await books.line(-300)], [taken.lines[0]])
        await cleared_by_hand(books, by_hand.lines[0])
        for entry, blocked in ((anothers, 1), (free, 0), (taken, 1), (by_hand, 1)):
            asking = """query($id: ID!) { journalEntry(id: $id) { reversalBlockedReason } }"""
            answer = await ask(clerk, asking, id=entry_id(entry.entry))
            said = answer["journalEntry"]["reversalBlockedReason"]
            assert said == (str(Forbidden(Right.CLOSE)) if blocked else None)
            answer = await ask(books.viewer, asking, id=entry_id(entry.entry))
            assert answer["journalEntry"]["reversalBlockedReason"] is None
        error = await refused(
            books,
            "reverseJournalEntry",
            viewer=clerk,
            journalEntryId=entry_id(anothers.entry),
            expectedRevision=anothers.entry.revision,
        )
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CLOSE")
