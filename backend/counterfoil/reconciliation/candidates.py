"""Reading what a page of bank lines may be: open journal lines, and open lines of other accounts.

Each is read for all lines of the page at once, by index and with a limit, whatever the books hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from counterfoil.kit.unions import Union
from counterfoil.reconciliation.evidence import BankSide, JournalSide
from counterfoil.viewer import Viewer

NEARBY = timedelta(days=14)
"""So near, every open journal line may be a part of a group, or of the same number."""
LONG_BEFORE, LATER = timedelta(days=190), timedelta(days=60)
"""An entry of the same amount may be older: a cheque is good for half a year."""
MIRRORED = timedelta(days=5)
MOST_NEARBY, MOST_OF_AMOUNTS, MOST_MIRRORS = 1_000, 2_000, 1_000
"""How many rows one window, the amounts of one account, and one window of mirrors give at most."""

Window = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Asked:
    """A bookable bank line of a page: its account's ledger account is where it may be booked."""

    side: BankSide
    bank_account_id: UUID
    ledger_account_id: UUID


def windows(days: Iterable[date], before: timedelta, after: timedelta) -> list[Window]:
    """The spans around days; those that touch are one."""
    merged: list[Window] = []
    for day in sorted(set(days)):
        begin, end = day - before, day + after
        if merged and begin <= merged[-1][1] + timedelta(days=1):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((begin, end))
    return merged


_STANDING = """
    e.state = 'POSTED' AND e.reverses_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM journal_entry AS r WHERE r.reverses_id = e.id AND r.state = 'POSTED')
"""
_BY_HAND = """
    EXISTS (SELECT 1 FROM hand_clearing AS h WHERE h.journal_line_id = l.id
        AND h.origin = 'PERSON' AND h.amount_minor = l.amount_minor)
"""
_JOURNAL = """
    SELECT l.id, l.ledger_account_id, l.amount_minor, l.cleared_minor, l.currency, l.posted_on,
        l.memo, e.memo AS entry_memo, e.reference, e.contact
    FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id
"""


async def open_journal_lines(
    viewer: Viewer, asked: Sequence[Asked]
) -> Mapping[UUID, Sequence[JournalSide]]:
    """By ledger account, the journal lines that the lines asked about may be.

    They are posted, neither reversed nor reversals, and open; or cleared by hand as a whole, which
    a bank line may replace. All that are dated near one of the lines, and those of the amount of
    one of them from half a year before to two months after.
    """
    found: defaultdict[UUID, dict[UUID, JournalSide]] = defaultdict(dict)
    for row in await journal_union(viewer, asked).rows():
        side = _journal_side(row)
        found[_uuid(row["ledger_account_id"])][side.id] = side
    return {account_id: list(sides.values()) for account_id, sides in found.items()}


def journal_union(viewer: Viewer, asked: Sequence[Asked]) -> Union:
    """What `open_journal_lines` asks the database."""
    wanted = Union()
    for ledger_account_id, lines in _by_ledger_account(asked).items():
        _select_nearby(wanted, viewer, ledger_account_id, lines)
        _select_amounts(wanted, viewer, ledger_account_id, lines)
    return wanted


def _by_ledger_account(asked: Iterable[Asked]) -> Mapping[UUID, list[BankSide]]:
    lines: defaultdict[UUID, list[BankSide]] = defaultdict(list)
    for one in asked:
        lines[one.ledger_account_id].append(one.side)
    return lines


def _select_nearby(
    wanted: Union, viewer: Viewer, ledger_account_id: UUID, lines: Sequence[BankSide]
) -> None:
    for begin, end in windows((line.dated_on for line in lines), NEARBY, NEARBY):
        wanted.add(
            f"{_JOURNAL} WHERE l.ledger_account_id = {wanted.mark(ledger_account_id)} "
            f"AND l.posted_on BETWEEN {wanted.mark(begin)} AND {wanted.mark(end)} "
            f"AND l.organization_id = {wanted.mark(viewer.organization_id)} "
            f"AND l.currency = {wanted.mark(lines[0].currency)} "
            f"AND l.cleared_minor <> l.amount_minor AND {_STANDING} "
            f"ORDER BY l.posted_on DESC, l.id LIMIT {MOST_NEARBY}"
        )


def _select_amounts(
    wanted: Union, viewer: Viewer, ledger_account_id: UUID, lines: Sequence[BankSide]
) -> None:
    dates = [line.dated_on for line in lines]
    amounts = sorted({line.open_minor for line in lines})
    wanted.add(
        f"{_JOURNAL} WHERE l.ledger_account_id = {wanted.mark(ledger_account_id)} "
        f"AND l.amount_minor IN ({wanted.marks(amounts)}) "
        f"AND l.posted_on BETWEEN {wanted.mark(min(dates) - LONG_BEFORE)} "
        f"AND {wanted.mark(max(dates) + LATER)} "
        f"AND l.organization_id = {wanted.mark(viewer.organization_id)} "
        f"AND l.currency = {wanted.mark(lines[0].currency)} "
        f"AND (l.cleared_minor <> l.amount_minor OR {_BY_HAND}) AND {_STANDING} "
        f"ORDER BY l.posted_on DESC, l.id LIMIT {MOST_OF_AMOUNTS}"
    )


