"""The accounts that a login may hand over again, with every key that they were seen under."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.accounts.alike import Known
from counterfoil.accounts.keys import Digests
from counterfoil.accounts.models import AccountKey, BankAccount, FeedState, KeyKind
from counterfoil.kit.conditions import Parameters
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import fetch
from counterfoil.unit_of_work import UnitOfWork

_COMES = Q(
    bank_account__feed_state=FeedState.OPEN,
    bank_account__bank_link__ended_at=None,
) & ~Q(bank_account__bank_link__status_code="GONE")
"""An account that a login brings in, or is to: the bank hands it over, and the login is alive."""


async def unattached(
    organization_id: UUID, *, bank_link_id: UUID, handed_over: Collection[str]
) -> Sequence[BankAccount]:
    """The accounts that no login brings in, locked, and those of this very login that it does not
    hand over any more under the id that they had."""
    lost = Q(bank_link_id=bank_link_id) & ~Q(aggregator_id__in=sorted(handed_over) or [""])
    return await (
        BankAccount.filter(Q(bank_link_id=None) | lost)
        .filter(organization_id=organization_id, absorbed_by_id=None)
        .order_by("id")
        .select_for_update(no_key=True)
    )


async def hidden_elsewhere(
    organization_id: UUID, *, bank_link_id: UUID, besides: Sequence[BankAccount]
) -> Sequence[BankAccount]:
    """The hidden accounts that another login brings in, and any that is not among `besides`.

    Not locked: that other login's pull holds them, and may wait for what this one holds. Asked
    after the unattached ones are locked, so that one that leaves its login meanwhile is seen.
    """
    locked = [row.id for row in besides]
    hidden = BankAccount.filter(
        organization_id=organization_id, absorbed_by_id=None, hidden_at__isnull=False
    )
    rows = await hidden.filter(~Q(id__in=locked) if locked else Q()).order_by("id")
    return [row for row in rows if row.bank_link_id != bank_link_id]


async def alike_elsewhere(
    organization_id: UUID, *, bank_link_id: UUID, digests: Iterable[Digests]
) -> Sequence[BankAccount]:
    """The accounts, none of them hidden, that another login brings in or is asked to, and that were
    seen under one of these keys, however weak. Not what only is there, and comes by it no more. Not
    locked, as hidden ones elsewhere are not."""
    wanted = {digest for each in digests for _, digest in _each(each)}
    like = AccountKey.filter(_COMES, organization_id=organization_id, digest__in=sorted(wanted))
    ids = {row["bank_account_id"] for row in await like.values("bank_account_id")}
    rows = BankAccount.filter(
        id__in=sorted(ids), bank_link_id__not_isnull=True, hidden_at=None, absorbed_by_id=None
    )
    return await rows.exclude(bank_link_id=bank_link_id).order_by("id") if ids else ()


async def as_known(rows: Sequence[BankAccount]) -> Sequence[Known]:
    """Accounts with their keys, each of them unattached. One without keys can't be recognised."""
    if not rows:
        return ()
    ids = [row.id for row in rows]
    digests: dict[tuple[UUID, KeyKind], set[str]] = defaultdict(set)
    for key in await AccountKey.filter(bank_account_id__in=ids):
        digests[key.bank_account_id, key.kind].add(key.digest)
    with_keys = {account_id for account_id, _ in digests}
    with_lines = await _with_lines(ids)
    return [
        Known(
            id=row.id,
            exact=frozenset(digests[row.id, KeyKind.EXACT]),
            strong=frozenset(digests[row.id, KeyKind.STRONG]),
            weak=frozenset(digests[row.id, KeyKind.WEAK]),
            attached=False,
            deleted=row.deleted_at is not None,
            hidden=row.hidden_at is not None,
            name=row.bank_name,
            kept_lines=row.id in with_lines,
            currency=row.currency,
            own=row.bank_link_id is not None and row.hidden_at is None,
            maybe=frozenset(digests[row.id, KeyKind.MAYBE]),
        )
        for row in rows
        if row.id in with_keys
    ]


