"""The end of a pull: one transaction that writes all of it, or says why there is nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from counterfoil.accounts.identity_key import key_of
from counterfoil.aggregators.port import (
    AggregatorError,
    Completeness,
    ErrorKind,
    LinkSnapshot,
)
from counterfoil.kit.crypto import Keyring
from counterfoil.links import leases, schedule, staging
from counterfoil.links.ending import end_after_pull
from counterfoil.links.leases import Lease
from counterfoil.links.meanings import MEANINGS
from counterfoil.links.models import BankLink, Refresh, RefreshState, RefreshTrigger
from counterfoil.links.operations import follow_news, touch
from counterfoil.links.schedule import Plan
from counterfoil.links.status import (
    CONSENT_WARNING,
    LinkStatusCode,
    Upkeep,
    is_warned_again,
    status_of_error,
    status_of_pull,
)
from counterfoil.links.storing import Stored, store
from counterfoil.links.wanting import is_history_behind, lock_accounts
from counterfoil.transactions.operations import NOTHING, Applied
from counterfoil.unit_of_work import ChangeType, UnitOfWork

log = logging.getLogger(__name__)

_SIGNED_IN = (RefreshTrigger.REPAIR, RefreshTrigger.ADDED)
"""A person has just been at the bank's own page: the sign-in works, and the permission is new."""


class CursorMoved(Exception):
    """Lines were stored after the pull began that its pages do not know of."""


class HistoryMissing(Exception):
    """An account was asked back after the pull had read; its history is still to be read."""


async def succeed(
    uow: UnitOfWork,
    lease: Lease,
    *,
    snapshot: LinkSnapshot,
    start_cursor: str | None,
    asked_bank: bool,
    interval: timedelta,
    keyring: Keyring,
) -> None:
    """Write accounts, lines, cursor, status and schedule of a pull that came through.

    Raises:
        LeaseLost: another worker has the refresh.
        CursorMoved: the cursor is not the one that the pull began at; nothing is written.
        HistoryMissing: an account was asked back too late for this pull; nothing is written.
    """
    link = await BankLink.filter(id=lease.bank_link_id).select_for_update(no_key=True).get()
    refresh = await leases.hold(uow, lease, longer=leases.SAVING)
    if link.cursor != start_cursor:
        raise CursorMoved
    await lock_accounts(link)
    if await is_history_behind(link) and not await staging.was_read_from_start(refresh.id):
        raise HistoryMissing
    key = await key_of(uow, keyring)
    outcome = await store(uow, link, refresh, snapshot, key=key)
    link.consent_expires_at = _consent(uow, link, refresh, snapshot)
    code = _status(uow, link, snapshot, outcome)
    plan = schedule.after_pull(
        code,
        completeness=outcome.completeness,
        asked_bank=asked_bank,
        earlier_incomplete=link.failures,
        link_id=link.id,
        now=uow.now,
        interval=interval,
    )
    _move_cursor(link, outcome)
    link.failures = 0 if outcome.completeness is Completeness.COMPLETE else link.failures + 1
    link.last_update_at = link.last_good_at = uow.now
    link.status_missing = _missing(outcome.received.failing, outcome.completeness)
    _settle_link(uow, link, code, plan, error=None)
    taken = [row for row in outcome.received.with_feed if row.balance_received_at == uow.now]
    refresh.accounts = len(taken)  # of what is hidden or deleted nobody is told the number
    refresh.lines = outcome.lines
    refresh.balances = sum(row.current_minor is not None for row in taken)
    if outcome.received.history_behind:
        link.news_at = uow.now
    await _finish(uow, link, refresh, RefreshState.DONE, applied=outcome.applied)
    if outcome.let_go and await end_after_pull(uow, link, refresh, key=key):
        return
    await follow_news(uow, link)


def _move_cursor(link: BankLink, outcome: Stored) -> None:
    """Go on after these pages, unless the next pull must read their lines again: those of an
    account that has no row yet, or of which only all of them tell whose they are."""
    undecided = outcome.received.undecided and outcome.completeness is not Completeness.COMPLETE
    if outcome.cursor is not None and not outcome.received.unplaced and not undecided:
        link.cursor = outcome.cursor


def _consent(
    uow: UnitOfWork, link: BankLink, refresh: Refresh, snapshot: LinkSnapshot
) -> datetime | None:
    """When the permission ends: as the aggregator says with its data, else as it warned before.

    A repair gives a new permission, and a pull that came through proves an old warning wrong.
    """
    if stated := snapshot.health.consent_expires_at:
        return stated
    warned = link.consent_expires_at
    outlived = warned is not None and warned <= uow.now
    return None if outlived or refresh.trigger in _SIGNED_IN else warned


def _status(
    uow: UnitOfWork, link: BankLink, snapshot: LinkSnapshot, outcome: Stored
) -> LinkStatusCode:
    if not snapshot.accounts and not snapshot.failures:
        return LinkStatusCode.NO_ACCOUNTS
    return status_of_pull(
        outcome.completeness,
        account_failed=bool(outcome.received.failing),
        consent_expires_at=link.consent_expires_at,
        now=uow.now,
    )


def _missing(failed: Iterable[str], completeness: Completeness) -> str | None:
    parts = list(failed)
    if completeness is Completeness.NOT_READY:
        parts.append("all transactions")
    if completeness is Completeness.RECENT:
        parts.append("older transactions")
    return ", ".join(parts)[:500] or None


