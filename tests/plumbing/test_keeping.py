"""Work that is begun again whenever it ends."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from counterfoil.plumbing.keeping import kept_running
from tests.fakes import FixedClock, RecordingPause


class TestKeptRunning:
    async def test_begins_again_after_a_failure_with_growing_pauses(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        clock, begun, enough = FixedClock(), 0, asyncio.Event()

        async def work() -> None:
            nonlocal begun
            begun += 1
            if begun == 5:
                enough.set()
                await asyncio.Event().wait()
            clock.advance(timedelta(seconds=90 if begun == 3 else 1))
            raise ValueError("unforeseen")

        pause = RecordingPause(clock)
        with caplog.at_level(logging.ERROR):
            async with kept_running(work, clock=clock, pause=pause), asyncio.timeout(10):
                await enough.wait()
        assert pause.seconds == [0.5, 1, 0.5, 1]
        assert len(caplog.records) == 4
        assert caplog.records[0].exc_info is not None

    async def test_begins_again_when_it_simply_ended(self) -> None:
        clock, begun, enough = FixedClock(), 0, asyncio.Event()

        async def work() -> None:
            nonlocal begun
            begun += 1
            if begun == 2:
                enough.set()

        async with kept_running(work, clock=clock, pause=RecordingPause(clock)):
            async with asyncio.timeout(10):
                await enough.wait()

    async def test_ends_with_the_body(self) -> None:
        began, ended = asyncio.Event(), asyncio.Event()

        async def work() -> None:
            began.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        async with kept_running(work, clock=FixedClock()):
            await began.wait()
        assert ended.is_set()
