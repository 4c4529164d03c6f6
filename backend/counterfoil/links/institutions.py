"""The institutions that the aggregators list, kept here once somebody has looked for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from counterfoil.aggregators.port import Aggregator, AggregatorError, InstitutionSnapshot
from counterfoil.errors import CounterfoilError
from counterfoil.links.models import Institution
from counterfoil.viewer import Right, Viewer


class InstitutionsUnavailable(CounterfoilError):
    """No aggregator could say which institutions there are."""

    code = "AGGREGATOR_UNAVAILABLE"
    retryable = True

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        super().__init__("The list of banks can't be read just now. Try again in a minute.")


async def find_institutions(
    viewer: Viewer, aggregators: Mapping[str, Aggregator], *, query: str, country: str
) -> Sequence[UUID]:
    """Ask every aggregator, keep what was not known, and return the rows' ids.

    `query` is a part of a name, `country` an ISO 3166-1 code of two letters.
    Raises:
        Forbidden; InstitutionsUnavailable: none of them answered.
    """
    viewer.require(Right.BANKS)
    found: list[UUID] = []
    failed: AggregatorError | None = None
    for name, aggregator in aggregators.items():
        try:
            listed = await aggregator.institutions(query, country)
        except AggregatorError as error:
            failed = error
        else:
            found.extend(await _kept(name, listed))
    if failed is not None and not found:
        raise InstitutionsUnavailable(failed) from failed
    return found


async def _kept(aggregator: str, listed: Sequence[InstitutionSnapshot]) -> Sequence[UUID]:
    codes = [snapshot.aggregator_id for snapshot in listed]
    known = Institution.filter(aggregator=aggregator, aggregator_id__in=codes)
    before = {row.aggregator_id for row in await known}
    new = {each.aggregator_id: each for each in listed if each.aggregator_id not in before}
    if new:
        rows = [_row(aggregator, snapshot) for snapshot in new.values()]
        await Institution.bulk_create(rows, ignore_conflicts=True)
    return [row.id for row in await known.all()]


def _row(aggregator: str, snapshot: InstitutionSnapshot) -> Institution:
    return Institution(
        aggregator=aggregator,
        aggregator_id=snapshot.aggregator_id,
        name=snapshot.name,
        url=snapshot.url,
        countries=list(snapshot.countries),
    )
