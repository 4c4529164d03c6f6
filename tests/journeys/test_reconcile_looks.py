"""How the Reconcile page looks: both colour schemes, a wide screen and a phone."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.journeys.desk import Desk
from tests.journeys.looks import HEIGHTS, Look, both_schemes, require_good_looks, show
from tests.journeys.product import Product
from tests.journeys.test_reconcile import begin

WAYS = ("Match", "New", "Transfer", "Split")


class TestColoursAndSizes:
    async def test_accounts_lines_and_every_way_are_accessible_and_fit(
        self, shared_linked_product: Product, page: Page
    ) -> None:
        desk = await begin(page, shared_linked_product)
        address = page.url
        for width in HEIGHTS:
            await show(page, Look("light", width))
            await page.goto(f"{shared_linked_product.address}/reconcile")
            await expect(page.get_by_role("progressbar")).to_be_visible()
            await require_good_looks(page, "reconcile-accounts", *both_schemes(width))
            await page.goto(address)
            await expect(desk.in_hand).to_be_visible()
            await require_good_looks(page, "reconcile-lines", *both_schemes(width))
            await self.look_at_the_line_in_hand(desk, width)

    async def look_at_the_line_in_hand(self, desk: Desk, width: int) -> None:
        page = desk.page
        await desk.in_hand.click()
        ways = page.get_by_role("group", name="What to do with this line")
        for way in WAYS:
            await ways.get_by_role("button", name=re.compile(f"^{way}")).click()
            form = page.get_by_role("form", name="New entry" if way == "New" else way)
            await expect(form).to_be_visible()
            await require_good_looks(page, f"reconcile-{way.lower()}", *both_schemes(width))
