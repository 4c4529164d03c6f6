"""Asking the viewer's books what lines mean there: accounts, currencies, base amounts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from counterfoil.identity.queries import organization
from counterfoil.ledger.completing import Account, Ledger, Line, complete, sketch
from counterfoil.ledger.drafting import LineDraft, Rate
from counterfoil.ledger.locks import books_of
from counterfoil.ledger.models import Books, LedgerAccount
from counterfoil.ledger.wording import MEMO_LIMIT, bounded
from counterfoil.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds in the viewer's books while entries are written: settings, currency, accounts."""

    books: Books
    ledger: Ledger


async def standing_of(viewer: Viewer, ledger_account_ids: Collection[UUID]) -> Standing:
    """What holds for entries on these accounts; read under the organization's counter."""
    return Standing(await books_of(viewer), await _ledger(viewer, ledger_account_ids))


async def lines_for(
    viewer: Viewer, drafts: Sequence[LineDraft], rates: Sequence[Rate], *, post: bool
) -> tuple[Line, ...]:
    """The lines as the viewer's books keep them.

    Raises:
        as `complete` for an entry that is to be posted, else as `sketch`.
    """
    ledger = await _ledger(viewer, {line.ledger_account_id for line in drafts})
    return lines_in(ledger, drafts, rates, post=post)


def lines_in(
    ledger: Ledger, drafts: Sequence[LineDraft], rates: Sequence[Rate], *, post: bool
) -> tuple[Line, ...]:
    """As `lines_for`, in books that were read before."""
    worded = [
        replace(line, memo=bounded(line.memo, limit=MEMO_LIMIT, field=("lines", str(at), "memo")))
        for at, line in enumerate(drafts)
    ]
    return (complete if post else sketch)(worded, rates, ledger)


async def _ledger(viewer: Viewer, ledger_account_ids: Collection[UUID]) -> Ledger:
    rows = await LedgerAccount.filter(
        organization_id=viewer.organization_id, id__in=list(ledger_account_ids)
    )
    accounts = {
        row.id: Account(number=row.number, currency=row.currency, active=row.inactive_at is None)
        for row in rows
    }
    return Ledger(base=(await organization(viewer)).base_currency, accounts=accounts)
