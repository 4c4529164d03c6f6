"""Deleting accounts: their lines go, what is matched stays, and the last one takes its login along.

All of it is one transaction, and the end at the aggregator follows from the outbox. The row of an
account lives on, so that it is the same account when somebody adds it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

from counterfoil.accounts.deleting import mark_deleted
from counterfoil.accounts.identity_key import key_of
from counterfoil.accounts.models import BankAccount
from counterfoil.audit import operations as audit
from counterfoil.errors import CounterfoilError
from counterfoil.kit.crypto import Keyring
from counterfoil.kit.ids import new_id
from counterfoil.links.deletion_preview import (
    Chosen,
    DeletionPreview,
    Erasure,
    chosen_accounts,
    look,
)
from counterfoil.links.ending import end_if_unused, end_login, lock_pull, remember_accounts
from counterfoil.links.missing import say_anew
from counterfoil.links.models import BankLink, Deletion
from counterfoil.links.operations import find_living
from counterfoil.transactions.erasing import erase
from counterfoil.unit_of_work import ChangeType, UnitOfWork, once
from counterfoil.viewer import Right, Viewer


class DeletionOutdated(CounterfoilError):
    """Deleting would do something else by now than its preview said; `preview` says what."""

    code = "PREVIEW_OUTDATED"
    field = ("token",)

    def __init__(self, preview: DeletionPreview) -> None:
        self.preview = preview
        super().__init__(
            "Something changed since you looked: deleting would do something else now. Nothing was "
            "deleted. Look at the new counts, and delete again."
        )


async def delete(
    uow: UnitOfWork, viewer: Viewer, chosen: Chosen, *, token: str, key: str, keyring: Keyring
) -> tuple[Deletion, bool]:
    """Do what the preview with this token said. The bool says that the same call did it before.

    Raises:
        Forbidden, IdempotencyKeyInvalid, IdempotencyKeyReused.
        NotFound: something of it is absent, hidden, deleted, or another organization's.
        DeletionOutdated: it is not what the preview said.
    """
    viewer.require(Right.BANKS)
    deletion_id = new_id()
    first = await once(
        uow,
        actor=viewer.actor,
        operation="deleteBankLink" if chosen.bank_link_id else "deleteBankAccounts",
        key=key,
        asked=[sorted(map(str, chosen.bank_account_ids)), str(chosen.bank_link_id), token],
        object_id=deletion_id,
    )
    if first != deletion_id:
        return await Deletion.get(id=first), True
    links = await _locked_links(await chosen_accounts(viewer, chosen), chosen)
    accounts = await _locked_accounts(viewer, chosen)
    await uow.position()
    shown = await look(viewer, chosen, accounts)
    if shown.token != token or not _known(accounts, links):
        raise DeletionOutdated(shown)
    await _remove(uow, chosen, accounts, links, key=await key_of(uow, keyring))
    return await _receipt(uow, viewer, chosen, shown, deletion_id), False


async def _locked_links(accounts: Iterable[BankAccount], chosen: Chosen) -> Mapping[UUID, BankLink]:
    """The logins, each with its pull: they come before the accounts, always in one order."""
    ids = {account.bank_link_id for account in accounts} | {chosen.bank_link_id}
    links = [await find_living(each) for each in sorted(each for each in ids if each is not None)]
    living = {link.id: link for link in links if link is not None}
    for bank_link_id in living:
        await lock_pull(bank_link_id)
    return living


async def _locked_accounts(viewer: Viewer, chosen: Chosen) -> Sequence[BankAccount]:
    """The chosen accounts and, before that, all that came with them are held until the commit."""
    seen = await chosen_accounts(viewer, chosen)
    ids = [account.id for account in seen]
    await BankAccount.filter(id__in=ids).order_by("id").select_for_update(no_key=True)
    return await chosen_accounts(viewer, chosen)


def _known(accounts: Iterable[BankAccount], links: Mapping[UUID, BankLink]) -> bool:
    """Whether the accounts are where they were when their logins were locked."""
    return all(each.bank_link_id is None or each.bank_link_id in links for each in accounts)


async def _remove(
    uow: UnitOfWork,
    chosen: Chosen,
    accounts: Sequence[BankAccount],
    links: Mapping[UUID, BankLink],
    *,
    key: bytes,
) -> None:
    for link in links.values():
        await remember_accounts(uow, link, key=key)
    await erase(uow, bank_account_ids=[account.id for account in accounts], key=key)
    await mark_deleted(uow, accounts)
    for link in links.values():
        if link.id == chosen.bank_link_id:
            await end_login(uow, link, reason="deleted")
        elif not await end_if_unused(uow, link, reason="deleted"):
            await say_anew(link, now=uow.now)
            link.revision += 1
            await link.save()
            uow.upserted(ChangeType.BANK_LINK, link.id, link.revision)


async def _receipt(
    uow: UnitOfWork,
    viewer: Viewer,
    chosen: Chosen,
    done: DeletionPreview,
    deletion_id: UUID,
) -> Deletion:
    deletion = await Deletion.create(
        id=deletion_id,
        organization_id=uow.organization_id,
        actor=viewer.actor,
        deleted_at=uow.now,
        accounts=[_erased(each) for each in done.accounts],
        logins=sorted(done.logins_ended.values()),
    )
    await audit.record(
        uow,
        viewer,
        action="deleteBankLink" if chosen.bank_link_id else "deleteBankAccounts",
        object_type="Deletion",
        object_id=deletion.id,
        after={
            "accounts": [f"{each.name} {each.number or ''}".strip() for each in done.accounts],
            "bank_account_ids": [str(each.bank_account_id) for each in done.accounts],
            "erased": sum(each.erased for each in done.accounts),
            "kept": sum(each.kept for each in done.accounts),
            "logins": deletion.logins,
        },
    )
    return deletion


def _erased(account: Erasure) -> dict[str, object]:
    return {
        "bank_account_id": str(account.bank_account_id),
        "name": account.name,
        "number": account.number,
        "kept": account.kept,
        "months": [asdict(month) for month in account.months],
    }
