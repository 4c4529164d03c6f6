"""Subscriptions: the live end of changes, shared by all followers of a process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.api import ids
from counterfoil.api.context import Context, Services
from counterfoil.api.live import QUEUE, Batch, Follower, Live, Missed
from counterfoil.api.schema import schema
from counterfoil.api.subscriptions import MOST_MISSED
from counterfoil.changes import Place
from counterfoil.errors import NotFound
from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.links.models import LinkSession, Refresh, RefreshState
from counterfoil.plumbing.keeping import kept_running
from counterfoil.unit_of_work import ChangeType, Transactions
from counterfoil.viewer import Right, Viewer
from tests.api.asking import (
    Refused,
    ask,
    services,
    some_viewer,
    statements,
    told_of_statements,
)
from tests.factories import (
    make_account,
    make_link,
    make_organization,
    make_refresh,
    make_session,
    make_viewer,
)
from tests.fakes import NOW, FixedClock, RecordingPause, RecordingQueue

pytestmark = pytest.mark.usefixtures("database")
LIMIT = 60.0


@dataclass
class InMemoryBus:
    """Rings in one process; `silent` loses every ring."""

    silent: bool = False
    _rings: asyncio.Queue[tuple[UUID, int] | None] = field(default_factory=asyncio.Queue)

    async def ring(self, organization_id: UUID, position: int) -> None:
        if not self.silent:
            self._rings.put_nowait((organization_id, position))

    async def listen(self) -> AsyncIterator[tuple[UUID, int] | None]:
        while True:
            yield await self._rings.get()


@dataclass
class Process:
    """One web process: what it is given, and a bus whose rings it hears."""

    bus: InMemoryBus
    services: Services

    async def touch(self, organization_id: UUID, what: Iterable[tuple[ChangeType, UUID]]) -> None:
        async with self.services.transactions.begin(organization_id) as uow:
            for kind, object_id in what:
                uow.upserted(kind, object_id, 1)


@asynccontextmanager
async def _process(*, silent: bool = False, look_seconds: float = 60.0) -> AsyncIterator[Process]:
    bus, clock = InMemoryBus(silent=silent), FixedClock()
    live = Live(listen=bus.listen, clock=clock, look_seconds=look_seconds)
    given = services(
        live=live, clock=clock, transactions=Transactions(clock, bus, RecordingQueue())
    )
    running = asyncio.create_task(live.run())
    try:
        yield Process(bus, given)
    finally:
        running.cancel()
        await asyncio.wait([running])


class Subscriber:
    """Reads one subscription, an answer at a time."""

    def __init__(self, answers: Any) -> None:
        self._answers = answers

    async def next(self) -> Any:
        """The next answer's data.

        Raises:
            Refused: it holds errors.
        """
        answer = await asyncio.wait_for(anext(self._answers), LIMIT)
        if answer.errors:
            raise Refused(answer.errors)
        [value] = answer.data.values()
        return value


@asynccontextmanager
async def _subscribed(
    process: Process, viewer: Viewer | None, document: str, **variables: Any
) -> AsyncIterator[Subscriber]:
    context = Context(process.services, viewer, "req-test")
    answers = cast(
        Any,
        await schema.subscribe(document, variable_values=variables, context_value=context),
    )
    if not hasattr(answers, "__anext__"):
        raise Refused(answers.errors)
    try:
        yield Subscriber(answers)
    finally:
        await answers.aclose()


async def _not_found(process: Process, viewer: Viewer, document: str, id_: str) -> tuple[str, ...]:
    """Follow what is not there; the field that the error is about."""
    with pytest.raises(Refused) as refused:
        async with _subscribed(process, viewer, document, id=id_) as subscriber:
            await subscriber.next()
    [error] = refused.value.errors
    assert isinstance(error.original_error, NotFound)
    return error.original_error.field


EVENTS = """
subscription($types: [ChangeType!], $after: Cursor) {
  organizationChanged(types: $types, after: $after) {
    __typename
    ... on ChangesEvent { head changes { type id kind node { id ... on BankAccount { name } } } }
    ... on ResyncEvent { head message }
  }
}
"""


async def _organization(viewer: Viewer) -> Organization:
    return await Organization.get(id=viewer.organization_id)


async def _account(viewer: Viewer, **values: Any) -> BankAccount:
    return await make_account(await make_link(await _organization(viewer)), **values)


class TestOrganizationChanged:
    @pytest.mark.parametrize("signed_in", [True, False])
    async def test_denied(self, signed_in: bool) -> None:
        organization = await make_organization()
        viewer = await make_viewer(organization, rights=(Right.BANKS,)) if signed_in else None
        async with _process() as process:
            with pytest.raises(Refused) as refused:
                async with _subscribed(process, viewer, EVENTS) as subscriber:
                    await subscriber.next()
        assert refused.value.codes == ["FORBIDDEN" if signed_in else "UNAUTHENTICATED"]

    async def test_first_the_head_then_every_change_as_it_commits(self) -> None:
        viewer = await some_viewer()
        account = await _account(viewer, name="Till")
        async with _process() as process, _subscribed(process, viewer, EVENTS) as subscriber:
            first = await subscriber.next()
            assert (first["__typename"], first["changes"]) == ("ChangesEvent", [])
            assert first["head"] == (await ask(viewer, "{ changesHead }"))["changesHead"]
            await process.touch(viewer.organization_id, [(ChangeType.BANK_ACCOUNT, account.id)])
            event = await subscriber.next()
            account_id = ids.encode("BankAccount", account.id)
            assert event["changes"] == [
                {
                    "type": "BANK_ACCOUNT",
                    "id": account_id,
                    "kind": "UPSERTED",
                    "node": {"id": account_id, "name": "Till"},
                }
            ]
            assert event["head"] == (await ask(viewer, "{ changesHead }"))["changesHead"]

    async def test_an_object_is_read_anew_for_each_event(self) -> None:
        viewer = await some_viewer()
        account = await _account(viewer, name="Till")
        touched = [(ChangeType.BANK_ACCOUNT, account.id)]
        async with _process() as process, _subscribed(process, viewer, EVENTS) as subscriber:
            await subscriber.next()
            for name in ("One", "Two"):
                await BankAccount.filter(id=account.id).update(name=name)
                await process.touch(viewer.organization_id, touched)
                [change] = (await subscriber.next())["changes"]
                assert change["node"]["name"] == name

    async def test_only_its_own_organization_and_its_own_types(self) -> None:
        viewer, other = await some_viewer(), await some_viewer()
        account, theirs = await _account(viewer), await _account(other)
        link_id = new_id()
        async with (
            _process() as process,
            _subscribed(process, viewer, EVENTS, types=["BANK_ACCOUNT"]) as subscriber,
        ):
            await subscriber.next()
            await process.touch(other.organization_id, [(ChangeType.BANK_ACCOUNT, theirs.id)])
            await process.touch(viewer.organization_id, [(ChangeType.BANK_LINK, link_id)])
            await process.touch(viewer.organization_id, [(ChangeType.BANK_ACCOUNT, account.id)])
            [change] = (await subscriber.next())["changes"]
            assert change["id"] == ids.encode("BankAccount", account.id)

    async def test_a_client_that_was_away_gets_what_it_missed_and_nothing_twice(self) -> None:
        viewer = await some_viewer()
        accounts = [await _account(viewer, name=str(number)) for number in range(3)]
        async with _process() as process:
            head = (await ask(viewer, "{ changesHead }"))["changesHead"]
            for account in accounts[:2]:
                await process.touch(viewer.organization_id, [(ChangeType.BANK_ACCOUNT, account.id)])
            async with _subscribed(process, viewer, EVENTS, after=head) as subscriber:
                missed = (await subscriber.next())["changes"]
                assert [each["node"]["name"] for each in missed] == ["0", "1"]
                await process.touch(
                    viewer.organization_id, [(ChangeType.BANK_ACCOUNT, accounts[2].id)]
                )
                fresh = (await subscriber.next())["changes"]
                assert [each["node"]["name"] for each in fresh] == ["2"]

    async def test_too_much_was_missed(self) -> None:
        viewer = await some_viewer()
        async with _process() as process:
            head = (await ask(viewer, "{ changesHead }"))["changesHead"]
            many = [(ChangeType.BANK_ACCOUNT, new_id()) for _ in range(MOST_MISSED + 1)]
            await process.touch(viewer.organization_id, many)
            async with _subscribed(process, viewer, EVENTS, after=head) as subscriber:
                event = await subscriber.next()
                assert event["__typename"] == "ResyncEvent"
                assert event["head"] == (await ask(viewer, "{ changesHead }"))["changesHead"]

    async def test_a_lost_ring_is_made_up_for(self) -> None:
        viewer = await some_viewer()
        account = await _account(viewer)
        async with (
            _process(silent=True, look_seconds=0.02) as process,
            _subscribed(process, viewer, EVENTS) as subscriber,
        ):
            await subscriber.next()
            await process.touch(viewer.organization_id, [(ChangeType.BANK_ACCOUNT, account.id)])
            assert len((await subscriber.next())["changes"]) == 1

    async def test_many_subscribers_cost_the_database_no_more_than_one(self) -> None:
        viewer = await some_viewer()
        account = await _account(viewer)
        touched = [(ChangeType.BANK_ACCOUNT, account.id)]

        async def reads(followers: int) -> int:
            async with _process() as process:
                contexts = [_subscribed(process, viewer, EVENTS) for _ in range(followers)]
                subscribers = [await each.__aenter__() for each in contexts]
                for each in subscribers:
                    await each.next()
                with statements() as seen:
                    await process.touch(viewer.organization_id, touched)
                    events = [await each.next() for each in subscribers]
                    assert all(len(event["changes"]) == 1 for event in events)
                for context in contexts:
                    await context.__aexit__(None, None, None)
            return len([each for each in seen if each.startswith("SELECT")])

        assert await reads(1) == await reads(8) == 3


class TestAListenerThatFails:
    async def test_is_begun_again_for_those_who_follow_already(self) -> None:
        viewer, clock, bus = await some_viewer(), FixedClock(), InMemoryBus()
        broken = asyncio.Event()

        async def listen() -> AsyncIterator[tuple[UUID, int] | None]:
            if not broken.is_set():
                await broken.wait()
                raise ValueError("unforeseen")
            async for ring in bus.listen():
                yield ring

        live = Live(listen=listen, clock=clock, look_seconds=60)
        given = services(clock=clock, transactions=Transactions(clock, bus, RecordingQueue()))
        process, pause = Process(bus, given), RecordingPause(clock)
        async with (
            kept_running(live.run, clock=clock, pause=pause),
            live.following(viewer.organization_id) as follower,
        ):
            await process.touch(viewer.organization_id, [(ChangeType.REFRESH, new_id())])
            broken.set()
            for _ in range(2):
                told = await asyncio.wait_for(follower.next(), LIMIT)
                assert [each.type for each in cast(Batch, told).changes] == [ChangeType.REFRESH]
                await process.touch(viewer.organization_id, [(ChangeType.REFRESH, new_id())])
        assert pause.seconds == [0.5]


class TestAFollowerThatJoinsDuringARead:
    async def test_hears_of_its_own_types_too(self) -> None:
        viewer = await some_viewer()
        async with _process() as process:
            following, heard = process.services.live.following, list[ChangeType]()
            joined = asyncio.Event()

            async def join() -> None:
                async with following(
                    viewer.organization_id, (ChangeType.BANK_ACCOUNT,)
                ) as follower:
                    joined.set()
                    told = await asyncio.wait_for(follower.next(), LIMIT)
                    heard.extend(each.type for each in cast(Batch, told).changes)

            joining: list[asyncio.Task[None]] = []

            class JoinsAtTheFirstRead(logging.Handler):
                def emit(self, record: logging.LogRecord) -> None:
                    if "FROM change " in record.getMessage() and not joining:
                        joining.append(asyncio.create_task(join()))

            async with following(viewer.organization_id, (ChangeType.REFRESH,)) as first:
                with told_of_statements(JoinsAtTheFirstRead()):
                    both = [(ChangeType.REFRESH, new_id()), (ChangeType.BANK_ACCOUNT, new_id())]
                    await process.touch(viewer.organization_id, both)
                    told = await asyncio.wait_for(first.next(), LIMIT)
                assert joined.is_set()
                await joining[0]
            assert ChangeType.REFRESH in {each.type for each in cast(Batch, told).changes}
            assert ChangeType.BANK_ACCOUNT in heard


class TestASlowFollower:
    async def test_is_told_once_that_it_missed_something(self) -> None:
        follower = Follower(Place(0, NOW), frozenset(ChangeType))
        for position in range(1, QUEUE + 3):
            follower.tell(Batch([], Place(position, NOW)))
        heard = await follower.next()
        assert heard == Missed(Place(QUEUE + 1, NOW))
        assert cast(Batch, await follower.next()).head == Place(QUEUE + 2, NOW)


PROGRESS = """
subscription($id: ID!) { refreshProgressed(bankLinkId: $id) { id state lines } }
"""


class TestRefreshProgressed:
    async def _progress(self, process: Process, refresh: Refresh, **values: Any) -> None:
        await Refresh.filter(id=refresh.id).update(revision=refresh.revision + 1, **values)
        refresh.revision += 1
        await process.touch(refresh.organization_id, [(ChangeType.REFRESH, refresh.id)])

    async def test_another_organizations_login_and_an_absent_one_are_not_found(self) -> None:
        viewer, other = await some_viewer(), await some_viewer()
        link = await make_link(await _organization(other))
        await make_refresh(link)
        theirs, absent = (ids.encode("BankLink", each) for each in (link.id, new_id()))
        async with _process() as process:
            for asked in (theirs, absent, "nonsense"):
                assert await _not_found(process, viewer, PROGRESS, asked) == ("bank_link_id",)

    async def test_a_login_without_a_pull_has_none_yet(self) -> None:
        viewer = await some_viewer()
        link = await make_link(await _organization(viewer))
        asked = ids.encode("BankLink", link.id)
        async with (
            _process() as process,
            _subscribed(process, viewer, PROGRESS, id=asked) as subscriber,
        ):
            assert await subscriber.next() is None
            await self._progress(process, await make_refresh(link))
            assert (await subscriber.next())["state"] == "QUEUED"

    async def test_first_how_it_stands_then_every_step_of_this_login_alone(self) -> None:
        viewer = await some_viewer()
        organization = await _organization(viewer)
        link, beside = await make_link(organization), await make_link(organization)
        refresh, other = await make_refresh(link), await make_refresh(beside)
        asked = ids.encode("BankLink", link.id)
        async with (
            _process() as process,
            _subscribed(process, viewer, PROGRESS, id=asked) as subscriber,
        ):
            assert (await subscriber.next())["state"] == "QUEUED"
            await self._progress(process, other, state=RefreshState.RUNNING)
            await self._progress(process, refresh, state=RefreshState.RUNNING, lines=5)
            step = await subscriber.next()
            assert (step["id"], step["lines"]) == (ids.encode("Refresh", refresh.id), 5)
            await self._progress(process, refresh, state=RefreshState.DONE, under_way=None)
            assert (await subscriber.next())["state"] == "DONE"


SESSION = """
subscription($id: ID!) { linkSessionChanged(id: $id) {
  state step { __typename ... on OpenUrlStep { url } ... on EndedStep { message } } error { code }
} }
"""


class TestLinkSessionChanged:
    async def test_anothers_session_and_an_absent_one_are_not_found(self) -> None:
        viewer = await some_viewer()
        session = await make_session(await make_viewer(await _organization(viewer)))
        theirs, absent = (ids.encode("LinkSession", each) for each in (session.id, new_id()))
        async with _process() as process:
            for asked in (theirs, absent, "nonsense"):
                assert await _not_found(process, viewer, SESSION, asked) == ("id",)

    async def test_first_how_it_stands_then_its_end(self) -> None:
        viewer = await some_viewer()
        session = await make_session(viewer)
        asked = ids.encode("LinkSession", session.id)
        async with (
            _process() as process,
            _subscribed(process, viewer, SESSION, id=asked) as subscriber,
        ):
            assert await subscriber.next() == {
                "state": "WAITING",
                "step": {"__typename": "OpenUrlStep", "url": session.open_url},
                "error": None,
            }
            await LinkSession.filter(id=session.id).update(
                state="EXPIRED", problem="Too late. Start again.", open_url=None
            )
            await process.touch(viewer.organization_id, [(ChangeType.LINK_SESSION, session.id)])
            assert await subscriber.next() == {
                "state": "EXPIRED",
                "step": {"__typename": "EndedStep", "message": "Too late. Start again."},
                "error": {"code": "LINK_SESSION_ENDED"},
            }
