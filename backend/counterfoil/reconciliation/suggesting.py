"""Suggestions for a page of bank lines: everything is read at once, then thought about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.reconciliation.bookable import obstacle
from counterfoil.reconciliation.candidates import Asked, mirror_lines, open_journal_lines
from counterfoil.reconciliation.choices import Chosen, chosen_before, prepared_for
from counterfoil.reconciliation.evidence import BankSide
from counterfoil.reconciliation.examples import key_of
from counterfoil.reconciliation.pools import Pool
from counterfoil.reconciliation.proposing import Candidates
from counterfoil.reconciliation.ranking import suggest, without_rivals
from counterfoil.reconciliation.suggest import Suggestion
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Right, Viewer

MOST_LINES = 200
"""So many lines are thought about together; more of them, in parts."""


async def suggestions_for(
    viewer: Viewer, bank_transaction_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[Suggestion]]:
    """What is proposed for each of these lines as the books stand now: at most five, best first.

    Lines that cannot be booked (pending, excluded, reconciled, undecided, history, of an account
    without a start), that the viewer cannot see, or for which nothing speaks, have none and are
    not in the answer. What is ticked books nothing twice, of the lines asked about together.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    ids = sorted(set(bank_transaction_ids), key=str)
    found: dict[UUID, Sequence[Suggestion]] = {}
    for start in range(0, len(ids), MOST_LINES):
        asked = await _asked(viewer, ids[start : start + MOST_LINES])
        found |= await _suggestions(viewer, asked) if asked else {}
    return without_rivals(found)


async def _suggestions(viewer: Viewer, asked: Sequence[Asked]) -> dict[UUID, Sequence[Suggestion]]:
    journal = await open_journal_lines(viewer, asked)
    pools = {account_id: Pool(sides) for account_id, sides in journal.items()}
    mirrors = await mirror_lines(viewer, asked)
    chosen = await chosen_before(viewer, [one.side for one in asked])
    prepared = await prepared_for([one.side.id for one in asked])
    nothing = Pool(())
    found: dict[UUID, Sequence[Suggestion]] = {}
    for one in asked:
        before = chosen.get((one.side.key, one.side.amount_minor > 0), Chosen())
        candidates = Candidates(
            booked=pools.get(one.ledger_account_id, nothing).for_line(one.side),
            mirrors=mirrors[one.side.id],
            choices=before.choices,
            settled=before.settled,
            prepared=prepared.get(one.side.id),
        )
        if suggestions := suggest(one.side, candidates):
            found[one.side.id] = suggestions
    return found


async def _asked(viewer: Viewer, ids: Sequence[UUID]) -> list[Asked]:
    """Those of the lines that can be booked."""
    lines = await BankTransaction.filter(
        id__in=list(ids), organization_id=viewer.organization_id, removed_at=None
    )
    rows = await BankAccount.filter(
        id__in=list({line.bank_account_id for line in lines}), deleted_at=None, hidden_at=None
    )
    accounts = {row.id: row for row in rows}
    return [
        _side(line, account, account.ledger_account_id)
        for line in lines
        if (account := accounts.get(line.bank_account_id)) is not None
        and account.ledger_account_id is not None
        and obstacle(line, account) is None
    ]


def _side(line: BankTransaction, account: BankAccount, ledger_account_id: UUID) -> Asked:
    side = BankSide(
        id=UUID(str(line.id)),
        amount_minor=line.amount_minor,
        open_minor=line.amount_minor - line.reconciled_minor,
        currency=line.currency,
        exponent=line.exponent,
        dated_on=line.dated_on,
        key=key_of(line.description),
        texts=(line.description, line.bank_description),
        check_number=line.check_number,
        counterparty=line.counterparty,
        account=account.name,
        number=account.number,
    )
    return Asked(side, UUID(str(line.bank_account_id)), UUID(str(ledger_account_id)))
