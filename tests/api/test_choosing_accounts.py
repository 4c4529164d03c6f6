"""What a step offers to bring back, once some of it was hidden."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.api import ids
from counterfoil.identity.models import Organization
from counterfoil.links.models import BankLink, LinkSession
from counterfoil.links.questions import Offered, kept
from counterfoil.viewer import Viewer
from tests.api.asking import ask, some_viewer, statements
from tests.factories import make_account, make_link, make_session
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")

READ = """
{ viewer { openLinkSessions {
  step { ... on ChooseAccountsStep { accounts { bankAccountId name } } }
} } }
"""


async def deleted(link: BankLink, name: str) -> BankAccount:
    return await make_account(
        link, name=name, bank_link_id=None, aggregator_id=None, deleted_at=NOW
    )


async def asking(viewer: Viewer, link: BankLink, *accounts: BankAccount) -> LinkSession:
    """A session that asks which of these to bring back."""
    offered = [Offered(str(row.id), row.name, row.number, row.id) for row in accounts]
    return await make_session(
        viewer,
        state="DECIDING",
        mode="ADD_ACCOUNTS",
        bank_link_id=link.id,
        open_url=None,
        question={"kind": "ACCOUNTS", "accounts": kept(offered)},
    )


async def offered(viewer: Viewer) -> list[list[dict[str, Any]]]:
    read = await ask(viewer, READ)
    return [each["step"]["accounts"] for each in read["viewer"]["openLinkSessions"]]


async def some_login(viewer: Viewer) -> BankLink:
    return await make_link(await Organization.get(id=viewer.organization_id))


async def test_what_is_hidden_by_now_is_not_named() -> None:
    viewer = await some_viewer()
    link = await some_login(viewer)
    hidden, joined, left = [await deleted(link, name) for name in ("Payroll", "Old", "Savings")]
    await asking(viewer, link, hidden, joined, left)
    await BankAccount.filter(id=hidden.id).update(hidden_at=NOW)
    await BankAccount.filter(id=joined.id).update(absorbed_by_id=hidden.id)
    shown = {"bankAccountId": ids.encode("BankAccount", left.id), "name": "Savings"}
    assert await offered(viewer) == [[shown]]


async def test_where_all_are_hidden_nothing_is_offered() -> None:
    viewer = await some_viewer()
    link = await some_login(viewer)
    hidden = await deleted(link, "Payroll")
    await asking(viewer, link, hidden)
    await BankAccount.filter(id=hidden.id).update(hidden_at=NOW)
    assert await offered(viewer) == [[]]


async def test_many_sessions_are_looked_through_by_one_statement() -> None:
    viewer = await some_viewer()
    link = await some_login(viewer)
    await asking(viewer, link, await deleted(link, "Savings"))
    with statements() as few:
        await offered(viewer)
    await asking(viewer, link, await deleted(link, "Payroll"), await deleted(link, "Old"))
    with statements() as many:
        assert len(await offered(viewer)) == 2
    assert len(many) == len(few)
