"""Taking over journal entries from another system, each known by that system's own id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.kit.text import uncut
from counterfoil.kit.unset import UNSET, Unset
from counterfoil.ledger.chart import EXTERNAL_ID_LIMIT, ExternalIdTaken
from counterfoil.ledger.counting import count
from counterfoil.ledger.drafting import Entry, EntryDraft, EntryEdit, LineDraft, Rate
from counterfoil.ledger.entries import edit_entry, post_one_of_many
from counterfoil.ledger.given import GivenLine, Known, known_accounts, line_drafts
from counterfoil.ledger.models import (
    EntryRate,
    EntrySource,
    EntryState,
    JournalEntry,
    JournalLine,
)
from counterfoil.ledger.rows import RefusedBefore, RowResult, RowStatus, refused_row
from counterfoil.ledger.stored import number_of
from counterfoil.ledger.valuing import Standing, standing_of
from counterfoil.ledger.wording import MEMO_LIMIT, bounded, worded
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

_ACCOUNT = "ledger_account"
_RENAMED = {"ledger_account_id": _ACCOUNT}


class JournalEntryDiffers(CounterfoilError):
    """The entry with this external id is posted, and not as the row has it.

    `differs` are the paths below the row of what is not the same.
    """

    code = "JOURNAL_ENTRY_DIFFERS"
    field = ("external_id",)

    def __init__(self, entry: JournalEntry, differs: Sequence[str]) -> None:
        self.journal_entry_id, self.differs = entry.id, tuple(differs)
        super().__init__(
            f"This is posted as entry {number_of(entry)}, with something else in: "
            f"{', '.join(differs)}. Reverse that entry and send this one under a new external id."
        )


class ImportReversed(CounterfoilError):
    """The entry with this external id was taken back: nothing of it stands in the books."""

    code = "JOURNAL_ENTRY_REVERSED"
    field = ("external_id",)

    def __init__(self, entry: JournalEntry, *, by: JournalEntry) -> None:
        self.journal_entry_id, self.by_id = entry.id, by.id
        super().__init__(
            f"This was posted as entry {number_of(entry)}, and reversed by entry {number_of(by)}. "
            "Send it under a new external id to post it again."
        )


class ExternalIdRepeated(InvalidInput):
    """Two rows have the same external id."""

    def __init__(self) -> None:
        super().__init__("An earlier row has this external id.", field=("external_id",))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry as another system has it; amounts are in units of their currency.

    What is not given, an entry that is there keeps.
    """

    external_id: str
    posted_on: date
    lines: Sequence[GivenLine]
    transaction_on: date | Unset | None = UNSET
    reference: str | Unset | None = UNSET
    memo: str | Unset | None = UNSET
    contact: str | Unset | None = UNSET
    rates: Sequence[Rate] = ()

    @property
    def key(self) -> str:
        """The external id as it is kept; empty where nothing is left of it."""
        return uncut(self.external_id)

    @property
    def texts(self) -> Mapping[str, str | None]:
        """The texts that are given, as they would be kept.

        Raises:
            InvalidInput: one is too long, or the external id is empty.
        """
        given = {"reference": self.reference, "memo": self.memo, "contact": self.contact}
        texts = {name: text for name, text in given.items() if not isinstance(text, Unset)}
        kept = worded({"external_id": self.external_id, **texts})
        if kept["external_id"] is None:
            raise InvalidInput("The external id is empty.", field=("external_id",))
        return kept

    def draft(self, lines: Sequence[LineDraft]) -> EntryDraft:
        """What is to be posted."""
        transaction_on = self.transaction_on
        return EntryDraft(
            posted_on=self.posted_on,
            lines=lines,
            transaction_on=None if isinstance(transaction_on, Unset) else transaction_on,
            source=EntrySource.IMPORT,
            rates=self.rates,
            **self.texts,
        )


