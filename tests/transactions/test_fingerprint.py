"""What a line is recognised by: frozen, and the same for lines that say the same."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.transactions.fingerprint import VERSION, Said, cleaned_v1, fingerprint

KEY = bytes(range(32))
ACCOUNT = UUID("018f0000-0000-7000-8000-000000000001")
COFFEE = Said(date(2026, 3, 9), -1234, "USD", "POS 1234 ELM STREET COFFEE")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


class TestCleaning:
    @pytest.mark.parametrize(
        ("reported", "cleaned"),
        [
            ("POS 1234  ELM STREET\tCOFFEE ", "pos 1234 elm street coffee"),
            ("Café Größe", "cafe\u0301 gro\u0308sse"),
            ("Cafe\u0301", "cafe\u0301"),
            ("ＡＣＨ　①", "ach 1"),
            ("ﬁrst № 12.50-A/B", "first no 12.50-a/b"),
            ("", ""),
        ],
    )
    def test_version_1_is_what_it_was(self, reported: str, cleaned: str) -> None:
        assert cleaned_v1(reported) == cleaned

    @given(TEXTS)
    def test_twice_changes_nothing_more(self, text: str) -> None:
        assert cleaned_v1(cleaned_v1(text)) == cleaned_v1(text)


class TestFingerprint:
    def test_version_1_is_what_it_was(self) -> None:
        assert VERSION == 1
        assert fingerprint(KEY, ACCOUNT, COFFEE) == (
            "cf44f88209924edf629fa8a770831e2666d380a5fc438483546e350e914c693c"
        )

    def test_another_case_and_other_white_space_say_the_same(self) -> None:
        other = COFFEE._replace(text=" pos 1234\nElm Street  Coffee")
        assert fingerprint(KEY, ACCOUNT, other) == fingerprint(KEY, ACCOUNT, COFFEE)

    @pytest.mark.parametrize(
        "other",
        [
            COFFEE._replace(dated_on=date(2026, 3, 10)),
            COFFEE._replace(amount_minor=1234),
            COFFEE._replace(currency="CAD"),
            COFFEE._replace(text="POS 1235 ELM STREET COFFEE"),
        ],
    )
    def test_whatever_is_said_counts(self, other: Said) -> None:
        assert fingerprint(KEY, ACCOUNT, other) != fingerprint(KEY, ACCOUNT, COFFEE)

    def test_so_do_the_account_and_the_key(self) -> None:
        mine = fingerprint(KEY, ACCOUNT, COFFEE)
        assert fingerprint(KEY, UUID(int=2), COFFEE) != mine
        assert fingerprint(KEY[::-1], ACCOUNT, COFFEE) != mine

    @given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 9), TEXTS, TEXTS)
    def test_only_lines_that_say_the_same_have_the_same(
        self, amount_minor: int, days: int, text: str, other_text: str
    ) -> None:
        day = date(2026, 3, 9) + timedelta(days=days)
        line, other = (Said(day, amount_minor, "USD", each) for each in (text, other_text))
        same = fingerprint(KEY, ACCOUNT, line) == fingerprint(KEY, ACCOUNT, other)
        assert same == (line.cleaned() == other.cleaned())
