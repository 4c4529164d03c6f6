"""Letting posted entries count in the balances that are kept for each account and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import orjson
from tortoise.exceptions import IntegrityError

from counterfoil.errors import InvalidInput
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import execute, execute_many, on_sqlite
from counterfoil.ledger.drafting import Entry

_TOO_LARGE = "LEDGER_BALANCE_TOO_LARGE"


class BalanceTooLarge(InvalidInput):
    """A ledger account would hold, on some day, more than can be counted exactly."""

    def __init__(self) -> None:
        super().__init__(
            "With this a ledger account would hold 10^18 minor units or more, which is more than "
            "is counted. Look for an amount with too many digits.",
            field=("lines",),
        )


class _Move(NamedTuple):
    """What is added to an account from a day on, in minor units, + debit."""

    ledger_account_id: UUID
    currency: str
    on: date
    amount_minor: int
    base_minor: int


async def count(entries: Iterable[Entry]) -> None:
    """Add the lines of posted entries to the balances of their days and of all later ones.

    Each balance is written once, however many entries come before it.

    Raises:
        BalanceTooLarge.
    """
    moves = _moves(entries)
    if not moves:
        return
    await execute_many(
        _BEGIN_DAY,
        [
            (new_id(), move.ledger_account_id, move.currency, move.on, move.currency)
            for move in moves
        ],
    )
    try:
        await execute(_ADD[on_sqlite()], *_as_rows(moves))
    except IntegrityError as refused:
        if _TOO_LARGE not in str(refused):
            raise
        raise BalanceTooLarge from refused


def _moves(entries: Iterable[Entry]) -> Sequence[_Move]:
    sums: defaultdict[tuple[UUID, str, date], list[int]] = defaultdict(lambda: [0, 0])
    for entry in entries:
        for line in entry.lines:
            moved = sums[line.ledger_account_id, line.currency, entry.entry.posted_on]
            moved[0] += line.amount_minor
            moved[1] += line.base_minor
    return [_Move(*where, *moved) for where, moved in sums.items()]


def _as_rows(moves: Sequence[_Move]) -> Sequence[object]:
    """The moves as the arguments of `_ADD`."""
    if on_sqlite():
        return [orjson.dumps(list(map(tuple, moves))).decode()]
    return list(map(list, zip(*moves, strict=True)))


# The currency is $3 and again $5: PostgreSQL takes one for VARCHAR and the other for TEXT.
_BEGIN_DAY = """
INSERT INTO ledger_balance (id, ledger_account_id, currency, day, amount_minor, base_minor)
VALUES ($1, $2, $3, $4,
    COALESCE((SELECT b.amount_minor FROM ledger_balance AS b
              WHERE b.ledger_account_id = $2 AND b.currency = $5 AND b.day < $4
              ORDER BY b.day DESC LIMIT 1), 0),
    COALESCE((SELECT b.base_minor FROM ledger_balance AS b
              WHERE b.ledger_account_id = $2 AND b.currency = $5 AND b.day < $4
              ORDER BY b.day DESC LIMIT 1), 0))
ON CONFLICT (ledger_account_id, currency, day) DO NOTHING
"""
_ADDED = """
WITH moved (account, currency, day, amount, base) AS ({moved}),
added AS (
    SELECT b.id, CAST(SUM(m.amount) AS BIGINT) AS amount, CAST(SUM(m.base) AS BIGINT) AS base
    FROM moved AS m
    JOIN ledger_balance AS b
      ON b.ledger_account_id = m.account AND b.currency = m.currency AND b.day >= m.day
    GROUP BY b.id
)
UPDATE ledger_balance
SET amount_minor = amount_minor + added.amount, base_minor = base_minor + added.base
FROM added WHERE ledger_balance.id = added.id
"""
_ADD = {
    True: _ADDED.format(
        moved="SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
        " json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]')"
        " FROM json_each($1)"
    ),
    False: _ADDED.format(
        moved="SELECT * FROM unnest($1::uuid[], $2::text[], $3::date[], $4::bigint[], $5::bigint[])"
    ),
}
"""By whether it is for SQLite."""
