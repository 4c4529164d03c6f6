"""The list of Plaid's errors, and what becomes of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from counterfoil.aggregators.plaid.errors import DOCUMENTED, error_of
from counterfoil.aggregators.port import ErrorKind, Retry
from counterfoil.links.meanings import MEANINGS
from counterfoil.links.status import LinkStatusCode, Upkeep, status_of_error
from fakebank.plaid.errors import KINDS
from tests.aggregators.plaid import objects

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SIGN_IN = LinkStatusCode.NEEDS_SIGN_IN
STATUSES = {
    "PRODUCT_NOT_READY": LinkStatusCode.PARTIAL,
    "ITEM_LOGIN_REQUIRED": SIGN_IN,
    "INVALID_CREDENTIALS": SIGN_IN,
    "INSUFFICIENT_CREDENTIALS": SIGN_IN,
    "INVALID_UPDATED_USERNAME": SIGN_IN,
    "INVALID_MFA": LinkStatusCode.NEEDS_CODE,
    "INVALID_OTP": LinkStatusCode.NEEDS_CODE,
    "USER_INPUT_TIMEOUT": LinkStatusCode.NEEDS_CODE,
    "ACCESS_NOT_GRANTED": LinkStatusCode.NEEDS_CONSENT,
    "USER_PERMISSION_REVOKED": LinkStatusCode.NEEDS_CONSENT,
    "ITEM_LOCKED": LinkStatusCode.LOCKED,
    "USER_SETUP_REQUIRED": LinkStatusCode.ACTION_AT_BANK,
    "PASSWORD_RESET_REQUIRED": LinkStatusCode.ACTION_AT_BANK,
    "INSTITUTION_DOWN": LinkStatusCode.BANK_DOWN,
    "INSTITUTION_NOT_RESPONDING": LinkStatusCode.BANK_DOWN,
    "INSTITUTION_NOT_AVAILABLE": LinkStatusCode.BANK_DOWN,
    "INTERNAL_SERVER_ERROR": LinkStatusCode.BANK_DOWN,
    "PLANNED_MAINTENANCE": LinkStatusCode.BANK_DOWN,
    "RATE_LIMIT_EXCEEDED": LinkStatusCode.RATE_LIMITED,
    "TRANSACTIONS_SYNC_LIMIT": LinkStatusCode.RATE_LIMITED,
    "INSTITUTION_NO_LONGER_SUPPORTED": LinkStatusCode.UNSUPPORTED,
    "ITEM_NOT_SUPPORTED": LinkStatusCode.UNSUPPORTED,
    "MFA_NOT_SUPPORTED": LinkStatusCode.UNSUPPORTED,
    "PRODUCTS_NOT_SUPPORTED": LinkStatusCode.UNSUPPORTED,
    "ITEM_NOT_FOUND": LinkStatusCode.GONE,
    "INVALID_ACCESS_TOKEN": LinkStatusCode.GONE,
    "NO_ACCOUNTS": LinkStatusCode.NO_ACCOUNTS,
    "INVALID_API_KEYS": LinkStatusCode.NOT_SET_UP,
    "UNAUTHORIZED_ENVIRONMENT": LinkStatusCode.NOT_SET_UP,
    "INVALID_PRODUCT": LinkStatusCode.NOT_SET_UP,
    "API_ERROR": LinkStatusCode.ERROR,
    "INVALID_REQUEST": LinkStatusCode.ERROR,
}
EVERY = [(type_, code) for type_, codes in DOCUMENTED.items() for code in codes]
NOT_OF_PLAID = {"METHOD_NOT_ALLOWED"}  # the sandbox's own word for what is no POST


class TestDocumented:
    @pytest.mark.parametrize(("code", "status"), STATUSES.items())
    def test_each_code_of_the_table_of_statuses_is_in_it(
        self, code: str, status: LinkStatusCode
    ) -> None:
        kinds = {codes[code].kind for codes in DOCUMENTED.values() if code in codes}
        assert {status_of_error(kind) for kind in kinds} == {status}

    @pytest.mark.parametrize("code", sorted(KINDS.keys() - NOT_OF_PLAID))
    def test_each_code_that_the_sandbox_raises_is_in_it(self, code: str) -> None:
        assert error_of(objects.error(code, error_type=KINDS[code].type), now=NOW).mapped

    @pytest.mark.parametrize(("type_", "code"), EVERY)
    def test_only_what_can_get_better_by_itself_is_tried_again(self, type_: str, code: str) -> None:
        listed = DOCUMENTED[type_][code]
        upkeep = MEANINGS[status_of_error(listed.kind)].upkeep
        assert (listed.retry is Retry.NEVER) == (upkeep is not Upkeep.PULL)

    @pytest.mark.parametrize(("type_", "code"), EVERY)
    def test_only_what_passes_soon_is_tried_soon(self, type_: str, code: str) -> None:
        passing = {
            ErrorKind.BANK_DOWN,
            ErrorKind.RATE_LIMITED,
            ErrorKind.NOT_READY,
            ErrorKind.RESTART_PAGINATION,
        }
        listed = DOCUMENTED[type_][code]
        assert listed.retry is not Retry.SOON or listed.kind in passing

    @pytest.mark.parametrize(("type_", "code"), EVERY)
    def test_a_limit_names_its_time(self, type_: str, code: str) -> None:
        listed = DOCUMENTED[type_][code]
        assert (listed.kind is ErrorKind.RATE_LIMITED) == (listed.wait_seconds is not None)


class TestErrorOf:
    def test_an_unknown_code_is_unmapped(self) -> None:
        problem = error_of(objects.error("BRAND_NEW", error_type="ITEM_ERROR"), now=NOW)
        assert (problem.kind, problem.retry, problem.mapped, problem.provider_code) == (
            ErrorKind.PROTOCOL,
            Retry.SCHEDULED,
            False,
            "BRAND_NEW",
        )

    def test_an_unknown_limit_is_still_a_limit(self) -> None:
        problem = error_of(objects.error("NEW_LIMIT", error_type="RATE_LIMIT_EXCEEDED"), now=NOW)
        assert (problem.kind, problem.mapped) == (ErrorKind.RATE_LIMITED, False)
        assert problem.retry_at == NOW + timedelta(seconds=60)

    @pytest.mark.parametrize(
        ("reason", "kind"),
        [
            (None, ErrorKind.BAD_CREDENTIALS),
            ("OAUTH_CONSENT_EXPIRED", ErrorKind.CONSENT_EXPIRED),
            ("OAUTH_USER_REVOKED", ErrorKind.CONSENT_REVOKED),
            ("OAUTH_INVALID_TOKEN", ErrorKind.CONSENT_REVOKED),
            ("SOMETHING_NEW", ErrorKind.BAD_CREDENTIALS),
        ],
    )
    def test_the_reason_tells_an_ended_permission_from_a_wrong_password(
        self, reason: str | None, kind: ErrorKind
    ) -> None:
        raised = objects.error(
            "ITEM_LOGIN_REQUIRED", error_type="ITEM_ERROR", error_code_reason=reason
        )
        assert error_of(raised, now=NOW).kind is kind

    def test_carries_the_code_the_words_for_people_and_the_request(self) -> None:
        raised = objects.error("ITEM_LOCKED", error_type="ITEM_ERROR", display_message="Locked.")
        problem = error_of(raised, now=NOW)
        assert problem.provider_code == "ITEM_LOCKED"
        assert problem.provider_message == "Locked."
        assert problem.request_id == "request-1"
        assert problem.mapped

    def test_its_words_are_cleaned_and_bounded(self) -> None:
        words = "<b>\x00\u202eevil</b>" + "x" * 5000
        raised = objects.error("ITEM_LOCKED", error_type="ITEM_ERROR", error_message=words)
        message = error_of(raised, now=NOW).provider_message
        assert message is not None
        assert message.startswith("<b>evil</b>xxx")
        assert len(message) == 500

    def test_a_code_that_moved_to_another_type_keeps_its_meaning(self) -> None:
        problem = error_of(objects.error("ITEM_LOCKED", error_type="INVALID_INPUT"), now=NOW)
        assert (problem.kind, problem.mapped) == (ErrorKind.LOCKED, True)

    @pytest.mark.parametrize("document", [{}, {"error_code": 5, "error_type": []}])
    def test_an_ill_formed_error_is_an_unexpected_answer(self, document: objects.Object) -> None:
        problem = error_of(document, now=NOW)
        assert (problem.kind, problem.provider_code) == (ErrorKind.PROTOCOL, "MALFORMED_ANSWER")
