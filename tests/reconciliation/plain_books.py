"""What ledger, matches and undo should come to: plain Python, without a database.

Everything is named by its place in a list: lines of the bank, entries (by number), acts. An amount
is what an entry moves on the one bank account. A method returns whether the act is allowed; one
that is not allowed changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass
class Line:
    """A line of the bank, and the act that excluded it."""

    amount: int
    excluded_by: int | None = None


@dataclass
class Entry:
    """A posted entry."""

    amount: int
    stands: bool = True
    """Neither reversed nor a reversal."""
    act: int | None = None
    """The act that it is undone with."""


class Clearing(NamedTuple):
    """A part of an entry cleared by hand."""

    entry: int
    amount: int
    act: int


@dataclass
class Group:
    """A match: what each line and each entry gives to it."""

    act: int
    bank: Mapping[int, int]
    journal: Mapping[int, int]
    displaced: Sequence[Clearing] = ()


@dataclass
class Done:
    """An act, and what undoing it needs."""

    kind: str
    subject: int = -1
    ended: Sequence[Group] = ()
    cleared: Sequence[Clearing] = ()
    excluded_by: int = -1
    undone: bool = False


def fits(part: int, whole: int) -> bool:
    """Whether a part is something, of the sign of the whole, and not more than it."""
    return part * whole > 0 and abs(part) <= abs(whole)


@dataclass
class PlainBooks:
    """Lines, entries, matches, clearings and acts of one bank account."""

    lines: list[Line] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    clearings: list[Clearing] = field(default_factory=list)
    acts: list[Done] = field(default_factory=list)

    def reconciled(self, line: int) -> int:
        return sum(group.bank.get(line, 0) for group in self.groups)

    def cleared(self, entry: int) -> int:
        by_hand = sum(one.amount for one in self.clearings if one.entry == entry)
        return by_hand + sum(group.journal.get(entry, 0) for group in self.groups)

    def open_of_line(self, line: int) -> int:
        return self.lines[line].amount - self.reconciled(line)

    def open_of_entry(self, entry: int) -> int:
        return self.entries[entry].amount - self.cleared(entry)

    def bookable(self, line: int) -> bool:
        return self.lines[line].excluded_by is None and self.open_of_line(line) != 0

    def book(self, line: int) -> bool:
        if not self.bookable(line):
            return False
        left = self.open_of_line(line)
        self.entries.append(Entry(left, act=len(self.acts)))
        self._sealed({line: left}, {len(self.entries) - 1: left})
        self.acts.append(Done("BOOK"))
        return True

    def match(self, bank: Mapping[int, int | None], journal: Mapping[int, int | None]) -> bool:
        """Amounts, or None for all that is open."""
        if not all(map(self.bookable, bank)) or not all(self.entries[e].stands for e in journal):
            return False
        given = {i: self.open_of_line(i) if part is None else part for i, part in bank.items()}
        placed = {e: self._displaced(e, part) for e, part in journal.items()}
        taken = {
            e: sum(one.amount for one in placed[e]) or (self.open_of_entry(e) if p is None else p)
            for e, p in journal.items()
        }
        if any(placed.values()) and not all(placed.values()):
            return False
        within = all(fits(part, self.open_of_line(i)) for i, part in given.items()) and all(
            placed[e] or fits(part, self.open_of_entry(e)) for e, part in taken.items()
        )
        if not within or sum(given.values()) != sum(taken.values()):
            return False
        displaced = [one for those in placed.values() for one in those]
        self.clearings = [one for one in self.clearings if one not in displaced]
        self._sealed(given, taken, displaced)
        self.acts.append(Done("MATCH"))
        return True

    def _displaced(self, entry: int, part: int | None) -> Sequence[Clearing]:
        left = self.open_of_entry(entry)
        if left and (part is None or abs(part) <= abs(left)):
            return []
        those = [one for one in self.clearings if one.entry == entry]
        exactly = [one for one in those if one.amount == part]
        if exactly:
            return exactly[:1]
        return those if part in (None, sum(one.amount for one in those)) else []

    def _sealed(
        self,
        bank: Mapping[int, int],
        journal: Mapping[int, int],
        displaced: Sequence[Clearing] = (),
    ) -> None:
        self.groups.append(Group(len(self.acts), bank, journal, displaced))

    def exclude(self, line: int) -> bool:
        if self.lines[line].excluded_by is not None or self.reconciled(line) != 0:
            return False
        self.lines[line].excluded_by = len(self.acts)
        self.acts.append(Done("EXCLUDE", line))
        return True

    def restore(self, line: int) -> bool:
        by = self.lines[line].excluded_by
        if by is None:
            return False
        self.lines[line].excluded_by = None
        self.acts.append(Done("RESTORE", line, excluded_by=by))
        return True

    def clear(self, entry: int, part: int | None) -> bool:
        amount = self.open_of_entry(entry) if part is None else part
        if not self.entries[entry].stands or not fits(amount, self.open_of_entry(entry)):
            return False
        self.clearings.append(Clearing(entry, amount, len(self.acts)))
        self.acts.append(Done("CLEAR"))
        return True

    def reverse(self, entry: int) -> bool:
        if not self.entries[entry].stands:
            return False
        ended, cleared = self._take_back(entry)
        self.acts.append(Done("REVERSE", entry, ended, cleared))
        return True

    def _take_back(self, entry: int) -> tuple[Sequence[Group], Sequence[Clearing]]:
        ended = [group for group in self.groups if entry in group.journal]
        cleared = [one for one in self.clearings if one.entry == entry]
        self.groups = [group for group in self.groups if group not in ended]
        self.clearings = [one for one in self.clearings if one not in cleared]
        amount = self.entries[entry].amount
        self.entries[entry].stands = False
        self.entries.append(Entry(-amount, stands=False))
        self._sealed({}, {entry: amount, len(self.entries) - 1: -amount})
        return ended, cleared

    def accept(self, line: int, reported: int) -> bool:
        """The bank has another amount by now, and the line becomes that."""
        settled = self.reconciled(line)
        if settled == 0:
            return False
        kept = settled if fits(settled, reported) else reported if fits(reported, settled) else 0
        while self.reconciled(line) != kept:
            self._give_way(line, 100 if settled > 0 else -100)
        self.lines[line].amount = reported
        self.acts.append(Done("DECIDE"))
        return True

    def _give_way(self, line: int, part: int) -> None:
        """The last match has so much less of the line, and of what stands against it last."""
        group = [one for one in self.groups if line in one.bank][-1]
        bank, journal = dict(group.bank), dict(group.journal)
        bank[line] -= part
        against = [entry for entry, given in journal.items() if given * part > 0]
        if against:
            journal[against[-1]] -= part
        else:
            bank[[other for other, given in bank.items() if given * part < 0][-1]] += part
        self._put(group, bank, journal)

    def _put(self, group: Group, bank: Mapping[int, int], journal: Mapping[int, int]) -> None:
        """The group as it is by now, without what gives nothing; an empty one goes."""
        group.bank = {one: given for one, given in bank.items() if given}
        group.journal = {one: given for one, given in journal.items() if given}
        if not group.bank and not group.journal:
            self.groups = [one for one in self.groups if one is not group]

    def adjust(self, line: int, reported: int) -> bool:
        """As `accept`, and what that is more or less is posted, and matched with it."""
        settled, was = self.reconciled(line), self.lines[line].amount
        wanted = reported if settled == was or not fits(settled, reported) else settled
        if settled in (0, wanted):
            return False
        self.entries.append(Entry(wanted - settled, act=len(self.acts)))
        self._adjust(line, wanted - settled, len(self.entries) - 1)
        self.lines[line].amount = reported
        self.acts.append(Done("DECIDE"))
        return True

    def _adjust(self, line: int, left: int, entry: int) -> None:
        """The last matches have so much less of the line; the last one has what is more."""
        having = [one for one in self.groups if line in one.bank]
        parts = [0 for _ in having]
        for place in reversed(range(len(having))):
            given = having[place].bank[line]
            if left * given < 0:
                parts[place] = max(left, -given) if left < 0 else min(left, -given)
                left -= parts[place]
        parts[-1] += left
        for group, part in zip(having, parts, strict=True):
            bank = {**group.bank, line: group.bank[line] + part}
            self._put(group, bank, {**group.journal, entry: part})

    def undo(self, number: int) -> bool:
        act = self.acts[number]
        if act.undone or not self._undone(act, number):
            return False
        act.undone = True
        self.acts.append(Done("UNDO"))
        return True

    def _undone(self, act: Done, number: int) -> bool:
        match act.kind:
            case "BOOK":
                for place, entry in enumerate(tuple(self.entries)):
                    if entry.act == number and entry.stands:
                        self._take_back(place)
                return True  # what it taught is forgotten in any case
            case "MATCH":
                return self._unmatched(number)
            case "EXCLUDE":
                return self._restored(act.subject, number)
            case "RESTORE":
                return self._excluded_again(act.subject, act.excluded_by)
            case "CLEAR":
                before = len(self.clearings)
                self.clearings = [one for one in self.clearings if one.act != number]
                return len(self.clearings) < before
            case "REVERSE":
                return self._posted_again(act)
        return False

    def _unmatched(self, number: int) -> bool:
        gone = [group for group in self.groups if group.act == number]
        if not self._have_room([one for group in gone for one in group.displaced], gone):
            return False
        self.groups = [group for group in self.groups if group.act != number]
        self.clearings += [one for group in gone for one in group.displaced]
        return bool(gone)

    def _have_room(self, clearings: Sequence[Clearing], gone: Sequence[Group]) -> bool:
        """Whether what was cleared by hand can be so again once these matches are gone."""
        for entry in {one.entry for one in clearings}:
            freed = sum(group.journal.get(entry, 0) for group in gone)
            wanted = sum(one.amount for one in clearings if one.entry == entry)
            if not fits(wanted, self.open_of_entry(entry) + freed):
                return False
        return True

    def _restored(self, line: int, number: int) -> bool:
        if self.lines[line].excluded_by != number:
            return False
        self.lines[line].excluded_by = None
        return True

    def _excluded_again(self, line: int, by: int) -> bool:
        if self.lines[line].excluded_by is not None or self.reconciled(line) != 0:
            return False
        self.lines[line].excluded_by = by
        return True

    def _posted_again(self, act: Done) -> bool:
        original, new = self.entries[act.subject], len(self.entries)
        if original.act is not None and self.acts[original.act].undone:
            return False
        self.entries.append(Entry(original.amount, act=original.act))
        moved = {act.subject: new}
        self.clearings += _moved(act.cleared, moved)
        for group in act.ended:
            journal = {moved.get(e, e): part for e, part in group.journal.items()}
            self._match_again(group, journal, _moved(group.displaced, moved))
        return True

    def _match_again(
        self, was: Group, journal: Mapping[int, int], displaced: Sequence[Clearing]
    ) -> None:
        if (
            self.acts[was.act].undone
            or not all(map(self.bookable, was.bank))
            or not all(
                self.entries[e].stands and fits(part, self.open_of_entry(e))
                for e, part in journal.items()
            )
        ):
            return
        wanted = sum(journal.values())
        given = {line: self.open_of_line(line) for line in was.bank}
        if len(given) == 1 and fits(wanted, sum(given.values())):
            given = dict.fromkeys(given, wanted)
        if sum(given.values()) == wanted:
            self.groups.append(Group(was.act, given, journal, displaced))


def _moved(clearings: Sequence[Clearing], places: Mapping[int, int]) -> list[Clearing]:
    """The clearings on the entries that stand in the places of those that they were of."""
    return [one._replace(entry=places.get(one.entry, one.entry)) for one in clearings]
