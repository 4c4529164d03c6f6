"""Acts: their rows, their keys, their order, their trail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest

from counterfoil.audit.models import AuditEvent
from counterfoil.audit.operations import FIRST_HASH, hash_of
from counterfoil.errors import NotFound
from counterfoil.kit.ids import new_id
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.unit_of_work import (
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    UnitOfWork,
    prune,
)
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.fakes import NOW
from tests.reconciliation.conftest import Books

LINE = UUID("018f3b6e-0000-7000-8000-000000000001")


@dataclass(frozen=True)
class Asked:
    """An input as an edge decodes it."""

    bank_transaction_id: UUID = LINE
    posted_on: date = date(2026, 3, 9)
    amount_minor: int = -1234


ASKED = Asked()


def key(key: str = "key-0001", *, operation: str = "bookTransaction", asked: Asked = ASKED) -> Key:
    return Key(operation, key, asked)


async def act_once(
    books: Books, key: Key | None, *, viewer: Viewer | None = None
) -> tuple[Act, bool]:
    """One act that does nothing but be there."""
    async with books.begin() as uow:
        who = viewer or books.viewer
        act, replayed = await begin(uow, who, ActKind.BOOK, key=key, bank_account_id=None)
        if replayed:
            return act, True
        return await finish(uow, who, act, action="bookTransaction", match_ids=[LINE]), False


class TestBegin:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, books: Books
    ) -> None:
        reader = await books.clerk(Right.CODE)
        before = await books.written()
        with pytest.raises(Forbidden, match="“code”"):
            await act_once(books, None, viewer=reader)
        assert await books.written() == before

    async def test_the_same_key_and_input_give_the_same_act(self, books: Books) -> None:
        first, _ = await act_once(books, key())
        again, replayed = await act_once(books, key())
        assert (again.id, again.details, replayed) == (first.id, first.details, True)
        assert await Act.all().count() == 1
        assert await AuditEvent.all().count() == 1

    async def test_a_key_is_kept_when_all_other_keys_are_long_forgotten(self, books: Books) -> None:
        first, _ = await act_once(books, key())
        books.clock.advance(timedelta(days=4000))
        await prune(books.clock.now())
        again, replayed = await act_once(books, key())
        assert (again.id, replayed) == (first.id, True)

    async def test_the_same_key_with_another_input_is_refused(self, books: Books) -> None:
        await act_once(books, key())
        before = await books.written()
        with pytest.raises(IdempotencyKeyReused):
            await act_once(books, key(asked=Asked(amount_minor=-1235)))
        assert await books.written() == before

    async def test_a_key_belongs_to_one_person_and_one_operation(self, books: Books) -> None:
        colleague = await books.clerk()
        acts = [
            await act_once(books, key()),
            await act_once(books, key(), viewer=colleague),
            await act_once(books, key(operation="matchTransactions")),
        ]
        assert [replayed for _, replayed in acts] == [False, False, False]
        assert len({act.id for act, _ in acts}) == 3

    @pytest.mark.parametrize("bad", ["short", "x" * 129, "with\nline end", "ключ-ключ"])
    async def test_a_key_that_is_none_is_refused(self, books: Books, bad: str) -> None:
        with pytest.raises(IdempotencyKeyInvalid):
            await act_once(books, key(bad))
        assert await Act.all().count() == 0

    async def test_without_a_key_each_call_is_an_act(self, books: Books) -> None:
        first, _ = await act_once(books, None)
        second, _ = await act_once(books, None)
        assert first.id != second.id

    async def test_a_refusal_frees_the_key(self, books: Books) -> None:
        with pytest.raises(NotFound):
            await self.refused(books)
        _, replayed = await act_once(books, key())
        assert not replayed

    async def refused(self, books: Books) -> None:
        async with books.begin() as uow:
            await begin(uow, books.viewer, ActKind.BOOK, key=key(), bank_account_id=None)
            raise NotFound

    async def test_of_ten_calls_with_one_key_at_once_one_acts(self, books: Books) -> None:
        answers = await asyncio.gather(*(act_once(books, key()) for _ in range(10)))
        assert len({act.id for act, _ in answers}) == 1
        assert [replayed for _, replayed in answers].count(False) == 1
        assert await Act.all().count() == 1

    async def test_acts_of_one_organization_wait_for_each_other(self, books: Books) -> None:
        order: list[str] = []
        inside, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            async with books.begin() as uow:
                await begin(uow, books.viewer, ActKind.BOOK, key=None, bank_account_id=None)
                inside.set()
                await go_on.wait()
                order.append("slow")

        async def quick() -> None:
            await inside.wait()
            asked = asyncio.ensure_future(act_once(books, None))
            go_on.set()
            await asked
            order.append("quick")

        await asyncio.gather(slow(), quick())
        assert order == ["slow", "quick"]

    async def test_a_part_names_its_bulk(self, books: Books) -> None:
        async with books.begin() as uow:
            bulk, _ = await self.begin_kind(uow, books, ActKind.BULK, None)
            part, _ = await self.begin_kind(uow, books, ActKind.BOOK, bulk)
        assert [one.id for one in await Act.filter(parent_id=bulk.id)] == [part.id]

    async def begin_kind(
        self, uow: UnitOfWork, books: Books, kind: ActKind, parent: Act | None
    ) -> tuple[Act, bool]:
        return await begin(uow, books.viewer, kind, key=None, bank_account_id=None, parent=parent)


class TestFinish:
    async def test_the_act_and_its_trail_name_rows_by_id_alone(self, books: Books) -> None:
        ids = sorted(str(new_id()) for _ in range(2))
        async with books.begin() as uow:
            act, _ = await begin(
                uow, books.viewer, ActKind.BOOK, key=None, bank_account_id=books.account.id
            )
            act.details["displaced"] = [{"amount_minor": 5}]
            await finish(
                uow,
                books.viewer,
                act,
                action="bookTransaction",
                bank_transaction_ids=[UUID(one) for one in (*reversed(ids), ids[0])],
            )
        stored = await Act.get(id=act.id)
        assert stored.details == {
            "displaced": [{"amount_minor": 5}],
            "bank_transaction_ids": ids,
        }
        assert (stored.kind, stored.actor, stored.acted_at) == (
            ActKind.BOOK,
            books.viewer.actor,
            NOW,
        )
        assert (stored.bank_account_id, stored.revision) == (books.account.id, 1)
        event = await AuditEvent.get()
        assert (event.action, event.object_type, event.object_id) == (
            "bookTransaction",
            "Act",
            act.id,
        )
        assert event.after == {"kind": "BOOK", "bank_transaction_ids": ids}
        assert (event.request_id, event.user_id) == ("request-1", books.viewer.user_id)
        assert (event.previous_hash, event.hash) == (FIRST_HASH, hash_of(event))
        assert await books.changed_since(0) == {("ACT", act.id)}
