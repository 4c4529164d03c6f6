"""Plaid's custom-user files: a JSON document that says which accounts and lines a login has. Pure.

The format is the public "user_custom" configuration object of Plaid's sandbox. Amounts there are
in Plaid's sign (money out is positive) and are turned round here. Parts that no transaction feed
shows (identity, liability, holdings, income) are read over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from random import Random
from typing import Any

from fakebank.bank.records import Account, Description, PlannedLine, SecondFactor

USUAL_NAMES = {"depository": "Checking", "credit": "Credit Card", "loan": "Loan"}


class CustomUserUnreadable(Exception):
    """The document is not a custom user; the message names the part that is wrong."""

    def __init__(self, part: str, wanted: str) -> None:
        super().__init__(f"custom user: {part} {wanted}")


@dataclass(frozen=True, slots=True)
class CustomUser:
    """Accounts with their lines, oldest first, and how the sign-in goes."""

    accounts: list[tuple[Account, list[PlannedLine]]]
    second_factor: SecondFactor
    forced_error: str | None


def parse_custom_user(text: str) -> CustomUser:
    """Read a custom-user document. Raises CustomUserUnreadable."""
    try:
        document = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise CustomUserUnreadable("the password", f"is not JSON ({error})") from error
    return read_custom_user(document)


def read_custom_user(document: Any) -> CustomUser:
    """Read a parsed document, its fractions as Decimal. Raises CustomUserUnreadable."""
    if not isinstance(document, dict):
        raise CustomUserUnreadable("the document", "must be a JSON object")
    overrides = document.get("override_accounts") or []
    if not isinstance(overrides, list) or not all(isinstance(each, dict) for each in overrides):
        raise CustomUserUnreadable("override_accounts", "must be a list of objects")
    seed = str(document.get("seed") or "custom")
    return CustomUser(
        accounts=[_account(each, n, seed=seed) for n, each in enumerate(overrides)],
        second_factor=_second_factor(document.get("mfa") or {}),
        forced_error=document.get("force_error") or None,
    )


def _account(override: dict[str, Any], n: int, *, seed: str) -> tuple[Account, list[PlannedLine]]:
    kind = override.get("type") or "depository"
    meta = override.get("meta") or {}
    name = meta.get("name") or USUAL_NAMES.get(kind, kind.title())
    account = Account(
        account_id="",
        login_id="",
        name=name,
        official_name=meta.get("official_name"),
        mask=meta.get("mask") or _mask(override.get("numbers") or {}, n),
        kind="other" if kind == "payroll" else kind,
        subtype=override.get("subtype") or _usual_subtype(kind),
        currency=override.get("currency") or "USD",
        limit=_amount(meta.get("limit"), f"override_accounts[{n}].meta.limit"),
        available=_amount(
            override.get("force_available_balance"),
            f"override_accounts[{n}].force_available_balance",
        ),
        available_unknown=bool(override.get("has_null_available_balance")),
    )
    lines = [
        _line(each, f"override_accounts[{n}].transactions[{k}]")
        for k, each in enumerate(override.get("transactions") or [])
        if each.get("amount") is not None
    ]
    account.opening = _opening(account, override.get("starting_balance"), n, seed=seed)
    return account, sorted(lines, key=lambda line: line.occurs_at)


def _opening(account: Account, stated: Any, n: int, *, seed: str) -> Decimal:
    """The balance to start with, + for the customer; drawn from the seed when none is stated."""
    balance = _amount(stated, f"override_accounts[{n}].starting_balance")
    if balance is None:
        cents = Random(f"{seed}/{n}").randrange(100_000, 1_000_000)  # noqa: S311 - not a secret
        balance = Decimal(cents) / 100
    return -balance if account.owed else balance


def _mask(numbers: dict[str, Any], n: int) -> str:
    return (numbers.get("account") or "")[-4:] or str(n % 10) * 4


def _usual_subtype(kind: str) -> str:
    subtypes = {"depository": "checking", "credit": "credit card", "loan": "loan"}
    return subtypes.get(kind, "other")


def _line(entry: dict[str, Any], where: str) -> PlannedLine:
    amount = _amount(entry.get("amount"), f"{where}.amount") or Decimal(0)
    occurs = _morning(entry.get("date_transacted") or entry.get("date_posted"), where)
    posts = _morning(entry.get("date_posted") or entry.get("date_transacted"), where)
    described = Description(str(entry.get("description") or ""))
    return PlannedLine(
        occurs, max(occurs, posts), -amount, described, currency=entry.get("currency")
    )


def _morning(text: Any, where: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise CustomUserUnreadable(where, "needs dates as YYYY-MM-DD") from error


def _amount(value: Any, where: str) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise CustomUserUnreadable(where, "must be a number")
    return Decimal(value)


def _second_factor(mfa: dict[str, Any]) -> SecondFactor:
    kind = mfa.get("type") or ""
    if kind == "questions":
        return SecondFactor(
            kind, mfa.get("question_rounds") or 1, mfa.get("questions_per_round") or 1
        )
    if kind == "selections":
        return SecondFactor(
            kind, mfa.get("selection_rounds") or 1, mfa.get("selections_per_question") or 1
        )
    if kind not in ("", "device"):
        raise CustomUserUnreadable("mfa.type", "must be device, questions or selections")
    return SecondFactor(kind)
