"""Lines that are here under other ids than a login gives them: attached, so that none doubles.

An account that was deleted and added again, or whose login was taken over, keeps lines under ids
that mean nothing any more: they are *adrift*. Before a pull's pages are applied, those that it
names under new ids get these (`attach`), and then follow the bank as any line does. What is still
adrift once the bank has handed over its whole history is settled (`settle_leftovers`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from counterfoil.aggregators.port import TransactionSnapshot
from counterfoil.kit.sql import among, execute, execute_many, fetch, on_sqlite, texts
from counterfoil.transactions import bulk
from counterfoil.transactions.applying import NOTHING, Applied
from counterfoil.transactions.comparing import as_last_told, offered_line
from counterfoil.transactions.pairing import Line, pair, pair_pending
from counterfoil.transactions.stored import stored_lines
from counterfoil.transactions.withdrawing import withdraw_lines
from counterfoil.unit_of_work import UnitOfWork

_ADRIFT = "bank_transaction.adrift_at IS NOT NULL"


def _of_accounts() -> str:
    """The condition that a line's account is among the first parameter."""
    return f"bank_account_id {among('$1', 'uuid')}"


async def set_adrift(uow: UnitOfWork, bank_account_ids: Collection[UUID]) -> None:
    """Say that these accounts came back under new ids: every line waits for what names it.

    All of them are told again to whoever follows changes: with a deleted account they were gone.
    """
    if bank_account_ids:
        await execute(
            "UPDATE bank_transaction SET adrift_at = $2, changed_at = $2, change_position = $3, "  # noqa: S608
            f"revision = revision + 1 WHERE {_of_accounts()} AND removed_at IS NULL",
            texts(bank_account_ids),
            uow.now,
            await uow.position(),
        )


async def with_lines_adrift(bank_account_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these accounts that have lines adrift: each pull must attach and settle them."""
    rows = await fetch(
        "SELECT DISTINCT bank_account_id FROM bank_transaction "  # noqa: S608
        f"WHERE {_of_accounts()} AND adrift_at IS NOT NULL",
        texts(bank_account_ids),
    )
    return frozenset(UUID(str(row["bank_account_id"])) for row in rows)


async def attach(
    *,
    bank_account_ids: Mapping[UUID, str],
    offered: Mapping[str, Sequence[TransactionSnapshot]],
) -> int:
    """Give lines that are adrift the ids under which a pull offers them; how many.

    Called before the pages are applied. `bank_account_ids` are the accounts here and their ids at
    the aggregator, under which `offered` has the lines that the pull names in the end. A line that
    is offered under the id that it has is that line; posted lines are paired as `pair` says and
    pending ones as `pair_pending` says, each keeping its matches and notes.
    """
    found: dict[UUID, str] = {}
    for bank_account_id, account_id in bank_account_ids.items():
        found |= await _found(bank_account_id, offered.get(account_id, ()))
    await _name(found)
    return len(found)


async def _found(
    bank_account_id: UUID, offered: Sequence[TransactionSnapshot]
) -> Mapping[UUID, str]:
    adrift = await stored_lines(bank_account_id, _ADRIFT)
    if not adrift or not offered:
        return {}
    named = {line.aggregator_id for line in offered}
    found = {line.id: line.aggregator_id for line in adrift if line.aggregator_id in named}
    stored = await bulk.stored_hashes(bank_account_id, list(named))
    free = [line for line in offered if line.aggregator_id not in stored]
    left = [line for line in adrift if line.id not in found]
    kept = await as_last_told(bank_account_id, [line for line in left if not line.pending])
    found |= pair(kept, [offered_line(line) for line in free if not line.pending])
    pending = [Line(line.id, line.said) for line in left if line.pending]
    taken = set(found.values())
    theirs = [offered_line(line) for line in free if line.aggregator_id not in taken]
    return {**found, **pair_pending(pending, theirs)}


async def _name(found: Mapping[UUID, str]) -> None:
    """Store the aggregator's ids of lines, which are adrift no longer."""
    if on_sqlite():
        await execute_many(
            "UPDATE bank_transaction SET aggregator_id = $2, adrift_at = NULL WHERE id = $1",
            found.items(),
        )
        return
    await execute(
        "UPDATE bank_transaction AS t SET aggregator_id = n.aggregator_id, adrift_at = NULL "
        "FROM unnest($1::uuid[], $2::text[]) AS n(id, aggregator_id) WHERE t.id = n.id",
        list(found.keys()),
        list(found.values()),
    )


async def settle_leftovers(
    uow: UnitOfWork,
    *,
    bank_account_ids: Collection[UUID],
    bank_link_id: UUID,
    refresh_id: UUID,
    complete: bool,
) -> Applied:
    """After the pages: withdraw the lines adrift that the bank should have named and did not.

    Pending ones once it named any posted line of their account, or has handed over its whole
    history (`complete`); posted ones when it has done both, where they are dated within it, and
    booked ones of them wait for a person. Older ones are then left as they are, and adrift no
    longer.
    """
    if not bank_account_ids:
        return NOTHING
    gone = await _not_named(bank_account_ids, complete=complete)
    applied = await withdraw_lines(uow, gone, bank_link_id=bank_link_id, refresh_id=refresh_id)
    settled = f"bank_account_id IN (SELECT bank_account_id FROM ({_delivered()}) AS h)"  # noqa: S608
    await execute(
        f"UPDATE bank_transaction SET adrift_at = NULL WHERE {_of_accounts()} "  # noqa: S608
        f"AND adrift_at IS NOT NULL AND (removed_at IS NOT NULL OR {complete} AND {settled})",
        texts(bank_account_ids),
    )
    return applied


async def _not_named(bank_account_ids: Collection[UUID], *, complete: bool) -> Sequence[str]:
    rows = await fetch(
        f"SELECT t.aggregator_id FROM bank_transaction AS t LEFT JOIN ({_delivered()}) AS h "  # noqa: S608
        "ON h.bank_account_id = t.bank_account_id "
        f"WHERE t.{_of_accounts()} AND t.adrift_at IS NOT NULL AND t.removed_at IS NULL "
        f"AND (t.pending AND ({complete} OR h.since IS NOT NULL)"
        f" OR {complete} AND t.dated_on >= h.since)",
        texts(bank_account_ids),
    )
    return [row["aggregator_id"] for row in rows]


def _delivered() -> str:
    """From when on a login has named the posted lines of each account that it named any of."""
    return (
        "SELECT bank_account_id, MIN(dated_on) AS since FROM bank_transaction "  # noqa: S608
        f"WHERE {_of_accounts()} AND NOT pending AND adrift_at IS NULL AND removed_at IS NULL "
        "GROUP BY bank_account_id"
    )
