"""A person at the hosted sign-in page, without a browser: forms as the page gives them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import aiohttp

from tests.fakebank.running import PASS_GOOD, BankClient, Body

LINK: Body = {
    "client_name": "Counterfoil",
    "language": "en",
    "country_codes": ["US", "CA"],
    "user": {"client_user_id": "u"},
}
TAGS = re.compile(r"<[^>]+>")


class Person:
    """Opens one page and fills in its forms."""

    def __init__(self, bank: BankClient, url: str) -> None:
        self.bank = bank
        self.url = url
        self.status = 0
        self.html = ""
        self.sent_to: str | None = None

    async def open(self, query: str = "") -> Person:
        async with self.bank.session.get(self.url + query, allow_redirects=False) as response:
            return await self._see(response)

    async def send(self, action: str, **fields: Any) -> Person:
        """Send the form of the page in view, and follow to the next step."""
        form = aiohttp.FormData([("step", self._value("step")), ("action", action)])
        for name, value in fields.items():
            for each in value if isinstance(value, list) else [value]:
                form.add_field(name, each)
        async with self.bank.session.post(self.url, data=form, allow_redirects=False) as response:
            await self._see(response)
        if self.sent_to and self.url.endswith(self.sent_to):
            await self.open()
        return self

    async def sign_in(self, username: str = "user_good", password: str = PASS_GOOD) -> Person:
        return await self.send("sign_in", username=username, password=password)

    async def choose(self, institution_id: str = "ins_109508") -> Person:
        return await self.send("choose", institution_id=institution_id)

    async def share(self, *account_ids: str) -> Person:
        return await self.send("share", account=list(account_ids) or self.account_ids)

    @property
    def title(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.html)
        return unescape(found[1]) if found else ""

    @property
    def alert(self) -> str:
        found = re.search(r'role="alert"[^>]*>(.*?)</div>', self.html)
        return unescape(TAGS.sub("", found[1])) if found else ""

    @property
    def account_ids(self) -> list[str]:
        return re.findall(r'name="account" value="(.*?)"', self.html)

    @property
    def ticked(self) -> int:
        return len(re.findall(r'type="checkbox"[^>]* checked', self.html))

    def _value(self, name: str) -> str:
        found = re.search(f'name="{name}" value="(.*?)"', self.html)
        return found[1] if found else ""

    async def _see(self, response: aiohttp.ClientResponse) -> Person:
        self.status, self.html = response.status, await response.text()
        self.sent_to = response.headers.get("Location")
        return self


async def begin(bank: BankClient, **request: Any) -> tuple[str, Person]:
    """A link token and the person who has opened its page."""
    wanted = LINK | {"products": ["transactions"], "hosted_link": {}} | request
    if "access_token" in request:
        del wanted["products"]
    created = await bank.call("/link/token/create", **wanted)
    person = Person(bank, created["hosted_link_url"])
    return created["link_token"], await person.open()


async def session_of(bank: BankClient, link_token: str) -> Body:
    """The newest session of a link token."""
    answer = await bank.call("/link/token/get", link_token=link_token)
    session: Body = answer["link_sessions"][0]
    return session


async def linked(bank: BankClient, link_token: str) -> str:
    """The access token of what a session has linked."""
    results = (await session_of(bank, link_token))["results"]["item_add_results"]
    answer = await bank.call("/item/public_token/exchange", public_token=results[0]["public_token"])
    return str(answer["access_token"])
