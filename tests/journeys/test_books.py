"""The books: entries by hand, registers, trial balance, period lock, the chart, the log."""

from __future__ import annotations

import re
from functools import partial

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.journeys.looks import require_good_looks_everywhere
from tests.journeys.person import Person
from tests.journeys.product import Product

CHART = "Number,Name,Type,Currency\n6210,Parking,Expense,\n1035,Euro Account,Asset,EUR\n"
WRONG_CHART = "Number,Name,Type\n6220,Garden,Expense\n6230,Roof,Building\n"


@pytest_asyncio.fixture(loop_scope="session")
async def page_signed_in(product: Product, page: Page) -> Page:
    await Person(page, product).sign_in()
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def shared_page(shared_product: Product, page: Page) -> Page:
    await Person(page, shared_product).sign_in()
    return page


async def type_line(page: Page, place: int, account: str, **amount: str) -> None:
    """One line of the entry form; `amount` is debit="…" or credit="…"."""
    field = page.get_by_role("combobox", name=f"Ledger account, line {place}")
    await field.fill(account)
    await page.get_by_role("option", name=re.compile(f"^{account}")).click()
    for side, typed in amount.items():
        await page.get_by_label(f"{side.capitalize()}, line {place}").fill(typed)


async def open_form(page: Page, posted_on: str) -> None:
    await page.keyboard.press("g")
    await page.keyboard.press("l")
    await page.get_by_role("link", name="Journal entries").click()
    await page.get_by_role("button", name="New entry").click()
    await page.get_by_label("Post on").fill(posted_on)


async def post_rent(page: Page, *, posted_on: str = "2026-03-02") -> None:
    """1,200.00 of rent out of the operating account, up to its own page."""
    await open_form(page, posted_on)
    await page.get_by_label("Memo", exact=True).fill("Rent for March")
    await type_line(page, 1, "6200", debit="1,200")
    await type_line(page, 2, "1010", credit="1200.00")
    await page.keyboard.press("Control+Enter")


async def number_of_entry(page: Page) -> str:
    heading = page.get_by_role("heading", name=re.compile("^Journal entry "))
    await expect(heading).to_be_visible()
    return (await heading.inner_text()).removeprefix("Journal entry ")


def register_row(page: Page, number: str) -> Locator:
    rows = page.get_by_role("grid", name="Register").get_by_role("row")
    return rows.filter(has=page.get_by_role("rowheader", name=number))


class TestAnEntryByHand:
    async def test_it_can_be_posted_only_when_both_sides_agree(self, shared_page: Page) -> None:
        page = shared_page
        await open_form(page, "2026-03-02")
        await type_line(page, 1, "6200", debit="1,200")
        await type_line(page, 2, "1010", credit="1100")
        why = page.get_by_text("The debits are 100.00 USD more than the credits.")
        await expect(why).to_be_visible()
        await expect(page.get_by_role("button", name="Post", exact=True)).to_be_disabled()
        await page.get_by_label("Credit, line 2").fill("1,200.00")
        await expect(page.get_by_role("button", name="Post", exact=True)).to_be_enabled()

    async def test_it_stands_in_register_and_trial_balance_until_it_is_reversed(
        self, page_signed_in: Page
    ) -> None:
        page = page_signed_in
        await post_rent(page)
        number = await number_of_entry(page)
        await page.get_by_role("link", name="1010 Operating Account").click()
        await expect(register_row(page, number)).to_contain_text("1,200.00 Cr")
        await page.goto(page.url.partition("/ledger")[0] + "/ledger/trial-balance?on=2026-03-31")
        table = page.get_by_role("region", name="Trial balance")
        total = table.get_by_role("row").filter(has_text="Total")
        await expect(total).to_contain_text("1,200.00")
        await table.get_by_role("link", name="Rent", exact=True).click()
        await register_row(page, number).get_by_role("link").click()
        await page.get_by_role("button", name="Reverse…").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("dated 2 Mar 2026 like this one")
        await dialog.get_by_role("button", name="Reverse", exact=True).click()
        await expect(page.get_by_text("Reversed by ")).to_be_visible()
        await expect(page.get_by_text("It was taken back by")).to_be_visible()
        history = page.get_by_role("list", name="History")
        await expect(history).to_contain_text("Reverse journal entry")
        await page.get_by_role("link", name="1010 Operating Account").click()
        last = page.get_by_role("grid", name="Register").get_by_role("row").last
        await expect(last).to_contain_text(f"Reversal of {number}")
        await expect(last).to_contain_text("0.00")


