"""What a person does in the browser, in the words of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from tests.journeys.product import Product

SETTLED = 180_000  # milliseconds that a bank may take to hand over everything


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the product's page."""

    page: Page
    product: Product

    async def sign_in(self) -> None:
        """By the link that the console shows; it works once, so later by the cookies it gave."""
        context, cookies = self.page.context, self.product.cookies
        here = self.product.address
        await context.add_cookies(
            [{"name": name, "value": value, "url": here} for name, value in cookies.items()]
        )
        await self.page.goto(f"{here}/banks" if cookies else self.product.sign_in_link)
        await expect(self.page.get_by_role("heading", name="Link Banks")).to_be_visible()
        cookies.update({one["name"]: one["value"] for one in await context.cookies()})

    async def arrive(self) -> Person:
        """Sign in where First Platypus Bank was linked before."""
        await self.sign_in()
        await self.sees_status("Business Checking", "All Data Received")
        return self

    async def open_bank_page(self) -> None:
        """Add Bank/CC, up to the sandbox bank's list of institutions."""
        await self.page.get_by_role("link", name="Add Bank/CC").first.click()
        await self.page.get_by_role("button", name="Choose your institution").click()
        await expect(self.page.get_by_role("heading", name="Choose your bank")).to_be_visible()

    async def choose_bank(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).click()

    async def enter(self, username: str, password: str) -> None:
        """Fill in the bank's sign-in form."""
        await self.page.locator("input[name=username]").fill(username)
        await self.page.locator("input[name=password]").fill(password)
        await self.page.keyboard.press("Enter")

    async def share(self) -> None:
        """Share every account, and come back to the table."""
        await self.page.get_by_role("button", name="Share and finish").click()
        await self.page.wait_for_url(re.compile(r"/banks(\?|$)"), timeout=SETTLED)

    async def add_bank(
        self,
        name: str = "First Platypus Bank",
        username: str = "user_good",
        password: str = "pass_good",
    ) -> None:
        """The whole way, until the first account stands in the table."""
        await self.open_bank_page()
        await self.choose_bank(name)
        await self.enter(username, password)
        await self.share()
        await expect(self.rows.first).to_be_visible(timeout=SETTLED)

    @property
    def rows(self) -> Locator:
        """The accounts in the table, without its header."""
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader"))

    def row(self, account: str) -> Locator:
        header = self.page.get_by_role("rowheader", name=re.compile(rf"^{re.escape(account)}"))
        return self.page.get_by_role("row").filter(has=header)

    async def sees_status(self, account: str, words: str) -> None:
        """Wait until the account's status says so."""
        await expect(self.row(account)).to_contain_text(words, timeout=SETTLED)

    def refresh_button(self, account: str) -> Locator:
        return self.row(account).get_by_role("button", name=re.compile("^Refresh"))

    async def open_status(self, account: str) -> Locator:
        """All that is known about the account's status."""
        await self.row(account).locator("button[aria-haspopup=dialog]").click()
        return self.page.get_by_role("dialog", name=f"Status of {account}")

    async def edit(self, account: str) -> Locator:
        """The dialog for name and memo."""
        await self.row(account).get_by_role("button", name=re.compile("^Edit")).click()
        return self.page.get_by_role("dialog")
