"""The histories that a pull delivers of accounts that its login did not bring before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.links import staging
from counterfoil.transactions.comparing import Common, Histories, Told, told


class Delivered:
    """What the staged pages of one refresh tell, beside the histories that are kept here.

    All pages are read once, and only if a history is asked for; each kept one is read once.
    """

    def __init__(self, refresh_id: UUID, bank_link_id: UUID, account_ids: Collection[str]) -> None:
        self._refresh_id, self._link_id = refresh_id, bank_link_id
        self._account_ids = account_ids
        self._told: Mapping[str, Told] | None = None
        self._kept = Histories()

    async def common(self, aggregator_id: str, bank_account_id: UUID) -> Common:
        """How much of an account's history here is delivered for one of the login."""
        return await self._kept.common(bank_account_id, (await self._all())[aggregator_id])

    async def has_lines(self, aggregator_id: str) -> bool:
        """Whether any posted line is delivered for one of the login."""
        return bool((await self._all())[aggregator_id].times)

    async def _all(self) -> Mapping[str, Told]:
        if self._told is None:
            self._told = await self._read()
        return self._told

    async def _read(self) -> Mapping[str, Told]:
        brought = BankAccount.filter(bank_link_id=self._link_id)
        attached = {str(each) for each in await brought.values_list("aggregator_id", flat=True)}
        strangers = {each for each in self._account_ids if each not in attached}
        offered = await staging.offered(self._refresh_id, strangers)
        return {aggregator_id: told(lines) for aggregator_id, lines in offered.items()}
