"""What a start does: after it, the books stand at the bank's balance and what is outstanding."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.reconciliation.starting import OpenLine, plan

AMOUNTS = st.integers(-(10**12), 10**12)
LINES = st.lists(AMOUNTS.filter(bool), max_size=8).map(
    lambda amounts: [OpenLine(UUID(int=number), each) for number, each in enumerate(amounts)]
)


class TestPlan:
    @given(
        books=AMOUNTS,
        balance=AMOUNTS,
        lines=LINES,
        chosen=st.sets(st.integers(0, 7)),
        lacking=st.lists(AMOUNTS, max_size=4),
    )
    def test_books_end_at_the_balance_and_what_is_outstanding(
        self,
        books: int,
        balance: int,
        lines: list[OpenLine],
        chosen: set[int],
        lacking: list[int],
    ) -> None:
        outstanding = {UUID(int=number) for number in chosen}
        planned = plan(
            books_minor=books,
            balance_minor=balance,
            open_lines=lines,
            outstanding=outstanding,
            lacking=lacking,
        )
        waiting = [line for line in lines if line.id in outstanding]
        after = books + planned.difference_minor
        assert after == balance + sum(line.open_minor for line in waiting) + sum(lacking)
        assert planned.difference_minor == planned.cleared_minor + sum(lacking)
        assert {line.id for line in planned.cleared} == {line.id for line in lines} - outstanding

    def test_books_that_agree_post_nothing(self) -> None:
        lines = [OpenLine(UUID(int=1), 300)]
        planned = plan(
            books_minor=1_300, balance_minor=1_000, open_lines=lines, outstanding={UUID(int=1)}
        )
        assert not planned.posts

    def test_an_item_that_the_difference_cancels_is_still_posted(self) -> None:
        planned = plan(
            books_minor=0, balance_minor=250, open_lines=(), outstanding=(), lacking=[-250]
        )
        assert (planned.difference_minor, planned.cleared_minor, planned.posts) == (0, 250, True)
