"""Lines in bulk, in the fastest way that each database has; called only by `operations`.

PostgreSQL takes new lines by COPY and changed ones by UPDATE from arrays; SQLite takes both by
`executemany` on its one connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from counterfoil.kit.sql import (
    among,
    execute,
    execute_many,
    fetch,
    fetch_records,
    insert_records,
    on_sqlite,
    texts,
)
from counterfoil.transactions.applying import Loose


class Line(NamedTuple):
    """A line as it is to be stored; the fields are columns of the table."""

    id: UUID
    bank_account_id: UUID
    aggregator_id: str
    pending: bool
    dated_on: date
    occurred_on: date | None
    amount_minor: int
    currency: str
    exponent: int
    description: str
    bank_description: str | None
    counterparty: str | None
    check_number: str | None
    category: str | None
    raw_hash: str
    refresh_id: UUID
    changed_at: datetime


_OF_LINK = "bank_account_id IN (SELECT id FROM bank_account WHERE bank_link_id = $1)"

_SHOWN = (
    "(SELECT a.hidden_at IS NULL AND a.deleted_at IS NULL FROM bank_account AS a"
    " WHERE a.id = bank_transaction.bank_account_id) AS shown"
)
"""Whether a line's account is one that people see."""

_INSERTED = (
    *(name for name in Line._fields if name != "refresh_id"),
    "first_refresh_id",
    "last_refresh_id",
    "organization_id",
    "change_position",
    "reconciled_minor",
    "revision",
)

_CHANGED = {
    "aggregator_id": "text",
    "pending": "bool",
    "dated_on": "date",
    "occurred_on": "date",
    "amount_minor": "bigint",
    "currency": "text",
    "exponent": "smallint",
    "description": "text",
    "bank_description": "text",
    "counterparty": "text",
    "check_number": "text",
    "category": "text",
    "raw_hash": "text",
}
_BINDING = ("pending", "dated_on", "amount_minor", "currency", "exponent")
"""What an act depends on: a person who saw another one has to look again."""


async def stored_hashes(
    bank_account_id: UUID, aggregator_ids: Sequence[str]
) -> Mapping[str, str | None]:
    """What is stored of these lines of an account: the hash by the aggregator's id.

    None stands for a line that the bank withdrew: whatever it reports now is news.
    """
    rows = await fetch_records(
        "SELECT aggregator_id, CASE WHEN removed_at IS NULL THEN raw_hash END AS raw_hash "
        f"FROM bank_transaction WHERE bank_account_id = $1 AND aggregator_id {among('$2')}",
        bank_account_id,
        texts(aggregator_ids),
    )
    return dict(map(_PAIR, rows))


_PAIR = itemgetter("aggregator_id", "raw_hash")


class Pending(NamedTuple):
    """The row of a pending line, and whether the bank has withdrawn it."""

    id: UUID
    withdrawn: bool


async def pending_rows(bank_link_id: UUID, aggregator_ids: Sequence[str]) -> Mapping[str, Pending]:
    """The rows of a login's pending lines among these, withdrawn ones too, by the same id."""
    if not aggregator_ids:
        return {}
    rows = await fetch(
        "SELECT id, aggregator_id, removed_at FROM bank_transaction "
        f"WHERE {_OF_LINK} AND pending AND aggregator_id {among('$2')}",
        bank_link_id,
        texts(aggregator_ids),
    )
    return {
        row["aggregator_id"]: Pending(_uuid(row["id"]), row["removed_at"] is not None)
        for row in rows
    }


class Booked(NamedTuple):
    """What a match holds of a line, and whether the bank has withdrawn it meanwhile.

    `shown` is whether people see its account.
    """

    id: UUID
    amount_minor: int
    currency: str
    exponent: int
    dated_on: date
    pending: bool
    withdrawn: bool
    shown: bool


async def booked(bank_link_id: UUID, aggregator_ids: Sequence[str]) -> Mapping[str, Booked]:
    """The lines of a login among these that are in a match, by the aggregator's id."""
    if not aggregator_ids:
        return {}
    rows = await fetch(
        "SELECT id, aggregator_id, amount_minor, currency, exponent, dated_on, pending, raw_hash, "
        f"{_SHOWN} FROM bank_transaction WHERE {_OF_LINK} AND reconciled_minor <> 0 "
        f"AND aggregator_id {among('$2')}",
        bank_link_id,
        texts(aggregator_ids),
    )
    return {row["aggregator_id"]: _booked(row) for row in rows}


def _booked(row: Mapping[str, Any]) -> Booked:
    return Booked(
        id=_uuid(row["id"]),
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        exponent=row["exponent"],
        dated_on=_date(row["dated_on"]),
        pending=bool(row["pending"]),
        withdrawn=row["raw_hash"] == NO_HASH,
        shown=bool(row["shown"]),
    )


NO_HASH = ""
"""Stands where a booked line's hash was, once the bank withdrew it: whatever comes is news."""


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


async def insert(organization_id: UUID, lines: Iterable[Line], *, position: int) -> None:
    """Store lines that are not there yet. They are made while the database takes earlier ones."""
    tail = (organization_id, position, 0, 1)
    records = (
        (*line[:15], line.changed_at, line.refresh_id, line.refresh_id, *tail) for line in lines
    )
    await insert_records("bank_transaction", _INSERTED, records)


