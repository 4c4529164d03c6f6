"""What a login is said to miss, once one of its accounts is shown no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from counterfoil.accounts.models import BankAccount, FeedState
from counterfoil.links.models import BankLink
from counterfoil.links.status import LinkStatusCode

_NAMELESS = ("an account", "all transactions", "older transactions")
_LIMIT = 500


async def say_anew(link: BankLink, *, now: datetime) -> None:
    """Say again what a locked login misses since its last pull, of what it still shows. The caller
    saves it.

    Nothing is taken over from what was said but the words that name no account: names change, and
    may hold what stands between them.
    """
    if link.status_missing is None:
        return
    said = link.status_missing.split(", ")
    parts = [*await _names(link), *(part for part in said if part in _NAMELESS)]
    link.status_missing = ", ".join(parts)[:_LIMIT] or None
    is_whole = not parts and not link.failures
    if is_whole and link.status_code is LinkStatusCode.PARTIAL:
        link.status_code, link.status_since = LinkStatusCode.OK, now


async def _names(link: BankLink) -> Sequence[str]:
    """The accounts that the last pull which came through brought nothing of, by name."""
    rows = await BankAccount.filter(
        bank_link_id=link.id, hidden_at=None, deleted_at=None, feed_state=FeedState.OPEN
    )
    return sorted(row.name for row in rows if row.balance_received_at != link.last_update_at)
