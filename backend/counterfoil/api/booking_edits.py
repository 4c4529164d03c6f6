"""Booking bank lines: entries made from them, and transfers between two accounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.act_payload import EXPECTED_REVISION, IDEMPOTENCY_KEY, ActPayload, key_of
from counterfoil.api.context import Info
from counterfoil.api.errors import UserErrors
from counterfoil.api.given import (
    CodingLineInput,
    EntryRateInput,
    bank_currency,
    coding_lines,
    rates_of,
)
from counterfoil.errors import InvalidInput
from counterfoil.kit.money import minor_units
from counterfoil.ledger.queries import ledger_accounts_by_id
from counterfoil.reconciliation.acts import Key, done_before
from counterfoil.reconciliation.booking import book
from counterfoil.reconciliation.coding import Coding
from counterfoil.reconciliation.models import Act
from counterfoil.reconciliation.transferring import OtherAccount, OtherTransaction, transfer
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

_DUPLICATE_REASON = (
    "Why it is booked although it may be in the books already; at most 500 characters."
)
_RATES = "What foreign currencies are worth in the base currency, where any are in it."


class OneOtherSide(InvalidInput):
    """A transfer has one other side: a bank line, or an account."""

    def __init__(self) -> None:
        super().__init__(
            "Name the other side once: by its bank line, or by its ledger account.",
            field=("other_transaction_id",),
        )


@strawberry.input(description="How a bank line is booked.")
class BookTransactionInput:
    bank_transaction_id: strawberry.ID = strawberry.field(description="The line.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    lines: list[CodingLineInput] = strawberry.field(
        description="The accounts; together exactly what is open of the line."
    )
    memo: str | None = strawberry.field(
        default=None, description="What it is; the line's description if left out, empty for none."
    )
    reference: str | None = strawberry.field(
        default=None,
        description="Its reference; the cheque number or category if left out, empty for none.",
    )
    contact: str | None = strawberry.field(default=None, description="Whom it is about.")
    posted_on: date | None = strawberry.field(
        default=None, description="The entry's date; the line's if left out."
    )
    transaction_on: date | None = strawberry.field(
        default=None, description="When it happened; as the bank says if left out."
    )
    rates: list[EntryRateInput] = strawberry.field(default_factory=list, description=_RATES)
    duplicate_reason: str | None = strawberry.field(default=None, description=_DUPLICATE_REASON)
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(
    description=(
        "A transfer between two accounts of the company, a card payment too. The other side is a "
        "bank line that is there, or the account that it will be on."
    )
)
class TransferTransactionInput:
    bank_transaction_id: strawberry.ID = strawberry.field(description="The line.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    other_transaction_id: strawberry.ID | None = strawberry.field(
        default=None, description="The other side's line, where it is there."
    )
    other_expected_revision: int | None = strawberry.field(
        default=None, description="The revision that the other line had when it was read."
    )
    ledger_account_id: strawberry.ID | None = strawberry.field(
        default=None, description="The other side's ledger account, where its line is not there."
    )
    other_amount: Decimal | None = strawberry.field(
        default=None,
        description=(
            "What the other account gets (+) or gives (−), in its currency; needed where that is "
            "another one."
        ),
    )
    fees: list[CodingLineInput] = strawberry.field(
        default_factory=list,
        description="What the way cost, in the first line's currency and with the bank's sign.",
    )
    exchange_account_id: strawberry.ID | None = strawberry.field(
        default=None, description="The ledger account that takes what two rates leave."
    )
    memo: str | None = strawberry.field(
        default=None, description="What it is; the line's description if left out, empty for none."
    )
    posted_on: date | None = strawberry.field(
        default=None,
        description="A later day, where the period of the earlier line's day is locked.",
    )
    rates: list[EntryRateInput] = strawberry.field(default_factory=list, description=_RATES)
    duplicate_reason: str | None = strawberry.field(default=None, description=_DUPLICATE_REASON)
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.type(description="What was booked.")
class BookTransactionPayload(ActPayload):
    pass


@strawberry.type(description="What was booked.")
class TransferTransactionPayload(ActPayload):
    pass


@strawberry.type
class BookingMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Post an entry for what is open of a bank line, and reconcile the line with it. "
            "Needs the right CODE."
        ),
    )
    async def book_transaction(
        self,
        info: Info,
        input: Annotated[BookTransactionInput, strawberry.argument(description="How.")],
    ) -> BookTransactionPayload:
        viewer = info.context.signed_in()
        line_id = _line_id(input.bank_transaction_id)
        key = key_of("bookTransaction", input)
        async with info.context.transaction() as uow:
            done = await done_before(uow, viewer, key) or await book(
                uow,
                viewer,
                bank_transaction_id=line_id,
                expected_revision=input.expected_revision,
                coding=await _coding(viewer, line_id, input),
                duplicate_reason=input.duplicate_reason,
                key=key,
            )
        return BookTransactionPayload(done=done)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Post one entry for a transfer or a card payment, and reconcile each bank line of it "
            "that is there. Needs the right CODE."
        ),
    )
    async def transfer_transaction(
        self,
        info: Info,
        input: Annotated[TransferTransactionInput, strawberry.argument(description="Where to.")],
    ) -> TransferTransactionPayload:
        viewer = info.context.signed_in()
        line_id = _line_id(input.bank_transaction_id)
        key = key_of("transferTransaction", input)
        async with info.context.transaction() as uow:
            done = await done_before(uow, viewer, key) or await _transfer(
                uow, viewer, line_id, input, key
            )
        return TransferTransactionPayload(done=done)


async def _transfer(
    uow: UnitOfWork, viewer: Viewer, line_id: UUID, input: TransferTransactionInput, key: Key
) -> Act:
    currency = await bank_currency(viewer, line_id)
    return await transfer(
        uow,
        viewer,
        bank_transaction_id=line_id,
        expected_revision=input.expected_revision,
        other=await _other(viewer, input, currency),
        fees=coding_lines(input.fees, currency, within=("fees",)),
        rates=rates_of(input.rates),
        exchange_account_id=_exchange_account(input),
        memo=input.memo,
        posted_on=input.posted_on,
        duplicate_reason=input.duplicate_reason,
        key=key,
    )


def _line_id(given: str) -> UUID:
    return ids.decode(given, "BankTransaction", field=("bank_transaction_id",))


async def _coding(viewer: Viewer, line_id: UUID, input: BookTransactionInput) -> Coding:
    currency = await bank_currency(viewer, line_id)
    return Coding(
        lines=coding_lines(input.lines, currency, within=("lines",)),
        memo=input.memo,
        reference=input.reference,
        contact=input.contact,
        posted_on=input.posted_on,
        transaction_on=input.transaction_on,
        rates=rates_of(input.rates),
    )


async def _other(
    viewer: Viewer, input: TransferTransactionInput, currency: str
) -> OtherTransaction | OtherAccount:
    if (input.other_transaction_id is None) is (input.ledger_account_id is None):
        raise OneOtherSide
    if input.other_transaction_id is not None:
        field = ("other_transaction_id",)
        return OtherTransaction(
            bank_transaction_id=ids.decode(
                input.other_transaction_id, "BankTransaction", field=field
            ),
            expected_revision=input.other_expected_revision,
        )
    return await _other_account(viewer, str(input.ledger_account_id), input.other_amount, currency)


async def _other_account(
    viewer: Viewer, given: str, amount: Decimal | None, currency: str
) -> OtherAccount:
    account_id = ids.decode(given, "LedgerAccount", field=("ledger_account_id",))
    if amount is None:
        return OtherAccount(ledger_account_id=account_id)
    rows = await ledger_accounts_by_id(viewer, [account_id], ["ledger_account.currency"])
    kept_in = rows[0]["ledger_account.currency"] if rows else None
    minor = minor_units(amount, kept_in or currency, field=("other_amount",))
    return OtherAccount(ledger_account_id=account_id, amount_minor=minor)


def _exchange_account(input: TransferTransactionInput) -> UUID | None:
    if input.exchange_account_id is None:
        return None
    field = ("exchange_account_id",)
    return ids.decode(input.exchange_account_id, "LedgerAccount", field=field)
