"""What was done for a new account, once it turned out to be one that was here before."""

from __future__ import annotations

import pytest

from counterfoil.accounts.models import AccountQuestion, BankAccount
from counterfoil.api import ids
from counterfoil.links.models import BankLink
from counterfoil.reconciliation.models import Act
from counterfoil.transactions.models import BankTransaction
from tests.api.asking import ask
from tests.factories import make_ledger_account
from tests.fakes import NOW
from tests.links.conftest import Shop, account_of
from tests.links.test_adding_again import MARCH, books, link, shop
from tests.links.test_renumbered import renumber, same
from tests.reconciliation.acting import excluded, undone
from tests.reconciliation.conftest import Books, tie

__all__ = ["books", "link", "shop"]


@pytest.fixture
async def former(shop: Shop, link: BankLink) -> BankAccount:
    """An account of which a person is asked whether the one with the id "new" is the same."""
    account = await account_of(link)
    renumber(shop, newest_on=MARCH[6])
    await shop.pull(link)
    assert await AccountQuestion.exists(bank_account_id=(await account_of(link, "new")).id)
    return account


async def done_for_the_new_one(books: Books, link: BankLink) -> Act:
    """Its line is excluded while it has a ledger account, which it has no more."""
    new = await tie(await account_of(link, "new"), await make_ledger_account(books.organization))
    act = await excluded(books, await BankTransaction.get(aggregator_id="newest"))
    await BankAccount.filter(id=new.id).update(ledger_account_id=None)
    return act


async def test_it_is_listed_for_the_former_account_and_undone_there(
    shop: Shop, link: BankLink, books: Books, former: BankAccount
) -> None:
    act = await done_for_the_new_one(books, link)
    await same(shop, former.id)
    line = await BankTransaction.get(aggregator_id="newest")
    assert (line.bank_account_id, line.excluded_at is None) == (former.id, False)
    listed = await ask(
        books.viewer,
        "query($id: ID!) { acts(bankAccountId: $id) { nodes { id bankAccount { id } } } }",
        id=ids.encode("BankAccount", former.id),
    )
    account_id = ids.encode("BankAccount", former.id)
    assert listed["acts"]["nodes"] == [
        {"id": ids.encode("Act", act.id), "bankAccount": {"id": account_id}}
    ]
    await undone(books, act)
    line = await BankTransaction.get(aggregator_id="newest")
    assert line.excluded_at is None


async def test_where_the_former_account_is_hidden_then_nothing_leads_there(
    shop: Shop, link: BankLink, books: Books, former: BankAccount
) -> None:
    new = await account_of(link, "new")
    act = await done_for_the_new_one(books, link)
    await same(shop, former.id)
    await BankAccount.filter(id=former.id).update(hidden_at=NOW)
    found = await ask(
        books.viewer,
        """query($id: ID!) { node(id: $id) { id } acts { nodes { id } }
        auditEvents { nodes { objectId changes { before after } } } }""",
        id=ids.encode("Act", act.id),
    )
    assert (found["node"], found["acts"]) == (None, {"nodes": []})
    for one in (former, new):
        assert ids.encode("BankAccount", one.id) not in str(found)
