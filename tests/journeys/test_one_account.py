"""One account: its name and memo, its ledger account, its transactions."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.journeys.person import SETTLED, Person
from tests.journeys.product import Product


class TestEditName:
    async def test_name_and_memo_last_over_a_refresh(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        await (
            person.row("Business Checking").get_by_role("button", name=re.compile("^Edit")).click()
        )
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Bank calls it: Business Checking")
        await dialog.get_by_label("Name").fill("Operating")
        await dialog.get_by_label("Memo").fill("Rent and wages")
        await dialog.get_by_role("button", name="Save").click()
        await expect(person.row("Operating")).to_contain_text("Rent and wages")
        await person.refresh_button("Operating").click()
        await page.reload()
        await person.sees_status("Operating", "All Data Received")


class TestLedgerAccount:
    async def test_one_of_the_chart_is_chosen_and_serves_one_bank_account(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        dialog = await self.choose(person, "Business Checking", "1010")
        await expect(dialog).to_contain_text(re.compile(r"\d+ lines? up to .* as history"))
        await dialog.get_by_role("button", name="Link", exact=True).click()
        await expect(person.row("Business Checking")).to_contain_text("1010 Operating Account")
        dialog = await self.choose(person, "Business Savings", "1010")
        await expect(dialog).to_contain_text("Another bank account is kept there")
        await expect(dialog.get_by_role("button", name="Link", exact=True)).to_be_disabled()
        await dialog.get_by_role("button", name="Close").click()
        await expect(person.row("Business Savings")).to_contain_text("Not linked")

    async def choose(self, person: Person, account: str, number: str) -> Locator:
        """The dialog, at the account's start in this ledger account."""
        button = re.compile(f"^Link {account}")
        await person.row(account).get_by_role("button", name=button).click()
        dialog = person.page.get_by_role("dialog")
        await expect(dialog).to_contain_text("not set yet")
        await dialog.get_by_label("Ledger account").fill(number)
        await dialog.get_by_role("option", name=re.compile(number)).click()
        await dialog.get_by_role("button", name="Next").click()
        return dialog


class TestTransactions:
    async def test_they_are_listed_found_and_downloaded(
        self, shared_linked_product: Product, page: Page, tmp_path: Path
    ) -> None:
        await Person(page, shared_linked_product).arrive()
        await page.get_by_role("link", name="Business Credit Card").click()
        await expect(page.get_by_role("heading", name="Business Credit Card")).to_be_visible()
        await expect(page.get_by_text("Pending").first).to_be_visible()
        await page.get_by_label("Search transactions").fill("Zoom")
        rows = page.get_by_role("grid", name="Transactions").get_by_role("row")
        await expect(rows.nth(1)).to_contain_text("Zoom")
        await expect(page).to_have_url(re.compile("Zoom"))
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Download CSV").click()
        path = tmp_path / "lines.csv"
        await (await download.value).save_as(path)
        lines = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
        assert len(lines) > 5
        assert all("zoom" in str(line).lower() for line in lines)

    async def test_the_refreshes_are_listed(
        self, shared_linked_product: Product, page: Page
    ) -> None:
        await Person(page, shared_linked_product).arrive()
        await page.get_by_role("link", name="Business Checking").click()
        await page.get_by_role("link", name="Refreshes", exact=True).click()
        history = page.get_by_role("region", name="Last refreshes")
        await expect(history).to_contain_text("First reading", timeout=SETTLED)
        await expect(history).to_contain_text("Done")
