"""The rate that is proposed where one has to be typed."""

from __future__ import annotations

from counterfoil.ledger.drafting import Rate
from counterfoil.ledger.models import EntryRate, EntryState
from counterfoil.viewer import Right, Viewer


async def last_rate(viewer: Viewer, currency: str) -> Rate | None:
    """The rate of a currency that was posted with last, whatever its date; None without any.

    It is for a person to look at: nothing is ever posted with it by itself.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    row = await (
        EntryRate.filter(
            currency=currency,
            journal_entry__organization_id=viewer.organization_id,
            journal_entry__state=EntryState.POSTED,
        )
        .order_by("-id")
        .first()
    )
    if row is None:
        return None
    return Rate(currency=currency, rate=row.rate, rate_on=row.rate_on, source=row.source)
