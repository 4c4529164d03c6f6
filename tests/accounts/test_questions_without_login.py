"""A new account that no login brings in any more: hidden for a while, and its login ended then."""

from __future__ import annotations

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.accounts.questions import LoginEnded
from counterfoil.audit.models import AuditEvent
from counterfoil.kit.ids import new_id
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.accounts.test_questions import Desk
from tests.accounts.test_questions import desk as desk_with_login

__all__ = ["desk_with_login"]


@pytest.fixture
async def desk(desk_with_login: Desk) -> Desk:
    """The new account has no login."""
    await BankAccount.filter(id=desk_with_login.new.id).update(
        bank_link_id=None, aggregator_id=None
    )
    return desk_with_login


async def test_without_the_right_it_is_forbidden_and_nothing_changes(desk: Desk) -> None:
    before = await desk.rows()
    reader = Viewer(
        desk.viewer.organization_id, desk.viewer.actor_kind, new_id(), frozenset({Right.READ})
    )
    with pytest.raises(Forbidden):
        await desk.answer(desk.former.id, viewer=reader)
    assert await desk.rows() == before


async def test_that_it_is_another_one_is_refused_in_words(desk: Desk) -> None:
    before = await desk.rows()
    with pytest.raises(LoginEnded, match=r"“Checking” is no longer .* Add its bank again") as said:
        await desk.same()
    assert said.value.field == ("same_as",)
    assert await desk.rows() == before
    assert await AuditEvent.all().count() == 0


async def test_that_it_is_none_of_them_is_taken(desk: Desk) -> None:
    assert (await desk.answer(None)).answered_at is not None


async def test_once_its_bank_is_added_again_the_two_become_one(desk: Desk) -> None:
    await BankAccount.filter(id=desk.new.id).update(bank_link_id=desk.link.id, aggregator_id="back")
    await desk.same()
    former = await BankAccount.get(id=desk.former.id)
    assert (former.bank_link_id, former.aggregator_id) == (desk.link.id, "back")
    assert former.deleted_at is None
