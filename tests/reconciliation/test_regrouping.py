"""What matches come to when a line gives something else."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.reconciliation.regrouping import (
    Group,
    group_of_json,
    handed_over,
    spread,
    with_difference,
    with_less,
    within,
)

AMOUNTS = st.integers(min_value=-900, max_value=900).filter(bool)
LINE, NEW = UUID(int=1), UUID(int=2)


@st.composite
def groups(draw: st.DrawFn) -> Group:
    """A group that adds up, in which `LINE` gives something."""
    bank = {LINE: draw(AMOUNTS)} | {
        UUID(int=10 + place): amount
        for place, amount in enumerate(draw(st.lists(AMOUNTS, max_size=3)))
    }
    journal = {
        UUID(int=20 + place): amount
        for place, amount in enumerate(draw(st.lists(AMOUNTS, max_size=3)))
    }
    left = sum(bank.values()) - sum(journal.values())
    if left:
        journal[UUID(int=30)] = left
    return Group(UUID(int=3), UUID(int=4), UUID(int=5), "USD", date(2026, 3, 9), bank, journal)


def adds_up(group: Group) -> bool:
    return sum(group.bank.values()) == sum(group.journal.values())


def is_part(part: dict[UUID, int], whole: dict[UUID, int]) -> bool:
    return all(within(amount, whole[one]) == amount for one, amount in part.items())


@given(group=groups(), share=st.integers(min_value=0, max_value=100))
def test_with_less_of_a_line_nothing_gives_more_and_it_adds_up(group: Group, share: int) -> None:
    whole = group.bank[LINE]
    given_now = abs(whole) * share // 100 * (1 if whole > 0 else -1)
    after = with_less(group, LINE, given_now)
    assert after.bank.get(LINE, 0) == given_now
    assert adds_up(after)
    assert is_part(dict(after.bank), dict(group.bank))
    assert is_part(dict(after.journal), dict(group.journal))
    assert 0 not in [*after.bank.values(), *after.journal.values()]
    assert len(after.bank) + len(after.journal) != 1


@given(group=groups(), amount=st.integers(min_value=-900, max_value=900))
def test_a_difference_beside_it_adds_up(group: Group, amount: int) -> None:
    after = with_difference(group, LINE, amount, NEW)
    assert adds_up(after)
    assert after.bank.get(LINE, 0) == amount
    assert after.journal.get(NEW, 0) == amount - group.bank[LINE]


@given(group=groups(), to=st.sampled_from([NEW, UUID(int=10)]))
def test_another_line_gives_what_the_line_gave(group: Group, to: UUID) -> None:
    after = handed_over(group, LINE, to)
    assert adds_up(after)
    assert LINE not in after.bank
    assert after.bank.get(to, 0) == group.bank[LINE] + group.bank.get(to, 0)


@given(group=groups())
def test_what_is_kept_of_a_group_is_the_group(group: Group) -> None:
    assert group_of_json(group.as_json) == group


@given(
    parts=st.lists(st.integers(min_value=1, max_value=300), min_size=1, max_size=4),
    negative=st.booleans(),
    total=st.integers(min_value=-900, max_value=900),
)
def test_parts_come_to_the_total_and_the_first_ones_stay(
    parts: list[int], negative: bool, total: int
) -> None:
    parts = [-part for part in parts] if negative else parts
    after = spread(parts, total)
    assert (sum(after), len(after)) == (total, len(parts))
    for part, now in zip(parts[:-1], after[:-1], strict=True):
        assert within(now, part) == now


def test_the_last_part_gives_way_first() -> None:
    assert spread([-60, -40], -70) == [-60, -10]
    assert spread([-60, -40], -50) == [-50, 0]
    assert spread([-60, -40], -120) == [-60, -60]
    assert spread([-60, -40], 30) == [0, 30]
    assert spread([-60, -40], 0) == [0, 0]
    assert spread([], 0) == []
