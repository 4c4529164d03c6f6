"""What the bank keeps: logins, accounts and lines.

Amounts are Decimal in the account's own currency; + is money into the account, - is money out, and
an amount owed on a card or a loan is a negative balance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(slots=True)
class Description:
    """What the bank prints about a line."""

    text: str
    merchant: str | None = None
    channel: str = "other"
    category: str = "GENERAL_SERVICES_OTHER_GENERAL_SERVICES"
    check_number: str | None = None


@dataclass(slots=True)
class PlannedLine:
    """A line that will come: pending from `occurs_at`, posted from `posts_at` with `final_amount`.

    Equal moments mean a line that is never pending.
    """

    occurs_at: datetime
    posts_at: datetime
    amount: Decimal
    description: Description
    final_amount: Decimal | None = None
    currency: str | None = None


@dataclass(slots=True)
class Line:
    """One line of an account.

    The positions say when in the bank's order of changes it came, last changed, went and came back;
    `posts_at` and `final_amount` of a pending line say what will become of it (None: a hold that
    nobody has planned the end of). `posted_from` is the pending line that it was.
    """

    line_id: str
    account_id: str
    amount: Decimal
    currency: str
    occurred_on: date
    posted_on: date | None
    description: Description
    created_position: int
    changed_position: int
    removed_position: int | None = None
    restored_position: int | None = None
    posted_from: str | None = None
    posts_at: datetime | None = None
    final_amount: Decimal | None = None

    @property
    def pending(self) -> bool:
        return self.posted_on is None

    @property
    def listed_on(self) -> date:
        """The date that the line is listed under: posting date, else the day that it occurred."""
        return self.posted_on or self.occurred_on


@dataclass(slots=True)
class Account:
    """One account. `opening` plus its posted lines is the balance.

    `role` names the generator that goes on writing lines ("" for none), `planned_through` the last
    day that it has planned. `balance_error` makes the reported balance wrong on purpose.
    """

    account_id: str
    login_id: str
    name: str
    official_name: str | None
    mask: str | None
    kind: str
    subtype: str
    currency: str
    opening: Decimal = ZERO
    limit: Decimal | None = None
    available: Decimal | None = None
    available_unknown: bool = False
    persistent_id: str | None = None
    role: str = ""
    planned_through: date | None = None
    planned: list[PlannedLine] = field(default_factory=list)
    posted_total: Decimal = ZERO
    pending_total: Decimal = ZERO
    balance_error: Decimal = ZERO
    closed_at: datetime | None = None
    next_event_at: datetime | None = None

    @property
    def owed(self) -> bool:
        """Whether the balance is something that the customer owes."""
        return self.kind in ("credit", "loan")

    @property
    def balance(self) -> Decimal:
        """Posted balance, negative when owed."""
        return self.opening + self.posted_total + self.balance_error


@dataclass(slots=True)
class SecondFactor:
    """What the bank asks after the password.

    `kind` is "" (nothing), "device" (a code), "selections" or "questions"; rounds and per_round
    count the screens and the questions on each.
    """

    kind: str = ""
    rounds: int = 1
    per_round: int = 1


@dataclass(slots=True)
class Login:
    """One customer's sign-in at one institution.

    `recipe` says how its accounts came: company, dynamic, equal_masks or custom.
    `credentials_version` grows when the password changes, which breaks every sign-in that used the
    old one. `next_link_other_words` and `next_link_days_later` say how its next link prints the
    lines; that link takes them with it.
    """

    login_id: str
    institution_id: str
    username: str
    password: str
    recipe: str
    second_factor: SecondFactor = field(default_factory=SecondFactor)
    forced_error: str | None = None
    account_ids: list[str] = field(default_factory=list)
    credentials_version: int = 1
    password_changed: bool = False
    refused_codes: int = 0
    locked: bool = False
    next_link_other_words: bool = False
    next_link_days_later: int = 0
