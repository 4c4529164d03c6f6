"""Stand-ins for what lies outside: a bank behind the aggregator's port, clock, bell, queue."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict, deque
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from counterfoil.aggregators.port import (
    AccountFailure,
    AccountSnapshot,
    AccountType,
    AggregatorError,
    Capabilities,
    ChangesPage,
    Completeness,
    ErrorKind,
    Feed,
    Found,
    GrantSecret,
    Health,
    Hint,
    InstitutionSnapshot,
    Left,
    LinkRequest,
    LinkSnapshot,
    NewLink,
    OpenUrl,
    RemovedTransaction,
    Repaired,
    Retry,
    RevokeResult,
    TransactionSnapshot,
    Waiting,
    Webhooks,
)
from counterfoil.unit_of_work import DoorbellLost, Job

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)


class FixedClock:
    """Stands still until it is set."""

    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        self.moment += by


class RecordingPause:
    """A pause that lasts no time: it moves the clock on, and keeps what was asked for."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)


class RecordingBell:
    """Keeps every ring."""

    def __init__(self) -> None:
        self.rings: list[tuple[UUID, int]] = []

    async def ring(self, organization_id: UUID, position: int) -> None:
        self.rings.append((organization_id, position))


class FailingBell:
    """A bell, or a queue, whose server is away."""

    async def ring(self, organization_id: UUID, position: int) -> None:
        raise DoorbellLost("away")

    async def enqueue(self, job: Job) -> None:
        raise DoorbellLost("away")


class RecordingQueue:
    """Keeps every job."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    async def enqueue(self, job: Job) -> None:
        self.jobs.append(job)

    def take(self) -> Sequence[Job]:
        """The jobs so far, once."""
        jobs, self.jobs = self.jobs, []
        return jobs


@dataclass(slots=True)
class Hold:
    """Where a call to the bank is kept waiting: it says when it has come, and goes on when told."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)


def refusal(
    kind: ErrorKind,
    *,
    retry: Retry = Retry.NEVER,
    code: str | None = None,
    message: str | None = None,
    retry_at: datetime | None = None,
) -> AggregatorError:
    """An error as an adapter raises it; its code is the kind where none is given."""
    return AggregatorError(
        kind,
        retry=retry,
        provider_code=code or kind.value,
        provider_message=message,
        request_id="request-1",
        retry_at=retry_at,
    )


TRANSIENT = refusal(ErrorKind.TRANSIENT, retry=Retry.SOON)
RESTART = refusal(ErrorKind.RESTART_PAGINATION, retry=Retry.SOON)


def account(aggregator_id: str = "checking", **facts: Any) -> AccountSnapshot:
    """An account as a bank reports it: 1,000.00 USD in a checking account."""
    return replace(
        AccountSnapshot(
            aggregator_id=aggregator_id,
            name=aggregator_id.title(),
            official_name=None,
            type=AccountType.BANK,
            subtype="checking",
            number="0000",
            currency="USD",
            exponent=2,
            current_minor=100_000,
            available_minor=90_000,
            limit_minor=None,
            as_of=None,
        ),
        **facts,
    )


def line(aggregator_id: str, **facts: Any) -> TransactionSnapshot:
    """A posted line of 12.34 USD out of the account `checking`; its hash follows its facts."""
    reported = replace(
        TransactionSnapshot(
            aggregator_id=aggregator_id,
            account_id="checking",
            pending=False,
            dated_on=date(2026, 3, 9),
            occurred_on=None,
            amount_minor=-1234,
            currency="USD",
            exponent=2,
            description=f"Line {aggregator_id}",
            bank_description=None,
            counterparty=None,
            check_number=None,
            category=None,
            pending_id=None,
            raw_hash=b"",
        ),
        **facts,
    )
    return replace(
        reported, raw_hash=hashlib.blake2b(repr(reported).encode(), digest_size=16).digest()
    )


_Event = TransactionSnapshot | RemovedTransaction


