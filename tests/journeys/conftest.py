"""A real browser in front of the whole product."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    async_playwright,
)

from tests.journeys.product import Product, started

_FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)


@pytest.fixture
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product, fresh, on SQLite and its own Valkey server."""
    with started(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium without a window."""
    path = shutil.which("chromium")
    assert path is not None, "chromium is missing; `make setup-test` installs it"
    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else _FLAGS
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        await chromium.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser with an English reader in New York, who sees a page of 1440 px."""
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-US", timezone_id="America/New_York"
    )
    context.set_default_timeout(15_000)
    yield context
    await context.close()


@asynccontextmanager
async def listening(context: BrowserContext) -> AsyncIterator[Page]:
    """A tab that fails its test when anything is written to the console as a warning or error."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("warning", "error"):
            complaints.append(f"{message.type}: {message.text}")

    tab = await context.new_page()
    tab.on("console", hear)
    tab.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    yield tab
    assert complaints == []


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A tab that listens to its console."""
    async with listening(context) as tab:
        yield tab
