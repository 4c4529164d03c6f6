"""What clients give of lines and codings, as the rooms take it: amounts in whole minor units.

A client names amounts in units of a line's own currency, which only the line can tell. Lines that
the viewer does not see are left to the operation, which refuses them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.scalars import CurrencyCode
from counterfoil.errors import NotFound
from counterfoil.kit.money import minor_units
from counterfoil.kit.table import Row
from counterfoil.ledger.drafting import Rate
from counterfoil.ledger.journal import lines_by_id
from counterfoil.ledger.models import RateSource
from counterfoil.reconciliation.coding import CodingLine
from counterfoil.transactions.queries import transactions_by_id
from counterfoil.viewer import Right, Viewer

Path = tuple[str, ...]


@strawberry.input(description="What of a bank line goes to one ledger account.")
class CodingLineInput:
    ledger_account_id: strawberry.ID = strawberry.field(description="To which account.")
    amount: Decimal = strawberry.field(
        description="In the bank line's currency and with its sign: − for an expense."
    )
    memo: str | None = strawberry.field(
        default=None, description="What this part is for, at most 500 characters."
    )


@strawberry.input(description="How to book a bank line.")
class CodingInput:
    memo: str | None = strawberry.field(default=None, description="What it is.")
    lines: list[CodingLineInput] = strawberry.field(
        description="The accounts; together exactly what is open of the line."
    )


async def bank_currency(viewer: Viewer, bank_transaction_id: UUID) -> str:
    """The currency of a bank line.

    Raises:
        Forbidden: the viewer may not code. NotFound: they see no such line.
    """
    found = await bank_currencies(viewer, [bank_transaction_id])
    if bank_transaction_id not in found:
        raise NotFound(field=("bank_transaction_id",))
    return found[bank_transaction_id]


async def bank_currencies(
    viewer: Viewer, bank_transaction_ids: Collection[UUID]
) -> Mapping[UUID, str]:
    """The currencies of those of these bank lines that the viewer sees.

    Raises:
        Forbidden: the viewer may not code.
    """
    viewer.require(Right.CODE)
    names = ("bank_transaction.id", "bank_transaction.currency")
    return _by_id(await transactions_by_id(viewer, bank_transaction_ids, names), *names)


async def journal_currencies(
    viewer: Viewer, journal_line_ids: Collection[UUID]
) -> Mapping[UUID, str]:
    """The currencies of those of these journal lines that the viewer sees.

    Raises:
        Forbidden: the viewer may not code.
    """
    viewer.require(Right.CODE)
    names = ("journal_line.id", "journal_line.currency")
    return _by_id(await lines_by_id(viewer, journal_line_ids, names), *names)


def _by_id(rows: Sequence[Row], key: str, currency: str) -> Mapping[UUID, str]:
    return {row[key]: row[currency] for row in rows}


def coding_lines(
    given: Sequence[CodingLineInput], currency: str, *, within: Path
) -> list[CodingLine]:
    """The parts of a coding, whose list the client calls `within`.

    Raises:
        NotFound: an id that is none of a ledger account. InvalidInput: an amount.
    """
    return [
        CodingLine(
            ledger_account_id=ids.decode(
                line.ledger_account_id,
                "LedgerAccount",
                field=(*within, str(index), "ledger_account_id"),
            ),
            amount_minor=minor_units(line.amount, currency, field=(*within, str(index), "amount")),
            memo=line.memo,
        )
        for index, line in enumerate(given)
    ]


@strawberry.input(description="What a unit of a currency is worth in the base currency.")
class EntryRateInput:
    currency: CurrencyCode = strawberry.field(description="The currency, not the base currency.")
    rate: Decimal = strawberry.field(
        description="Units of the base currency for one unit of this one; more than 0."
    )
    rate_on: date = strawberry.field(description="The day of the rate.")


def rates_of(given: Sequence[EntryRateInput]) -> list[Rate]:
    """Rates that a person typed."""
    return [
        Rate(currency=one.currency, rate=one.rate, rate_on=one.rate_on, source=RateSource.TYPED)
        for one in given
    ]