class TestPeriodLock:
    async def test_nothing_is_posted_in_a_locked_period(self, page_signed_in: Page) -> None:
        page = page_signed_in
        await page.get_by_role("link", name="Ledger").click()
        await page.get_by_role("button", name="No period lock").click()
        dialog = page.get_by_role("dialog", name="Period lock")
        await dialog.get_by_label("Hard lock, up to and including").fill("2026-03-31")
        await dialog.get_by_role("button", name="Set the lock").click()
        await expect(page.get_by_role("button", name="Locked up to 31 Mar 2026")).to_be_visible()
        await post_rent(page)
        await expect(page.get_by_role("alert")).to_contain_text("31")
        await page.get_by_label("Post on").fill("2026-04-01")
        await page.get_by_role("button", name="Post", exact=True).click()
        await number_of_entry(page)


class TestChart:
    async def test_a_file_is_taken_whole_or_not_at_all(self, shared_page: Page) -> None:
        page = shared_page
        await page.get_by_role("link", name="Ledger").click()
        dialog = await self.take(page, WRONG_CHART)
        await expect(dialog.get_by_role("alert")).to_contain_text("Nothing was imported")
        mistakes = dialog.get_by_role("region", name="Mistakes")
        await expect(mistakes.get_by_role("row").nth(1)).to_contain_text("3")
        await dialog.get_by_role("button", name="Cancel").click()
        await expect(page.get_by_text("Garden")).to_have_count(0)
        dialog = await self.take(page, CHART)
        await expect(dialog).to_contain_text("2 added")
        await dialog.get_by_role("button", name="Close").last.click()
        await page.get_by_label("Search number or name").fill("Parking")
        row = page.get_by_role("rowheader", name="Parking")
        await expect(row).to_be_visible()

    async def take(self, page: Page, text: str) -> Locator:
        await page.get_by_role("button", name="Import CSV").click()
        dialog = page.get_by_role("dialog", name="Import a chart of accounts")
        await dialog.locator("input[type=file]").set_input_files(
            {"name": "chart.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        await dialog.get_by_role("button", name="Import", exact=True).click()
        return dialog


class TestActivity:
    async def test_it_says_who_did_what_and_leads_there(self, shared_page: Page) -> None:
        page = shared_page
        await post_rent(page)
        number = await number_of_entry(page)
        await page.get_by_role("link", name="Activity").click()
        events = page.get_by_role("list", name="Activity")
        made = events.get_by_role("listitem").filter(has_text="Create journal entry")
        first = made.first
        await first.get_by_role("button").click()
        await expect(first).to_contain_text("Request")
        await first.get_by_role("link").first.click()
        assert await number_of_entry(page) == number


class TestLooks:
    async def test_every_page_is_accessible_and_fits(self, shared_page: Page) -> None:
        page = shared_page
        await post_rent(page)
        await number_of_entry(page)
        entry = page.url
        start = entry.partition("/ledger")[0]

        async def come(address: str) -> None:
            await page.goto(address)
            await expect(page.get_by_role("heading").first).to_be_visible()
            await expect(page.get_by_text("Reading…")).to_have_count(0)

        async def come_to_the_register() -> None:
            await come(f"{start}/ledger")
            await page.get_by_role("link", name=re.compile("Operating Account")).click()
            await expect(page.get_by_text("Rent for March").first).to_be_visible()

        pages = {
            "entry": entry,
            "chart": f"{start}/ledger",
            "entries": f"{start}/ledger/entries",
            "new-entry": f"{start}/ledger/entries/new",
            "trial-balance": f"{start}/ledger/trial-balance",
            "activity": f"{start}/activity",
        }
        for name, address in pages.items():
            await require_good_looks_everywhere(page, name, partial(come, address))
        await require_good_looks_everywhere(page, "register", come_to_the_register)
