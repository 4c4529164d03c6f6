"""Cursors come back as they were given out, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kit.conditions import Column, Kind
from counterfoil.kit.cursors import CursorMismatch, pack, unpack

_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    Kind.UUID: st.uuids(),
    Kind.DATE: st.dates(),
    Kind.MOMENT: st.datetimes(timezones=st.just(UTC)),
    Kind.WHOLE: st.integers(-(2**63), 2**63 - 1),
}
_KEYS = st.lists(
    st.sampled_from(list(_VALUES)).flatmap(
        lambda kind: st.tuples(st.just(kind), st.none() | _VALUES[kind])
    ),
    max_size=4,
)


def _columns(keys: list[tuple[Kind, Any]]) -> list[Column]:
    return [Column("x", kind, nullable=True) for kind, _ in keys]


@given(keys=_KEYS)
def test_what_was_packed_is_unpacked(keys: list[tuple[Kind, Any]]) -> None:
    values = [value for _, value in keys]
    cursor = pack("mark", values)
    assert cursor.isascii()
    assert unpack(cursor, mark="mark", columns=_columns(keys), argument="after") == values


@given(text=st.text() | st.binary().map(lambda raw: raw.hex()))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(CursorMismatch):
        unpack(text, mark="mark", columns=[], argument="after")


def test_a_cursor_of_another_question_is_refused() -> None:
    with pytest.raises(CursorMismatch) as refused:
        unpack(pack("other", []), mark="mark", columns=[], argument="before")
    assert refused.value.field == ("before",)


def test_null_is_refused_where_no_value_is_null() -> None:
    column = Column("x", Kind.WHOLE, nullable=False)
    with pytest.raises(CursorMismatch):
        unpack(pack("mark", [None]), mark="mark", columns=[column], argument="after")
