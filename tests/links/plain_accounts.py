"""What becomes of accounts and their lines: plain Python, without a database.

The bank's truth is here, and what a person did in the product. What the product shows is checked
against both. Lines are named by the bank's own keys, which outlive every link of the login.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

NEARBY_DAYS = 3


class Fact(NamedTuple):
    """What a line says: + is money into the account; days are those of March."""

    day: int
    amount: int
    text: str
    pending: bool = False


class Row(NamedTuple):
    """A line as the product has it; `key` is the bank's, None under an id of an earlier link."""

    id: UUID
    key: str | None
    fact: Fact
    reconciled: bool
    undecided: bool
    excluded: bool


class Standing(StrEnum):
    """What a person did with an account."""

    UNSEEN = "unseen"
    SHOWN = "shown"
    HIDDEN = "hidden"
    DELETED = "deleted"


@dataclass
class Account:
    """An account of the bank, and what the product must keep of it."""

    name: str
    lines: dict[str, Fact] = field(default_factory=dict)
    posted_from: dict[str, str] = field(default_factory=dict)
    standing: Standing = Standing.UNSEEN
    id: UUID | None = None
    memo: str | None = None
    known: dict[str, UUID] = field(default_factory=dict)
    """Under which row each line came, since the account last got other ids."""
    booked: dict[UUID, Fact] = field(default_factory=dict)
    told: dict[UUID, Fact] = field(default_factory=dict)
    """What the bank said last of booked lines."""
    excluded: set[UUID] = field(default_factory=set)
    older: set[UUID] = field(default_factory=set)
    """Lines of before the history of a later link, which nobody tells of any more."""
    erased: Counter[Fact] = field(default_factory=Counter)
    remembered: Counter[Fact] = field(default_factory=Counter)
    """Of the erased lines, those that had been excluded."""
    other_ids: bool = False
    returns: bool = False

    def linked(self, *, other_ids: bool) -> None:
        """It came by a login; a hidden one stays hidden."""
        self.returns = self.standing is Standing.DELETED
        self.other_ids = other_ids
        if self.standing is not Standing.HIDDEN:
            self.standing = Standing.SHOWN
        if other_ids:
            self.known = {}

    def deleted(self, rows: Sequence[Row]) -> None:
        """Its lines, which these are, are gone, apart from the booked ones."""
        gone = [row for row in rows if row.id not in self.booked and not row.fact.pending]
        self.erased = Counter(row.fact for row in gone)
        self.remembered += Counter(row.fact for row in gone if row.excluded)
        self.standing, self.known, self.excluded = Standing.DELETED, {}, set()

    def check(self, rows: Sequence[Row]) -> None:
        """After a pull of an account that is shown: nothing lost, doubled or resurrected."""
        living = {row.key: row for row in rows if row.key in self.lines}
        keys = [row.key for row in rows if row.key is not None]
        assert len(set(keys)) == len(keys), f"doubled: {sorted(keys)}"
        assert living.keys() == self.lines.keys(), "lost, or not the bank's"
        if self.other_ids:
            self._pass_over_older(rows)
        for row in rows:
            if row.id in self.booked:
                self._check_booked(row)
            elif row.id not in self.older or row.key is not None:
                assert row.key in self.lines, f"resurrected: {row}"
                assert (row.fact, row.reconciled) == (self.lines[row.key], False)
        self._check_ids({str(key): row for key, row in living.items()})
        self._check_excluded(rows)
        if self.other_ids:
            self._check_recognised(rows)
        self.other_ids = self.returns = False

    def _pass_over_older(self, rows: Sequence[Row]) -> None:
        days = [fact.day for fact in self.lines.values() if not fact.pending]
        since = min(days, default=None)
        self.older |= {
            row.id for row in rows if row.key is None and (since is None or row.fact.day < since)
        }

    def _check_booked(self, row: Row) -> None:
        """It stays as it is booked. What the bank says otherwise is a question to a person."""
        said = self.lines.get(row.key or "")
        booked = self.booked[row.id]
        assert row.reconciled
        assert (row.fact.day, row.fact.amount) == (booked.day, booked.amount)
        same = said is not None and (said.day, said.amount) == (booked.day, booked.amount)
        if said is not None or row.id not in self.older:
            assert row.undecided is not same, f"{row}: the bank says {said}"
        told = said or booked
        self.told[row.id] = row.fact._replace(day=told.day, amount=told.amount)

    def _check_ids(self, living: Mapping[str, Row]) -> None:
        for key, row in living.items():
            before = self.known.get(key) or self.known.get(self.posted_from.get(key, ""))
            assert before in (None, row.id), f"{key} has another row"
            self.known[key] = row.id

    def _check_excluded(self, rows: Sequence[Row]) -> None:
        """Excluded stays excluded; also of the lines that came back, as many as came back."""
        excluded = {row.id: row.fact for row in rows if row.excluded}
        assert self.excluded & {row.id for row in rows} <= excluded.keys()
        self.excluded = set(excluded)
        if not self.returns:
            return
        new = Counter(row.fact for row in rows if row.id not in self.booked)
        again = Counter(excluded.values())
        assert again <= self.remembered & new, f"{again} of {self.remembered}"
        for fact, many in self.erased.items():
            if new[fact] >= many:
                assert again[fact] >= min(self.remembered[fact], many), f"{fact} was excluded"

    def _check_recognised(self, rows: Sequence[Row]) -> None:
        """No line stands beside the booked line that it is, or must be."""
        new = [row.fact for row in rows if row.id not in self.booked and not row.fact.pending]
        alone = [
            self.told[row.id]
            for row in rows
            if row.id in self.booked and row.key is None and row.id not in self.older
        ]
        both = Counter(new) & Counter(alone)
        assert not both, f"doubled: {both}"
        if self.returns:
            near = [(one, other) for one in alone for other in new if _is_near(one, other)]
            ours, theirs = Counter(one for one, _ in near), Counter(other for _, other in near)
            clear = [pair for pair in near if ours[pair[0]] == theirs[pair[1]] == 1]
            assert not clear, f"not recognised: {clear}"

    def check_kept(self, rows: Collection[Row]) -> None:
        """Once it is deleted: the booked lines and no other."""
        assert {row.id: row.reconciled for row in rows} == dict.fromkeys(self.booked, True)


def _is_near(one: Fact, other: Fact) -> bool:
    """Whether a bank that is linked anew may mean the same line."""
    return one.amount == other.amount and abs(one.day - other.day) <= NEARBY_DAYS


@dataclass
class PlainCompany:
    """The accounts of one login at one bank, by the bank's name of each."""

    accounts: dict[str, Account]

    def those(self, *standings: Standing) -> list[Account]:
        """The accounts that stand so, in the bank's order."""
        return [each for each in self.accounts.values() if each.standing in standings]

    def check_accounts(self, seen: Mapping[UUID, tuple[str, str | None]]) -> None:
        """Exactly the shown accounts are there, each with its id, name and memo."""
        shown = self.those(Standing.SHOWN)
        assert seen == {each.id: (each.name, each.memo) for each in shown}
