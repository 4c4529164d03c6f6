"""By which keys an account that a login hands over is like one that was here before.

Knows no database.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from counterfoil.accounts.keys import Digests, folded


@dataclass(frozen=True, slots=True)
class Incoming:
    """An account that a login hands over and that is not attached to it yet."""

    aggregator_id: str
    digests: Digests
    name: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """An account that was here before, with every key that it was ever seen under.

    `attached` is one that a living login brings in, `kept_lines` whether it has lines, `own` one
    of this very login, which hands it over no more under the id that it had. `maybe` are the exact
    keys of what was withheld since it may be this one.
    """

    id: UUID
    exact: frozenset[str]
    strong: frozenset[str]
    weak: frozenset[str]
    attached: bool
    deleted: bool
    hidden: bool
    name: str
    kept_lines: bool
    currency: str = ""
    own: bool = False
    maybe: frozenset[str] = frozenset()


def by_any(one: Incoming, row: Known) -> bool:
    return by_exact(one, row) or by_strong(one, row) or by_weak(one, row)


def by_exact(one: Incoming, row: Known) -> bool:
    return one.digests.exact in row.exact


def by_maybe(one: Incoming, row: Known) -> bool:
    """A guess of an earlier pull: it says what to withhold or to ask, and never who is who."""
    return one.digests.exact in row.maybe


def by_strong(one: Incoming, row: Known) -> bool:
    return not one.digests.strong.isdisjoint(row.strong)


def by_weak(one: Incoming, row: Known) -> bool:
    """Likeness; not of two that are told apart by what no two accounts share."""
    both_told = bool(one.digests.strong and row.strong)
    told_apart = both_told and one.digests.strong.isdisjoint(row.strong)
    return one.digests.weak in row.weak and not told_apart


def by_weak_and_name(one: Incoming, row: Known) -> bool:
    return by_weak(one, row) and folded(one.name) == folded(row.name)


def by_own_and_name(one: Incoming, row: Known) -> bool:
    """A login that hands over its accounts under other ids hands over its own first of all."""
    return row.own and by_weak_and_name(one, row)
