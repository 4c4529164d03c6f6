"""Which linked logins a session asks about, and that hidden accounts play no part in it."""

from __future__ import annotations

from counterfoil.links.models import LinkSessionState, Refresh, RefreshTrigger
from tests.factories import make_account
from tests.fakes import NOW
from tests.links.attempts import found_at_platypus, linked_at_platypus, signed_in
from tests.links.conftest import Shop


class TestAHiddenAccount:
    async def test_alone_it_makes_no_login_alike(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "2222")
        await make_account(link, number="1111", bank_name="Account 1111", hidden_at=NOW)
        session = await signed_in(shop, found_at_platypus("1111"))
        assert session.state is LinkSessionState.DONE
        assert not session.question
        assert session.bank_link_id != link.id
        pull = await Refresh.get(bank_link_id=session.bank_link_id)
        assert pull.trigger is RefreshTrigger.FIRST_PULL

    async def test_beside_another_it_is_not_counted(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "2222")
        await make_account(link, number="1111", bank_name="Account 1111", hidden_at=NOW)
        session = await signed_in(shop, found_at_platypus("2222"))
        assert session.question == {
            "kind": "DUPLICATE",
            "logins": [{"bank_link_id": str(link.id), "shared": 1, "covers": True}],
        }