async def update(lines: Sequence[Line], *, position: int) -> None:
    """Give stored lines (by account and the aggregator's id) their new facts; revive them."""
    await _rewrite(
        lines,
        matching="t.bank_account_id = {bank_account_id} AND t.aggregator_id = {aggregator_id}",
        position=position,
    )


async def become(lines: Sequence[Line], *, position: int) -> None:
    """Give rows (by our id) the facts and the aggregator's id of the line that they became."""
    await _rewrite(lines, matching="t.id = {id}", position=position)


_KEYS = {"id": "uuid", "bank_account_id": "uuid", "refresh_id": "uuid", "changed_at": "timestamptz"}


async def _rewrite(lines: Sequence[Line], *, matching: str, position: int) -> None:
    if not lines:
        return
    columns = {**_KEYS, **_CHANGED}
    if on_sqlite():
        marks = {name: f"?{number}" for number, name in enumerate(columns, 1)}
        source, mark = "", marks
    else:
        arrays = ", ".join(
            f"${number}::{kind}[]" for number, kind in enumerate(columns.values(), 1)
        )
        source = f" FROM unnest({arrays}) AS n({', '.join(columns)})"
        mark = {name: f"n.{name}" for name in columns}
    assigned = ", ".join(f"{name} = {mark[name]}" for name in (*_CHANGED, "changed_at"))
    binds = " OR ".join(f"t.{name} <> {mark[name]}" for name in _BINDING)
    statement = (
        f"UPDATE bank_transaction AS t SET {assigned}, last_refresh_id = {mark['refresh_id']}, "
        f"removed_at = NULL, adrift_at = NULL, revision = t.revision + 1, "
        f"change_position = {int(position)}, "
        f"binding_revision = CASE WHEN t.removed_at IS NOT NULL OR {binds}"
        " THEN t.revision + 1 ELSE t.binding_revision END"
        f"{source} WHERE {matching.format(**mark)}"
    )
    records = [tuple(getattr(line, name) for name in columns) for line in lines]
    if on_sqlite():
        await execute_many(statement, records)
    else:
        await execute(statement, *map(list, zip(*records, strict=True)))


async def withdraw(
    bank_link_id: UUID,
    aggregator_ids: Sequence[str],
    *,
    position: int,
    now: datetime,
    refresh_id: UUID,
) -> int:
    """Mark lines of a login as withdrawn by the bank; returns how many people saw.

    Those of hidden accounts go uncounted: one that is shown again must not have them. Booked ones
    stay: that the bank withdrew them waits for a person (`deciding`).
    """
    if not aggregator_ids:
        return 0
    rows = await fetch(
        "UPDATE bank_transaction SET removed_at = $3, changed_at = $3, last_refresh_id = $4, "
        "change_position = $5, revision = revision + 1, binding_revision = revision + 1 "
        f"WHERE {_OF_LINK} AND removed_at IS NULL AND reconciled_minor = 0 "
        f"AND aggregator_id {among('$2')} RETURNING {_SHOWN}",
        bank_link_id,
        texts(aggregator_ids),
        now,
        refresh_id,
        position,
    )
    return sum(bool(row["shown"]) for row in rows)


async def vanished_pending(bank_link_id: UUID, refresh_id: UUID) -> Sequence[Loose]:
    """Pending rows of a login that this refresh withdrew."""
    rows = await fetch(
        "SELECT id, bank_account_id, amount_minor, dated_on FROM bank_transaction "
        f"WHERE {_OF_LINK} AND pending AND removed_at IS NOT NULL AND last_refresh_id = $2",
        bank_link_id,
        refresh_id,
    )
    return [_loose(row) for row in rows]


async def appeared_posted(refresh_id: UUID, bank_account_ids: Iterable[UUID]) -> Sequence[Loose]:
    """Posted rows of these accounts that this refresh brought first."""
    account = "bank_account_id" if on_sqlite() else "bank_account_id::text"
    rows = await fetch(
        "SELECT id, bank_account_id, amount_minor, dated_on FROM bank_transaction "
        "WHERE first_refresh_id = $1 AND last_refresh_id = $1 AND NOT pending "
        f"AND removed_at IS NULL AND {account} {among('$2')}",
        refresh_id,
        texts(bank_account_ids),
    )
    return [_loose(row) for row in rows]


def _loose(row: Mapping[str, object]) -> Loose:
    return Loose(
        id=_uuid(row["id"]),
        bank_account_id=_uuid(row["bank_account_id"]),
        amount_minor=int(str(row["amount_minor"])),
        dated_on=_date(row["dated_on"]),
    )


async def merge(pairs: Mapping[UUID, UUID], *, position: int) -> None:
    """Let each vanished row go on as the posted one, whose own row of this transaction goes."""
    copied = ("first_refresh_id", *_CHANGED, "changed_at")
    names = ", ".join(copied)
    for appeared, vanished in pairs.items():
        [row] = await fetch(
            f"DELETE FROM bank_transaction WHERE id = $1 RETURNING {names}",
            appeared,
        )
        assigned = ", ".join(
            f"{name} = ${number}" for number, name in enumerate(copied[1:], start=3)
        )
        await execute(
            f"UPDATE bank_transaction SET {assigned}, removed_at = NULL, "
            "revision = revision + 1, binding_revision = revision + 1, change_position = $2 "
            "WHERE id = $1",
            vanished,
            position,
            *(row[name] for name in copied[1:]),
        )
