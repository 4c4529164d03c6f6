"""Lines and entries brought together on the Reconcile page: many with many, and transfers."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from playwright.async_api import Browser, Locator, Page, expect

from tests.journeys.conftest import listening
from tests.journeys.desk import Desk, ask, tie
from tests.journeys.person import Person
from tests.journeys.product import Product

TODAY = datetime.now(UTC).date()


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


START = ago(40)
ENTRY_NUMBER = re.compile(r"^\d{4}-\d{4,}$")
Lines = tuple[tuple[int, str, str], ...]


def account(name: str, lines: Lines, *, kind: str = "depository", currency: str = "USD") -> object:
    """An account of a custom user that began empty; lines are days ago, text, amount (+ in)."""
    balance = sum(Decimal(amount) for _, _, amount in lines)
    return {
        "type": kind,
        "currency": currency,
        "starting_balance": str(-balance if kind == "credit" else balance),
        "meta": {"name": name},
        "transactions": [
            {
                "date_transacted": ago(days),
                "date_posted": ago(days),
                "description": text,
                "amount": str(-Decimal(amount)),
            }
            for days, text, amount in lines
        ],
    }


def custom_user(accounts: Sequence[object]) -> str:
    """The JSON of a custom user, in which amounts are exact numbers: no float writes them."""
    text = json.dumps({"override_accounts": accounts})
    return re.sub(r'("(?:amount|starting_balance)": )"(-?[0-9.]+)"', r"\1\2", text)


DEPOSITS = (
    account(
        "Operating",
        (
            (20, "BRIGHT DENTAL DEPOSIT", "700.00"),
            (19, "MESA CATERING DEPOSIT", "400.00"),
            (10, "PINE STREET DEPOSIT", "20.00"),
        ),
    ),
)
OWN_ACCOUNTS = (
    account(
        "Operating",
        (
            (20, "TRANSFER TO PAYROLL", "-500.00"),
            (15, "WISE EUR 20260042", "-1089.50"),
            (10, "CARD PAYMENT", "-250.00"),
        ),
    ),
    account("Payroll", ((19, "TRANSFER FROM OPERATING", "500.00"),)),
    account("Euros", ((14, "WISE EUR 20260042", "1000.00"),), currency="EUR"),
    account("Visa", ((9, "PAYMENT RECEIVED", "250.00"),), kind="credit"),
)
TIES = {"Operating": "1010", "Payroll": "1020", "Euros": "1035", "Visa": "2110"}


async def begin(page: Page, product: Product, accounts: tuple[object, ...]) -> Desk:
    """Link these accounts, and keep each in its ledger account; gives the first one's desk."""
    person = Person(page, product)
    await person.sign_in()
    await person.add_bank(username="user_custom", password=custom_user(accounts))
    for name in list(TIES)[: len(accounts)]:
        await person.sees_status(name, "All Data Received")
        if name == "Euros":
            await add_euro_account(page)
        await tie(page, name, TIES[name], start_on=START)
    desk = Desk(page)
    await desk.open("Operating")
    return desk


async def add_euro_account(page: Page) -> None:
    added = await ask(
        page,
        """mutation ($input: CreateLedgerAccountInput!) {
             createLedgerAccount(input: $input) { errors { message } } }""",
        input={"number": "1035", "name": "Euro Account", "type": "ASSET", "currency": "EUR"},
    )
    assert added["createLedgerAccount"]["errors"] == []


async def post_sale(page: Page, amount: str, *, days: int) -> None:
    """An entry by hand: `amount` on the operating account, out of sales."""
    found = await ask(page, "{ ledgerAccounts(first: 200) { nodes { id number } } }")
    chart = {one["number"]: one["id"] for one in found["ledgerAccounts"]["nodes"]}
    lines = [
        {"ledgerAccountId": chart["1010"], "amount": amount},
        {"ledgerAccountId": chart["4000"], "amount": f"-{amount}"},
    ]
    posted = await ask(
        page,
        """mutation ($input: CreateJournalEntryInput!) {
             createJournalEntry(input: $input) { errors { message } } }""",
        input={
            "idempotencyKey": f"sale of {amount}",
            "postedOn": ago(days),
            "memo": f"Invoice over {amount}",
            "lines": lines,
        },
    )
    assert posted["createJournalEntry"]["errors"] == []


@asynccontextmanager
async def later_session(browser: Browser, product: Product, address: str) -> AsyncIterator[Desk]:
    """Another browser, signed in by a new link, at the same place of the product."""
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-US", timezone_id="America/New_York"
    )
    async with listening(context) as page:
        await page.goto(product.new_sign_in_link())
        await expect(page.get_by_role("heading", name="Link Banks")).to_be_visible()
        await page.goto(address)
        yield Desk(page)
    await context.close()


