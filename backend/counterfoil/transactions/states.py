"""Where a bank line stands on its way into the books, in one word."""

from __future__ import annotations

from enum import StrEnum


class BankTransactionState(StrEnum):
    """The first of these that is true of a line, in this order.

    UNDECIDED: the bank changed or withdrew it after it was booked. RECONCILED: its matches add up
    to its amount, whatever its date. HISTORY: dated up to the start of its account, or the account
    has none. What is left is to be reviewed; partly reconciled lines are among that.
    """

    PENDING = "PENDING"
    UNDECIDED = "UNDECIDED"
    EXCLUDED = "EXCLUDED"
    RECONCILED = "RECONCILED"
    HISTORY = "HISTORY"
    TO_CHECK = "TO_CHECK"
    REVIEW = "REVIEW"


OPEN = (
    BankTransactionState.REVIEW,
    BankTransactionState.TO_CHECK,
    BankTransactionState.UNDECIDED,
)
"""What somebody still has to do something about."""