async def fail(
    uow: UnitOfWork, lease: Lease, error: AggregatorError, *, interval: timedelta
) -> None:
    """Write why a pull brought nothing: the status of its link, and when it is tried again.

    Raises:
        LeaseLost: another worker has the refresh.
    """
    link = await BankLink.filter(id=lease.bank_link_id).select_for_update(no_key=True).get()
    refresh = await leases.hold(uow, lease)
    await settle_failure(uow, link, refresh, error, interval=interval)


async def settle_failure(
    uow: UnitOfWork,
    link: BankLink,
    refresh: Refresh,
    error: AggregatorError,
    *,
    interval: timedelta,
) -> None:
    """End a locked refresh and set its link's status from an error."""
    signed_in = refresh.trigger in _SIGNED_IN
    code = mark(uow, link, error, interval=interval, signed_in=signed_in)
    link.failures += 1
    if not error.mapped:
        log.warning("refresh %s: code %s is not in our list", refresh.id, error.provider_code)
    refresh.status_code = code
    refresh.provider_code = error.provider_code
    refresh.provider_message = error.provider_message
    refresh.provider_request_id = error.request_id
    await _finish(uow, link, refresh, RefreshState.FAILED)
    await follow_news(uow, link)


async def note_health(
    uow: UnitOfWork, bank_link_id: UUID, error: AggregatorError, *, interval: timedelta
) -> None:
    """Give a link that is not being pulled the status that its health shows, where that is new."""
    link = await BankLink.filter(id=bank_link_id).select_for_update(no_key=True).get()
    before = (link.status_code, link.status_provider_code)
    mark(uow, link, error, interval=interval)
    if before == (link.status_code, link.status_provider_code):
        await link.save(update_fields=["next_update_at", "next_health_at"])
        return
    link.revision += 1
    await link.save()
    uow.upserted(ChangeType.BANK_LINK, link.id, link.revision)


async def warn_of_end(uow: UnitOfWork, bank_link_id: UUID, ends_at: datetime) -> None:
    """Note when a permission ends, and say so from `CONSENT_WARNING` before."""
    link = await BankLink.filter(id=bank_link_id).select_for_update(no_key=True).get()
    link.consent_expires_at = ends_at
    healthy = link.status_code in (LinkStatusCode.OK, LinkStatusCode.PARTIAL)
    if healthy and ends_at - uow.now <= CONSENT_WARNING:
        link.status_code, link.status_since = LinkStatusCode.CONSENT_EXPIRING, uow.now
    link.revision += 1
    await link.save()
    uow.upserted(ChangeType.BANK_LINK, link.id, link.revision)


def mark(
    uow: UnitOfWork,
    link: BankLink,
    error: AggregatorError,
    *,
    interval: timedelta,
    signed_in: bool = False,
) -> LinkStatusCode:
    """Give a locked link, not saved yet, the status and the plan that follow from an error.

    While somebody must act, a passing fault does not hide that, and starts no tries: they would
    end at a sign-in that the bank has refused. Unless it is known that the sign-in works again.
    """
    code = status_of_error(error.kind)
    must_act = MEANINGS[link.status_code].upkeep is Upkeep.HEALTH
    if must_act and not signed_in and MEANINGS[code].upkeep is Upkeep.PULL:
        return code
    plan = schedule.after_failure(
        code,
        error,
        earlier_failures=link.failures,
        link_id=link.id,
        now=uow.now,
        interval=interval,
    )
    link.status_missing = "all transactions" if error.kind is ErrorKind.NOT_READY else None
    _settle_link(uow, link, code, plan, error=error)
    return code


def _settle_link(
    uow: UnitOfWork,
    link: BankLink,
    code: LinkStatusCode,
    plan: Plan,
    *,
    error: AggregatorError | None,
) -> None:
    if link.status_code is not code or _is_warned_again(uow, link):
        link.status_code, link.status_since = code, uow.now
    link.status_provider_code = error.provider_code if error else None
    link.status_provider_message = error.provider_message if error else None
    link.status_request_id = error.request_id if error else None
    link.status_retry_at = error.retry_at if error else None
    link.next_update_at = plan.next_update_at
    link.next_health_at = plan.next_health_at


def _is_warned_again(uow: UnitOfWork, link: BankLink) -> bool:
    return link.status_code is LinkStatusCode.CONSENT_EXPIRING and is_warned_again(
        link.status_since, consent_expires_at=link.consent_expires_at, now=uow.now
    )


async def _finish(
    uow: UnitOfWork,
    link: BankLink,
    refresh: Refresh,
    state: RefreshState,
    *,
    applied: Applied = NOTHING,
) -> None:
    refresh.update_from_dict(
        {
            "state": state,
            "under_way": None,
            "phase": None if state is RefreshState.DONE else refresh.phase,
            "finished_at": uow.now,
            "lease_until": None,
            "deadline_at": None,
            "added": applied.added,
            "modified": applied.modified,
            "removed": applied.removed,
        }
    )
    if state is RefreshState.DONE:
        refresh.status_code = link.status_code
    await refresh.save()
    await staging.drop(refresh.id)
    await touch(uow, link, refresh)
