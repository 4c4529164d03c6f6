"""The institutions of the sandbox, under the ids and names of Plaid's own sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fakebank.shelves import Shelf


@dataclass(frozen=True, slots=True)
class Institution:
    """One bank or card issuer. `health` is HEALTHY, DEGRADED or DOWN."""

    institution_id: str
    name: str
    countries: tuple[str, ...] = ("US",)
    currency: str = "USD"
    color: str = "#1f4f46"
    url: str = "https://plaid.com"
    routing_number: str | None = None
    oauth: bool = False
    health: str = "HEALTHY"
    supported: bool = True


INSTITUTIONS: dict[str, Institution] = {
    each.institution_id: each
    for each in (
        Institution("ins_109508", "First Platypus Bank", routing_number="110000000"),
        Institution("ins_109509", "First Gingham Credit Union", color="#7a2e2e"),
        Institution("ins_109510", "Tattersall Federal Credit Union", color="#2e4d7a"),
        Institution("ins_109511", "Tartan Bank", color="#5a2e7a"),
        Institution("ins_109512", "Houndstooth Bank", color="#333333"),
        Institution("ins_127287", "Platypus OAuth Bank", color="#0b5fa5", oauth=True),
        Institution("ins_132363", "Unhealthy Platypus Bank - Degraded", health="DEGRADED"),
        Institution("ins_132361", "Unhealthy Platypus Bank - Down", health="DOWN"),
        Institution("ins_133402", "Unsupported Platypus Bank", supported=False),
        Institution("ins_43", "Tartan-Dominion Bank of Canada", ("CA",), "CAD", "#8a1f1f"),
        Institution("ins_117650", "Royal Bank of Plaid", ("GB",), "GBP", "#3a2f6b", oauth=True),
    )
}


MOVED_BY = 100_000


@dataclass(slots=True)
class Move:
    """A bank that goes on under another id, as one does that changes how it is reached."""

    old_id: str
    new_id: str
    name: str


class Institutions:
    """The institutions of one sandbox: those of the table, and those that a bank has moved to."""

    def __init__(self) -> None:
        self.moves: Shelf[Move] = Shelf("move", Move, key=lambda move: move.old_id)

    def get(self, institution_id: str) -> Institution | None:
        """One institution; one that has moved away is no longer supported."""
        move = next((each for each in self.moves if each.new_id == institution_id), None)
        if move is None:
            found = INSTITUTIONS.get(institution_id)
        else:
            found = replace(
                self[move.old_id],
                institution_id=move.new_id,
                name=move.name,
                oauth=True,
                supported=True,
            )
        moved_away = self.moves.get(institution_id) is not None
        return replace(found, supported=False) if found and moved_away else found

    def __getitem__(self, institution_id: str) -> Institution:
        found = self.get(institution_id)
        if found is None:
            raise KeyError(institution_id)
        return found

    def __iter__(self) -> Iterator[Institution]:
        ids = [*INSTITUTIONS, *(move.new_id for move in self.moves)]
        return (self[each] for each in ids)

    def home(self, institution_id: str) -> str:
        """The id that the bank had first: its logins are known by it for ever."""
        move = next((each for each in self.moves if each.new_id == institution_id), None)
        return institution_id if move is None else self.home(move.old_id)

    def move(self, old_id: str, *, new_id: str | None, name: str | None) -> Institution:
        """Let a bank go on under another id. Raises ValueError, with words, when it cannot."""
        if self.moves.get(old_id) is not None:
            raise ValueError(f"{old_id} has moved already")
        wanted = new_id or f"ins_{int(old_id.removeprefix('ins_')) + MOVED_BY}"
        if self.get(wanted) is not None:
            raise ValueError(f"there is an institution {wanted} already")
        self.moves.put(Move(old_id, wanted, name or self[old_id].name))
        return self[wanted]

    def search(self, query: str, *, countries: list[str]) -> list[Institution]:
        """Institutions of these countries whose name holds every word of the query, by name."""
        words = query.casefold().split()
        found = [
            each
            for each in self
            if set(each.countries) & set(countries)
            and self.moves.get(each.institution_id) is None
            and all(word in each.name.casefold() for word in words)
        ]
        return sorted(found, key=lambda each: each.name)
