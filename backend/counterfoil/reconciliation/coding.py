"""From a bank line, and the accounts that a person chose for it, to the draft of an entry: pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.kit.money import Money
from counterfoil.ledger.drafting import EntryDraft, LineDraft, Rate
from counterfoil.ledger.models import EntrySource
from counterfoil.transactions.models import BankTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingLine:
    """What a part of a bank line is for.

    `amount_minor` is in the bank line's currency and of the bank's sign: − for an expense.
    """

    ledger_account_id: UUID
    amount_minor: int
    memo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """How a bank line is booked. What is None is taken from the line, "" leaves it empty."""

    lines: Sequence[CodingLine]
    memo: str | None = None
    reference: str | None = None
    contact: str | None = None
    posted_on: date | None = None
    transaction_on: date | None = None
    rates: Sequence[Rate] = ()


class CodingIncomplete(CounterfoilError):
    """The parts of a bank line do not add up to what is open of it."""

    code = "JOURNAL_ENTRY_UNBALANCED"
    field = ("lines",)

    def __init__(self, *, open_minor: int, coded_minor: int, currency: str) -> None:
        self.open_minor, self.coded_minor, self.currency = open_minor, coded_minor, currency
        left = Money(open_minor - coded_minor, currency).to_decimal_string()
        of = Money(open_minor, currency).to_decimal_string()
        super().__init__(
            f"The lines must add up to {of} {currency}: {left} is left. Correct an amount, or add "
            "a line."
        )


class CodedToItself(InvalidInput):
    """A part of a bank line is for the very account that the bank keeps: it says nothing."""

    def __init__(self, *, field: tuple[str, ...]) -> None:
        super().__init__(
            "This is the bank account's own ledger account. Choose the one that says what it is "
            "for.",
            field=field,
        )


def refuse_itself(
    parts: Sequence[CodingLine], own: Collection[UUID], *, within: tuple[str, ...]
) -> None:
    """Pass when no part is for one of the ledger accounts `own`; `within` is the input's list.

    Raises:
        CodedToItself.
    """
    for index, part in enumerate(parts):
        if part.ledger_account_id in own:
            raise CodedToItself(field=(*within, str(index), "ledger_account_id"))


def reference_of(line: BankTransaction) -> str | None:
    """What an entry made from this line refers to: its cheque number, else its category."""
    return line.check_number or line.category


def draft_of(
    line: BankTransaction,
    coding: Coding,
    *,
    ledger_account_id: UUID,
    source: EntrySource = EntrySource.FEED,
) -> EntryDraft:
    """The entry that books what is open of `line`.

    The first line is on the bank's ledger account (`ledger_account_id`) with the bank's own
    amount, debit where money came in; the others follow `coding` in its order, with the opposite
    sign. All are in the bank line's currency; what they are in base follows from `coding.rates`.

    Raises:
        CodingIncomplete: the parts do not add up to the open remainder.
        CodedToItself: one is for the bank's own ledger account.
    """
    refuse_itself(coding.lines, (ledger_account_id,), within=("lines",))
    open_minor = line.amount_minor - line.reconciled_minor
    coded_minor = sum(part.amount_minor for part in coding.lines)
    if coded_minor != open_minor:
        raise CodingIncomplete(
            open_minor=open_minor, coded_minor=coded_minor, currency=line.currency
        )
    bank = LineDraft(
        ledger_account_id=ledger_account_id, amount_minor=open_minor, currency=line.currency
    )
    return EntryDraft(
        posted_on=coding.posted_on or line.dated_on,
        transaction_on=coding.transaction_on or line.occurred_on or line.dated_on,
        reference=_chosen(coding.reference, reference_of(line)),
        memo=_chosen(coding.memo, line.description),
        contact=coding.contact or None,
        lines=(bank, *contra_lines(coding.lines, line.currency)),
        rates=coding.rates,
        source=source,
    )


def contra_lines(parts: Sequence[CodingLine], currency: str) -> Sequence[LineDraft]:
    """The journal lines that stand against the bank's: an expense of −5.00 is debited by 5.00."""
    return [
        LineDraft(
            ledger_account_id=part.ledger_account_id,
            amount_minor=-part.amount_minor,
            currency=currency,
            memo=part.memo or None,
        )
        for part in parts
    ]


def _chosen(typed: str | None, proposed: str | None) -> str | None:
    return proposed if typed is None else typed or None
