"""Hide and delete: hidden stays hidden, deleted has a receipt and can come back."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from tests.journeys.looks import Look, require_good_looks, show
from tests.journeys.person import SETTLED, Person
from tests.journeys.product import Product


async def ask_to(person: Person, verb: str, account: str) -> Locator:
    """Press Hide… or Delete… in the row of an account; gives the question that is asked."""
    await person.row(account).get_by_role("button", name=f"{verb} {account}").click()
    question = person.page.get_by_role("alertdialog", name=re.compile(f"^{verb} “{account}"))
    await expect(question.get_by_role("button", name="Keep")).to_be_focused()
    return question


async def delete_account(person: Person, account: str) -> Locator:
    """Delete one account; gives its receipt."""
    question = await ask_to(person, "Delete", account)
    await expect(question).to_contain_text(re.compile(r"Erases [\d,]+ bank transactions"))
    await question.get_by_role("button", name="Delete account").click()
    receipt = person.page.get_by_role("alertdialog", name="Receipt")
    await expect(receipt).to_be_visible()
    return receipt


async def sign_in_again(person: Person) -> None:
    """Add Bank/CC for First Platypus Bank once more, up to what the page asks then."""
    await person.open_bank_page()
    await person.choose_bank("First Platypus Bank")
    await person.enter("user_good", "pass_good")
    await person.page.get_by_role("button", name="Share and finish").click()


class TestHide:
    async def test_keep_keeps_it(self, shared_linked_product: Product, page: Page) -> None:
        person = await Person(page, shared_linked_product).arrive()
        question = await ask_to(person, "Hide", "Equipment Loan")
        await page.keyboard.press("Enter")
        await expect(question).to_be_hidden()
        await expect(person.row("Equipment Loan")).to_be_visible()

    async def test_a_hidden_account_is_gone_and_stays_so_after_a_refresh(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        await page.get_by_role("link", name="Equipment Loan").focus()
        await page.keyboard.press("h")
        question = page.get_by_role("alertdialog", name=re.compile("^Hide “Equipment Loan"))
        await question.get_by_role("textbox", name=re.compile("^Reason")).fill("Paid off")
        await question.get_by_role("button", name="Hide account").click()
        await expect(person.row("Equipment Loan")).to_have_count(0)
        await person.refresh_button("Business Checking").click()
        await person.sees_status("Business Checking", "All Data Received")
        await page.reload()
        await expect(person.rows).to_have_count(5)
        await expect(person.row("Equipment Loan")).to_have_count(0)


class TestDelete:
    async def test_a_deleted_account_has_a_receipt_and_can_be_added_back(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        receipt = await delete_account(person, "Business Savings")
        await expect(receipt).to_contain_text(re.compile(r"\d+ lines erased, 0 kept\."))
        await receipt.get_by_role("button", name="Done").click()
        await expect(person.rows).to_have_count(5)
        await page.get_by_role("link", name="Deletions").click()
        kept = page.get_by_role("article", name=re.compile("^Deleted Business Savings"))
        await expect(kept).to_contain_text(re.compile(r"\d+ lines erased, 0 kept\."))
        await page.goto(f"{linked_product.address}/banks")
        await sign_in_again(person)
        await expect(page.get_by_text("This looks like")).to_contain_text("First Platypus Bank")
        await page.get_by_role("button", name="Add accounts to it").click()
        await page.wait_for_url(re.compile(r"/banks(\?|$)"), timeout=SETTLED)
        await expect(person.rows).to_have_count(6, timeout=SETTLED)
        await person.sees_status("Business Savings", "All Data Received")

    async def test_a_login_goes_with_all_its_accounts_when_its_name_is_typed(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        question = await ask_to(person, "Delete", "Business Checking")
        await question.get_by_role("button", name=re.compile("with 6 accounts$")).click()
        login = page.get_by_role("alertdialog", name=re.compile("^Delete the login"))
        run = login.get_by_role("button", name="Delete login and 6 accounts")
        await expect(run).to_be_disabled()
        await login.get_by_role("textbox").fill("First Platypus Bank")
        await run.click()
        receipt = page.get_by_role("alertdialog", name="Receipt")
        await expect(receipt).to_contain_text("Deleted 6 accounts.")
        await expect(receipt).to_contain_text("The sign-in First Platypus Bank is removed too")
        await receipt.get_by_role("button", name="Done").click()
        await expect(page.get_by_text("No banks linked yet.")).to_be_visible()


class TestBulk:
    async def test_selected_accounts_are_deleted_at_once_by_keyboard(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        await page.get_by_role("link", name="Equipment Loan").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("Shift+ArrowDown")
        bar = page.get_by_role("region", name="Selected accounts")
        await expect(bar).to_contain_text("2 selected")
        await bar.get_by_role("button", name="Delete…").press("Enter")
        question = page.get_by_role("alertdialog", name="Delete 2 accounts?")
        run = question.get_by_role("button", name="Delete 2 accounts")
        await expect(run).to_be_enabled()  # until it has counted, Enter is for the safe button
        await run.press("Enter")
        await page.get_by_role("button", name="Done").press("Enter")
        await expect(person.rows).to_have_count(4)
        await expect(bar).to_have_count(0)


class TestLooks:
    WIDE, PHONE = Look("light", 1440), Look("dark", 360)

    async def test_questions_and_receipts_are_accessible_and_fit(
        self, linked_product: Product, page: Page
    ) -> None:
        await Person(page, linked_product).arrive()
        question = page.get_by_role("alertdialog")
        await show(page, self.PHONE)
        await page.get_by_role("button", name="Hide Business Savings").click()
        await expect(question).to_contain_text("leaves this page")
        await self.look(page, "hide")
        await page.keyboard.press("Escape")
        await expect(question).to_be_hidden()
        await show(page, self.WIDE)
        await page.get_by_role("button", name="Delete Business Savings").click()
        await expect(question).to_contain_text("Erases")
        await self.look(page, "delete")
        await question.get_by_role("button", name="Delete account").click()
        await expect(question).to_contain_text("lines erased")
        await self.look(page, "receipt")
        await page.get_by_role("link", name="All receipts").click()
        await expect(page.get_by_role("article")).to_be_visible()
        await self.look(page, "receipts")

    async def look(self, page: Page, name: str) -> None:
        await require_good_looks(page, name, self.WIDE, self.PHONE)
