"""What ledger accounts hold at a date: one indexed read each, no history is summed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

import orjson

from counterfoil.errors import NotFound
from counterfoil.kit.sql import fetch, on_sqlite
from counterfoil.ledger.models import LedgerAccount
from counterfoil.viewer import Right, Viewer


class Balance(NamedTuple):
    """A sum of lines, + debit, in minor units of their currency and of the base currency."""

    amount_minor: int
    base_minor: int


async def balance_at(viewer: Viewer, ledger_account_id: UUID, on: date) -> Mapping[str, Balance]:
    """What an account holds at the end of a day, by currency; empty when it never moved.

    Raises:
        Forbidden; NotFound: it is absent, or another organization's.
    """
    found = await balances_at(viewer, on, [ledger_account_id])
    if not found and not await _exists(viewer, ledger_account_id):
        raise NotFound(field=("ledger_account_id",))
    return found.get(ledger_account_id, {})


async def _exists(viewer: Viewer, ledger_account_id: UUID) -> bool:
    return await LedgerAccount.exists(id=ledger_account_id, organization_id=viewer.organization_id)


async def balances_at(
    viewer: Viewer, on: date, ledger_account_ids: Collection[UUID] | None = None
) -> Mapping[UUID, Mapping[str, Balance]]:
    """What accounts hold at the end of a day: by account, then currency.

    All accounts of the organization, or its own among those given. An account that had not moved
    yet is absent; one that came back to nothing is there with 0.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    among = "" if ledger_account_ids is None else f"AND a.id {_AMONG[on_sqlite()]}"
    chosen = [] if ledger_account_ids is None else [_ids(ledger_account_ids)]
    rows = await fetch(_NEWEST.format(among=among), viewer.organization_id, on, *chosen)
    found: defaultdict[UUID, dict[str, Balance]] = defaultdict(dict)
    for row in rows:
        if row["amount_minor"] is None:
            continue
        balance = Balance(int(row["amount_minor"]), int(row["base_minor"]))
        found[_uuid(row["account"])][row["currency"]] = balance
    return dict(found)


_NEWEST = """
WITH RECURSIVE held (account, currency) AS (
    SELECT a.id, (SELECT MIN(b.currency) FROM ledger_balance AS b WHERE b.ledger_account_id = a.id)
    FROM ledger_account AS a WHERE a.organization_id = $1 {among}
    UNION ALL
    SELECT h.account, (SELECT MIN(b.currency) FROM ledger_balance AS b
                       WHERE b.ledger_account_id = h.account AND b.currency > h.currency)
    FROM held AS h WHERE h.currency IS NOT NULL
)
SELECT h.account, h.currency,
    (SELECT b.amount_minor FROM ledger_balance AS b
     WHERE b.ledger_account_id = h.account AND b.currency = h.currency AND b.day <= $2
     ORDER BY b.day DESC LIMIT 1) AS amount_minor,
    (SELECT b.base_minor FROM ledger_balance AS b
     WHERE b.ledger_account_id = h.account AND b.currency = h.currency AND b.day <= $2
     ORDER BY b.day DESC LIMIT 1) AS base_minor
FROM held AS h WHERE h.currency IS NOT NULL
"""
# The currencies of an account are found by stepping from one to the next in the index. The two
# reads are scalars because PostgreSQL would rather hash the whole table than join it to `held`.

_AMONG = {True: "IN (SELECT value FROM json_each($3))", False: "= ANY($3::uuid[])"}


def _ids(ids: Collection[UUID]) -> object:
    return orjson.dumps([str(one) for one in ids]).decode() if on_sqlite() else list(ids)


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
