"""Writing bank accounts: what a pull reports of them, and what people change."""

from __future__ import annotations

from datetime import date
from enum import Enum
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.audit import operations as audit
from counterfoil.audit.operations import Facts
from counterfoil.errors import Conflict, InvalidInput, NotFound
from counterfoil.kit.text import uncut
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Right, Viewer

NAME_LIMIT = 80
MEMO_LIMIT = 500


class Unset(Enum):
    """Stands for an argument that was not given, where null means something."""

    UNSET = "UNSET"


UNSET = Unset.UNSET


async def locked(
    viewer: Viewer, bank_account_id: UUID, *, expected_revision: int | None = None
) -> BankAccount:
    """The viewer's visible account, locked for the rest of the transaction.

    Whoever writes its lines does not wait for this (`FOR NO KEY UPDATE`): an act in the books
    takes its lines after the organization's counter, and this comes before it.

    Raises:
        NotFound: it is absent, hidden, deleted, or another organization's.
        Conflict: a person changed it after the expected revision.
    """
    account = await (
        BankAccount.filter(
            id=bank_account_id,
            organization_id=viewer.organization_id,
            hidden_at__isnull=True,
            deleted_at__isnull=True,
        )
        .select_for_update(no_key=True)
        .first()
    )
    if account is None:
        raise NotFound(field=("bank_account_id",))
    if expected_revision is not None:
        require_current(account, expected_revision)
    return account


def require_current(account: BankAccount, expected_revision: int) -> None:
    """Pass when what a person saw at that revision is still what people made of the account.

    Raises:
        Conflict: a person changed it since.
    """
    if not account.edited_revision <= expected_revision <= account.revision:
        raise Conflict(
            of="BankAccount",
            object_id=account.id,
            expected=expected_revision,
            actual=account.revision,
        )


async def save_edit(uow: UnitOfWork, account: BankAccount) -> BankAccount:
    """Store what a person changed under the next revision."""
    account.edited_revision = account.revision + 1
    return await save(uow, account)


async def save(uow: UnitOfWork, account: BankAccount) -> BankAccount:
    """Store a changed account under its next revision."""
    account.revision += 1
    await account.save()
    uow.upserted(ChangeType.BANK_ACCOUNT, account.id, account.revision)
    return account


async def update(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_account_id: UUID,
    expected_revision: int,
    name: str | Unset = UNSET,
    memo: str | Unset | None = UNSET,
) -> BankAccount:
    """Rename an account, or change its memo. The bank's own name given as name undoes a rename.

    Raises:
        NotFound, Forbidden, Conflict; InvalidInput: an empty or over-long name or memo.
    """
    account = await locked(viewer, bank_account_id, expected_revision=expected_revision)
    viewer.require(Right.BANKS)
    before = _called(account)
    if name is not UNSET:
        account.name = _bounded(name, limit=NAME_LIMIT, field="name")
        account.renamed_at = None if account.name == account.bank_name else uow.now
    if memo is not UNSET:
        account.memo = _bounded(memo, limit=MEMO_LIMIT, field="memo") if memo else None
    await audit.record(
        uow,
        viewer,
        action="updateBankAccount",
        object_type="BankAccount",
        object_id=account.id,
        before=before,
        after=_called(account),
    )
    return await save_edit(uow, account)


def _called(account: BankAccount) -> Facts:
    return {"name": account.name, "memo": account.memo}


def _bounded(text: str, *, limit: int, field: str) -> str:
    cleaned = uncut(text)
    if not cleaned:
        raise InvalidInput(f"The {field} is empty. Type at least one character.", field=(field,))
    if len(cleaned) > limit:
        raise InvalidInput(
            f"The {field} is longer than {limit} characters. Shorten it.", field=(field,)
        )
    return cleaned


async def set_ledger_account(
    uow: UnitOfWork,
    account: BankAccount,
    ledger_account_id: UUID | None,
    *,
    start_on: date | None,
) -> BankAccount:
    """Keep a locked account in a ledger account that `reconciliation` has found suitable."""
    account.ledger_account_id = ledger_account_id
    account.start_on = start_on
    account.untied_because = None
    return await save_edit(uow, account)
