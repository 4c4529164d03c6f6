"""One login at a bank that gives other ids to everything each time it is linked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from counterfoil.aggregators.port import (
    AccountFailure,
    AccountSnapshot,
    AccountType,
    ChangesPage,
    ErrorKind,
    Found,
    FoundAccount,
    GrantSecret,
    Health,
    Hint,
    InstitutionSnapshot,
    LinkRequest,
    LinkSnapshot,
    NewLink,
    OpenUrl,
    Repaired,
    RevokeResult,
    TransactionSnapshot,
    Waiting,
)
from counterfoil.kit.ids import new_id
from counterfoil.unit_of_work import Job
from tests.fakes import NOW, PLATYPUS, FakeAggregator, RecordingQueue, line, refusal
from tests.links.plain_accounts import Account

MONTH_BEFORE = date(2026, 2, 28)


class WorkerDied(Exception):
    """What is thrown where a process would have been killed."""


@dataclass
class Fate:
    """Lets the process die at one of the places that it passes: the how many-th, counted from 0."""

    after: int | None = None

    def passes(self) -> None:
        """Called before each call to the bank and each commit, and after the commits."""
        if self.after is None:
            return
        self.after -= 1
        if self.after < 0:
            self.after = None
            raise WorkerDied


@dataclass
class Item:
    """One link of the login: the bank's accounts and lines under ids of its own."""

    number: int
    item_id: str = field(default_factory=lambda: f"item-{new_id()}")
    feed: FakeAggregator = field(default_factory=FakeAggregator)
    untold: dict[str, AccountSnapshot] = field(default_factory=dict)

    def id_of(self, key: str) -> str:
        return f"{self.number}:{key}"

    def share(self, accounts: Iterable[Account]) -> None:
        """Hand these accounts over too, with all their lines."""
        for account in accounts:
            aggregator_id = self.id_of(account.name)
            if aggregator_id not in self.feed.accounts:
                self.feed.open_account(
                    aggregator_id, name=account.name, number=NUMBERS[account.name]
                )
                for key in account.lines:
                    self.report(account, key)

    def fail(self, account: Account) -> None:
        """Be unable to tell of an account for a while; its lines come all the same."""
        aggregator_id = self.id_of(account.name)
        self.untold[aggregator_id] = self.feed.accounts.pop(aggregator_id)
        problem = AccountFailure(aggregator_id, refusal(ErrorKind.BANK_DOWN))
        self.feed.account_failures.append(problem)

    def recover(self) -> None:
        """Tell of all accounts again."""
        self.feed.accounts.update(self.untold)
        self.untold.clear()
        self.feed.account_failures.clear()

    def shares(self, account: Account) -> bool:
        return self.id_of(account.name) in self.feed.accounts

    def report(self, account: Account, key: str) -> None:
        """Tell of a line, new or other than before, if its account is shared."""
        if self.shares(account):
            self.feed.report(self._line(account, key))

    def withdraw(self, account: Account, key: str) -> None:
        if self.shares(account):
            self.feed.withdraw(self.id_of(key))

    def _line(self, account: Account, key: str) -> TransactionSnapshot:
        fact, pending_key = account.lines[key], account.posted_from.get(key)
        return line(
            self.id_of(key),
            account_id=self.id_of(account.name),
            dated_on=MONTH_BEFORE + timedelta(days=fact.day),
            amount_minor=fact.amount,
            description=fact.text,
            pending=fact.pending,
            pending_id=None if pending_key is None else self.id_of(pending_key),
        )


NUMBERS: Mapping[str, str] = {"checking": "0000", "card": "9999"}


class Bank:
    """The login behind the port. `grants` are its links by their secret, `revoked` those ended."""

    name = FakeAggregator.name
    capabilities = FakeAggregator.capabilities

    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        self.grants: dict[str, Item] = {}
        self.revoked: set[str] = set()
        self.page_size = 500
        self._made = 0
        self._answers: dict[str, Found | Repaired] = {}
        self._handovers: dict[str, Item] = {}
        self._pages = 0

    @property
    def items(self) -> Collection[Item]:
        """The links that live at the bank."""
        return [item for secret, item in self.grants.items() if secret not in self.revoked]

    def sign_in(self, accounts: Sequence[Account]) -> Item:
        """The person finishes the page that was opened last, and shares these accounts; the link
        that may come of it."""
        self._made += 1
        item = Item(self._made)
        item.share(accounts)
        handover = f"handover-{item.number}"
        self._handovers[handover] = item
        found = [
            FoundAccount(item.id_of(each.name), each.name, NUMBERS[each.name], AccountType.BANK)
            for each in accounts
        ]
        self._answers[f"page-{self._pages}"] = Found(PLATYPUS, found, GrantSecret(handover))
        return item

    def repair(self, accounts: Sequence[Account] = ()) -> None:
        """The person finishes an update-mode page, and shares these accounts besides."""
        for item in self.items:
            item.share(accounts)
        self._answers[f"page-{self._pages}"] = Repaired()

    def item_of(self, grant: GrantSecret) -> Item:
        """The link of a secret; one that was ended is gone."""
        self.fate.passes()
        if grant.value not in self.grants or grant.value in self.revoked:
            raise refusal(ErrorKind.LINK_GONE)
        return self.grants[grant.value]

    async def institutions(self, query: str, country: str | None) -> Sequence[InstitutionSnapshot]:
        return [PLATYPUS]

    async def begin_link(self, request: LinkRequest) -> OpenUrl:
        self.fate.passes()
        self._pages += 1
        handle = f"page-{self._pages}"
        later = NOW + timedelta(days=3650)
        return OpenUrl(f"https://bank.example/{handle}", GrantSecret(handle), later)

    async def finish_link(self, handle: GrantSecret) -> Found | Repaired | Waiting:
        self.fate.passes()
        return self._answers.get(handle.value, Waiting())

    async def redeem(self, handover: GrantSecret) -> NewLink:
        self.fate.passes()
        item = self._handovers.pop(handover.value)
        self.grants[f"grant-{item.number}"] = item
        return NewLink(item.item_id, GrantSecret(f"grant-{item.number}"))

    async def snapshot(self, grant: GrantSecret) -> LinkSnapshot:
        return await self.item_of(grant).feed.snapshot(grant)

    async def health(self, grant: GrantSecret) -> Health:
        return await self.item_of(grant).feed.health(grant)

    async def changes(self, grant: GrantSecret, cursor: str | None) -> AsyncIterator[ChangesPage]:
        feed = self.item_of(grant).feed
        feed.page_size = self.page_size
        async for page in feed.changes(grant, cursor):
            self.fate.passes()
            yield page

    async def refresh(self, grant: GrantSecret) -> None:
        self.item_of(grant)

    async def revoke(self, grant: GrantSecret) -> RevokeResult:
        self.fate.passes()
        if grant.value in self.revoked:
            return RevokeResult.ALREADY_GONE
        self.revoked.add(grant.value)
        return RevokeResult.REMOTE

    async def events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Hint]:
        return []


class MortalQueue(RecordingQueue):
    """A queue before which a process may die: what was committed is done, the job is lost."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self.fate = fate

    async def enqueue(self, job: Job) -> None:
        self.fate.passes()
        await super().enqueue(job)
