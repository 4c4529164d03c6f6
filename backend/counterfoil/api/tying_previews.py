"""What it would mean to keep a bank account in a ledger account from a day on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.account_ids import account_id
from counterfoil.api.context import Info
from counterfoil.api.journal_entries import JournalLine
from counterfoil.api.loaders import load_several
from counterfoil.api.money import Money, money
from counterfoil.errors import NotFound
from counterfoil.kit.money import minor_units
from counterfoil.ledger.journal import lines_by_id
from counterfoil.reconciliation.tying_preview import tying_preview, visible_account
from counterfoil.viewer import Viewer


@strawberry.type(description="How books and bank stand at the end of a day, for one account.")
class TyingPreview:
    open_line_ids: strawberry.Private[Sequence[UUID]]
    suggested_balance: Money | None = strawberry.field(
        description=(
            "What the bank reports today less what it posted since: a proposal to compare with "
            "the bank's own statement; null when it reported no balance."
        )
    )
    books_balance: Money = strawberry.field(description="What the ledger account holds then.")
    leaving_balance: Money | None = strawberry.field(
        description=(
            "The bank's balance by the ledger account that the bank account leaves: what that "
            "holds then, less what is outstanding there. It moves along. Null when it leaves none."
        )
    )
    difference: Money | None = strawberry.field(
        description=(
            "What the books lack with nothing outstanding here: the balance less the books, and "
            "less what moves along; null without a balance."
        )
    )
    open_line_count: int = strawberry.field(
        description="Journal lines up to that day which are not wholly cleared."
    )
    history_count: int = strawberry.field(
        description="Posted lines up to that day: they stay as history."
    )
    review_count: int = strawberry.field(description="Posted lines after it: they come up.")

    @strawberry.field(
        description=(
            "The newest 200 journal lines up to that day which are not wholly cleared, by date: "
            "outstanding, or else cleared by the start."
        )
    )
    async def open_lines(self, info: Info) -> list[JournalLine]:
        return await load_several(
            info, JournalLine, lines_by_id, "journal_line.id", self.open_line_ids
        )


async def preview(
    info: Info,
    bank_account_id: Annotated[strawberry.ID, strawberry.argument(description="Which account.")],
    ledger_account_id: Annotated[
        strawberry.ID, strawberry.argument(description="Where it would be kept.")
    ],
    start_on: Annotated[
        date, strawberry.argument(description="The last day that would be history.")
    ],
    balance: Annotated[
        Decimal | None,
        strawberry.argument(
            description="The bank's balance at the end of it; left out, the suggested one."
        ),
    ] = None,
) -> TyingPreview | None:
    viewer = info.context.signed_in()
    try:
        return await _preview(viewer, bank_account_id, ledger_account_id, start_on, balance)
    except NotFound:
        return None


async def _preview(
    viewer: Viewer,
    bank_account_id: str,
    ledger_account_id: str,
    start_on: date,
    balance: Decimal | None,
) -> TyingPreview:
    chosen = await account_id(viewer, bank_account_id, field=("bank_account_id",))
    ledger_id = ids.decode(ledger_account_id, "LedgerAccount", field=("ledger_account_id",))
    account = await visible_account(viewer, chosen)
    found = await tying_preview(
        viewer,
        bank_account_id=chosen,
        ledger_account_id=ledger_id,
        start_on=start_on,
        balance_minor=(
            None if balance is None else minor_units(balance, account.currency, field=("balance",))
        ),
    )

    def amount(minor: int | None) -> Any:
        return money(minor, account.currency, account.exponent)

    return TyingPreview(
        open_line_ids=[line.id for line in found.open_lines],
        suggested_balance=amount(found.suggested_minor),
        books_balance=amount(found.books_minor),
        leaving_balance=amount(found.leaving_minor),
        difference=amount(found.difference_minor),
        open_line_count=found.open_count,
        history_count=found.history_count,
        review_count=found.review_count,
    )
