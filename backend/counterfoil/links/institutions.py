"""The institutions that the aggregators list, kept here once somebody has looked for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from counterfoil.aggregators.port import (
    Aggregator,
    AggregatorError,
    ErrorKind,
    InstitutionSnapshot,
    Retry,
)
from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.links.models import Institution
from counterfoil.viewer import Right, Viewer


class CountryNotOffered(InvalidInput):
    """No aggregator offers banks of this country."""

    def __init__(self, country: str) -> None:
        super().__init__(
            f"No banks of {country} are offered here. An administrator chooses the countries.",
            field=("country",),
        )


class InstitutionsNotSetUp(CounterfoilError):
    """The keys of the aggregator are missing or refused."""

    code = "NOT_SET_UP"

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        super().__init__(
            "The list of banks can't be read, because the aggregator's keys are missing or "
            "refused. An administrator must set them."
        )


class InstitutionsRefused(CounterfoilError):
    """The aggregator will not answer, also if it is asked again."""

    code = "AGGREGATOR_UNAVAILABLE"

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        said = f" It said: {cause.provider_message}" if cause.provider_message else ""
        super().__init__(f"The aggregator refused to list its banks.{said}")


class InstitutionsUnavailable(CounterfoilError):
    """No aggregator could say which institutions there are."""

    code = "AGGREGATOR_UNAVAILABLE"
    retryable = True

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        super().__init__("The list of banks can't be read just now. Try again in a minute.")


async def find_institutions(
    viewer: Viewer, aggregators: Mapping[str, Aggregator], *, query: str, country: str | None
) -> Sequence[UUID]:
    """Ask every aggregator, keep what was not known, and return the rows' ids.

    `query` is a part of a name, `country` an ISO 3166-1 code of two letters; None stands for all
    countries that are set up.
    Raises:
        Forbidden; CountryNotOffered: by any of them; InstitutionsNotSetUp, InstitutionsRefused,
        InstitutionsUnavailable: one of them failed, and the others know of none.
    """
    viewer.require(Right.BANKS)
    found: list[UUID] = []
    failures: list[AggregatorError] = []
    for name, aggregator in aggregators.items():
        try:
            listed = await aggregator.institutions(query, country)
        except AggregatorError as error:
            failures.append(error)
        else:
            found.extend(await _kept(name, listed))
    failed = [error for error in failures if error.kind is not ErrorKind.UNSUPPORTED]
    if failed and not found:
        raise _problem(failed[0]) from failed[0]
    if country is not None and failures and len(failures) == len(aggregators):
        raise CountryNotOffered(country)
    return found


def _problem(cause: AggregatorError) -> CounterfoilError:
    if cause.kind is ErrorKind.OUR_CONFIG:
        return InstitutionsNotSetUp(cause)
    if cause.retry is Retry.NEVER:
        return InstitutionsRefused(cause)
    return InstitutionsUnavailable(cause)


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
