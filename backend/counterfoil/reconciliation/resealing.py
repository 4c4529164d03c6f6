"""Taking matches apart and sealing them anew, as a part of an act that has thought it over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from counterfoil.reconciliation.clearing_dates import open_day
from counterfoil.reconciliation.matching import latest_date
from counterfoil.reconciliation.models import Act, Match, MatchBankItem, MatchJournalItem
from counterfoil.reconciliation.regrouping import Group
from counterfoil.reconciliation.telling import tell_entries
from counterfoil.transactions.deciding import after_unmatch
from counterfoil.transactions.reviewing import touch
from counterfoil.unit_of_work import UnitOfWork


async def groups_of(bank_transaction_id: UUID) -> list[Group]:
    """The matches that take something of a bank line, the oldest act's first."""
    found = Match.filter(sealed=True, bank_items__bank_transaction_id=bank_transaction_id)
    return await _read(await found.order_by("act__acted_at", "id"))


async def groups_by_id(match_ids: Collection[UUID]) -> dict[UUID, Group]:
    """Those of these matches that stand, by their ids."""
    found = await _read(await Match.filter(sealed=True, id__in=list(match_ids)))
    return {group.id: group for group in found}


async def _read(matches: Sequence[Match]) -> list[Group]:
    ids = [match.id for match in matches]
    bank: defaultdict[UUID, dict[UUID, int]] = defaultdict(dict)
    journal: defaultdict[UUID, dict[UUID, int]] = defaultdict(dict)
    for item in await MatchBankItem.filter(match_id__in=ids).order_by("id"):
        bank[item.match_id][item.bank_transaction_id] = item.amount_minor
    for other in await MatchJournalItem.filter(match_id__in=ids).order_by("id"):
        journal[other.match_id][other.journal_line_id] = other.amount_minor
    return [
        Group(
            id=match.id,
            act_id=match.act_id,
            ledger_account_id=match.ledger_account_id,
            currency=match.currency,
            cleared_on=match.cleared_on,
            bank=bank[match.id],
            journal=journal[match.id],
        )
        for match in matches
    ]


async def reseal(
    uow: UnitOfWork,
    before: Sequence[Group],
    after: Sequence[Group],
    *,
    meanwhile: Callable[[], Awaitable[None]],
    of: UUID,
    dated_anew: bool,
) -> list[Group]:
    """Make these matches those; returns them as they were sealed.

    `meanwhile` writes what no match may hold while it is written: the bank line `of`, whose own
    version is the caller's; other lines that are in no match any more take the bank's. With
    `dated_anew` the date of clearing follows the lines, unless it came from a hand clearing.
    """
    await _take_apart(before)
    await meanwhile()
    standing = [group for group in after if group.stands]
    if dated_anew:
        standing = await _dated(standing)
    await _put_together(uow, before, standing)
    bank = {one for group in [*before, *standing] for one in group.bank} | {of}
    await after_unmatch(uow, bank - {of})
    await touch(uow, bank)
    await tell_entries(uow, {one for group in [*before, *standing] for one in group.journal})
    return standing


async def _take_apart(groups: Sequence[Group]) -> None:
    ids = [group.id for group in groups]
    await Match.filter(id__in=ids).update(sealed=False)
    await MatchBankItem.filter(match_id__in=ids).delete()
    await MatchJournalItem.filter(match_id__in=ids).delete()


async def _put_together(uow: UnitOfWork, before: Sequence[Group], after: Sequence[Group]) -> None:
    gone = {group.id for group in before} - {group.id for group in after}
    there = {group.id for group in before} - gone
    await Match.filter(id__in=list(gone)).delete()
    await Match.bulk_create([_row(uow, group) for group in after if group.id not in there])
    await MatchBankItem.bulk_create(
        [
            MatchBankItem(match_id=group.id, bank_transaction_id=one, amount_minor=amount)
            for group in after
            for one, amount in group.bank.items()
        ]
    )
    await MatchJournalItem.bulk_create(
        [
            MatchJournalItem(match_id=group.id, journal_line_id=one, amount_minor=amount)
            for group in after
            for one, amount in group.journal.items()
        ]
    )
    for group in after:
        await Match.filter(id=group.id).update(cleared_on=group.cleared_on, sealed=True)


def _row(uow: UnitOfWork, group: Group) -> Match:
    return Match(
        id=group.id,
        organization_id=uow.organization_id,
        ledger_account_id=group.ledger_account_id,
        currency=group.currency,
        cleared_on=group.cleared_on,
        act_id=group.act_id,
    )


async def _dated(groups: Sequence[Group]) -> list[Group]:
    inherited = await _with_hand_clearings([group.act_id for group in groups])
    return [
        group if inherited[group.act_id] else replace(group, cleared_on=await _day(group))
        for group in groups
    ]


async def _with_hand_clearings(act_ids: Collection[UUID]) -> Mapping[UUID, bool]:
    """Of each act, whether its match took the place of hand clearings, and their date with it."""
    acts = await Act.filter(id__in=list(set(act_ids)))
    return {act.id: bool(act.details.get("displaced")) for act in acts}


async def _day(group: Group) -> date:
    latest = await latest_date(list(group.bank), list(group.journal))
    return await open_day(latest, group.ledger_account_id)
