"""The /institutions calls."""

from __future__ import annotations

from typing import Any

from fakebank.bank.institutions import Institution
from fakebank.plaid import wire
from fakebank.plaid.errors import PlaidError
from fakebank.sandbox import Sandbox

Body = dict[str, Any]
MOST_FOUND = 10


def search_institutions(sandbox: Sandbox, body: Body) -> Body:
    """/institutions/search: at most ten, by name."""
    found = sandbox.bank.institutions.search(body["query"], countries=body["country_codes"])
    options = body.get("options", {})
    chosen = [each for each in found if _wanted(each, body.get("products"), options)]
    return {"institutions": [_institution(each, options) for each in chosen[:MOST_FOUND]]}


def get_institutions(sandbox: Sandbox, body: Body) -> Body:
    """/institutions/get: all of some countries, in pages by offset."""
    options = body.get("options", {})
    found = sandbox.bank.institutions.search("", countries=body["country_codes"])
    chosen = [each for each in found if _wanted(each, options.get("products"), options)]
    page = chosen[body["offset"] : body["offset"] + body["count"]]
    return {"institutions": [_institution(each, options) for each in page], "total": len(chosen)}


def get_institution(sandbox: Sandbox, body: Body) -> Body:
    """/institutions/get_by_id. Raises PlaidError INVALID_INSTITUTION."""
    institution = sandbox.bank.institutions.get(body["institution_id"])
    if institution is None or not set(institution.countries) & set(body["country_codes"]):
        raise PlaidError("INVALID_INSTITUTION")
    options = body.get("options", {})
    shape = wire.institution(
        institution,
        with_status=bool(options.get("include_status")),
        down=sandbox.institution_down(institution.institution_id),
        now=sandbox.clock.now(),
        with_metadata=bool(options.get("include_optional_metadata")),
    )
    return {"institution": shape}


def _institution(institution: Institution, options: Body) -> Body:
    metadata = bool(options.get("include_optional_metadata"))
    return wire.institution(institution, with_metadata=metadata)


def _wanted(institution: Institution, products: list[str] | None, options: Body) -> bool:
    if options.get("oauth") is not None and options["oauth"] != institution.oauth:
        return False
    return set(products or []) <= set(wire.SUPPORTED_PRODUCTS)
