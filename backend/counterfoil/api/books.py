"""What holds for all books of the company: base currency, fiscal year, period lock."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry import UNSET

from counterfoil.api.act_payload import EXPECTED_REVISION
from counterfoil.api.context import Info
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.api.journal_entries import EntryRate
from counterfoil.api.money import Money, official_money
from counterfoil.api.rowtypes import Selection, columns_of
from counterfoil.api.scalars import CurrencyCode
from counterfoil.identity.queries import organization
from counterfoil.kit.money import minor_units
from counterfoil.ledger.journal import last_rates
from counterfoil.ledger.locks import books_of, set_period_lock
from counterfoil.ledger.models import Books as Settings
from counterfoil.ledger.write_offs import set_write_off_limit
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


@strawberry.input(
    description="Up to when nothing more is posted. What is left out stays; null takes a lock away."
)
class SetPeriodLockInput:
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    soft_lock_on: date | None = strawberry.field(
        default=UNSET, description="The last day to which only people with the right LOCK post."
    )
    hard_lock_on: date | None = strawberry.field(
        default=UNSET,
        description="The last day to which nobody posts: it only moves on, never beyond today.",
    )


@strawberry.type(description="The books after the change.")
class SetPeriodLockPayload:
    changed: strawberry.Private[bool] = False
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The books as they are now; null when nothing was done.")
    async def books(self, info: Info) -> Books | None:
        return await books(info) if self.changed else None


@strawberry.input(description="How much of a difference may be written off.")
class SetWriteOffLimitInput:
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    limit: Decimal = strawberry.field(description="In the base currency; 0: nothing.")


@strawberry.type(description="The books after the change.")
class SetWriteOffLimitPayload(SetPeriodLockPayload):
    pass


@strawberry.type
class BooksMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description="Lock the books up to a day. Needs the right LOCK.",
    )
    async def set_period_lock(
        self,
        info: Info,
        input: Annotated[SetPeriodLockInput, strawberry.argument(description="Up to when.")],
    ) -> SetPeriodLockPayload:
        viewer = info.context.signed_in()
        async with info.context.transaction() as uow:
            await uow.position()
            now = await books_of(viewer)
            await set_period_lock(
                uow,
                viewer,
                soft_lock_on=_given(input.soft_lock_on, now.soft_lock_on),
                hard_lock_on=_given(input.hard_lock_on, now.hard_lock_on),
                expected_revision=input.expected_revision,
            )
        return SetPeriodLockPayload(changed=True)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description="Let differences up to a limit be written off. Needs the right SETTINGS.",
    )
    async def set_write_off_limit(
        self,
        info: Info,
        input: Annotated[SetWriteOffLimitInput, strawberry.argument(description="Which.")],
    ) -> SetWriteOffLimitPayload:
        viewer = info.context.signed_in()
        async with info.context.transaction() as uow:
            base = (await organization(viewer)).base_currency
            await set_write_off_limit(
                uow,
                viewer,
                limit_minor=minor_units(input.limit, base, field=("limit",)),
                expected_revision=input.expected_revision,
            )
        return SetWriteOffLimitPayload(changed=True)


def _given(lock: date | None, kept: date | None) -> date | None:
    return kept if lock is UNSET else lock
