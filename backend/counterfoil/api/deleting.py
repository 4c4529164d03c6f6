"""Deleting accounts and logins: a preview that counts, and the deed that takes its token."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.accounts.queries import absorbers
from counterfoil.api import ids
from counterfoil.api.bank_accounts import BankAccount
from counterfoil.api.bank_links import BankLink
from counterfoil.api.context import Info
from counterfoil.api.deletions import Deletion, ErasedMonth, deletion, erased_month
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.api.loaders import load_several
from counterfoil.errors import InvalidInput, NotFound
from counterfoil.links import deletion_preview, removing
from counterfoil.links.deletion_preview import Chosen, Erasure
from counterfoil.links.queries import accounts_by_id, links_by_id
from counterfoil.viewer import Viewer

PREVIEWED = "That of its `deletionPreview`: if anything else would happen by now, nothing does."
IDEMPOTENCY_KEY = (
    "8 to 128 printable characters of the client's own for this very request, kept for seven days: "
    "sent again it does nothing twice."
)
_ACCOUNTS, _LINK = ("bank_account_ids",), ("bank_link_id",)


@strawberry.type(description="What would become of one account.")
class AccountErasure:
    account_id: strawberry.Private[UUID]
    erased_count: int = strawberry.field(
        description="How many lines would be erased: gone, not hidden."
    )
    kept_count: int = strawberry.field(
        description="How many lines stay as they are: those that are matched, even in part."
    )
    months: list[ErasedMonth] = strawberry.field(
        description="What would be erased, by month and currency."
    )

    @strawberry.field(description="The account; null when it is gone by now.")
    async def bank_account(self, info: Info) -> BankAccount | None:
        return next(iter(await _accounts(info, [self.account_id])), None)


@strawberry.type(description="What deleting would do now.")
class DeletionPreview:
    ended_ids: strawberry.Private[Sequence[UUID]]
    sibling_ids: strawberry.Private[Sequence[UUID]]
    token: str = strawberry.field(
        description="For `deleteBankAccounts` or `deleteBankLink`: it stands for exactly this."
    )
    accounts: list[AccountErasure] = strawberry.field(
        description="The accounts that would be deleted. Books and ledger accounts stay."
    )
    aggregator_keeps: bool = strawberry.field(
        description=(
            "Whether the aggregator goes on handing over an account that is deleted here, because "
            "its login goes on. What it hands over is dropped."
        )
    )

    @strawberry.field(
        description="The logins that would end with their last account, at the aggregator too."
    )
    async def ended_links(self, info: Info) -> list[BankLink]:
        return await load_several(info, BankLink, links_by_id, "bank_link.id", self.ended_ids)

    @strawberry.field(description="Accounts of the same logins that stay, by name.")
    async def siblings(self, info: Info) -> list[BankAccount]:
        return await _accounts(info, self.sibling_ids)


async def _accounts(info: Info, row_ids: Sequence[UUID]) -> list[BankAccount]:
    return await load_several(info, BankAccount, accounts_by_id, "bank_account.id", row_ids)


def shown(found: deletion_preview.DeletionPreview) -> DeletionPreview:
    """A preview of the rooms for the client."""
    return DeletionPreview(
        ended_ids=list(found.logins_ended),
        sibling_ids=list(found.siblings),
        token=found.token,
        accounts=[_erasure(each) for each in found.accounts],
        aggregator_keeps=found.aggregator_keeps,
    )


def _erasure(account: Erasure) -> AccountErasure:
    return AccountErasure(
        account_id=account.bank_account_id,
        erased_count=account.erased,
        kept_count=account.kept,
        months=[erased_month(**asdict(month)) for month in account.months],
    )


async def preview(
    info: Info,
    bank_account_ids: Annotated[
        list[strawberry.ID] | None,
        strawberry.argument(description="1 to 200 accounts; left out with `bankLinkId`."),
    ] = None,
    bank_link_id: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="A login with all its accounts, instead."),
    ] = None,
) -> DeletionPreview | None:
    viewer = info.context.signed_in()
    try:
        chosen = await _chosen(viewer, bank_account_ids, bank_link_id)
        return shown(await deletion_preview.preview(viewer, chosen))
    except NotFound:
        return None


async def _chosen(
    viewer: Viewer, account_ids: list[strawberry.ID] | None, link_id: strawberry.ID | None
) -> Chosen:
    if (account_ids is None) is (link_id is None):
        raise InvalidInput("Name accounts, or a login, and not both.", field=_ACCOUNTS)
    return _login(link_id) if link_id is not None else await _these(viewer, account_ids or ())


async def _these(viewer: Viewer, account_ids: Iterable[str]) -> Chosen:
    named = [ids.decode(each, "BankAccount", field=_ACCOUNTS) for each in account_ids]
    by_now = await absorbers(viewer, named)
    return Chosen.accounts(by_now.get(each, each) for each in named)


def _login(link_id: str) -> Chosen:
    return Chosen(bank_link_id=ids.decode(link_id, "BankLink", field=_LINK))


@strawberry.input(description="Which accounts to delete.")
class DeleteBankAccountsInput:
    bank_account_ids: list[strawberry.ID] = strawberry.field(description="1 to 200 accounts.")
    token: str = strawberry.field(description=PREVIEWED)
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="Which login to delete.")
class DeleteBankLinkInput:
    bank_link_id: strawberry.ID = strawberry.field(description="The login.")
    token: str = strawberry.field(description=PREVIEWED)
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.type
class DeletionPayload:
    deletion_id: strawberry.Private[UUID | None] = None
    replayed: bool = strawberry.field(
        default=False, description="Whether this key was used before: nothing was deleted again."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The receipt; null when nothing was done.")
    async def deletion(self, info: Info) -> Deletion | None:
        return await deletion(info, self.deletion_id) if self.deletion_id else None


@strawberry.type(description="What became of the accounts.")
class DeleteBankAccountsPayload(DeletionPayload):
    pass


@strawberry.type(description="What became of the login and its accounts.")
class DeleteBankLinkPayload(DeletionPayload):
    pass


@strawberry.type
class DeletionMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Delete accounts as their preview said: lines that are not matched are erased, and a "
            "login whose last account goes is ended at the aggregator. An account that is added "
            "again is the same one. Needs the right BANKS."
        ),
    )
    async def delete_bank_accounts(
        self,
        info: Info,
        input: Annotated[DeleteBankAccountsInput, strawberry.argument(description="Which.")],
    ) -> DeleteBankAccountsPayload:
        chosen = await _these(info.context.signed_in(), input.bank_account_ids)
        done = await _delete(info, chosen, input.token, input.idempotency_key)
        return DeleteBankAccountsPayload(deletion_id=done[0], replayed=done[1])

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Delete a login with all its accounts as its preview said, here and at the "
            "aggregator. Needs the right BANKS."
        ),
    )
    async def delete_bank_link(
        self,
        info: Info,
        input: Annotated[DeleteBankLinkInput, strawberry.argument(description="Which.")],
    ) -> DeleteBankLinkPayload:
        chosen = _login(input.bank_link_id)
        done = await _delete(info, chosen, input.token, input.idempotency_key)
        return DeleteBankLinkPayload(deletion_id=done[0], replayed=done[1])


async def _delete(info: Info, chosen: Chosen, token: str, key: str) -> tuple[UUID, bool]:
    viewer, keyring = info.context.signed_in(), info.context.services.keyring
    async with info.context.transaction() as uow:
        receipt, replayed = await removing.delete(
            uow, viewer, chosen, token=token, key=key, keyring=keyring
        )
    return receipt.id, replayed
