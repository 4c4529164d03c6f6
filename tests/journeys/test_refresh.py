"""Refresh: what it will touch, what goes on, and that it ends well whatever dies."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Page, expect

from tests.journeys.person import SETTLED, Person
from tests.journeys.product import Product


class TestRefresh:
    async def test_pointing_at_refresh_highlights_every_row_of_its_login(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        await person.add_bank("Tartan Bank")
        await expect(person.rows).to_have_count(12, timeout=SETTLED)
        platypus = person.rows.filter(has_text="First Platypus Bank")
        await platypus.first.get_by_role("button", name=re.compile("^Refresh")).hover()
        await expect(page.get_by_text("Refreshes 6 accounts that share this login")).to_be_visible()
        marked = page.locator("[role=row][class*=highlighted]")
        await expect(marked).to_have_count(6)
        await expect(marked.filter(has_text="First Platypus Bank")).to_have_count(6)

    async def test_its_phases_are_shown_while_it_runs(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        linked_product.sandbox.post(
            "/faults", kind="delay", path="/transactions/sync", seconds=3, count=1
        )
        await person.refresh_button("Business Checking").click()
        await expect(person.row("Business Checking")).to_contain_text(
            re.compile("Waiting to start|Connecting|Transactions|Accounts")
        )
        await person.sees_status("Business Checking", "All Data Received")

    async def test_a_worker_killed_in_the_middle_is_taken_over(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        account = linked_product.sandbox.get("/state")["logins"][0]["accounts"][0]
        slow = {"path": "/transactions/sync", "seconds": 2, "count": 8}
        linked_product.sandbox.post("/faults", kind="delay", **slow)
        linked_product.sandbox.post(
            f"/accounts/{account['account_id']}/generate", count=1200, days=30
        )
        await person.refresh_button("Business Checking").click()
        await person.sees_status("Business Checking", "Transactions ·")
        await asyncio.to_thread(linked_product.kill, "worker")
        await person.sees_status("Business Checking", "All Data Received")
        await page.get_by_role("link", name="Business Checking").click()
        await expect(page.get_by_role("heading", name="Business Checking")).to_be_visible()


class TestSort:
    async def test_a_header_sorts_at_once_although_the_pointer_is_in_the_table(
        self, shared_linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, shared_linked_product).arrive()
        await page.get_by_role("columnheader", name="Current Balance").click()
        await expect(person.rows.first).to_contain_text("Equipment Loan")
        await expect(page.get_by_text("Order changed")).to_have_count(0)


class TestRepair:
    async def test_a_refused_sign_in_is_named_and_healed(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        login = linked_product.sandbox.get("/state")["logins"][0]
        linked_product.sandbox.post(f"/logins/{login['login_id']}/password", password="changed-1")
        await person.sees_status("Business Checking", "Sign-in Needed")
        await expect(person.row("Business Savings")).to_contain_text("Sign-in Needed")
        await person.refresh_button("Business Checking").click()
        await person.enter("user_good", "pass_good")
        await expect(page.get_by_role("alert")).to_be_visible()
        await person.enter("user_good", "changed-1")
        await page.wait_for_url(re.compile(r"/banks(\?|$)"), timeout=SETTLED)
        await person.sees_status("Business Checking", "All Data Received")
        await expect(person.rows).to_have_count(6)

    async def test_a_bank_that_is_down_is_named_and_tried_again(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        linked_product.sandbox.post("/faults", kind="down", institution_id="ins_109508")
        await person.refresh_button("Business Checking").click()
        await person.sees_status("Business Checking", "Bank Not Reachable")
        detail = await person.open_status("Business Checking")
        await expect(detail).to_contain_text("INSTITUTION_DOWN")
        await expect(detail).to_contain_text("Next try")
        await page.keyboard.press("Escape")
        linked_product.sandbox.post("/faults/clear")
        await person.refresh_button("Business Checking").click()
        await person.sees_status("Business Checking", "All Data Received")

    async def test_a_malformed_answer_changes_nothing_and_shows_its_code(
        self, linked_product: Product, page: Page
    ) -> None:
        person = await Person(page, linked_product).arrive()
        linked_product.sandbox.post("/faults", kind="malformed", path="/transactions/sync")
        await person.refresh_button("Business Checking").click()
        await person.sees_status("Business Checking", "Unexpected Answer")
        detail = await person.open_status("Business Checking")
        await expect(detail).to_contain_text("MALFORMED_ANSWER")
        await expect(person.rows).to_have_count(6)
