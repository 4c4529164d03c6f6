"""The bank's memory: records, shelves and the state file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakebank.bank.records import Account, Description, Line, PlannedLine
from fakebank.codec import from_plain, to_plain
from fakebank.faults import Fault
from fakebank.plaid.outbox import Delivery
from fakebank.plaid.records import LinkSession, LinkToken
from fakebank.shelves import Shelf, StateFile, StateFileUnusable

moments = st.datetimes(timezones=st.just(UTC))
amounts = st.decimals(allow_nan=False, places=4)
described = st.builds(Description, st.text(), st.none() | st.text())
records = st.one_of(
    st.builds(
        Line, st.text(), st.text(), amounts, st.text(), st.dates(), st.none() | st.dates(),
        described, st.integers(), st.integers(), posts_at=st.none() | moments,
        final_amount=st.none() | amounts,
    ),
    st.builds(
        Account, *[st.text()] * 3, st.none() | st.text(), st.none() | st.text(),
        *[st.text()] * 3, opening=amounts, limit=st.none() | amounts,
        planned=st.lists(st.builds(PlannedLine, moments, moments, amounts, described)),
    ),
    st.builds(Fault, st.text(), st.text(), count_left=st.none() | st.integers(), until=moments),
    st.builds(
        LinkToken, st.text(), st.text(), moments, moments, st.none() | moments,
        st.dictionaries(st.text(), st.integers() | st.text()),
        sessions=st.lists(st.builds(LinkSession, st.text(), moments)),
    ),
    st.builds(Delivery, st.text(), st.text(), st.just({"a": [1]}), moments, st.none() | moments),
)  # fmt: skip


def line(line_id: str, amount: int = 1) -> Line:
    on = date(2026, 1, 1)
    return Line(line_id, "a", Decimal(amount), "USD", on, on, Description("X"), 1, 1)


def shelf() -> Shelf[Line]:
    return Shelf("line", Line, key=lambda each: each.line_id)


class TestCodec:
    @given(record=records)
    def test_record_comes_back_as_it_was(self, record: object) -> None:
        assert from_plain(type(record), to_plain(record)) == record

    def test_record_of_an_older_version_takes_the_usual_values(self) -> None:
        plain = to_plain(line("1"))
        del plain["restored_position"]
        plain["of_a_newer_version"] = 1
        assert from_plain(Line, plain) == line("1")

    def test_moment_keeps_its_zone(self) -> None:
        at = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
        delivery = Delivery("1", "u", {}, at, None)
        assert from_plain(Delivery, to_plain(delivery)).created_at == at


class TestStateFile:
    def test_keeps_what_was_put_and_forgets_what_was_dropped(self, tmp_path: Path) -> None:
        path, shelved = tmp_path / "state", shelf()
        for each in ("1", "2", "3"):
            shelved.put(line(each))
        file = StateFile(path)
        file.save([shelved])
        shelved.drop("2")
        shelved.put(line("3", amount=7))
        file.save([shelved])
        file.close()
        again, file = shelf(), StateFile(path)
        file.load([again])
        file.close()
        assert list(again) == [line("1"), line("3", amount=7)]

    def test_change_that_was_not_put_is_not_kept(self, tmp_path: Path) -> None:
        shelved, file = shelf(), StateFile(tmp_path / "state")
        shelved.put(line("1"))
        file.save([shelved])
        assert shelved.take_changes() == []
        file.close()

    def test_record_that_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        file = StateFile(tmp_path / "state")
        others: Shelf[Fault] = Shelf("line", Fault, key=lambda each: each.fault_id)
        others.put(Fault("1", "down"))
        file.save([others])
        with pytest.raises(StateFileUnusable, match="cannot be used"):
            file.load([shelf()])
        file.close()
