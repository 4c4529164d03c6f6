"""What the passing of time does: lines come, pulls become ready, errors show, webhooks go out."""

from __future__ import annotations

from datetime import datetime, timedelta

from fakebank.plaid.feed import changes_between
from fakebank.plaid.items import born, item_error
from fakebank.plaid.outbox import tell_error, tell_item, tell_updates_available
from fakebank.plaid.records import Item
from fakebank.plaid.wire import moment
from fakebank.sandbox import Sandbox

LOOKS_EVERY = timedelta(hours=6)
TOLD_BEFORE = timedelta(days=7)
DISCONNECT_COUNTRIES = frozenset({"US", "CA"})


def catch_up(sandbox: Sandbox) -> None:
    """Bring the whole sandbox to the clock's moment. Called before each call and every second."""
    sandbox.bank.catch_up()
    for item in sandbox.items:
        if item.removed_at is None:
            _note_error(sandbox, item)
            _note_end_of_consent(sandbox, item)
            _note_disconnection(sandbox, item)
            _finish_pulls(sandbox, item)
            _look_again(sandbox, item)
            _tell_news(sandbox, item)


def _note_error(sandbox: Sandbox, item: Item) -> None:
    """Tell once that an Item broke, and once that it healed by itself."""
    error = item_error(sandbox, item)
    code = None if error is None else error.code
    if code == item.error_told:
        return
    healed = item.error_told == "ITEM_LOGIN_REQUIRED" and error is None
    item.error_told = code
    sandbox.items.put(item)
    if error is not None:
        tell_error(sandbox, item, error)
    elif healed:
        tell_item(sandbox, item, "ITEM", "LOGIN_REPAIRED")


def _note_end_of_consent(sandbox: Sandbox, item: Item) -> None:
    """Tell a week before that the consent will end; in the US and Canada under another name."""
    ends_at = item.consent_expires_at
    if item.consent_end_told or not _is_near(sandbox, ends_at):
        return
    item.consent_end_told = True
    sandbox.items.put(item)
    countries = set(sandbox.bank.institutions[item.institution_id].countries)
    if countries & DISCONNECT_COUNTRIES:
        _tell_disconnection(sandbox, item, "INSTITUTION_TOKEN_EXPIRATION", ends_at)
    else:
        tell_item(
            sandbox, item, "ITEM", "PENDING_EXPIRATION", consent_expiration_time=moment(ends_at)
        )


def _note_disconnection(sandbox: Sandbox, item: Item) -> None:
    """Tell a week before that a link to a bank that has moved will end."""
    if item.disconnect_told or not _is_near(sandbox, item.disconnects_at):
        return
    item.disconnect_told = True
    sandbox.items.put(item)
    _tell_disconnection(sandbox, item, "INSTITUTION_MIGRATION", item.disconnects_at)


def _is_near(sandbox: Sandbox, ends_at: datetime | None) -> bool:
    return ends_at is not None and ends_at - TOLD_BEFORE <= sandbox.clock.now() < ends_at


def _tell_disconnection(
    sandbox: Sandbox, item: Item, reason: str, ends_at: datetime | None
) -> None:
    tell_item(
        sandbox, item, "ITEM", "PENDING_DISCONNECT", reason=reason, disconnect_time=moment(ends_at)
    )


def _finish_pulls(sandbox: Sandbox, item: Item) -> None:
    if "transactions" not in item.products or item.error_told:
        return
    now = sandbox.clock.now()
    if item.initial_position is None and item.initial_at <= now:
        item.initial_position = sandbox.bank.ledger.next_position()
        _pulled(sandbox, item, "INITIAL_UPDATE")
    if item.historical_position is None and item.historical_at <= now:
        item.historical_position = sandbox.bank.ledger.next_position()
        _pulled(sandbox, item, "HISTORICAL_UPDATE")


def _pulled(sandbox: Sandbox, item: Item, legacy_code: str) -> None:
    """A first pull is done: the sync webhook for readers of sync, the legacy one for others."""
    item.updated_at = sandbox.clock.now()
    sandbox.items.put(item)
    if item.sync_active:
        item.notified_position = sandbox.bank.ledger.position
        tell_updates_available(sandbox, item)
    else:
        news = _unnoticed(sandbox, item)
        tell_item(sandbox, item, "TRANSACTIONS", legacy_code, error=None, new_transactions=news)


def _unnoticed(sandbox: Sandbox, item: Item) -> int:
    lines = sandbox.bank.ledger.lines_of(item.account_ids)
    changes = changes_between(
        lines,
        after=item.notified_position,
        upto=sandbox.bank.ledger.position,
        born=lambda line: born(item, line),
    )
    return len(changes)


def _look_again(sandbox: Sandbox, item: Item) -> None:
    """Note that the bank was looked at again, as Plaid does a few times a day, or in vain."""
    now = sandbox.clock.now()
    looked = max(filter(None, (item.updated_at, item.failed_at)), default=None)
    if item.historical_position is None or looked is None or now - looked < LOOKS_EVERY:
        return
    if item.error_told or sandbox.institution_down(item.institution_id):
        item.failed_at = now
    else:
        item.updated_at = now
    sandbox.items.put(item)


def _tell_news(sandbox: Sandbox, item: Item) -> None:
    """Tell a reader of sync that lines have come, changed or gone since it was last told."""
    position = sandbox.bank.ledger.position
    if not item.sync_active or item.error_told or item.notified_position >= position:
        return
    news = _unnoticed(sandbox, item)
    item.notified_position = position
    item.updated_at = sandbox.clock.now()
    sandbox.items.put(item)
    if news:
        tell_updates_available(sandbox, item)
