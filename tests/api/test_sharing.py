"""One event, many followers: who asks the same alike is answered by one execution."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, cast
from uuid import UUID

import pytest
import strawberry
from graphql import DocumentNode, parse, subscribe

from counterfoil.api.graphql_schema import make_schema
from counterfoil.api.sharing import Answers, SharedEvent, SharingExecutor
from counterfoil.viewer import Right, Viewer

VIEWER = Viewer.system(UUID(int=1))
BY_NUMBER = parse("subscription ($plus: Int! = 0) { told { number(plus: $plus) reader } }")


@dataclass
class Asker:
    """The context of one subscription: who asks, and what they are told."""

    viewer: Viewer
    event: Told
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)


@strawberry.type
class Told(SharedEvent):
    answers: strawberry.Private[Answers | None]
    reads: strawberry.Private[list[Viewer]] = strawberry.field(default_factory=list)

    @strawberry.field
    async def number(self, info: strawberry.Info[Asker, None], plus: int) -> int:
        self.reads.append(info.context.viewer)
        info.context.begun.set()
        await asyncio.wait_for(info.context.let_go.wait(), 10)
        return len(self.reads) + plus

    @strawberry.field
    def reader(self, info: strawberry.Info[Asker, None]) -> bool:
        return info.context.viewer.may(Right.BANKS)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def told(self, info: strawberry.Info[Asker, None]) -> AsyncIterator[Told]:
        yield info.context.event


@strawberry.type
class Query:
    nothing: int


SCHEMA = make_schema(query=Query, mutation=None, subscription=Subscription)._schema


async def _answer(
    asker: Asker, document: DocumentNode = BY_NUMBER, **variables: Any
) -> dict[str, Any]:
    begun: Any = subscribe(
        SCHEMA,
        document,
        context_value=asker,
        variable_values=variables,
        executor_class=SharingExecutor,
    )
    answers = cast(Any, await begun)
    return dict((await anext(answers)).formatted)


def _asker(event: Told, viewer: Viewer = VIEWER) -> Asker:
    asker = Asker(viewer, event)
    asker.let_go.set()
    return asker


class TestSharedEvent:
    async def test_never_shared_with_one_who_may_less(self) -> None:
        event = Told(answers=Answers())
        less = replace(VIEWER, rights=frozenset({Right.READ}))
        answers = await asyncio.gather(_answer(_asker(event)), _answer(_asker(event, less)))
        assert [each["data"]["told"]["reader"] for each in answers] == [True, False]
        assert event.reads == [VIEWER, less]

    @pytest.mark.parametrize(
        "other",
        [replace(VIEWER, organization_id=UUID(int=2)), replace(VIEWER, user_id=UUID(int=2))],
        ids=["organization", "user"],
    )
    async def test_never_shared_with_another(self, other: Viewer) -> None:
        event = Told(answers=Answers())
        await asyncio.gather(_answer(_asker(event)), _answer(_asker(event, other)))
        assert event.reads == [VIEWER, other]

    async def test_executed_once_for_equal_questions_of_equal_viewers(self) -> None:
        event = Told(answers=Answers())
        askers = [_asker(event, replace(VIEWER)) for _ in range(3)]
        answers = await asyncio.gather(*map(_answer, askers))
        assert answers == [{"data": {"told": {"number": 1, "reader": True}}}] * 3
        assert event.reads == [VIEWER]

    async def test_other_variables_are_another_question(self) -> None:
        event = Told(answers=Answers())
        answers = [await _answer(_asker(event), plus=plus) for plus in (10, 20)]
        assert [each["data"]["told"]["number"] for each in answers] == [11, 22]

    async def test_another_document_is_another_question(self) -> None:
        event = Told(answers=Answers())
        renamed = parse("subscription { told { mine: number(plus: 0) } }")
        await _answer(_asker(event))
        assert await _answer(_asker(event), renamed) == {"data": {"told": {"mine": 2}}}

    async def test_an_event_for_one_alone_is_executed_for_each(self) -> None:
        event = Told(answers=None)
        answers = [await _answer(_asker(event)) for _ in range(2)]
        assert [each["data"]["told"]["number"] for each in answers] == [1, 2]

    async def test_goes_on_for_the_others_when_the_first_to_ask_goes_away(self) -> None:
        event = Told(answers=Answers())
        first = Asker(VIEWER, event)
        leaving = asyncio.create_task(_answer(first))
        staying = asyncio.create_task(_answer(_asker(event)))
        async with asyncio.timeout(10):
            await first.begun.wait()
            leaving.cancel()
            await asyncio.wait([leaving])
            first.let_go.set()
            assert (await staying)["data"]["told"]["number"] == 1
        assert leaving.cancelled()
