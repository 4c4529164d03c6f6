"""What deleting accounts, or a login with all its accounts, would do: read before it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

import orjson

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import InvalidInput, NotFound
from counterfoil.links.ending import NEEDS_LOGIN
from counterfoil.links.models import BankLink
from counterfoil.transactions.erasing import Erased, Month, would_erase
from counterfoil.viewer import Right, Viewer

AT_ONCE = 200
"""How many accounts may be deleted in one go."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be deleted: these accounts; or a login, with all the accounts that it shows."""

    bank_account_ids: frozenset[UUID] = frozenset()
    bank_link_id: UUID | None = None

    @classmethod
    def accounts(cls, bank_account_ids: Iterable[UUID]) -> Chosen:
        """These accounts.

        Raises:
            InvalidInput: there are none, or more than `AT_ONCE`.
        """
        ids = frozenset(bank_account_ids)
        if not 1 <= len(ids) <= AT_ONCE:
            raise InvalidInput(
                f"Choose 1 to {AT_ONCE} accounts to delete.", field=("bank_account_ids",)
            )
        return cls(bank_account_ids=ids)

    @property
    def field(self) -> str:
        """What the choice is called."""
        return "bank_link_id" if self.bank_link_id else "bank_account_ids"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What would become of an account: `erased` lines go, by month, and `kept` ones stay."""

    bank_account_id: UUID
    name: str
    number: str | None
    erased: int
    kept: int
    months: Sequence[Month]


@dataclass(frozen=True, slots=True)
class DeletionPreview:
    """What would be done, ordered by name. `token` stands for exactly this.

    `logins_ended` and `siblings` (accounts of the other logins, which stay) are names by id.
    With `aggregator_keeps` an account is forgotten here alone: its login goes on, and no
    aggregator lets one account of a login go.
    """

    accounts: Sequence[Erasure]
    logins_ended: Mapping[UUID, str]
    siblings: Mapping[UUID, str]
    aggregator_keeps: bool

    @property
    def token(self) -> str:
        """The same as long as deleting would do the same."""
        facts = [
            [
                [str(each.bank_account_id), each.erased, each.kept, each.months]
                for each in sorted(self.accounts, key=lambda each: each.bank_account_id)
            ],
            sorted(map(str, self.logins_ended)),
            sorted(map(str, self.siblings)),
        ]
        return hashlib.sha256(orjson.dumps(facts)).hexdigest()


async def preview(viewer: Viewer, chosen: Chosen) -> DeletionPreview:
    """What deleting would do now.

    Raises:
        Forbidden; NotFound: something of it is absent, hidden, deleted, or another organization's.
    """
    viewer.require(Right.BANKS)
    return await look(viewer, chosen, await chosen_accounts(viewer, chosen))


async def chosen_accounts(viewer: Viewer, chosen: Chosen) -> Sequence[BankAccount]:
    """The accounts of a choice, by id.

    Raises:
        NotFound.
    """
    shown = BankAccount.filter(
        organization_id=viewer.organization_id, hidden_at=None, deleted_at=None
    )
    if chosen.bank_link_id is not None:
        return await shown.filter(bank_link_id=chosen.bank_link_id).order_by("id")
    accounts = await shown.filter(id__in=sorted(chosen.bank_account_ids)).order_by("id")
    if len(accounts) != len(chosen.bank_account_ids):
        raise NotFound(field=(chosen.field,))
    return accounts


async def look(viewer: Viewer, chosen: Chosen, accounts: Sequence[BankAccount]) -> DeletionPreview:
    """The preview of a choice, of which these are the accounts.

    Raises:
        NotFound: there is no such login.
    """
    links = await _links(viewer, chosen, accounts)
    going = {account.id for account in accounts}
    shown = await BankAccount.filter(
        bank_link_id__in=list(links), hidden_at=None, deleted_at=None
    ).order_by("name", "id")
    living = await _living(links, going) - {chosen.bank_link_id}
    counts = await would_erase([account.id for account in accounts])
    named = sorted(accounts, key=lambda account: (account.name, account.id))
    return DeletionPreview(
        accounts=[_erasure(account, counts[account.id]) for account in named],
        logins_ended={link.id: link.name for link in links.values() if link.id not in living},
        siblings={account.id: account.name for account in shown if account.id not in going},
        aggregator_keeps=bool(living),
    )


async def _living(bank_link_ids: Iterable[UUID], going: Collection[UUID]) -> Set[UUID | None]:
    """The logins that go on: for accounts that stay, or that are to come back by them."""
    needed = BankAccount.filter(NEEDS_LOGIN, bank_link_id__in=list(bank_link_ids))
    return {row.bank_link_id for row in await needed if row.id not in going}


async def _links(
    viewer: Viewer, chosen: Chosen, accounts: Iterable[BankAccount]
) -> Mapping[UUID, BankLink]:
    ids = {account.bank_link_id for account in accounts} | {chosen.bank_link_id}
    found = await BankLink.filter(
        id__in=sorted(each for each in ids if each is not None),
        organization_id=viewer.organization_id,
        ended_at=None,
    ).order_by("id")
    links = {link.id: link for link in found}
    if chosen.bank_link_id is not None and chosen.bank_link_id not in links:
        raise NotFound(field=(chosen.field,))
    return links


def _erasure(account: BankAccount, counts: Erased) -> Erasure:
    return Erasure(
        bank_account_id=account.id,
        name=account.name,
        number=account.number,
        erased=counts.lines,
        kept=counts.kept,
        months=counts.months,
    )
