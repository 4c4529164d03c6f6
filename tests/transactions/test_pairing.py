"""Which offered line each kept one is."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.transactions.fingerprint import Said
from counterfoil.transactions.pairing import (
    NEARBY_DAYS,
    Kept,
    Line,
    Offered,
    ordinals,
    pair,
    pair_pending,
)

DAY = date(2026, 3, 9)
SAYINGS = st.builds(
    Said,
    st.integers(0, 8).map(lambda days: DAY + timedelta(days=days)),
    st.sampled_from([-500, -1234, 500]),
    st.sampled_from(["USD", "CAD"]),
    st.sampled_from(["Coffee", "COFFEE", "Rent"]),
)
KEPT = st.lists(st.tuples(SAYINGS, st.integers(0, 2)), max_size=12).map(
    lambda lines: [
        Line(UUID(int=number), said, weight) for number, (said, weight) in enumerate(lines)
    ]
)
OFFERED = st.lists(SAYINGS, max_size=12).map(
    lambda lines: [Line(f"new-{number:02}", said) for number, said in enumerate(lines)]
)


def coffee(days: int = 0, *, amount: int = -500, text: str = "Coffee") -> Said:
    return Said(DAY + timedelta(days=days), amount, "USD", text)


def kept(number: int, said: Said, weight: int = 0) -> Kept:
    return Line(UUID(int=number), said, weight)


def offered(name: str, said: Said) -> Offered:
    return Line(name, said)


class TestPair:
    def test_two_equal_purchases_stay_two(self) -> None:
        mine = [kept(1, coffee()), kept(2, coffee())]
        theirs = [offered("a", coffee()), offered("b", coffee()), offered("c", coffee())]
        assert pair(mine, theirs) == {UUID(int=1): "a", UUID(int=2): "b"}

    def test_of_equal_ones_the_weightier_are_found_first(self) -> None:
        mine = [kept(1, coffee()), kept(2, coffee(), weight=1)]
        assert pair(mine, [offered("a", coffee())]) == {UUID(int=2): "a"}

    def test_another_text_near_by_is_the_line_where_it_is_the_only_one(self) -> None:
        mine, theirs = [kept(1, coffee())], [offered("a", coffee(3, text="Elm Street"))]
        assert pair(mine, theirs) == {UUID(int=1): "a"}

    def test_too_far_away_it_is_not(self) -> None:
        theirs = [offered("a", coffee(4)), offered("b", coffee(-4))]
        assert pair([kept(1, coffee())], theirs) == {}

    def test_with_a_second_candidate_on_either_side_nobody_guesses(self) -> None:
        theirs = [offered("a", coffee(1)), offered("b", coffee(2))]
        assert pair([kept(1, coffee())], theirs) == {}
        assert pair([kept(1, coffee()), kept(2, coffee(2))], [offered("a", coffee(1))]) == {}

    def test_what_says_the_same_is_no_candidate_for_another(self) -> None:
        mine = [kept(1, coffee()), kept(2, coffee(1, text="Tea"))]
        theirs = [offered("a", coffee()), offered("b", coffee(1))]
        assert pair(mine, theirs) == {UUID(int=1): "a", UUID(int=2): "b"}

    def test_the_last_days_that_there_are(self) -> None:
        far = Said(date.max, 1, "USD", "x"), Said(date.min, 1, "USD", "x")
        assert pair([kept(1, far[0]), kept(2, far[1])], []) == {}

    @given(KEPT, OFFERED)
    def test_each_is_in_one_pair_at_most(self, mine: list[Kept], theirs: list[Offered]) -> None:
        pairs = pair(mine, theirs)
        assert len(set(pairs.values())) == len(pairs)
        assert pairs.keys() <= {line.id for line in mine}
        assert set(pairs.values()) <= {line.id for line in theirs}

    @given(KEPT, OFFERED, st.randoms(use_true_random=False))
    def test_the_order_does_not_matter(
        self, mine: list[Kept], theirs: list[Offered], luck: Random
    ) -> None:
        pairs = pair(mine, theirs)
        luck.shuffle(mine)
        luck.shuffle(theirs)
        assert pair(mine, theirs) == pairs

    @given(KEPT, OFFERED)
    def test_pairs_agree_and_as_many_equal_ones_are_found_as_there_are(
        self, mine: list[Kept], theirs: list[Offered]
    ) -> None:
        sayings = {line.id: line.said.cleaned() for line in theirs}
        alike: Counter[Said] = Counter()
        for line in mine:
            other = sayings.get(pair(mine, theirs).get(line.id, ""))
            if other is None:
                continue
            said = line.said.cleaned()
            alike[said] += other == said
            assert (other.amount_minor, other.currency) == (said.amount_minor, said.currency)
            assert abs((other.dated_on - said.dated_on).days) <= NEARBY_DAYS
        both = Counter(line.said.cleaned() for line in mine) & Counter(sayings.values())
        assert +alike == both


class TestOrdinals:
    @given(st.lists(st.sampled_from("abc")))
    def test_equals_are_counted_from_one(self, lines: list[str]) -> None:
        counted = list(zip(lines, ordinals(lines), strict=True))
        assert len(set(counted)) == len(lines)
        for number, (line, ordinal) in enumerate(counted):
            assert ordinal == lines[: number + 1].count(line)


class TestPairPending:
    def test_another_text_and_date_is_the_line_where_it_is_the_only_one(self) -> None:
        theirs = [offered("a", coffee(8, text="Posted")), offered("b", coffee(1, amount=-1))]
        assert pair_pending([kept(1, coffee())], theirs) == {UUID(int=1): "a"}

    def test_two_of_one_amount_are_not_guessed_even_if_one_says_the_same(self) -> None:
        theirs = [offered("a", coffee()), offered("b", coffee(8, text="Posted"))]
        assert pair_pending([kept(1, coffee())], theirs) == {}

    @given(KEPT, OFFERED, st.randoms(use_true_random=False))
    def test_the_order_does_not_matter_and_each_is_in_one_pair_at_most(
        self, mine: list[Kept], theirs: list[Offered], luck: Random
    ) -> None:
        pairs = pair_pending(mine, theirs)
        assert len(set(pairs.values())) == len(pairs)
        luck.shuffle(mine)
        luck.shuffle(theirs)
        assert pair_pending(mine, theirs) == pairs
