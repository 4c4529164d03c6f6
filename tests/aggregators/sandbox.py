"""The sandbox bank as a real process, and a person in front of its sign-in page."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from counterfoil.settings import Settings
from tests.services.processes import FAKEBANK, environment, running

CLIENT_ID = "client-of-tests"
SECRET = "secret-of-tests"
PLATYPUS = "ins_109508"


GOOD_USER = "user_good"
GOOD_PASSWORD = "pass_good"


class _Staying(urllib.request.HTTPRedirectHandler):
    """A browser would go back to the product; this one stays."""

    def redirect_request(self, *_: object) -> None:
        return None


_BROWSER = urllib.request.build_opener(_Staying)
_OFFERED = re.compile(r'name="account"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="account"')


@dataclass(frozen=True, slots=True)
class SandboxBank:
    """A running sandbox bank."""

    address: str

    def settings(self, **changes: str) -> Settings:
        """The product's settings that point every adapter at this bank."""
        given = {
            "PLAID_URL": self.address,
            "PLAID_CLIENT_ID": CLIENT_ID,
            "PLAID_SECRET": SECRET,
            **changes,
        }
        return Settings.from_environment(given)

    def control(self, path: str, document: Mapping[str, Any] | None = None) -> Any:
        """One call behind the counter: GET without a document, else POST."""
        request = urllib.request.Request(
            f"{self.address}/_control{path}",
            data=None if document is None else json.dumps(document).encode(),
            headers={
                "Content-Type": "application/json",
                "PLAID-CLIENT-ID": CLIENT_ID,
                "PLAID-SECRET": SECRET,
            },
        )
        try:
            with _BROWSER.open(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f"{path}: {refusal.read().decode()}") from None

    def checking(self) -> tuple[str, str]:
        """The bank's own id of its first checking account, and its name."""
        logins = self.control("/state")["logins"]
        accounts = [account for each in logins for account in each["accounts"]]
        first = next(account for account in accounts if account["subtype"] == "checking")
        return first["account_id"], first["name"]


@contextmanager
def sandbox_bank() -> Iterator[SandboxBank]:
    """Run one on a free port."""
    env = environment(FAKEBANK_CLIENT_ID=CLIENT_ID, FAKEBANK_SECRET=SECRET)
    with running([*FAKEBANK, "--port", "0"], ready="ready on", env=env) as process:
        yield SandboxBank(process.wait_for("ready on").rpartition(" ")[2])


class Person:
    """Somebody at a sign-in page."""

    def __init__(self, url: str) -> None:
        self._url = url

    def opens(self) -> str:
        """Look at the page."""
        return self._ask(None)

    def chooses_bank(self, institution_id: str = PLATYPUS) -> str:
        """Open the page and pick a bank from its list."""
        self.opens()
        form = {"step": "institutions", "action": "choose", "institution_id": institution_id}
        return self._ask(form)

    def signs_in(self, username: str = GOOD_USER, password: str = GOOD_PASSWORD) -> str:
        """Type a username and a password."""
        form = {"step": "credentials", "action": "sign_in"}
        return self._ask({**form, "username": username, "password": password})

    def answers(self, code: str) -> str:
        """Type a security code."""
        return self._ask({"step": "factor", "action": "answer", "answer_0": code})

    def shares_everything(self) -> str:
        """Tick every account that is offered."""
        offered = [first or second for first, second in _OFFERED.findall(self.opens())]
        return self._ask({"step": "accounts", "action": "share", "account": offered})

    def leaves(self, *, step: str) -> str:
        """Close it by its own button."""
        return self._ask({"step": step, "action": "leave"})

    def links(self, username: str = GOOD_USER, password: str = GOOD_PASSWORD) -> None:
        """The whole way, without a security code."""
        self.chooses_bank()
        self.signs_in(username, password)
        self.shares_everything()

    def _ask(self, form: Mapping[str, str | list[str]] | None) -> str:
        sent = None if form is None else urllib.parse.urlencode(form, doseq=True).encode()
        request = urllib.request.Request(self._url, data=sent)
        try:
            with _BROWSER.open(request, timeout=60) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as answer:
            return str(answer.read().decode())
