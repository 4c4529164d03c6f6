"""A real browser in front of the whole product."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    async_playwright,
)

from tests.journeys.person import Person
from tests.journeys.product import Ports, Product, started
from tests.services.homes import furnish
from tests.services.processes import free_port

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


@pytest.fixture(scope="session")
def ports() -> Ports:
    """The same ports for every product of a test process: a bank that was linked still calls."""
    return Ports(free_port(), free_port())


@pytest.fixture
def product(tmp_path: Path, migrated_sqlite: Path, ports: Ports) -> Iterator[Product]:
    """The whole product, fresh, on SQLite and its own Valkey server."""
    with started(furnish(tmp_path / "data", migrated_sqlite), ports=ports) as running:
        yield running


@pytest.fixture(scope="session")
def linked_home(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, ports: Ports
) -> Path:
    """What a product has stored in which somebody added First Platypus Bank; copy it."""
    home = furnish(tmp_path_factory.mktemp("linked") / "data", migrated_sqlite)
    with started(home, ports=ports) as running:
        asyncio.run(_link(running))
    return home


async def _link(product: Product) -> None:
    async with chromium() as browser:
        page = await browser.new_page()
        person = Person(page, product)
        await person.sign_in()
        await person.add_bank()
        await person.sees_status("Business Checking", "All Data Received")


@pytest.fixture
def linked_product(tmp_path: Path, linked_home: Path, ports: Ports) -> Iterator[Product]:
    """A product of its own in which First Platypus Bank was linked, all data received."""
    home = tmp_path / "data"
    shutil.copytree(linked_home, home)
    with started(home, ports=ports) as running:
        yield running


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium without a window."""
    path = shutil.which("chromium")
    assert path is not None, "chromium is missing; `make setup-test` installs it"
    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else _FLAGS
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=flags)
        yield running
        await running.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


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
