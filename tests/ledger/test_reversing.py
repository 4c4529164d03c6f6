"""Taking posted entries back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.ledger.balances import balances_at
from counterfoil.ledger.drafting import Entry
from counterfoil.ledger.models import (
    EntryRate,
    EntryState,
    JournalEntry,
    JournalLine,
    LedgerAccount,
)
from counterfoil.ledger.reversing import AlreadyReversed, JournalEntryDraft, post_reversal
from counterfoil.ledger.stored import number_of
from counterfoil.viewer import Forbidden, Right
from tests.fakes import NOW
from tests.ledger.conftest import DAY, Desk, euro_rate


async def reverse(desk: Desk, entry_id: UUID, *, revision: int | None = None) -> Entry:
    async with desk.begin() as uow:
        return await post_reversal(
            uow,
            desk.viewer,
            journal_entry_id=entry_id,
            act_id=None,
            expected_revision=revision,
        )


class TestPostReversal:
    async def test_not_without_the_right_nor_in_another_company(self, desk: Desk) -> None:
        made = await desk.entry()
        before = await desk.written()
        for viewer, error in (
            (await desk.clerk(Right.CODE), Forbidden),
            (await desk.stranger(), NotFound),
        ):
            with pytest.raises(error):
                async with desk.transactions.begin(viewer.organization_id) as uow:
                    await post_reversal(uow, viewer, journal_entry_id=made.entry.id, act_id=None)
        assert await desk.written() == before

    async def test_what_is_not_there_is_not_found(self, desk: Desk) -> None:
        with pytest.raises(NotFound) as refused:
            await reverse(desk, new_id())
        assert refused.value.field == ("journal_entry_id",)

    async def test_a_draft_has_nothing_to_take_back(self, desk: Desk) -> None:
        draft = await desk.entry(post=False)
        before = await desk.written()
        with pytest.raises(JournalEntryDraft):
            await reverse(desk, draft.entry.id)
        assert await desk.written() == before

    async def test_not_what_somebody_changed_meanwhile(self, desk: Desk) -> None:
        made = await desk.entry()
        with pytest.raises(Conflict):
            await reverse(desk, made.entry.id, revision=2)

    async def test_it_mirrors_lines_and_rates(self, desk: Desk) -> None:
        lines = desk.moved(1000, base_minor=1505)
        made = await desk.entry(
            lines=lines,
            rates=[euro_rate("1.505")],
            transaction_on=date(2026, 3, 8),
            reference="7",
            contact="Elm",
        )
        act_id = new_id()
        async with desk.begin() as uow:
            back = await post_reversal(
                uow, desk.viewer, journal_entry_id=made.entry.id, act_id=act_id
            )
        entry = await JournalEntry.get(reverses_id=made.entry.id)
        assert (entry.id, entry.state, number_of(entry)) == (
            back.entry.id,
            EntryState.POSTED,
            "2026-0002",
        )
        assert entry.memo == "Reversal of 2026-0001: Paper"
        assert (entry.posted_on, entry.transaction_on) == (DAY, date(2026, 3, 8))
        assert (entry.reference, entry.contact, entry.act_id) == ("7", "Elm", act_id)
        columns = ("position", "ledger_account_id", "currency", "amount_minor", "base_minor")
        mirrored = await JournalLine.filter(journal_entry_id=entry.id).values_list(*columns)
        assert sorted(mirrored) == [
            (
                line.position,
                line.ledger_account_id,
                line.currency,
                -line.amount_minor,
                -line.base_minor,
            )
            for line in made.lines
        ]
        rates = await EntryRate.all().values_list("currency", "rate", "rate_on", "source")
        assert len(rates) == 2
        assert rates[0] == rates[1]
        for balances in (await balances_at(desk.viewer, DAY)).values():
            assert {tuple(balance) for balance in balances.values()} == {(0, 0)}

    async def test_both_are_told_and_the_act_s_caller_writes_it_down(self, desk: Desk) -> None:
        made = await desk.entry()
        back = await reverse(desk, made.entry.id, revision=1)
        assert sorted(await desk.told()) == sorted(
            [
                ("JOURNAL_ENTRY", made.entry.id, "UPSERTED", 2),
                ("JOURNAL_ENTRY", back.entry.id, "UPSERTED", 1),
            ]
        )
        assert await AuditEvent.all().count() == 0

    async def test_once(self, desk: Desk) -> None:
        made = await desk.entry()
        back = await reverse(desk, made.entry.id)
        before = await desk.written()
        with pytest.raises(
            AlreadyReversed, match="2026-0001 was reversed by entry 2026-0002"
        ) as no:
            await reverse(desk, made.entry.id)
        assert no.value.by_id == back.entry.id
        assert await desk.written() == before

    async def test_a_reversal_can_be_reversed(self, desk: Desk) -> None:
        made = await desk.entry(1234)
        again = await reverse(desk, (await reverse(desk, made.entry.id)).entry.id)
        assert [line.amount_minor for line in again.lines] == [1234, -1234]
        assert again.entry.memo == "Reversal of 2026-0002: Reversal of 2026-0001: Paper"

    @pytest.mark.parametrize(
        ("soft", "hard", "dated"),
        [
            (date(2026, 3, 8), None, DAY),
            (date(2026, 3, 9), None, date(2026, 3, 10)),
            (date(2026, 3, 31), date(2026, 2, 28), date(2026, 4, 1)),
            (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 1)),
            (None, date(2026, 12, 31), date(2027, 1, 1)),
        ],
    )
    async def test_it_is_dated_in_the_earliest_open_period(
        self, desk: Desk, soft: date | None, hard: date | None, dated: date
    ) -> None:
        made = await desk.entry()
        await desk.lock(soft=soft, hard=hard)
        back = await reverse(desk, made.entry.id)
        assert (back.entry.posted_on, back.entry.past_lock_on) == (dated, None)
        assert back.entry.fiscal_year == dated.year
        assert {line.posted_on for line in back.lines} == {dated}

    async def test_of_an_account_that_is_inactive_by_now(self, desk: Desk) -> None:
        made = await desk.entry()
        await LedgerAccount.filter(id=desk.supplies.id).update(inactive_at=NOW)
        back = await reverse(desk, made.entry.id)
        assert len(back.lines) == 2

    async def test_a_long_memo_is_cut(self, desk: Desk) -> None:
        made = await desk.entry(memo="x" * 500)
        back = await reverse(desk, made.entry.id)
        assert back.entry.memo == f"Reversal of 2026-0001: {'x' * 477}"
