"""Transactions: positions, changes, and what leaves only after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.exceptions import IntegrityError

from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.plumbing.database import connected
from counterfoil.unit_of_work import (
    CHANGES_KEPT,
    KEYS_KEPT,
    Change,
    ChangeHead,
    ChangeKind,
    ChangeType,
    IdempotencyKey,
    IdempotencyKeyReused,
    Job,
    Transactions,
    UnitOfWork,
    forget,
    once,
    prune,
)
from tests.factories import make_organization
from tests.fakes import NOW, FailingBell, FixedClock, RecordingBell, RecordingQueue

JOB = Job("work", {"id": "1"}, key="work:1")


class Refused(Exception):
    """What makes a transaction roll back."""


class Desk:
    """Transactions with a bell and a queue that remember."""

    def __init__(self) -> None:
        self.clock, self.bell, self.queue = FixedClock(), RecordingBell(), RecordingQueue()
        self.transactions = Transactions(self.clock, self.bell, self.queue)


@pytest.fixture
def desk(database: str) -> Desk:
    return Desk()


async def changes_of(organization_id: UUID) -> list[tuple[int, ChangeType, ChangeKind]]:
    rows = await Change.filter(organization_id=organization_id).order_by("position", "id")
    return [(row.position, row.type, row.kind) for row in rows]


class TestBegin:
    async def test_a_refusal_writes_nothing_and_tells_nobody(self, desk: Desk) -> None:
        organization_id = new_id()
        with suppress(Refused):
            async with desk.transactions.begin(organization_id) as uow:
                await make_organization()
                uow.upserted(ChangeType.BANK_LINK, new_id(), 1)
                uow.enqueue(JOB)
                await uow.position()
                raise Refused
        assert await Organization.all().count() == 0
        assert await ChangeHead.all().count() == 0
        assert await changes_of(organization_id) == []
        assert (desk.bell.rings, desk.queue.jobs) == ([], [])

    async def test_what_was_touched_is_told_once_after_the_commit(self, desk: Desk) -> None:
        organization_id, link_id, gone_id = new_id(), new_id(), new_id()
        async with desk.transactions.begin(organization_id) as uow:
            uow.upserted(ChangeType.BANK_LINK, link_id, 1)
            uow.upserted(ChangeType.BANK_LINK, link_id, 2)
            uow.gone(ChangeType.LINK_SESSION, gone_id)
            uow.enqueue(JOB)
            assert (desk.bell.rings, desk.queue.jobs) == ([], [])
        rows = await Change.filter(organization_id=organization_id).order_by("type")
        assert [(row.type, row.object_id, row.kind, row.revision) for row in rows] == [
            (ChangeType.BANK_LINK, link_id, ChangeKind.UPSERTED, 2),
            (ChangeType.LINK_SESSION, gone_id, ChangeKind.GONE, None),
        ]
        assert {(row.position, row.changed_at) for row in rows} == {(1, NOW)}
        assert desk.bell.rings == [(organization_id, 1)]
        assert desk.queue.jobs == [JOB]

    async def test_one_that_touches_nothing_takes_no_position(self, desk: Desk) -> None:
        async with desk.transactions.begin(new_id()):
            pass
        assert await ChangeHead.all().count() == 0
        assert desk.bell.rings == []

    async def test_one_that_only_asked_for_its_position_still_rings(self, desk: Desk) -> None:
        organization_id = new_id()
        async with desk.transactions.begin(organization_id) as uow:
            assert await uow.position() == await uow.position() == 1
        assert desk.bell.rings == [(organization_id, 1)]

    async def test_no_position_is_without_a_change(self, desk: Desk) -> None:
        organization_id = new_id()
        async with desk.transactions.begin(organization_id) as uow:
            await uow.position()
        [change] = await Change.filter(organization_id=organization_id)
        told = (change.position, change.type, change.object_id, change.kind)
        assert told == (1, ChangeType.ORGANIZATION, organization_id, ChangeKind.UPSERTED)

    async def test_a_lost_doorbell_does_not_undo_the_work(self, database: str) -> None:
        away = FailingBell()
        transactions = Transactions(FixedClock(), away, away)
        organization_id = new_id()
        async with transactions.begin(organization_id) as uow:
            uow.upserted(ChangeType.BANK_LINK, new_id(), 1)
            uow.enqueue(JOB)
        assert await changes_of(organization_id) == [(1, ChangeType.BANK_LINK, ChangeKind.UPSERTED)]

    async def test_each_organization_counts_for_itself(self, desk: Desk) -> None:
        first, second = new_id(), new_id()
        for organization_id in (first, second, first):
            async with desk.transactions.begin(organization_id) as uow:
                uow.upserted(ChangeType.BANK_LINK, new_id(), 1)
        assert desk.bell.rings == [(first, 1), (second, 1), (first, 2)]


class TestPart:
    async def test_a_part_that_fails_leaves_nothing_of_its_own(self, desk: Desk) -> None:
        organization_id, kept_id = new_id(), new_id()
        async with desk.transactions.begin(organization_id) as uow:
            uow.upserted(ChangeType.BANK_LINK, kept_id, 1)
            with suppress(Refused):
                async with uow.part():
                    await make_organization()
                    uow.upserted(ChangeType.BANK_LINK, kept_id, 2)
                    uow.upserted(ChangeType.BANK_ACCOUNT, new_id(), 1)
                    uow.enqueue(JOB)
                    raise Refused
        [change] = await Change.filter(organization_id=organization_id)
        assert (change.object_id, change.revision) == (kept_id, 1)
        assert await Organization.all().count() == 0
        assert desk.queue.jobs == []

    async def test_a_part_that_the_database_refuses_fails_alone(self, desk: Desk) -> None:
        first, second, third = new_id(), new_id(), new_id()
        async with desk.transactions.begin(first) as uow:
            for twin in (second, second, third):
                with suppress(IntegrityError):
                    async with uow.part():
                        await make_organization(id=twin)
        assert set(await Organization.all().values_list("id", flat=True)) == {second, third}

    async def test_a_part_that_succeeds_goes_with_the_whole(self, desk: Desk) -> None:
        organization_id = new_id()
        with suppress(Refused):
            async with desk.transactions.begin(organization_id) as uow:
                async with uow.part():
                    await make_organization()
                raise Refused
        assert await Organization.all().count() == 0


class TestPositions:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(fates=st.lists(st.sampled_from(["commits", "refuses", "touches nothing"]), max_size=8))
    async def test_they_have_no_holes_whatever_is_rolled_back(
        self, database: str, fates: Sequence[str]
    ) -> None:
        desk, organization_id = Desk(), new_id()

        async def run(fate: str) -> None:
            with suppress(Refused):
                async with desk.transactions.begin(organization_id) as uow:
                    if fate == "touches nothing":
                        return
                    uow.upserted(ChangeType.BANK_LINK, new_id(), 1)
                    await uow.position()
                    if fate == "refuses":
                        raise Refused

        await asyncio.gather(*map(run, fates))
        positions = [position for position, _, _ in await changes_of(organization_id)]
        assert positions == list(range(1, fates.count("commits") + 1))
        assert sorted(position for _, position in desk.bell.rings) == positions

    async def test_they_are_in_the_order_of_commits(self, postgres_url: str) -> None:
        """Who begins first and commits last has the later position: none appears behind a
        reader's back."""
        async with connected(postgres_url, pool=4):
            desk, organization_id = Desk(), new_id()
            slow_has_begun, quick_is_done = asyncio.Event(), asyncio.Event()

            async def slow() -> None:
                async with desk.transactions.begin(organization_id) as uow:
                    await make_organization()
                    slow_has_begun.set()
                    await quick_is_done.wait()
                    uow.upserted(ChangeType.BANK_LINK, new_id(), 1)

            async def quick() -> None:
                await slow_has_begun.wait()
                async with desk.transactions.begin(organization_id) as uow:
                    uow.upserted(ChangeType.REFRESH, new_id(), 1)
                assert await changes_of(organization_id) == [
                    (1, ChangeType.REFRESH, ChangeKind.UPSERTED)
                ]
                quick_is_done.set()

            async with asyncio.timeout(10):
                await asyncio.gather(slow(), quick())
            assert [(p, what) for p, what, _ in await changes_of(organization_id)] == [
                (1, ChangeType.REFRESH),
                (2, ChangeType.BANK_LINK),
            ]

    async def test_who_has_taken_one_is_waited_for(self, postgres_url: str) -> None:
        async with connected(postgres_url, pool=4):
            desk, organization_id = Desk(), new_id()
            taken, release = asyncio.Event(), asyncio.Event()
            order: list[str] = []

            async def first() -> None:
                async with desk.transactions.begin(organization_id) as uow:
                    assert await uow.position() == 1
                    taken.set()
                    await release.wait()
                    order.append("first")

            async def second() -> None:
                await taken.wait()
                async with desk.transactions.begin(organization_id) as uow:
                    position = asyncio.ensure_future(uow.position())
                    done, _ = await asyncio.wait([position], timeout=0.2)
                    assert not done
                    release.set()
                    assert await position == 2
                    order.append("second")

            async with asyncio.timeout(10):
                await asyncio.gather(first(), second())
            assert order == ["first", "second"]


