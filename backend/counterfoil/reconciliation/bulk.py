"""Accepting many suggestions at once: one act, a part of it for each line, an outcome for each.

All suggestions are computed once, under the lock that orders the acts of the books: what changes
after that is this bulk's own doing, and every part looks at its lines again before it acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.reconciliation.accepting import Acceptance, accept_one
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.annotating import annotate
from counterfoil.reconciliation.duplicates import PossibleDuplicate
from counterfoil.reconciliation.fields import Path
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.reconciliation.outcomes import NotAlone, Outcome, kept, remembered
from counterfoil.reconciliation.suggest import Suggestion
from counterfoil.reconciliation.suggesting import suggestions_for
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer

MOST_ROWS = 200
"""So many suggestions are accepted at once: as many as are computed together."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The act of a bulk, null where it did nothing, and the outcomes in the order of its rows."""

    act: Act | None
    outcomes: Sequence[Outcome]


class _NothingDone(Exception):
    """Takes the act of a bulk back that is not to leave anything."""


async def accept(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    rows: Sequence[Acceptance],
    atomic: bool,
    key: Key | None,
) -> Accepted:
    """Settle each line by the suggestion that was chosen for it; a refused row leaves nothing.

    With `atomic`, one refusal refuses all. Both ends of a transfer may be chosen: it is done once,
    and is the act of both rows. A line that may be booked already is marked to be checked instead.
    A bulk of which nothing was done is no act, and its key stays free.

    Raises:
        Forbidden, IdempotencyKeyReused, IdempotencyKeyInvalid.
        InvalidInput: no rows, more than 200, or a line named twice.
    """
    _require_rows(rows)
    viewer.require(Right.CODE)
    outcomes: list[Outcome] = []
    try:
        async with uow.part():
            act, replayed = await begin(uow, viewer, ActKind.BULK, key=key, bank_account_id=None)
            if replayed:
                return Accepted(act, await remembered(act))
            outcomes += await _outcomes(uow, viewer, act, rows)
            _refuse_nothing(outcomes, atomic=atomic)
            await _finish(uow, viewer, act, outcomes)
    except _NothingDone:
        return Accepted(None, await _without_effect(uow, viewer, outcomes, atomic=atomic))
    await _mark_doubtful(uow, viewer, outcomes)
    return Accepted(act, outcomes)


def _require_rows(rows: Sequence[Acceptance]) -> None:
    if not 1 <= len(rows) <= MOST_ROWS:
        raise InvalidInput(f"Choose 1 to {MOST_ROWS} lines at a time.", field=("rows",))
    seen: set[UUID] = set()
    for place, row in enumerate(rows):
        if row.bank_transaction_id in seen:
            raise InvalidInput(
                "A line is named twice. Name each once.", field=_field(place, "bank_transaction_id")
            )
        seen.add(row.bank_transaction_id)


async def _outcomes(
    uow: UnitOfWork, viewer: Viewer, bulk: Act, rows: Sequence[Acceptance]
) -> list[Outcome]:
    suggestions = await suggestions_for(viewer, [row.bank_transaction_id for row in rows])
    outcomes: list[Outcome] = []
    settled: dict[UUID, Act] = {}
    for place, row in enumerate(rows):
        offered = suggestions.get(row.bank_transaction_id, ())
        act = settled.get(row.bank_transaction_id)
        if act is not None and _is_mirrored(row, offered, act):
            outcomes.append(Outcome(row.bank_transaction_id, act))
            continue
        outcome = await _attempt(uow, viewer, bulk, row, offered, place)
        outcomes.append(outcome)
        if outcome.act is not None:
            settled |= dict.fromkeys(_lines_of(outcome.act), outcome.act)
    return outcomes


def _is_mirrored(row: Acceptance, offered: Sequence[Suggestion], act: Act) -> bool:
    """Whether what was chosen is the transfer that `act` is, seen from its other end."""
    chosen = next((each for each in offered if each.id == row.suggestion_id), None)
    return chosen is not None and chosen.other_transaction_id in _lines_of(act)


async def _attempt(
    uow: UnitOfWork,
    viewer: Viewer,
    bulk: Act,
    row: Acceptance,
    offered: Sequence[Suggestion],
    place: int,
) -> Outcome:
    try:
        async with uow.part():
            act = await accept_one(uow, viewer, row, offered, parent=bulk)
    except CounterfoilError as refused:
        refused.field = _field_in_row(place, refused.field)
        return Outcome(row.bank_transaction_id, error=refused)
    return Outcome(row.bank_transaction_id, act)


def _field_in_row(place: int, field: Path) -> Path:
    """Where a row's refusal is about nothing that the row says, it is about its suggestion."""
    known = [name for name in field if name in Acceptance.__slots__]
    return _field(place, known[0] if known else "suggestion_id")


def _field(place: int, name: str) -> Path:
    return ("rows", str(place), name)


def _lines_of(act: Act) -> Sequence[UUID]:
    return [UUID(one) for one in act.details["bank_transaction_ids"]]


def _refuse_nothing(outcomes: Sequence[Outcome], *, atomic: bool) -> None:
    refused = [outcome for outcome in outcomes if outcome.error is not None]
    if len(refused) == len(outcomes) or (atomic and refused):
        raise _NothingDone


async def _without_effect(
    uow: UnitOfWork, viewer: Viewer, outcomes: Sequence[Outcome], *, atomic: bool
) -> Sequence[Outcome]:
    """The outcomes of a bulk that was taken back."""
    if not atomic:
        await _mark_doubtful(uow, viewer, outcomes)
    return [
        outcome
        if outcome.error is not None
        else Outcome(outcome.bank_transaction_id, error=NotAlone(place))
        for place, outcome in enumerate(outcomes)
    ]


async def _mark_doubtful(uow: UnitOfWork, viewer: Viewer, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if isinstance(outcome.error, PossibleDuplicate):
            await annotate(
                uow,
                viewer,
                bank_transaction_id=outcome.bank_transaction_id,
                expected_revision=None,
                to_check=True,
            )


async def _finish(uow: UnitOfWork, viewer: Viewer, act: Act, outcomes: Sequence[Outcome]) -> None:
    """Keep the outcomes with the act: ids and codes, which a repeated call is answered with."""
    act.details["rows"] = [kept(outcome) for outcome in outcomes]
    done = {outcome.act.id: outcome.act for outcome in outcomes if outcome.act is not None}
    bank_accounts = {part.bank_account_id for part in done.values()}
    act.bank_account_id = bank_accounts.pop() if len(bank_accounts) == 1 else None
    await finish(
        uow,
        viewer,
        act,
        action="acceptSuggestions",
        act_ids=done,
        bank_transaction_ids=[line for part in done.values() for line in _lines_of(part)],
    )
