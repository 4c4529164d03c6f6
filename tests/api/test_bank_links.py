"""Logins, their pulls and institutions as clients ask for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from counterfoil.aggregators.port import ErrorKind, InstitutionSnapshot, Retry
from counterfoil.api import ids
from counterfoil.errors import CounterfoilError
from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.links.models import BankLink, Institution, Refresh, RefreshState
from counterfoil.links.status import LinkStatusCode
from counterfoil.viewer import Right, Viewer
from tests.api.asking import Refused, ask, services, some_viewer, statements
from tests.factories import make_link, make_organization, make_refresh, make_viewer
from tests.fakes import NOW, FakeAggregator, refusal

pytestmark = pytest.mark.usefixtures("database")


async def _link(viewer: Viewer, **values: Any) -> BankLink:
    return await make_link(await Organization.get(id=viewer.organization_id), **values)


REFRESH = """
mutation($id: ID!) { refreshBankLink(input: { bankLinkId: $id }) {
  refresh { id state trigger } bankLink { id status { activity refresh { id } } }
  errors { code field ... on ForbiddenError { right } }
} }
"""


class TestRefreshBankLink:
    async def test_denied(self) -> None:
        reader = await make_viewer(await make_organization(), rights=(Right.READ,))
        link = await _link(reader)
        link_id = ids.encode("BankLink", link.id)
        for viewer, error in (
            (reader, {"code": "FORBIDDEN", "field": None, "right": "BANKS"}),
            (await some_viewer(), {"code": "NOT_FOUND", "field": ["bankLinkId"]}),
        ):
            answer = (await ask(viewer, REFRESH, id=link_id))["refreshBankLink"]
            assert answer == {"refresh": None, "bankLink": None, "errors": [error]}
        assert await Refresh.all().count() == 0

    async def test_asking_twice_gives_one_pull(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        link_id = ids.encode("BankLink", link.id)
        first = (await ask(viewer, REFRESH, id=link_id))["refreshBankLink"]
        again = (await ask(viewer, REFRESH, id=link_id))["refreshBankLink"]
        refresh_id = first["refresh"]["id"]
        assert first == again
        assert first == {
            "refresh": {"id": refresh_id, "state": "QUEUED", "trigger": "PERSON"},
            "bankLink": {
                "id": link_id,
                "status": {"activity": "QUEUED", "refresh": {"id": refresh_id}},
            },
            "errors": [],
        }
        assert await Refresh.all().count() == 1


class TestBankLinks:
    async def test_only_ones_own_by_name(self) -> None:
        viewer = await some_viewer()
        await _link(await some_viewer(), name="Theirs")
        for name in ("Oak Bank", "elm bank"):
            await _link(viewer, name=name)
        answer = await ask(viewer, "{ bankLinks { totalCount nodes { name accountCount } } }")
        assert answer["bankLinks"] == {
            "totalCount": 2,
            "nodes": [
                {"name": "elm bank", "accountCount": 0},
                {"name": "Oak Bank", "accountCount": 0},
            ],
        }

    async def test_its_pulls_newest_first_in_pages(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        made = [
            await make_refresh(
                link,
                state=RefreshState.FAILED,
                status_code=LinkStatusCode.BANK_DOWN,
                provider_message="down",
                queued_at=NOW + timedelta(minutes=minutes),
            )
            for minutes in range(3)
        ]
        document = """query($id: ID!, $after: Cursor) { bankLink(id: $id) {
          refreshes(first: 2, after: $after) { nodes { id message providerMessage status }
            pageInfo { hasNextPage endCursor } } } }"""
        link_id = ids.encode("BankLink", link.id)
        page = (await ask(viewer, document, id=link_id))["bankLink"]["refreshes"]
        rest = await ask(viewer, document, id=link_id, after=page["pageInfo"]["endCursor"])
        shown = [*page["nodes"], *rest["bankLink"]["refreshes"]["nodes"]]
        assert [each["id"] for each in shown] == [
            ids.encode("Refresh", each.id) for each in reversed(made)
        ]
        assert shown[0] == {
            "id": shown[0]["id"],
            "message": "Bank Not Reachable",
            "providerMessage": "down",
            "status": "BANK_DOWN",
        }


FIND = """
query($search: String, $country: String, $first: Int, $after: Cursor) {
  institutions(search: $search, country: $country, first: $first, after: $after) {
    nodes { id aggregator aggregatorId name url countries } pageInfo { endCursor hasNextPage }
  }
}
"""


class ListingTwo(FakeAggregator):
    """Lists the same two institutions whatever it is asked."""

    def __init__(self) -> None:
        super().__init__()
        mark = new_id()
        self._listed = [
            InstitutionSnapshot(f"ins_{name}_{mark}", name, f"https://{name}.example", ("US",))
            for name in ("Oak", "Elm")
        ]

    async def institutions(self, query: str, country: str | None) -> list[InstitutionSnapshot]:
        await super().institutions(query, country)
        return self._listed


class TestInstitutions:
    @pytest.fixture
    def bank(self) -> FakeAggregator:
        return ListingTwo()

    async def _error(self, *, country: str = "US", **registry: FakeAggregator) -> CounterfoilError:
        with pytest.raises(Refused) as refused:
            await ask(
                await some_viewer(), FIND, through=services(registry=registry), country=country
            )
        [error] = refused.value.errors
        assert isinstance(error.original_error, CounterfoilError)
        return error.original_error

    async def test_denied(self, bank: FakeAggregator) -> None:
        viewer = await make_viewer(await make_organization(), rights=(Right.READ,))
        with pytest.raises(Refused) as refused:
            await ask(viewer, FIND, through=services(registry={"plaid": bank}))
        assert refused.value.codes == ["FORBIDDEN"]
        assert await Institution.all().count() == 0

    async def test_are_listed_by_name_and_keep_their_ids(self, bank: FakeAggregator) -> None:
        viewer, through = await some_viewer(), services(registry={"plaid": bank})
        page = (await ask(viewer, FIND, through=through, first=1))["institutions"]
        assert page["nodes"][0]["name"] == "Elm"
        assert page["nodes"][0]["countries"] == ["US"]
        cursor = page["pageInfo"]["endCursor"]
        rest = (await ask(viewer, FIND, through=through, first=1, after=cursor))["institutions"]
        assert [each["name"] for each in rest["nodes"]] == ["Oak"]
        answer = await ask(
            viewer, "query($id: ID!) { node(id: $id) { id } }", id=page["nodes"][0]["id"]
        )
        assert answer["node"] == {"id": page["nodes"][0]["id"]}
        assert await Institution.all().count() == 2

    async def test_an_aggregator_that_is_away_is_an_error_in_words(
        self, bank: FakeAggregator
    ) -> None:
        bank.fail_always("institutions", refusal(ErrorKind.TRANSIENT, retry=Retry.SOON))
        error = await self._error(plaid=bank)
        assert (error.code, error.retryable) == ("AGGREGATOR_UNAVAILABLE", True)
        assert str(error) == "The list of banks can't be read just now. Try again in a minute."

    async def test_a_refusal_for_good_is_not_to_be_tried_again(self, bank: FakeAggregator) -> None:
        bank.fail_always("institutions", refusal(ErrorKind.PAYMENT_REQUIRED, message="Pay."))
        error = await self._error(plaid=bank)
        assert (error.code, error.retryable) == ("AGGREGATOR_UNAVAILABLE", False)
        assert str(error) == "The aggregator refused to list its banks. It said: Pay."

    async def test_keys_that_are_refused_are_the_administrators_matter(
        self, bank: FakeAggregator
    ) -> None:
        bank.fail_always("institutions", refusal(ErrorKind.OUR_CONFIG))
        error = await self._error(plaid=bank)
        assert (error.code, error.retryable) == ("NOT_SET_UP", False)

    async def test_a_country_that_is_not_offered_is_the_callers_matter(
        self, bank: FakeAggregator
    ) -> None:
        bank.fail_always("institutions", refusal(ErrorKind.UNSUPPORTED))
        error = await self._error(country="zz", plaid=bank)
        assert (error.code, error.field, error.retryable) == ("INVALID_INPUT", ("country",), False)
        assert str(error) == (
            "No banks of ZZ are offered here. An administrator chooses the countries."
        )

    async def test_one_aggregator_that_offers_it_is_enough(self, bank: FakeAggregator) -> None:
        away = FakeAggregator()
        away.fail_always("institutions", refusal(ErrorKind.UNSUPPORTED))
        through = services(registry={"simplefin": away, "plaid": bank})
        page = (await ask(await some_viewer(), FIND, through=through))["institutions"]
        assert [each["name"] for each in page["nodes"]] == ["Elm", "Oak"]
        none = services(registry={"simplefin": away, "plaid": FakeAggregator()})
        page = (await ask(await some_viewer(), FIND, through=none, search="zzz"))["institutions"]
        assert page["nodes"] == []

    @pytest.mark.parametrize("country", ["", "USA", "1!", "ÄÖ"])
    async def test_a_country_is_two_letters(self, bank: FakeAggregator, country: str) -> None:
        with pytest.raises(Refused) as refused:
            await ask(
                await some_viewer(),
                FIND,
                through=services(registry={"plaid": bank}),
                country=country or "x",
            )
        assert refused.value.codes == ["INVALID_INPUT"]


async def test_a_page_of_logins_is_one_statement() -> None:
    viewer = await some_viewer()
    for _ in range(3):
        await _link(viewer)
    with statements() as seen:
        await ask(viewer, "{ bankLinks { nodes { name institution { name } status { label } } } }")
    assert len(seen) == 1
