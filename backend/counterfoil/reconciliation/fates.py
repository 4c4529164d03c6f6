"""What becomes of bank lines once their matches end: by then the bank may report something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from enum import Enum
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.reconciliation.bookable import Obstacle, obstacle
from counterfoil.reconciliation.models import Match, MatchBankItem
from counterfoil.transactions.deciding import as_reported, waiting_versions
from counterfoil.transactions.models import BankTransaction, ReviewItem, ReviewKind


class Fate(Enum):
    """What becomes of a line, as it is told to a person: of one, and of many."""

    OPEN = ("is open again", "are open again")
    CHANGED = (
        "is open again, as the bank reports it now",
        "are open again, as the bank reports them now",
    )
    HISTORY = (
        "becomes history: the bank dates it up to the start of its account now",
        "become history: the bank dates them up to the start of their account now",
    )
    PENDING = ("is pending again, says the bank", "are pending again, says the bank")
    ZERO = (
        "is of 0 now, says the bank: there is nothing to book",
        "are of 0 now, says the bank: there is nothing to book",
    )
    WITHDRAWN = ("goes: the bank withdrew it", "go: the bank withdrew them")

    @property
    def reopens(self) -> bool:
        """Whether the line can be booked then."""
        return self in (Fate.OPEN, Fate.CHANGED)

    def told(self, count: int) -> str:
        """“1 bank line is open again.”"""
        one, many = self.value
        return f"1 bank line {one}." if count == 1 else f"{count} bank lines {many}."


_OF_OBSTACLES = {
    Obstacle.BEFORE_START: Fate.HISTORY,
    Obstacle.PENDING: Fate.PENDING,
    Obstacle.ZERO: Fate.ZERO,
}


async def fates_of(matches: Collection[Match]) -> dict[UUID, Fate]:
    """What becomes of each bank line in these matches when all of them end."""
    items = await MatchBankItem.filter(match_id__in=[group.id for group in matches])
    freed: Counter[UUID] = Counter()
    for item in items:
        freed[item.bank_transaction_id] += item.amount_minor
    lines = await BankTransaction.filter(id__in=list(freed)).order_by("id")
    found = await BankAccount.filter(id__in=list({line.bank_account_id for line in lines}))
    accounts = {account.id: account for account in found}
    free = [line for line in lines if line.reconciled_minor == freed[line.id]]
    waiting = await waiting_versions([line.id for line in free])
    return dict.fromkeys((line.id for line in lines), Fate.OPEN) | {
        line.id: _fate(line, accounts, waiting[line.id]) for line in free if line.id in waiting
    }


def _fate(line: BankTransaction, accounts: Mapping[UUID, BankAccount], version: ReviewItem) -> Fate:
    if version.kind is ReviewKind.WITHDRAWN:
        return Fate.WITHDRAWN
    line.update_from_dict({**as_reported(version), "undecided_at": None, "reconciled_minor": 0})
    found = obstacle(line, accounts[line.bank_account_id])
    return _OF_OBSTACLES.get(found, Fate.CHANGED) if found else Fate.CHANGED
