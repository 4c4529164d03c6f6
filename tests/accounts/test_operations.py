"""What people change of an account. What pulls report of it: tests/links/test_importing.py."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.accounts.operations import MEMO_LIMIT, NAME_LIMIT, locked, save, update
from counterfoil.errors import Conflict, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import on_sqlite
from counterfoil.links.models import BankLink
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Change, ChangeType, Transactions
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import make_account, make_line, make_link, make_organization, make_viewer
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue


@dataclass
class Desk:
    """One account, and a person who may change it."""

    transactions: Transactions
    viewer: Viewer
    account: BankAccount
    before: Sequence[dict[str, Any]]

    async def update(
        self, *, viewer: Viewer | None = None, expected_revision: int = 1, **values: Any
    ) -> BankAccount:
        who = viewer or self.viewer
        bank_account_id = values.pop("bank_account_id", self.account.id)
        async with self.transactions.begin(who.organization_id) as uow:
            return await update(
                uow,
                who,
                bank_account_id=bank_account_id,
                expected_revision=expected_revision,
                **values,
            )

    async def now(self) -> BankAccount:
        return await BankAccount.get(id=self.account.id)

    async def require_unchanged(self) -> None:
        assert await BankAccount.filter(id=self.account.id).values() == self.before

    async def pulled(self) -> None:
        """A pull writes a new revision."""
        async with self.transactions.begin(self.viewer.organization_id) as uow:
            await save(uow, await self.now())


@pytest.fixture
async def desk(database: str) -> Desk:
    organization = await make_organization()
    account = await make_account(await make_link(organization), memo="For rent")
    transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
    before = await BankAccount.filter(id=account.id).values()
    return Desk(transactions, await make_viewer(organization), account, before)


class TestLocked:
    async def test_another_organizations_is_not_found(self, desk: Desk) -> None:
        stranger = await make_viewer(await make_organization())
        with pytest.raises(NotFound):
            async with desk.transactions.begin(stranger.organization_id):
                await locked(stranger, desk.account.id)
        await desk.require_unchanged()

    async def test_its_lines_can_be_written_meanwhile(self, desk: Desk) -> None:
        if on_sqlite():
            pytest.skip("SQLite has one writer at a time, so nobody waits for a row")
        held = asyncio.Event()

        async def a_line_elsewhere() -> BankTransaction:
            await held.wait()
            return await make_line(desk.account)

        elsewhere = asyncio.create_task(a_line_elsewhere())  # begun outside of the transaction
        async with desk.transactions.begin(desk.viewer.organization_id):
            await locked(desk.viewer, desk.account.id)
            held.set()
            line = await asyncio.wait_for(elsewhere, timeout=60)
        assert line.bank_account_id == desk.account.id


class TestUpdate:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(self, desk: Desk) -> None:
        organization_id = desk.viewer.organization_id
        reader = Viewer(organization_id, desk.viewer.actor_kind, new_id(), frozenset({Right.READ}))
        with pytest.raises(Forbidden, match="“banks”"):
            await desk.update(viewer=reader, name="Mine")
        await desk.require_unchanged()
        assert await Change.all().count() == 0

    @pytest.mark.parametrize("column", ["hidden_at", "deleted_at"])
    async def test_hidden_deleted_foreign_and_absent_ones_answer_alike(
        self, desk: Desk, column: str
    ) -> None:
        link = await BankLink.get(id=desk.account.bank_link_id)
        gone = await make_account(link, **{column: NOW})
        foreign = await make_account(await make_link(await make_organization()))
        answers = set()
        for bank_account_id in (gone.id, foreign.id, new_id()):
            with pytest.raises(NotFound) as refused:
                await desk.update(bank_account_id=bank_account_id, name="Mine")
            answers.add((str(refused.value), refused.value.code, refused.value.field))
        assert len(answers) == 1
        assert await Change.all().count() == 0

    async def test_a_new_name_is_kept_against_the_banks(self, desk: Desk) -> None:
        after = await desk.update(name="  Rent\tand wages ")
        assert (after.name, after.bank_name) == ("Rent and wages", "Operating")
        assert (after.renamed_at, after.revision, after.memo) == (NOW, 2, "For rent")
        [change] = await Change.all()
        assert (change.type, change.object_id, change.revision) == (
            ChangeType.BANK_ACCOUNT,
            desk.account.id,
            2,
        )

    async def test_the_banks_own_name_undoes_it(self, desk: Desk) -> None:
        await desk.update(name="Rent")
        after = await desk.update(name="Operating", expected_revision=2)
        assert not after.renamed_at

    async def test_the_memo_alone_leaves_the_name(self, desk: Desk) -> None:
        after = await desk.update(memo="Two signatures")
        assert (after.memo, after.name, after.renamed_at) == ("Two signatures", "Operating", None)

    @pytest.mark.parametrize("memo", [None, ""])
    async def test_an_empty_memo_is_none(self, desk: Desk, memo: str | None) -> None:
        assert not (await desk.update(memo=memo)).memo

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": " \t\u200b"}, "name"),
            ({"name": "n" * (NAME_LIMIT + 1)}, "name"),
            ({"name": "👨\u200d👩\u200d👧" * 300}, "name"),
            ({"memo": " "}, "memo"),
            ({"memo": "m" * (MEMO_LIMIT + 1)}, "memo"),
        ],
    )
    async def test_empty_and_overlong_texts_are_refused(
        self, desk: Desk, values: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            await desk.update(**values)
        assert refused.value.field == (field,)
        await desk.require_unchanged()

    async def test_the_longest_texts_are_taken(self, desk: Desk) -> None:
        after = await desk.update(name="n" * NAME_LIMIT, memo="m" * MEMO_LIMIT)
        assert (len(after.name), len(after.memo or "")) == (NAME_LIMIT, MEMO_LIMIT)

    async def test_what_somebody_else_changed_is_a_conflict(self, desk: Desk) -> None:
        await desk.update(name="First")
        with pytest.raises(Conflict) as refused:
            await desk.update(name="Second", expected_revision=1)
        assert (refused.value.expected, refused.value.actual) == (1, 2)
        assert (await desk.now()).name == "First"

    async def test_a_pull_in_between_is_none(self, desk: Desk) -> None:
        await desk.pulled()
        assert (await desk.update(name="Mine", expected_revision=1)).revision == 3

    @pytest.mark.parametrize("revision", [0, 2])
    async def test_a_revision_that_never_was_is_a_conflict(self, desk: Desk, revision: int) -> None:
        with pytest.raises(Conflict):
            await desk.update(name="Mine", expected_revision=revision)
