"""Conditions: what decides between minor units and a decimal, and how texts are folded."""

from __future__ import annotations

import operator
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from counterfoil.kit.conditions import (
    AllOf,
    AnyOf,
    Column,
    Compare,
    Kind,
    Not,
    Operator,
    Parameters,
    bound,
    columns_in,
    fold,
)

_SIGNS = {
    Operator.EQ: operator.eq,
    Operator.GT: operator.gt,
    Operator.GTE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LTE: operator.le,
}
_AMOUNTS = st.integers(-(10**18) + 1, 10**18 - 1)
_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False) | st.decimals(-100, 100, places=3)


class TestBound:
    @given(
        minor=_AMOUNTS, digits=st.integers(0, 18), value=_DECIMALS, sign=st.sampled_from([*_SIGNS])
    )
    @example(minor=0, digits=2, value=Decimal("-0.001"), sign=Operator.GT)
    @example(minor=1, digits=0, value=Decimal("1E-30"), sign=Operator.GTE)
    @example(minor=1, digits=2, value=Decimal("0.010000000000000000000000000001"), sign=Operator.LT)
    def test_decides_as_exact_arithmetic_does(
        self, minor: int, digits: int, value: Decimal, sign: Operator
    ) -> None:
        whole = bound(value, digits, sign)
        assert -(2**63) < whole < 2**63
        exact = Decimal((int(minor < 0), tuple(map(int, str(abs(minor)))), -digits))
        assert _SIGNS[sign](minor, whole) is _SIGNS[sign](exact, value)


class TestFold:
    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_changes_ascii_letters_alone(self, text: str) -> None:
        folded = fold(text)
        assert len(folded) == len(text)
        for before, after in zip(text, folded, strict=True):
            assert after == (before.lower() if before.isascii() else before)


class TestParameters:
    def test_equal_values_of_one_type_have_one_place(self) -> None:
        parameters = Parameters()
        places = [parameters.add(each) for each in ("a", 1, True, "a", 1)]
        assert places == ["$1", "$2", "$3", "$1", "$2"]
        assert parameters.values == ["a", 1, True]


@pytest.mark.parametrize("nested", [Not, lambda part: AllOf((part,)), lambda part: AnyOf((part,))])
def test_the_columns_of_a_condition_are_found_however_deep(nested: type[Not]) -> None:
    column = Column("a.b", Kind.TEXT, nullable=False, alias="a")
    condition = AllOf((nested(Compare(column, Operator.EQ, "x")), AnyOf(())))
    assert list(columns_in(condition)) == [column]
