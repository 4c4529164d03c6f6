"""Items: finding them by token, making them, and what is wrong with them at this moment."""

from __future__ import annotations

from datetime import timedelta

from fakebank.bank.records import Account, Line, Login
from fakebank.names import derived_id, fresh_id, fresh_token
from fakebank.plaid.errors import PlaidError
from fakebank.plaid.outbox import tell_item
from fakebank.plaid.records import Item, PublicToken
from fakebank.sandbox import Sandbox

INITIAL_DAYS = 30
PUBLIC_TOKEN_LIFE = timedelta(minutes=30)
CONSENT_LIFE = timedelta(days=180)
CONSENT_COUNTRIES = frozenset({"GB"})


def find_item(sandbox: Sandbox, access_token: str) -> Item:
    """The Item of a token. Raises PlaidError INVALID_ACCESS_TOKEN, ITEM_NOT_FOUND."""
    item = next((each for each in sandbox.items if each.access_token == access_token), None)
    if item is None:
        raise PlaidError("INVALID_ACCESS_TOKEN")
    if item.removed_at is not None:
        raise PlaidError("ITEM_NOT_FOUND")
    return item


def working_item(sandbox: Sandbox, access_token: str) -> Item:
    """The Item of a token if its login works. Raises PlaidError with what is wrong with it."""
    item = find_item(sandbox, access_token)
    error = item_error(sandbox, item)
    if error is not None:
        item.failed_at = sandbox.clock.now()
        sandbox.items.put(item)
        raise error
    return item


def item_error(sandbox: Sandbox, item: Item) -> PlaidError | None:
    """What keeps the Item from working now, by the state of its login and the clock."""
    if item.forced_error:
        reason = {"error_code_reason": item.forced_reason} if item.forced_reason else {}
        return PlaidError(item.forced_error, **reason)
    now = sandbox.clock.now()
    if item.consent_expires_at is not None and item.consent_expires_at <= now:
        return PlaidError("ITEM_LOGIN_REQUIRED", error_code_reason="OAUTH_CONSENT_EXPIRED")
    if item.disconnects_at is not None and item.disconnects_at <= now:
        return PlaidError("ITEM_LOGIN_REQUIRED")
    login = sandbox.bank.logins[item.login_id]
    if login.locked:
        return PlaidError("ITEM_LOCKED")
    if item.login_required or item.credentials_version != login.credentials_version:
        return PlaidError("ITEM_LOGIN_REQUIRED")
    days = sandbox.scenario.sign_in_lasts_days
    if days is not None and now >= (item.signed_in_at or item.created_at) + timedelta(days=days):
        return PlaidError("ITEM_LOGIN_REQUIRED")
    if not shared_accounts(sandbox, item):
        return PlaidError("NO_ACCOUNTS")
    return None


def make_item(
    sandbox: Sandbox,
    login: Login,
    *,
    products: list[str],
    webhook: str | None,
    account_ids: list[str],
    days_requested: int,
) -> Item:
    """A new Item over a login that has just signed in, sharing these of its accounts."""
    now = sandbox.clock.now()
    if login.institution_id in sandbox.scenario.second_link_breaks_first:
        _break_older(sandbox, login)
    institution = sandbox.bank.institutions[login.institution_id]
    item = Item(
        item_id=fresh_id(),
        access_token=fresh_token("access"),
        login_id=login.login_id,
        institution_id=login.institution_id,
        webhook=webhook,
        products=products,
        created_at=now,
        signed_in_at=now,
        initial_at=now,
        historical_at=now,
        initial_from=now.date() - timedelta(days=INITIAL_DAYS),
        history_from=now.date(),
        account_ids=dict.fromkeys(account_ids, 0),
        credentials_version=login.credentials_version,
        consent_expires_at=now + CONSENT_LIFE
        if set(institution.countries) & CONSENT_COUNTRIES
        else None,
        other_words=login.next_link_other_words,
        days_later=login.next_link_days_later,
    )
    sandbox.bank.print_next_link(login.login_id, other_words=False, days_later=0)
    start_transactions(sandbox, item, days_requested=days_requested)
    return sandbox.items.put(item)


