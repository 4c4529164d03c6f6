"""The sandbox bank's pages in a real browser: by keyboard, on a phone, light and dark."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.fakebank.browsing import LINK, session_of
from tests.fakebank.running import BankClient
from tests.services.chromium import chromium as running_chromium

PHONE = 360


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """The browser of a phone."""
    async with running_chromium() as chromium:
        browser = await chromium.browser()
        context = await browser.new_context(viewport={"width": PHONE, "height": 740})
        context.set_default_timeout(60_000)
        yield await context.new_page()


async def look_over(page: Page) -> None:
    """Nothing for axe to complain of and no sideways scrolling, by day and by night."""
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        found = await Axe().run(page)
        assert [each["id"] for each in found.response["violations"]] == []


async def heading(page: Page, words: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text(words)


class TestHostedPage:
    async def test_whole_way_by_keyboard_on_a_phone(self, bank: BankClient, page: Page) -> None:
        created = await bank.call(
            "/link/token/create", **LINK, products=["transactions"], hosted_link={}
        )
        await page.goto(created["hosted_link_url"])
        await look_over(page)
        await page.keyboard.type("first platypus")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=2)).to_contain_text("first platypus")
        await self.tab_to(page, "First Platypus Bank")
        await page.keyboard.press("Enter")
        await heading(page, "Sign in to First Platypus Bank")
        await self.sign_in(page, "user_good", "wrong")
        await expect(page.get_by_role("alert")).to_be_focused()
        await look_over(page)
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Username")).to_be_focused()
        await self.sign_in(page, "user_good", "mfa_device")
        await heading(page, "Confirm that it is you")
        await look_over(page)
        await page.keyboard.type("1234")
        await page.keyboard.press("Enter")
        await heading(page, "Choose accounts to share")
        await look_over(page)
        await self.tab_to(page, "Share and finish")
        await page.keyboard.press("Enter")
        await heading(page, "Done")
        session = await session_of(bank, created["link_token"])
        assert len(session["results"]["item_add_results"]) == 1

    async def tab_to(self, page: Page, words: str) -> None:
        """Press Tab until the control with these words has the focus."""
        for _ in range(20):
            await page.keyboard.press("Tab")
            if words in await page.evaluate("document.activeElement.innerText || ''"):
                return
        pytest.fail(f"Tab never came to {words!r}")

    async def sign_in(self, page: Page, username: str, password: str) -> None:
        """Type over what stands in the username field, then the password."""
        await page.keyboard.press("Control+A")
        await page.keyboard.type(username)
        await page.keyboard.press("Tab")
        await page.keyboard.type(password)
        await page.keyboard.press("Enter")


class TestControlPage:
    async def test_fits_a_phone(self, bank: BankClient, page: Page) -> None:
        await bank.link()
        await page.goto(bank.url)
        await heading(page, "Behind the counter")
        await look_over(page)

    async def test_page_of_an_account_fits_a_phone(self, bank: BankClient, page: Page) -> None:
        await bank.link()
        await page.goto(bank.url)
        await page.get_by_role("link", name="Business Savings ••1111").click()
        await heading(page, "Business Savings ••1111")
        await look_over(page)
        await page.get_by_role("button", name="Close it").click()
        await expect(page.get_by_text("It is closed: links no longer show it.")).to_be_visible()
