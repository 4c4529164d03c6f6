"""Attempts to link a bank where one is linked already, and where accounts were deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from counterfoil.accounts.identity_key import key_of
from counterfoil.accounts.keys import digests_of
from counterfoil.accounts.models import AccountKey, BankAccount, KeyKind
from counterfoil.aggregators.port import (
    AccountType,
    Found,
    FoundAccount,
    GrantSecret,
    LinkPurpose,
    Repaired,
)
from counterfoil.kit.crypto import bound_to
from counterfoil.links.guarding import Choice
from counterfoil.links.models import (
    BankLink,
    Grant,
    Institution,
    LinkClient,
    LinkSession,
    Refresh,
    Revocation,
)
from tests.factories import KEYRING, make_account, make_institution, make_link
from tests.fakes import NOW, PLATYPUS, account
from tests.links.conftest import Shop

STILL_LISTED = (
    " If your bank lists this sign-in among the services with access all the same, remove it there."
)


def found_at_platypus(*numbers: str, handover: str = "handover-1") -> Found:
    """Bank accounts with these printed numbers, signed in to at the First Platypus Bank."""
    accounts = [
        FoundAccount(f"new-{number}", f"Account {number}", number, AccountType.BANK)
        for number in numbers
    ]
    return Found(PLATYPUS, accounts, GrantSecret(handover))


async def linked_at_platypus(shop: Shop, *numbers: str, **values: Any) -> BankLink:
    """A login at the First Platypus Bank with accounts of these numbers."""
    known = await Institution.get_or_none(aggregator_id=PLATYPUS.aggregator_id)
    institution = known or await make_institution(
        aggregator_id=PLATYPUS.aggregator_id, name=PLATYPUS.name
    )
    link = await make_link(shop.organization, institution_id=institution.id, **values)
    for number in numbers:
        await make_account(link, number=number, bank_name=f"Account {number}")
    return link


async def begun(
    shop: Shop,
    *,
    mode: LinkPurpose = LinkPurpose.ADD,
    link: BankLink | None = None,
    key: str = "a-key-of-the-page",
) -> LinkSession:
    """A session whose page is open at the aggregator."""
    session, _ = await shop.linking.start(
        shop.viewer,
        mode=mode,
        client=LinkClient.WEB,
        return_url=None,
        institution_id=None,
        bank_link_id=link.id if link else None,
        idempotency_key=key,
    )
    return session


async def signed_in(shop: Shop, found: Found, *, key: str = "a-key-of-the-page") -> LinkSession:
    """A session whose person has finished at the bank, after the aggregator was asked."""
    session = await begun(shop, key=key)
    shop.bank.answer(f"handle-{len(shop.bank.link_requests)}", found)
    return await shop.linking.advance(shop.viewer, session.id)


async def answered(
    shop: Shop, session: LinkSession, choice: Choice | None, login: BankLink | None = None
) -> LinkSession:
    """The session after its person said what the login is."""
    login_id = login.id if login else None
    return await shop.linking.answers.duplicate(
        shop.viewer, session.id, choice=choice, bank_link_id=login_id
    )


async def deleted_account(shop: Shop, aggregator_id: str, **values: Any) -> BankAccount:
    """An account that was deleted, and that is known by its id at the aggregator."""
    link = await make_link(shop.organization)
    facts = {"bank_link_id": None, "aggregator_id": None, "deleted_at": NOW, **values}
    deleted = await make_account(link, **facts)
    async with shop.transactions.begin(shop.organization.id) as uow:
        key = await key_of(uow, KEYRING)
    exact = digests_of(key, "plaid", "Elm Bank", account(aggregator_id)).exact
    await AccountKey.create(
        organization_id=shop.organization.id,
        bank_account_id=deleted.id,
        kind=KeyKind.EXACT,
        digest=exact,
        seen_at=NOW,
    )
    return deleted


async def accounts_added(shop: Shop, link: BankLink) -> LinkSession:
    """A session that has added accounts to a login, after the aggregator was asked."""
    session = await begun(shop, mode=LinkPurpose.ADD_ACCOUNTS, link=link)
    shop.bank.answer(f"handle-{len(shop.bank.link_requests)}", Repaired())
    return await shop.linking.advance(shop.viewer, session.id)


async def wanted(shop: Shop, session: LinkSession, ids: Sequence[UUID] | None) -> LinkSession:
    """The session after its person said which accounts to bring back."""
    return await shop.linking.answers.accounts(shop.viewer, session.id, bank_account_ids=ids)


async def secret_of(link: BankLink) -> str:
    """A login's grant in the clear."""
    stored = await BankLink.get(id=link.id).select_related("grant")
    bound = bound_to(stored.organization_id, stored.grant_id)
    return KEYRING.decrypt(stored.grant.secret_encrypted, associated=bound)


async def require_ended_at_the_bank(shop: Shop) -> None:
    """No login was made, and what was signed in to is ended at the bank, once."""
    assert [await model.all().count() for model in (BankLink, Grant, Refresh)] == [0, 0, 0]
    await shop.work()
    row = await Revocation.get()
    assert (row.reason, row.outcome) == ("not wanted", "REMOTE")
    assert not row.secret_encrypted
    assert shop.bank._revoked == {"grant-of-handover-1"}
    assert not (await LinkSession.get()).found_encrypted