def _journal_side(row: Mapping[str, Any]) -> JournalSide:
    open_minor = row["amount_minor"] - row["cleared_minor"]
    return JournalSide(
        id=_uuid(row["id"]),
        open_minor=open_minor or row["amount_minor"],
        posted_on=_date(row["posted_on"]),
        texts=(row["memo"], row["entry_memo"]),
        reference=row["reference"],
        contact=row["contact"],
        by_hand=open_minor == 0,
    )


_MIRROR = """
    SELECT t.id, t.bank_account_id, t.amount_minor, t.reconciled_minor, t.currency, t.exponent,
        t.dated_on, t.description, t.bank_description, t.counterparty, t.check_number,
        a.name, a.number
    FROM bank_account AS a JOIN bank_transaction AS t ON t.bank_account_id = a.id
    WHERE a.deleted_at IS NULL AND a.hidden_at IS NULL AND a.ledger_account_id IS NOT NULL
    AND t.dated_on > a.start_on AND NOT t.pending AND t.removed_at IS NULL
    AND t.excluded_at IS NULL AND t.undecided_at IS NULL AND t.reconciled_minor <> t.amount_minor
"""


async def mirror_lines(viewer: Viewer, asked: Sequence[Asked]) -> Mapping[UUID, list[BankSide]]:
    """By bank line, open lines of other tied accounts that may be the other end of a transfer.

    They are dated within five days, and of the opposite amount; or in another currency, where what
    texts say must decide. Lines of hidden and deleted accounts, and history, are not among them.
    """
    rows = await mirror_union(viewer, asked).rows()
    mirrors = {_uuid(row["id"]): _mirror(row) for row in rows}
    by_amount: defaultdict[tuple[str, int], list[_Mirror]] = defaultdict(list)
    for mirror in mirrors.values():
        by_amount[mirror.side.currency, mirror.side.open_minor].append(mirror)
    return {
        one.side.id: [
            *_apart(one, by_amount[one.side.currency, -one.side.open_minor]),
            *_apart(one, (m for m in mirrors.values() if m.side.currency != one.side.currency)),
        ]
        for one in asked
    }


def mirror_union(viewer: Viewer, asked: Sequence[Asked]) -> Union:
    """What `mirror_lines` asks the database."""
    wanted = Union()
    for currency in sorted({one.side.currency for one in asked}):
        sides = [one.side for one in asked if one.side.currency == currency]
        for window in windows((side.dated_on for side in sides), MIRRORED, MIRRORED):
            _select_mirrors(wanted, viewer, currency, sides, window)
    return wanted


@dataclass(frozen=True, slots=True)
class _Mirror:
    side: BankSide
    bank_account_id: UUID


def _apart(one: Asked, mirrors: Iterable[_Mirror]) -> list[BankSide]:
    """Those of other accounts that are near enough in time."""
    return [
        mirror.side
        for mirror in mirrors
        if mirror.bank_account_id != one.bank_account_id
        and abs(mirror.side.dated_on - one.side.dated_on) <= MIRRORED
    ]


def _select_mirrors(
    wanted: Union,
    viewer: Viewer,
    currency: str,
    sides: Sequence[BankSide],
    window: Window,
) -> None:
    begin, end = window
    amounts = sorted({-side.open_minor for side in sides if begin <= side.dated_on <= end})
    scope = (
        f"{_MIRROR} AND a.organization_id = {wanted.mark(viewer.organization_id)} "
        f"AND t.dated_on BETWEEN {wanted.mark(begin)} AND {wanted.mark(end)}"
    )
    order = f"ORDER BY t.dated_on DESC, t.id LIMIT {MOST_MIRRORS}"
    ours = wanted.mark(currency)
    opposite = f"t.amount_minor - t.reconciled_minor IN ({wanted.marks(amounts)})"
    wanted.add(f"{scope} AND a.currency = {ours} AND {opposite} {order}")
    wanted.add(f"{scope} AND a.currency <> {ours} {order}")


def _mirror(row: Mapping[str, Any]) -> _Mirror:
    side = BankSide(
        id=_uuid(row["id"]),
        amount_minor=row["amount_minor"],
        open_minor=row["amount_minor"] - row["reconciled_minor"],
        currency=row["currency"],
        exponent=row["exponent"],
        dated_on=_date(row["dated_on"]),
        texts=(row["description"], row["bank_description"]),
        check_number=row["check_number"],
        counterparty=row["counterparty"],
        account=row["name"],
        number=row["number"],
    )
    return _Mirror(side, _uuid(row["bank_account_id"]))


def _uuid(value: object) -> UUID:
    return UUID(str(value))


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
