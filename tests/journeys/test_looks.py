"""How the page looks and feels: both colour schemes, a phone, the keyboard alone."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.journeys.person import Person
from tests.journeys.product import Product

PICTURES = os.environ.get("PICTURES")
"""Where to leave pictures of the page, if anywhere; the front page of the project shows one."""


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", animations="disabled")


async def require_accessible(page: Page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def require_no_sideways_scroll(page: Page) -> None:
    wide = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide == 0, f"the page is {wide} px too wide"


@pytest.fixture
async def person(linked_product: Product, page: Page) -> Person:
    """Somebody with a bank."""
    return await Person(page, linked_product).arrive()


class TestColoursAndSizes:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1440, 360])
    async def test_every_page_is_accessible_and_fits(
        self, person: Person, scheme: str, width: int
    ) -> None:
        page = person.page
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.set_viewport_size({"width": width, "height": 900 if width > 400 else 740})
        for address, what in (("/banks", "linked-accounts"), ("/banks/add", "add-bank")):
            await page.goto(person.product.address + address)
            await expect(page.get_by_role("heading").first).to_be_visible()
            await self.look(page, f"{what}-{scheme}-{width}")
        await page.goto(f"{person.product.address}/banks")
        await page.get_by_role("link", name=re.compile("^Business Credit Card")).click()
        await expect(page.get_by_text("Pending").first).to_be_visible()
        await self.look(page, f"account-{scheme}-{width}")

    async def look(self, page: Page, name: str) -> None:
        await picture(page, name)
        await require_no_sideways_scroll(page)
        await require_accessible(page)


class TestKeyboardAlone:
    async def test_refresh_status_and_edit_are_reached_without_a_mouse(
        self, person: Person
    ) -> None:
        page = person.page
        await page.reload()
        await expect(person.rows.first).to_be_visible()
        await self.tab_into_the_grid(page)
        await page.keyboard.press("Control+Home")
        await page.keyboard.press("ArrowDown")
        await expect(person.rows.locator(":focus")).to_have_count(1)
        detail = page.get_by_role("dialog", name=re.compile("^Status of"))
        for _ in range(4):
            await page.keyboard.press("ArrowRight")
        await expect(detail).to_be_visible()
        await page.keyboard.press("ArrowLeft")
        await expect(detail).to_have_count(0)
        await page.keyboard.press("s")
        await expect(page.get_by_role("dialog", name=re.compile("^Status of"))).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.press("e")
        await expect(page.get_by_role("dialog")).to_contain_text("Edit name and memo")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(person.rows.locator(":focus")).to_have_count(1)
        slow = {"path": "/transactions/sync", "seconds": 3, "count": 1}
        person.product.sandbox.post("/faults", kind="delay", **slow)
        await page.keyboard.press("r")
        await expect(person.rows.first).to_contain_text(
            re.compile("Waiting to start|Connecting|Accounts|Transactions|Saving|Balances")
        )
        await person.sees_status("Business Checking", "All Data Received")

    async def tab_into_the_grid(self, page: Page) -> None:
        """The grid is one stop among the page's others."""
        for _ in range(20):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.closest('[role=grid]') !== null"):
                return
        raise AssertionError("Tab does not lead into the grid")
