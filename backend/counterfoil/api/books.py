"""What holds for all books of the company: base currency, fiscal year, period lock."""

from __future__ import annotations

from datetime import date, timedelta

import strawberry

from counterfoil.api.context import Info
from counterfoil.api.journal_entries import EntryRate
from counterfoil.api.money import Money, official_money
from counterfoil.api.rowtypes import Selection, columns_of
from counterfoil.api.scalars import CurrencyCode
from counterfoil.identity.queries import organization
from counterfoil.ledger.journal import last_rates
from counterfoil.ledger.locks import books_of
from counterfoil.ledger.models import Books as Settings
from counterfoil.viewer import Right, Viewer


@strawberry.type(description="What holds for all books of the company.")
class Books:
    settings: strawberry.Private[Settings]
    base_currency: CurrencyCode = strawberry.field(description="The currency of the books.")

    @strawberry.field(description="The month in which fiscal years begin, 1 to 12.")
    def fiscal_year_starts_in(self) -> int:
        return int(self.settings.fiscal_year_starts_in)

    @strawberry.field(
        description="Up to this day only people with the right LOCK post; null: no such lock."
    )
    def soft_lock_on(self) -> date | None:
        return self.settings.soft_lock_on

    @strawberry.field(description="Up to this day nobody posts any more; null: no such lock.")
    def hard_lock_on(self) -> date | None:
        return self.settings.hard_lock_on

    @strawberry.field(description="The first day that the viewer may post to; null: any.")
    def first_open_on(self, info: Info) -> date | None:
        return first_open_on(info.context.signed_in(), self.settings)

    @strawberry.field(description="Differences up to this may be written off.")
    def write_off_limit(self) -> Money:
        return official_money(self.settings.write_off_limit_minor, self.base_currency)

    @strawberry.field(
        description="The newest rate used for each currency, by currency: to propose, not to take."
    )
    async def last_rates(self, info: Info) -> list[EntryRate]:
        raw, viewer = info._raw_info, info.context.signed_in()
        names = columns_of(Selection.below(raw), raw.return_type, alias=EntryRate.ALIAS)
        rows = await last_rates(viewer, sorted(names))
        return [EntryRate(row=row, viewer=viewer) for row in rows]

    @strawberry.field(description="Grows by one with every change.")
    def revision(self) -> int:
        return self.settings.revision


def first_open_on(viewer: Viewer, settings: Settings) -> date | None:
    """The day after the locks that hold for the viewer; None where none does."""
    soft = None if viewer.may(Right.LOCK) else settings.soft_lock_on
    locks = [lock for lock in (soft, settings.hard_lock_on) if lock is not None]
    return max(locks) + timedelta(days=1) if locks else None


async def books(info: Info) -> Books:
    viewer = info.context.signed_in()
    viewer.require(Right.READ)
    base = (await organization(viewer)).base_currency
    return Books(settings=await books_of(viewer), base_currency=CurrencyCode(base))
