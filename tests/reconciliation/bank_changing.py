"""Short ways to let the bank change booked lines, and to decide about that."""

from __future__ import annotations

from typing import Any

from counterfoil.ledger.models import EntryState, JournalEntry, JournalLine, LedgerAccount
from counterfoil.reconciliation import bank_changes
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.adjusting import Adjustment
from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.models import Act, Match, MatchBankItem, MatchJournalItem
from counterfoil.reconciliation.rebooking import rebook
from counterfoil.transactions.deciding import Resolution
from counterfoil.transactions.models import BankTransaction, ReviewItem, ReviewKind
from counterfoil.viewer import Viewer
from tests.reconciliation.conftest import Books


async def reports(
    books: Books, line: BankTransaction, *, resolution: Resolution | None = None, **columns: Any
) -> ReviewItem:
    """The bank says something else of a booked line by now; without columns it withdrew it."""
    reported: dict[str, Any] = {
        "amount_minor": line.amount_minor,
        "currency": line.currency,
        "exponent": line.exponent,
        "dated_on": line.dated_on.isoformat(),
        "pending": False,
        **columns,
    }
    now = books.clock.now()
    if resolution is None:
        await BankTransaction.filter(id=line.id).update(undecided_at=now)
    return await ReviewItem.create(
        organization_id=line.organization_id,
        bank_transaction_id=line.id,
        kind=ReviewKind.CHANGED if columns else ReviewKind.WITHDRAWN,
        reported=reported if columns else None,
        refresh_id=line.last_refresh_id,
        raised_at=now,
        resolved_at=now if resolution else None,
        resolution=resolution,
    )


def _key(operation: str, given: dict[str, Any]) -> Key | None:
    """The key of a call, where one is given; `asked` stands for its input."""
    key, asked = given.pop("key", None), given.pop("asked", "the same")
    return Key(operation, key, asked) if key else None


async def kept(books: Books) -> dict[str, Any]:
    """All that acts write, but for the position that even a repeated call takes."""
    return {**await books.written(), "Change": None}


async def accepted(
    books: Books, item: ReviewItem, *, viewer: Viewer | None = None, **given: Any
) -> Act:
    async with books.begin() as uow:
        return await bank_changes.accept(
            uow,
            viewer or books.viewer,
            review_item_id=item.id,
            expected_revision=given.pop("revision", None),
            key=_key("acceptBankChange", given),
        )


async def adjusted(
    books: Books,
    item: ReviewItem,
    *,
    to: LedgerAccount | None = None,
    viewer: Viewer | None = None,
    **given: Any,
) -> Act:
    """What differs is for office supplies, or `to` another account."""
    async with books.begin() as uow:
        return await bank_changes.adjust(
            uow,
            viewer or books.viewer,
            review_item_id=item.id,
            expected_revision=given.pop("revision", None),
            key=_key("adjustBankChange", given),
            adjustment=Adjustment(ledger_account_id=(to or books.supplies).id, **given),
        )


async def rebooked(
    books: Books,
    item: ReviewItem,
    *parts: tuple[LedgerAccount, int],
    viewer: Viewer | None = None,
    **given: Any,
) -> Act:
    """Booked anew as before, or on these accounts with amounts of the bank's sign."""
    lines = [
        CodingLine(ledger_account_id=account.id, amount_minor=amount) for account, amount in parts
    ]
    async with books.begin() as uow:
        return await rebook(
            uow,
            viewer or books.viewer,
            review_item_id=item.id,
            expected_revision=given.pop("revision", None),
            key=_key("rebookBankChange", given),
            coding=Coding(lines=lines, **given) if lines else None,
        )


async def duplicated(
    books: Books,
    item: ReviewItem,
    heir: BankTransaction,
    *,
    viewer: Viewer | None = None,
    **given: Any,
) -> Act:
    async with books.begin() as uow:
        return await bank_changes.mark_duplicate(
            uow,
            viewer or books.viewer,
            review_item_id=item.id,
            expected_revision=given.pop("revision", None),
            bank_transaction_id=heir.id,
            key=_key("markDuplicate", given),
        )


async def matched_now() -> list[tuple[list[int], list[int]]]:
    """What bank lines and journal lines give to each match, in the order of their items."""
    found = []
    for match in await Match.filter(sealed=True).order_by("id"):
        bank = await MatchBankItem.filter(match_id=match.id).order_by("id")
        journal = await MatchJournalItem.filter(match_id=match.id).order_by("id")
        found.append(
            ([item.amount_minor for item in bank], [item.amount_minor for item in journal])
        )
    return found


async def facts(line: BankTransaction) -> tuple[int, int, str, bool, bool]:
    """Amount, what is reconciled of it, date; whether the bank withdrew it, whether it waits."""
    now = await BankTransaction.get(id=line.id)
    return (
        now.amount_minor,
        now.reconciled_minor,
        now.dated_on.isoformat(),
        now.removed_at is not None,
        now.undecided_at is not None,
    )


async def uncleared(account: LedgerAccount) -> list[int]:
    """What is open of the posted lines of a ledger account, where anything is."""
    rows = await JournalLine.filter(
        ledger_account_id=account.id, journal_entry__state=EntryState.POSTED
    ).order_by("journal_entry__number", "position")
    left = [row.amount_minor - row.cleared_minor for row in rows]
    return [one for one in left if one]


async def newest_entry() -> tuple[JournalEntry, list[tuple[str, int, int]]]:
    """The entry with the highest number: its lines by account's name, amount, base amount."""
    entry = await JournalEntry.filter(state=EntryState.POSTED).order_by("-number").first()
    assert entry is not None
    rows = (
        await JournalLine.filter(journal_entry_id=entry.id)
        .order_by("position")
        .select_related("ledger_account")
    )
    return entry, [(row.ledger_account.name, row.amount_minor, row.base_minor) for row in rows]
