"""From pages to rows, and from pending lines to posted ones: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.aggregators.port import (
    ChangesPage,
    Completeness,
    RemovedTransaction,
    TransactionSnapshot,
)
from counterfoil.transactions.applying import POSTING_WINDOW, Loose, fold, pair_postings
from tests.fakes import line

ACCOUNT = UUID(int=1)
TODAY = date(2026, 3, 10)

EVENTS = st.lists(
    st.one_of(
        st.builds(line, st.sampled_from("abcd"), amount_minor=st.integers(-9, 9)),
        st.builds(RemovedTransaction, st.sampled_from("abcd"), st.just("checking")),
    ),
    max_size=20,
)


def page(
    added: Sequence[TransactionSnapshot] = (),
    modified: Sequence[TransactionSnapshot] = (),
    removed: Sequence[str] = (),
) -> ChangesPage:
    gone = [RemovedTransaction(key, "checking") for key in removed]
    return ChangesPage(added, modified, gone, "cursor", False, Completeness.COMPLETE)


def loose(number: int, *, amount: int = -500, days: int = 0, account: UUID = ACCOUNT) -> Loose:
    return Loose(UUID(int=number), account, amount, TODAY + timedelta(days=days))


class TestFold:
    def test_of_nothing(self) -> None:
        assert fold([]).written == []
        assert fold([]).withdrawn == []

    def test_the_last_word_counts(self) -> None:
        first, second = line("a", amount_minor=1), line("a", amount_minor=2)
        assert fold([page([first]), page([], [second])]).written == [second]
        assert fold([page([], [second]), page([first])]).written == [first]

    def test_a_line_that_went_is_only_withdrawn(self) -> None:
        folded = fold([page([line("a"), line("b")]), page(removed=["a"])])
        assert [there.aggregator_id for there in folded.written] == ["b"]
        assert folded.withdrawn == ["a"]

    def test_a_line_that_came_back_is_only_written(self) -> None:
        folded = fold([page(removed=["a"]), page([line("a")])])
        assert folded.written == [line("a")]
        assert folded.withdrawn == []

    @given(EVENTS)
    def test_it_is_what_a_row_by_row_reader_would_end_with(
        self, events: Sequence[TransactionSnapshot | RemovedTransaction]
    ) -> None:
        pages, rows, gone = [], {}, set()
        for event in events:
            if isinstance(event, TransactionSnapshot):
                pages.append(page([event]))
                rows[event.aggregator_id] = event
                gone.discard(event.aggregator_id)
            else:
                pages.append(page(removed=[event.aggregator_id]))
                rows.pop(event.aggregator_id, None)
                gone.add(event.aggregator_id)
        folded = fold(pages)
        assert {there.aggregator_id: there for there in folded.written} == rows
        assert set(folded.withdrawn) == gone
        assert len(folded.written) + len(folded.withdrawn) == len(rows) + len(gone)


class TestPairPostings:
    def test_one_that_went_and_one_that_came_are_one_line(self) -> None:
        assert pair_postings([loose(1)], [loose(2, days=8)]) == {UUID(int=2): UUID(int=1)}

    def test_not_over_more_than_eight_days(self) -> None:
        assert pair_postings([loose(1)], [loose(2, days=9)]) == {}

    def test_not_with_another_amount_or_account(self) -> None:
        assert pair_postings([loose(1)], [loose(2, amount=-501)]) == {}
        assert pair_postings([loose(1)], [loose(2, account=UUID(int=9))]) == {}

    def test_not_where_two_went(self) -> None:
        assert pair_postings([loose(1), loose(2)], [loose(3)]) == {}

    def test_not_where_two_came(self) -> None:
        assert pair_postings([loose(1)], [loose(2), loose(3)]) == {}

    def test_two_that_went_far_apart_each_find_their_own(self) -> None:
        pairs = pair_postings([loose(1), loose(2, days=20)], [loose(3), loose(4, days=20)])
        assert pairs == {UUID(int=3): UUID(int=1), UUID(int=4): UUID(int=2)}

    @given(
        went=st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 30)), max_size=8),
        came=st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 30)), max_size=8),
    )
    def test_a_pair_is_the_only_one_that_either_could_be_in(
        self, went: Sequence[tuple[int, int]], came: Sequence[tuple[int, int]]
    ) -> None:
        rows = [loose(n, amount=a, days=d) for n, (a, d) in enumerate(went, 1)]
        lines = [loose(n, amount=a, days=d) for n, (a, d) in enumerate(came, 100)]
        pairs = pair_postings(rows, lines)
        possible = [
            (new.id, old.id)
            for new in lines
            for old in rows
            if new.amount_minor == old.amount_minor
            and abs(new.dated_on - old.dated_on) <= POSTING_WINDOW
        ]
        alone = [
            (new, old)
            for new, old in possible
            if sum(new == n for n, _ in possible) == sum(old == o for _, o in possible) == 1
        ]
        assert sorted(pairs.items()) == sorted(alone)
