"""Rounds of measurements that share whatever else the machine does meanwhile."""

from __future__ import annotations

import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from statistics import median

Trial = Callable[[], Awaitable[float]]
"""One measurement; its seconds."""


async def medians(trials: Mapping[str, Trial], *, rounds: int) -> Mapping[str, float]:
    """Run each once to warm up, then all in turn `rounds` times; the median milliseconds of each.

    Taking turns gives each the same share of the machine's noise. Before each measurement what is
    garbage in this process is collected; during it the collector works as it does in production.
    """
    taken: dict[str, list[float]] = {name: [] for name in trials}
    for number in range(rounds + 1):
        for name, trial in trials.items():
            gc.collect()
            seconds = await trial()
            if number:
                taken[name].append(seconds * 1000)
    return {name: median(values) for name, values in taken.items()}


class Stopwatch:
    """Seconds between entering and leaving."""

    seconds = 0.0


@asynccontextmanager
async def stopwatch() -> AsyncIterator[Stopwatch]:
    """Measure the body."""
    watch = Stopwatch()
    begun = time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - begun
