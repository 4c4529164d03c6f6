"""Whether a new account is one that was here before, as clients ask and answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from counterfoil.accounts.models import AccountQuestion, BankAccount, FeedState
from counterfoil.api import ids
from counterfoil.identity.models import Organization
from counterfoil.links.models import Refresh
from counterfoil.viewer import Right, Viewer
from tests.api.asking import Refused, ask, some_viewer, statements
from tests.factories import make_account, make_link, make_organization, make_viewer
from tests.fakes import NOW

QUESTIONS = """{ accountQuestions { totalCount nodes {
  id raisedAt answeredAt bankAccount { id name }
  candidates { id name memo number type currency deletedAt } } } }"""
ANSWER = """
mutation($input: AnswerAccountQuestionInput!) { answerAccountQuestion(input: $input) {
  bankAccount { id name } errors { code field } } }
"""


@dataclass
class Desk:
    organization: Organization
    viewer: Viewer
    former: BankAccount
    new: BankAccount
    question: AccountQuestion

    @property
    def question_id(self) -> str:
        return ids.encode("AccountQuestion", self.question.id)

    @property
    def former_id(self) -> str:
        return ids.encode("BankAccount", self.former.id)

    @property
    def new_id(self) -> str:
        return ids.encode("BankAccount", self.new.id)

    async def questions(self, viewer: Viewer | None = None) -> Any:
        return (await ask(viewer or self.viewer, QUESTIONS))["accountQuestions"]

    async def answer(self, same_as: str | None, *, viewer: Viewer | None = None) -> Any:
        given = {"questionId": self.question_id, "sameAs": same_as}
        answer = await ask(viewer or self.viewer, ANSWER, input=given)
        return answer["answerAccountQuestion"]


async def asked(organization: Organization, former: BankAccount, new: BankAccount) -> Any:
    return await AccountQuestion.create(
        organization_id=organization.id,
        bank_account_id=new.id,
        candidates=[str(former.id)],
        raised_at=NOW,
    )


@pytest.fixture
async def desk(database: str) -> Desk:
    organization = await make_organization()
    link = await make_link(organization)
    former = await make_account(link, name="Rent", renamed_at=NOW, number="4021", deleted_at=NOW)
    await BankAccount.filter(id=former.id).update(bank_link_id=None, aggregator_id=None)
    new = await make_account(link, name="Checking")
    question = await asked(organization, former, new)
    return Desk(organization, await make_viewer(organization), former, new, question)


class TestAccountQuestions:
    async def test_without_the_right_to_read_there_are_none(self, desk: Desk) -> None:
        with pytest.raises(Refused) as refused:
            await desk.questions(await make_viewer(desk.organization, [Right.BANKS]))
        assert refused.value.codes == ["FORBIDDEN"]

    async def test_another_organizations_are_not_there(self, desk: Desk) -> None:
        stranger = await some_viewer()
        assert await desk.questions(stranger) == {"totalCount": 0, "nodes": []}
        document = "query($id: ID!) { node(id: $id) { id } }"
        assert await ask(stranger, document, id=desk.question_id) == {"node": None}

    async def test_everything_of_one(self, desk: Desk) -> None:
        found = await desk.questions()
        assert found == {
            "totalCount": 1,
            "nodes": [
                {
                    "id": desk.question_id,
                    "raisedAt": "2026-03-10T15:30:00.000Z",
                    "answeredAt": None,
                    "bankAccount": {"id": desk.new_id, "name": "Checking"},
                    "candidates": [
                        {
                            "id": desk.former_id,
                            "name": "Rent",
                            "memo": None,
                            "number": "4021",
                            "type": "BANK",
                            "currency": "USD",
                            "deletedAt": "2026-03-10T15:30:00.000Z",
                        }
                    ],
                }
            ],
        }

    @pytest.mark.parametrize("column", ["hidden_at", "deleted_at"])
    async def test_of_an_account_that_is_gone_nothing_is_asked(
        self, desk: Desk, column: str
    ) -> None:
        await BankAccount.filter(id=desk.new.id).update(**{column: NOW})
        assert (await desk.questions())["nodes"] == []

    @pytest.mark.parametrize(
        ("feed_state", "number"), [(FeedState.ACCESS_LOST, 1), (FeedState.OPEN, 0)]
    )
    async def test_one_that_its_login_hands_over_no_more_is_a_candidate(
        self, desk: Desk, feed_state: FeedState, number: int
    ) -> None:
        facts = {"bank_link_id": desk.new.bank_link_id, "aggregator_id": "old", "deleted_at": None}
        await BankAccount.filter(id=desk.former.id).update(feed_state=feed_state, **facts)
        [question] = (await desk.questions())["nodes"]
        assert [each["id"] for each in question["candidates"]] == [desk.former_id] * number
        answered = await desk.answer(desk.former_id)
        assert len(answered["errors"]) == 1 - number

    async def test_a_hidden_account_is_no_candidate(self, desk: Desk) -> None:
        await BankAccount.filter(id=desk.former.id).update(hidden_at=NOW)
        [question] = (await desk.questions())["nodes"]
        assert question["candidates"] == []

    async def test_many_take_as_many_statements_as_one(self, desk: Desk) -> None:
        async def taken() -> int:
            with statements() as seen:
                await desk.questions()
            return len(seen)

        few = await taken()
        link = await make_link(desk.organization)
        for _ in range(5):
            await asked(desk.organization, desk.former, await make_account(link))
        assert await taken() == few


class TestAnswerAccountQuestion:
    async def test_without_the_right_it_is_forbidden(self, desk: Desk) -> None:
        reader = await make_viewer(desk.organization, [Right.READ])
        answer = await desk.answer(desk.former_id, viewer=reader)
        assert answer["errors"][0]["code"] == "FORBIDDEN"
        assert (await desk.questions())["totalCount"] == 1

    async def test_another_organizations_is_not_found(self, desk: Desk) -> None:
        answer = await desk.answer(None, viewer=await some_viewer())
        assert answer["errors"] == [{"code": "NOT_FOUND", "field": ["questionId"]}]

    async def test_what_is_no_candidate_is_not_found(self, desk: Desk) -> None:
        answer = await desk.answer(desk.new_id)
        assert answer["errors"] == [{"code": "NOT_FOUND", "field": ["sameAs"]}]

    async def test_the_former_account_takes_the_place_of_the_new_one(self, desk: Desk) -> None:
        answer = await desk.answer(desk.former_id)
        assert answer == {"bankAccount": {"id": desk.former_id, "name": "Rent"}, "errors": []}
        found = await ask(
            desk.viewer,
            """query($new: ID!) { bankAccount(id: $new) { id }
            bankAccounts { nodes { id } } accountQuestions { totalCount } }""",
            new=desk.new_id,
        )
        assert found == {
            "bankAccount": {"id": desk.former_id},
            "bankAccounts": {"nodes": [{"id": desk.former_id}]},
            "accountQuestions": {"totalCount": 0},
        }
        assert await Refresh.filter(bank_link_id=desk.new.bank_link_id).count() == 1

    async def test_none_of_them_leaves_the_new_one(self, desk: Desk) -> None:
        answer = await desk.answer(None)
        assert answer == {"bankAccount": {"id": desk.new_id, "name": "Checking"}, "errors": []}
        assert (await desk.questions())["totalCount"] == 0
        assert await Refresh.all().count() == 0

    async def test_the_log_says_what_it_was_said_to_be(self, desk: Desk) -> None:
        await desk.answer(desk.former_id)
        found = await ask(
            desk.viewer,
            "{ auditEvents(first: 5) { nodes { action objectId changes { before after } } } }",
        )
        told = [
            each
            for each in found["auditEvents"]["nodes"]
            if each["action"] == "answerAccountQuestion"
        ]
        assert told == [
            {
                "action": "answerAccountQuestion",
                "objectId": desk.question_id,
                "changes": [{"before": desk.new_id, "after": desk.former_id}],
            }
        ]
