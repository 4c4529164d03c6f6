"""The bank's records in the JSON shapes of Plaid's API. Pure.

Plaid's signs: an amount is positive when money goes out; `current` of a card or loan is positive
when owed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from fakebank.bank.institutions import Institution
from fakebank.bank.records import Account, Description, Line
from fakebank.plaid.errors import PlaidError
from fakebank.plaid.items import item_account_id, item_line_id
from fakebank.plaid.records import Item

UNOFFICIAL = frozenset({
    "ADA", "BAT", "BCH", "BNB", "BTC", "BTG", "BSV", "CNH", "DASH", "DOGE", "ETC", "ETH", "GBX",
    "LSK", "NEO", "OMG", "QTUM", "USDT", "XLM", "XMR", "XRP", "ZEC", "ZRX",
})  # fmt: skip
OTHER_WORDS = "POS PURCHASE"
SUPPORTED_PRODUCTS = ["assets", "auth", "balance", "identity", "transactions"]


def moment(at: datetime | None) -> str | None:
    """A moment as Plaid writes it, such as 2026-11-22T12:00:00Z."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def currency_fields(code: str) -> dict[str, Any]:
    """The two currency fields, exactly one of them null."""
    unofficial = code in UNOFFICIAL
    return {
        "iso_currency_code": None if unofficial else code,
        "unofficial_currency_code": code if unofficial else None,
    }


def account(item: Item, account: Account, *, persistent_id: str | None) -> dict[str, Any]:
    """An AccountBase."""
    shape: dict[str, Any] = {
        "account_id": item_account_id(item, account.account_id),
        "balances": _balances(account),
        "holder_category": "business",
        "mask": account.mask,
        "name": account.name,
        "official_name": account.official_name,
        "subtype": account.subtype,
        "type": account.kind,
    }
    if persistent_id:
        shape["persistent_account_id"] = persistent_id
    return shape


def _balances(account: Account) -> dict[str, Any]:
    current = -account.balance if account.owed else account.balance
    return {
        "available": _available(account),
        "current": current,
        "limit": account.limit,
        **currency_fields(account.currency),
    }


def _available(account: Account) -> Any:
    if account.available_unknown:
        return None
    if account.available is not None:
        return account.available
    if account.kind == "depository":
        return account.balance + account.pending_total
    if account.kind == "credit" and account.limit is not None:
        return account.limit + account.balance + account.pending_total
    return None


def item(item: Item, *, name: str, error: PlaidError | None) -> dict[str, Any]:
    """The Item object that most answers carry."""
    return {
        "available_products": [p for p in SUPPORTED_PRODUCTS if p not in item.products],
        "billed_products": list(item.products),
        "consent_expiration_time": moment(item.consent_expires_at),
        "error": None if error is None else error.body(),
        "institution_id": item.institution_id,
        "institution_name": name,
        "item_id": item.item_id,
        "products": list(item.products),
        "update_type": "background",
        "auth_method": None,
        "webhook": item.webhook or "",
    }


def item_with_consent(item_: Item, *, name: str, error: PlaidError | None) -> dict[str, Any]:
    """The Item object of /item/get."""
    return item(item_, name=name, error=error) | {
        "created_at": moment(item_.created_at),
        "consented_products": list(item_.products),
    }


def transaction(item: Item, line: Line, *, original_description: bool) -> dict[str, Any]:
    """A Transaction, in the words and under the dates that the bank prints for this Item."""
    described = _printed(item, line.description)
    return {
        "transaction_id": item_line_id(item, line.line_id),
        "account_id": item_account_id(item, line.account_id),
        "amount": -line.amount,
        **currency_fields(line.currency),
        "date": _dated(item, line.listed_on),
        "datetime": None,
        "authorized_date": _dated(item, line.occurred_on),
        "authorized_datetime": None,
        "name": described.merchant or described.text,
        "merchant_name": described.merchant,
        "merchant_entity_id": None,
        "original_description": described.text if original_description else None,
        "pending": line.pending,
        "pending_transaction_id": _pending_id(item, line),
        "payment_channel": described.channel,
        "check_number": described.check_number,
        "account_owner": None,
        "category": None,
        "category_id": None,
        "location": dict.fromkeys(LOCATION),
        "payment_meta": dict.fromkeys(PAYMENT_META),
        "personal_finance_category": _category(described.category),
        "counterparties": _counterparties(described.merchant),
        "transaction_code": None,
        "transaction_type": "place" if described.channel == "in store" else "special",
        "logo_url": None,
        "website": None,
    }


