"""The whole sandbox: the bank, the pretend Plaid's books, and what it is told to do wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from fakebank.bank.bank import Bank
from fakebank.bank.ledger import Order
from fakebank.clock import Clock
from fakebank.faults import Fault
from fakebank.journal import Journal
from fakebank.plaid.feed import PageSets
from fakebank.plaid.limits import Limiter
from fakebank.plaid.outbox import Delivery
from fakebank.plaid.records import Item, LinkToken, PublicToken
from fakebank.plaid.signing import WebhookKey, make_key
from fakebank.scenario import Scenario
from fakebank.shelves import Shelf, StateFile


class Sandbox:
    """All state of one running sandbox, kept in a state file when one is given."""

    def __init__(
        self,
        *,
        public_url: str,
        client_id: str,
        secret: str,
        state_path: Path | None = None,
    ) -> None:
        """Raises StateFileUnusable. Empty client id and secret: those of the state file."""
        self.public_url = public_url
        self.clock = Clock()
        self.scenarios: Shelf[Scenario] = Shelf("scenario", Scenario, key=lambda _: "scenario")
        self.bank = Bank(clock=self.clock)
        self.items: Shelf[Item] = Shelf("item", Item, key=lambda item: item.item_id)
        self.public_tokens: Shelf[PublicToken] = Shelf(
            "public_token", PublicToken, key=lambda token: token.public_token
        )
        self.link_tokens: Shelf[LinkToken] = Shelf(
            "link_token", LinkToken, key=lambda token: token.link_token
        )
        self.webhook_keys: Shelf[WebhookKey] = Shelf(
            "webhook_key", WebhookKey, key=lambda key: key.kid
        )
        self.deliveries: Shelf[Delivery] = Shelf(
            "delivery", Delivery, key=lambda delivery: delivery.delivery_id
        )
        self.faults: Shelf[Fault] = Shelf("fault", Fault, key=lambda fault: fault.fault_id)
        self.journal = Journal()
        self.limiter = Limiter()
        self.page_sets = PageSets()
        self.scenarios.put(Scenario())
        self.state_file = StateFile(state_path) if state_path else None
        if self.state_file:
            self.state_file.load(self._shelves)
        self._resume(client_id, secret)

    @property
    def _shelves(self) -> list[Shelf[Any]]:
        ledger = self.bank.ledger
        return [
            self.scenarios,
            self.bank.institutions.moves,
            self.bank.logins,
            ledger.accounts,
            ledger.lines,
            ledger.order,
            self.items,
            self.public_tokens,
            self.link_tokens,
            self.webhook_keys,
            self.deliveries,
            self.faults,
        ]

    def _resume(self, client_id: str, secret: str) -> None:
        scenario = self.scenario
        self.adopt(
            replace(
                scenario,
                client_id=client_id or scenario.client_id,
                secret=secret or scenario.secret,
            )
        )
        self.bank.ledger.index()
        if not len(self.webhook_keys):
            self.webhook_keys.put(make_key(self.clock.real_now()))

    @property
    def signing_key(self) -> WebhookKey:
        """The key that signs webhooks now: the newest."""
        return max(self.webhook_keys, key=lambda key: key.created_at)

    def strike(self, path: str, *, institution_id: str | None, item_id: str | None) -> list[Fault]:
        """The faults that strike this call, counted as having struck."""
        now = self.clock.now()
        struck = []
        for fault in self.faults:
            if fault.over(now):
                self.faults.drop(fault.fault_id)
            elif fault.meant_for(path, institution_id, item_id):
                self.faults.put(fault)
                if fault.strike():
                    struck.append(fault)
        return struck

    def institution_down(self, institution_id: str) -> bool:
        """Whether nobody can sign in there now."""
        if self.bank.institutions[institution_id].health == "DOWN":
            return True
        now = self.clock.now()
        return any(
            fault.kind == "down"
            and fault.path is None
            and fault.item_id is None
            and fault.institution_id in (None, institution_id)
            and not fault.over(now)
            for fault in self.faults
        )

    @property
    def scenario(self) -> Scenario:
        return self.scenarios["scenario"]

    def adopt(self, scenario: Scenario) -> None:
        """Take over a changed scenario."""
        self.scenarios.put(scenario)
        self.clock.offset = timedelta(seconds=scenario.offset_seconds)
        self.bank.seed = scenario.seed

    def advance(self, by: timedelta) -> None:
        """Move the clock; raises ValueError for a step back."""
        self.clock.advance(by)
        self.scenario.offset_seconds = self.clock.offset.total_seconds()
        self.scenarios.put(self.scenario)

    def reset(self) -> None:
        """Forget everything but the client's keys and the keys that sign."""
        keys = (self.scenario.client_id, self.scenario.secret)
        for shelf in self._shelves:
            if shelf is not self.webhook_keys:
                shelf.clear()
        self.bank.ledger.order.put(Order())
        self.bank.ledger.index()
        self.journal.clear()
        self.limiter = Limiter()
        self.page_sets = PageSets()
        self.adopt(Scenario(client_id=keys[0], secret=keys[1]))

    def save(self) -> None:
        """Write what changed to the state file, if there is one."""
        if self.state_file:
            self.state_file.save(self._shelves)

    def close(self) -> None:
        """Save and let go of the state file."""
        if self.state_file:
            self.state_file.save(self._shelves)
            self.state_file.close()