@dataclass(frozen=True, slots=True)
class _Posted:
    """An entry that is there, with its lines and rates."""

    entry: JournalEntry
    lines: list[JournalLine] = field(default_factory=list)
    rates: dict[str, EntryRate] = field(default_factory=dict)
    reversals: list[JournalEntry] = field(default_factory=list)

    def refuse_reversed(self) -> None:
        """Pass silently when the entry still stands.

        Raises:
            ImportReversed.
        """
        for reversal in self.reversals:
            raise ImportReversed(self.entry, by=reversal)


async def import_rows(
    uow: UnitOfWork, viewer: Viewer, rows: Sequence[EntryRow], *, act_id: UUID
) -> Sequence[RowResult]:
    """Post the entries that are new as a part of an act; a refused row leaves nothing behind.

    One that is there stays as it is, but for memo and contact, which change for posted entries too.
    """
    importing = await _importing(viewer, rows)
    standing = await standing_of(viewer, importing.ledger_account_ids)
    results = []
    for place, row in enumerate(rows):
        try:
            importing.refuse_repeated(row)
            results.append(await importing.write(uow, viewer, row, standing, act_id))
        except CounterfoilError as refused:
            results.append(refused_row(place, refused, renamed=_RENAMED))
    await count(importing.made)
    return results


async def results_again(
    viewer: Viewer, rows: Sequence[EntryRow], *, act_id: UUID
) -> Sequence[RowResult]:
    """What became of rows that were imported before by this act, as their entries are now.

    A row that was refused then is refused still, because its call is not made twice.
    """
    importing = await _importing(viewer, rows)
    results = []
    for place, row in enumerate(rows):
        try:
            results.append(importing.seen(row, act_id))
        except CounterfoilError as refused:
            results.append(refused_row(place, refused, renamed=_RENAMED))
    return results


async def _importing(viewer: Viewer, rows: Sequence[EntryRow]) -> _Importing:
    refs = {line.account for row in rows for line in row.lines}
    keys = {row.key for row in rows if len(row.key) <= EXTERNAL_ID_LIMIT}
    posted = await _posted(viewer, keys)
    return _Importing(await known_accounts(viewer, refs), posted)


async def _posted(viewer: Viewer, external_ids: Collection[str]) -> Mapping[str, _Posted]:
    """The entries with these external ids, in four statements."""
    entries = await JournalEntry.filter(
        organization_id=viewer.organization_id, external_id__in=list(external_ids)
    )
    found = {entry.id: _Posted(entry) for entry in entries}
    lines = JournalLine.filter(journal_entry_id__in=list(found)).order_by("position")
    for line in await lines if found else []:
        found[line.journal_entry_id].lines.append(line)
    for rate in await EntryRate.filter(journal_entry_id__in=list(found)) if found else []:
        found[rate.journal_entry_id].rates[rate.currency] = rate
    for reversal in await JournalEntry.filter(reverses_id__in=list(found)) if found else []:
        if reversal.reverses_id is not None:
            found[reversal.reverses_id].reversals.append(reversal)
    return {str(posted.entry.external_id): posted for posted in found.values()}


