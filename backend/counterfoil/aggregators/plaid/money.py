"""Plaid's amounts: doubles in a currency that is named by one of two fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from counterfoil.aggregators.plaid.reading import Document, Malformed, text_or_none
from counterfoil.kit.currencies import EXPONENTS
from counterfoil.kit.money import UNOFFICIAL, Money

_UNOFFICIAL_CODE = re.compile(r"[A-Za-z0-9]{1,12}", re.ASCII)
_UNOFFICIAL_EXPONENTS = {"CNH": 2, "GBX": 2, "USDT": 6}
_COIN_EXPONENT = 8


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 code, or `X:` and Plaid's own code, with its digits after the point."""

    code: str
    exponent: int

    def minor(self, value: Decimal) -> int:
        """`value` in minor units, exactly. Raises as `Money.from_decimal`."""
        return Money.from_decimal(value, self.code, exponent=self.exponent).amount_minor

    def worth(self, value: Decimal) -> int:
        """What a holding is worth, in minor units, rounded. Raises as `Money.from_valuation`."""
        return Money.from_valuation(value, self.code, exponent=self.exponent).amount_minor


class CurrencyMissing(Exception):
    """Neither field names a currency."""


def currency_of(document: Document) -> Currency:
    """The currency that exactly one of the two fields names.

    An ISO code that we do not know is taken as unofficial: such an account is shown and not
    bookable, which is better than guessing its digits. Coins get the digits of bitcoin.

    Raises:
        CurrencyMissing: both are null.
        Malformed: both are set, or a code is none.
    """
    iso = text_or_none(document, "iso_currency_code")
    unofficial = text_or_none(document, "unofficial_currency_code")
    if iso is not None and unofficial is not None:
        raise Malformed("unofficial_currency_code", "is set beside iso_currency_code")
    if iso in EXPONENTS:
        return Currency(iso, EXPONENTS[iso])
    code = iso or unofficial
    if code is None:
        raise CurrencyMissing
    if not _UNOFFICIAL_CODE.fullmatch(code):
        raise Malformed("iso_currency_code", "is not a currency code")
    return Currency(UNOFFICIAL + code, _UNOFFICIAL_EXPONENTS.get(code, _COIN_EXPONENT))
