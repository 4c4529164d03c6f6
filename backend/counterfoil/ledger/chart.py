"""Writing ledger accounts: what a person or another system makes of the chart."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self, TypedDict
from uuid import UUID

from counterfoil.audit import operations as audit
from counterfoil.errors import Conflict, CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.currencies import EXPONENTS
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import fetch
from counterfoil.kit.text import uncut
from counterfoil.ledger.models import JournalLine, LedgerAccount, LedgerAccountType
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Right, Viewer

NUMBER_LIMIT = 20
NAME_LIMIT = 120
EXTERNAL_ID_LIMIT = 128


class LedgerNumberTaken(CounterfoilError):
    """Another ledger account has this number."""

    code = "LEDGER_NUMBER_TAKEN"
    field = ("number",)

    def __init__(self, *, number: str, name: str) -> None:
        self.number = number
        super().__init__(f"Number {number} belongs to “{name}”. Choose another number.")


class ExternalIdTaken(CounterfoilError):
    """Another object of the same kind has this external id."""

    code = "EXTERNAL_ID_TAKEN"
    field = ("external_id",)

    def __init__(self, *, external_id: str, holder: str) -> None:
        self.external_id = external_id
        super().__init__(
            f"The external id “{external_id}” belongs to {holder}. Change that, or send another id."
        )


class LedgerAccountInUse(CounterfoilError):
    """What is asked for would break what already stands on the account, or hangs on it."""

    code = "LEDGER_ACCOUNT_IN_USE"

    def __init__(self, message: str, *, field: str) -> None:
        self.field = (field,)
        super().__init__(message)


class ParentUnsuitable(InvalidInput):
    """An account cannot be a part of this one."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field=("parent_id",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a ledger account shall be. Without a currency it takes any."""

    number: str
    name: str
    type: LedgerAccountType
    currency: str | None = None
    parent_id: UUID | None = None
    control: bool = False
    external_id: str | None = None
    active: bool = True

    @classmethod
    def like(cls, account: LedgerAccount) -> Self:
        """What the account is."""
        return cls(
            number=account.number,
            name=account.name,
            type=account.type,
            currency=account.currency,
            parent_id=account.parent_id,
            control=account.control,
            external_id=account.external_id,
            active=account.inactive_at is None,
        )


class Changes(TypedDict, total=False):
    """What to change of an account; what is left out stays."""

    number: str
    name: str
    type: LedgerAccountType
    currency: str | None
    parent_id: UUID | None
    control: bool
    external_id: str | None
    active: bool


async def create(uow: UnitOfWork, viewer: Viewer, wanted: Wanted) -> LedgerAccount:
    """Add an account to the chart.

    Raises:
        Forbidden, InvalidInput, LedgerNumberTaken, ExternalIdTaken, ParentUnsuitable,
        NotFound: no such parent.
    """
    viewer.require(Right.ACCOUNTS)
    await uow.position()
    wanted = _bounded(wanted)
    await _require_free(viewer, wanted, own_id=None)
    await _require_parent(viewer, wanted, own_id=None)
    account = LedgerAccount(id=new_id(), organization_id=viewer.organization_id)
    _take(uow, account, wanted)
    await account.save()
    uow.upserted(ChangeType.LEDGER_ACCOUNT, account.id, account.revision)
    await _record(uow, viewer, "createLedgerAccount", account, None, asdict(wanted))
    return account


async def update(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    ledger_account_id: UUID,
    expected_revision: int,
    changes: Changes,
) -> LedgerAccount:
    """Change an account, switch it off or on again. Changing nothing writes nothing.

    Raises:
        NotFound, Forbidden, Conflict, and as `create` and `revise`.
    """
    await uow.position()
    account = await LedgerAccount.get_or_none(
        id=ledger_account_id, organization_id=viewer.organization_id
    )
    if account is None:
        raise NotFound(field=("ledger_account_id",))
    viewer.require(Right.ACCOUNTS)
    if account.revision != expected_revision:
        raise Conflict(
            of="LedgerAccount",
            object_id=account.id,
            expected=expected_revision,
            actual=account.revision,
        )
    return await revise(uow, viewer, account, replace(Wanted.like(account), **changes))


async def revise(
    uow: UnitOfWork, viewer: Viewer, account: LedgerAccount, wanted: Wanted
) -> LedgerAccount:
    """Make an account of the viewer's organization what is wanted, under the organization's lock.

    Raises:
        Forbidden, InvalidInput, LedgerNumberTaken, ExternalIdTaken, ParentUnsuitable, NotFound;
        LedgerAccountInUse: its type or currency would no longer fit its lines, its parts or its
        bank account, or that bank account would lose it.
    """
    viewer.require(Right.ACCOUNTS)
    wanted, before = _bounded(wanted), asdict(Wanted.like(account))
    after = asdict(wanted)
    changed = {name for name, value in after.items() if value != before[name]}
    if not changed:
        return account
    await _require_free(viewer, wanted, own_id=account.id)
    if changed & {"parent_id", "type"}:
        await _require_parent(viewer, wanted, own_id=account.id)
    await _require_still_fitting(account, wanted, changed)
    _take(uow, account, wanted)
    account.revision += 1
    await account.save()
    uow.upserted(ChangeType.LEDGER_ACCOUNT, account.id, account.revision)
    was, became = ({name: facts[name] for name in changed} for facts in (before, after))
    await _record(uow, viewer, "updateLedgerAccount", account, was, became)
    return account


