"""A real browser in front of the whole product."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.journeys.homes import copy_home
from tests.journeys.person import Person
from tests.journeys.product import Product, free_ports, started
from tests.services.chromium import Chromium
from tests.services.chromium import chromium as running_chromium
from tests.services.homes import furnish
from tests.services.sharing import made_once, shared_folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys run in one event loop, since the browser that they share belongs to one."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture
def product(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Product]:
    """The whole product, fresh, on SQLite and its own Valkey server."""
    with started(furnish(tmp_path / "data", migrated_sqlite)) as running:
        yield running


@pytest.fixture(scope="session")
def shared_product(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path
) -> Iterator[Product]:
    """The whole product without a bank, for all journeys that nobody else notices.

    Such a journey adds no bank, ends what it began at a bank's page, and keeps out of the period
    lock. In the books it may post entries and add ledger accounts: nobody relies on what the
    journal holds, only on what they posted themselves.
    """
    home = furnish(tmp_path_factory.mktemp("shared") / "data", migrated_sqlite)
    with started(home) as running:
        yield running


@pytest.fixture(scope="session")
def linked_home(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """What a product has stored in which somebody added First Platypus Bank; see `copy_home`."""

    def make(home: Path) -> None:
        with started(furnish(home, migrated_sqlite)) as running:
            asyncio.run(_link(running))

    return made_once(shared_folder(tmp_path_factory) / "linked", make)


async def _link(product: Product) -> None:
    async with running_chromium() as chromium:
        page = await (await chromium.browser()).new_page()
        person = Person(page, product)
        await person.sign_in()
        await person.add_bank()
        await person.sees_status("Business Checking", "All Data Received")


@pytest.fixture
def linked_product(tmp_path: Path, linked_home: Path) -> Iterator[Product]:
    """A product of its own in which First Platypus Bank was linked, all data received."""
    ports = free_ports()
    with started(copy_home(linked_home, tmp_path / "data", ports), ports=ports) as running:
        yield running


@pytest.fixture(scope="session")
def shared_linked_product(
    tmp_path_factory: pytest.TempPathFactory, linked_home: Path
) -> Iterator[Product]:
    """A product in which First Platypus Bank was linked, for journeys that nobody else notices.

    Such a journey looks; what it chooses to see stays in its own browser. It does not name,
    hide, delete or book anything, asks for no refresh, and sets the bank no faults. One thing may
    be there that another made: Business Checking may be kept in ledger account 1010.
    """
    ports = free_ports()
    home = copy_home(linked_home, tmp_path_factory.mktemp("shared-linked") / "data", ports)
    with started(home, ports=ports) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """One browser for all journeys of a test process."""
    async with running_chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Chromium) -> Browser:
    return await chromium.browser()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser with an English reader in New York, who sees a page of 1440 px."""
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-US", timezone_id="America/New_York"
    )
    context.set_default_timeout(60_000)
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


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A tab that listens to its console."""
    async with listening(context) as tab:
        yield tab