class FakeAggregator:
    """A bank in memory behind the port.

    `lines` is the bank's truth, `history` how it came about. A cursor is a place in the history;
    one in the middle of a pagination remembers how long the history was when that began, and a
    history that has grown since is reported as RESTART_PAGINATION, as Plaid reports it.
    """

    name = "plaid"
    capabilities = Capabilities(
        live_refresh=True,
        per_account_delete=False,
        webhooks=Webhooks.SIGNED,
        feed=Feed.DELTA,
        max_history_days=730,
        max_window_days=None,
        min_interval_seconds=60,
        pending=True,
    )

    def __init__(self, *, page_size: int = 500) -> None:
        self.page_size = page_size
        self.accounts: dict[str, AccountSnapshot] = {}
        self.lines: dict[str, TransactionSnapshot] = {}
        self.history: list[_Event] = []
        self.completeness = Completeness.COMPLETE
        self.health_error: AggregatorError | None = None
        self.consent_expires_at: datetime | None = None
        self.account_failures: list[AccountFailure] = []
        self.hints: Sequence[Hint] = ()
        self.calls: list[str] = []
        self.cursors: list[str | None] = []
        self.link_requests: list[LinkRequest] = []
        self.between_pages: Callable[[int], Awaitable[None]] | None = None
        self._faults: dict[str, Iterator[Exception | None]] = {}
        self._holds: defaultdict[str, deque[Hold]] = defaultdict(deque)
        self._answers: dict[str, Waiting | Left | Found | Repaired] = {}
        self._handovers: set[str] = set()
        self._revoked: set[str] = set()

    def open_account(self, aggregator_id: str = "checking", **facts: Any) -> AccountSnapshot:
        """Open an account, or report other facts of one that is open."""
        self.accounts[aggregator_id] = account(aggregator_id, **facts)
        return self.accounts[aggregator_id]

    def report(self, *lines: TransactionSnapshot) -> None:
        """Add lines, or change those that are there."""
        for reported in lines:
            self.lines[reported.aggregator_id] = reported
            self.history.append(reported)

    def withdraw(self, aggregator_id: str) -> None:
        """Remove a line."""
        gone = self.lines.pop(aggregator_id)
        self.history.append(RemovedTransaction(aggregator_id, gone.account_id))

    def post(self, pending_id: str, posted: TransactionSnapshot, *, named: bool = True) -> None:
        """Let a pending line post: it goes, and another comes that names it or does not."""
        self.withdraw(pending_id)
        self.report(line_with(posted, pending_id=pending_id if named else None))

    def fail(self, method: str, *errors: Exception | None) -> None:
        """Raise these, one for each call (for each page of `changes`); None lets one through."""
        self._faults[method] = iter(errors)

    def fail_always(self, method: str, error: AggregatorError) -> None:
        """Raise this for every call."""
        self._faults[method] = iter(lambda: error, None)

    def heal(self) -> None:
        """Raise nothing any more."""
        self._faults.clear()

    def hold(self, method: str) -> Hold:
        """Keep the next call of a method (the next page of `changes`) waiting until released.

        Asked for again, it is the call after that one.
        """
        hold = Hold()
        self._holds[method].append(hold)
        return hold

    def answer(self, handle: str, answer: Waiting | Left | Found | Repaired) -> None:
        """How the attempt of this handle stands from now on."""
        self._answers[handle] = answer
        if isinstance(answer, Found):
            self._handovers.add(answer.handover.value)

    async def _enter(self, method: str) -> None:
        self.calls.append(method)
        if self._holds[method]:
            hold = self._holds[method].popleft()
            hold.reached.set()
            await hold.release.wait()
        error = next(self._faults.get(method, iter(())), None)
        if error is not None:
            raise error

    async def institutions(self, query: str, country: str | None) -> Sequence[InstitutionSnapshot]:
        await self._enter("institutions")
        return [PLATYPUS] if query.casefold() in PLATYPUS.name.casefold() else []

    async def begin_link(self, request: LinkRequest) -> OpenUrl:
        await self._enter("begin_link")
        self.link_requests.append(request)
        handle = f"handle-{len(self.link_requests)}"
        self._answers[handle] = Waiting()
        return OpenUrl(
            f"https://bank.example/{handle}", GrantSecret(handle), NOW + timedelta(minutes=30)
        )

    async def finish_link(self, handle: GrantSecret) -> Waiting | Left | Found | Repaired:
        await self._enter("finish_link")
        return self._answers[handle.value]

    async def redeem(self, handover: GrantSecret) -> NewLink:
        await self._enter("redeem")
        if handover.value not in self._handovers:
            raise refusal(ErrorKind.LINK_GONE, code="INVALID_PUBLIC_TOKEN", message="used before")
        self._handovers.remove(handover.value)
        return NewLink(f"item-of-{handover.value}", GrantSecret(f"grant-of-{handover.value}"))

    async def snapshot(self, grant: GrantSecret) -> LinkSnapshot:
        await self._enter("snapshot")
        return LinkSnapshot(
            await self._health(), list(self.accounts.values()), list(self.account_failures)
        )

    async def health(self, grant: GrantSecret) -> Health:
        await self._enter("health")
        return await self._health()

    async def _health(self) -> Health:
        return Health(self.health_error, None, self.consent_expires_at, PLATYPUS)

    async def changes(self, grant: GrantSecret, cursor: str | None) -> AsyncIterator[ChangesPage]:
        self.cursors.append(cursor)
        start, begun_at = _place(cursor)
        number = 0
        while True:
            number += 1
            if number > 1 and self.between_pages is not None:
                await self.between_pages(number)
            await self._enter("changes")
            if self.completeness is Completeness.NOT_READY:
                yield ChangesPage([], [], [], "", False, Completeness.NOT_READY)
                return
            begun_at = len(self.history) if begun_at is None else begun_at
            if begun_at != len(self.history):
                raise RESTART
            page, start = self._page(start, begun_at)
            yield page
            if not page.has_more:
                return

    def _page(self, start: int, begun_at: int) -> tuple[ChangesPage, int]:
        end = min(start + self.page_size, len(self.history))
        has_more = end < len(self.history)
        last = {event.aggregator_id: event for event in self.history[start:end]}
        before = {event.aggregator_id for event in self.history[:start]}
        written = [event for event in last.values() if isinstance(event, TransactionSnapshot)]
        page = ChangesPage(
            added=[event for event in written if event.aggregator_id not in before],
            modified=[event for event in written if event.aggregator_id in before],
            removed=[event for event in last.values() if isinstance(event, RemovedTransaction)],
            next_cursor=f"{end}/{begun_at}" if has_more else str(end),
            has_more=has_more,
            completeness=self.completeness,
        )
        return page, end

    async def refresh(self, grant: GrantSecret) -> None:
        await self._enter("refresh")

    async def revoke(self, grant: GrantSecret) -> RevokeResult:
        await self._enter("revoke")
        if grant.value in self._revoked:
            return RevokeResult.ALREADY_GONE
        self._revoked.add(grant.value)
        return RevokeResult.REMOTE

    async def events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Hint]:
        await self._enter("events")
        return self.hints


def line_with(reported: TransactionSnapshot, **facts: Any) -> TransactionSnapshot:
    """The same line with other facts, and the hash that follows from them."""
    values = {name: getattr(reported, name) for name in reported.__slots__}
    return line(**{**values, **facts, "raw_hash": b""})


def _place(cursor: str | None) -> tuple[int, int | None]:
    place, _, begun_at = (cursor or "0").partition("/")
    return int(place), int(begun_at) if begun_at else None


PLATYPUS = InstitutionSnapshot(
    "ins_109508", "First Platypus Bank", "https://platypus.example", ("US",)
)
