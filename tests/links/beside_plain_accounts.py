"""The product beside the plain model: how both are compared, and how time passes in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from counterfoil import jobs
from counterfoil.accounts.identity_key import key_of
from counterfoil.accounts.models import AccountQuestion, BankAccount
from counterfoil.ledger.models import LedgerAccount
from counterfoil.links import queries
from counterfoil.links.doubles import answer_question
from counterfoil.links.models import (
    BankLink,
    LinkSession,
    LinkSessionState,
    Refresh,
    RefreshState,
    Revocation,
)
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Transactions, UnitOfWork
from tests.factories import KEYRING, make_ledger_account
from tests.fakes import NOW
from tests.links.conftest import Shop
from tests.links.plain_accounts import Account, Fact, PlainCompany, Row, Standing
from tests.links.relinking import (
    MONTH_BEFORE,
    Bank,
    Fate,
    WorkerDied,
)
from tests.reconciliation.conftest import tie

PATIENCE = timedelta(minutes=3)
"""Longer than any claim or lease of a process that died."""
ROUNDS = 12
Deed: TypeAlias = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class MortalTransactions(Transactions):
    """Transactions before whose commit the process may die."""

    fate: Fate = field(default_factory=Fate)

    @asynccontextmanager
    async def begin(
        self, organization_id: UUID, *, request_id: str | None = None
    ) -> AsyncIterator[UnitOfWork]:
        async with Transactions.begin(self, organization_id, request_id=request_id) as uow:
            yield uow
            self.fate.passes()


@dataclass
class Beside:
    """A company with one login at one bank, and what it ought to have: how both are compared."""

    plain: PlainCompany
    bank: Bank
    shop: Shop
    fate: Fate
    supplies: LedgerAccount
    keys: int = 0

    async def _compare(self) -> None:
        """What holds at any time: whoever is shown, and what is booked."""
        self.fate.after = None
        seen = await queries.accounts_by_id(
            self.shop.viewer,
            [each.id async for each in BankAccount.filter(**self._own)],
            ["bank_account.id", "bank_account.name", "bank_account.memo"],
        )
        self.plain.check_accounts({row["bank_account.id"]: _called(row) for row in seen})
        for account in self.plain.accounts.values():
            booked = await BankTransaction.filter(id__in=list(account.booked))
            assert {row.id: row.reconciled_minor for row in booked} == {
                row_id: fact.amount for row_id, fact in account.booked.items()
            }
            if account.standing is Standing.DELETED:
                account.check_kept(await self._rows(account))

    async def _compare_rows(self) -> None:
        """After a pull that has seen all that the bank says."""
        self.fate.after = None
        await self._answer()
        await self._meet()
        link = await self._link()
        for account in await self._attached(link):
            if account.standing is Standing.SHOWN:
                account.check(await self._rows(account))
        living = [] if link is None else [link.aggregator_id]
        assert [item.item_id for item in self.bank.items] == living

    async def _meet(self) -> None:
        """Learn the ids of accounts that came for the first time, and tie them to the books."""
        for account in self.plain.those(Standing.SHOWN):
            if account.id is None:
                row = await BankAccount.get(name=account.name, **self._own)
                ledger = await make_ledger_account(self.shop.organization, name=account.name)
                await tie(row, ledger)
                account.id = row.id

    async def _answer(self) -> None:
        """Say of each new account of which that is asked that it is the one of before."""
        for question in await AccountQuestion.filter(answered_at=None, **self._own):
            new = await BankAccount.get(id=question.bank_account_id)
            account = self.plain.accounts[new.bank_name]
            assert str(account.id) in question.candidates
            async with self._begin() as uow:
                await answer_question(
                    uow,
                    self.shop.viewer,
                    question_id=question.id,
                    same_as=account.id,
                    key=await key_of(uow, KEYRING),
                )
        await self._settle()

    async def _rows(self, account: Account) -> list[Row]:
        rows = await BankTransaction.filter(bank_account_id=account.id, removed_at=None)
        item = next(iter(self.bank.items), None)
        prefix = f"{item.number}:" if item is not None else "none:"
        return [_row(row, prefix) for row in rows]

    async def _attached(self, link: BankLink | None) -> list[Account]:
        if link is None:
            return []
        ids = await BankAccount.filter(bank_link_id=link.id).values_list("id", flat=True)
        return [each for each in self.plain.accounts.values() if each.id in list(ids)]

    async def _link(self) -> BankLink | None:
        return await BankLink.get_or_none(ended_at=None, **self._own)

    async def _stored(self, account: Account) -> BankAccount:
        return await BankAccount.get(id=account.id)

    def _begin(self) -> Any:
        return self.shop.transactions.begin(self.shop.organization.id)

    @property
    def _own(self) -> dict[str, Any]:
        return {"organization_id": self.shop.organization.id}

    async def _survive(self, call: Deed) -> None:
        """A call after which other processes go on where this one died."""
        try:
            await call()
        except WorkerDied:
            self.shop.queue.take()
            await self.shop.tick(after=PATIENCE)
            await self._settle()

    async def _settle(self) -> None:
        """Let time pass until nothing is under way and nothing is owed."""
        for _ in range(ROUNDS):
            with suppress(WorkerDied):
                await self.shop.work()
            if not await self._is_busy():
                return
            await self.shop.tick(after=PATIENCE)
            await jobs.follow_sessions({"workshop": self.shop.workshop})
        raise AssertionError("it never came to an end")

    async def _is_busy(self) -> bool:
        open_ = (RefreshState.QUEUED, RefreshState.RUNNING)
        pulling = await Refresh.filter(state__in=open_, **self._own).exists()
        owing = await Revocation.filter(done_at=None, **self._own).exists()
        holding = await LinkSession.filter(
            redeemed_encrypted__not_isnull=True, **self._own
        ).exists()
        return pulling or owing or holding


def _called(row: Mapping[str, Any]) -> tuple[str, str | None]:
    return row["bank_account.name"], row["bank_account.memo"]


def _row(row: BankTransaction, prefix: str) -> Row:
    ours = row.aggregator_id.startswith(prefix)
    day = (row.dated_on - MONTH_BEFORE).days
    return Row(
        row.id,
        row.aggregator_id.removeprefix(prefix) if ours else None,
        Fact(day, row.amount_minor, row.description, row.pending),
        row.reconciled_minor == row.amount_minor,
        row.undecided_at is not None,
        row.excluded_at is not None,
    )


async def put_to_rest() -> None:
    """End whatever goes on in the companies of earlier histories: the tick looks at all of them."""
    await Refresh.filter(under_way__not_isnull=True).update(
        under_way=None, state=RefreshState.FAILED, lease_until=None
    )
    await BankLink.filter(ended_at=None).update(
        ended_at=NOW, next_update_at=None, next_health_at=None
    )
    await Revocation.filter(done_at=None).update(done_at=NOW)
    await LinkSession.all().update(state=LinkSessionState.CANCELLED, redeemed_encrypted=None)
