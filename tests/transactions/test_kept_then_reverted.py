"""What was kept against the bank ends once the bank says again what is booked."""

from __future__ import annotations

import pytest

from counterfoil.reconciliation.models import Match
from counterfoil.transactions.deciding import Resolution
from counterfoil.transactions.models import ReviewKind
from tests.fakes import line
from tests.transactions.feeds import Feed
from tests.transactions.test_deciding import feed, keep

__all__ = ["feed"]

REPORTS = pytest.mark.parametrize("amount_minor", [-1300, None], ids=["changed", "withdrawn"])
"""What the bank said of the line of 12.34 that is booked; None: that there is none."""


async def report(feed: Feed, amount_minor: int | None) -> None:
    if amount_minor is None:
        await feed.apply(removed=("1",))
    else:
        await feed.apply(line("1", amount_minor=amount_minor))


@REPORTS
async def test_the_line_stays_as_the_bank_reports_it_once_the_match_is_undone(
    feed: Feed, amount_minor: int | None
) -> None:
    await report(feed, amount_minor)
    await keep(feed)
    await feed.apply(line("1"))
    await feed.unmatch(*await Match.all())
    row, [item] = await feed.row(), await feed.items()
    assert (row.amount_minor, row.removed_at, row.undecided_at) == (-1234, None, None)
    assert (item.resolution, item.reason) == (Resolution.REVERTED, "The bank is wrong")


@REPORTS
async def test_the_same_report_later_is_asked_anew(feed: Feed, amount_minor: int | None) -> None:
    await report(feed, amount_minor)
    await keep(feed)
    await feed.apply(line("1"))
    await report(feed, amount_minor)
    row, [_, item] = await feed.row(), await feed.items()
    assert row.undecided_at == feed.books.clock.now()
    expected = ReviewKind.WITHDRAWN if amount_minor is None else ReviewKind.CHANGED
    assert (item.kind, item.resolution) == (expected, None)


@REPORTS
async def test_another_report_leaves_what_was_kept_as_it_was(
    feed: Feed, amount_minor: int | None
) -> None:
    await report(feed, amount_minor)
    await keep(feed)
    await feed.apply(line("1", amount_minor=-1400))
    kept, item = await feed.items()
    assert (kept.resolution, item.resolution) == (Resolution.KEPT, None)
