"""Balances at any date, kept as entries are posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.errors import NotFound
from counterfoil.kit.ids import new_id
from counterfoil.ledger.balances import Balance, balance_at, balances_at
from counterfoil.ledger.drafting import LineDraft
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import EntryState, JournalLine, LedgerBalance
from counterfoil.ledger.reversing import post_reversal
from counterfoil.viewer import Forbidden, Right
from tests.ledger.conftest import DAY, Desk, euro_rate, make_desk

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


class TestBalanceAt:
    async def test_not_without_the_right_nor_in_another_company(self, desk: Desk) -> None:
        await desk.entry()
        with pytest.raises(Forbidden):
            await balance_at(await desk.clerk(Right.READ), desk.checking.id, DAY)
        for viewer, account in ((await desk.stranger(), desk.checking.id), (desk.viewer, new_id())):
            with pytest.raises(NotFound) as refused:
                await balance_at(viewer, account, DAY)
            assert refused.value.field == ("ledger_account_id",)

    async def test_of_an_account_that_never_moved_is_empty(self, desk: Desk) -> None:
        await desk.entry(post=False)
        assert await balance_at(desk.viewer, desk.checking.id, DAY) == {}

    async def test_is_that_of_the_end_of_the_day(self, desk: Desk) -> None:
        await desk.entry(1000)
        await desk.entry(200)
        assert await balance_at(desk.viewer, desk.checking.id, BEFORE) == {}
        for on in (DAY, AFTER, date(2999, 1, 1)):
            assert await balance_at(desk.viewer, desk.checking.id, on) == {"USD": (-1200, -1200)}

    async def test_what_is_posted_later_for_earlier_moves_all_later_days(self, desk: Desk) -> None:
        for amount, on in ((1000, DAY), (10, AFTER), (100, BEFORE), (1, DAY)):
            await desk.entry(amount, posted_on=on)
        balances = [
            (await balance_at(desk.viewer, desk.supplies.id, on))["USD"].amount_minor
            for on in (BEFORE, DAY, AFTER)
        ]
        assert balances == [100, 1101, 1111]
        assert await LedgerBalance.filter(ledger_account_id=desk.supplies.id).count() == 3

    async def test_has_each_currency_for_itself(self, desk: Desk) -> None:
        lines = [
            LineDraft(ledger_account_id=desk.supplies.id, amount_minor=1000, currency="EUR"),
            LineDraft(ledger_account_id=desk.checking.id, amount_minor=-1500),
        ]
        await desk.entry(lines=lines, rates=[euro_rate()])
        await desk.entry(7, posted_on=AFTER)
        assert await balance_at(desk.viewer, desk.supplies.id, DAY) == {"EUR": (1000, 1500)}
        assert await balance_at(desk.viewer, desk.supplies.id, AFTER) == {
            "EUR": (1000, 1500),
            "USD": (7, 7),
        }

    async def test_an_entry_that_moves_an_account_to_and_fro_leaves_it(self, desk: Desk) -> None:
        lines = (*desk.moved(1000), *desk.moved(-1000))
        await desk.entry(lines=lines)
        assert await balance_at(desk.viewer, desk.checking.id, DAY) == {"USD": (0, 0)}


class TestBalancesAt:
    async def test_nobody_reads_without_the_right(self, desk: Desk) -> None:
        with pytest.raises(Forbidden):
            await balances_at(await desk.clerk(Right.READ), DAY)

    async def test_of_all_accounts_of_ones_own_company(self, desk: Desk) -> None:
        await desk.entry(1000)
        assert await balances_at(desk.viewer, DAY) == {
            desk.checking.id: {"USD": Balance(-1000, -1000)},
            desk.supplies.id: {"USD": Balance(1000, 1000)},
        }
        assert await balances_at(desk.viewer, BEFORE) == {}
        assert await balances_at(await desk.stranger(), DAY) == {}

    async def test_of_those_that_are_asked_for(self, desk: Desk) -> None:
        await desk.entry(1000)
        asked = [desk.checking.id, desk.euros.id, new_id()]
        assert await balances_at(desk.viewer, DAY, asked) == {
            desk.checking.id: {"USD": (-1000, -1000)}
        }
        assert await balances_at(desk.viewer, DAY, []) == {}
        assert await balances_at(await desk.stranger(), DAY, asked) == {}


class Posting(NamedTuple):
    """One entry: days after the first, cents, whether in euros, and whether it is taken back."""

    day: int
    amount_minor: int
    foreign: bool
    reversed: bool


postings = st.lists(
    st.builds(
        Posting,
        day=st.integers(0, 6),
        amount_minor=st.integers(-(10**12), 10**12).filter(bool),
        foreign=st.booleans(),
        reversed=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


async def post_all(desk: Desk, wanted: Sequence[Posting]) -> None:
    """In their order, so that many are dated before what is posted already."""
    async with desk.begin() as uow:
        for each in wanted:
            amount = each.amount_minor
            base = 2 * amount if each.foreign else None
            draft = desk.drafted(
                posted_on=DAY + timedelta(days=each.day),
                lines=desk.moved(amount, base_minor=base),
                rates=[euro_rate("2")] if each.foreign else [],
            )
            made = await create_entry(uow, desk.viewer, draft)
            if each.reversed:
                await post_reversal(uow, desk.viewer, journal_entry_id=made.entry.id, act_id=None)


async def summed(desk: Desk, on: date) -> Mapping[UUID, Mapping[str, Balance]]:
    """The balances as anybody would add them up."""
    sums: defaultdict[UUID, defaultdict[str, Balance]] = defaultdict(
        lambda: defaultdict(lambda: Balance(0, 0))
    )
    rows = await JournalLine.filter(
        organization_id=desk.organization.id,
        journal_entry__state=EntryState.POSTED,
        posted_on__lte=on,
    )
    for row in rows:
        old = sums[row.ledger_account_id][row.currency]
        sums[row.ledger_account_id][row.currency] = Balance(
            old.amount_minor + row.amount_minor, old.base_minor + row.base_minor
        )
    return {account: dict(by_currency) for account, by_currency in sums.items()}


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each is a company of its own
@given(wanted=postings)
async def test_they_equal_a_plain_sum_on_every_day(
    database: str, wanted: Sequence[Posting]
) -> None:
    desk = await make_desk()
    await post_all(desk, wanted)
    for days in range(-1, 8):
        on = DAY + timedelta(days=days)
        assert await balances_at(desk.viewer, on) == await summed(desk, on)
