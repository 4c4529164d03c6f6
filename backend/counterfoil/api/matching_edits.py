"""Matching bank lines with journal lines, and clearing journal lines by hand."""

from __future__ import annotations

from collections.abc import Mapping
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
    EntryRateInput,
    Path,
    bank_currencies,
    journal_currencies,
    rates_of,
)
from counterfoil.kit.money import minor_units
from counterfoil.reconciliation.clearing import clear_by_hand
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.writing_off import WriteOff

_PART = "A part of the line's amount, with its sign; all that is open of it if left out."


@strawberry.input(description="What a bank line gives to a match.")
class MatchBankItemInput:
    bank_transaction_id: strawberry.ID = strawberry.field(description="The line.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    amount: Decimal | None = strawberry.field(default=None, description=_PART)


@strawberry.input(description="What a journal line gives to a match.")
class MatchJournalItemInput:
    journal_line_id: strawberry.ID = strawberry.field(description="The line.")
    amount: Decimal | None = strawberry.field(default=None, description=_PART)


@strawberry.input(
    description=(
        "Where a small difference between the two sides goes, up to `Books.writeOffLimit`: an "
        "entry for it is posted by the same act."
    )
)
class WriteOffInput:
    ledger_account_id: strawberry.ID = strawberry.field(description="To which account.")
    memo: str | None = strawberry.field(
        default=None, description="What it is; by itself it names the bank's line."
    )
    rates: list[EntryRateInput] = strawberry.field(
        default_factory=list, description="What a foreign currency is worth."
    )


@strawberry.input(
    description=(
        "Lines of one ledger account and one currency. Both sides add up to the same; one side "
        "may be empty when the other adds up to zero."
    )
)
class MatchTransactionsInput:
    bank_items: list[MatchBankItemInput] = strawberry.field(description="Lines of the bank.")
    journal_items: list[MatchJournalItemInput] = strawberry.field(
        description="Lines of journal entries."
    )
    write_off: WriteOffInput | None = strawberry.field(
        default=None, description="What to do with what they differ by; without it, nothing may be."
    )
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="Which journal line is cleared without a bank line, and why.")
class ClearByHandInput:
    journal_line_id: strawberry.ID = strawberry.field(description="The line.")
    amount: Decimal | None = strawberry.field(default=None, description=_PART)
    cleared_on: date = strawberry.field(
        description="Since when it is cleared: the line's date or later."
    )
    reason: str = strawberry.field(description="Why, in words; at most 500 characters.")
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.type(description="What was matched.")
class MatchTransactionsPayload(ActPayload):
    pass


@strawberry.type(description="What was cleared.")
class ClearByHandPayload(ActPayload):
    pass


@strawberry.type
class MatchingMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Say that these bank lines are these journal lines: any number on both sides, in "
            "whole or in part. Needs the right CODE."
        ),
    )
    async def match_transactions(
        self,
        info: Info,
        input: Annotated[MatchTransactionsInput, strawberry.argument(description="Which.")],
    ) -> MatchTransactionsPayload:
        viewer = info.context.signed_in()
        bank_ids = _bank_ids(input.bank_items)
        journal_ids = _journal_ids(input.journal_items)
        async with info.context.transaction() as uow:
            in_bank = await bank_currencies(viewer, bank_ids)
            in_books = await journal_currencies(viewer, journal_ids)
            done = await match(
                uow,
                viewer,
                bank_items=[
                    BankItem(
                        row_id,
                        _minor(given.amount, in_bank, row_id, ("bank_items", str(index))),
                        given.expected_revision,
                    )
                    for index, (given, row_id) in enumerate(
                        zip(input.bank_items, bank_ids, strict=True)
                    )
                ],
                journal_items=[
                    JournalItem(
                        row_id,
                        _minor(given.amount, in_books, row_id, ("journal_items", str(index))),
                    )
                    for index, (given, row_id) in enumerate(
                        zip(input.journal_items, journal_ids, strict=True)
                    )
                ],
                write_off=_write_off(input.write_off),
                key=key_of("matchTransactions", input),
            )
        return MatchTransactionsPayload(done=done)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Clear a journal line that no line of the bank stands for: there is no feed, or a gap "
            "in it. A bank line that comes after all takes its place. Needs the right CODE."
        ),
    )
    async def clear_by_hand(
        self,
        info: Info,
        input: Annotated[ClearByHandInput, strawberry.argument(description="Which, and why.")],
    ) -> ClearByHandPayload:
        viewer = info.context.signed_in()
        line_id = ids.decode(input.journal_line_id, "JournalLine", field=("journal_line_id",))
        async with info.context.transaction() as uow:
            currencies = await journal_currencies(viewer, [line_id])
            done = await clear_by_hand(
                uow,
                viewer,
                journal_line_id=line_id,
                amount_minor=_minor(input.amount, currencies, line_id, ()),
                cleared_on=input.cleared_on,
                reason=input.reason,
                key=key_of("clearByHand", input),
            )
        return ClearByHandPayload(done=done)


def _bank_ids(items: list[MatchBankItemInput]) -> list[UUID]:
    return [
        ids.decode(
            item.bank_transaction_id,
            "BankTransaction",
            field=("bank_items", str(index), "bank_transaction_id"),
        )
        for index, item in enumerate(items)
    ]


def _journal_ids(items: list[MatchJournalItemInput]) -> list[UUID]:
    return [
        ids.decode(
            item.journal_line_id,
            "JournalLine",
            field=("journal_items", str(index), "journal_line_id"),
        )
        for index, item in enumerate(items)
    ]


def _minor(
    amount: Decimal | None, currencies: Mapping[UUID, str], row_id: UUID, within: Path
) -> int | None:
    """The amount of an item; of a line that is not seen, the operation asks for none."""
    if amount is None or row_id not in currencies:
        return None
    return minor_units(amount, currencies[row_id], field=(*within, "amount"))


def _write_off(given: WriteOffInput | None) -> WriteOff | None:
    if given is None:
        return None
    field = ("write_off", "ledger_account_id")
    return WriteOff(
        ledger_account_id=ids.decode(given.ledger_account_id, "LedgerAccount", field=field),
        memo=given.memo,
        rates=rates_of(given.rates),
    )
