"""How the page looks and feels: both colour schemes, a phone, the keyboard alone."""

from __future__ import annotations

import re
from functools import partial

from playwright.async_api import Page, expect

from tests.journeys.looks import require_good_looks_everywhere
from tests.journeys.person import Person
from tests.journeys.product import Product


class TestColoursAndSizes:
    async def test_every_page_is_accessible_and_fits(
        self, shared_linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, shared_linked_product).arrive()
        banks = f"{person.product.address}/banks"

        async def come(address: str) -> None:
            await page.goto(address)
            await expect(page.get_by_role("heading").first).to_be_visible()

        async def come_to_an_account() -> None:
            await page.goto(banks)
            await page.get_by_role("link", name=re.compile("^Business Credit Card")).click()
            await expect(page.get_by_text("Pending").first).to_be_visible()

        await require_good_looks_everywhere(page, "linked-accounts", partial(come, banks))
        await require_good_looks_everywhere(page, "add-bank", partial(come, f"{banks}/add"))
        await require_good_looks_everywhere(page, "account", come_to_an_account)


class TestKeyboardAlone:
    async def test_refresh_status_and_edit_are_reached_without_a_mouse(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
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
        edit = page.get_by_role("dialog", name="Edit name and memo")
        await expect(edit).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(edit).to_have_count(0)  # the status, focused again, soon opens its own
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
