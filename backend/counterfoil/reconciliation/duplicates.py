"""Journal lines that a bank line may already be booked as, before it is booked a second time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from counterfoil.errors import CounterfoilError
from counterfoil.kit.sql import fetch, on_sqlite
from counterfoil.kit.text import clean_or_none
from counterfoil.ledger.numbering import shown_number
from counterfoil.viewer import Right, Viewer

WITHIN_DAYS = 14
REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Candidate:
    """A posted journal line of the same amount on the same ledger account, not cleared by a bank.

    `number` is its entry's, counted in `fiscal_year`.
    """

    journal_line_id: UUID
    journal_entry_id: UUID
    fiscal_year: int
    number: int
    posted_on: date

    @property
    def entry_number(self) -> str:
        """The number of its entry as people see it."""
        return shown_number(self.fiscal_year, self.number)


class PossibleDuplicate(CounterfoilError):
    """The bank line may be booked already; somebody has to look, or say why it is not."""

    code = "POSSIBLE_DUPLICATE"
    field = ("duplicate_reason",)

    def __init__(self, bank_transaction_id: UUID, candidates: Sequence[Candidate]) -> None:
        self.bank_transaction_id, self.candidates = bank_transaction_id, tuple(candidates)
        self.journal_line_ids = tuple(one.journal_line_id for one in candidates)
        numbers = ", ".join(sorted({one.entry_number for one in candidates}))
        super().__init__(
            f"This may already be booked as {numbers}. Match it with that, or book it anyway and "
            "say why."
        )


async def possible_duplicates(
    viewer: Viewer, bank_transaction_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[Candidate]]:
    """What each of these lines may already be booked as, the nearest in time first.

    These are journal lines on the ledger account that the line's bank account is tied to, of the
    amount that is open of the bank line, open themselves or cleared by hand, at most 14 days
    apart; or at any date where their entry refers to the line's cheque number. Lines without any
    are not in the answer; nor are reversed entries and reversals.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    if not bank_transaction_ids:
        return {}
    marks = ", ".join(f"${place}" for place in range(2, len(bank_transaction_ids) + 2))
    rows = await fetch(
        _CANDIDATES.format(marks=marks, apart=_days_apart()),
        viewer.organization_id,
        *bank_transaction_ids,
    )
    found: defaultdict[UUID, list[Candidate]] = defaultdict(list)
    for row in rows:
        found[UUID(str(row["bank_transaction_id"]))].append(_candidate(row))
    return found


async def refuse_duplicates(
    viewer: Viewer, bank_transaction_ids: Sequence[UUID], *, reason: str | None
) -> str | None:
    """Pass when none of these lines may be booked already, or when a reason is given.

    Returns the reason if there was something to give one for, else None.

    Raises:
        PossibleDuplicate: there are candidates, and no reason.
    """
    found = await possible_duplicates(viewer, bank_transaction_ids)
    given = clean_or_none(reason, limit=REASON_LENGTH)
    for bank_transaction_id, candidates in found.items():
        if given is None:
            raise PossibleDuplicate(bank_transaction_id, candidates)
    return given if found else None


_CANDIDATES = f"""
    SELECT t.id AS bank_transaction_id, l.id AS journal_line_id, e.id AS journal_entry_id,
        e.fiscal_year, e.number, l.posted_on
    FROM bank_transaction AS t
    JOIN bank_account AS a ON a.id = t.bank_account_id
    JOIN journal_line AS l ON l.ledger_account_id = a.ledger_account_id
        AND l.amount_minor = t.amount_minor - t.reconciled_minor AND l.currency = t.currency
    JOIN journal_entry AS e ON e.id = l.journal_entry_id AND e.state = 'POSTED'
    WHERE t.organization_id = $1 AND t.id IN ({{marks}})
    AND (ABS({{apart}}) <= {WITHIN_DAYS} OR e.reference = t.check_number)
    AND (l.cleared_minor <> l.amount_minor OR EXISTS (
        SELECT 1 FROM hand_clearing AS h WHERE h.journal_line_id = l.id AND h.origin = 'PERSON'))
    AND e.reverses_id IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM journal_entry AS r WHERE r.reverses_id = e.id AND r.state = 'POSTED')
    ORDER BY ABS({{apart}}), l.id
"""  # noqa: S608 -- of our own words alone; ids are parameters


def _days_apart() -> str:
    if on_sqlite():
        return "(julianday(l.posted_on) - julianday(t.dated_on))"
    return "(l.posted_on - t.dated_on)"


def _candidate(row: Mapping[str, object]) -> Candidate:
    posted_on = row["posted_on"]
    return Candidate(
        journal_line_id=UUID(str(row["journal_line_id"])),
        journal_entry_id=UUID(str(row["journal_entry_id"])),
        fiscal_year=int(str(row["fiscal_year"])),
        number=int(str(row["number"])),
        posted_on=posted_on if isinstance(posted_on, date) else date.fromisoformat(str(posted_on)),
    )
