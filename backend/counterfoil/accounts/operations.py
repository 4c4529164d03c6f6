"""Writing bank accounts: what a pull reports of them, and what people change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from counterfoil.accounts.models import BalanceReport, BankAccount, FeedState
from counterfoil.aggregators.port import AccountSnapshot
from counterfoil.audit import operations as audit
from counterfoil.audit.operations import Facts
from counterfoil.errors import Conflict, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.kit.text import clean
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
    cleaned = clean(text, limit=limit + 1)
    if not cleaned:
        raise InvalidInput(f"The {field} is empty. Type at least one character.", field=(field,))
    if len(cleaned) > limit:
        raise InvalidInput(
            f"The {field} is longer than {limit} characters. Shorten it.", field=(field,)
        )
    return cleaned


async def receive(
    uow: UnitOfWork,
    *,
    bank_link_id: UUID,
    refresh_id: UUID,
    snapshots: Iterable[AccountSnapshot],
    failed: Collection[str] = (),
) -> Sequence[BankAccount]:
    """Bring the accounts of a login to what the bank reports of them; returns those with a feed.

    An account is recognised by the aggregator's id within the login. New ones appear; those that
    the bank no longer hands over stay, marked ACCESS_LOST, unless they are among the `failed`
    ones (by the aggregator's id). Hidden and deleted ones stay so, and have no feed.
    """
    rows = await BankAccount.filter(bank_link_id=bank_link_id).select_for_update(no_key=True)
    known = {row.aggregator_id: row for row in rows}
    reported: dict[str, AccountSnapshot] = {s.aggregator_id: s for s in snapshots}
    for aggregator_id, snapshot in reported.items():
        account = known.get(aggregator_id) or _discovered(uow, bank_link_id, snapshot)
        await _take(uow, account, snapshot, refresh_id)
    for account in rows:
        handed_over = account.aggregator_id in reported or account.aggregator_id in failed
        if not handed_over and account.feed_state is FeedState.OPEN:
            account.feed_state = FeedState.ACCESS_LOST
            await save(uow, account)
    return await BankAccount.filter(bank_link_id=bank_link_id, hidden_at=None, deleted_at=None)


def _discovered(uow: UnitOfWork, bank_link_id: UUID, snapshot: AccountSnapshot) -> BankAccount:
    return BankAccount(
        id=new_id(),
        organization_id=uow.organization_id,
        bank_link_id=bank_link_id,
        aggregator_id=snapshot.aggregator_id,
        name=snapshot.name,
        bank_name=snapshot.name,
        type=snapshot.type,
        currency=snapshot.currency,
        exponent=snapshot.exponent,
        created_at=uow.now,
        revision=0,
    )


async def _take(
    uow: UnitOfWork, account: BankAccount, snapshot: AccountSnapshot, refresh_id: UUID
) -> None:
    facts = _facts(snapshot, account)
    is_new = account.revision == 0
    changed = is_new or any(getattr(account, name) != value for name, value in facts.items())
    account.update_from_dict(facts)
    account.balance_received_at = uow.now
    if changed:
        account.revision += 1
        uow.upserted(ChangeType.BANK_ACCOUNT, account.id, account.revision)
    await account.save()
    await _keep_balance(account, refresh_id, uow.now)


def _facts(snapshot: AccountSnapshot, account: BankAccount) -> dict[str, object]:
    """The columns that the bank decides. The name is the bank's until a person renames it."""
    return {
        "bank_name": snapshot.name,
        "name": account.name if account.renamed_at else snapshot.name,
        "number": snapshot.number,
        "type": snapshot.type,
        "subtype": snapshot.subtype,
        "currency": snapshot.currency,
        "exponent": snapshot.exponent,
        "feed_state": FeedState.OPEN,
        "current_minor": snapshot.current_minor,
        "available_minor": snapshot.available_minor,
        "limit_minor": snapshot.limit_minor,
        "balance_as_of": snapshot.as_of,
    }


async def _keep_balance(account: BankAccount, refresh_id: UUID, now: datetime) -> None:
    await BalanceReport.create(
        id=new_id(),
        bank_account_id=account.id,
        refresh_id=refresh_id,
        current_minor=account.current_minor,
        available_minor=account.available_minor,
        limit_minor=account.limit_minor,
        as_of=account.balance_as_of,
        received_at=now,
    )


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
