from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kit.pauses import FIRST, GOOD_WHILE, LONGEST, Pauses


class TestAfter:
    def test_doubles_up_to_the_longest(self) -> None:
        pauses = Pauses()
        found = [pauses.after(lived=1) for _ in range(9)]
        assert found == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]

    def test_begins_anew_after_a_good_while(self) -> None:
        pauses = Pauses()
        found = [pauses.after(lived=lived) for lived in (1, 1, 1, 60, 1)]
        assert found == [0.5, 1, 2, 0.5, 1]

    @given(st.lists(st.floats(min_value=0, max_value=1e6)))
    def test_is_never_shorter_than_the_first_nor_longer_than_the_longest(
        self, lives: list[float]
    ) -> None:
        pauses = Pauses()
        assert all(FIRST <= pauses.after(lived=lived) <= LONGEST for lived in lives)

    @given(st.lists(st.floats(min_value=0, max_value=GOOD_WHILE, exclude_max=True)))
    def test_grows_while_the_child_keeps_dying(self, lives: list[float]) -> None:
        pauses = Pauses()
        found = [pauses.after(lived=lived) for lived in lives]
        assert found == sorted(found)
