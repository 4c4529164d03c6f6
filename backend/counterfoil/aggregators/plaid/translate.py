"""Plaid's objects in the port's values. Pure.

Plaid's signs (its documentation of Transaction and AccountBase): an amount is positive when
money goes out, for every type of account; `current` of a card or a loan is positive while money
is owed. Both are turned round here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal

import orjson

from counterfoil.aggregators.plaid.errors import malformed
from counterfoil.aggregators.plaid.money import Currency, CurrencyMissing, currency_of
from counterfoil.aggregators.plaid.reading import (
    Document,
    Malformed,
    day,
    day_or_none,
    each,
    flag,
    identifier,
    identifier_or_none,
    member,
    member_or_none,
    moment_or_none,
    number,
    number_or_none,
    text,
    text_or_none,
)
from counterfoil.aggregators.port import (
    AccountFailure,
    AccountSnapshot,
    AccountType,
    ChangesPage,
    Completeness,
    InstitutionSnapshot,
    RemovedTransaction,
    TransactionSnapshot,
)
from counterfoil.errors import CounterfoilError
from counterfoil.kit.text import clean, clean_or_none

_ACCOUNT_TYPES: Mapping[str, AccountType] = {
    "depository": AccountType.BANK,
    "credit": AccountType.CREDIT_CARD,
    "loan": AccountType.LOAN,
    "investment": AccountType.INVESTMENT,
    "brokerage": AccountType.INVESTMENT,
}
_OWED = (AccountType.CREDIT_CARD, AccountType.LOAN)
_COMPLETENESS: Mapping[str, Completeness] = {
    "NOT_READY": Completeness.NOT_READY,
    "HISTORICAL_UPDATE_COMPLETE": Completeness.COMPLETE,
}
_CURSOR_LIMIT = 1024
_COUNTRY = re.compile("[A-Z]{2}")


def account_type(document: Document) -> AccountType:
    """The type under `type`; one that is not known is OTHER."""
    return _ACCOUNT_TYPES.get(text(document, "type"), AccountType.OTHER)


def account_name(document: Document) -> str:
    """The account's name, never empty."""
    name = clean(text(document, "name"), limit=120)
    return name or clean_or_none(text_or_none(document, "official_name"), limit=120) or "Account"


def account_number(document: Document) -> str | None:
    """The 2 to 4 characters that the bank prints; not always the end of the number."""
    return clean_or_none(text_or_none(document, "mask"), limit=4)


def account(document: Document) -> AccountSnapshot | AccountFailure:
    """An AccountBase; a failure where it is well formed, but its money can't be told.

    Raises:
        Malformed: it is not well formed.
    """
    account_id = identifier(document, "account_id")
    balances = member(document, "balances")
    try:
        return _account(document, account_id, balances, currency_of(balances))
    except CurrencyMissing:
        return _failed(account_id, "The account has no currency.")
    except CounterfoilError as problem:
        return _failed(account_id, str(problem))


def _account(
    document: Document, account_id: str, balances: Document, currency: Currency
) -> AccountSnapshot:
    kind = account_type(document)
    current = _balance(number_or_none(balances, "current"), kind, currency)
    return AccountSnapshot(
        aggregator_id=account_id,
        name=account_name(document),
        official_name=clean_or_none(text_or_none(document, "official_name"), limit=200),
        type=kind,
        subtype=clean_or_none(text_or_none(document, "subtype"), limit=40),
        number=account_number(document),
        currency=currency.code,
        exponent=currency.exponent,
        current_minor=-current if kind in _OWED and current is not None else current,
        available_minor=_balance(number_or_none(balances, "available"), kind, currency),
        limit_minor=_balance(number_or_none(balances, "limit"), kind, currency),
        as_of=moment_or_none(balances, "last_updated_datetime"),
        persistent_id=identifier_or_none(document, "persistent_account_id"),
    )


def _balance(value: Decimal | None, kind: AccountType, currency: Currency) -> int | None:
    """An investment is a valuation and comes with fractions of a cent; the rest is exact."""
    if value is None:
        return None
    return currency.worth(value) if kind is AccountType.INVESTMENT else currency.minor(value)


def _failed(account_id: str, problem: str) -> AccountFailure:
    return AccountFailure(account_id, malformed(problem))


