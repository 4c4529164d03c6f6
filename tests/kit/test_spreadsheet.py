"""No spreadsheet computes a text, and each comes back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kit.spreadsheet import harmless, meant

_TELLING = st.text(alphabet="'=+-@\t\r1a ")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_becomes_a_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Cash", "'s-Hertogenbosch", "1-2", "''"])
def test_any_other_text_stays(text: str) -> None:
    assert (harmless(text), meant(text)) == (text, text)


@given(st.text() | _TELLING)
def test_no_text_computes(text: str) -> None:
    assert harmless(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


@given(st.text() | _TELLING)
def test_every_text_comes_back(text: str) -> None:
    assert meant(harmless(text)) == text
