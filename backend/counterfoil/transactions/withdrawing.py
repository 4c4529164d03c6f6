"""Lines that the bank no longer names: withdrawn, or a question where they are booked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from counterfoil.aggregators.port import ChangesPage
from counterfoil.transactions import bulk
from counterfoil.transactions.applying import NOTHING, Applied
from counterfoil.transactions.deciding import note, reports
from counterfoil.transactions.stored import stored_lines
from counterfoil.unit_of_work import UnitOfWork

AT_ONCE = 5_000


async def withdraw_lines(
    uow: UnitOfWork, aggregator_ids: Sequence[str], *, bank_link_id: UUID, refresh_id: UUID
) -> Applied:
    """Take the bank's word that these lines of a login are gone.

    What is in no match is withdrawn. Of a booked line nothing moves: its withdrawal waits for a
    person (`deciding`).
    """
    applied = NOTHING
    for start in range(0, len(aggregator_ids), AT_ONCE):
        some = aggregator_ids[start : start + AT_ONCE]
        said = reports((), some, await bulk.booked(bank_link_id, some))
        position = await uow.position()
        removed = await bulk.withdraw(
            bank_link_id, some, position=position, now=uow.now, refresh_id=refresh_id
        )
        await note(uow, said, refresh_id=refresh_id)
        applied += Applied(modified=len(said), removed=removed)
    return applied


class Reading:
    """What a reading from an empty cursor named, page by page: what is there now."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[str, date]] = {}

    def take(self, pages: Iterable[ChangesPage]) -> None:
        """The next pages, in their order."""
        for page in pages:
            for line in (*page.added, *page.modified):
                self._lines[line.aggregator_id] = (line.account_id, line.dated_on)
            for removed in page.removed:
                self._lines.pop(removed.aggregator_id, None)

    def by_account(self) -> Mapping[str, Mapping[str, date]]:
        """The days of the lines of each account, by the aggregator's ids."""
        accounts: dict[str, dict[str, date]] = {}
        for aggregator_id, (account_id, day) in self._lines.items():
            accounts.setdefault(account_id, {})[aggregator_id] = day
        return accounts


async def withdraw_missing(
    uow: UnitOfWork,
    reading: Reading,
    *,
    targets: Mapping[str, UUID],
    bank_link_id: UUID,
    refresh_id: UUID,
) -> Applied:
    """Withdraw the known lines of a login that a reading from the start no longer names.

    Such a reading never says what was withdrawn. `targets` are the accounts that take lines, by
    the aggregator's ids. Of each account only lines count that are not older than the oldest one
    that the reading named of it, and that are not adrift (`attaching` settles those).
    """
    missing: list[str] = []
    for account_id, named in reading.by_account().items():
        if account_id not in targets:
            continue
        known = await stored_lines(
            targets[account_id], "bank_transaction.adrift_at IS NULL", since=min(named.values())
        )
        missing += [line.aggregator_id for line in known if line.aggregator_id not in named]
    return await withdraw_lines(uow, missing, bank_link_id=bank_link_id, refresh_id=refresh_id)
