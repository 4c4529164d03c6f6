"""When a link is looked at next."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.aggregators.port import AggregatorError, Completeness, ErrorKind, Retry
from counterfoil.links.meanings import MEANINGS
from counterfoil.links.schedule import (
    AFTER_ASKING,
    FIRST_PAUSE,
    HEALTH_INTERVAL,
    LONGEST_PAUSE,
    Plan,
    after_failure,
    after_pull,
    pause,
)
from counterfoil.links.status import LinkStatusCode, Upkeep, status_of_error
from tests.fakes import NOW

INTERVALS = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=2))
FAILURES = st.integers(min_value=0, max_value=10_000)
CODES = st.sampled_from(LinkStatusCode)
ERRORS = st.builds(
    lambda kind, retry, hours: AggregatorError(
        kind, retry=retry, retry_at=None if hours is None else NOW + timedelta(hours=hours)
    ),
    st.sampled_from(ErrorKind),
    st.sampled_from(Retry),
    st.none() | st.integers(min_value=-1, max_value=48),
)


class TestPause:
    @given(times=FAILURES, link_id=st.uuids())
    def test_it_grows_to_its_bound_and_no_further(self, times: int, link_id: UUID) -> None:
        now, later = pause(times, link_id), pause(times + 1, link_id)
        assert FIRST_PAUSE <= now <= later <= LONGEST_PAUSE * 1.1

    @given(times=FAILURES, link_id=st.uuids())
    def test_it_is_at_most_a_tenth_longer_than_its_step(self, times: int, link_id: UUID) -> None:
        step = min(FIRST_PAUSE * 2 ** min(times, 20), LONGEST_PAUSE)
        assert step <= pause(times, link_id) <= step * 1.1


class TestAfterPull:
    @given(
        code=CODES,
        completeness=st.sampled_from(Completeness),
        asked=st.booleans(),
        failures=FAILURES,
        link_id=st.uuids(),
        interval=INTERVALS,
    )
    def test_one_of_both_is_planned_and_never_later_than_the_interval(
        self,
        code: LinkStatusCode,
        completeness: Completeness,
        asked: bool,
        failures: int,
        link_id: UUID,
        interval: timedelta,
    ) -> None:
        plan = after_pull(
            code,
            completeness=completeness,
            asked_bank=asked,
            earlier_incomplete=failures,
            link_id=link_id,
            now=NOW,
            interval=interval,
        )
        if MEANINGS[code].upkeep is Upkeep.HEALTH:
            assert plan == Plan(next_health_at=NOW + HEALTH_INTERVAL)
        else:
            assert plan.next_health_at is None
            assert plan.next_update_at is not None
            assert NOW < plan.next_update_at <= NOW + interval

    def test_the_banks_answer_is_fetched_soon_after_it_was_asked(self) -> None:
        def plan(*, asked_bank: bool) -> Plan:
            return after_pull(
                LinkStatusCode.OK,
                completeness=Completeness.COMPLETE,
                asked_bank=asked_bank,
                earlier_incomplete=0,
                link_id=UUID(int=7),
                now=NOW,
                interval=timedelta(hours=6),
            )

        assert plan(asked_bank=True) == Plan(NOW + AFTER_ASKING)
        assert plan(asked_bank=False) == Plan(NOW + timedelta(hours=6))


class TestAfterFailure:
    @given(error=ERRORS, failures=FAILURES, link_id=st.uuids(), interval=INTERVALS)
    def test_no_pull_is_planned_while_somebody_must_act(
        self, error: AggregatorError, failures: int, link_id: UUID, interval: timedelta
    ) -> None:
        code = status_of_error(error.kind)
        plan = after_failure(
            code, error, earlier_failures=failures, link_id=link_id, now=NOW, interval=interval
        )
        if MEANINGS[code].upkeep is Upkeep.PULL and error.retry is not Retry.NEVER:
            assert plan.next_health_at is None
            assert plan.next_update_at is not None
            assert plan.next_update_at > NOW
        else:
            assert plan.next_update_at is None

    @given(failures=FAILURES, link_id=st.uuids(), interval=INTERVALS)
    def test_a_time_that_the_bank_named_is_kept(
        self, failures: int, link_id: UUID, interval: timedelta
    ) -> None:
        retry_at = NOW + timedelta(days=3)
        limit = AggregatorError(ErrorKind.RATE_LIMITED, retry=Retry.SOON, retry_at=retry_at)
        plan = after_failure(
            LinkStatusCode.RATE_LIMITED,
            limit,
            earlier_failures=failures,
            link_id=link_id,
            now=NOW,
            interval=interval,
        )
        assert plan == Plan(retry_at)
