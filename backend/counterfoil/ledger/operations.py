"""Writing the chart of accounts."""

from __future__ import annotations

from counterfoil.ledger.models import LedgerAccount
from counterfoil.ledger.starting_chart import CONTROL, STARTING_CHART
from counterfoil.unit_of_work import ChangeType, UnitOfWork


async def seed_chart(uow: UnitOfWork, *, base_currency: str) -> int:
    """Give an organization without a chart the starting one; returns how many accounts it got."""
    if await LedgerAccount.filter(organization_id=uow.organization_id).exists():
        return 0
    rows = [
        LedgerAccount(
            organization_id=uow.organization_id,
            number=number,
            name=name,
            type=type_,
            currency=base_currency if holds_money else None,
            control=number in CONTROL,
        )
        for number, name, type_, holds_money in STARTING_CHART
    ]
    await LedgerAccount.bulk_create(rows)
    for row in rows:
        uow.upserted(ChangeType.LEDGER_ACCOUNT, row.id, row.revision)
    return len(rows)
