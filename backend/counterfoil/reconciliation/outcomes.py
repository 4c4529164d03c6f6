"""What became of each row of a bulk, as it is told, kept with the act, and told again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from counterfoil.errors import CounterfoilError
from counterfoil.ledger.rows import RefusedBefore
from counterfoil.reconciliation.models import Act


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: the act that settled its line, or why nothing did."""

    bank_transaction_id: UUID
    act: Act | None = None
    error: CounterfoilError | None = None


class NotAlone(CounterfoilError):
    """This row could have been accepted, but another one could not, and all or none were asked."""

    code = "BULK_REFUSED"

    def __init__(self, place: int) -> None:
        self.field = ("rows", str(place))
        super().__init__(
            "Another line was refused, and all or none were asked for. Correct that one, or accept "
            "them one by one."
        )


def kept(outcome: Outcome) -> dict[str, Any]:
    """An outcome as the act of the bulk keeps it: ids and codes, no text and no amount."""
    row = {"bank_transaction_id": str(outcome.bank_transaction_id)}
    if outcome.act is not None:
        return {**row, "act_id": str(outcome.act.id)}
    error = outcome.error
    return {**row, "code": error.code if error else None, "field": error.field if error else ()}


async def remembered(act: Act) -> Sequence[Outcome]:
    """The outcomes of a bulk that was done before, in the order of its rows."""
    parts = {str(part.id): part for part in await Act.filter(parent_id=act.id)}
    return [
        Outcome(UUID(row["bank_transaction_id"]), parts[row["act_id"]])
        if "act_id" in row
        else Outcome(UUID(row["bank_transaction_id"]), error=_refused_before(row))
        for row in act.details["rows"]
    ]


def _refused_before(row: Mapping[str, Any]) -> CounterfoilError:
    return RefusedBefore(code=row["code"], field=tuple(row["field"]))
