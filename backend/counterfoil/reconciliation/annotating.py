"""Notes on a bank line: a comment, the wish to look again, and how somebody means to book it.

An annotation is no act: nothing in the books changes by it, and the next one takes its place.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.audit import operations as audit
from counterfoil.errors import InvalidInput, NotFound
from counterfoil.kit.unset import UNSET, Unset
from counterfoil.ledger.completing import LedgerAccountInactive, LineCurrencyMismatch
from counterfoil.ledger.models import LedgerAccount
from counterfoil.ledger.wording import MEMO_LIMIT
from counterfoil.ledger.wording import bounded as bounded_or_none
from counterfoil.reconciliation.bookable import NotBookable, Obstacle
from counterfoil.reconciliation.coding import Coding, CodingIncomplete, CodingLine, refuse_itself
from counterfoil.reconciliation.lines import open_minor
from counterfoil.reconciliation.wording import COMMENT_LIMIT, bounded
from counterfoil.transactions import reviewing
from counterfoil.transactions.models import BankTransaction
from counterfoil.transactions.reviewing import locked_lines
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer

MOST_PARTS = 100


async def annotate(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_transaction_id: UUID,
    expected_revision: int | None,
    comment: str | Unset | None = UNSET,
    to_check: bool | Unset = UNSET,
    coding: Coding | Unset | None = UNSET,
) -> BankTransaction:
    """Note a comment (≤ 500 characters), to check, or a coding; null takes it away.

    Pending lines too may carry all three. Of a coding, memo and lines are kept; its lines add up
    to the line's amount as it is now.

    Raises:
        Forbidden, NotFound, Conflict, LedgerAccountInactive, LineCurrencyMismatch,
        CodingIncomplete, CodedToItself, InvalidInput.
        NotBookable: a coding for a line that is reconciled or excluded.
    """
    await uow.position()
    viewer.require(Right.CODE)
    [line] = await locked_lines(uow, viewer, {bank_transaction_id: expected_revision})
    said = {"comment": comment, "to_check": to_check, "coding": coding}
    noted = await reviewing.annotate(
        uow,
        viewer,
        line,
        comment=_worded(comment),
        to_check=to_check,
        coding=await _prepared(viewer, line, coding) if isinstance(coding, Coding) else coding,
    )
    await audit.record(
        uow,
        viewer,
        action="annotateTransaction",
        object_type="BankTransaction",
        object_id=line.id,
        after={"changed": [name for name, value in said.items() if value is not UNSET]},
    )
    return noted


def _worded(comment: str | Unset | None) -> str | Unset | None:
    if not isinstance(comment, str):
        return comment
    return bounded(comment, limit=COMMENT_LIMIT, field="comment")


async def _prepared(viewer: Viewer, line: BankTransaction, coding: Coding) -> dict[str, Any]:
    """The coding as it is kept, when the line could be booked so."""
    _require_open(line)
    _require_whole(line, coding)
    own = await BankAccount.get(id=line.bank_account_id)
    if own.ledger_account_id is not None:
        refuse_itself(coding.lines, (own.ledger_account_id,), within=("coding", "lines"))
    accounts = await _accounts(viewer, coding)
    for index, part in enumerate(coding.lines):
        _require_fitting(accounts.get(part.ledger_account_id), line.currency, index)
    return {
        "memo": _memo(coding.memo, ("coding", "memo")),
        "lines": [_kept(part, index) for index, part in enumerate(coding.lines)],
    }


def _require_open(line: BankTransaction) -> None:
    field = ("coding",)
    if line.excluded_at is not None:
        raise NotBookable(Obstacle.EXCLUDED, field=field)
    if line.amount_minor == 0:
        raise NotBookable(Obstacle.ZERO, field=field)
    if open_minor(line) == 0:
        raise NotBookable(Obstacle.RECONCILED, field=field)


def _require_whole(line: BankTransaction, coding: Coding) -> None:
    if not 0 < len(coding.lines) <= MOST_PARTS:
        raise InvalidInput(f"Give between 1 and {MOST_PARTS} lines.", field=("coding", "lines"))
    for index, part in enumerate(coding.lines):
        if part.amount_minor == 0:
            raise InvalidInput("A line of 0 says nothing. Remove it.", field=_path(index, "amount"))
    coded = sum(part.amount_minor for part in coding.lines)
    if coded != open_minor(line):
        raise CodingIncomplete(
            open_minor=open_minor(line), coded_minor=coded, currency=line.currency
        )


async def _accounts(viewer: Viewer, coding: Coding) -> dict[UUID, LedgerAccount]:
    ids = {part.ledger_account_id for part in coding.lines}
    rows = await LedgerAccount.filter(id__in=list(ids), organization_id=viewer.organization_id)
    return {row.id: row for row in rows}


def _require_fitting(account: LedgerAccount | None, currency: str, index: int) -> None:
    field = _path(index, "ledger_account_id")
    if account is None:
        raise NotFound(field=field)
    if account.inactive_at is not None:
        raise LedgerAccountInactive(account.number, field=field)
    if account.currency not in (None, currency):
        raise LineCurrencyMismatch(
            number=account.number, kept=str(account.currency), given=currency, field=field
        )


def _kept(part: CodingLine, index: int) -> dict[str, Any]:
    return {
        "ledger_account_id": str(part.ledger_account_id),
        "amount_minor": part.amount_minor,
        "memo": _memo(part.memo, _path(index, "memo")),
    }


def _memo(text: str | None, field: tuple[str, ...]) -> str | None:
    return bounded_or_none(text, limit=MEMO_LIMIT, field=field)


def _path(index: int, part: str) -> tuple[str, ...]:
    return ("coding", "lines", str(index), part)
