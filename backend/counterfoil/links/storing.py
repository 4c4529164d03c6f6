"""What a pull brought, written into the rows: first its accounts, then their lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from counterfoil.accounts.asking_again import ask_again
from counterfoil.accounts.placing import LinkFacts
from counterfoil.accounts.receiving import Received, receive
from counterfoil.accounts.returning import stop_waiting
from counterfoil.aggregators.port import Completeness, LinkSnapshot
from counterfoil.links import staging
from counterfoil.links.counting import lines_among
from counterfoil.links.delivered import Delivered
from counterfoil.links.models import (
    BankLink,
    Grant,
    Institution,
    Refresh,
    RefreshState,
    RefreshTrigger,
)
from counterfoil.links.status import LinkStatusCode
from counterfoil.transactions import attaching
from counterfoil.transactions import operations as transactions
from counterfoil.transactions.excluding_again import exclude_again
from counterfoil.transactions.models import RememberedExclusion
from counterfoil.transactions.operations import NOTHING, Applied
from counterfoil.transactions.withdrawing import Reading, withdraw_missing
from counterfoil.unit_of_work import UnitOfWork

_ADDING = (RefreshTrigger.FIRST_PULL, RefreshTrigger.ADDED)
"""Pulls that follow a person who added a login, or accounts to one."""


@dataclass(slots=True)
class Stored:
    """What a pull amounted to. `cursor` covers its lines; None where the bank gave none yet.

    `lines` is how many came for the accounts that take them. `let_go`: an account that was wanted
    back is so no more, since the bank does not hand it over.
    """

    received: Received
    applied: Applied = NOTHING
    cursor: str | None = None
    lines: int = 0
    completeness: Completeness = Completeness.COMPLETE
    let_go: bool = False


async def store(
    uow: UnitOfWork, link: BankLink, refresh: Refresh, snapshot: LinkSnapshot, *, key: bytes
) -> Stored:
    """Bring accounts and lines of a locked login to what its snapshot and staged pages say.

    `key` is the organization's identity key, by which accounts and lines are known again.
    """

    added = await _added_by(link)
    facts = await _facts(link, refresh, added)
    reported = [account.aggregator_id for account in snapshot.accounts]
    failed = [failure.account_id for failure in snapshot.failures]
    received = await receive(
        uow,
        link=facts,
        refresh_id=refresh.id,
        snapshots=snapshot.accounts,
        failed=failed,
        key=key,
        added_at=added.queued_at if added else None,
        history=Delivered(refresh.id, link.id, reported),
    )
    stored = await _Lines(uow, link, refresh, received).store(key)
    if stored.completeness is Completeness.COMPLETE and not facts.resumed:
        stored.let_go = await stop_waiting(link.id, handed_over=[*reported, *failed])
    if link.failures:  # the lines of accounts that came before may have been missing until now
        await ask_again(uow, bank_link_id=link.id)
    return stored


async def _added_by(link: BankLink) -> Refresh | None:
    """The pull that followed a person who added the login, or accounts to it, where none since has
    brought it all.

    The pull that followed may have failed, or an account in it: then it is a later one that brings
    what they added. Not where the login was taken over in between: nobody asked for anything of the
    one that came in its place.
    """
    pulls = Refresh.filter(bank_link_id=link.id)
    added = await pulls.filter(trigger__in=_ADDING).order_by("-id").first()
    if added is None:
        return None
    since = pulls.filter(id__gte=added.id, state=RefreshState.DONE)
    if await since.filter(status_code=LinkStatusCode.OK).exists():
        return None
    grant = await Grant.get(id=link.grant_id)
    over = grant.created_at > added.queued_at and await since.exists()
    return None if over else added


async def _facts(link: BankLink, refresh: Refresh, added: Refresh | None) -> LinkFacts:
    institution = await Institution.get(id=link.institution_id)
    resumed = bool(link.cursor) and not await staging.was_read_from_start(refresh.id)
    whole = not resumed and await staging.is_complete(refresh.id)
    is_new = added is not None and added.trigger is RefreshTrigger.FIRST_PULL
    return LinkFacts(link.id, link.aggregator, institution.name, resumed, whole, is_new)


class _Lines:
    """The staged lines of one pull, on their way into the accounts that take them."""

    def __init__(
        self, uow: UnitOfWork, link: BankLink, refresh: Refresh, received: Received
    ) -> None:
        self._uow = uow
        self._link_id, self._refresh_id = link.id, refresh.id
        self._stored = Stored(received)
        # One that is wanted back still takes no line before the reading that has all its history:
        # of the few that come now nobody could tell which of its kept ones they are.
        self._targets: Mapping[str, UUID] = {
            account.aggregator_id: account.id
            for account in received.with_feed
            if account.aggregator_id is not None and account.wanted_at is None
        }

    async def store(self, key: bytes) -> Stored:
        """Attach what is known under other ids, apply the pages, and settle what is missing.

        Before the pages and after them, since it is they that tell what a line has become.
        """
        adrift = await self._attach()
        await self._apply()
        await self._withdraw(adrift)
        await self._exclude_again(key)
        return self._stored

    async def _attach(self) -> Mapping[UUID, str]:
        """Give lines that are adrift the ids under which this pull offers them; where any are."""
        await attaching.set_adrift(self._uow, self._stored.received.reattached)
        with_adrift = await attaching.with_lines_adrift(self._targets.values())
        adrift = {row_id: at for at, row_id in self._targets.items() if row_id in with_adrift}
        if adrift:
            await self._uow.position()  # before the lines, as every act on them does
            offered = await staging.offered(self._refresh_id, adrift.values())
            await attaching.attach(bank_account_ids=adrift, offered=offered)
        return adrift

    async def _apply(self) -> None:
        stored, ids = self._stored, self._ids()
        async for pages in staging.batches(self._refresh_id):
            stored.applied += await transactions.apply_pages(
                self._uow, pages, targets=self._targets, **ids
            )
            stored.lines += lines_among(pages, self._targets)
            stored.completeness = pages[-1].completeness
            stored.cursor = pages[-1].next_cursor or None
        stored.applied += await transactions.pair_unnamed_postings(self._uow, **ids)

    async def _withdraw(self, adrift: Mapping[UUID, str]) -> None:
        """Withdraw what the bank should have named and did not."""
        stored, ids = self._stored, self._ids()
        stored.applied += await attaching.settle_leftovers(
            self._uow,
            bank_account_ids=adrift,
            complete=stored.completeness is Completeness.COMPLETE,
            **ids,
        )
        reading = Reading()
        async for pages in staging.batches(self._refresh_id, from_start=True):
            reading.take(pages)
        stored.applied += await withdraw_missing(self._uow, reading, targets=self._targets, **ids)

    async def _exclude_again(self, key: bytes) -> None:
        remembered = RememberedExclusion.filter(bank_account_id__in=list(self._targets.values()))
        for row in await remembered.distinct().values("bank_account_id"):
            await exclude_again(
                self._uow,
                bank_account_id=row["bank_account_id"],
                key=key,
                refresh_id=self._refresh_id,
            )

    def _ids(self) -> dict[str, UUID]:
        return {"bank_link_id": self._link_id, "refresh_id": self._refresh_id}