class _Importing:
    """Compares rows with what is posted, and writes what is not."""

    def __init__(self, known: Known, posted: Mapping[str, _Posted]) -> None:
        self._known, self._posted = known, posted
        self._seen: defaultdict[str, int] = defaultdict(int)
        self.made: list[Entry] = []

    @property
    def ledger_account_ids(self) -> set[UUID]:
        """The accounts that the rows name."""
        return {account.id for account in self._known.accounts.values()}

    def refuse_repeated(self, row: EntryRow) -> None:
        """Count a row; a second one with its external id is refused."""
        self._seen[row.key] += 1
        if self._seen[row.key] > 1:
            raise ExternalIdRepeated

    async def write(
        self, uow: UnitOfWork, viewer: Viewer, row: EntryRow, standing: Standing, act_id: UUID
    ) -> RowResult:
        """Post the row's entry, or bring memo and contact of the one that there is up to date."""
        lines = line_drafts(row.lines, self._known, account=_ACCOUNT)
        posted = self._same(row, lines)
        if posted is not None:
            posted.refuse_reversed()
        if posted is not None and not _may_change(row, posted):
            return RowResult(posted.entry.id, RowStatus.UNCHANGED)
        async with uow.part():
            if posted is not None:
                return await _edited(uow, viewer, row, posted.entry)
            draft = row.draft(lines)
            made = await post_one_of_many(uow, viewer, draft, standing, act_id=act_id)
        self.made.append(made)
        return RowResult(made.entry.id, RowStatus.CREATED)

    def seen(self, row: EntryRow, act_id: UUID) -> RowResult:
        """What the row's entry is now."""
        posted = self._same(row, line_drafts(row.lines, self._known, account=_ACCOUNT))
        if posted is None:
            raise RefusedBefore(field=("external_id",))
        made = posted.entry.act_id == act_id
        return RowResult(posted.entry.id, RowStatus.CREATED if made else RowStatus.UNCHANGED)

    def _same(self, row: EntryRow, lines: Sequence[LineDraft]) -> _Posted | None:
        """The entry that the row is, in all that cannot change any more; None: there is none."""
        texts = row.texts
        posted = self._posted.get(row.key)
        if posted is None:
            return None
        if posted.entry.state is EntryState.DRAFT:
            raise ExternalIdTaken(external_id=row.external_id, holder="a draft")
        if differs := [*_head(row, texts, posted), *_lines(lines, posted), *_rates(row, posted)]:
            raise JournalEntryDiffers(posted.entry, differs)
        return posted


def _may_change(row: EntryRow, posted: _Posted) -> bool:
    """Whether the row has another memo or contact than the entry."""
    texts = row.texts
    return any(
        name in texts and texts[name] != getattr(posted.entry, name) for name in ("memo", "contact")
    )


async def _edited(uow: UnitOfWork, viewer: Viewer, row: EntryRow, entry: JournalEntry) -> RowResult:
    edited = await edit_entry(
        uow,
        viewer,
        journal_entry_id=entry.id,
        expected_revision=entry.revision,
        edit=EntryEdit(memo=row.memo, contact=row.contact),
    )
    return RowResult(edited.id, RowStatus.UPDATED)


def _head(row: EntryRow, texts: Mapping[str, str | None], posted: _Posted) -> Iterator[str]:
    entry = posted.entry
    if row.posted_on != entry.posted_on:
        yield "posted_on"
    if row.transaction_on is not UNSET and row.transaction_on != entry.transaction_on:
        yield "transaction_on"
    if "reference" in texts and texts["reference"] != entry.reference:
        yield "reference"


def _lines(lines: Sequence[LineDraft], posted: _Posted) -> Iterator[str]:
    if len(lines) != len(posted.lines):
        yield "lines"
        return
    for place, (given, kept) in enumerate(zip(lines, posted.lines, strict=True)):
        same = {
            _ACCOUNT: given.ledger_account_id == kept.ledger_account_id,
            "amount": given.amount_minor == kept.amount_minor,
            "currency": given.currency == kept.currency,
            "base_amount": given.base_minor in (None, kept.base_minor),
            "memo": _memo(given, place) == kept.memo,
        }
        yield from (f"lines.{place}.{name}" for name, is_same in same.items() if not is_same)


def _memo(line: LineDraft, place: int) -> str | None:
    return bounded(line.memo, limit=MEMO_LIMIT, field=("lines", str(place), "memo"))


def _rates(row: EntryRow, posted: _Posted) -> Iterator[str]:
    for place, rate in enumerate(row.rates):
        kept = posted.rates.get(rate.currency)
        if kept is None or (kept.rate, kept.rate_on) != (rate.rate, rate.rate_on):
            yield f"rates.{place}"
