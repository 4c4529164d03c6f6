"""The trial balance, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.ledger.drafting import EntryDraft, LineDraft
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.trial_balance import TrialBalance, trial_balance
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import ActorKind, Forbidden, Right, Viewer
from tests.factories import make_ledger_account, make_organization, make_viewer
from tests.fakes import FixedClock, RecordingBell, RecordingQueue

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 3, 1)
NUMBERS = ("1000", "4000", "6000")

_ENTRIES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.lists(
            st.tuples(st.sampled_from(NUMBERS), st.integers(-999, 999).filter(bool)),
            min_size=1,
            max_size=4,
        ).filter(lambda lines: sum(amount for _, amount in lines) != 0),
    ),
    max_size=6,
)


async def _books() -> tuple[Viewer, dict[str, LineDraft]]:
    organization = await make_organization()
    lines = {
        number: LineDraft(
            ledger_account_id=(
                await make_ledger_account(organization, number=number, currency=None)
            ).id,
            amount_minor=0,
        )
        for number in (*NUMBERS, "9999")
    }
    return await make_viewer(organization), lines


def _sides(found: TrialBalance) -> dict[object, tuple[int | None, int | None]]:
    return {row.ledger_account_id: (row.debit_minor, row.credit_minor) for row in found.rows}


async def test_denied() -> None:
    organization = await make_organization()
    blind = Viewer(organization.id, ActorKind.USER, None, frozenset({Right.EXPORT}))
    with pytest.raises(Forbidden):
        await trial_balance(blind, DAY)


async def test_before_anything_moved() -> None:
    viewer, _ = await _books()
    found = await trial_balance(viewer, DAY)
    assert found == TrialBalance(DAY, "USD", [])


@settings(suppress_health_check=list(HealthCheck), max_examples=15)
@given(entries=_ENTRIES, day=st.integers(-1, 4))
async def test_it_is_the_sum_of_all_lines_and_its_sides_are_the_same(
    entries: list[tuple[int, list[tuple[str, int]]]], day: int
) -> None:
    viewer, accounts = await _books()
    transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
    sums = dict.fromkeys(accounts, 0)
    for after, moves in entries:
        balanced = [*moves, ("9999", -sum(amount for _, amount in moves))]
        lines = [
            LineDraft(ledger_account_id=accounts[number].ledger_account_id, amount_minor=amount)
            for number, amount in balanced
        ]
        draft = EntryDraft(posted_on=DAY + timedelta(days=after), lines=lines)
        async with transactions.begin(viewer.organization_id) as uow:
            await create_entry(uow, viewer, draft)
        for number, amount in balanced if after <= day else []:
            sums[number] += amount
    found = await trial_balance(viewer, DAY + timedelta(days=day))
    assert _sides(found) == {
        accounts[number].ledger_account_id: (amount, None) if amount > 0 else (None, -amount)
        for number, amount in sums.items()
        if amount
    }
    assert found.total_debit_minor == found.total_credit_minor
    assert found.total_debit_minor == sum(amount for amount in sums.values() if amount > 0)
