"""Decisions that outlive the lines that they are about: an erased line that had been excluded.

Nothing of the line is kept but its fingerprint, and the how many-th it was of the erased lines that
said the same; with that, who excluded it and why. When the account comes back, so does the line:
excluded. Equal lines can't be told apart, so of as many that come back as many are excluded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import among, execute, insert_records, texts
from counterfoil.transactions.fingerprint import VERSION, fingerprint
from counterfoil.transactions.models import Exclusion, RememberedExclusion
from counterfoil.transactions.pairing import ordinals
from counterfoil.transactions.stored import Stored, stored_lines
from counterfoil.unit_of_work import UnitOfWork

_FREE = "NOT bank_transaction.pending AND bank_transaction.reconciled_minor = 0"
_AT_ONCE = 1000

_Print = tuple[int, str, int]
"""A version, a fingerprint under it, and an ordinal: which line of an account is meant."""


async def remember(bank_account_ids: Collection[UUID], *, key: bytes) -> None:
    """Keep, of the excluded lines of accounts that are about to be erased, what they were."""
    rows = Exclusion.filter(bank_transaction__bank_account_id__in=list(bank_account_ids))
    why: dict[UUID, dict[UUID, Exclusion]] = defaultdict(dict)
    for row in await rows.select_related("bank_transaction"):
        why[row.bank_transaction.bank_account_id][row.bank_transaction_id] = row
    remembered = [one for each in why for one in await _remembered(each, why[each], key)]
    await RememberedExclusion.bulk_create(remembered, batch_size=_AT_ONCE, ignore_conflicts=True)


async def _remembered(
    bank_account_id: UUID, why: Mapping[UUID, Exclusion], key: bytes
) -> Sequence[RememberedExclusion]:
    days = _free_on("excluded_at IS NOT NULL", bank_account_id)
    prints = _prints(key, bank_account_id, await stored_lines(bank_account_id, days), [VERSION])
    return [
        RememberedExclusion(
            bank_account_id=bank_account_id,
            version=version,
            fingerprint=digest,
            ordinal=ordinal,
            reason=row.reason,
            actor=row.actor,
            act_id=row.act_id,
            excluded_at=row.excluded_at,
        )
        for (version, digest, ordinal), line in prints.items()
        if (row := why.get(line.id)) is not None
    ]


async def forget(remembered_ids: Collection[UUID]) -> None:
    """Let erased lines come back free: that they had been excluded is remembered no longer."""
    await RememberedExclusion.filter(id__in=list(remembered_ids)).delete()


async def exclude_again(
    uow: UnitOfWork, *, bank_account_id: UUID, key: bytes, refresh_id: UUID | None
) -> int:
    """Take lines that came back out of review for the reasons that were given once; how many.

    Only lines of days of which `refresh_id` brought new lines are looked at; None: all lines. What
    was excluded again is remembered no longer: a person who restores the line is not contradicted.
    """
    remembered = {
        (row.version, row.fingerprint, row.ordinal): row
        for row in await RememberedExclusion.filter(bank_account_id=bank_account_id)
    }
    if not remembered:
        return 0
    lines = await stored_lines(bank_account_id, _came_with(refresh_id, bank_account_id))
    prints = _prints(key, bank_account_id, lines, {version for version, _, _ in remembered})
    again = {
        line.id: remembered[found]
        for found, line in prints.items()
        if found in remembered and not line.excluded
    }
    if again:
        await _exclude(uow, bank_account_id, again)
    return len(again)


def _came_with(refresh_id: UUID | None, bank_account_id: UUID) -> str:
    if refresh_id is None:
        return _FREE
    came = f"first_refresh_id = '{refresh_id}' AND last_refresh_id = '{refresh_id}'"
    return _free_on(came, bank_account_id)


def _free_on(which: str, bank_account_id: UUID) -> str:
    """Posted lines in no match, of the days of which the account has a line that `which` is of.

    The days are looked up once, IS TRUE sees to it: of a table that has just grown PostgreSQL knows
    no numbers yet, and would join each line with each.
    """
    return (
        f"{_FREE} AND (bank_transaction.dated_on IN (SELECT n.dated_on FROM bank_transaction AS n"  # noqa: S608
        f" WHERE n.bank_account_id = '{bank_account_id}' AND {which})) IS TRUE"
    )


def _prints(
    key: bytes, bank_account_id: UUID, lines: Sequence[Stored], versions: Collection[int]
) -> Mapping[_Print, Stored]:
    """Which line each print means, under each of these versions of the cleaning."""
    prints: dict[_Print, Stored] = {}
    for version in versions:
        digests = [fingerprint(key, bank_account_id, line.said, version=version) for line in lines]
        for digest, ordinal, line in zip(digests, ordinals(digests), lines, strict=True):
            prints[version, digest, ordinal] = line
    return prints


async def _exclude(
    uow: UnitOfWork, bank_account_id: UUID, again: Mapping[UUID, RememberedExclusion]
) -> None:
    position = await uow.position()
    await insert_records(
        "exclusion",
        ("id", "bank_transaction_id", "reason", "actor", "act_id", "excluded_at"),
        [
            (new_id(), line_id, row.reason, row.actor, row.act_id, row.excluded_at)
            for line_id, row in again.items()
        ],
    )
    said = "SELECT e.excluded_at FROM exclusion AS e WHERE e.bank_transaction_id = t.id"
    await execute(
        f"UPDATE bank_transaction AS t SET excluded_at = ({said}), changed_at = $2, "  # noqa: S608
        "change_position = $3, revision = revision + 1, binding_revision = revision + 1 "
        f"WHERE bank_account_id = $1 AND excluded_at IS NULL AND EXISTS ({said})",
        bank_account_id,
        uow.now,
        position,
    )
    await execute(
        f"DELETE FROM remembered_exclusion WHERE id {among('$1', 'uuid')}",  # noqa: S608
        texts(row.id for row in again.values()),
    )
