"""A hundred bank lines, one after the other, by keyboard alone."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.journeys.desk import Desk
from tests.journeys.person import SETTLED, Person
from tests.journeys.product import Product
from tests.journeys.test_reconcile import begin

MANY = 100


def checking_account(product: Product) -> str:
    """The bank's own id of Business Checking."""
    logins = product.sandbox.get("/state")["logins"]
    accounts = [account for login in logins for account in login["accounts"]]
    return str(next(one["account_id"] for one in accounts if one["name"] == "Business Checking"))


class TestAHundredLines:
    async def test_they_are_booked_without_a_mouse_and_the_books_stay_whole(
        self, linked_product: Product, page: Page
    ) -> None:
        desk = await begin(page, linked_product)
        count = await self.fill_up(linked_product, desk)
        for _ in range(MANY):
            await desk.book("6600")
        await desk.has_left(count - MANY)
        progress = page.get_by_role("progressbar", name=f"{MANY} of {count} reconciled")
        await expect(progress).to_be_visible()
        verified = linked_product.run("verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr

    async def fill_up(self, product: Product, desk: Desk) -> int:
        """Let the bank write as many lines as are missing; how many are for review then."""
        there = await desk.waiting()
        missing = max(0, MANY - there)
        bank_account = checking_account(product)
        product.sandbox.post(f"/accounts/{bank_account}/generate", count=missing, days=20)
        await desk.page.get_by_role("link", name="Link Banks").first.click()
        await Person(desk.page, product).refresh_button("Business Checking").click()
        await desk.page.go_back()
        await expect(desk.left).to_have_text(f"For review {there + missing}", timeout=SETTLED)
        return there + missing
