from __future__ import annotations

import pytest

from counterfoil.launcher.readiness import NotReady, ready


class TestReady:
    async def test_gives_up_in_one_sentence(self) -> None:
        async def never() -> bool:
            return False

        with pytest.raises(NotReady) as gave_up:
            await ready(never, "Redis at db:6379", within=0.2, advice=" (see REDIS_URL).")
        assert str(gave_up.value) == (
            "Redis at db:6379 did not answer within 0.2 s (see REDIS_URL)."
        )

    async def test_returns_at_the_first_yes(self) -> None:
        answers = iter([False, False, True])

        async def third_time() -> bool:
            return next(answers)

        await ready(third_time, "It")
        assert list(answers) == []