def _printed(item: Item, described: Description) -> Description:
    if not item.other_words:
        return described
    return replace(described, text=f"{OTHER_WORDS} {described.text}")


def _dated(item: Item, day: date) -> str:
    ordinal = min(day.toordinal() + item.days_later, date.max.toordinal())
    return date.fromordinal(ordinal).isoformat()


LOCATION = ("address", "city", "region", "postal_code", "country", "lat", "lon", "store_number")
PAYMENT_META = (
    "reference_number",
    "ppd_id",
    "payee",
    "by_order_of",
    "payer",
    "payment_method",
    "payment_processor",
    "reason",
)
PRIMARY_CATEGORIES = (
    "INCOME", "TRANSFER_IN", "TRANSFER_OUT", "LOAN_PAYMENTS", "BANK_FEES", "ENTERTAINMENT",
    "FOOD_AND_DRINK", "GENERAL_MERCHANDISE", "HOME_IMPROVEMENT", "MEDICAL", "PERSONAL_CARE",
    "GENERAL_SERVICES", "GOVERNMENT_AND_NON_PROFIT", "TRANSPORTATION", "TRAVEL",
    "RENT_AND_UTILITIES",
)  # fmt: skip


def _pending_id(item: Item, line: Line) -> str | None:
    return None if line.posted_from is None else item_line_id(item, line.posted_from)


def _category(detailed: str) -> dict[str, Any]:
    primary = next((p for p in PRIMARY_CATEGORIES if detailed.startswith(p)), detailed)
    return {"primary": primary, "detailed": detailed, "confidence_level": "HIGH"}


def _counterparties(merchant: str | None) -> list[dict[str, Any]]:
    if merchant is None:
        return []
    return [
        {
            "name": merchant,
            "type": "merchant",
            "website": None,
            "logo_url": None,
            "entity_id": None,
            "confidence_level": "HIGH",
        }
    ]


def removed(item: Item, line: Line) -> dict[str, Any]:
    """A RemovedTransaction."""
    return {
        "transaction_id": item_line_id(item, line.line_id),
        "account_id": item_account_id(item, line.account_id),
    }


def institution(
    institution: Institution,
    *,
    with_status: bool = False,
    down: bool = False,
    now: datetime | None = None,
    with_metadata: bool = False,
) -> dict[str, Any]:
    """An Institution."""
    shape: dict[str, Any] = {
        "institution_id": institution.institution_id,
        "name": institution.name,
        "products": SUPPORTED_PRODUCTS,
        "country_codes": list(institution.countries),
        "routing_numbers": [institution.routing_number] if institution.routing_number else [],
        "dtc_numbers": [],
        "oauth": institution.oauth,
        "connection_availability": "SUPPORTED" if institution.supported else "NOT_SUPPORTED",
    }
    if with_metadata:
        shape |= {"url": institution.url, "primary_color": institution.color, "logo": None}
    if with_status:
        health = "DOWN" if down else institution.health
        shape["status"] = {
            "item_logins": _product_status(health, now),
            "transactions_updates": _product_status(health, now),
        }
    return shape


def _product_status(health: str, now: datetime | None) -> dict[str, Any]:
    success = {"HEALTHY": 1, "DEGRADED": 0.5, "DOWN": 0}[health]
    interval = {"HEALTHY": "NORMAL", "DEGRADED": "DELAYED", "DOWN": "STOPPED"}[health]
    return {
        "status": health,
        "last_status_change": moment(now),
        "breakdown": {
            "success": success,
            "error_plaid": 0,
            "error_institution": 1 - success,
            "refresh_interval": interval,
        },
    }
