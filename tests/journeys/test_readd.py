"""Delete a login and add the bank again: what was reconciled still is, under new ids."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.journeys.desk import Desk, ask, tie
from tests.journeys.person import Person
from tests.journeys.product import Product

ACCOUNTS = """{ bankAccounts(first: 50) {
  nodes { id aggregatorId name memo ledgerAccount { number } } } }"""


async def account_named(page: Page, name: str) -> dict[str, object]:
    found = await ask(page, ACCOUNTS)
    [account] = [one for one in found["bankAccounts"]["nodes"] if one["name"] == name]
    return dict(account)


async def delete_login(page: Page, person: Person, account: str) -> None:
    await person.row(account).get_by_role("button", name=f"Delete {account}").click()
    await page.get_by_role("button", name=re.compile(r"with 6 accounts$")).click()
    login = page.get_by_role("alertdialog", name=re.compile("^Delete the login"))
    await expect(login).to_contain_text("1 reconciled or partly matched line stays")
    await login.get_by_role("textbox").fill("First Platypus Bank")
    await login.get_by_role("button", name="Delete login and 6 accounts").click()
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_text("No banks linked yet.")).to_be_visible()


class TestAddAgain:
    async def test_a_reconciled_line_is_still_reconciled_and_name_and_memo_are_the_same(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        await tie(page, "Business Checking", "1010")
        await expect(person.row("Business Checking")).to_contain_text("1010 Operating Account")
        dialog = await person.edit("Business Checking")
        await dialog.get_by_role("textbox", name="Name").fill("Operating")
        await dialog.get_by_role("textbox", name="Memo").fill("for rent and wages")
        await dialog.get_by_role("button", name="Save").click()
        await expect(person.row("Operating")).to_be_visible()
        desk = Desk(page)
        await desk.open("Operating")
        left = await desk.waiting()
        await desk.book("6600")
        await desk.has_left(left - 1)
        before = await account_named(page, "Operating")

        await page.goto(f"{linked_product.address}/banks")
        await delete_login(page, person, "Operating")
        await person.add_bank()
        await person.sees_status("Operating", "All Data Received")

        after = await account_named(page, "Operating")
        assert after["aggregatorId"] != before["aggregatorId"]
        for fact in ("id", "name", "memo", "ledgerAccount"):
            assert after[fact] == before[fact], fact
        await expect(person.rows).to_have_count(6)
        await desk.open("Operating")
        await desk.has_left(left - 1)
        await expect(page.get_by_role("button", name=re.compile(r"^Reconciled 1$"))).to_be_visible()
