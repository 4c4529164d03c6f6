"""Work that must go on beside everything else for as long as a process lives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from counterfoil.kit.clock import Clock
from counterfoil.kit.pauses import Pauses

log = logging.getLogger(__name__)


@asynccontextmanager
async def kept_running(
    work: Callable[[], Awaitable[None]],
    *,
    clock: Clock,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[None]:
    """Do `work` beside the body. Whenever it ends, that is logged, and it is begun again.

    The pauses before that, of as many seconds as `pause` is given, grow from end to end.
    """
    task = asyncio.create_task(_again_and_again(work, clock, pause))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _again_and_again(
    work: Callable[[], Awaitable[None]], clock: Clock, pause: Callable[[float], Awaitable[None]]
) -> None:
    pauses = Pauses()
    while True:
        began = clock.now()
        try:
            await work()
        except Exception:
            log.exception("work of this process has failed, and will be begun again")
        else:
            log.error("work of this process has ended, and will be begun again")
        await pause(pauses.after(lived=(clock.now() - began).total_seconds()))
