"""Reconciling a bank account in the browser, by keyboard and by pointer."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.journeys.person import SETTLED, Person
from tests.journeys.product import Product

START = "2026-09-30"


async def ask(page: Page, document: str, **variables: object) -> Any:
    """What the API answers to the page's own session."""
    answer = await page.evaluate(
        """async ([query, variables]) => {
            const headers = {'content-type': 'application/json'};
            const body = JSON.stringify({query, variables});
            return (await fetch('/graphql', {method: 'POST', headers, body})).json();
        }""",
        [document, variables],
    )
    assert "errors" not in answer, answer
    return answer["data"]


async def tie(page: Page, account: str, number: str) -> None:
    """Keep a bank account in a ledger account from START on."""
    found = await ask(
        page,
        """{ bankAccounts(first: 50) { nodes { id name revision } }
             ledgerAccounts(first: 200) { nodes { id number type } } }""",
    )
    bank = next(one for one in found["bankAccounts"]["nodes"] if one["name"] == account)
    chart = {one["number"]: one["id"] for one in found["ledgerAccounts"]["nodes"]}
    equity = next(one for one in found["ledgerAccounts"]["nodes"] if one["type"] == "EQUITY")
    preview = await ask(
        page,
        """query ($bank: ID!, $ledger: ID!, $on: Date!) {
             tyingPreview(bankAccountId: $bank, ledgerAccountId: $ledger, startOn: $on) {
               suggestedBalance { amount } } }""",
        bank=bank["id"],
        ledger=chart[number],
        on=START,
    )
    start = {
        "startOn": START,
        "balance": preview["tyingPreview"]["suggestedBalance"]["amount"],
        "differenceAccountId": equity["id"],
    }
    tied = await ask(
        page,
        """mutation ($input: AssignLedgerAccountInput!) {
             assignLedgerAccount(input: $input) { errors { message } } }""",
        input={
            "bankAccountId": bank["id"],
            "expectedRevision": bank["revision"],
            "ledgerAccountId": chart[number],
            "idempotencyKey": f"tie {bank['id']}",
            "start": start,
        },
    )
    assert tied["assignLedgerAccount"]["errors"] == []


class Desk:
    """The Reconcile page, as a person finds their way on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lines = page.get_by_role("listbox", name="Bank lines")
        self.left = page.get_by_role("button", name=re.compile("^For review"))

    async def open(self, account: str) -> None:
        await self.page.get_by_role("link", name="Reconcile").first.click()
        await self.page.get_by_role("link", name=re.compile(account)).click()
        await expect(self.in_hand).to_be_visible()

    @property
    def in_hand(self) -> Locator:
        return self.lines.locator("[aria-current=true]")

    async def waiting(self) -> int:
        """How many lines are for review."""
        await expect(self.left).to_have_text(re.compile(r"\d+$"))
        found = re.search(r"\d+$", await self.left.inner_text())
        assert found is not None
        return int(found[0])

    async def has_left(self, count: int) -> None:
        await expect(self.left).to_have_text(f"For review {count}", timeout=SETTLED)

    async def book(self, number: str) -> None:
        """Book the line in hand by keyboard: New, the account, Ctrl+Enter."""
        before = await self.in_hand.get_attribute("id")
        await self.lines.focus()
        await self.page.keyboard.press("n")
        await self.page.keyboard.press("ArrowRight")
        field = self.page.get_by_role("combobox", name="Ledger account")
        await field.fill(number)
        await expect(self.page.get_by_role("option", name=re.compile(f"^{number}"))).to_be_visible()
        await self.page.keyboard.press("Enter")
        await self.page.keyboard.press("Control+Enter")
        await expect(self.lines.locator(f"[id='{before}']")).to_have_count(0, timeout=SETTLED)

    async def undo_last_of_history(self) -> None:
        """In any later session: the newest act, what undoing it will do, and then undo it."""
        await self.page.get_by_role("button", name="History").click()
        drawer = self.page.get_by_role("dialog", name=re.compile("^History"))
        await drawer.get_by_role("button", name=re.compile("^Undo")).first.click()
        dialog = self.page.get_by_role("dialog", name="Undo this?")
        await expect(dialog.get_by_role("listitem").first).to_be_visible()
        await dialog.get_by_role("button", name="Undo").click()
        await expect(dialog).to_be_hidden()


async def begin(page: Page, product: Product) -> Desk:
    person = Person(page, product)
    await person.sign_in()
    await person.add_bank()
    await person.sees_status("Business Checking", "All Data Received")
    await tie(page, "Business Checking", "1010")
    desk = Desk(page)
    await desk.open("Business Checking")
    return desk


class TestReconcile:
    async def test_lines_are_booked_split_excluded_and_undone_in_a_later_session(
        self, product: Product, page: Page, browser: Browser
    ) -> None:
        desk = await begin(page, product)
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
        self, product: Product, page: Page
    ) -> None:
        desk = await begin(page, product)
        await page.goto(f"{page.url}?from=2026-10-01&to=2026-10-31")
        await expect(desk.in_hand).to_be_visible()
        for _ in range(await desk.waiting()):
            await desk.book("6600")
        await desk.has_left(0)
        await expect(page.get_by_text("Nothing to review.")).to_be_visible()