def require_whole_books(product: Product) -> None:
    verified = product.run("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def candidate(desk: Desk, amount: str) -> Locator:
    """An open entry that can be picked, by what is open of it."""
    return desk.page.get_by_role("checkbox", name=re.compile(rf", {re.escape(amount)}$"))


class TestManyWithMany:
    async def test_what_remains_is_shown_matched_and_undone_in_a_later_session(
        self, product: Product, page: Page, browser: Browser
    ) -> None:
        desk = await begin(page, product, DEPOSITS)
        for amount in ("650.00", "350.00", "120.00"):
            await post_sale(page, amount, days=21)
        await page.reload()
        await desk.has_left(3)
        await self.match_two_lines_with_two_entries(desk)
        await self.match_the_rest_with_a_part_of_an_entry(desk)
        await self.match_the_rest_of_the_entry(desk)
        async with later_session(browser, product, page.url) as again:
            await self.undo_all(again)
        require_whole_books(product)

    async def match_two_lines_with_two_entries(self, desk: Desk) -> None:
        """1,100.00 of the bank with 1,000.00 of the books: 100.00 of a bank line stays open."""
        await desk.hold("BRIGHT DENTAL DEPOSIT")
        await desk.lines.focus()
        for key in ("x", "j", "x", "m"):
            await desk.page.keyboard.press(key)
        form = desk.page.get_by_role("form", name="Match")
        await expect(form).to_contain_text("2 marked bank lines together.")
        await candidate(desk, "+650.00").check()
        await expect(form.get_by_role("status")).to_contain_text(
            "Takes 650.00, remaining 450.00 of the bank line stays open"
        )
        await candidate(desk, "+350.00").check()
        await expect(form.get_by_role("status")).to_contain_text(
            "Takes 1,000.00, remaining 100.00 of the bank line stays open"
        )
        await form.get_by_role("button", name="Reconcile").click()
        await desk.has_left(2)

    async def match_the_rest_with_a_part_of_an_entry(self, desk: Desk) -> None:
        """100.00 with an entry of 120.00: 20.00 of the entry stays open."""
        pane = await desk.hold("MESA CATERING DEPOSIT")
        await expect(pane).to_contain_text("Partly reconciled: 300.00 is, 100.00 stays open.")
        row = desk.lines.get_by_role("option").filter(has_text="MESA CATERING DEPOSIT")
        await expect(row).to_contain_text("Partly")
        await expect(row).to_contain_text("+100.00")
        await pane.get_by_role("button", name="Match").click()
        await candidate(desk, "+120.00").check()
        await expect(pane.get_by_role("form").get_by_role("status")).to_contain_text(
            "Takes 100.00, remaining 20.00 of the entry stays open"
        )
        await pane.get_by_role("button", name="Reconcile", exact=True).click()
        await desk.has_left(1)

    async def match_the_rest_of_the_entry(self, desk: Desk) -> None:
        pane = await desk.hold("PINE STREET DEPOSIT")
        await pane.get_by_role("button", name="Match").click()
        rest = candidate(desk, "+20.00")
        await expect(pane).to_contain_text("open of +120.00")
        await rest.check()
        await expect(pane.get_by_role("form").get_by_role("status")).to_contain_text(
            "Takes 20.00, remaining 0.00"
        )
        await pane.get_by_role("button", name="Reconcile", exact=True).click()
        await desk.has_left(0)
        await expect(desk.page.get_by_text("Nothing to review.")).to_be_visible()

    async def undo_all(self, desk: Desk) -> None:
        """The newest match first; what each one took is open again, on both sides."""
        one = ["1 bank line is open again.", "1 journal line is no longer cleared by it."]
        two = ["2 bank lines are open again.", "2 journal lines are no longer cleared by it."]
        for left, effects in ((1, one), (2, one), (3, two)):
            assert await desk.undo_last_of_history() == effects
            await desk.page.keyboard.press("Escape")
            await desk.has_left(left)
        pane = await desk.hold("MESA CATERING DEPOSIT")
        await expect(pane).not_to_contain_text("Partly")
        await pane.get_by_role("button", name="Match").click()
        for amount in ("+650.00", "+350.00", "+120.00"):
            await expect(candidate(desk, amount)).to_be_visible()


class TestTransfers:
    async def test_own_accounts_another_currency_and_a_card_are_paid_and_undone_later(
        self, product: Product, page: Page, browser: Browser
    ) -> None:
        desk = await begin(page, product, OWN_ACCOUNTS)
        await desk.has_left(3)
        entries = {
            "Payroll": await self.pay_payroll(desk),
            "Euros": await self.buy_euros(desk),
            "Visa": await self.pay_the_card(desk),
        }
        await self.other_sides_have(desk, entries)
        async with later_session(browser, product, page.url) as again:
            await self.undo_all(again, entries)
        require_whole_books(product)

    async def pay_payroll(self, desk: Desk) -> str:
        form = await self.open_transfer(desk, "TRANSFER TO PAYROLL")
        mirror = form.get_by_role("button", name=re.compile("^Both sides: "))
        await expect(mirror).to_contain_text(
            "Both sides: Operating −500.00 / Payroll +500.00, 1 day apart"
        )
        await expect(mirror).to_have_attribute("aria-pressed", "true")
        await expect(form.get_by_role("status")).to_contain_text("remaining 0.00")
        await form.get_by_role("button", name="Reconcile both").click()
        await desk.has_left(2)
        return await self.entry_of(desk, "TRANSFER TO PAYROLL", ["1010", "1020"])

    async def buy_euros(self, desk: Desk) -> str:
        """1,089.50 USD, of which 5.00 are a fee, for 1,000.00 EUR."""
        form = await self.open_transfer(desk, "WISE EUR 20260042")
        mirror = form.get_by_role("button", name=re.compile("^Both sides: "))
        await expect(mirror).to_contain_text("Operating −1,089.50 / Euros +1,000.00 EUR")
        await mirror.click()
        status = form.get_by_role("status")
        await expect(status).to_contain_text("1 EUR = 1.0895 USD")
        await form.get_by_role("combobox", name="Fee account").fill("6100")
        await desk.page.get_by_role("option", name=re.compile("^6100")).click()
        await form.get_by_role("textbox", name="Fee on the way").fill("5.00")
        await expect(status).to_contain_text("1 EUR = 1.0845 USD")
        await form.get_by_role("button", name="Reconcile both").click()
        await desk.has_left(1)
        return await self.entry_of(desk, "WISE EUR 20260042", ["1010", "1035", "6100"])

    async def pay_the_card(self, desk: Desk) -> str:
        form = await self.open_transfer(desk, "CARD PAYMENT")
        mirror = form.get_by_role("button", name=re.compile("^Both sides: "))
        await expect(mirror).to_contain_text("Operating −250.00 / Visa +250.00, 1 day apart")
        await expect(mirror).to_have_attribute("aria-pressed", "true")
        await form.get_by_role("button", name="Reconcile both").click()
        await desk.has_left(0)
        return await self.entry_of(desk, "CARD PAYMENT", ["1010", "2110"])

    async def open_transfer(self, desk: Desk, description: str) -> Locator:
        await desk.hold(description)
        await desk.lines.focus()
        await desk.page.keyboard.press("t")
        return desk.page.get_by_role("form", name="Transfer")

    async def entry_of(self, desk: Desk, description: str, accounts: list[str]) -> str:
        """The number of the one entry that reconciled a line, and which accounts it is on."""
        await desk.show("Reconciled")
        pane = await desk.hold(description)
        match = pane.get_by_role("region", name="Match")
        await expect(match).to_have_count(1)
        for number in accounts:
            await expect(match.get_by_role("listitem").filter(has_text=number)).to_have_count(1)
        await expect(match.get_by_role("listitem")).to_have_count(len(accounts))
        number = await match.get_by_text(ENTRY_NUMBER).inner_text()
        await desk.show("For review")
        return number

    async def other_sides_have(self, desk: Desk, entries: Mapping[str, str]) -> None:
        """The other account's own line is reconciled with the same entry."""
        for name, number in entries.items():
            await desk.switch(name)
            await desk.has_left(0)
            await desk.show("Reconciled")
            match = desk.page.get_by_role("region", name="Match")
            await expect(match.get_by_text(number, exact=True)).to_be_visible()
        await desk.switch("Operating")
        await desk.show("Reconciled")

    async def undo_all(self, desk: Desk, entries: Mapping[str, str]) -> None:
        """From the first account's history: each takes both sides back, and reverses its entry."""
        days = {"Payroll": ago(20), "Euros": ago(15), "Visa": ago(10)}
        for left, name in enumerate(("Visa", "Euros", "Payroll"), start=1):
            assert await desk.undo_last_of_history() == [
                f"Entry {entries[name]} is reversed, dated {days[name]}.",
                "2 bank lines are open again.",
            ]
            await desk.page.keyboard.press("Escape")
            await desk.has_left(left)
        await desk.show("For review")
        for name in entries:
            await desk.switch(name)
            await desk.has_left(1)
            await expect(desk.in_hand).to_be_visible()
