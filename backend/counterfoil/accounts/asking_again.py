"""Accounts that came as new before their lines did: asked about once these tell more.

The first pull of a login often brings accounts without lines, so that no history can be compared
with them. Nothing is joined here: the new one has lines by now, and only a person says what it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.accounts.models import AccountQuestion, BankAccount, FeedState
from counterfoil.accounts.recognising import Overlap
from counterfoil.transactions.comparing import Histories
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import ChangeType, UnitOfWork


async def ask_again(uow: UnitOfWork, *, bank_link_id: UUID) -> Sequence[AccountQuestion]:
    """Ask of the accounts of a login which former ones they may be, by the lines that both have.

    Called after the lines of a pull are stored. Those that were asked about once are not asked
    about again, and those with something booked are what they are. Hidden accounts are never asked
    about.
    """
    new = await _in_question(bank_link_id)
    former = await _former(uow.organization_id, bank_link_id) if new else []
    histories = Histories()
    alike = {account: await _alike(histories, account, former) for account in new}
    questions = [_question(uow, account, found) for account, found in alike.items() if found]
    await AccountQuestion.bulk_create(questions)
    return questions


async def _in_question(bank_link_id: UUID) -> Sequence[BankAccount]:
    booked = BankTransaction.filter(bank_account__bank_link_id=bank_link_id)
    decided = {
        *await booked.exclude(reconciled_minor=0)
        .distinct()
        .values_list("bank_account_id", flat=True),
        *await AccountQuestion.filter(bank_account__bank_link_id=bank_link_id).values_list(
            "bank_account_id", flat=True
        ),
    }
    shown = BankAccount.filter(
        bank_link_id=bank_link_id, feed_state=FeedState.OPEN, hidden_at=None, deleted_at=None
    )
    return [row for row in await shown.order_by("id") if row.id not in decided]


async def _former(organization_id: UUID, bank_link_id: UUID) -> Sequence[BankAccount]:
    """The accounts that no login brings in, and those that this one does not hand over any more."""
    lost = Q(bank_link_id=bank_link_id, feed_state=FeedState.ACCESS_LOST)
    return await BankAccount.filter(
        Q(bank_link_id=None) | lost,
        organization_id=organization_id,
        hidden_at=None,
        absorbed_by_id=None,
    ).order_by("id")


async def _alike(
    histories: Histories, account: BankAccount, former: Collection[BankAccount]
) -> Sequence[UUID]:
    theirs = await histories.of(account.id)
    found = []
    for row in former:
        if theirs.since is None or row.currency != account.currency:
            continue
        if Overlap(*await histories.common(row.id, theirs)).partial:
            found.append(row.id)
    return found


def _question(uow: UnitOfWork, account: BankAccount, found: Sequence[UUID]) -> AccountQuestion:
    uow.upserted(ChangeType.BANK_ACCOUNT, account.id, account.revision)
    return AccountQuestion(
        organization_id=uow.organization_id,
        bank_account_id=account.id,
        candidates=[str(each) for each in found],
        raised_at=uow.now,
    )