def transaction(document: Document) -> TransactionSnapshot:
    """A Transaction.

    Raises:
        Malformed: a field is missing or ill-typed, or the amount is none of its currency.
    """
    currency, amount_minor = _amount(document)
    pending = flag(document, "pending")
    dated_on = day(document, "date")
    authorized_on = day_or_none(document, "authorized_date")
    return TransactionSnapshot(
        aggregator_id=identifier(document, "transaction_id"),
        account_id=identifier(document, "account_id"),
        pending=pending,
        dated_on=dated_on,
        occurred_on=authorized_on or (dated_on if pending else None),
        amount_minor=amount_minor,
        currency=currency.code,
        exponent=currency.exponent,
        description=_description(document),
        bank_description=clean_or_none(text_or_none(document, "original_description"), limit=1000),
        counterparty=_counterparty(document),
        check_number=clean_or_none(text_or_none(document, "check_number"), limit=40),
        category=_category(document),
        pending_id=identifier_or_none(document, "pending_transaction_id"),
        raw_hash=_raw_hash(document),
    )


def _amount(document: Document) -> tuple[Currency, int]:
    value = number(document, "amount")
    try:
        currency = currency_of(document)
        return currency, -currency.minor(value)
    except CurrencyMissing:
        raise Malformed("iso_currency_code", "is null, and so is the unofficial one") from None
    except CounterfoilError as problem:
        raise Malformed("amount", f"is refused: {problem}") from None


def _description(document: Document) -> str:
    """The line's name; it may be absent by the description, and is deprecated there."""
    names = ("name", "merchant_name", "original_description")
    cleaned = (clean_or_none(text_or_none(document, name), limit=500) for name in names)
    return next((text for text in cleaned if text is not None), "")


def _counterparty(document: Document) -> str | None:
    merchant = clean_or_none(text_or_none(document, "merchant_name"), limit=200)
    if merchant is not None or document.get("counterparties") is None:
        return merchant
    named = each(document, "counterparties", lambda party: clean(text(party, "name"), limit=200))
    return next((name for name in named if name), None)


def _category(document: Document) -> str | None:
    category = member_or_none(document, "personal_finance_category")
    return None if category is None else clean_or_none(text(category, "detailed"), limit=80)


def _raw_hash(document: Document) -> bytes:
    """Over the object as it came. Half characters and endless numbers have no JSON: by repr."""
    try:
        canonical = orjson.dumps(document, default=str, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        canonical = repr(sorted(document.items())).encode()
    return hashlib.blake2b(canonical, digest_size=16).digest()


def _removed(document: Document) -> RemovedTransaction:
    return RemovedTransaction(
        identifier(document, "transaction_id"), identifier_or_none(document, "account_id")
    )


def changes_page(document: Document, *, cursor: str | None) -> ChangesPage:
    """A page of /transactions/sync that was asked for with `cursor`.

    Plaid answers with no lines and an empty cursor while it has none yet: the page then carries
    the cursor that it was asked with, or "" at the beginning, and is NOT_READY.

    Raises:
        Malformed: any part of it is not well formed; nothing of the page may be used.
    """
    page = ChangesPage(
        added=each(document, "added", transaction),
        modified=each(document, "modified", transaction),
        removed=each(document, "removed", _removed),
        next_cursor=text(document, "next_cursor"),
        has_more=flag(document, "has_more"),
        completeness=_COMPLETENESS.get(
            text(document, "transactions_update_status"), Completeness.RECENT
        ),
    )
    _refuse_bad_cursor(page, cursor)
    return page if page.next_cursor else _not_ready(page, cursor)


def _refuse_bad_cursor(page: ChangesPage, cursor: str | None) -> None:
    if len(page.next_cursor) > _CURSOR_LIMIT or not page.next_cursor.isascii():
        raise Malformed("next_cursor", "is not a cursor")
    if page.has_more and page.next_cursor in ("", cursor):
        raise Malformed("next_cursor", "does not move although has_more is true")
    if not page.next_cursor and (page.added or page.modified or page.removed):
        raise Malformed("next_cursor", "is empty although there are lines")


def _not_ready(page: ChangesPage, cursor: str | None) -> ChangesPage:
    return ChangesPage(
        page.added, page.modified, page.removed, cursor or "", False, Completeness.NOT_READY
    )


def institution(document: Document) -> InstitutionSnapshot:
    """An Institution."""
    return InstitutionSnapshot(
        aggregator_id=identifier(document, "institution_id"),
        name=clean(text(document, "name"), limit=200),
        url=_web_address(text_or_none(document, "url")),
        countries=_countries(document.get("country_codes")),
    )


def _countries(listed: object) -> tuple[str, ...]:
    """Codes of ISO 3166-1 alpha-2, each once; anything else in the list is none."""
    codes = [code for code in listed if isinstance(code, str)] if isinstance(listed, list) else ()
    return tuple(dict.fromkeys(code for code in codes if _COUNTRY.fullmatch(code)))


def _web_address(url: str | None) -> str | None:
    """Only what a page may link to: another scheme could run a script."""
    cleaned = clean_or_none(url, limit=300)
    return cleaned if cleaned and cleaned.startswith(("https://", "http://")) else None
