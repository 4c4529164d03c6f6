"""What is proposed for a bank line, and what of it is ticked: without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.combining import MOST_GROUPS, groups_of
from counterfoil.reconciliation.evidence import BankSide, JournalSide
from counterfoil.reconciliation.likeness import reference_of, references_in, telling_words
from counterfoil.reconciliation.proposing import Candidates, Choice, Prepared
from counterfoil.reconciliation.ranking import MOST, suggest, without_rivals
from counterfoil.reconciliation.suggest import (
    ProposedItem,
    ReasonCode,
    Suggestion,
    SuggestionKind,
)

DAY = date(2026, 3, 9)
SUPPLIES, TRAVEL = UUID(int=901), UUID(int=902)


def bank(place: int = 1, amount_minor: int = -1234, **facts: Any) -> BankSide:
    """A bank line of the 9th that says nothing but its amount."""
    given = {
        "open_minor": amount_minor,
        "currency": "USD",
        "exponent": 2,
        "dated_on": DAY,
        "account": "Operating",
    }
    return BankSide(id=UUID(int=place), amount_minor=amount_minor, **{**given, **facts})


def booked(number: int = 101, open_minor: int = -1234, days: int = 0, **facts: Any) -> JournalSide:
    """An open journal line, so many days before the bank line."""
    posted_on = DAY - timedelta(days=days)
    return JournalSide(id=UUID(int=number), open_minor=open_minor, posted_on=posted_on, **facts)


def matches(line: BankSide, *sides: JournalSide) -> tuple[Suggestion, ...]:
    return suggest(line, Candidates(booked=sides))


def codes(suggestion: Suggestion) -> list[ReasonCode]:
    return [reason.code for reason in suggestion.reasons]


def texts(suggestion: Suggestion) -> list[str]:
    return [reason.text for reason in suggestion.reasons]


class TestMatch:
    def test_nothing_is_invented_where_nothing_is_there(self) -> None:
        assert suggest(bank(), Candidates()) == ()

    def test_of_a_line_of_which_nothing_is_open_nothing_is_proposed(self) -> None:
        assert matches(bank(open_minor=0), booked()) == ()

    def test_the_same_amount_alone_is_proposed_and_not_ticked(self) -> None:
        [one] = matches(bank(), booked(days=20))
        assert (one.kind, one.score, one.preselect) == (SuggestionKind.MATCH, 40, False)
        assert one.journal_items == (ProposedItem(UUID(int=101), -1234),)
        assert texts(one) == ["The same amount"]

    @pytest.mark.parametrize(
        ("days", "score", "text", "ticked"),
        [
            (0, 60, "The same day", True),
            (-1, 60, "1 day apart", True),
            (3, 55, "3 days apart", True),
            (4, 48, "4 days apart", False),
            (14, 44, "14 days apart", False),
        ],
    )
    def test_a_near_date_speaks_for_it(
        self, days: int, score: int, text: str, ticked: bool
    ) -> None:
        [one] = matches(bank(), booked(days=days))
        assert (one.score, texts(one)[1], one.preselect) == (score, text, ticked)

    @pytest.mark.parametrize(
        ("said", "entry", "code", "text"),
        [
            (
                {"texts": ("Invoice INV-0042 Elm",)},
                {"reference": "inv 0042"},
                ReasonCode.REFERENCE,
                "The bank's text names “inv 0042”",
            ),
            (
                {"check_number": "01001"},
                {"reference": "1001"},
                ReasonCode.CHECK_NUMBER,
                "Cheque 01001",
            ),
            (
                {"check_number": "1001"},
                {"texts": ("Cheque 1001 to Elm",)},
                ReasonCode.CHECK_NUMBER,
                "Cheque 1001",
            ),
            (
                {"counterparty": "ELM STREET COFFEE INC"},
                {"contact": "Elm Street Coffee"},
                ReasonCode.COUNTERPARTY,
                "The bank's text names “Elm Street Coffee”",
            ),
            (
                {"texts": ("POS 0042 Elm Street Coffee SEATTLE",)},
                {"texts": (None, "Coffee at Elm Street")},
                ReasonCode.SIMILAR_TEXT,
                "Alike: “coffee elm street”",
            ),
        ],
    )
    def test_what_the_texts_say_speaks_for_it(
        self, said: dict[str, Any], entry: dict[str, Any], code: ReasonCode, text: str
    ) -> None:
        [one] = matches(bank(**said), booked(days=20, **entry))
        assert codes(one) == [ReasonCode.SAME_AMOUNT, code]
        assert texts(one)[1] == text
        assert (one.score > 50, one.preselect) == (True, True)

    @pytest.mark.parametrize("reference", ["2026", "42", "FOOD", "a1"])
    def test_what_any_text_may_contain_is_no_reference(self, reference: str) -> None:
        [one] = matches(bank(texts=(f"Paid {reference} today",)), booked(20, reference=reference))
        assert ReasonCode.REFERENCE not in codes(one)

    def test_money_in_is_never_money_out(self) -> None:
        assert matches(bank(amount_minor=1234), booked(open_minor=-1234)) == ()

    def test_equal_ones_say_so_and_none_is_ticked(self) -> None:
        found = matches(bank(), booked(101), booked(102))
        assert [one.preselect for one in found] == [False, False]
        assert [texts(one)[-1] for one in found] == ["2 candidates fit equally well"] * 2

    def test_a_second_one_that_comes_near_unticks_the_first(self) -> None:
        first, second = matches(bank(), booked(101), booked(102, days=2))
        assert (first.score - second.score, first.preselect) == (5, False)

    def test_one_that_is_far_ahead_is_ticked(self) -> None:
        first, _ = matches(bank(), booked(101), booked(102, days=7))
        assert first.preselect

    def test_another_amount_under_the_same_number_is_proposed_as_far_as_it_goes(self) -> None:
        line = bank(texts=("INV-0042",))
        [less] = matches(line, booked(open_minor=-1000, reference="INV-0042"))
        assert less.journal_items == (ProposedItem(UUID(int=101), -1000),)
        assert texts(less)[0] == "−10.00 is open there, −12.34 here"
        assert not less.preselect
        [more] = matches(line, booked(open_minor=-2000, reference="INV-0042"))
        assert more.journal_items == (ProposedItem(UUID(int=101), -1234),)

    def test_of_a_part_only_what_is_open_counts(self) -> None:
        [one] = matches(bank(open_minor=-234), booked(101, -234), booked(102, -1234))
        assert one.journal_items == (ProposedItem(UUID(int=101), -234),)


class TestGroup:
    def test_lines_that_add_up_are_proposed_together(self) -> None:
        [one] = matches(bank(), booked(101, -1000), booked(102, -234), booked(103, -777))
        assert {item.journal_line_id.int for item in one.journal_items} == {101, 102}
        assert texts(one) == ["2 open lines add up to it", "The same day"]
        assert (one.score, one.preselect) == (50, False)

    def test_one_that_texts_name_is_ticked(self) -> None:
        line = bank(texts=("INV-0041 INV-0042",))
        one, *parts = matches(
            line, booked(101, -1000, reference="INV-0041"), booked(102, -234, reference="INV-0042")
        )
        assert (one.score, one.preselect) == (75, True)
        assert [part.score for part in parts] == [55, 55]
        assert texts(one)[-1] == (
            "The bank's text names “INV-0041”; The bank's text names “INV-0042”"
        )

    def test_of_several_groups_none_is_ticked(self) -> None:
        sides = [booked(number, -617, contact="Elm Street") for number in (101, 102, 103)]
        found = matches(bank(counterparty="Elm Street"), *sides)
        assert len(found) == 3
        assert not any(one.preselect for one in found)
        assert texts(found[0])[-1] == "3 candidates fit equally well"

    def test_a_single_line_of_the_amount_leaves_no_room_for_groups(self) -> None:
        [one] = matches(bank(), booked(101), booked(102, -1000), booked(103, -234))
        assert len(one.journal_items) == 1

    def test_lines_of_other_weeks_are_no_group(self) -> None:
        assert matches(bank(), booked(101, -1000), booked(102, -234, days=15)) == ()


class TestTransfer:
    def test_the_opposite_amount_on_another_account_is_proposed(self) -> None:
        other = bank(2, 1234, account="Savings", dated_on=DAY + timedelta(days=2))
        [one] = suggest(bank(), Candidates(mirrors=[other]))
        assert (one.kind, one.other_transaction_id) == (SuggestionKind.TRANSFER, other.id)
        assert texts(one) == ["The same amount into Savings", "2 days apart"]
        assert (one.score, one.preselect) == (55, True)

    def test_money_in_comes_out_of_the_other_account(self) -> None:
        other = bank(2, -1234, account="Savings", dated_on=DAY - timedelta(days=5))
        [one] = suggest(bank(amount_minor=1234), Candidates(mirrors=[other]))
        assert texts(one)[0] == "The same amount out of Savings"
        assert not one.preselect

    @pytest.mark.parametrize(
        "facts", [{"account": "Savings"}, {"account": "Reserve", "number": "4471"}]
    )
    def test_a_text_that_names_the_other_account_speaks_for_it(self, facts: dict[str, str]) -> None:
        other = bank(2, 1234, dated_on=DAY - timedelta(days=5), **facts)
        line = bank(texts=("Transfer to savings xx4471",))
        [one] = suggest(line, Candidates(mirrors=[other]))
        assert ReasonCode.COUNTERPARTY in codes(one)
        assert one.preselect

    def test_another_amount_is_no_transfer(self) -> None:
        assert suggest(bank(), Candidates(mirrors=[bank(2, 1235), bank(3, -1234)])) == ()

    def test_in_two_currencies_only_texts_make_one(self) -> None:
        plain = bank(2, 1140, currency="EUR", account="Paris")
        assert suggest(bank(), Candidates(mirrors=[plain])) == ()
        told = replace(plain, texts=("FX A-778899-B",))
        line = bank(texts=("Exchange A 778899 B",))
        [one] = suggest(line, Candidates(mirrors=[told]))
        assert texts(one)[0] == "11.40 EUR into Paris"
        assert (ReasonCode.REFERENCE in codes(one), one.preselect) == (True, False)

    def test_the_same_day_in_both_texts_is_no_reference(self) -> None:
        other = bank(2, 1140, currency="EUR", texts=("20260309",))
        assert suggest(bank(texts=("20260309",)), Candidates(mirrors=[other])) == ()


class TestCoding:
    def test_what_was_chosen_before_is_proposed_with_all_that_is_open(self) -> None:
        choice = Choice(SUPPLIES, "6100 Office Supplies", 1)
        [one] = suggest(bank(open_minor=-1000), Candidates(choices=[choice], settled=1))
        assert one.kind is SuggestionKind.CODING
        assert one.coding == Coding(
            lines=(CodingLine(ledger_account_id=SUPPLIES, amount_minor=-1000),)
        )
        assert texts(one) == ["Such lines went to 6100 Office Supplies 1 time"]
        assert (one.score, one.preselect) == (29, False)

    def test_three_times_the_same_is_ticked(self) -> None:
        [one] = suggest(bank(), Candidates(choices=[Choice(SUPPLIES, "6100", 3)], settled=3))
        assert (one.score, one.preselect) == (37, True)

    def test_once_otherwise_is_not_ticked_any_more(self) -> None:
        choices = [Choice(TRAVEL, "6200", 1), Choice(SUPPLIES, "6100", 9)]
        first, second = suggest(bank(), Candidates(choices=choices, settled=10))
        assert texts(first) == ["Such lines went to 6100 9 of 10 times"]
        assert (first.preselect, second.preselect) == (False, False)

    def test_a_split_among_them_unticks_it(self) -> None:
        [one] = suggest(bank(), Candidates(choices=[Choice(SUPPLIES, "6100", 9)], settled=10))
        assert not one.preselect

    def test_what_is_booked_is_proposed_before_it_and_unticks_it(self) -> None:
        found = suggest(
            bank(),
            Candidates(booked=[booked(days=7)], choices=[Choice(SUPPLIES, "6100", 9)], settled=9),
        )
        assert [one.kind for one in found] == [SuggestionKind.MATCH, SuggestionKind.CODING]
        assert not any(one.preselect for one in found)


def prepared(amount_minor: int = -1234, *amounts: int) -> Prepared:
    parts = [
        CodingLine(ledger_account_id=SUPPLIES, amount_minor=amount)
        for amount in amounts or (amount_minor,)
    ]
    return Prepared(amount_minor, Coding(lines=tuple(parts), memo="Chairs"))


class TestPrepared:
    def test_it_comes_first_as_it_was_prepared(self) -> None:
        kept = prepared(-1234, -1000, -234)
        choices = [Choice(TRAVEL, "6200", 9)]
        found = suggest(bank(), Candidates(prepared=kept, choices=choices, settled=9))
        assert [one.kind for one in found] == [SuggestionKind.PREPARED, SuggestionKind.CODING]
        assert found[0].coding == kept.coding
        assert (found[0].score, [one.preselect for one in found]) == (100, [True, False])

    def test_where_the_amount_is_booked_already_a_person_decides(self) -> None:
        found = suggest(bank(), Candidates(prepared=prepared(), booked=[booked()]))
        assert [one.kind for one in found] == [SuggestionKind.PREPARED, SuggestionKind.MATCH]
        assert not any(one.preselect for one in found)

    def test_a_changed_amount_is_told(self) -> None:
        [one] = suggest(bank(), Candidates(prepared=prepared(-1200)))
        assert texts(one) == [
            "Prepared for this line",
            "The amount changed from −12.00 to −12.34",
        ]
        assert (one.score, one.preselect) == (60, False)
        assert one.coding is not None
        assert [line.amount_minor for line in one.coding.lines] == [-1234]

    def test_how_several_lines_share_another_amount_only_a_person_knows(self) -> None:
        [one] = suggest(bank(), Candidates(prepared=prepared(-1200, -1000, -200)))
        assert one.coding == prepared(-1200, -1000, -200).coding
        assert codes(one)[-1] is ReasonCode.AMOUNT_CHANGED

    def test_of_a_part_that_is_told_too(self) -> None:
        [one] = suggest(bank(open_minor=-234), Candidates(prepared=prepared()))
        assert texts(one)[-1] == "Of −12.34 only −2.34 is open"
        assert not one.preselect


class TestWithoutRivals:
    def _page(self, *lines: BankSide, sides: Sequence[JournalSide]) -> dict[int, list[bool]]:
        page = {line.id: matches(line, *sides) for line in lines}
        return {
            line_id.int: [one.preselect for one in found]
            for line_id, found in without_rivals(page).items()
        }

    def test_of_two_equal_lines_none_takes_the_only_booking(self) -> None:
        assert self._page(bank(1), bank(2), sides=[booked()]) == {1: [False], 2: [False]}

    def test_the_better_one_keeps_it(self) -> None:
        better = bank(1, texts=("INV-0042",))
        page = self._page(better, bank(2), sides=[booked(reference="INV-0042")])
        assert page == {1: [True], 2: [False]}

    def test_of_the_two_sides_of_a_transfer_one_is_ticked(self) -> None:
        out, into = bank(1), bank(2, 1234, account="Savings")
        page = {
            out.id: suggest(out, Candidates(mirrors=[into])),
            into.id: suggest(into, Candidates(mirrors=[out])),
        }
        ticked = [found[0].preselect for found in without_rivals(page).values()]
        assert ticked == [True, False]

    def test_lines_that_share_nothing_keep_what_is_ticked(self) -> None:
        sides = [booked(101), booked(102, -99)]
        assert self._page(bank(1), bank(2, -99), sides=sides) == {1: [True], 2: [True]}


class TestId:
    def test_it_is_the_same_for_the_same_and_for_nothing_else(self) -> None:
        [one] = matches(bank(), booked())
        [later] = matches(bank(), booked(days=3))
        [of_another_line] = matches(bank(2), booked())
        [another] = matches(bank(), booked(102))
        assert one.id == later.id
        assert len({one.id, of_another_line.id, another.id}) == 3
        assert one.id == "7c613ccefef746f162ffe6f1abaf5bf8"


WORDS = st.sampled_from(["elm", "street", "coffee", "INV-0042", "1001", "payment", "rent"])
TEXT = st.lists(WORDS, max_size=4).map(" ".join)
AMOUNTS = st.sampled_from([-1234, -1000, -234, -617, 1234, 5])
SIDES = st.lists(
    st.builds(
        booked,
        st.integers(101, 10**6),
        AMOUNTS,
        st.integers(-20, 20),
        reference=st.none() | WORDS,
        contact=st.none() | TEXT,
        texts=st.tuples(TEXT),
    ),
    max_size=8,
    unique_by=lambda side: side.id,
)
LINES = st.builds(
    bank,
    amount_minor=AMOUNTS,
    texts=st.tuples(TEXT),
    check_number=st.none() | st.just("1001"),
    counterparty=st.none() | TEXT,
)
MIRRORS = st.lists(
    st.builds(
        bank,
        st.integers(2, 10**6),
        AMOUNTS,
        currency=st.sampled_from(["USD", "EUR"]),
        texts=st.tuples(TEXT),
    ),
    max_size=4,
    unique_by=lambda side: side.id,
)
CHOICES = st.lists(st.builds(Choice, st.uuids(), st.just("6100"), st.integers(1, 9)), max_size=3)
CANDIDATES = st.builds(
    Candidates, booked=SIDES, mirrors=MIRRORS, choices=CHOICES, prepared=st.none()
)
_SIGNS = {
    ReasonCode.NEAR_DATE,
    ReasonCode.REFERENCE,
    ReasonCode.CHECK_NUMBER,
    ReasonCode.COUNTERPARTY,
    ReasonCode.SIMILAR_TEXT,
}


class TestProperties:
    @given(LINES, CANDIDATES, st.randoms(use_true_random=False))
    def test_the_order_of_candidates_changes_nothing(
        self, line: BankSide, candidates: Candidates, random: Any
    ) -> None:
        shuffled = Candidates(
            booked=random.sample(candidates.booked, len(candidates.booked)),
            mirrors=random.sample(candidates.mirrors, len(candidates.mirrors)),
            choices=random.sample(candidates.choices, len(candidates.choices)),
        )
        assert suggest(line, shuffled) == suggest(line, candidates)

    @given(LINES, CANDIDATES)
    def test_at_most_one_is_ticked_and_never_by_the_amount_alone(
        self, line: BankSide, candidates: Candidates
    ) -> None:
        found = suggest(line, candidates)
        ticked = [one for one in found if one.preselect]
        assert len(found) <= MOST
        assert len(ticked) <= 1
        for one in ticked:
            assert one.kind is SuggestionKind.CODING or _SIGNS & set(codes(one))
            assert ReasonCode.EQUALLY_GOOD not in codes(one)

    @given(LINES, CANDIDATES)
    def test_never_more_than_is_open_is_proposed(
        self, line: BankSide, candidates: Candidates
    ) -> None:
        opened = {side.id: side.open_minor for side in candidates.booked}
        for one in suggest(line, candidates):
            for item in one.journal_items:
                whole = opened[item.journal_line_id]
                assert item.amount_minor * whole > 0
                assert abs(item.amount_minor) <= abs(whole)
            parts = [item.amount_minor for item in one.journal_items]
            parts += [part.amount_minor for part in one.coding.lines] if one.coding else []
            assert abs(sum(parts)) <= abs(line.open_minor)
            assert 0 <= one.score <= 100

    @given(LINES, SIDES.filter(bool))
    def test_more_evidence_never_lowers_a_score(
        self, line: BankSide, sides: list[JournalSide]
    ) -> None:
        side = replace(sides[0], open_minor=line.open_minor, posted_on=DAY - timedelta(days=9))
        bare = replace(side, reference=None, contact=None)
        named = replace(line, texts=(*line.texts, "REF Q-777-Q"), counterparty=None)
        scores = [
            matches(named, told)[0].score
            for told in (
                bare,
                replace(bare, reference="Q-777-Q"),
                replace(bare, reference="Q-777-Q", posted_on=DAY - timedelta(days=2)),
                replace(bare, reference="Q-777-Q", posted_on=DAY),
            )
        ]
        assert scores == sorted(scores)
        assert scores[0] < scores[-1]

    @given(st.integers(-20, 20), st.lists(st.integers(-10, 10), max_size=12))
    def test_groups_are_those_that_add_up(self, target: int, amounts: list[int]) -> None:
        usable = {
            place
            for place, amount in enumerate(amounts)
            if amount * target > 0 and abs(amount) < abs(target)
        }
        right = {
            group
            for size in (2, 3, 4)
            for group in combinations(sorted(usable), size)
            if sum(amounts[place] for place in group) == target
        }
        found = groups_of(target, amounts)
        assert len(found) == len(set(found)) == min(len(right), MOST_GROUPS)
        assert set(found) <= right

    @given(st.text(), st.text())
    def test_any_text_can_be_compared(self, one: str, other: str) -> None:
        assert telling_words(one) <= telling_words(one, other)
        assert references_in(one) <= references_in(one, other)
        assert reference_of(one) == reference_of(reference_of(one) or one)
