"""What a pull is said to bring while it runs: of what is hidden or deleted nobody is told."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountSnapshot, ChangesPage
from counterfoil.links.models import BankLink


@dataclass(frozen=True, slots=True)
class Everything(Container[str]):
    """All accounts of a login, known here or not."""

    def __contains__(self, aggregator_id: object) -> bool:
        return True


async def counted_accounts(link: BankLink) -> Container[str]:
    """The accounts of a login, by the aggregator's ids, that are counted while it is pulled.

    Those that it shows, or that a person asked back. Whose the others are is known at the end
    only: any may be one that is hidden or deleted. Where the login has brought none yet and
    nothing of the organization is hidden, all count.
    """
    rows = await BankAccount.filter(bank_link_id=link.id)
    if not rows and not await _is_any_hidden(link):
        return Everything()
    return {
        row.aggregator_id
        for row in rows
        if row.hidden_at is None
        and (row.deleted_at is None or row.wanted_at is not None)
        and row.aggregator_id is not None
    }


async def _is_any_hidden(link: BankLink) -> bool:
    return await BankAccount.exists(
        organization_id=link.organization_id, hidden_at__not_isnull=True
    )


def lines_among(pages: Sequence[ChangesPage], counted: Container[str]) -> int:
    """How many lines of these accounts the pages add, change and remove."""
    return sum(
        sum(line.account_id in counted for line in (*page.added, *page.modified))
        + sum(line.account_id in counted for line in page.removed)
        for page in pages
    )


def counts_among(accounts: Sequence[AccountSnapshot], counted: Container[str]) -> tuple[int, int]:
    """How many of these accounts are counted, and how many of those have a balance."""
    told = [account for account in accounts if account.aggregator_id in counted]
    return len(told), sum(account.current_minor is not None for account in told)
