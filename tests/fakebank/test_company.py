"""The story of the small company."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fakebank.bank.bank import Bank
from fakebank.bank.company import plan_day
from fakebank.bank.records import Account
from fakebank.clock import Clock

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
ROLES = ("checking", "savings", "card")
moments = st.integers(0, 6 * 365 * 24).map(lambda n: FIRST + timedelta(hours=n))
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def company(now: datetime) -> tuple[Bank, Clock, list[Account]]:
    clock = Clock(real_time=lambda: now)
    bank = Bank(clock=clock, seed="test")
    welcome = bank.check("ins_109508", "user_good", "pass_good")
    login = bank.enter(
        welcome, institution_id="ins_109508", username="user_good", password="pass_good"
    )
    return bank, clock, bank.accounts_of(login)


class TestPlanDay:
    @given(seed=st.text(max_size=5), role=st.sampled_from(ROLES), day=days)
    def test_same_seed_and_day_tell_the_same(self, seed: str, role: str, day: date) -> None:
        assert plan_day(seed, role, day) == plan_day(seed, role, day)

    @given(seed=st.text(max_size=5), role=st.sampled_from(ROLES), day=days)
    def test_lines_begin_on_their_day_and_post_soon(self, seed: str, role: str, day: date) -> None:
        for line in plan_day(seed, role, day):
            assert line.occurs_at.date() == day
            assert timedelta(0) <= line.posts_at - line.occurs_at < timedelta(days=6)
            assert line.amount == line.amount.quantize(Decimal("0.01")) != 0

    @given(day=days.map(lambda day: day.replace(day=5)))
    def test_card_payment_leaves_checking_and_reaches_the_card(self, day: date) -> None:
        paid = [x for x in plan_day("s", "checking", day) if "CREDIT CARD" in x.description.text]
        received = [x for x in plan_day("s", "card", day) if "RECEIVED" in x.description.text]
        assert [x.amount for x in paid] == [-x.amount for x in received]


class TestCompany:
    @given(now=moments)
    def test_accounts_look_alive_on_any_day(self, now: datetime) -> None:
        _, _, accounts = company(now)
        checking, savings, card = accounts[:3]
        assert checking.balance > 10_000
        assert savings.balance > 60_000
        assert -15_000 < card.balance < 0

    def test_growing_bit_by_bit_is_growing_at_once(self) -> None:
        begin = datetime(2026, 3, 3, 10, tzinfo=UTC)
        step_by_step, clock, _ = company(begin)
        for _ in range(60):
            clock.advance(timedelta(hours=11))
            step_by_step.catch_up()
        at_once, other_clock, _ = company(begin)
        other_clock.advance(timedelta(hours=660))
        at_once.catch_up()
        assert self.facts(step_by_step) == self.facts(at_once)

    def facts(self, bank: Bank) -> list[tuple[object, ...]]:
        living = (line for line in bank.ledger.lines if line.removed_position is None)
        return sorted(
            (line.account_id, line.listed_on, line.description.text, line.amount, line.pending)
            for line in living
        )
