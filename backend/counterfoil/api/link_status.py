"""The status of a login, in codes and in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from counterfoil.api.enums import LinkActivity, LinkStatusCode, Severity, StatusAction, StatusActor
from counterfoil.api.rowtypes import RowType, column, part
from counterfoil.links.meanings import MEANINGS, DetailValues, Meaning

if TYPE_CHECKING:
    from counterfoil.api.bank_links import Refresh

_AGGREGATORS = {"plaid": "Plaid", "simplefin": "SimpleFIN"}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _refresh_type() -> type[RowType]:
    from counterfoil.api.bank_links import Refresh

    return Refresh


def _code(stored: str | None) -> LinkStatusCode:
    return LinkStatusCode(stored) if stored is not None else LinkStatusCode.MANUAL


def _meaning(stored: str | None) -> Meaning:
    return MEANINGS[_code(stored)]


def _day_in_words(moment: datetime | None) -> str | None:
    """The day of a moment, in UTC, as a sentence names it: "22 Nov 2026"."""
    if moment is None:
        return None
    utc = moment.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}"


def _detail(
    code: str | None,
    consent_expires_at: datetime | None,
    missing: str | None,
    aggregator: str | None,
    provider_code: str | None,
    request_id: str | None,
) -> str:
    values = DetailValues(
        date=_day_in_words(consent_expires_at),
        missing=missing,
        aggregator=_AGGREGATORS.get(aggregator or "", aggregator),
        code=provider_code,
        request_id=request_id,
    )
    return _meaning(code).detail(values)


@strawberry.type(
    description=(
        "How a login fares: its last settled health, and what goes on beside it. An account "
        "without a feed has the status MANUAL."
    )
)
class LinkStatus(RowType):
    ALIAS = "bank_link"

    code: LinkStatusCode = column(
        "status_code",
        by=_code,
        description="The last settled health; a refresh under way does not change it.",
    )
    activity: LinkActivity = column(
        "under_way.state",
        by=lambda state: LinkActivity(state) if state else LinkActivity.IDLE,
        description="What goes on now.",
    )
    severity: Severity = column(
        "status_code", by=lambda code: _meaning(code).severity, description="How loudly to say it."
    )
    label: str = column(
        "status_code",
        by=lambda code: _meaning(code).label,
        description="A few words for a cell: “All Data Received”. Status is ordered by it.",
    )
    detail: str = column(
        "status_code",
        "consent_expires_at",
        "status_missing",
        "aggregator",
        "status_provider_code",
        "status_request_id",
        by=_detail,
        description=(
            "What it means and what to do, in whole sentences. It names no moments: draw "
            "lastGoodAt and nextTryAt beside it, in the reader's time zone."
        ),
    )
    since: datetime | None = column(
        "status_since", description="When the code became what it is; null without a feed."
    )
    last_good_at: datetime | None = column(
        "last_good_at", description="When the login last worked; null: never yet."
    )
    next_try_at: datetime | None = column(
        "status_retry_at",
        "next_update_at",
        by=lambda retry_at, next_update_at: retry_at or next_update_at,
        description="When it is tried again by itself; null while somebody must act.",
    )
    provider_code: str | None = column(
        "status_provider_code", description="The aggregator's own code for what is wrong."
    )
    provider_message: str | None = column(
        "status_provider_message", description="The aggregator's own words, as it gave them."
    )
    request_id: str | None = column(
        "status_request_id", description="The aggregator's id of the request, for its support."
    )
    action: StatusAction = column(
        "status_code", by=lambda code: _meaning(code).action, description="What its button does."
    )
    action_label: str | None = column(
        "status_code",
        by=lambda code: _meaning(code).action_label,
        description="What its button says; null: draw none.",
    )
    actor: StatusActor = column(
        "status_code", by=lambda code: _meaning(code).actor, description="Who must act."
    )
    refresh: Annotated[Refresh, strawberry.lazy("counterfoil.api.bank_links")] | None = part(
        "under_way.id",
        of=_refresh_type,
        at="under_way",
        description="The refresh that is queued or running; null when none is.",
    )
