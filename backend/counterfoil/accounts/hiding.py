"""Hiding an account for ever, and what whoever runs the server can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.accounts.operations import locked, save_edit
from counterfoil.accounts.returning import bring_back
from counterfoil.audit import operations as audit
from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.text import clean_or_none, uncut
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Right, Viewer

REASON_LIMIT = 500
HIDDEN = "hideBankAccount"
SHOWN_AGAIN = "unhideBankAccount"


class LinesWait(CounterfoilError):
    """Lines of the account are still to be reviewed, and nobody could any more."""

    code = "LINES_WAITING"
    field = ("reason",)

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        lines = "1 line waits" if waiting == 1 else f"{waiting:,} lines wait"
        super().__init__(
            f"{lines} for review in this account, and would be out of reach. Review them first, or "
            "type the reason why that does not matter."
        )


async def hide(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_account_id: UUID,
    expected_revision: int,
    reason: str | None,
    waiting: int,
) -> BankAccount:
    """Hide an account for ever: whatever is asked of it is answered as of an absent one.

    It stays attached to its login, so that pulls know what to drop. `waiting` is how many of its
    lines are still to be reviewed. What was done is read from the audit log: name, number,
    institution, reason.

    Raises:
        NotFound, Conflict, Forbidden; LinesWait: lines wait, and no reason was given;
        InvalidInput: the reason is too long.
    """
    account = await locked(viewer, bank_account_id, expected_revision=expected_revision)
    viewer.require(Right.BANKS)
    told = _reason(reason)
    if waiting and told is None:
        raise LinesWait(waiting)
    after = {**await _called(account), "reason": told, "waiting": waiting}
    await _record(uow, viewer, HIDDEN, account, after)
    account.update_from_dict({"hidden_at": uow.now, "wanted_at": None})
    await save_edit(uow, account)
    uow.gone(ChangeType.BANK_ACCOUNT, account.id)
    return account


async def unhide(
    uow: UnitOfWork, *, bank_account_id: UUID, reason: str, attached: bool
) -> BankAccount:
    """Show a hidden account again, by the word of whoever runs the server.

    While a login that lives brings it in (`attached`) the next pull fetches its whole history;
    otherwise it is there without a feed until its bank is added again. Its ledger account comes
    back with it where that is free.

    Raises:
        NotFound: no hidden account of the organization has this id.
        InvalidInput: there is no reason, or a too long one.
    """
    account = await (
        BankAccount.filter(
            id=bank_account_id, organization_id=uow.organization_id, hidden_at__not_isnull=True
        )
        .select_for_update(no_key=True)
        .first()
    )
    if account is None:
        raise NotFound(field=("bank_account_id",))
    told = _reason(reason)
    if told is None:
        raise InvalidInput("Say why, with --reason.", field=("reason",))
    await bring_back(account)
    account.wanted_at = uow.now if attached else None
    after = {**await _called(account), "reason": told}
    await _record(uow, Viewer.operator(uow.organization_id), SHOWN_AGAIN, account, after)
    return await save_edit(uow, account)


def _reason(given: str | None) -> str | None:
    if given is not None and len(uncut(given)) > REASON_LIMIT:
        raise InvalidInput(
            f"The reason is longer than {REASON_LIMIT} characters. Shorten it.", field=("reason",)
        )
    return clean_or_none(given, limit=REASON_LIMIT)


async def _called(account: BankAccount) -> Mapping[str, Any]:
    """By what a person knows the account, for a log that may not lead to it."""
    [institution] = await BankAccount.filter(id=account.id).values_list(
        "bank_link__institution__name", flat=True
    )
    return {"name": account.name, "number": account.number, "institution": institution}


async def _record(
    uow: UnitOfWork, viewer: Viewer, action: str, account: BankAccount, after: Mapping[str, Any]
) -> None:
    await audit.record(
        uow,
        viewer,
        action=action,
        object_type="BankAccount",
        object_id=account.id,
        after=after,
    )
