"""The Reconcile page as a person works on it, and the API where setting up is not the journey."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.journeys.person import SETTLED

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


async def tie(page: Page, account: str, number: str, *, start_on: str = START) -> None:
    """Keep a bank account in a ledger account, with `start_on` as the last day of its history."""
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
        on=start_on,
    )
    start = {
        "startOn": start_on,
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
    assert tied["assignLedgerAccount"]["errors"] == [], tied


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

    async def hold(self, description: str) -> Locator:
        """Take a line to hand by pointer; gives its pane."""
        await self.lines.get_by_role("option").filter(has_text=description).click()
        return self.page.get_by_role("article", name=f"Bank line {description}")

    async def switch(self, account: str) -> None:
        """To another account, by the chooser in the header."""
        chooser = self.page.get_by_role("combobox", name="Account", exact=True)
        option = chooser.locator("option").filter(has_text=re.compile(f"^{account}"))
        await chooser.select_option(label=await option.inner_text())

    async def show(self, tab: str) -> None:
        """The lines of another state: "Reconciled", "For review"."""
        await self.page.get_by_role("button", name=re.compile(f"^{tab} ")).click()

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

    async def undo_last_of_history(self) -> list[str]:
        """In any later session: the newest act, and what undoing it will do; undoes it then."""
        await self.page.get_by_role("button", name="History").click()
        drawer = self.page.get_by_role("dialog", name=re.compile("^History"))
        await drawer.get_by_role("button", name=re.compile("^Undo")).first.click()
        dialog = self.page.get_by_role("dialog", name="Undo this?")
        await expect(dialog.get_by_role("listitem").first).to_be_visible()
        effects = await dialog.get_by_role("listitem").all_inner_texts()
        await dialog.get_by_role("button", name="Undo").click()
        await expect(dialog).to_be_hidden()
        return effects
