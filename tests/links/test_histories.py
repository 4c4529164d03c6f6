"""Whatever a bank does to its lines, and wherever a pull dies: the rows end as the bank's truth."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from counterfoil.accounts.models import BankAccount
from counterfoil.links import staging
from counterfoil.links.leases import LEASE
from counterfoil.links.models import BankLink, Refresh, RefreshState
from counterfoil.transactions.models import BankTransaction
from tests.factories import make_link, make_organization, make_viewer
from tests.fakes import NOW, FakeAggregator, line
from tests.links.conftest import Shop, make_shop, refresh_of

ACCOUNTS = ("checking", "card")


class WorkerDied(Exception):
    """What a test throws where a worker would have been killed."""


class Report(NamedTuple):
    """The bank has a line: a new one, or other facts of an old one.

    Lines keep their account, and under their id they stay pending or posted. The id of a pending
    line that posted never comes back.
    """

    key: str
    amount: int
    pending: bool
    day: int

    def happen(self, bank: FakeAggregator) -> None:
        if any(event.aggregator_id.startswith(f"{self.key}-posted-") for event in bank.history):
            return
        first = next((event for event in bank.history if event.aggregator_id == self.key), None)
        bank.report(
            line(
                self.key,
                account_id=ACCOUNTS[ord(self.key) % 2],
                amount_minor=self.amount,
                pending=getattr(first, "pending", self.pending),
                dated_on=date(2026, 3, self.day),
            )
        )


class Withdraw(NamedTuple):
    """The bank takes one of its lines back."""

    which: int

    def happen(self, bank: FakeAggregator) -> None:
        if bank.lines:
            bank.withdraw(sorted(bank.lines)[self.which % len(bank.lines)])


class Post(NamedTuple):
    """A pending line posts under another id."""

    which: int
    named: bool
    tip: int

    def happen(self, bank: FakeAggregator) -> None:
        pending = sorted(key for key, there in bank.lines.items() if there.pending)
        if not pending:
            return
        key = pending[self.which % len(pending)]
        there = bank.lines[key]
        posted = line(
            f"{key}-posted-{len(bank.history)}",
            account_id=there.account_id,
            amount_minor=there.amount_minor - self.tip,
            dated_on=there.dated_on + timedelta(days=2),
        )
        bank.post(key, posted, named=self.named)


Happening = Report | Withdraw | Post


class Round(NamedTuple):
    """What happens at the bank, and then a pull, which dies after so many calls (or does not)."""

    happenings: list[Happening]
    page_size: int
    dies_after: int | None
    in_snapshot: bool


KEYS = st.sampled_from("abcdefgh")
HAPPENINGS = st.one_of(
    st.builds(
        Report,
        key=KEYS,
        amount=st.sampled_from([-500, -500, 700]),
        pending=st.booleans(),
        day=st.integers(min_value=1, max_value=28),
    ),
    st.builds(Withdraw, which=st.integers(min_value=0, max_value=7)),
    st.builds(
        Post,
        which=st.integers(min_value=0, max_value=7),
        named=st.booleans(),
        tip=st.sampled_from([0, 0, 30]),
    ),
)
ROUNDS = st.builds(
    Round,
    happenings=st.lists(HAPPENINGS, max_size=10),
    page_size=st.integers(min_value=1, max_value=5),
    dies_after=st.none() | st.integers(min_value=0, max_value=4),
    in_snapshot=st.booleans(),
)


@pytest.fixture(autouse=True)
def few_pages_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short histories too are applied in several batches."""
    monkeypatch.setattr(staging, "PAGES_AT_ONCE", 2)


async def new_shop() -> tuple[Shop, BankLink]:
    organization = await make_organization()
    shop = make_shop(organization, await make_viewer(organization))
    for aggregator_id in ACCOUNTS:
        shop.bank.open_account(aggregator_id)
    return shop, await make_link(organization)


async def pull(shop: Shop, link: BankLink, round_: Round) -> Refresh:
    """One pull to its end, by a second worker where the first one dies."""
    shop.bank.page_size = round_.page_size
    if round_.dies_after is not None:
        method = "snapshot" if round_.in_snapshot else "changes"
        passed = 0 if round_.in_snapshot else round_.dies_after
        shop.bank.fail(method, *[None] * passed, WorkerDied())
    refresh = await shop.request(link)
    with suppress(WorkerDied):
        await shop.work()
    shop.bank.heal()
    await shop.tick(after=LEASE + timedelta(seconds=1))
    await shop.work()
    return await refresh_of(refresh.id)


async def visible(link: BankLink) -> dict[tuple[str, str], BankTransaction]:
    accounts = {row.id: row.aggregator_id for row in await BankAccount.filter(bank_link=link)}
    rows = await BankTransaction.filter(bank_account_id__in=list(accounts), removed_at=None)
    found = {(str(accounts[row.bank_account_id]), row.aggregator_id): row for row in rows}
    assert len(found) == len(rows)
    return found


def facts(row: BankTransaction) -> tuple[bool, date, int, str, str]:
    return row.pending, row.dated_on, row.amount_minor, row.description, row.raw_hash


def truth(bank: FakeAggregator) -> dict[tuple[str, str], tuple[bool, date, int, str, str]]:
    return {
        (there.account_id, key): (
            there.pending,
            there.dated_on,
            there.amount_minor,
            there.description,
            there.raw_hash.hex(),
        )
        for key, there in bank.lines.items()
    }


class TestAnyHistory:
    @settings(
        max_examples=settings().max_examples // 2,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
    @given(rounds=st.lists(ROUNDS, min_size=1, max_size=4))
    async def test_the_rows_are_the_banks_lines_and_the_counts_add_up(
        self, database: str, rounds: list[Round]
    ) -> None:
        shop, link = await new_shop()
        row_of: dict[str, UUID] = {}
        for round_ in rounds:
            before = await visible(link)
            for happening in round_.happenings:
                happening.happen(shop.bank)
            refresh = await pull(shop, link, round_)
            assert refresh.state is RefreshState.DONE
            after = await visible(link)
            assert {key: facts(row) for key, row in after.items()} == truth(shop.bank)
            assert len(after) - len(before) == refresh.added - refresh.removed
            assert min(refresh.added, refresh.modified, refresh.removed) >= 0
            for (_, key), row in after.items():
                named = shop.bank.lines[key].pending_id
                if named in row_of:
                    assert row.id == row_of[named]
                assert row_of.setdefault(key, row.id) == row.id

    async def test_pulling_again_writes_nothing(self, database: str) -> None:
        shop, link = await new_shop()
        shop.bank.report(line("a"), line("b", pending=True))
        shop.bank.post("b", line("c"))
        await shop.pull(link)
        rows = await BankTransaction.all().values()
        shop.clock.advance(timedelta(hours=1))
        await BankLink.filter(id=link.id).update(cursor=None)
        refresh = await shop.pull(link)
        assert refresh.lines == 3
        assert (refresh.added, refresh.modified, refresh.removed) == (0, 0, 0)
        assert await BankTransaction.all().values() == rows
        assert shop.clock.now() > NOW
