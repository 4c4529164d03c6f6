"""Ids: opaque, unique across types, and never taken for what they are not."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.api import ids
from counterfoil.errors import NotFound

_TYPES = st.sampled_from(["BankAccount", "BankLink", "BankTransaction", "Refresh", "User"])


@given(type_name=_TYPES, row_id=st.uuids())
def test_come_back_as_they_went(type_name: str, row_id: UUID) -> None:
    shown = ids.encode(type_name, row_id)
    assert len(shown) == 24
    assert ids.parse(shown) == (type_name, row_id)
    assert ids.decode(shown, "Organization", type_name) == row_id


@given(one=_TYPES, other=_TYPES, row_id=st.uuids())
def test_one_row_id_of_two_types_is_two_ids(one: str, other: str, row_id: UUID) -> None:
    assert (ids.encode(one, row_id) == ids.encode(other, row_id)) is (one == other)


@given(text=st.text() | st.text(alphabet="YmEBogNUyYt8zKoMNPj5BGEz-_=", min_size=24, max_size=24))
def test_whatever_else_there_is_has_one_spelling_or_is_none(text: str) -> None:
    parsed = ids.parse(text)
    assert parsed is None or ids.encode(*parsed) == text


@given(row_id=st.uuids())
def test_an_id_of_another_type_is_answered_like_one_of_nothing(row_id: UUID) -> None:
    for text in (ids.encode("BankLink", row_id), "nonsense", ""):
        with pytest.raises(NotFound) as refused:
            ids.decode(text, "BankAccount", field=("bank_account_id",))
        assert refused.value.field == ("bank_account_id",)
