"""Which incoming account is which: the order of the keys, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.accounts.alike import Incoming, Known
from counterfoil.accounts.keys import Digests
from counterfoil.accounts.recognising import (
    Ask,
    New,
    Overlap,
    Overlaps,
    Recognised,
    Same,
    Withheld,
    recognise,
    to_compare,
)


def row_id(number: int) -> UUID:
    return UUID(int=number)


def incoming(
    aggregator_id: str = "a", *, strong: str = "", weak: str = "w", name: str = "Operating"
) -> Incoming:
    return Incoming(
        aggregator_id, Digests(f"exact {aggregator_id}", frozenset(strong.split()), weak), name
    )


def known(
    number: int = 1,
    *,
    exact: str = "",
    strong: str = "",
    weak: str = "w",
    name: str = "Operating",
    attached: bool = False,
    hidden: bool = False,
    kept_lines: bool = False,
    maybe: str = "",
) -> Known:
    return Known(
        row_id(number),
        frozenset({f"exact {exact}"} if exact else ()),
        frozenset(strong.split()),
        frozenset(weak.split()),
        attached,
        not attached,
        hidden,
        name,
        kept_lines,
        maybe=frozenset(f"exact {each}" for each in maybe.split()),
    )


def told(
    *ones: Incoming,
    rows: Sequence[Known],
    overlap: Overlaps | None = None,
    whole: bool = False,
) -> Mapping[str, Recognised]:
    return recognise(ones, rows, overlap=overlap or {}, whole=whole)


SAME = Same(row_id(1))


class TestExactAndStrong:
    def test_nothing_known_is_new(self) -> None:
        assert told(incoming(), rows=[]) == {"a": New()}

    def test_an_attached_account_is_never_taken(self) -> None:
        row = known(exact="a", strong="s", attached=True)
        assert told(incoming(strong="s"), rows=[row]) == {"a": New()}

    def test_the_aggregators_id_goes_before_a_lasting_one(self) -> None:
        rows = [known(1, exact="a", weak=""), known(2, strong="s", weak="")]
        assert told(incoming(strong="s"), rows=rows) == {"a": SAME}

    def test_a_lasting_id_goes_before_a_likeness(self) -> None:
        rows = [known(1, strong="s", weak=""), known(2)]
        assert told(incoming(strong="s"), rows=rows) == {"a": SAME}

    def test_two_rows_under_one_lasting_id_are_asked_about(self) -> None:
        rows = [known(2, strong="s", weak=""), known(1, strong="s", weak="")]
        assert told(incoming(strong="s"), rows=rows) == {"a": Ask((row_id(1), row_id(2)))}


class TestWeak:
    def test_the_only_one_alike_is_the_same(self) -> None:
        assert told(incoming(), rows=[known()]) == {"a": SAME}

    def test_not_when_a_lasting_id_tells_them_apart(self) -> None:
        assert told(incoming(strong="s"), rows=[known(strong="t")]) == {"a": New()}

    def test_two_alike_are_told_apart_by_name(self) -> None:
        rows = [known(1, name="Rent"), known(2, name="Wages")]
        ones = [incoming("a", name="WAGES"), incoming("b", name="Rent")]
        assert told(*ones, rows=rows) == {"a": Same(row_id(2)), "b": SAME}

    def test_two_alike_in_everything_are_asked_about(self) -> None:
        rows = [known(2), known(1)]
        both = Ask((row_id(1), row_id(2)))
        assert told(incoming("a"), incoming("b"), rows=rows) == {"a": both, "b": both}

    def test_when_two_want_the_same_both_are_asked_about(self) -> None:
        asked = Ask((row_id(1),))
        answers = told(incoming("a"), incoming("b"), rows=[known()])
        assert answers == {"a": asked, "b": asked}

    def test_kept_lines_that_occur_confirm_it(self) -> None:
        row = known(kept_lines=True)
        overlap = {("a", row.id): Overlap(kept=1, found=1)}
        assert told(incoming(), rows=[row], overlap=overlap) == {"a": SAME}

    def test_kept_lines_that_do_not_occur_make_it_a_question(self) -> None:
        row = known(kept_lines=True)
        overlap = {("a", row.id): Overlap(kept=1, found=0)}
        assert told(incoming(), rows=[row], overlap=overlap) == {"a": Ask((row.id,))}

    def test_kept_lines_older_than_what_is_delivered_say_nothing(self) -> None:
        row = known(kept_lines=True)
        overlap = {("a", row.id): Overlap(kept=0, found=0)}
        assert told(incoming(), rows=[row], overlap=overlap) == {"a": SAME}

    def test_kept_lines_that_nobody_compared_make_it_a_question(self) -> None:
        assert told(incoming(), rows=[known(kept_lines=True)]) == {"a": Ask((row_id(1),))}


class TestHistory:
    row = known(weak="other", kept_lines=True)

    def answer(self, kept: int, found: int) -> Recognised:
        overlap = {("a", self.row.id): Overlap(kept, found)}
        return told(incoming(), rows=[self.row], overlap=overlap)["a"]

    def test_five_lines_of_which_four_occur_are_enough(self) -> None:
        assert self.answer(5, 4) == SAME

    def test_four_lines_are_too_few_and_are_asked_about(self) -> None:
        assert self.answer(4, 4) == Ask((row_id(1),))

    def test_half_of_them_are_asked_about(self) -> None:
        assert self.answer(10, 5) == Ask((row_id(1),))

    def test_fewer_are_a_coincidence(self) -> None:
        assert self.answer(10, 4) == New()

    def test_it_decides_between_two_that_are_alike(self) -> None:
        rows = [known(1, kept_lines=True), known(2, kept_lines=True)]
        overlap = {
            ("a", row_id(1)): Overlap(9, 0),
            ("a", row_id(2)): Overlap(9, 9),
            ("b", row_id(1)): Overlap(9, 9),
            ("b", row_id(2)): Overlap(9, 0),
        }
        answers = told(incoming("a"), incoming("b"), rows=rows, overlap=overlap)
        assert answers == {"a": Same(row_id(2)), "b": SAME}


class TestHidden:
    def test_the_only_one_alike_stays_hidden_whatever_its_lines_say(self) -> None:
        row = known(hidden=True, kept_lines=True)
        assert told(incoming(), rows=[row]) == {"a": SAME}

    def test_what_may_be_it_is_neither_shown_nor_asked_about(self) -> None:
        rows = [known(1, hidden=True), known(2)]
        assert told(incoming(name="Other"), rows=rows) == {"a": Withheld(row_id(1))}

    def test_what_may_be_another_by_its_history_is_asked_about(self) -> None:
        rows = [known(1, hidden=True, kept_lines=True), known(2, kept_lines=True)]
        overlap = {("a", row_id(1)): Overlap(4, 0), ("a", row_id(2)): Overlap(4, 3)}
        answer = told(incoming(name="Other"), rows=rows, overlap=overlap)
        assert answer == {"a": Ask((row_id(2),))}

    def test_two_hidden_ones_that_are_alike_both_stay_hidden(self) -> None:
        rows = [known(1, hidden=True), known(2, hidden=True)]
        answers = told(incoming("b"), incoming("a"), rows=rows)
        assert answers == {"a": SAME, "b": Same(row_id(2))}

    def test_of_two_of_which_one_must_be_it_neither_is_shown(self) -> None:
        answers = told(incoming("a"), incoming("b"), rows=[known(hidden=True)])
        assert answers == {"a": Withheld(row_id(1)), "b": Withheld(row_id(1))}

    def test_its_history_tells_it_from_one_that_looks_like_it(self) -> None:
        row = known(hidden=True, kept_lines=True)
        overlap = {("a", row.id): Overlap(5, 5), ("b", row.id): Overlap(5, 0)}
        answers = told(incoming("a"), incoming("b"), rows=[row], overlap=overlap)
        assert answers == {"a": SAME, "b": New()}

    def test_it_is_known_by_its_history_alone(self) -> None:
        row = known(hidden=True, weak="other", kept_lines=True)
        overlap = {("a", row.id): Overlap(5, 4)}
        assert told(incoming(), rows=[row], overlap=overlap) == {"a": SAME}

    def test_two_of_its_lines_are_enough_to_withhold_what_has_them(self) -> None:
        row = known(hidden=True, weak="other", kept_lines=True)
        few, one = {("a", row.id): Overlap(2, 2)}, {("a", row.id): Overlap(1, 1)}
        assert told(incoming(), rows=[row], overlap=few) == {"a": Withheld(row.id)}
        assert told(incoming(), rows=[row], overlap=one) == {"a": New()}

    def test_its_lines_are_not_enough_where_most_of_the_others_are_not_its(self) -> None:
        row = known(hidden=True, weak="other", kept_lines=True)
        for kept in (2, 4, 5, 9):
            half, more = Overlap(kept, kept, theirs=2 * kept), Overlap(kept, kept, 2 * kept - 1)
            told_so = [
                told(incoming(), rows=[row], overlap={("a", row.id): overlap})["a"]
                for overlap in (half, more)
            ]
            assert told_so == [New(), SAME if kept >= 5 else Withheld(row.id)]

    def test_of_a_deleted_one_few_lines_are_kept_and_the_others_say_nothing(self) -> None:
        row = known(weak="other", kept_lines=True)
        overlap = {("a", row.id): Overlap(5, 5, theirs=99)}
        assert told(incoming(), rows=[row], overlap=overlap) == {"a": SAME}


class TestWithheldBefore:
    """An earlier pull kept that both may be the hidden one."""

    row = known(hidden=True, weak="other", kept_lines=True, maybe="a b")
    ones = (incoming("a", name="One"), incoming("b", name="Two"))
    both: Mapping[str, Recognised] = {"a": Withheld(row.id), "b": Withheld(row.id)}

    def test_they_are_withheld_again_without_their_lines(self) -> None:
        assert told(*self.ones, rows=[self.row]) == self.both

    def test_whatever_else_they_are_like(self) -> None:
        deleted = known(2, name="One")
        other = replace(self.ones[1], digests=replace(self.ones[1].digests, weak="x"))
        assert told(self.ones[0], other, rows=[self.row, deleted]) == self.both

    def test_one_line_of_another_account_does_not_show_them(self) -> None:
        deleted = known(2, weak="other", kept_lines=True)
        overlap = {("a", deleted.id): Overlap(1, 1), ("b", deleted.id): Overlap(1, 1)}
        assert told(*self.ones, rows=[self.row, deleted], overlap=overlap) == self.both

    def test_the_only_one_left_may_be_it_and_no_more(self) -> None:
        assert told(self.ones[1], rows=[self.row]) == {"b": Withheld(self.row.id)}
        alike = replace(self.row, weak=frozenset("w"))
        assert told(self.ones[1], rows=[alike]) == {"b": Withheld(self.row.id)}

    def test_it_is_left_for_the_one_that_has_its_lasting_id(self) -> None:
        row = replace(self.row, strong=frozenset("s"))
        answers = told(*self.ones, incoming("c", strong="s"), rows=[row])
        assert answers == {**self.both, "c": SAME}

    def test_they_are_withheld_too_where_a_login_brings_it_in_by_now(self) -> None:
        assert told(*self.ones, rows=[replace(self.row, attached=True)]) == self.both

    def test_nor_does_what_is_like_it_take_it_while_one_of_them_may_be_it(self) -> None:
        row = replace(self.row, weak=frozenset("w"))
        answers = told(*self.ones, incoming("c", name="Three"), rows=[row])
        assert answers == {**self.both, "c": Withheld(row.id)}

    def test_where_all_lines_tell_which_of_them_it_is_the_other_is_new(self) -> None:
        overlap = {("a", self.row.id): Overlap(9, 0), ("b", self.row.id): Overlap(9, 9, 9)}
        told_so = told(*self.ones, rows=[self.row], overlap=overlap, whole=True)
        assert told_so == {"a": New(), "b": SAME}
        assert told(*self.ones, rows=[self.row], overlap=overlap) == self.both

    def test_all_lines_tell_of_one_that_a_login_brings_in_as_well(self) -> None:
        row = replace(self.row, attached=True)
        overlap = {("a", row.id): Overlap(2, 2, 4), ("b", row.id): Overlap(2, 2, 3)}
        told_so = told(*self.ones, rows=[row], overlap=overlap, whole=True)
        assert told_so == {"a": New(), "b": Withheld(row.id)}

    def test_nothing_to_compare_tells_nothing(self) -> None:
        overlap = {("a", self.row.id): Overlap(0, 0, 9)}
        assert told(*self.ones, rows=[self.row], overlap=overlap, whole=True) == self.both

    def test_shown_by_now_it_is_asked_about(self) -> None:
        answers = told(*self.ones, rows=[replace(self.row, hidden=False)])
        assert answers == {"a": Ask((self.row.id,)), "b": Ask((self.row.id,))}

    def test_they_are_compared_only_where_all_lines_are_there(self) -> None:
        pairs = {("a", self.row.id), ("b", self.row.id)}
        assert to_compare(self.ones, [self.row], whole=True) == pairs
        attached = replace(self.row, attached=True)
        assert to_compare(self.ones, [attached], whole=True) == pairs
        assert to_compare(self.ones, [self.row]) == set()


class TestToCompare:
    def test_what_the_keys_settle_is_not_compared(self) -> None:
        row = known(exact="a", kept_lines=True)
        assert to_compare([incoming()], [row]) == set()

    def test_rows_with_lines_in_the_same_currency_are(self) -> None:
        rows = [
            known(1, weak="", kept_lines=True),
            known(2),
            known(3, hidden=True, kept_lines=True),
            replace(known(4, kept_lines=True), currency="EUR"),
        ]
        assert to_compare([incoming()], rows) == {("a", row_id(1)), ("a", row_id(3))}


_WORDS = st.sampled_from(["", "s", "t", "s t"])
_INCOMING = st.builds(
    incoming, st.sampled_from("abcd"), strong=_WORDS, weak=st.sampled_from("wxy"), name=_WORDS
)
_KNOWN = st.builds(
    known,
    st.integers(1, 5),
    exact=st.sampled_from(["", "a", "b"]),
    strong=_WORDS,
    weak=st.sampled_from(["w", "x", "w x"]),
    name=_WORDS,
    attached=st.booleans(),
    hidden=st.booleans(),
    kept_lines=st.booleans(),
    maybe=st.sampled_from(["", "a", "a b", "c"]),
)
_PAIRS = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.integers(1, 5).map(row_id)),
    st.integers(0, 9).flatmap(lambda kept: st.builds(Overlap, st.just(kept), st.integers(0, kept))),
)
_ONES = st.lists(_INCOMING, unique_by=lambda one: one.aggregator_id)
_ROWS = st.lists(_KNOWN, unique_by=lambda row: row.id)


class TestAlways:
    @given(_ONES, _ROWS, _PAIRS, st.randoms(use_true_random=False))
    def test_the_order_does_not_matter(
        self, ones: list[Incoming], rows: list[Known], overlap: Overlaps, chance: Random
    ) -> None:
        before = recognise(ones, rows, overlap=overlap)
        chance.shuffle(ones)
        chance.shuffle(rows)
        assert recognise(ones, rows, overlap=overlap) == before

    @given(_ONES, _ROWS, _PAIRS)
    def test_nobody_is_taken_twice_and_everybody_is_answered(
        self, ones: list[Incoming], rows: list[Known], overlap: Overlaps
    ) -> None:
        answers = recognise(ones, rows, overlap=overlap)
        taken = [each.id for each in answers.values() if isinstance(each, Same)]
        asked = {
            each for one in answers.values() if isinstance(one, Ask) for each in one.candidates
        }
        by_id = {row.id: row for row in rows}
        assert answers.keys() == {one.aggregator_id for one in ones}
        assert len(taken) == len(set(taken))
        assert not any(by_id[each].attached for each in taken)
        assert not any(by_id[each].hidden or by_id[each].attached for each in asked)
        assert asked.isdisjoint(taken)
        withheld = {each.id for each in answers.values() if isinstance(each, Withheld)}
        assert all(by_id[each].hidden for each in withheld)

    @given(_ONES, _ROWS, _PAIRS)
    def test_nothing_is_shown_that_by_its_keys_may_be_a_hidden_one_alone(
        self, ones: list[Incoming], rows: list[Known], overlap: Overlaps
    ) -> None:
        hidden = [row for row in rows if row.hidden]
        answers = recognise(ones, hidden, overlap=overlap)
        shown = [one for one in ones if isinstance(answers[one.aggregator_id], New)]
        ids = {each for row in hidden for each in row.exact | row.maybe}
        assert not [one for one in shown if one.digests.exact in ids]