class TestOnce:
    async def claim(self, uow: UnitOfWork, asked: object = "input", **scope: str) -> UUID:
        given = {"actor": "USER:1", "operation": "start", "key": "key-of-eight", **scope}
        return await once(uow, asked=asked, object_id=new_id(), **given)

    async def test_the_same_key_gives_the_same_object(self, desk: Desk) -> None:
        organization_id = new_id()
        answers = []
        for _ in range(2):
            async with desk.transactions.begin(organization_id) as uow:
                answers.append(await self.claim(uow))
        assert answers[0] == answers[1]

    async def test_another_input_is_refused(self, desk: Desk) -> None:
        organization_id = new_id()
        async with desk.transactions.begin(organization_id) as uow:
            await self.claim(uow)
        with pytest.raises(IdempotencyKeyReused):
            async with desk.transactions.begin(organization_id) as uow:
                await self.claim(uow, asked="other")
        assert await IdempotencyKey.all().count() == 1

    async def test_organization_actor_and_operation_are_part_of_the_key(self, desk: Desk) -> None:
        answers = set()
        for scope in ({}, {"actor": "USER:2"}, {"operation": "stop"}):
            async with desk.transactions.begin(UUID(int=1)) as uow:
                answers.add(await self.claim(uow, **scope))
        async with desk.transactions.begin(UUID(int=2)) as uow:
            answers.add(await self.claim(uow))
        assert len(answers) == 4

    async def test_in_parallel_one_claims_it_and_the_others_learn_of_it(self, desk: Desk) -> None:
        organization_id = new_id()

        async def claimed() -> UUID:
            async with desk.transactions.begin(organization_id) as uow:
                return await self.claim(uow)

        assert len(set(await asyncio.gather(*(claimed() for _ in range(6))))) == 1

    async def test_a_refused_call_leaves_its_key_free(self, desk: Desk) -> None:
        organization_id = new_id()
        with suppress(Refused):
            async with desk.transactions.begin(organization_id) as uow:
                await self.claim(uow)
                raise Refused
        async with desk.transactions.begin(organization_id) as uow:
            await self.claim(uow, asked="other")

    async def test_one_that_is_forgotten_can_be_used_anew(self, desk: Desk) -> None:
        organization_id = new_id()
        async with desk.transactions.begin(organization_id) as uow:
            object_id = await self.claim(uow)
        async with desk.transactions.begin(organization_id) as uow:
            await forget(uow, object_id=object_id)
            assert await self.claim(uow, asked="other") != object_id


class TestPrune:
    async def test_what_is_past_its_time_goes_and_the_rest_stays(self, desk: Desk) -> None:
        organization_id = new_id()
        for _ in range(2):
            async with desk.transactions.begin(organization_id) as uow:
                uow.upserted(ChangeType.BANK_LINK, new_id(), 1)
                await once(
                    uow,
                    actor="USER:1",
                    operation="start",
                    key=f"key-at-{uow.now:%Y-%m-%d}",
                    asked="input",
                    object_id=new_id(),
                )
            desk.clock.advance(timedelta(days=1))
        await prune(NOW + KEYS_KEPT + timedelta(seconds=1))
        assert await IdempotencyKey.all().count() == 1
        assert await Change.all().count() == 2
        await prune(NOW + CHANGES_KEPT + timedelta(seconds=1))
        assert [position for position, _, _ in await changes_of(organization_id)] == [2]
        assert (await ChangeHead.get()).position == 2
