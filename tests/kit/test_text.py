"""Cleaning of text from outside."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kit.text import clean, clean_or_none, uncut

hostile = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x00\x1b\n\t\x85\u202e\u2066\u2069\u200d\u200b\ufeff\u0301\ud83d\ude00 "),
    )
)
limits = st.integers(min_value=0, max_value=60)


class TestClean:
    @pytest.mark.parametrize(
        ("raw", "cleaned"),
        [
            ("a\x00b", "ab"),
            ("a\ud800b", "ab"),
            ("a\x1b[31mb", "a[31mb"),
            ("pay \u202egpj.exe", "pay gpj.exe"),
            ("\u2066x\u2069", "x"),
            ("cafe\u0301", "caf\u00e9"),
            ("  a \t\r\n b\u00a0c  ", "a b c"),
            ("line\nline", "line line"),
            ("a\ufeffb\u200b", "ab"),
            ("<b>&amp;</b>", "<b>&amp;</b>"),
            ("👩\u200d🌾", "👩\u200d🌾"),
            ("\x00", ""),
        ],
    )
    def test_examples(self, raw: str, cleaned: str) -> None:
        assert clean(raw, limit=100) == cleaned

    @pytest.mark.parametrize(
        ("raw", "limit", "cleaned"),
        [
            ("abcdef", 3, "abc"),
            ("ab cd", 3, "ab"),
            ("aq\u0308yz", 2, "a"),
            ("a👩\u200d🌾", 3, "a"),
            ("abc", 0, ""),
            ("a" + "\u0308" * 99, 40, "\u00e4" + "\u0308" * 39),
        ],
    )
    def test_cut(self, raw: str, limit: int, cleaned: str) -> None:
        assert clean(raw, limit=limit) == cleaned

    @given(hostile, limits)
    def test_bounded_storable_and_stable(self, raw: str, limit: int) -> None:
        cleaned = clean(raw, limit=limit)
        assert len(cleaned) <= limit
        assert cleaned.encode("utf-8").decode("utf-8") == cleaned
        assert unicodedata.is_normalized("NFC", cleaned)
        assert clean(cleaned, limit=limit) == cleaned

    @given(hostile)
    def test_nothing_unwanted_remains(self, raw: str) -> None:
        cleaned = clean(raw, limit=1000)
        assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in cleaned)
        assert not any(unicodedata.bidirectional(c) in _DIRECTIONS for c in cleaned)
        assert cleaned == " ".join(cleaned.split())


_DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


class TestCleanOrNone:
    def test_nothing_left_is_none(self) -> None:
        assert clean_or_none(" \x00 ", limit=5) is None

    def test_none_is_none(self) -> None:
        assert clean_or_none(None, limit=5) is None

    def test_text(self) -> None:
        assert clean_or_none(" a ", limit=5) == "a"


class TestUncut:
    @given(hostile)
    def test_it_is_what_is_cut(self, raw: str) -> None:
        assert clean(raw, limit=10_000) == uncut(raw)

    def test_a_long_character_at_the_limit_hides_nothing_of_what_follows(self) -> None:
        family = "👨\u200d👩\u200d👧"
        assert len(uncut(family * 300)) == 1_500
