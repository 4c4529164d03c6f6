"""Attempts to link, step by step, as a web page or a phone goes through them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountType, Found, FoundAccount, GrantSecret, Left
from counterfoil.api import ids
from counterfoil.api.context import Services
from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.links.linking import Linking
from counterfoil.links.models import BankLink, LinkSession
from counterfoil.links.questions import Offered, kept
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Right, Viewer
from tests.api.asking import ask, services, some_viewer
from tests.factories import (
    KEYRING,
    make_account,
    make_institution,
    make_link,
    make_organization,
    make_session,
    make_viewer,
)
from tests.fakes import NOW, PLATYPUS, FakeAggregator, FixedClock, RecordingBell, RecordingQueue

pytestmark = pytest.mark.usefixtures("database")

SESSION = """
fragment Session on LinkSession {
  id mode state revision bankLink { id } error { code message retryable }
  step { __typename ... on OpenUrlStep { stepId url } ... on WaitStep { stepId pollAfterSeconds }
    ... on ResolveDuplicateStep { stepId choices logins { bankLink { id } shared covers } }
    ... on ChooseAccountsStep { stepId accounts { bankAccountId name number } }
    ... on DoneStep { bankLink { id name } } ... on EndedStep { message canRetry } }
}
"""
START = (
    """
mutation($input: StartBankLinkInput!) { startBankLink(input: $input) {
  replayed linkSession { ...Session } errors { code field ... on ForbiddenError { right } }
} }
"""
    + SESSION
)
ANSWER = (
    """
mutation($input: AnswerLinkStepInput!) { answerLinkStep(input: $input) {
  linkSession { ...Session } errors { code field }
} }
"""
    + SESSION
)
CANCEL = (
    """
