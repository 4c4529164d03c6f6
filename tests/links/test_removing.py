"""Deleting accounts and logins. What is erased of the lines: tests/transactions/test_erasing.py."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from counterfoil.accounts.models import AccountKey, BankAccount, KeyKind
from counterfoil.accounts.operations import update
from counterfoil.audit.models import AuditEvent
from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.links.deletion_preview import AT_ONCE, Chosen, preview
from counterfoil.links.models import BankLink, Deletion, RefreshState, Revocation
from counterfoil.links.removing import DeletionOutdated, delete
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Change, ChangeKind, ChangeType, IdempotencyKeyReused
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.api.asking import statements
from tests.factories import (
    KEYRING,
    make_account,
    make_line,
    make_link,
    make_organization,
    make_viewer,
)
from tests.fakes import NOW, line
from tests.links.conftest import Shop, account_of, fresh, refresh_of
from tests.reconciliation.acting import booked
from tests.reconciliation.conftest import Books, books

__all__ = ["books"]

KEY = "a-key-of-this-client"


def of(*accounts: BankAccount) -> Chosen:
    return Chosen.accounts(account.id for account in accounts)


async def deleted(
    shop: Shop, chosen: Chosen, *, viewer: Viewer | None = None, **given: Any
) -> Deletion:
    """The receipt of a deletion whose preview was looked at just before."""
    asker = viewer or shop.viewer
    token = given.pop("token", None) or (await preview(shop.viewer, chosen)).token
    async with shop.transactions.begin(shop.organization.id) as uow:
        receipt, _ = await delete(
            uow, asker, chosen, token=token, key=given.pop("key", KEY), keyring=KEYRING
        )
    return receipt


async def everything() -> Sequence[Any]:
    """All that a deletion may write."""
    models = (BankAccount, BankLink, BankTransaction, Deletion, Revocation, AuditEvent, Change)
    return [await model.all().order_by("id").values() for model in models]


async def refused(
    shop: Shop, chosen: Chosen, error: type[CounterfoilError], **given: Any
) -> CounterfoilError:
    """Why nothing was deleted: and nothing was."""
    before = await everything()
    with pytest.raises(error) as caught:
        await deleted(shop, chosen, **{"token": "x" * 64, **given})
    assert await everything() == before
    return caught.value


class TestPreview:
    async def test_it_is_for_those_who_may_delete(self, shop: Shop, link: BankLink) -> None:
        account = await make_account(link)
        reader = await make_viewer(shop.organization, set(Right) - {Right.BANKS})
        with pytest.raises(Forbidden):
            await preview(reader, of(account))

    async def test_what_the_viewer_does_not_see_is_not_found(
        self, shop: Shop, link: BankLink
    ) -> None:
        elsewhere = await make_link(await make_organization())
        unseen = [
            await make_account(elsewhere),
            await make_account(link, hidden_at=NOW),
            await make_account(link, deleted_at=NOW),
        ]
        for account in unseen:
            with pytest.raises(NotFound) as caught:
                await preview(shop.viewer, of(await make_account(link), account))
            assert caught.value.field == ("bank_account_ids",)
        ended = await make_link(shop.organization, ended_at=NOW)
        for each in (elsewhere, ended):
            with pytest.raises(NotFound):
                await preview(shop.viewer, Chosen(bank_link_id=each.id))

    async def test_none_and_too_many_are_refused(self) -> None:
        for count in (0, AT_ONCE + 1):
            with pytest.raises(InvalidInput):
                Chosen.accounts(new_id() for _ in range(count))

    async def test_it_counts_what_goes_and_what_stays(self, books: Books) -> None:
        await booked(books, await books.line(-500))
        await books.line(-700)
        await books.line(900, pending=True)
        found = await preview(books.viewer, of(books.account))
        [erasure] = found.accounts
        assert (erasure.bank_account_id, erasure.erased, erasure.kept) == (books.account.id, 2, 1)
        months = [(each.month, each.lines, each.sum_minor) for each in erasure.months]
        assert months == [("2026-03", 2, 200)]
        assert found.logins_ended == {books.link.id: books.link.name}
        assert (found.siblings, found.aggregator_keeps) == ({}, False)

    async def test_siblings_keep_the_login_alive(self, shop: Shop, link: BankLink) -> None:
        account, sibling = await make_account(link), await make_account(link, name="Savings")
        await make_account(link, hidden_at=NOW)
        found = await preview(shop.viewer, of(account))
        assert (found.logins_ended, found.siblings) == ({}, {sibling.id: "Savings"})
        assert found.aggregator_keeps

    async def test_one_that_is_to_come_back_keeps_it_alive_too(
        self, shop: Shop, link: BankLink
    ) -> None:
        account = await make_account(link)
        await make_account(link, deleted_at=NOW, wanted_at=NOW)
        found = await preview(shop.viewer, of(account))
        assert (found.logins_ended, found.siblings, found.aggregator_keeps) == ({}, {}, True)
        found = await preview(shop.viewer, Chosen(bank_link_id=link.id))
        assert (found.logins_ended, found.aggregator_keeps) == ({link.id: "Elm Bank"}, False)

    async def test_a_login_is_all_its_shown_accounts(self, shop: Shop, link: BankLink) -> None:
        savings = await make_account(link, name="Savings")
        checking = await make_account(link, name="Checking")
        await make_account(link, hidden_at=NOW)
        found = await preview(shop.viewer, Chosen(bank_link_id=link.id))
        assert [each.bank_account_id for each in found.accounts] == [checking.id, savings.id]
        assert found.logins_ended == {link.id: "Elm Bank"}

    async def test_its_token_stands_for_what_would_be_done(
        self, shop: Shop, link: BankLink
    ) -> None:
        account = await make_account(link)
        before = await preview(shop.viewer, of(account))
        assert (await preview(shop.viewer, of(account))).token == before.token
        await make_line(account)
        assert (await preview(shop.viewer, of(account))).token != before.token
        assert replace(before, siblings={account.id: "x"}).token != before.token


class TestDelete:
    async def test_without_the_right_nothing_is_deleted(self, shop: Shop, link: BankLink) -> None:
        account = await make_account(link)
        reader = await make_viewer(shop.organization, set(Right) - {Right.BANKS})
        error = await refused(shop, of(account), Forbidden, viewer=reader)
        assert "banks" in str(error)

    async def test_another_organizations_account_is_not_found(
        self, shop: Shop, link: BankLink
    ) -> None:
        theirs = await make_account(await make_link(await make_organization()))
        await refused(shop, of(await make_account(link), theirs), NotFound)

    async def test_what_is_not_what_the_preview_said_is_not_done(
        self, shop: Shop, link: BankLink
    ) -> None:
        account = await make_account(link)
        token = (await preview(shop.viewer, of(account))).token
        await make_line(account)
        error = await refused(shop, of(account), DeletionOutdated, token=token)
        assert isinstance(error, DeletionOutdated)
        assert error.preview == await preview(shop.viewer, of(account))
        assert error.preview.accounts[0].erased == 1
        await deleted(shop, of(account), token=error.preview.token)

    async def test_the_row_lives_on_with_all_that_people_gave_it(self, books: Books) -> None:
        await booked(books, await books.line(-500))
        await books.line(-700)
        before = await BankAccount.get(id=books.account.id)
        token = (await preview(books.viewer, of(books.account))).token
        async with books.begin() as uow:
            receipt, _ = await delete(
                uow, books.viewer, of(books.account), token=token, key=KEY, keyring=KEYRING
            )
        after = await BankAccount.get(id=books.account.id)
        assert (after.deleted_at, after.bank_link_id, after.aggregator_id) == (NOW, None, None)
        kept = ("name", "memo", "ledger_account_id", "start_on", "bank_name", "number")
        assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
        assert [row.amount_minor for row in await BankTransaction.all()] == [-500]
        assert receipt.logins == ["Elm Bank"]
        assert receipt.accounts == [
            {
                "bank_account_id": str(books.account.id),
                "name": before.name,
                "number": before.number,
                "kept": 1,
                "months": [
                    {
                        "month": "2026-03",
                        "currency": "USD",
                        "exponent": 2,
                        "lines": 1,
                        "sum_minor": -700,
                    }
                ],
            }
        ]

    async def test_the_last_account_takes_its_login_along(self, shop: Shop, link: BankLink) -> None:
        account = await make_account(link)
        hidden = await make_account(link, hidden_at=NOW)
        await deleted(shop, of(account))
        after = await fresh(link)
        assert after.ended_at == NOW
        assert (await Revocation.get(id=link.grant_id)).reason == "deleted"
        assert (await BankAccount.get(id=hidden.id)).bank_link_id is None
        await shop.work()
        assert shop.bank.calls == ["revoke"]

    async def test_siblings_and_their_login_go_on(self, shop: Shop, link: BankLink) -> None:
        account, sibling = await make_account(link), await make_account(link)
        theirs = await make_line(sibling)
        await make_line(account)
        await deleted(shop, of(account))
        assert [row.id for row in await BankTransaction.all()] == [theirs.id]
        after = await fresh(link)
        assert (after.ended_at, after.revision) == (None, link.revision + 1)
        assert not await Revocation.all().exists()
        assert (await BankAccount.get(id=sibling.id)).bank_link_id == link.id

    async def test_so_does_a_login_by_which_one_is_to_come_back(
        self, shop: Shop, link: BankLink
    ) -> None:
        account = await make_account(link)
        wanted = await make_account(link, deleted_at=NOW, wanted_at=NOW)
        await deleted(shop, of(account))
        assert (await fresh(link)).ended_at is None
        wanted = await BankAccount.get(id=wanted.id)
        assert (wanted.bank_link_id, wanted.wanted_at) == (link.id, NOW)
        receipt = await deleted(shop, Chosen(bank_link_id=link.id), key="another-key")
        assert receipt.logins == ["Elm Bank"]
        assert (await fresh(link)).ended_at == NOW
        assert (await BankAccount.get(id=wanted.id)).wanted_at is None

    async def test_several_at_once_of_several_logins(self, shop: Shop, link: BankLink) -> None:
        other = await make_link(shop.organization, name="Oak Bank")
        accounts = [await make_account(link), await make_account(other), await make_account(other)]
        receipt = await deleted(shop, of(*accounts))
        assert receipt.logins == ["Elm Bank", "Oak Bank"]
        assert len(receipt.accounts) == 3
        assert await Revocation.all().count() == 2

    async def test_many_go_in_as_many_statements_as_two(self, shop: Shop, link: BankLink) -> None:
        async def taken(count: int) -> int:
            await make_account(link)
            accounts = [await make_account(link) for _ in range(count)]
            lines = [await make_line(account) for account in accounts]
            with statements() as seen:
                receipt = await deleted(shop, of(*accounts), key=f"deletes-{count}-of-them")
            assert [each["months"][0]["lines"] for each in receipt.accounts] == [1] * count
            gone = [each.id for each in lines]
            assert not await BankTransaction.filter(id__in=gone).exists()
            return len(seen)

        await taken(1)
        assert await taken(40) == await taken(2)

    async def test_a_login_goes_with_all_its_accounts_or_with_none(
        self, shop: Shop, link: BankLink
    ) -> None:
        account = await make_account(link)
        bare = await make_link(shop.organization, name="Oak Bank")
        receipt = await deleted(shop, Chosen(bank_link_id=link.id))
        assert (receipt.logins, len(receipt.accounts)) == (["Elm Bank"], 1)
        assert (await BankAccount.get(id=account.id)).deleted_at == NOW
        receipt = await deleted(shop, Chosen(bank_link_id=bare.id), key="another-key")
        assert (receipt.logins, receipt.accounts) == (["Oak Bank"], [])
        assert (await fresh(bare)).ended_at == NOW

    async def test_it_leaves_its_keys_even_where_no_pull_has_kept_any(
        self, shop: Shop, link: BankLink
    ) -> None:
        account = await make_account(link, number="4021")
        hidden = await make_account(link, hidden_at=NOW)
        await deleted(shop, of(account))
        for each in (account, hidden):
            kinds = {key.kind for key in await AccountKey.filter(bank_account_id=each.id)}
            assert kinds == {KeyKind.EXACT, KeyKind.WEAK}

    async def test_everybody_is_told_that_it_is_gone(self, shop: Shop, link: BankLink) -> None:
        account = await make_account(link)
        await make_line(account)
        await deleted(shop, of(account))
        told = {row.object_id: row for row in await Change.all()}
        for object_id, type_ in (
            (account.id, ChangeType.BANK_ACCOUNT),
            (link.id, ChangeType.BANK_LINK),
        ):
            assert (told[object_id].type, told[object_id].kind) == (type_, ChangeKind.GONE)
        assert len(told) == 2

    async def test_who_did_it_is_written_down(self, shop: Shop, link: BankLink) -> None:
        account = await make_account(link, number="4021")
        await make_line(account)
        receipt = await deleted(shop, of(account))
        event = await AuditEvent.get()
        assert (event.action, event.user_id) == ("deleteBankAccounts", shop.viewer.user_id)
        assert (event.object_type, event.object_id) == ("Deletion", receipt.id)
        assert event.after == {
            "accounts": ["Operating 4021"],
            "bank_account_ids": [str(account.id)],
            "erased": 1,
            "kept": 0,
            "logins": ["Elm Bank"],
        }

    async def test_the_same_call_again_gives_the_same_receipt(
        self, shop: Shop, link: BankLink
    ) -> None:
        account = await make_account(link)
        token = (await preview(shop.viewer, of(account))).token
        first = await deleted(shop, of(account), token=token)
        before = await everything()
        again = await deleted(shop, of(account), token=token)
        assert again.id == first.id
        assert await everything() == before
        await refused(shop, of(account), IdempotencyKeyReused, token="another")
        await refused(shop, of(account), NotFound, token=token, key="another-key")

    async def test_what_is_deleted_is_not_renamed(self, shop: Shop, link: BankLink) -> None:
        account = await make_account(link)
        await deleted(shop, of(account))
        before = await everything()
        with pytest.raises(NotFound):
            async with shop.transactions.begin(shop.organization.id) as uow:
                await update(
                    uow,
                    shop.viewer,
                    bank_account_id=account.id,
                    expected_revision=account.revision,
                    name="Payroll",
                )
        assert await everything() == before

    async def test_a_pull_that_runs_meanwhile_brings_nothing(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.report(line("1"))
        await shop.pull(link)
        account = await account_of(link)
        shop.bank.report(line("2"))
        hold = shop.bank.hold("snapshot")
        refresh = await shop.request(link)
        work = asyncio.create_task(shop.work())
        await hold.reached.wait()
        await deleted(shop, of(account))
        hold.release.set()
        await work
        assert not await BankTransaction.all().exists()
        assert (await refresh_of(refresh.id)).state is RefreshState.FAILED
        assert (await BankAccount.all().get()).deleted_at == NOW