async def _with_lines(ids: Sequence[UUID]) -> set[UUID]:
    """Which of these accounts have a posted line, however many: no line is read but the first."""
    parameters = Parameters()
    places = ", ".join(parameters.add(each) for each in ids)
    rows = await fetch(
        f"SELECT a.id FROM bank_account AS a WHERE a.id IN ({places})"  # noqa: S608
        " AND EXISTS (SELECT 1 FROM bank_transaction AS line WHERE line.bank_account_id = a.id"
        " AND line.removed_at IS NULL AND NOT line.pending)",
        *parameters.values,
    )
    return {UUID(str(row["id"])) for row in rows}


async def away_under(
    organization_id: UUID, digests: Collection[str], *, bank_link_id: UUID
) -> frozenset[str]:
    """Which of these exact keys an account was seen under that is not to come by this login: it is
    deleted here, or another login that is alive brings it in, or is asked to. Not a hidden one."""
    deleted = Q(bank_account__deleted_at__not_isnull=True, bank_account__bank_link_id=None)
    attached = Q(bank_account__bank_link_id__not_isnull=True)
    elsewhere = attached & _COMES & ~Q(bank_account__bank_link_id=bank_link_id)
    found = AccountKey.filter(
        deleted | elsewhere,
        organization_id=organization_id,
        kind=KeyKind.EXACT,
        digest__in=sorted(digests),
        bank_account__hidden_at=None,
        bank_account__absorbed_by_id=None,
    )
    return frozenset(str(each) for each in await found.values_list("digest", flat=True))


async def exact_keys(organization_id: UUID, digests: Collection[str]) -> frozenset[str]:
    """Which of these exact keys some account of the organization was, or may have been, seen
    under."""
    kinds = (KeyKind.EXACT, KeyKind.MAYBE)
    found = AccountKey.filter(
        organization_id=organization_id, kind__in=kinds, digest__in=sorted(digests)
    )
    return frozenset(str(each) for each in await found.values_list("digest", flat=True))


async def keep_keys(uow: UnitOfWork, seen: Iterable[tuple[UUID, Digests]]) -> None:
    """Remember under which keys these accounts, by id, were seen now; one under several, too."""
    await _keep(
        uow,
        {
            (account_id, kind, digest)
            for account_id, digests in seen
            for kind, digest in _each(digests)
        },
    )


async def keep_maybe(uow: UnitOfWork, seen: Iterable[tuple[UUID, str]]) -> None:
    """Remember by its exact key what may be these accounts, by id."""
    await _keep(uow, {(account_id, KeyKind.MAYBE, exact) for account_id, exact in seen})


async def _keep(uow: UnitOfWork, keys: Collection[tuple[UUID, KeyKind, str]]) -> None:
    rows = [
        AccountKey(
            id=new_id(),
            organization_id=uow.organization_id,
            bank_account_id=account_id,
            kind=kind,
            digest=digest,
            seen_at=uow.now,
        )
        for account_id, kind, digest in sorted(keys)
    ]
    await AccountKey.bulk_create(
        rows, on_conflict=["bank_account_id", "kind", "digest"], update_fields=["seen_at"]
    )


async def note_likeness(uow: UnitOfWork, account_ids: Collection[UUID]) -> None:
    """Note that something like these accounts was seen now."""
    alike = AccountKey.filter(bank_account_id__in=sorted(account_ids), kind=KeyKind.WEAK)
    if account_ids:
        await alike.update(seen_at=uow.now)


def _each(digests: Digests) -> Iterable[tuple[KeyKind, str]]:
    yield KeyKind.EXACT, digests.exact
    yield KeyKind.WEAK, digests.weak
    for strong in sorted(digests.strong):
        yield KeyKind.STRONG, strong
