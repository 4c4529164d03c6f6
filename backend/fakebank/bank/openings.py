"""The accounts that a new login opens with, and their history up to now. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from fakebank.bank import company
from fakebank.bank.records import Account, Description, PlannedLine

HISTORY_DAYS = 730
DYNAMIC_LINES = 50
TWIN_LINES = 60
Opened = list[tuple[Account, list[PlannedLine]]]


def company_accounts(story: str, *, currency: str, now: datetime) -> Opened:
    """A small company's accounts: three that go on moving, and those that rarely do."""
    began = _first_sixth(now.date() - timedelta(days=HISTORY_DAYS))
    through = began - timedelta(days=1)
    moving = [
        _account(
            "Business Checking",
            "Platypus Everyday Business Checking",
            "0000",
            "depository",
            "checking",
            currency,
            "38250.00",
            role="checking",
        ),
        _account(
            "Business Savings",
            "Platypus Reserve Savings",
            "1111",
            "depository",
            "savings",
            currency,
            "61400.00",
            role="savings",
        ),
        _account(
            "Business Credit Card",
            "Platypus Ink Business Card",
            "9999",
            "credit",
            "credit card",
            currency,
            "0",
            role="card",
            limit="25000",
        ),
    ]
    moving[2].opening = _card_debt(story, began)
    for account in moving:
        account.planned_through = through
    return [(account, []) for account in moving + _quiet_accounts(currency)]


def _quiet_accounts(currency: str) -> list[Account]:
    return [
        _account(
            "Certificate of Deposit",
            "Platypus 12-Month CD",
            "2222",
            "depository",
            "cd",
            currency,
            "25000.00",
        ),
        _account(
            "Money Market",
            "Platypus Silver Money Market",
            "4444",
            "depository",
            "money market",
            currency,
            "43200.00",
        ),
        _account(
            "Equipment Loan",
            "Platypus Equipment Loan",
            "7777",
            "loan",
            "business",
            currency,
            "-18640.25",
        ),
    ]


def _account(
    name: str,
    official: str,
    mask: str,
    kind: str,
    subtype: str,
    currency: str,
    opening: str,
    *,
    role: str = "",
    limit: str | None = None,
) -> Account:
    return Account(
        account_id="",
        login_id="",
        name=name,
        official_name=official,
        mask=mask,
        kind=kind,
        subtype=subtype,
        currency=currency,
        opening=Decimal(opening),
        role=role,
        limit=None if limit is None else Decimal(limit),
    )


def _first_sixth(day: date) -> date:
    """The first day after a card payment, so that the story opens with a settled card."""
    if day.day <= 6:
        return day.replace(day=6)
    return (day.replace(day=1) + timedelta(days=32)).replace(day=6)


def _card_debt(story: str, began: date) -> Decimal:
    """What was charged since the last statement closed: the next payment settles it."""
    day = (began.replace(day=1) - timedelta(days=1)).replace(day=company.STATEMENT_DAY)
    debt = Decimal(0)
    while (day := day + timedelta(days=1)) < began:
        debt += sum((charge.amount for charge in company.card_charges(story, day)), Decimal(0))
    return debt


def dynamic_accounts(_: str, *, currency: str, now: datetime) -> Opened:
    """One checking account with 50 lines, the newest of them pending for nobody knows how long."""
    account = _account(
        "Dynamic Checking",
        "Platypus Dynamic Checking",
        "0000",
        "depository",
        "checking",
        currency,
        "5000.00",
    )
    forever = datetime(9999, 1, 1, tzinfo=UTC)
    lines = []
    for n in range(DYNAMIC_LINES):
        moment = datetime.combine(
            now.date() - timedelta(days=DYNAMIC_LINES - 1 - n), time(), tzinfo=UTC
        )
        amount = Decimal(300 + (n * 397) % 9000) / 100
        shop = company.CARD_SHOPS[n % len(company.CARD_SHOPS)]
        described = Description(f"{shop[0].upper()} {n:05d}", shop[0], shop[1], shop[2])
        posts = forever if n >= DYNAMIC_LINES - 5 else moment
        lines.append(PlannedLine(moment, posts, -amount, described))
    return [(account, lines)]


def equal_mask_accounts(_: str, *, currency: str, now: datetime) -> Opened:
    """Two checking accounts with one number between them: only name and lines tell them apart."""
    facts = ("Platypus Everyday Business Checking", "0000", "depository", "checking", currency)
    operating = _account("Operating Checking", *facts, "12400.00")
    payroll = _account("Payroll Checking", *facts, "30900.00")
    return [(operating, _twin_lines(now, 0)), (payroll, _twin_lines(now, 1))]


def _twin_lines(now: datetime, twin: int) -> list[PlannedLine]:
    """A line a day up to yesterday; no amount of the one account occurs in the other."""
    lines = []
    for n in range(TWIN_LINES):
        day = now.date() - timedelta(days=TWIN_LINES - n)
        moment = datetime.combine(day, time(), tzinfo=UTC)
        amount = Decimal(1000 + n * 34 + twin * 17) / 100
        shop = company.CARD_SHOPS[(n + twin) % len(company.CARD_SHOPS)]
        described = Description(f"{shop[0].upper()} {n:05d}", shop[0], shop[1], shop[2])
        lines.append(PlannedLine(moment, moment, -amount, described))
    return lines


OPENINGS = {
    "company": company_accounts,
    "dynamic": dynamic_accounts,
    "equal_masks": equal_mask_accounts,
}
