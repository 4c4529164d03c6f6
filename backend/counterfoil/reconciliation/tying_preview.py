"""What tying a bank account to a ledger account would mean, before anybody does it: reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import NotFound
from counterfoil.kit.sql import fetch
from counterfoil.ledger.balances import balance_at
from counterfoil.ledger.models import JournalLine, LedgerAccount
from counterfoil.reconciliation.chains import standing_start
from counterfoil.reconciliation.moving import what_is_left
from counterfoil.reconciliation.opening import open_lines
from counterfoil.viewer import Right, Viewer

MOST_SHOWN = 200
"""Open lines that a person looks through; of more, those of many years, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TyingPreview:
    """Amounts in minor units of the bank account's currency, + is the company's money.

    `suggested_minor` is what the bank reports today less what was posted after the start: a
    proposal to compare with the bank's own statement, null when the bank reported no balance.
    `leaving_minor` is the bank's balance by the ledger account that the account leaves, null when
    it leaves none. `difference_minor` is what the books lack with nothing outstanding here.
    `open_lines` are the newest `MOST_SHOWN` of `open_count`. `history_count` posted lines lie up
    to the start, `review_count` after it.
    """

    start_on: date
    balance_minor: int | None
    suggested_minor: int | None
    books_minor: int
    leaving_minor: int | None
    open_lines: Sequence[JournalLine]
    open_count: int
    history_count: int
    review_count: int

    @property
    def difference_minor(self) -> int | None:
        if self.balance_minor is None:
            return None
        return self.balance_minor - self.books_minor - (self.leaving_minor or 0)


async def tying_preview(
    viewer: Viewer,
    *,
    bank_account_id: UUID,
    ledger_account_id: UUID,
    start_on: date,
    balance_minor: int | None,
) -> TyingPreview:
    """How books and bank stand at the end of `start_on`; a null balance takes the suggested one.

    Raises:
        Forbidden; NotFound: an account is absent, hidden, deleted, or another organization's.
    """
    viewer.require(Right.READ)
    account = await visible_account(viewer, bank_account_id)
    ledger = await LedgerAccount.filter(
        id=ledger_account_id, organization_id=viewer.organization_id
    ).first()
    if ledger is None:
        raise NotFound(field=("ledger_account_id",))
    history, after, moved = await _lines_around(account.id, start_on)
    suggested = None if account.current_minor is None else account.current_minor - moved
    balances = await balance_at(viewer, ledger.id, start_on)
    books, _ = balances.get(account.currency, (0, 0))
    lines = open_lines(ledger, account.currency, start_on)
    newest = await lines.order_by("-posted_on", "-id").limit(MOST_SHOWN)
    return TyingPreview(
        start_on=start_on,
        balance_minor=suggested if balance_minor is None else balance_minor,
        suggested_minor=suggested,
        books_minor=books,
        leaving_minor=await _leaving(viewer, account, ledger, start_on),
        open_lines=newest[::-1],
        open_count=await lines.count(),
        history_count=history,
        review_count=after,
    )


async def _leaving(
    viewer: Viewer, account: BankAccount, ledger: LedgerAccount, day: date
) -> int | None:
    start = await standing_start(account)
    if start is None or start.ledger_account_id == ledger.id:
        return None
    return (await what_is_left(viewer, start, account.currency, day)).settled.amount_minor


async def visible_account(viewer: Viewer, bank_account_id: UUID) -> BankAccount:
    """The viewer's account, if it can be seen.

    Raises:
        NotFound: it is absent, hidden, deleted, or another organization's.
    """
    account = await BankAccount.filter(
        id=bank_account_id,
        organization_id=viewer.organization_id,
        hidden_at=None,
        deleted_at=None,
    ).first()
    if account is None:
        raise NotFound(field=("bank_account_id",))
    return account


async def _lines_around(bank_account_id: UUID, day: date) -> tuple[int, int, int]:
    """Posted lines up to a day, those after it, and what the latter add up to."""
    [row] = await fetch(
        "SELECT COUNT(*) FILTER (WHERE dated_on <= $2) AS history,"
        " COUNT(*) FILTER (WHERE dated_on > $2) AS later,"
        " COALESCE(SUM(amount_minor) FILTER (WHERE dated_on > $2), 0) AS moved"
        " FROM bank_transaction"
        " WHERE bank_account_id = $1 AND NOT pending AND removed_at IS NULL",
        bank_account_id,
        day,
    )
    return int(row["history"]), int(row["later"]), int(row["moved"])
