"""Debian's Chromium without a window."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserType, async_playwright, expect

_FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]

expect.set_options(timeout=60_000)  # its own five seconds are too few on a busy machine


class Chromium:
    """A browser that is started when it is asked for, and anew after it died."""

    def __init__(self, kind: BrowserType) -> None:
        self._kind = kind
        self._running: Browser | None = None

    async def browser(self) -> Browser:
        """The one that runs."""
        if self._running is None or not self._running.is_connected():
            self._running = await self._launched()
        return self._running

    async def close(self) -> None:
        if self._running is not None:
            await self._running.close()

    async def _launched(self) -> Browser:
        path = shutil.which("chromium")
        assert path is not None, "chromium is missing; `make setup-test` installs it"
        flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else _FLAGS
        return await self._kind.launch(executable_path=path, args=flags)


@asynccontextmanager
async def chromium() -> AsyncIterator[Chromium]:
    """Chromium with its driver, until the block ends."""
    async with async_playwright() as playwright:
        running = Chromium(playwright.chromium)
        yield running
        await running.close()
