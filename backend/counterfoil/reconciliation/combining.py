"""Which few amounts add up to one: pure, and bounded in its work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, islice

MOST_AMOUNTS = 24
"""Of more amounts only the first are looked at: 276 pairs, whatever there is."""
MOST_GROUPS = 8
Group = tuple[int, ...]


def groups_of(target: int, amounts: Sequence[int]) -> list[Group]:
    """Groups of 2, 3 or 4 places in `amounts` whose amounts add up to `target`.

    The smallest groups first, and among those the ones of the first amounts; at most 8. Amounts of
    the other sign, of nothing, and those that reach the target alone are left out.
    """
    places = [
        place
        for place, amount in enumerate(amounts)
        if 0 < abs(amount) < abs(target) and (amount > 0) == (target > 0)
    ][:MOST_AMOUNTS]
    return list(islice(_groups(target, amounts, places), MOST_GROUPS))


def _groups(target: int, amounts: Sequence[int], places: Sequence[int]) -> Iterator[Group]:
    """Pairs by looking the rest up, and threes and fours as a pair and the rest of it."""
    ones: defaultdict[int, list[Group]] = defaultdict(list)
    twos: defaultdict[int, list[Group]] = defaultdict(list)
    for place in places:
        ones[amounts[place]].append((place,))
    for pair in combinations(places, 2):
        twos[amounts[pair[0]] + amounts[pair[1]]].append(pair)
    yield from twos[target]
    for rests in (ones, twos):
        for pair in combinations(places, 2):
            rest = target - amounts[pair[0]] - amounts[pair[1]]
            yield from (pair + more for more in rests.get(rest, ()) if more[0] > pair[1])
