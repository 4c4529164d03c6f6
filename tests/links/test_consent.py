"""A permission that ends: its person is warned three times before."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.links.models import BankLink
from counterfoil.links.status import CONSENT_WARNINGS, LinkStatusCode, is_warned_again
from tests.fakes import NOW
from tests.links.conftest import Shop, fresh

DAY = timedelta(days=1)
SPANS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40))


class TestTheWarning:
    async def test_comes_fourteen_seven_and_one_day_before(
        self, shop: Shop, link: BankLink
    ) -> None:
        ends = NOW + 16 * DAY
        shop.bank.consent_expires_at = ends
        warned = []
        for left in (15, 14, 13, 10, 7, 6, 2, 1):
            shop.clock.moment = ends - left * DAY
            await shop.pull(link)
            after = await fresh(link)
            if after.status_code is LinkStatusCode.CONSENT_EXPIRING:
                warned.append((ends - after.status_since) // DAY)
        assert warned == [14, 14, 14, 7, 7, 7, 1]

    async def test_after_it_ended_it_is_no_warning_any_more(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.consent_expires_at = NOW + DAY
        await shop.pull(link)
        shop.clock.advance(DAY)
        await shop.pull(link)
        assert (await fresh(link)).status_code is LinkStatusCode.NEEDS_CONSENT


class TestIsWarnedAgain:
    def test_nobody_is_warned_of_what_has_no_end(self) -> None:
        assert not is_warned_again(NOW, consent_expires_at=None, now=NOW + 100 * DAY)

    @given(st.lists(SPANS, min_size=1, max_size=20))
    def test_however_often_it_is_looked_at_each_warning_comes_once(
        self, looks: list[timedelta]
    ) -> None:
        ends = NOW + 20 * DAY
        since, warnings = NOW, 0
        for after in sorted(looks):
            now = NOW + after
            if is_warned_again(since, consent_expires_at=ends, now=now):
                since, warnings = now, warnings + 1
        assert warnings <= len(CONSENT_WARNINGS)
        last = NOW + max(looks)
        due = [before for before in CONSENT_WARNINGS if ends - before <= last]
        assert bool(warnings) is bool(due)
