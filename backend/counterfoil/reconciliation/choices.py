"""Reading what people chose for bank lines: for like ones before, and for this one beforehand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.kit.sql import fetch
from counterfoil.ledger.models import LedgerAccount
from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.evidence import BankSide
from counterfoil.reconciliation.proposing import Choice, Prepared
from counterfoil.transactions.models import PreparedCoding
from counterfoil.viewer import Viewer

_CHOSEN = """
    SELECT key, inflow, only_account, COUNT(*) AS times FROM (
        SELECT key, inflow,
            CASE WHEN COUNT(*) = 1 THEN MIN(CAST(ledger_account_id AS TEXT)) END AS only_account
        FROM coding_example WHERE organization_id = $1 AND key IN ({keys})
        GROUP BY key, inflow, act_id, bank_transaction_id
    ) AS booking GROUP BY key, inflow, only_account
"""
"""Bookings by the account that each went to; those that were split have none."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for lines of one key and direction, and how often at all."""

    choices: Sequence[Choice] = ()
    settled: int = 0


async def chosen_before(
    viewer: Viewer, lines: Sequence[BankSide]
) -> Mapping[tuple[str, bool], Chosen]:
    """By key and whether money came in. Where nothing was chosen, there is nothing.

    Accounts that have become inactive, control accounts, and those of a bank account (that would
    be a transfer) are left out of the choices, and counted.
    """
    keys = sorted({line.key for line in lines if line.key})
    if not keys:
        return {}
    marks = ", ".join(f"${place}" for place in range(2, len(keys) + 2))
    rows = await fetch(_CHOSEN.format(keys=marks), viewer.organization_id, *keys)
    names = await _names({UUID(row["only_account"]) for row in rows if row["only_account"]})
    grouped: defaultdict[tuple[str, bool], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["key"], bool(row["inflow"])].append(row)
    return {group: _chosen(of_group, names) for group, of_group in grouped.items()}


def _chosen(rows: Sequence[Mapping[str, Any]], names: Mapping[UUID, str]) -> Chosen:
    accounts = {UUID(row["only_account"]): row["times"] for row in rows if row["only_account"]}
    choices = [
        Choice(account_id, names[account_id], times)
        for account_id, times in accounts.items()
        if account_id in names
    ]
    return Chosen(choices, sum(row["times"] for row in rows))


async def _names(ledger_account_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """How people know the accounts among these that a line can still be booked to."""
    wanted = list(ledger_account_ids)
    if not wanted:
        return {}
    tied = await BankAccount.filter(
        ledger_account_id__in=wanted, deleted_at=None, hidden_at=None
    ).values_list("ledger_account_id", flat=True)
    rows = await LedgerAccount.filter(id__in=wanted, inactive_at=None, control=False)
    return {
        UUID(str(row.id)): f"{row.number} {row.name}" for row in rows if row.id not in set(tied)
    }


async def prepared_for(bank_transaction_ids: Collection[UUID]) -> Mapping[UUID, Prepared]:
    """The codings that were prepared for these lines."""
    rows = await PreparedCoding.filter(bank_transaction_id__in=list(bank_transaction_ids))
    return {
        UUID(str(row.bank_transaction_id)): Prepared(row.amount_minor, _coding(row.coding))
        for row in rows
    }


def _coding(kept: Mapping[str, Any]) -> Coding:
    lines = [
        CodingLine(
            ledger_account_id=UUID(line["ledger_account_id"]),
            amount_minor=line["amount_minor"],
            memo=line.get("memo"),
        )
        for line in kept["lines"]
    ]
    return Coding(lines=tuple(lines), memo=kept.get("memo"))
