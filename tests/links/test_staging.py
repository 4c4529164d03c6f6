"""Pages on their way."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.exceptions import IntegrityError

from counterfoil.aggregators.port import (
    ChangesPage,
    Completeness,
    RemovedTransaction,
    TransactionSnapshot,
)
from counterfoil.kit.text import clean
from counterfoil.links import staging
from counterfoil.links.models import StagedPage
from tests.factories import make_link, make_organization, make_refresh
from tests.fakes import line

TEXTS = st.text(max_size=40).map(lambda text: clean(text, limit=40))
IDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
LINES = st.builds(
    TransactionSnapshot,
    aggregator_id=IDS,
    account_id=IDS,
    pending=st.booleans(),
    dated_on=st.dates(),
    occurred_on=st.none() | st.dates(),
    amount_minor=st.integers(-(2**62), 2**62),
    exponent=st.integers(0, 8),
    currency=st.sampled_from(["USD", "JPY", "X:POINTS"]),
    description=TEXTS,
    bank_description=st.none() | TEXTS,
    counterparty=st.none() | TEXTS,
    check_number=st.none() | TEXTS,
    category=st.none() | TEXTS,
    pending_id=st.none() | IDS,
    raw_hash=st.binary(min_size=16, max_size=16),
)
PAGES = st.builds(
    ChangesPage,
    added=st.lists(LINES, max_size=3),
    modified=st.lists(LINES, max_size=2),
    removed=st.lists(st.builds(RemovedTransaction, IDS, st.none() | IDS), max_size=2),
    next_cursor=st.just("") | IDS,
    has_more=st.booleans(),
    completeness=st.sampled_from(Completeness),
)


def page(number: int, *, has_more: bool = True) -> ChangesPage:
    return ChangesPage(
        [line(str(number))], [], [], f"after-{number}", has_more, Completeness.COMPLETE
    )


async def new_refresh() -> UUID:
    return (await make_refresh(await make_link(await make_organization()))).id


async def kept(refresh_id: UUID) -> Sequence[ChangesPage]:
    return [each async for batch in staging.batches(refresh_id) for each in batch]


class TestStaging:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(pages=st.lists(PAGES, max_size=3))
    async def test_what_comes_out_is_what_went_in(
        self, database: str, pages: Sequence[ChangesPage]
    ) -> None:
        refresh_id = await new_refresh()
        for number, each in enumerate(pages, 1):
            await staging.stage(refresh_id, number, each)
        assert await kept(refresh_id) == list(pages)

    async def test_many_come_in_order_and_in_batches(self, database: str) -> None:
        refresh_id = await new_refresh()
        count = 2 * staging.PAGES_AT_ONCE + 1
        for number in reversed(range(1, count + 1)):
            await staging.stage(refresh_id, number, page(number))
        batches = [len(batch) async for batch in staging.batches(refresh_id)]
        assert batches == [staging.PAGES_AT_ONCE, staging.PAGES_AT_ONCE, 1]
        cursors = [each.next_cursor for each in await kept(refresh_id)]
        assert cursors == [f"after-{number}" for number in range(1, count + 1)]

    async def test_the_newest_is_the_one_with_the_highest_number(self, database: str) -> None:
        refresh_id = await new_refresh()
        assert await staging.newest(refresh_id) is None
        await staging.stage(refresh_id, 1, page(1))
        await staging.stage(refresh_id, 2, page(2, has_more=False))
        newest = await staging.newest(refresh_id)
        assert newest is not None
        assert (newest.number, newest.next_cursor, newest.has_more) == (2, "after-2", False)

    async def test_the_same_number_twice_is_refused(self, database: str) -> None:
        refresh_id = await new_refresh()
        await staging.stage(refresh_id, 1, page(1))
        with pytest.raises(IntegrityError):
            await staging.stage(refresh_id, 1, page(2))
        assert await kept(refresh_id) == [page(1)]

    async def test_dropping_forgets_one_refresh_alone(self, database: str) -> None:
        one, other = await new_refresh(), await new_refresh()
        for refresh_id in (one, other):
            await staging.stage(refresh_id, 1, page(1))
        await staging.drop(one)
        assert await kept(one) == []
        assert await StagedPage.filter(refresh_id=other).count() == 1