mutation($input: CancelLinkSessionInput!) { cancelLinkSession(input: $input) {
  linkSession { ...Session } errors { code field }
} }
"""
    + SESSION
)
READ = "query($id: ID!) { linkSession(id: $id) { ...Session } }" + SESSION


@pytest.fixture
def bank() -> FakeAggregator:
    return FakeAggregator()


@pytest.fixture
def through(bank: FakeAggregator) -> Services:
    clock = FixedClock()
    transactions = Transactions(clock, RecordingBell(), RecordingQueue())
    linking = Linking(
        transactions=transactions,
        aggregators={"plaid": bank},
        keyring=KEYRING,
        clock=clock,
        public_url="https://books.example",
        webhook_url=None,
        public_id=lambda session_id: ids.encode("LinkSession", session_id),
    )
    return services(transactions=transactions, linking=linking, clock=clock)


async def _do(viewer: Viewer, through: Services, document: str, **sent: Any) -> Any:
    [answer] = (await ask(viewer, document, through=through, input=sent)).values()
    return answer


async def _started(viewer: Viewer, through: Services) -> Any:
    answer = await _do(viewer, through, START, idempotencyKey="key-00000001")
    assert answer["errors"] == []
    return answer["linkSession"]


def _handle(session: Any) -> str:
    """The handle of the page at the bank, which is the end of its address."""
    return str(session["step"]["url"]).rpartition("/")[2]


class TestStart:
    async def test_denied(self, through: Services) -> None:
        reader = await make_viewer(await make_organization(), rights=(Right.READ,))
        answer = await _do(reader, through, START, idempotencyKey="key-00000001")
        assert answer == {
            "replayed": False,
            "linkSession": None,
            "errors": [{"code": "FORBIDDEN", "field": None, "right": "BANKS"}],
        }
        assert await LinkSession.all().count() == 0

    async def test_shows_the_page_to_open_and_the_same_key_starts_nothing_more(
        self, through: Services
    ) -> None:
        viewer = await some_viewer()
        first = await _do(viewer, through, START, idempotencyKey="key-00000001")
        again = await _do(viewer, through, START, idempotencyKey="key-00000001")
        session = first["linkSession"]
        assert (first["replayed"], again["replayed"]) == (False, True)
        assert again["linkSession"] == session
        assert (session["mode"], session["state"]) == ("ADD", "WAITING")
        assert session["step"]["__typename"] == "OpenUrlStep"
        assert session["step"]["stepId"] == "open"
        assert await LinkSession.all().count() == 1

    async def test_a_key_too_short_to_be_one(self, through: Services) -> None:
        answer = await _do(await some_viewer(), through, START, idempotencyKey="short")
        assert [each["code"] for each in answer["errors"]] == ["INVALID_INPUT"]


class TestAnswer:
    async def test_anothers_session_is_not_found(self, through: Services) -> None:
        viewer = await some_viewer()
        theirs = await make_session(await some_viewer())
        session_id = ids.encode("LinkSession", theirs.id)
        answer = await _do(viewer, through, ANSWER, sessionId=session_id, stepId="open")
        assert answer["errors"] == [{"code": "NOT_FOUND", "field": ["sessionId"]}]
        read = await ask(viewer, READ, id=session_id)
        assert read == {"linkSession": None}

    async def test_before_the_person_has_finished_nothing_changes(self, through: Services) -> None:
        viewer = await some_viewer()
        session = await _started(viewer, through)
        answer = await _do(viewer, through, ANSWER, sessionId=session["id"], stepId="open")
        assert answer["linkSession"]["step"] == session["step"]

    async def test_afterwards_the_login_is_there(
        self, through: Services, bank: FakeAggregator
    ) -> None:
        viewer = await some_viewer()
        session = await _started(viewer, through)
        found = [FoundAccount("checking", "Checking", "0000", AccountType.BANK)]
        bank.answer(_handle(session), Found(PLATYPUS, found, GrantSecret("handover-1")))
        answer = await _do(viewer, through, ANSWER, sessionId=session["id"], stepId="open")
        link = await BankLink.get(organization_id=viewer.organization_id)
        link_id = ids.encode("BankLink", link.id)
        done = answer["linkSession"]
        assert (done["state"], done["bankLink"], done["error"]) == ("DONE", {"id": link_id}, None)
        assert done["step"] == {
            "__typename": "DoneStep",
            "bankLink": {"id": link_id, "name": link.name},
        }
        again = await _do(viewer, through, ANSWER, sessionId=session["id"], stepId="open")
        assert again["linkSession"] == done

    async def test_a_person_who_left_reads_why(
        self, through: Services, bank: FakeAggregator
    ) -> None:
        viewer = await some_viewer()
        session = await _started(viewer, through)
        bank.answer(_handle(session), Left("INSTITUTION_DOWN", "The bank is down."))
        answer = await _do(viewer, through, ANSWER, sessionId=session["id"], stepId="open")
        ended = answer["linkSession"]
        assert ended["state"] == "FAILED"
        assert ended["step"] == {
            "__typename": "EndedStep",
            "message": "The bank is down.",
            "canRetry": True,
        }
        assert ended["error"] == {
            "code": "LINK_SESSION_ENDED",
            "message": "The bank is down.",
            "retryable": True,
        }

    async def test_a_step_that_there_is_not(self, through: Services) -> None:
        viewer = await some_viewer()
        session = await _started(viewer, through)
        answer = await _do(viewer, through, ANSWER, sessionId=session["id"], stepId="fly")
        assert answer["errors"] == [{"code": "INVALID_INPUT", "field": ["stepId"]}]


async def _asked_about_a_duplicate(
    viewer: Viewer, through: Services, bank: FakeAggregator
) -> tuple[Any, BankLink]:
    """A session that asks about a login like the one that was found, and that login."""
    organization = await Organization.get(id=viewer.organization_id)
    institution = await make_institution(aggregator_id=PLATYPUS.aggregator_id, name=PLATYPUS.name)
    link = await make_link(organization, institution_id=institution.id)
    await make_account(link, number="0000", bank_name="Checking")
    session = await _started(viewer, through)
    found = [FoundAccount("checking", "Checking", "0000", AccountType.BANK)]
    bank.answer(_handle(session), Found(PLATYPUS, found, GrantSecret("handover-1")))
    answer = await _do(viewer, through, ANSWER, sessionId=session["id"], stepId="open")
    return answer["linkSession"], link


class TestResolveDuplicate:
    async def test_without_the_right_nothing_is_answered(
        self, through: Services, bank: FakeAggregator
    ) -> None:
        viewer = await some_viewer()
        session, _ = await _asked_about_a_duplicate(viewer, through, bank)
        reader = replace(viewer, rights=frozenset({Right.READ}))
        answer = await _do(
            reader, through, ANSWER, sessionId=session["id"], stepId="duplicate", choice="ANOTHER"
        )
        assert [each["code"] for each in answer["errors"]] == ["FORBIDDEN"]
        assert await BankLink.all().count() == 1

    async def test_the_step_shows_the_login_and_what_may_be_answered(
        self, through: Services, bank: FakeAggregator
    ) -> None:
        viewer = await some_viewer()
        session, link = await _asked_about_a_duplicate(viewer, through, bank)
        assert session["state"] == "DECIDING"
        assert session["step"] == {
            "__typename": "ResolveDuplicateStep",
            "stepId": "duplicate",
            "choices": ["FIX", "ADD_ACCOUNTS", "ANOTHER"],
            "logins": [
                {"bankLink": {"id": ids.encode("BankLink", link.id)}, "shared": 1, "covers": True}
            ],
        }
        answer = await ask(viewer, "{ viewer { openLinkSessions { id } } }")
        assert answer["viewer"]["openLinkSessions"] == [{"id": session["id"]}]

    async def test_answering_the_step_before_shows_the_question_again(
        self, through: Services, bank: FakeAggregator
    ) -> None:
        viewer = await some_viewer()
        session, _ = await _asked_about_a_duplicate(viewer, through, bank)
        again = await _do(viewer, through, ANSWER, sessionId=session["id"], stepId="open")
        assert again == {"linkSession": session, "errors": []}

    async def test_an_answer_without_its_parts_names_the_field(
        self, through: Services, bank: FakeAggregator
    ) -> None:
        viewer = await some_viewer()
        session, _ = await _asked_about_a_duplicate(viewer, through, bank)
        cases: list[tuple[dict[str, Any], str, str]] = [
            ({}, "INVALID_INPUT", "choice"),
            ({"choice": "FIX"}, "INVALID_INPUT", "bankLinkId"),
            ({"choice": "FIX", "bankLinkId": session["id"]}, "NOT_FOUND", "bankLinkId"),
        ]
        for sent, code, field in cases:
            answer = await _do(
                viewer, through, ANSWER, sessionId=session["id"], stepId="duplicate", **sent
            )
            assert answer["errors"] == [{"code": code, "field": [field]}]
        assert "redeem" not in bank.calls

    async def test_fix_puts_what_was_found_in_its_place(
        self, through: Services, bank: FakeAggregator
    ) -> None:
        viewer = await some_viewer()
        session, link = await _asked_about_a_duplicate(viewer, through, bank)
        link_id = ids.encode("BankLink", link.id)
        sent = {"sessionId": session["id"], "stepId": "duplicate", "choice": "FIX"}
        answer = await _do(viewer, through, ANSWER, **sent, bankLinkId=link_id)
        assert answer["errors"] == []
        assert answer["linkSession"]["step"]["__typename"] == "DoneStep"
        assert answer["linkSession"]["bankLink"] == {"id": link_id}
        assert await BankLink.all().count() == 1
        again = await _do(viewer, through, ANSWER, **sent, bankLinkId=link_id)
        assert again == answer


class TestChooseAccounts:
    async def _asked(self, viewer: Viewer) -> tuple[str, BankAccount]:
        link = await make_link(await Organization.get(id=viewer.organization_id))
        deleted = await make_account(
            link, bank_link_id=None, aggregator_id=None, deleted_at=NOW, number="7730"
        )
        offered = Offered("savings", "Savings", "7730", deleted.id)
        session = await make_session(
            viewer,
            state="DECIDING",
            mode="ADD_ACCOUNTS",
            bank_link_id=link.id,
            open_url=None,
            question={"kind": "ACCOUNTS", "accounts": kept([offered])},
        )
        return ids.encode("LinkSession", session.id), deleted

    async def test_without_the_right_nothing_comes_back(self, through: Services) -> None:
        viewer = await some_viewer()
        session_id, deleted = await self._asked(viewer)
        reader = replace(viewer, rights=frozenset({Right.READ}))
        answer = await _do(
            reader, through, ANSWER, sessionId=session_id, stepId="accounts", bankAccountIds=[]
        )
        assert [each["code"] for each in answer["errors"]] == ["FORBIDDEN"]
        assert (await BankAccount.get(id=deleted.id)).wanted_at is None

    async def test_the_step_shows_the_deleted_accounts_and_takes_those_that_are_wanted(
        self, through: Services
    ) -> None:
        viewer = await some_viewer()
        session_id, deleted = await self._asked(viewer)
        account_id = ids.encode("BankAccount", deleted.id)
        read = await ask(viewer, READ, id=session_id)
        assert read["linkSession"]["step"] == {
            "__typename": "ChooseAccountsStep",
            "stepId": "accounts",
            "accounts": [{"bankAccountId": account_id, "name": "Savings", "number": "7730"}],
        }
        sent = {"sessionId": session_id, "stepId": "accounts", "bankAccountIds": [account_id]}
        answer = await _do(viewer, through, ANSWER, **sent)
        assert answer["errors"] == []
        assert answer["linkSession"]["step"]["__typename"] == "DoneStep"
        assert (await BankAccount.get(id=deleted.id)).wanted_at == NOW

    async def test_an_answer_without_a_list_or_with_another_id_names_the_field(
        self, through: Services
    ) -> None:
        viewer = await some_viewer()
        session_id, deleted = await self._asked(viewer)
        other = ids.encode("BankAccount", new_id())
        cases: list[tuple[dict[str, Any], str, list[str]]] = [
            ({}, "INVALID_INPUT", ["bankAccountIds"]),
            ({"bankAccountIds": [other]}, "INVALID_INPUT", ["bankAccountIds"]),
            ({"bankAccountIds": ["nonsense"]}, "NOT_FOUND", ["bankAccountIds", "0"]),
        ]
        for sent, code, field in cases:
            answer = await _do(
                viewer, through, ANSWER, sessionId=session_id, stepId="accounts", **sent
            )
            assert answer["errors"] == [{"code": code, "field": field}]
        assert (await BankAccount.get(id=deleted.id)).wanted_at is None


class TestCancel:
    async def test_ends_it_and_a_second_time_says_that_it_has_ended(
        self, through: Services
    ) -> None:
        viewer = await some_viewer()
        session = await _started(viewer, through)
        first = await _do(viewer, through, CANCEL, sessionId=session["id"])
        assert first["linkSession"]["state"] == "CANCELLED"
        assert first["linkSession"]["step"]["__typename"] == "EndedStep"
        again = await _do(viewer, through, CANCEL, sessionId=session["id"])
        assert [each["code"] for each in again["errors"]] == ["LINK_SESSION_ENDED"]


class TestOpenLinkSessions:
    async def test_are_the_viewers_own_that_have_not_ended_newest_first(self) -> None:
        viewer = await some_viewer()
        await make_session(await some_viewer())
        await make_session(viewer, state="DONE")
        made = [
            await make_session(viewer, created_at=viewer_time)
            for viewer_time in (FixedClock().now(), FixedClock().now() + timedelta(minutes=1))
        ]
        answer = await ask(viewer, "{ viewer { openLinkSessions { id } } }")
        assert answer["viewer"]["openLinkSessions"] == [
            {"id": ids.encode("LinkSession", each.id)} for each in reversed(made)
        ]

    async def test_one_whose_page_is_not_open_yet_is_waited_for(self) -> None:
        viewer = await some_viewer()
        session = await make_session(viewer, state="STARTED", open_url=None)
        answer = await ask(viewer, READ, id=ids.encode("LinkSession", session.id))
        assert answer["linkSession"]["step"] == {
            "__typename": "WaitStep",
            "stepId": "wait",
            "pollAfterSeconds": 3,
        }
