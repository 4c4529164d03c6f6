"""When a link is looked at next: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from counterfoil.aggregators.port import AggregatorError, Completeness, Retry
from counterfoil.links.meanings import MEANINGS
from counterfoil.links.status import LinkStatusCode, Upkeep

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
HEALTH_INTERVAL = timedelta(minutes=15)
AFTER_ASKING = timedelta(minutes=1)
"""How long after the bank was asked to look its answer is fetched, should no webhook come."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When to pull next, and when to ask for health instead; null is never by itself."""

    next_update_at: datetime | None = None
    next_health_at: datetime | None = None


def after_pull(
    code: LinkStatusCode,
    *,
    completeness: Completeness,
    asked_bank: bool,
    earlier_incomplete: int,
    link_id: UUID,
    now: datetime,
    interval: timedelta,
) -> Plan:
    """The plan after a pull that came through with this status.

    While the bank is still preparing its history the pauses begin short and grow.
    """
    if MEANINGS[code].upkeep is Upkeep.HEALTH:
        return Plan(next_health_at=now + HEALTH_INTERVAL)
    if completeness is not Completeness.COMPLETE:
        return Plan(now + min(pause(earlier_incomplete, link_id), interval))
    return Plan(now + (min(AFTER_ASKING, interval) if asked_bank else interval))


def after_failure(
    code: LinkStatusCode,
    error: AggregatorError,
    *,
    earlier_failures: int,
    link_id: UUID,
    now: datetime,
    interval: timedelta,
) -> Plan:
    """The plan after a failed pull. A refused sign-in is never tried again by itself."""
    upkeep = MEANINGS[code].upkeep
    if upkeep is Upkeep.NOTHING:
        return Plan()
    if upkeep is Upkeep.HEALTH or error.retry is Retry.NEVER:
        return Plan(next_health_at=now + HEALTH_INTERVAL)
    if error.retry is Retry.SCHEDULED:
        return Plan(now + interval)
    soonest = now + min(pause(earlier_failures, link_id), interval)
    return Plan(max(soonest, error.retry_at) if error.retry_at else soonest)


def pause(times: int, link_id: UUID) -> timedelta:
    """A pause that doubles each time up to `LONGEST_PAUSE`, up to a tenth longer.

    The tenth depends on the link, so that many links that failed together part again.
    """
    grown = min(FIRST_PAUSE * (1 << min(times, 20)), LONGEST_PAUSE)
    return grown + grown * (link_id.int % 1000) // 10_000
