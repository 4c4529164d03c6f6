"""Rows for tests, each made with as little as it needs; every argument may be given."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountType, LinkPurpose
from counterfoil.identity.models import Membership, Organization, User
from counterfoil.kit.crypto import Keyring, bound_to
from counterfoil.kit.ids import new_id
from counterfoil.ledger.drafting import Entry, EntryDraft, LineDraft
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import LedgerAccount, LedgerAccountType
from counterfoil.links.models import (
    BankLink,
    Grant,
    Institution,
    LinkClient,
    LinkSession,
    LinkSessionState,
    Refresh,
    RefreshState,
    RefreshTrigger,
)
from counterfoil.links.status import LinkStatusCode
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import ActorKind, Right, Viewer
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue

KEYRING = Keyring("test", {"test": bytes(range(32))})


async def make_organization(**values: Any) -> Organization:
    """A company whose books are in US dollars."""
    defaults = {
        "name": "Elm Street Hardware",
        "base_currency": "USD",
        "time_zone": "America/New_York",
        "created_at": NOW,
    }
    return await Organization.create(**{**defaults, **values})


async def make_viewer(organization: Organization, rights: Iterable[Right] = tuple(Right)) -> Viewer:
    """A new person of the organization with these rights; all of them when not told."""
    held = frozenset(rights)
    user_id = new_id()
    user = await User.create(
        id=user_id,
        email=f"{user_id}@example.com",
        name="Ada Abbott",
        password_hash="x",
        created_at=NOW,
    )
    await Membership.create(organization_id=organization.id, user_id=user.id, rights=sorted(held))
    return Viewer(organization.id, ActorKind.USER, user.id, held)


async def make_institution(**values: Any) -> Institution:
    """A bank that only this row knows."""
    defaults = {"aggregator": "plaid", "aggregator_id": f"ins_{new_id()}", "name": "Elm Bank"}
    return await Institution.create(**{**defaults, **values})


async def make_link(
    organization: Organization, *, grant: str = "grant-1", **values: Any
) -> BankLink:
    """A login that is well and has nothing due. `grant` is its secret in the clear."""
    grant_id = new_id()
    bound = bound_to(organization.id, grant_id)
    await Grant.create(
        id=grant_id,
        organization_id=organization.id,
        aggregator="plaid",
        secret_encrypted=KEYRING.encrypt(grant, associated=bound),
        created_at=NOW,
    )
    institution_id = values.pop("institution_id", None) or (await make_institution()).id
    defaults = {
        "organization_id": organization.id,
        "institution_id": institution_id,
        "grant_id": grant_id,
        "aggregator": "plaid",
        "aggregator_id": f"item-{new_id()}",
        "name": "Elm Bank",
        "status_code": LinkStatusCode.OK,
        "status_since": NOW,
        "created_at": NOW,
    }
    return await BankLink.create(**{**defaults, **values})


async def make_refresh(link: BankLink, **values: Any) -> Refresh:
    """A pull of this login that waits in the queue. One that has ended is not under way."""
    state = values.get("state", RefreshState.QUEUED)
    open_ = state in (RefreshState.QUEUED, RefreshState.RUNNING)
    defaults = {
        "organization_id": link.organization_id,
        "bank_link_id": link.id,
        "under_way": link.id if open_ else None,
        "trigger": RefreshTrigger.PERSON,
        "state": state,
        "queued_at": NOW,
    }
    return await Refresh.create(**{**defaults, **values})


async def make_account(link: BankLink, **values: Any) -> BankAccount:
    """A checking account of this login in US dollars."""
    account_id = values.pop("id", None) or new_id()
    defaults = {
        "id": account_id,
        "organization_id": link.organization_id,
        "bank_link_id": link.id,
        "aggregator_id": f"account-{account_id}",
        "name": "Operating",
        "bank_name": "Operating",
        "type": AccountType.BANK,
        "subtype": "checking",
        "currency": "USD",
        "exponent": 2,
        "current_minor": 100_000,
        "created_at": NOW,
    }
    return await BankAccount.create(**{**defaults, **values})


async def make_line(account: BankAccount, **values: Any) -> BankTransaction:
    """A posted line of 12.34 out of the account; what it says came with its revision."""
    line_id = values.pop("id", None) or new_id()
    refresh_id = new_id()
    defaults = {
        "id": line_id,
        "organization_id": account.organization_id,
        "bank_account_id": account.id,
        "aggregator_id": f"line-{line_id}",
        "pending": False,
        "dated_on": date(2026, 3, 9),
        "amount_minor": -1234,
        "currency": account.currency,
        "exponent": account.exponent,
        "description": "Elm Street Coffee",
        "raw_hash": "0" * 32,
        "first_refresh_id": refresh_id,
        "last_refresh_id": refresh_id,
        "changed_at": NOW,
        "change_position": 1,
        "binding_revision": values.get("revision", 1),
    }
    return await BankTransaction.create(**{**defaults, **values})


async def make_ledger_account(organization: Organization, **values: Any) -> LedgerAccount:
    """An asset account in US dollars with a number of its own."""
    defaults = {
        "organization_id": organization.id,
        "number": str(1000 + await LedgerAccount.filter(organization_id=organization.id).count()),
        "name": "Operating Account",
        "type": LedgerAccountType.ASSET,
        "currency": "USD",
    }
    return await LedgerAccount.create(**{**defaults, **values})


async def make_session(viewer: Viewer, *, handle: str = "handle-1", **values: Any) -> LinkSession:
    """An attempt to add a bank, whose page is open. `handle` is its handle in the clear."""
    session_id = values.pop("id", None) or new_id()
    bound = bound_to(viewer.organization_id, session_id)
    defaults = {
        "id": session_id,
        "organization_id": viewer.organization_id,
        "user_id": viewer.user_id,
        "mode": LinkPurpose.ADD,
        "client": LinkClient.WEB,
        "state": LinkSessionState.WAITING,
        "aggregator": "plaid",
        "return_url": "https://books.example/banks/add/return",
        "handle_encrypted": KEYRING.encrypt(handle, associated=bound),
        "open_url": f"https://bank.example/{handle}",
        "created_at": NOW,
        "expires_at": NOW.replace(hour=NOW.hour + 1),
    }
    return await LinkSession.create(**{**defaults, **values})


async def make_entry(organization: Organization, *lines: LineDraft, **values: Any) -> Entry:
    """A posted entry of these lines, written as the product itself writes one.

    Without lines: 12.34 US dollars from one new account to another.
    """
    made = [await make_ledger_account(organization) for _ in range(0 if lines else 2)]
    drafts = lines or tuple(
        LineDraft(ledger_account_id=account.id, amount_minor=amount)
        for account, amount in zip(made, (1234, -1234), strict=True)
    )
    options = {name: values.pop(name) for name in ("post", "act_id") if name in values}
    draft = EntryDraft(**{"posted_on": date(2026, 3, 9), "lines": drafts, **values})
    transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
    async with transactions.begin(organization.id) as uow:
        return await create_entry(uow, Viewer.system(organization.id), draft, **options)