def start_transactions(sandbox: Sandbox, item: Item, *, days_requested: int) -> None:
    """Begin to fetch the Item's lines; they are ready when the scenario's seconds have gone by."""
    now, scenario = sandbox.clock.now(), sandbox.scenario
    item.initial_at = now + timedelta(seconds=scenario.initial_seconds)
    item.historical_at = now + timedelta(seconds=scenario.historical_seconds)
    item.initial_from = now.date() - timedelta(days=min(INITIAL_DAYS, days_requested))
    item.history_from = now.date() - timedelta(days=days_requested)
    sandbox.items.put(item)


def _break_older(sandbox: Sandbox, login: Login) -> None:
    for older in sandbox.items:
        if older.login_id == login.login_id and older.removed_at is None:
            older.login_required = True
            sandbox.items.put(older)


def hand_out_public_token(sandbox: Sandbox, item: Item) -> PublicToken:
    """A public token for an Item, good for half an hour."""
    expires = sandbox.clock.now() + PUBLIC_TOKEN_LIFE
    token = PublicToken(fresh_token("public"), item.item_id, expires)
    return sandbox.public_tokens.put(token)


def repair(sandbox: Sandbox, item: Item) -> None:
    """The person has signed in again: the Item works with the login's present credentials.

    A bank that has moved is from now on known by its new id; Item and account ids stay.
    """
    login = sandbox.bank.logins[item.login_id]
    item.login_required, item.forced_error, item.forced_reason = False, None, None
    item.institution_id, item.disconnects_at, item.disconnect_told = (
        login.institution_id, None, False
    )  # fmt: skip
    item.credentials_version = login.credentials_version
    item.signed_in_at = sandbox.clock.now()
    item.error_told = None
    if item.consent_expires_at is not None:
        item.consent_expires_at = item.signed_in_at + CONSENT_LIFE
        item.consent_end_told = False
    sandbox.items.put(item)


def shared_accounts(sandbox: Sandbox, item: Item) -> list[Account]:
    """The open accounts that the Item shares, in the bank's order."""
    login = sandbox.bank.logins[item.login_id]
    return [a for a in sandbox.bank.accounts_of(login) if a.account_id in item.account_ids]


def revoke_account(sandbox: Sandbox, item: Item, account_id: str) -> None:
    """Take one account from an Item, as its owner may do at the bank; tells the Item's reader."""
    del item.account_ids[account_id]
    sandbox.bank.ledger.next_position()
    sandbox.items.put(item)
    tell_item(
        sandbox, item, "ITEM", "USER_ACCOUNT_REVOKED", account_id=item_account_id(item, account_id)
    )


def persistent_id(sandbox: Sandbox, account: Account) -> str | None:
    """The id that an account keeps in every link; None unless it, or the scenario, has one."""
    login = sandbox.bank.logins[account.login_id]
    if account.persistent_id or login.institution_id not in sandbox.scenario.persistent_ids:
        return account.persistent_id
    return derived_id("persistent", account.account_id)


def item_account_id(item: Item, account_id: str) -> str:
    """The id that the Item gives to an account of the bank: another in every Item."""
    return derived_id("item account", item.item_id, account_id)


def item_line_id(item: Item, line_id: str) -> str:
    """The id that the Item gives to a line of the bank."""
    return derived_id("item line", item.item_id, line_id)


def born(item: Item, line: Line) -> int | None:
    """From which position on the Item's reader may know a line; None for never.

    Lines of before the first 30 days arrive with the whole history; lines of before the history
    that was asked for never do.
    """
    since = item.account_ids.get(line.account_id)
    if since is None or item.initial_position is None or line.occurred_on < item.history_from:
        return None
    if item.history_to is not None and line.occurred_on > item.history_to:
        return None
    came = max(line.created_position, since, 1)
    if line.occurred_on >= item.initial_from:
        return came
    return None if item.historical_position is None else max(came, item.historical_position)