def _bounded(wanted: Wanted) -> Wanted:
    if wanted.currency is not None and wanted.currency not in EXPONENTS:
        raise InvalidInput(
            f"“{wanted.currency[:20]}” is no currency that books are kept in. Give an ISO 4217 "
            "code, or none for an account that takes any.",
            field=("currency",),
        )
    external_id = wanted.external_id
    return replace(
        wanted,
        number=_text(wanted.number, limit=NUMBER_LIMIT, field="number"),
        name=_text(wanted.name, limit=NAME_LIMIT, field="name"),
        external_id=(
            _text(external_id, limit=EXTERNAL_ID_LIMIT, field="external_id")
            if external_id is not None
            else None
        ),
    )


def _text(text: str, *, limit: int, field: str) -> str:
    cleaned, words = uncut(text), field.replace("_", " ")
    if not cleaned:
        raise InvalidInput(f"The {words} is empty. Type at least one character.", field=(field,))
    if len(cleaned) > limit:
        raise InvalidInput(
            f"The {words} is longer than {limit} characters. Shorten it.", field=(field,)
        )
    return cleaned


async def _require_free(viewer: Viewer, wanted: Wanted, *, own_id: UUID | None) -> None:
    """Nobody else has the number or the external id."""
    others = LedgerAccount.filter(organization_id=viewer.organization_id)
    if own_id is not None:
        others = others.exclude(id=own_id)
    if holder := await others.filter(number=wanted.number).first():
        raise LedgerNumberTaken(number=wanted.number, name=holder.name)
    if wanted.external_id is None:
        return
    if holder := await others.filter(external_id=wanted.external_id).first():
        raise ExternalIdTaken(
            external_id=wanted.external_id, holder=f"ledger account {holder.number}"
        )


async def _require_parent(viewer: Viewer, wanted: Wanted, *, own_id: UUID | None) -> None:
    """The parent is of the same type, and no part of the account itself."""
    above = wanted.parent_id
    while above is not None:
        if above == own_id:
            raise ParentUnsuitable("An account cannot be a part of itself. Choose another parent.")
        parent = await LedgerAccount.get_or_none(id=above, organization_id=viewer.organization_id)
        if parent is None:
            raise NotFound(field=("parent_id",))
        if parent.type is not wanted.type:
            raise ParentUnsuitable(
                f"Account {parent.number} is of another type. Choose a parent of the same type."
            )
        above = parent.parent_id if own_id is not None else None


async def _require_still_fitting(account: LedgerAccount, wanted: Wanted, changed: set[str]) -> None:
    lasting = changed & {"type", "currency"}
    if lasting and await JournalLine.filter(ledger_account_id=account.id).exists():
        field = "type" if "type" in lasting else "currency"
        raise LedgerAccountInUse(
            f"Journal lines stand on account {account.number}, so its {field} is fixed. "
            "Make another account.",
            field=field,
        )
    if "type" in changed and await LedgerAccount.filter(parent_id=account.id).exists():
        raise LedgerAccountInUse(
            f"Account {account.number} has parts of its type. Give them another parent first.",
            field="type",
        )
    if (lost := _lost_to_a_bank_account(wanted, changed)) and await _holds_a_bank_account(account):
        raise LedgerAccountInUse(
            f"A bank account is kept in account {account.number}. Tie that to another one first.",
            field=lost,
        )


def _lost_to_a_bank_account(wanted: Wanted, changed: set[str]) -> str | None:
    """The change by which a bank account could no longer be kept in the account, if any."""
    if "active" in changed and not wanted.active:
        return "active"
    if "control" in changed and wanted.control:
        return "control"
    return next((name for name in ("type", "currency") if name in changed), None)


async def _holds_a_bank_account(account: LedgerAccount) -> bool:
    rows = await fetch(
        "SELECT 1 AS one FROM bank_account WHERE ledger_account_id = $1"
        " AND deleted_at IS NULL AND hidden_at IS NULL LIMIT 1",
        account.id,
    )
    return bool(rows)


def _take(uow: UnitOfWork, account: LedgerAccount, wanted: Wanted) -> None:
    facts = asdict(wanted)
    active = facts.pop("active")
    account.update_from_dict(facts)
    account.inactive_at = None if active else account.inactive_at or uow.now


async def _record(
    uow: UnitOfWork,
    viewer: Viewer,
    action: str,
    account: LedgerAccount,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    await audit.record(
        uow,
        viewer,
        action=action,
        object_type="LedgerAccount",
        object_id=account.id,
        before=before,
        after=after,
    )
