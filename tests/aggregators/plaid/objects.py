"""Plaid's objects for tests: whole ones, of which a test changes what it is about."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def line(**changes: Any) -> Object:
    """A posted Transaction: 12.34 USD out."""
    return {
        "account_id": "account-1",
        "amount": 12.34,
        "iso_currency_code": "USD",
        "unofficial_currency_code": None,
        "authorized_date": "2026-02-27",
        "check_number": None,
        "date": "2026-03-01",
        "name": "Coffee  Shop",
        "merchant_name": "Coffee Shop",
        "original_description": "POS COFFEE SHOP 0042",
        "payment_channel": "in store",
        "pending": False,
        "pending_transaction_id": None,
        "personal_finance_category": {
            "primary": "FOOD_AND_DRINK",
            "detailed": "FOOD_AND_DRINK_COFFEE",
        },
        "transaction_id": "line-1",
        **changes,
    }


def balances(**changes: Any) -> Object:
    """Balances in USD."""
    return {
        "available": 100,
        "current": 110.5,
        "limit": None,
        "iso_currency_code": "USD",
        "unofficial_currency_code": None,
        **changes,
    }


def account(**changes: Any) -> Object:
    """A checking account."""
    return {
        "account_id": "account-1",
        "balances": balances(),
        "mask": "0000",
        "name": "Plaid Checking",
        "official_name": "Plaid Gold Standard 0% Interest Checking",
        "type": "depository",
        "subtype": "checking",
        **changes,
    }


def page(**changes: Any) -> Object:
    """The last page of /transactions/sync, with no lines."""
    return {
        "added": [],
        "modified": [],
        "removed": [],
        "accounts": [],
        "next_cursor": "cursor-1",
        "has_more": False,
        "request_id": "request-1",
        "transactions_update_status": "HISTORICAL_UPDATE_COMPLETE",
        **changes,
    }


def item(**changes: Any) -> Object:
    """An answer of /item/get for a healthy login."""
    return {
        "item": {
            "item_id": "item-1",
            "institution_id": "ins_109508",
            "institution_name": "First Platypus Bank",
            "webhook": "",
            "error": None,
            "available_products": [],
            "billed_products": ["transactions"],
            "consent_expiration_time": None,
            "update_type": "background",
            **changes,
        },
        "status": {
            "transactions": {
                "last_successful_update": "2026-03-01T10:00:00Z",
                "last_failed_update": None,
            },
            "last_webhook": None,
        },
        "request_id": "request-1",
    }


def error(code: str, *, error_type: str, **changes: Any) -> Object:
    """A PlaidError."""
    return {
        "error_type": error_type,
        "error_code": code,
        "error_message": "for developers",
        "display_message": None,
        "request_id": "request-1",
        **changes,
    }


def link_token(*sessions: Object, products: list[str] | None = None) -> Object:
    """An answer of /link/token/get; without products it is of update mode."""
    return {
        "link_token": "link-1",
        "created_at": "2026-03-01T10:00:00Z",
        "expiration": "2026-03-01T14:00:00Z",
        "link_sessions": list(sessions),
        "metadata": {
            "initial_products": products or [],
            "webhook": None,
            "country_codes": ["US"],
            "language": "en",
            "redirect_uri": None,
            "client_name": "Counterfoil",
        },
        "request_id": "request-1",
    }


def session(**changes: Any) -> Object:
    """A session that has begun."""
    return {
        "link_session_id": "session-1",
        "started_at": "2026-03-01T10:01:00Z",
        "finished_at": None,
        "events": [],
        **changes,
    }


def added(**changes: Any) -> Object:
    """An entry of item_add_results."""
    return {
        "public_token": "public-1",
        "institution": {"institution_id": "ins_109508", "name": "First Platypus Bank"},
        "accounts": [
            {
                "id": "account-1",
                "name": "Plaid Checking",
                "mask": "0000",
                "type": "depository",
                "subtype": "checking",
                "verification_status": None,
                "class_type": None,
            }
        ],
        **changes,
    }
