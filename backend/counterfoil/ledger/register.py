"""The register of a ledger account: its posted lines in order, with what it held after each.

No history is summed: what the account held before the day of the first line shown is kept with
the balances, and only lines of that day are added up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from uuid import UUID

from counterfoil.kit.conditions import AllOf, Compare, Condition, Operator
from counterfoil.kit.keyset import Key, Question
from counterfoil.kit.sql import fetch
from counterfoil.kit.table import Row
from counterfoil.ledger.balances import Balance, balances_at
from counterfoil.ledger.journal import LINES
from counterfoil.viewer import Right, Viewer

IN_ORDER = (
    Key("journal_line.day"),
    Key("journal_entry.place"),
    Key("journal_line.place"),
)
"""Of posted lines, of which none lacks these, so that the index by day is walked in order.

Number and position are of one width: a cursor that has the same value for both names it once.
"""
RUNNING = (
    "journal_line.id",
    "journal_line.posted_on",
    "journal_line.amount_minor",
    "journal_line.base_minor",
)
"""The columns that `running` needs of each line."""
NOTHING = Balance(0, 0)
LAST_DAY = date.max

_EARLIER_THAT_DAY = """
SELECT CAST(COALESCE(SUM(l.amount_minor), 0) AS BIGINT) AS amount_minor,
       CAST(COALESCE(SUM(l.base_minor), 0) AS BIGINT) AS base_minor
FROM journal_line AS this
JOIN journal_entry AS its ON its.id = this.journal_entry_id
JOIN journal_line AS l
  ON l.ledger_account_id = this.ledger_account_id AND l.posted_on = this.posted_on
JOIN journal_entry AS e ON e.id = l.journal_entry_id
WHERE this.id = $1 AND (e.number, l.position) < (its.number, this.position)
"""


def lines_of(
    viewer: Viewer,
    ledger_account_id: UUID,
    *,
    first: date | None = None,
    last: date | None = None,
) -> Question:
    """The posted lines of an account, oldest first, dated from `first` to `last`.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    column = LINES.column
    posted_on = column("journal_line.day")
    bounds = ((Operator.GTE, first), (Operator.LTE, last))
    scope: tuple[Condition, ...] = (
        Compare(column("journal_line.organization_id"), Operator.EQ, viewer.organization_id),
        Compare(column("journal_line.ledger_account_id"), Operator.EQ, ledger_account_id),
        Compare(posted_on, Operator.IS_NULL, False),
        *(Compare(posted_on, sign, day) for sign, day in bounds if day is not None),
    )
    return Question(LINES, AllOf(scope), order=IN_ORDER)


async def held_at(
    viewer: Viewer, ledger_account_ids: Collection[UUID], on: date
) -> Mapping[UUID, Balance]:
    """What accounts held at the end of a day, over all their currencies; one that never moved: 0.

    `amount_minor` is only of use for an account of one currency.
    """
    found = await balances_at(viewer, on, ledger_account_ids)
    return {one: total(found.get(one, {}).values()) for one in ledger_account_ids}


def total(balances: Iterable[Balance]) -> Balance:
    """The sum of balances."""
    amounts = list(balances)
    return Balance(
        sum(each.amount_minor for each in amounts), sum(each.base_minor for each in amounts)
    )


async def held_before(viewer: Viewer, ledger_account_id: UUID, line: Row) -> Balance:
    """What an account held right before one of its posted lines, read with `RUNNING`."""
    day: date = line["journal_line.posted_on"]
    at_dawn = await held_at(viewer, [ledger_account_id], day - timedelta(days=1))
    [row] = await fetch(_EARLIER_THAT_DAY, line["journal_line.id"])
    earlier = Balance(int(row["amount_minor"]), int(row["base_minor"]))
    return total([at_dawn[ledger_account_id], earlier])


async def running(
    viewer: Viewer, ledger_account_id: UUID, lines: Sequence[Row]
) -> Mapping[UUID, Balance]:
    """What an account held after each of these lines, which follow each other in its register."""
    if not lines:
        return {}
    before = await held_before(viewer, ledger_account_id, lines[0])
    return dict(zip((line["journal_line.id"] for line in lines), after(before, lines), strict=True))


def after(before: Balance, lines: Iterable[Row]) -> Iterable[Balance]:
    """What was held after each line, given what was held before the first."""
    moved = (
        Balance(line["journal_line.amount_minor"], line["journal_line.base_minor"])
        for line in lines
    )
    held = accumulate(moved, lambda sum_, each: total([sum_, each]), initial=before)
    next(held)
    return held
