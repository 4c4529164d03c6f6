"""The newest rate of each currency, found at the end of an index."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from decimal import Decimal

import pytest

from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import execute, fetch, insert_records, on_sqlite
from counterfoil.ledger.drafting import LineDraft, Rate
from counterfoil.ledger.journal import last_rates
from counterfoil.ledger.models import RateSource
from counterfoil.viewer import ActorKind, Forbidden, Right, Viewer
from tests.fakes import NOW
from tests.ledger.conftest import DAY, Desk, make_desk

NAMES = ("entry_rate.currency", "entry_rate.rate_text", "entry_rate.rate_on")
MANY = 2000


async def used(desk: Desk, currency: str, worth: str, on: date, *, post: bool = True) -> None:
    """An entry with a rate."""
    rate = Rate(currency=currency, rate=Decimal(worth), rate_on=on, source=RateSource.TYPED)
    lines = [
        LineDraft(ledger_account_id=desk.supplies.id, amount_minor=100, currency=currency),
        LineDraft(ledger_account_id=desk.supplies.id, amount_minor=-100, currency=currency),
    ]
    await desk.entry(lines=lines, rates=(rate,), post=post)


async def newest(viewer: Viewer) -> list[tuple[str, Decimal, date]]:
    rows = await last_rates(viewer, NAMES)
    return [
        (
            row["entry_rate.currency"],
            Decimal(row["entry_rate.rate_text"]),
            row["entry_rate.rate_on"],
        )
        for row in rows
    ]


async def many(desk: Desk) -> None:
    """Posted entries in euros and in pounds, a rate a day."""
    drafts = [(new_id(), DAY - timedelta(days=n)) for n in range(MANY)]
    company = desk.organization.id
    await insert_records(
        "journal_entry",
        (
            *("id", "organization_id", "state", "posted_on", "source", "created_by"),
            *("created_at", "revision", "reference"),
        ),
        [
            (id_, company, "DRAFT", on, "IMPORT", "USER:", NOW, 1, str(number))
            for number, (id_, on) in enumerate(drafts, 1)
        ],
    )
    columns = ("id", "organization_id", "journal_entry_id", "position", "ledger_account_id")
    await insert_records(
        "journal_line",
        (*columns, "amount_minor", "currency", "base_minor", "posted_on", "cleared_minor"),
        [
            (new_id(), company, id_, place, desk.supplies.id, amount, "USD", amount, on, 0)
            for id_, on in drafts
            for place, amount in enumerate((1, -1))
        ],
    )
    await insert_records(
        "entry_rate",
        ("id", "journal_entry_id", "currency", "rate", "rate_on", "source"),
        [
            (new_id(), id_, "EUR" if number % 2 else "GBP", Decimal("1.5"), on, "TYPED")
            for number, (id_, on) in enumerate(drafts)
        ],
    )
    posted = (
        "UPDATE journal_entry SET state = 'POSTED', fiscal_year = 2026, posted_at = $1,"
        " number = CAST(reference AS INTEGER)"
    )
    await execute(posted, NOW)
    await execute("ANALYZE")


async def test_nobody_reads_without_the_right(desk: Desk) -> None:
    await used(desk, "EUR", "1.5", DAY)
    blind = Viewer(desk.organization.id, ActorKind.USER, None, frozenset({Right.BANKS}))
    with pytest.raises(Forbidden):
        await last_rates(blind, NAMES)


async def test_by_day_of_posted_entries_of_these_books_alone(desk: Desk) -> None:
    tomorrow = DAY + timedelta(days=1)
    other = await make_desk()
    await used(desk, "EUR", "1.25", DAY)
    await used(desk, "EUR", "1.2", DAY - timedelta(days=1))
    await used(desk, "EUR", "9", tomorrow, post=False)
    await used(desk, "JPY", "0.007", DAY)
    await used(other, "EUR", "1.75", tomorrow)
    await used(other, "GBP", "1.3", tomorrow)
    assert await newest(desk.viewer) == [
        ("EUR", Decimal("1.25"), DAY),
        ("JPY", Decimal("0.007"), DAY),
    ]
    assert [row[0] for row in await newest(other.viewer)] == ["EUR", "GBP"]
    assert await newest((await make_desk()).viewer) == []


async def test_among_many_nothing_is_read_through(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await many(desk)
    with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
        found = await newest(desk.viewer)
    expected = [("EUR", DAY - timedelta(days=1)), ("GBP", DAY)]
    assert [(currency, on) for currency, _, on in found] == expected
    planned = await plan(caplog.records[-1])
    assert planned.count("entry_rate_newest") >= 2, planned
    assert "Seq Scan on entry_rate n" not in planned, planned
    assert "Seq Scan on entry_rate r" not in planned, planned
    assert not [
        each for each in planned.splitlines() if each in ("SCAN entry_rate", "SCAN n", "SCAN r")
    ]


async def plan(record: logging.LogRecord) -> str:
    """How the database goes about a statement that was logged."""
    assert isinstance(record.args, tuple)
    statement, values = record.args
    assert isinstance(values, list | tuple)
    explain = "EXPLAIN QUERY PLAN" if on_sqlite() else "EXPLAIN"
    rows = await fetch(f"{explain} {statement}", *values)
    return "\n".join(str(row.get("detail", row.get("QUERY PLAN"))) for row in rows)
