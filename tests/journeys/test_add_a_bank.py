"""A new company's first minutes: sign in, add a bank, watch its accounts arrive."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.journeys.person import SETTLED, Person
from tests.journeys.product import Product, started

TWELVE = [
    "ID",
    "Name",
    "Number",
    "Account ID",
    "Type",
    "Provider",
    "Provider ID",
    "Status",
    "Next Update",
    "Last Update",
    "Current Balance",
    "Ledger Account",
]
HIDDEN_AT_FIRST = {"ID", "Account ID", "Provider ID"}


async def headers(page: Page) -> list[str]:
    texts = await page.get_by_role("columnheader").all_inner_texts()
    return [text.strip() for text in texts if text.strip() not in ("", "Actions")]


class TestAddABank:
    async def test_nobody_comes_in_without_signing_in(
        self, shared_product: Product, page: Page
    ) -> None:
        await page.goto(f"{shared_product.address}/banks")
        await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        await expect(page.get_by_role("heading", name="Link Banks")).to_have_count(0)

    async def test_its_accounts_arrive_as_rows(self, product: Product, page: Page) -> None:
        person = Person(page, product)
        await person.sign_in()
        await expect(page.get_by_text("No banks linked yet.")).to_be_visible()
        await person.add_bank()
        await person.sees_status("Business Checking", "All Data Received")
        await expect(person.rows).to_have_count(6)
        await expect(person.row("Business Checking")).to_contain_text("••0000")
        await expect(person.row("Business Checking")).to_contain_text("First Platypus Bank")
        await expect(person.row("Business Credit Card")).to_contain_text("Credit Card")
        await expect(person.row("Business Credit Card")).to_contain_text("Owed")

    async def test_all_twelve_columns_can_be_shown_and_stay_shown(
        self, shared_linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, shared_linked_product).arrive()
        assert await headers(page) == [name for name in TWELVE if name not in HIDDEN_AT_FIRST]
        await page.get_by_role("button", name="Columns").click()
        for name in sorted(HIDDEN_AT_FIRST):
            await page.get_by_role("checkbox", name=name, exact=True).check()
        await page.keyboard.press("Escape")
        assert await headers(page) == TWELVE
        await page.reload()
        await expect(person.rows).to_have_count(6)
        assert await headers(page) == TWELVE

    async def test_a_code_is_asked_for_where_the_bank_wants_one(
        self, product: Product, page: Page
    ) -> None:
        person = Person(page, product)
        await person.sign_in()
        await person.open_bank_page()
        await person.choose_bank("Tartan Bank")
        await person.enter("user_good", "mfa_device")
        await page.locator("input[name=answer_0]").fill("9999")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("code")
        await page.locator("input[name=answer_0]").fill("1234")
        await page.keyboard.press("Enter")
        await person.share()
        await expect(person.rows.first).to_contain_text("Tartan Bank", timeout=SETTLED)


class TestLeaveHalfWay:
    async def test_a_wrong_password_is_said_and_can_be_mended(
        self, product: Product, page: Page
    ) -> None:
        person = Person(page, product)
        await person.sign_in()
        await person.open_bank_page()
        await person.choose_bank("First Platypus Bank")
        await person.enter("user_good", "wrong")
        await expect(page.get_by_role("alert")).to_be_visible()
        await person.enter("user_good", "pass_good")
        await person.share()
        await expect(person.rows.first).to_be_visible(timeout=SETTLED)

    async def test_leaving_the_banks_page_leaves_nothing_behind(
        self, shared_product: Product, page: Page
    ) -> None:
        person = Person(page, shared_product)
        await person.sign_in()
        await person.open_bank_page()
        await person.choose_bank("First Platypus Bank")
        await page.get_by_role("button", name=re.compile("^Leave")).click()
        over = page.get_by_role("heading", name="No bank was linked")
        await expect(over).to_be_visible(timeout=SETTLED)
        await page.goto(f"{shared_product.address}/banks")
        await expect(page.get_by_text("No banks linked yet.")).to_be_visible()

    async def test_a_page_that_was_closed_can_be_gone_back_to(
        self, product: Product, page: Page
    ) -> None:
        person = Person(page, product)
        await person.sign_in()
        await person.open_bank_page()
        await page.goto(f"{product.address}/banks")
        unfinished = page.get_by_role("list", name="Unfinished sign-ins")
        await expect(unfinished).to_contain_text("You have an unfinished sign-in")
        await unfinished.get_by_role("link", name="Continue").click()
        await person.choose_bank("First Platypus Bank")
        await person.enter("user_good", "pass_good")
        await person.share()
        await expect(person.rows.first).to_be_visible(timeout=SETTLED)
        await expect(unfinished).to_have_count(0)

    async def test_a_page_that_was_closed_can_be_given_up(
        self, shared_product: Product, page: Page
    ) -> None:
        person = Person(page, shared_product)
        await person.sign_in()
        await person.open_bank_page()
        await page.goto(f"{shared_product.address}/banks")
        unfinished = page.get_by_role("list", name="Unfinished sign-ins")
        await unfinished.get_by_role("button", name="Cancel it").click()
        await expect(unfinished).to_have_count(0)
        await expect(page.get_by_text("No banks linked yet.")).to_be_visible()

    async def test_an_institution_that_is_down_says_so_on_the_banks_page(
        self, shared_product: Product, page: Page
    ) -> None:
        person = Person(page, shared_product)
        await person.sign_in()
        await person.open_bank_page()
        await person.choose_bank("Unhealthy Platypus Bank - Down")
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_role("button", name=re.compile("^Leave")).click()
        over = page.get_by_role("heading", name="No bank was linked")
        await expect(over).to_be_visible(timeout=SETTLED)


class TestOnPostgresAndAnOutsideRedis:
    async def test_its_accounts_arrive_as_rows(
        self, page: Page, postgres_url: str, redis_url: str, tmp_path: Path
    ) -> None:
        outside = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_url}
        with started(tmp_path / "data", outside) as product:
            person = Person(page, product)
            await person.sign_in()
            await person.add_bank()
            await person.sees_status("Business Checking", "All Data Received")
            await expect(person.rows).to_have_count(6)
            await page.goto("about:blank")
