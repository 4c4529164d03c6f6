"""Translation of Plaid's objects: sign, currency, exactness, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.aggregators.plaid import translate
from counterfoil.aggregators.plaid.health import health
from counterfoil.aggregators.plaid.reading import Malformed
from counterfoil.aggregators.plaid.sessions import outcome
from counterfoil.aggregators.port import (
    AccountFailure,
    AccountSnapshot,
    AccountType,
    ChangesPage,
    Completeness,
    ErrorKind,
    Found,
    FoundAccount,
    InstitutionSnapshot,
    Left,
    RemovedTransaction,
    Repaired,
    TransactionSnapshot,
    Waiting,
)
from counterfoil.kit.currencies import EXPONENTS
from counterfoil.kit.http import decoded
from counterfoil.kit.money import LIMIT_MINOR, decimal_string
from tests.aggregators.plaid import objects

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def received(document: objects.Object) -> dict[str, Any]:
    """`document` as it is once it came over the wire."""
    read = decoded(json.dumps(document).encode())
    assert isinstance(read, dict)
    return read


def translated(**changes: Any) -> TransactionSnapshot:
    return translate.transaction(received(objects.line(**changes)))


def account_of(**changes: Any) -> AccountSnapshot:
    account = translate.account(received(objects.account(**changes)))
    assert isinstance(account, AccountSnapshot)
    return account


def page_of(cursor: str | None = None, **changes: Any) -> ChangesPage:
    return translate.changes_page(received(objects.page(**changes)), cursor=cursor)


class TestTransaction:
    @pytest.mark.parametrize(
        "changes",
        [
            {"amount": "12.34"},
            {"amount": None},
            {"amount": True},
            {"amount": 1e308},
            {"amount": 0.001},
            {"iso_currency_code": None},
            {"unofficial_currency_code": "BTC"},
            {"iso_currency_code": "<b>"},
            {"iso_currency_code": 840},
            {"transaction_id": ""},
            {"transaction_id": "a b"},
            {"transaction_id": "x" * 129},
            {"transaction_id": None},
            {"account_id": 7},
            {"date": "2026-02-30"},
            {"date": "20260301"},
            {"date": "2026-03-01T00:00:00Z"},
            {"date": None},
            {"authorized_date": 20260301},
            {"pending": "false"},
            {"pending": None},
            {"name": ["x"]},
            {"personal_finance_category": "FOOD"},
            {"counterparties": {}, "merchant_name": None},
        ],
        ids=str,
    )
    def test_ill_formed_is_refused(self, changes: objects.Object) -> None:
        with pytest.raises(Malformed):
            translated(**changes)

    @pytest.mark.parametrize(
        "absent",
        ["amount", "date", "pending", "transaction_id", "account_id", "iso_currency_code"],
    )
    def test_a_missing_field_is_refused(self, absent: str) -> None:
        document = received(objects.line())
        del document[absent]
        with pytest.raises(Malformed):
            translate.transaction(document)

    def test_every_field(self) -> None:
        line = translated(check_number="1001", pending_transaction_id="line-0")
        assert line == TransactionSnapshot(
            aggregator_id="line-1",
            account_id="account-1",
            pending=False,
            dated_on=date(2026, 3, 1),
            occurred_on=date(2026, 2, 27),
            amount_minor=-1234,
            currency="USD",
            exponent=2,
            description="Coffee Shop",
            bank_description="POS COFFEE SHOP 0042",
            counterparty="Coffee Shop",
            check_number="1001",
            category="FOOD_AND_DRINK_COFFEE",
            pending_id="line-0",
            raw_hash=line.raw_hash,
        )
        assert len(line.raw_hash) == 16

    @given(
        st.integers(min_value=-LIMIT_MINOR + 1, max_value=LIMIT_MINOR - 1),
        st.sampled_from(sorted(EXPONENTS)),
    )
    def test_amounts_are_exact_and_turned_round(self, minor: int, currency: str) -> None:
        document = objects.line(amount=0, iso_currency_code=currency)
        plaids = decimal_string(-minor, EXPONENTS[currency])
        raw = json.dumps(document).replace('"amount": 0,', f'"amount": {plaids},')
        read = decoded(raw.encode())
        assert isinstance(read, dict)
        line = translate.transaction(read)
        assert (line.amount_minor, line.currency) == (minor, currency)

    @given(st.decimals(allow_nan=False, allow_infinity=False))
    def test_no_amount_is_rounded(self, amount: Decimal) -> None:
        try:
            line = translate.transaction({**objects.line(), "amount": amount})
        except Malformed:
            return
        assert Decimal(decimal_string(-line.amount_minor, 2)) == amount

    def test_an_unofficial_currency(self) -> None:
        line = translated(amount=0.5, iso_currency_code=None, unofficial_currency_code="BTC")
        assert (line.amount_minor, line.currency) == (-50_000_000, "X:BTC")

    def test_an_iso_code_that_we_do_not_know_is_shown_as_unofficial(self) -> None:
        assert translated(iso_currency_code="ZZZ").currency == "X:ZZZ"

    def test_a_pending_line_occurred_on_its_date(self) -> None:
        assert translated(pending=True, authorized_date=None).occurred_on == date(2026, 3, 1)

    def test_a_posted_line_need_not_say_when_it_occurred(self) -> None:
        assert translated(authorized_date=None).occurred_on is None

    def test_text_is_cleaned_and_bounded(self) -> None:
        line = translated(
            name="a\x00\u202eb" + "c" * 9999, original_description="\ud800x" + "y" * 9999
        )
        assert line.description == "ab" + "c" * 498
        assert line.bank_description == "x" + "y" * 999

    def test_without_a_name_another_description_stands_in(self) -> None:
        line = translated(name="", merchant_name=None)
        assert line.description == "POS COFFEE SHOP 0042"

    def test_a_counterparty_where_there_is_no_merchant(self) -> None:
        line = translated(merchant_name=None, counterparties=[{"name": ""}, {"name": "Venmo"}])
        assert line.counterparty == "Venmo"

    def test_unknown_fields_are_left_alone(self) -> None:
        assert translated(merchant_category_code="5814").amount_minor == -1234

    def test_equal_objects_have_equal_hashes_and_changed_ones_do_not(self) -> None:
        shuffled = dict(reversed(objects.line().items()))
        assert translate.transaction(received(shuffled)).raw_hash == translated().raw_hash
        assert translated(website="example.com").raw_hash != translated().raw_hash

    @pytest.mark.parametrize("odd", ["\ud800", 2**70])
    def test_what_has_no_json_is_hashed_too(self, odd: object) -> None:
        assert translated(website=odd).raw_hash == translated(website=odd).raw_hash
        assert translated(website=odd).raw_hash != translated().raw_hash


class TestAccount:
    @pytest.mark.parametrize(
        "changes",
        [
            {"account_id": None},
            {"balances": None},
            {"balances": []},
            {"name": None},
            {"type": 1},
            {"mask": 1234},
            {"balances": objects.balances(current="110")},
            {"balances": objects.balances(available=False)},
            {"balances": objects.balances(unofficial_currency_code="BTC")},
            {"balances": objects.balances(last_updated_datetime="yesterday")},
        ],
        ids=str,
    )
    def test_ill_formed_is_refused(self, changes: objects.Object) -> None:
        with pytest.raises(Malformed):
            translate.account(received(objects.account(**changes)))

    @pytest.mark.parametrize(
        "changes",
        [{"iso_currency_code": None}, {"current": 0.001}, {"limit": 1e308}],
        ids=str,
    )
    def test_money_that_can_t_be_told_fails_this_account_alone(
        self, changes: objects.Object
    ) -> None:
        document = objects.account(balances=objects.balances(**changes))
        failed = translate.account(received(document))
        assert isinstance(failed, AccountFailure)
        assert (failed.account_id, failed.error.kind) == ("account-1", ErrorKind.PROTOCOL)

    def test_every_field(self) -> None:
        balances = objects.balances(last_updated_datetime="2026-03-01T09:00:00+01:00")
        account = account_of(balances=balances, persistent_account_id="persistent-1")
        assert account == AccountSnapshot(
            aggregator_id="account-1",
            name="Plaid Checking",
            official_name="Plaid Gold Standard 0% Interest Checking",
            type=AccountType.BANK,
            subtype="checking",
            number="0000",
            currency="USD",
            exponent=2,
            current_minor=11050,
            available_minor=10000,
            limit_minor=None,
            as_of=datetime(2026, 3, 1, 8, tzinfo=UTC),
            persistent_id="persistent-1",
        )

    @pytest.mark.parametrize(
        ("kind", "type_", "current"),
        [
            ("depository", AccountType.BANK, 41000),
            ("credit", AccountType.CREDIT_CARD, -41000),
            ("loan", AccountType.LOAN, -41000),
            ("investment", AccountType.INVESTMENT, 41000),
            ("brokerage", AccountType.INVESTMENT, 41000),
            ("other", AccountType.OTHER, 41000),
            ("payroll", AccountType.OTHER, 41000),
        ],
    )
    def test_what_is_owed_is_negative(self, kind: str, type_: AccountType, current: int) -> None:
        balances = objects.balances(current=410, available=90, limit=500)
        account = account_of(type=kind, balances=balances)
        assert (account.type, account.current_minor) == (type_, current)
        assert (account.available_minor, account.limit_minor) == (9000, 50000)

    def test_an_overpaid_card_is_positive(self) -> None:
        account = account_of(type="credit", balances=objects.balances(current=-5))
        assert account.current_minor == 500

    def test_an_investment_is_a_valuation(self) -> None:
        account = account_of(type="investment", balances=objects.balances(current=23631.9805))
        assert account.current_minor == 2363198

    def test_balances_may_be_unknown(self) -> None:
        account = account_of(balances=objects.balances(current=None, available=None))
        assert (account.current_minor, account.available_minor) == (None, None)

    def test_an_unofficial_currency_brings_its_digits(self) -> None:
        balances = objects.balances(
            current=0.125, available=None, iso_currency_code=None, unofficial_currency_code="ETH"
        )
        account = account_of(balances=balances)
        assert (account.currency, account.exponent) == ("X:ETH", 8)
        assert account.current_minor == 12_500_000

    def test_without_a_name_the_official_one_stands_in(self) -> None:
        assert account_of(name=" \x00").name == "Plaid Gold Standard 0% Interest Checking"


class TestChangesPage:
    @pytest.mark.parametrize(
        "changes",
        [
            {"added": None},
            {"added": {}},
            {"added": ["x"]},
            {"added": [objects.line(), objects.line(amount="1")]},
            {"modified": [{}]},
            {"removed": [{"account_id": "account-1"}]},
            {"removed": ["line-1"]},
            {"has_more": 1},
            {"has_more": None},
            {"next_cursor": None},
            {"next_cursor": "c" * 2000},
            {"next_cursor": "", "has_more": True},
            {"next_cursor": "", "added": [objects.line()]},
            {"transactions_update_status": None},
        ],
        ids=str,
    )
    def test_one_bad_field_refuses_the_whole_page(self, changes: objects.Object) -> None:
        with pytest.raises(Malformed):
            page_of(**changes)

    def test_the_refusal_says_where(self) -> None:
        with pytest.raises(Malformed) as refused:
            page_of(added=[objects.line(), objects.line(amount="1")])
        assert refused.value.path == "added[1].amount"

    def test_a_cursor_that_does_not_move_is_refused(self) -> None:
        with pytest.raises(Malformed, match="does not move"):
            page_of("cursor-1", has_more=True)

    def test_a_cursor_may_rest_at_the_end(self) -> None:
        assert page_of("cursor-1").next_cursor == "cursor-1"

    def test_lines(self) -> None:
        page = page_of(
            added=[objects.line()],
            modified=[objects.line(transaction_id="line-2", amount=-5)],
            removed=[{"transaction_id": "line-3", "account_id": "account-1"}],
            has_more=True,
        )
        assert [line.amount_minor for line in (*page.added, *page.modified)] == [-1234, 500]
        assert page.removed == [RemovedTransaction("line-3", "account-1")]
        assert (page.next_cursor, page.has_more) == ("cursor-1", True)

    @pytest.mark.parametrize(
        ("status", "completeness"),
        [
            ("NOT_READY", Completeness.NOT_READY),
            ("INITIAL_UPDATE_COMPLETE", Completeness.RECENT),
            ("HISTORICAL_UPDATE_COMPLETE", Completeness.COMPLETE),
            ("TRANSACTIONS_UPDATE_STATUS_UNKNOWN", Completeness.RECENT),
        ],
    )
    def test_completeness(self, status: str, completeness: Completeness) -> None:
        assert page_of(transactions_update_status=status).completeness is completeness

    @pytest.mark.parametrize("asked_with", [None, "cursor-0"])
    def test_no_lines_and_no_cursor_is_not_ready(self, asked_with: str | None) -> None:
        page = page_of(asked_with, next_cursor="")
        assert page.completeness is Completeness.NOT_READY
        assert page.next_cursor == (asked_with or "")


class TestHealth:
    @pytest.mark.parametrize("document", [{}, {"item": None}, {"item": {"error": "x"}}])
    def test_ill_formed_is_refused(self, document: objects.Object) -> None:
        with pytest.raises(Malformed):
            health(document, now=NOW)

    def test_a_healthy_login(self) -> None:
        told = health(objects.item(consent_expiration_time="2026-06-01T00:00:00Z"), now=NOW)
        assert told.error is None
        assert told.last_good_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
        assert told.consent_expires_at == datetime(2026, 6, 1, tzinfo=UTC)
        assert told.institution == InstitutionSnapshot("ins_109508", "First Platypus Bank")

    def test_a_broken_login(self) -> None:
        broken = objects.error("ITEM_LOGIN_REQUIRED", error_type="ITEM_ERROR")
        told = health(objects.item(error=broken), now=NOW)
        assert told.error is not None
        assert told.error.kind is ErrorKind.BAD_CREDENTIALS

    def test_a_login_that_needs_its_person_each_time(self) -> None:
        told = health(objects.item(update_type="user_present_required"), now=NOW)
        assert told.error is not None
        assert (told.error.kind, told.error.provider_code) == (
            ErrorKind.MFA_NEEDED,
            "user_present_required",
        )

    def test_a_login_without_status(self) -> None:
        assert health({**objects.item(), "status": None}, now=NOW).last_good_at is None


PRODUCTS = ["transactions"]
ENDED = {"finished_at": "2026-03-01T10:02:00Z"}
ADDED = {**ENDED, "results": {"item_add_results": [objects.added()]}}
LEFT: dict[str, Any] = {**ENDED, "exit": {"error": None, "metadata": {"status": "x"}}}


class TestOutcome:
    @pytest.mark.parametrize(
        "document",
        [
            {},
            {**objects.link_token(), "link_sessions": None},
            objects.link_token(objects.session(finished_at="soon")),
            objects.link_token(
                objects.session(**ENDED, results={"item_add_results": [{}]}), products=PRODUCTS
            ),
        ],
        ids=["empty", "no sessions", "no moment", "no token"],
    )
    def test_ill_formed_is_refused(self, document: objects.Object) -> None:
        with pytest.raises(Malformed):
            outcome(document)

    @pytest.mark.parametrize("sessions", [[], [objects.session()]], ids=["unopened", "open"])
    def test_waiting(self, sessions: list[objects.Object]) -> None:
        assert outcome(objects.link_token(*sessions, products=PRODUCTS)) == Waiting()

    def test_found(self) -> None:
        found = outcome(objects.link_token(objects.session(**ADDED), products=PRODUCTS))
        assert isinstance(found, Found)
        assert found.institution == InstitutionSnapshot("ins_109508", "First Platypus Bank")
        assert found.accounts == [
            FoundAccount("account-1", "Plaid Checking", "0000", AccountType.BANK)
        ]
        assert found.handover.value == "public-1"
        assert "public-1" not in repr(found)

    def test_left(self) -> None:
        left = outcome(objects.link_token(objects.session(**LEFT), products=PRODUCTS))
        assert left == Left(None, "The sign-in page was closed before it was finished.")

    def test_left_after_an_error(self) -> None:
        raised = objects.error(
            "INVALID_MFA", error_type="ITEM_ERROR", display_message="Wrong\x00 code."
        )
        gone = {**ENDED, "exit": {"error": raised, "metadata": {}}}
        left = outcome(objects.link_token(objects.session(**gone), products=PRODUCTS))
        assert left == Left("INVALID_MFA", "Wrong code.")

    def test_opened_again_after_leaving(self) -> None:
        again = objects.session(started_at="2026-03-01T10:05:00Z")
        document = objects.link_token(objects.session(**LEFT), again, products=PRODUCTS)
        assert outcome(document) == Waiting()

    def test_a_success_counts_whatever_came_after(self) -> None:
        later = objects.session(**{**LEFT, "started_at": "2026-03-01T10:05:00Z"})
        document = objects.link_token(later, objects.session(**ADDED), products=PRODUCTS)
        assert isinstance(outcome(document), Found)

    @pytest.mark.parametrize("ended", [ENDED, ADDED], ids=["no token", "token"])
    def test_repaired(self, ended: objects.Object) -> None:
        assert outcome(objects.link_token(objects.session(**ended))) == Repaired()

    def test_a_repair_that_was_left(self) -> None:
        assert isinstance(outcome(objects.link_token(objects.session(**LEFT))), Left)
