"""What matches come to when one of their bank lines gives something else: pure.

Amounts are minor units, signed as their lines. A group adds up before and after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

Items = Mapping[UUID, int]
"""What lines give to a group, by their ids, in the order in which they were added."""


@dataclass(frozen=True, slots=True)
class Group:
    """A match with what its lines give to it."""

    id: UUID
    act_id: UUID
    ledger_account_id: UUID
    currency: str
    cleared_on: date
    bank: Items
    journal: Items

    @property
    def stands(self) -> bool:
        """Whether anything is left of it."""
        return bool(self.bank or self.journal)

    @property
    def as_json(self) -> dict[str, Any]:
        """As `ReviewItem.replaced` keeps it."""
        return {
            "id": str(self.id),
            "act_id": str(self.act_id),
            "ledger_account_id": str(self.ledger_account_id),
            "currency": self.currency,
            "cleared_on": self.cleared_on.isoformat(),
            "bank": [[str(one), amount] for one, amount in self.bank.items()],
            "journal": [[str(one), amount] for one, amount in self.journal.items()],
        }


def group_of_json(kept: Mapping[str, Any]) -> Group:
    """The group that was kept."""
    return Group(
        id=UUID(kept["id"]),
        act_id=UUID(kept["act_id"]),
        ledger_account_id=UUID(kept["ledger_account_id"]),
        currency=kept["currency"],
        cleared_on=date.fromisoformat(kept["cleared_on"]),
        bank={UUID(one): amount for one, amount in kept["bank"]},
        journal={UUID(one): amount for one, amount in kept["journal"]},
    )


def within(part: int, whole: int) -> int:
    """As much of `part` as the whole, which may have another sign, has room for."""
    if part * whole <= 0:
        return 0
    return part if abs(part) <= abs(whole) else whole


def spread(parts: Sequence[int], total: int) -> list[int]:
    """What parts of one sign become when together they are `total`.

    The last ones give less; what is more, or of the other sign, is the last one's.
    """
    kept: list[int] = []
    for part in parts:
        kept.append(within(part, total - sum(kept)) if total * part > 0 else 0)
    if kept:
        kept[-1] += total - sum(kept)
    return kept


def with_less(group: Group, line: UUID, given: int) -> Group:
    """The group when a bank line gives only `given`, from 0 to what it gave.

    What stood against the rest is taken from the journal's last items, and where no entry stood
    against it, from the last bank lines of the other sign.
    """
    journal, left = _less(group.journal, group.bank[line] - given)
    others, _ = _less({one: a for one, a in group.bank.items() if one != line}, -left)
    bank = {one: given if one == line else others[one] for one in group.bank}
    return replace(group, bank=_something(bank), journal=_something(journal))


def with_difference(group: Group, line: UUID, given: int, journal_line: UUID) -> Group:
    """The group when a bank line gives `given`, and a new journal line the difference."""
    difference = given - group.bank[line]
    return replace(
        group,
        bank=_something({**group.bank, line: given}),
        journal=_something({**group.journal, journal_line: difference}),
    )


def handed_over(group: Group, line: UUID, heir: UUID) -> Group:
    """The group with `heir` giving what `line` gave, beside what it gives already."""
    if line not in group.bank:
        return group
    given = group.bank[line] + group.bank.get(heir, 0)
    bank = {heir if one == line else one: amount for one, amount in group.bank.items()}
    return replace(group, bank=_something({**bank, heir: given}))


def _less(items: Items, amount: int) -> tuple[dict[UUID, int], int]:
    """The items with `amount` less of its sign, from the last on; and what is left to take."""
    rest = dict(items)
    for one in reversed(list(items)):
        taken = within(items[one], amount)
        rest[one] -= taken
        amount -= taken
    return rest, amount


def _something(items: Items) -> dict[UUID, int]:
    return {one: amount for one, amount in items.items() if amount}
