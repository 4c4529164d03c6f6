"""Reconciling a bank account in the browser, by keyboard and by pointer."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.journeys.desk import Desk, tie
from tests.journeys.person import SETTLED, Person
from tests.journeys.product import Product


async def begin(page: Page, product: Product) -> Desk:
    await Person(page, product).arrive()
    await tie(page, "Business Checking", "1010")
    desk = Desk(page)
    await desk.open("Business Checking")
    return desk


class TestReconcile:
    async def test_lines_are_booked_split_excluded_and_undone_in_a_later_session(
        self, linked_product: Product, page: Page, browser: Browser
    ) -> None:
        desk = await begin(page, linked_product)
        count = await desk.waiting()
        await desk.book("6600")
        await desk.has_left(count - 1)
        await self.split(desk)
        await desk.has_left(count - 2)
        await self.exclude(desk)
        await desk.has_left(count - 3)
        state = await page.context.storage_state()
        later = await browser.new_context(storage_state=state, locale="en-US")
        other = await later.new_page()
        await other.goto(page.url)
        again = Desk(other)
        for undone in range(1, 4):
            await again.undo_last_of_history()
            await other.keyboard.press("Escape")
            await again.has_left(count - 3 + undone)
        await later.close()
        await desk.has_left(count)

    async def split(self, desk: Desk) -> None:
        page = desk.page
        before = await desk.in_hand.get_attribute("id")
        await desk.lines.focus()
        await page.keyboard.press("p")
        for field, number in (("Ledger account", "6100"), ("Ledger account of line 2", "6200")):
            await page.get_by_role("combobox", name=field, exact=True).fill(number)
            await page.get_by_role("option", name=re.compile(f"^{number}")).click()
        await page.get_by_role("textbox", name="Amount", exact=True).fill("1.00")
        await page.keyboard.press("Control+Enter")
        await expect(desk.lines.locator(f"[id='{before}']")).to_have_count(0, timeout=SETTLED)

    async def exclude(self, desk: Desk) -> None:
        page = desk.page
        await desk.lines.focus()
        await page.keyboard.press("e")
        dialog = page.get_by_role("dialog", name=re.compile("^Exclude"))
        await dialog.get_by_role("textbox", name="Reason").fill("Private")
        await page.keyboard.press("Enter")
        await expect(dialog).to_be_hidden()

    async def test_a_month_is_brought_to_zero_by_keyboard_alone(
        self, linked_product: Product, page: Page
    ) -> None:
        desk = await begin(page, linked_product)
        await page.goto(f"{page.url}?from=2026-10-01&to=2026-10-31")
        await expect(desk.in_hand).to_be_visible()
        for _ in range(await desk.waiting()):
            await desk.book("6600")
        await desk.has_left(0)
        await expect(page.get_by_text("Nothing to review.")).to_be_visible()
