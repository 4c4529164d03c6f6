"""How the Reconcile page looks: both colour schemes, a wide screen and a phone."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.journeys.desk import Desk
from tests.journeys.product import Product
from tests.journeys.test_looks import picture, require_accessible, require_no_sideways_scroll
from tests.journeys.test_reconcile import begin

WAYS = ("Match", "New", "Transfer", "Split")
SCHEMES = ("light", "dark")
HEIGHTS = {1440: 900, 360: 740}


async def look(page: Page, name: str) -> None:
    await picture(page, name)
    await require_no_sideways_scroll(page)
    await require_accessible(page)


class TestColoursAndSizes:
    async def test_accounts_lines_and_every_way_are_accessible_and_fit(
        self, linked_product: Product, page: Page
    ) -> None:
        desk = await begin(page, linked_product)
        address = page.url
        for width, height in HEIGHTS.items():
            await page.set_viewport_size({"width": width, "height": height})
            await page.goto(f"{linked_product.address}/reconcile")
            await expect(page.get_by_role("progressbar")).to_be_visible()
            await self.in_both_schemes(page, f"reconcile-accounts-{width}")
            await page.goto(address)
            await expect(desk.in_hand).to_be_visible()
            await self.in_both_schemes(page, f"reconcile-lines-{width}")
            await self.look_at_the_line_in_hand(desk, width)

    async def look_at_the_line_in_hand(self, desk: Desk, width: int) -> None:
        page = desk.page
        await desk.in_hand.click()
        ways = page.get_by_role("group", name="What to do with this line")
        for way in WAYS:
            await ways.get_by_role("button", name=re.compile(f"^{way}")).click()
            form = page.get_by_role("form", name="New entry" if way == "New" else way)
            await expect(form).to_be_visible()
            await self.in_both_schemes(page, f"reconcile-{way.lower()}-{width}")

    async def in_both_schemes(self, page: Page, name: str) -> None:
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            await look(page, f"{name}-{scheme}")
