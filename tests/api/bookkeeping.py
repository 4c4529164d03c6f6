"""Acts in the books as a client asks for them, and what it is answered."""

from __future__ import annotations

from typing import Any

from counterfoil.api import ids
from counterfoil.ledger.models import JournalEntry, JournalLine, LedgerAccount
from counterfoil.reconciliation.models import Act
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Viewer
from tests.api.asking import ask
from tests.reconciliation.conftest import Books

ERRORS = """
errors {
  __typename code message field retryable
  ... on ConflictError { by { name } at current { ... on BankTransaction { revision } } }
  ... on ForbiddenError { right }
  ... on PossibleDuplicateError { candidates { amount { amount } } }
  ... on PeriodLockedError { lockedUpTo hard }
}
"""
_ACT = """
act { id kind } replayed
bankTransactions { id state revision }
journalEntry { number memo lines { amount { amount currency } ledgerAccount { name } } }
"""
KEY = "a-key-of-this-client"


async def acted(
    books: Books, mutation: str, *, viewer: Viewer | None = None, **given: Any
) -> dict[str, Any]:
    """The payload of a mutation that is an act, with the input `given`."""
    return await asked(books, mutation, _ACT, viewer=viewer, **{"idempotencyKey": KEY, **given})


async def asked(
    books: Books, mutation: str, selection: str, *, viewer: Viewer | None = None, **given: Any
) -> dict[str, Any]:
    """The payload of a mutation, with what is selected of it and its errors."""
    name = mutation[0].upper() + mutation[1:]
    document = (
        f"mutation($input: {name}Input!) {{"
        f" payload: {mutation}(input: $input) {{ {selection} {ERRORS} }} }}"
    )
    answer = await ask(viewer or books.viewer, document, input=given)
    payload: dict[str, Any] = answer["payload"]
    return payload


async def refused(
    books: Books, mutation: str, *, viewer: Viewer | None = None, **given: Any
) -> dict[str, Any]:
    """The one error of an act that is refused, of which nothing is left."""
    before = await books.written()
    payload = await acted(books, mutation, viewer=viewer, **given)
    assert payload["act"] is None
    assert payload["bankTransactions"] == []
    assert payload["journalEntry"] is None
    assert await books.written() == before
    [error] = payload["errors"]
    found: dict[str, Any] = error
    return found


def line_id(line: BankTransaction) -> str:
    return ids.encode("BankTransaction", line.id)


def ledger_id(account: LedgerAccount) -> str:
    return ids.encode("LedgerAccount", account.id)


def journal_line_id(line: JournalLine) -> str:
    return ids.encode("JournalLine", line.id)


def entry_id(entry: JournalEntry) -> str:
    return ids.encode("JournalEntry", entry.id)


def act_id(act: Act) -> str:
    return ids.encode("Act", act.id)
