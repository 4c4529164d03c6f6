"""A believable small company: what its checking, savings and card see on any one day. Pure.

Everything follows from the seed and the day, so the same seed tells the same story whenever it is
asked, and the story goes on for as long as the clock does.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random

from fakebank.bank.records import Description, PlannedLine

CENT = Decimal("0.01")
CUSTOMERS = (
    "Larkspur Hotel Group", "Old Mill Grocers", "Cedar & Vine", "Bayside Catering",
    "Quayle Offices", "Morningside School District", "Fernhill Market", "Dockyard Cinema",
)  # fmt: skip
SUPPLIERS = ("Cordillera Green Coffee", "Blue Nile Imports", "Sumatra Direct Trading")
SUBSCRIPTIONS = {
    3: ("Google Workspace", "86.40"), 7: ("Slack", "61.25"), 11: ("Adobe Creative Cloud", "89.99"),
    16: ("QuickParts Inventory", "129.00"), 21: ("Zoom", "31.98"), 26: ("Mailchimp", "75.00"),
}  # fmt: skip
CARD_SHOPS = (
    ("Shell", "in store", "TRANSPORTATION_GAS", 32, 94),
    ("Uber", "online", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES", 9, 48),
    ("Office Depot", "in store", "GENERAL_MERCHANDISE_OFFICE_SUPPLIES", 14, 190),
    ("Amazon", "online", "GENERAL_MERCHANDISE_ONLINE_MARKETPLACES", 12, 240),
    ("Corner Bistro", "in store", "FOOD_AND_DRINK_RESTAURANT", 16, 130),
    ("USPS", "in store", "GENERAL_SERVICES_POSTAGE_AND_SHIPPING", 8, 70),
    ("Home Depot", "in store", "HOME_IMPROVEMENT_HARDWARE", 18, 260),
    ("Meta Ads", "online", "GENERAL_SERVICES_OTHER_GENERAL_SERVICES", 40, 180),
)
TRANSFER_IN = "TRANSFER_IN_ACCOUNT_TRANSFER"
TRANSFER_OUT = "TRANSFER_OUT_ACCOUNT_TRANSFER"
STATEMENT_DAY = 25
PAYMENT_DAY = 5
SAVED_EACH_MONTH = Decimal("4500.00")


def plan_day(seed: str, role: str, day: date) -> list[PlannedLine]:
    """The lines that begin on `day` for role checking, savings or card, in order of time."""
    write = {"checking": _checking, "savings": _savings, "card": _card}[role]
    return sorted(write(seed, day), key=lambda line: line.occurs_at)


def _dice(seed: str, *about: object) -> Random:
    return Random("/".join([seed, *map(str, about)]))  # noqa: S311 - a story, not a secret


def _between(dice: Random, low: int, high: int) -> Decimal:
    return Decimal(dice.randrange(low * 100, high * 100)) * CENT


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=UTC)


def _business_day(day: date) -> bool:
    return day.weekday() < 5


def _business_days_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= _business_day(day)
    return day


def _posted(
    day: date,
    amount: Decimal,
    text: str,
    category: str,
    *,
    merchant: str | None = None,
    check_number: str | None = None,
) -> PlannedLine:
    moment = _at(day, 11, day.day)
    described = Description(text, merchant, "other", category, check_number)
    return PlannedLine(moment, moment, amount, described)


def _last_of_month(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _checking(seed: str, day: date) -> list[PlannedLine]:
    dice = _dice(seed, "checking", day)
    lines = [*_monthly_bills(seed, day), *_payroll(seed, day)]
    if not _business_day(day):
        return lines
    payout = _between(dice, 350, 1400)
    lines.append(
        _posted(
            day,
            payout,
            f"STRIPE TRANSFER ST-{dice.randrange(10**10):010d}",
            "TRANSFER_IN_OTHER_TRANSFER_IN",
            merchant="Stripe",
        )
    )
    if dice.random() < 0.42:
        lines.append(_customer_payment(dice, day))
    if dice.random() < 0.12:
        lines.append(_supplier_payment(dice, day))
    if dice.random() < 0.08:
        lines.append(_check(dice, day))
    return lines


def _customer_payment(dice: Random, day: date) -> PlannedLine:
    customer = dice.choice(CUSTOMERS)
    text = f"ACH CREDIT {customer.upper()} INV {1000 + dice.randrange(9000)}"
    return _posted(day, _between(dice, 1800, 6200), text, "INCOME_OTHER_INCOME", merchant=customer)


def _supplier_payment(dice: Random, day: date) -> PlannedLine:
    supplier = dice.choice(SUPPLIERS)
    occurs = _at(day, 9 + dice.randrange(8), dice.randrange(60))
    described = Description(
        f"WIRE OUT {supplier.upper()} REF {dice.randrange(10**6):06d}",
        supplier,
        "online",
        "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE",
    )
    posts = _at(_business_days_after(day, 1), 10)
    return PlannedLine(occurs, posts, -_between(dice, 1900, 4300), described)


def _check(dice: Random, day: date) -> PlannedLine:
    number = str(2000 + (day - date(2020, 1, 1)).days)
    text = f"CHECK {number}"
    return _posted(
        day, -_between(dice, 120, 900), text, "TRANSFER_OUT_WITHDRAWAL", check_number=number
    )


def _monthly_bills(seed: str, day: date) -> list[PlannedLine]:
    dice = _dice(seed, "bills", day)
    bills = {
        1: ("Harborfront Properties", "3250.00", "RENT_AND_UTILITIES_RENT"),
        12: (
            "City Light & Power",
            str(_between(dice, 240, 460)),
            "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY",
        ),
        15: ("Keystone Business Insurance", "412.50", "GENERAL_SERVICES_INSURANCE"),
        18: ("Comcast Business", "189.95", "RENT_AND_UTILITIES_INTERNET_AND_CABLE"),
    }
    lines = []
    if day.day in bills:
        payee, amount, category = bills[day.day]
        lines.append(
            _posted(day, -Decimal(amount), f"ACH DEBIT {payee.upper()}", category, merchant=payee)
        )
    if day.day == PAYMENT_DAY:
        paid = -sum((line.amount for line in _statement(seed, day)), Decimal(0))
        lines.append(
            _posted(
                day,
                -paid,
                "ONLINE PAYMENT THANK YOU CREDIT CARD",
                "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT",
            )
        )
    if day.day == 10:
        lines.append(_posted(day, -SAVED_EACH_MONTH, "TRANSFER TO SAVINGS", TRANSFER_OUT))
    if _last_of_month(day):
        lines.append(
            _posted(day, Decimal("-15.00"), "MONTHLY SERVICE FEE", "BANK_FEES_OTHER_BANK_FEES")
        )
    return lines


def _payroll(seed: str, day: date) -> list[PlannedLine]:
    """Every second Friday, with the taxes withheld in a line of their own."""
    if day.weekday() != 4 or day.toordinal() // 7 % 2:
        return []
    wages = _between(_dice(seed, "payroll", day), 9800, 10600)
    taxes = (wages * Decimal("0.2435")).quantize(CENT)
    return [
        _posted(
            day, -wages, "GUSTO NET PAYROLL", "TRANSFER_OUT_OTHER_TRANSFER_OUT", merchant="Gusto"
        ),
        _posted(
            day,
            -taxes,
            "GUSTO TAX PAYROLL",
            "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT",
            merchant="Gusto",
        ),
    ]


def _savings(seed: str, day: date) -> list[PlannedLine]:
    lines = []
    if day.day == 10:
        lines.append(_posted(day, SAVED_EACH_MONTH, "TRANSFER FROM CHECKING", TRANSFER_IN))
    if _last_of_month(day):
        interest = _between(_dice(seed, "interest", day), 38, 61)
        lines.append(_posted(day, interest, "INTEREST PAID", "INCOME_INTEREST_EARNED"))
    return lines


def _card(seed: str, day: date) -> list[PlannedLine]:
    lines = [*card_charges(seed, day)]
    if day.day == PAYMENT_DAY:
        paid = -sum((line.amount for line in _statement(seed, day)), Decimal(0))
        lines.append(
            _posted(day, paid, "PAYMENT RECEIVED THANK YOU", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT")
        )
    return lines


def _statement(seed: str, day: date) -> list[PlannedLine]:
    """The charges that the payment on `day` settles: those up to the 25th of the month before."""
    closed = (day.replace(day=1) - timedelta(days=1)).replace(day=STATEMENT_DAY)
    opened = (closed.replace(day=1) - timedelta(days=1)).replace(day=STATEMENT_DAY)
    days = (opened + timedelta(days=n + 1) for n in range((closed - opened).days))
    return [charge for each in days for charge in card_charges(seed, each)]


@lru_cache(maxsize=2_000)  # they are asked for by the day, and by both sides of the payment
def card_charges(seed: str, day: date) -> Sequence[PlannedLine]:
    """What is charged to the card on `day`, refunds too."""
    dice = _dice(seed, "card", day)
    lines: list[PlannedLine] = []
    if day.day in SUBSCRIPTIONS:
        payee, amount = SUBSCRIPTIONS[day.day]
        lines.append(
            _charge(
                dice,
                day,
                -Decimal(amount),
                payee,
                "online",
                "GENERAL_SERVICES_OTHER_GENERAL_SERVICES",
            )
        )
    for _ in range(dice.choice((0, 1, 1, 2) if _business_day(day) else (0, 0, 1))):
        shop, channel, category, low, high = dice.choice(CARD_SHOPS)
        amount_out = -_between(dice, low, high)
        refund = dice.random() < 0.03
        lines.append(
            _charge(dice, day, -amount_out if refund else amount_out, shop, channel, category)
        )
    return tuple(lines)


def _charge(
    dice: Random, day: date, amount: Decimal, shop: str, channel: str, category: str
) -> PlannedLine:
    occurs = _at(day, 8 + dice.randrange(14), dice.randrange(60))
    posts = _at(_business_days_after(day, 1 + dice.randrange(2)), 9, 30)
    text = f"{shop.upper()} {dice.randrange(10**5):05d}"
    return PlannedLine(occurs, posts, amount, Description(text, shop, channel, category))
