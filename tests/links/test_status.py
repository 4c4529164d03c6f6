"""The table of statuses."""

from __future__ import annotations

import doctest
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.aggregators.port import Completeness, ErrorKind
from counterfoil.links import meanings
from counterfoil.links.meanings import MEANINGS, DetailValues, placeholders
from counterfoil.links.status import (
    LinkStatusCode,
    Severity,
    StatusAction,
    StatusActor,
    Upkeep,
    status_of_error,
    status_of_pull,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALL_VALUES = DetailValues(**{field.name: f"<{field.name}>" for field in fields(DetailValues)})
PERSON_MUST_ACT = {
    LinkStatusCode.NEEDS_SIGN_IN,
    LinkStatusCode.NEEDS_CODE,
    LinkStatusCode.NEEDS_CONSENT,
    LinkStatusCode.LOCKED,
    LinkStatusCode.ACTION_AT_BANK,
    LinkStatusCode.GONE,
    LinkStatusCode.NO_ACCOUNTS,
    LinkStatusCode.NOT_SET_UP,
    LinkStatusCode.PAYMENT_REQUIRED,
}


class TestMeanings:
    def test_every_status_has_one(self) -> None:
        assert set(MEANINGS) == set(LinkStatusCode)

    def test_no_two_share_a_label(self) -> None:
        assert len({meaning.label for meaning in MEANINGS.values()}) == len(MEANINGS)

    def test_severity_says_when_somebody_must_act_now(self) -> None:
        loud = {code for code, row in MEANINGS.items() if row.severity is Severity.ACTION}
        assert loud == PERSON_MUST_ACT

    def test_nothing_signs_in_by_itself_while_somebody_must_act(self) -> None:
        assert {MEANINGS[code].upkeep for code in PERSON_MUST_ACT} == {Upkeep.HEALTH}
        assert not any(MEANINGS[code].keeps_schedule for code in PERSON_MUST_ACT)

    def test_who_must_act_now_is_a_person_or_an_administrator(self) -> None:
        actors = {MEANINGS[code].actor for code in PERSON_MUST_ACT}
        assert actors == {StatusActor.PERSON, StatusActor.ADMINISTRATOR}

    @pytest.mark.parametrize(
        ("code", "action", "label"),
        [
            (LinkStatusCode.NEEDS_SIGN_IN, StatusAction.FIX, "Fix"),
            (LinkStatusCode.NEEDS_CODE, StatusAction.ENTER_CODE, "Enter Code"),
            (LinkStatusCode.CONSENT_EXPIRING, StatusAction.RENEW, "Renew"),
            (LinkStatusCode.BANK_DOWN, StatusAction.RETRY, "Retry"),
            (LinkStatusCode.OK, StatusAction.NONE, None),
        ],
    )
    def test_the_button(
        self, code: LinkStatusCode, action: StatusAction, label: str | None
    ) -> None:
        assert (MEANINGS[code].action, MEANINGS[code].action_label) == (action, label)

    @pytest.mark.parametrize(
        "code",
        [
            LinkStatusCode.OK,
            LinkStatusCode.PARTIAL,
            LinkStatusCode.CONSENT_EXPIRING,
            LinkStatusCode.BANK_DOWN,
            LinkStatusCode.RATE_LIMITED,
            LinkStatusCode.ERROR,
        ],
    )
    def test_what_gets_better_by_itself_keeps_its_schedule(self, code: LinkStatusCode) -> None:
        assert MEANINGS[code].keeps_schedule


class TestDetail:
    @pytest.mark.parametrize("code", list(LinkStatusCode))
    def test_without_any_value_it_still_says_something_whole(self, code: LinkStatusCode) -> None:
        detail = MEANINGS[code].detail(DetailValues())
        assert detail.endswith(".")
        assert "{" not in detail
        assert "None" not in detail

    @pytest.mark.parametrize("code", list(LinkStatusCode))
    def test_its_wordings_name_only_values_that_exist(self, code: LinkStatusCode) -> None:
        names = {field.name for field in fields(DetailValues)}
        for sentence in MEANINGS[code].sentences:
            assert all(placeholders(wording) <= names for wording in sentence)

    @pytest.mark.parametrize(
        ("code", "detail"),
        [
            (LinkStatusCode.OK, "Everything that the bank offered is here."),
            (
                LinkStatusCode.PARTIAL,
                "Missing for now: <missing>. It is tried again by itself.",
            ),
            (
                LinkStatusCode.CONSENT_EXPIRING,
                "Permission ends on <date>. Renew now to avoid a gap.",
            ),
            (
                LinkStatusCode.RATE_LIMITED,
                "The bank's limit is used up. It is tried again by itself.",
            ),
            (
                LinkStatusCode.ERROR,
                (
                    "Code <code>, request <request_id>. It is tried again by itself; if it stays, "
                    "send this line to your administrator."
                ),
            ),
            (
                LinkStatusCode.GONE,
                (
                    "The login no longer exists at <aggregator>. Add the bank again; your "
                    "reconciliations stay."
                ),
            ),
        ],
    )
    def test_filled_in(self, code: LinkStatusCode, detail: str) -> None:
        assert MEANINGS[code].detail(ALL_VALUES) == detail

    def test_a_provider_s_words_are_never_a_wording(self) -> None:
        detail = MEANINGS[LinkStatusCode.ERROR].detail(DetailValues(code="{last!r} {0}"))
        assert detail.startswith("Code {last!r} {0}. ")

    def test_the_example_in_its_docstring(self) -> None:
        assert doctest.testmod(meanings) == doctest.TestResults(failed=0, attempted=1)


class TestStatusOfError:
    def test_each_kind_has_a_status(self) -> None:
        assert {status_of_error(kind) for kind in ErrorKind} <= set(MEANINGS)

    def test_a_refused_sign_in_is_never_tried_again_by_itself(self) -> None:
        refused = (ErrorKind.BAD_CREDENTIALS, ErrorKind.MFA_NEEDED, ErrorKind.LOCKED)
        assert {MEANINGS[status_of_error(kind)].upkeep for kind in refused} == {Upkeep.HEALTH}

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            (ErrorKind.BAD_CREDENTIALS, LinkStatusCode.NEEDS_SIGN_IN),
            (ErrorKind.MFA_NEEDED, LinkStatusCode.NEEDS_CODE),
            (ErrorKind.CONSENT_REVOKED, LinkStatusCode.NEEDS_CONSENT),
            (ErrorKind.NOT_READY, LinkStatusCode.PARTIAL),
            (ErrorKind.LINK_GONE, LinkStatusCode.GONE),
            (ErrorKind.OUR_CONFIG, LinkStatusCode.NOT_SET_UP),
            (ErrorKind.TRANSIENT, LinkStatusCode.BANK_DOWN),
            (ErrorKind.PROTOCOL, LinkStatusCode.ERROR),
        ],
    )
    def test_examples(self, kind: ErrorKind, code: LinkStatusCode) -> None:
        assert status_of_error(kind) is code


class TestStatusOfPull:
    @pytest.mark.parametrize(
        ("completeness", "failed", "code"),
        [
            (Completeness.COMPLETE, False, LinkStatusCode.OK),
            (Completeness.COMPLETE, True, LinkStatusCode.PARTIAL),
            (Completeness.RECENT, False, LinkStatusCode.PARTIAL),
            (Completeness.NOT_READY, False, LinkStatusCode.PARTIAL),
        ],
    )
    def test_by_what_came(
        self, completeness: Completeness, failed: bool, code: LinkStatusCode
    ) -> None:
        pulled = status_of_pull(
            completeness, account_failed=failed, consent_expires_at=None, now=NOW
        )
        assert pulled is code

    @given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
    def test_by_the_end_of_permission(self, left: timedelta) -> None:
        pulled = status_of_pull(
            Completeness.COMPLETE, account_failed=False, consent_expires_at=NOW + left, now=NOW
        )
        if left <= timedelta(0):
            assert pulled is LinkStatusCode.NEEDS_CONSENT
        elif left <= timedelta(days=14):
            assert pulled is LinkStatusCode.CONSENT_EXPIRING
        else:
            assert pulled is LinkStatusCode.OK
