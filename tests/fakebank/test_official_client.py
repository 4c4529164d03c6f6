"""Plaid's official client library talks to the sandbox as it would to Plaid."""

from __future__ import annotations

from typing import Any

import plaid
import pytest
from plaid.api import plaid_api
from plaid.model.accounts_get_request import AccountsGetRequest
from plaid.model.country_code import CountryCode
from plaid.model.institutions_search_request import InstitutionsSearchRequest
from plaid.model.item_get_request import ItemGetRequest
from plaid.model.item_public_token_exchange_request import ItemPublicTokenExchangeRequest
from plaid.model.item_remove_request import ItemRemoveRequest
from plaid.model.link_token_create_hosted_link import LinkTokenCreateHostedLink
from plaid.model.link_token_create_request import LinkTokenCreateRequest
from plaid.model.link_token_create_request_user import LinkTokenCreateRequestUser
from plaid.model.link_token_get_request import LinkTokenGetRequest
from plaid.model.products import Products
from plaid.model.sandbox_public_token_create_request import SandboxPublicTokenCreateRequest
from plaid.model.transactions_refresh_request import TransactionsRefreshRequest
from plaid.model.transactions_sync_request import TransactionsSyncRequest

from tests.fakebank.browsing import Person
from tests.fakebank.running import CLIENT_ID, SECRET, BankClient

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def official(bank: BankClient) -> Any:
    """The official client, with nothing changed but the host."""
    configuration = plaid.Configuration(
        host=bank.url, api_key={"clientId": CLIENT_ID, "secret": SECRET}
    )
    return plaid_api.PlaidApi(plaid.ApiClient(configuration))


class TestOfficialClient:
    async def test_link_through_the_hosted_page(self, bank: BankClient, official: Any) -> None:
        created = official.link_token_create(
            LinkTokenCreateRequest(
                client_name="Test",
                language="en",
                country_codes=[CountryCode("US")],
                user=LinkTokenCreateRequestUser(client_user_id="u"),
                products=[Products("transactions")],
                hosted_link=LinkTokenCreateHostedLink(),
            )
        )
        person = await Person(bank, created.hosted_link_url).open()
        await (await (await person.choose()).sign_in()).share()
        token = official.link_token_get(LinkTokenGetRequest(link_token=created.link_token))
        [result] = token.link_sessions[0].results.item_add_results
        exchanged = official.item_public_token_exchange(
            ItemPublicTokenExchangeRequest(public_token=result.public_token)
        )
        item = official.item_get(ItemGetRequest(access_token=exchanged.access_token))
        assert item.item.institution_name == "First Platypus Bank"

    async def test_accounts_and_lines(self, bank: BankClient, official: Any) -> None:
        await bank.control("/scenario", initial_seconds=0, historical_seconds=0)
        created = official.sandbox_public_token_create(
            SandboxPublicTokenCreateRequest(
                institution_id="ins_109508", initial_products=[Products("transactions")]
            )
        )
        token = official.item_public_token_exchange(
            ItemPublicTokenExchangeRequest(public_token=created.public_token)
        ).access_token
        accounts = official.accounts_get(AccountsGetRequest(access_token=token)).accounts
        assert [a.mask for a in accounts][:3] == ["0000", "1111", "9999"]
        official.transactions_refresh(TransactionsRefreshRequest(access_token=token))
        page = official.transactions_sync(TransactionsSyncRequest(access_token=token, count=500))
        assert page.transactions_update_status.value == "HISTORICAL_UPDATE_COMPLETE"
        assert len(page.added) > 100
        official.item_remove(ItemRemoveRequest(access_token=token))
        with pytest.raises(plaid.ApiException) as refused:
            official.item_get(ItemGetRequest(access_token=token))
        assert '"error_code":"ITEM_NOT_FOUND"' in refused.value.body

    async def test_institutions(self, official: Any) -> None:
        found = official.institutions_search(
            InstitutionsSearchRequest(query="platypus", country_codes=[CountryCode("US")])
        )
        assert "ins_109508" in [each.institution_id for each in found.institutions]
