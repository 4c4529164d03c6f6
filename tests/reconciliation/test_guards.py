"""What the database itself refuses of matches, clearings, booked lines, acts and the audit.

Each guard of the migration is attacked by SQL that no operation would run.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from counterfoil import verifying
from counterfoil.kit.guards import Guard, Kept
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import execute, fetch
from counterfoil.ledger.drafting import EntryDraft, LineDraft
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import JournalLine
from counterfoil.ledger.reversing import post_reversal
from counterfoil.plumbing.database import connected
from counterfoil.reconciliation.models import (
    Act,
    HandClearing,
    Match,
    MatchBankItem,
    MatchJournalItem,
)
from counterfoil.transactions.models import BankTransaction
from tests.back_doors import assert_shut
from tests.factories import make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.acting import cleared_by_hand, matched, reversed_by_hand
from tests.reconciliation.conftest import DAY, Books, make_books

Attack = tuple[str, list[object]]
TRIGGERS = importlib.import_module("counterfoil.migrations.0008_guard_what_is_booked").TRIGGERS
GUARDS = {trigger.name for trigger in TRIGGERS if isinstance(trigger, Guard)}
KEPT = [trigger for trigger in TRIGGERS if isinstance(trigger, Kept)]


@dataclass
class Scene:
    """Books with one sealed match, a clearing by hand, and lines that are still open."""

    books: Books
    act: Act
    match: Match
    line: BankTransaction
    entry_line: JournalLine
    open_line: BankTransaction
    open_entry_line: JournalLine
    clearing: HandClearing

    async def refuses(self, code: str, attack: Attack) -> None:
        """The statement fails with this name, and everything is as it was."""
        before = await self.books.written()
        with pytest.raises(IntegrityError, match=code or None):
            await execute(attack[0], *attack[1])
        assert await self.books.written() == before

    async def group(
        self,
        bank: list[tuple[BankTransaction, int]],
        journal: list[tuple[JournalLine, int]],
        **columns: Any,
    ) -> Attack:
        """A group that is not sealed yet, and the statement that would seal it."""
        group = await Match.create(
            organization_id=self.books.organization.id,
            ledger_account_id=columns.get("ledger_account_id", self.books.checking.id),
            currency=columns.get("currency", "USD"),
            cleared_on=DAY,
            act_id=self.act.id,
        )
        for line, amount in bank:
            await MatchBankItem.create(
                match_id=group.id, bank_transaction_id=line.id, amount_minor=amount
            )
        for entry_line, amount in journal:
            await MatchJournalItem.create(
                match_id=group.id, journal_line_id=entry_line.id, amount_minor=amount
            )
        return "UPDATE match_group SET sealed = TRUE WHERE id = $1", [group.id]


@pytest.fixture
async def scene(books: Books) -> Scene:
    return await make_scene(books)


async def make_scene(books: Books) -> Scene:
    line, entry = await books.line(-1000), await books.entry(-1000)
    act = await matched(books, [line], [entry.lines[0]])
    by_hand = (await books.entry(-300)).lines[0]
    await cleared_by_hand(books, by_hand)
    return Scene(
        books,
        act,
        await Match.get(),
        line,
        entry.lines[0],
        await books.line(-500),
        (await books.entry(-500)).lines[0],
        await HandClearing.get(),
    )


def changing(table: str, column: str, value: object, row: UUID) -> Attack:
    return f"UPDATE {table} SET {column} = $1 WHERE id = $2", [value, row]  # noqa: S608 - ours


def deleting(table: str, row: UUID) -> Attack:
    return f"DELETE FROM {table} WHERE id = $1", [row]  # noqa: S608 - our own names


BOOKED: dict[str, object] = {
    "amount_minor": -1001,
    "currency": "EUR",
    "dated_on": DAY + timedelta(days=1),
    "pending": True,
    "removed_at": NOW,
    "excluded_at": NOW,
    "bank_account_id": UUID(int=1),
}
SEALED: dict[str, object] = {
    "id": UUID(int=1),
    "organization_id": UUID(int=1),
    "ledger_account_id": UUID(int=1),
    "currency": "EUR",
    "cleared_on": DAY + timedelta(days=1),
    "act_id": UUID(int=1),
}
DONE: dict[str, object] = {
    "id": UUID(int=1),
    "organization_id": UUID(int=1),
    "kind": "BOOK",
    "actor": "USER:somebody",
    "acted_at": NOW + timedelta(days=1),
    "parent_id": UUID(int=1),
    "operation": "another",
    "idempotency_key": "another-key",
    "input_hash": "0" * 64,
}
Plain = Callable[[Scene], Awaitable[list[tuple[str, Attack]]]]
ATTACKS: dict[str, Plain] = {}


def attack(guard: str) -> Callable[[Plain], Plain]:
    """This function attacks that guard; it returns names of refusals, and statements."""

    def kept(function: Plain) -> Plain:
        ATTACKS[guard] = function
        return function

    return kept


@attack("match_begins_open")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    statement = (
        "INSERT INTO match_group (id, organization_id, ledger_account_id, currency, cleared_on,"
        " act_id, sealed) VALUES ($1, $2, $3, $4, $5, $6, TRUE)"
    )
    values = [
        new_id(),
        scene.books.organization.id,
        scene.books.checking.id,
        "USD",
        DAY,
        scene.act.id,
    ]
    return [("MATCH_SEALED", (statement, values))]


@attack("match_adds_up")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    line, entry = scene.open_line, scene.open_entry_line
    return [
        ("MATCH_DOES_NOT_ADD_UP", await scene.group([(line, -500)], [(entry, -499)])),
        ("MATCH_DOES_NOT_ADD_UP", await scene.group([(line, -500)], [])),
        ("MATCH_OF_NOTHING", await scene.group([], [])),
        ("MATCH_ITEM_OF_NOTHING", await scene.group([(line, 0)], [(entry, 0)])),
        ("MATCH_ITEM_OF_WRONG_SIGN", await scene.group([(line, 5)], [(entry, 5)])),
        ("MATCH_ITEM_OF_WRONG_SIGN", await scene.group([(line, -501)], [(entry, -501)])),
        ("RECONCILED_TOO_MUCH", await scene.group([(scene.line, -500)], [(entry, -500)])),
        ("CLEARED_TOO_MUCH", await scene.group([(line, -500)], [(scene.entry_line, -500)])),
    ]


@attack("match_stays_sealed")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    return [
        ("MATCH_SEALED", changing("match_group", column, value, scene.match.id))
        for column, value in SEALED.items()
    ]


@attack("match_is_kept")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    return [("MATCH_SEALED", deleting("match_group", scene.match.id))]


def _attack_items(table: str, line_column: str) -> None:
    async def item(scene: Scene) -> UUID:
        bank = await MatchBankItem.get(match_id=scene.match.id)
        journal = await MatchJournalItem.get(match_id=scene.match.id)
        found: UUID = bank.id if table == "match_bank_item" else journal.id
        return found

    @attack(f"{table}_comes_before_the_seal")
    async def _(scene: Scene) -> list[tuple[str, Attack]]:
        bank = table == "match_bank_item"
        line = scene.open_line.id if bank else scene.open_entry_line.id
        statement = (
            f"INSERT INTO {table} (id, match_id, {line_column}, amount_minor)"  # noqa: S608
            " VALUES ($1, $2, $3, $4)"
        )
        return [("MATCH_SEALED", (statement, [new_id(), scene.match.id, line, -500]))]

    @attack(f"{table}_is_kept")
    async def _(scene: Scene) -> list[tuple[str, Attack]]:
        return [("MATCH_SEALED", deleting(table, await item(scene)))]

    @attack(f"{table}_stays")
    async def _(scene: Scene) -> list[tuple[str, Attack]]:
        return [("MATCH_SEALED", changing(table, "amount_minor", -999, await item(scene)))]


_attack_items("match_bank_item", "bank_transaction_id")
_attack_items("match_journal_item", "journal_line_id")


def _clearing(scene: Scene, line_id: UUID, amount_minor: int) -> Attack:
    organization_id = scene.books.organization.id
    statement = (
        "INSERT INTO hand_clearing (id, organization_id, journal_line_id, amount_minor,"
        " cleared_on, origin, act_id) VALUES ($1, $2, $3, $4, $5, 'PERSON', $6)"
    )
    return (
        statement,
        [new_id(), organization_id, line_id, amount_minor, DAY, scene.act.id],
    )


@attack("hand_clearing_clears_what_there_is")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    books, line = scene.books, scene.open_entry_line.id
    draft = EntryDraft(
        posted_on=DAY,
        lines=[
            LineDraft(ledger_account_id=books.checking.id, amount_minor=-500),
            LineDraft(ledger_account_id=books.supplies.id, amount_minor=500),
        ],
    )
    async with books.begin() as uow:
        unposted = await create_entry(uow, books.viewer, draft, post=False)
    theirs = (await (await make_books()).entry(-500)).lines[0]
    return [
        ("HAND_CLEARING_OF_NOTHING", _clearing(scene, line, 0)),
        ("HAND_CLEARING_OF_DRAFT", _clearing(scene, unposted.lines[0].id, -500)),
        ("HAND_CLEARING_OF_DRAFT", _clearing(scene, theirs.id, -500)),
        ("HAND_CLEARING_OF_DRAFT", _clearing(scene, line, 5)),
        ("HAND_CLEARING_OF_DRAFT", _clearing(scene, line, -501)),
        ("CLEARED_TOO_MUCH", _clearing(scene, scene.entry_line.id, -1)),
    ]


@attack("hand_clearing_stays")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    later = DAY + timedelta(days=1)
    return [
        ("HAND_CLEARING_FIXED", changing("hand_clearing", column, value, scene.clearing.id))
        for column, value in (("amount_minor", -299), ("cleared_on", later), ("reason", "other"))
    ]


@attack("bank_transaction_is_reconciled_by_what_there_is")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    return [
        (
            "RECONCILED_IS_NOT_THE_SUM",
            changing("bank_transaction", "reconciled_minor", value, line.id),
        )
        for line, value in ((scene.open_line, -500), (scene.line, 0), (scene.line, -999))
    ]


@attack("bank_transaction_begins_unreconciled")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    [row] = await fetch("SELECT * FROM bank_transaction WHERE id = $1", scene.line.id)
    columns = {**row, "id": new_id(), "aggregator_id": "another"}
    marks = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    names = ", ".join(columns)
    statement = f"INSERT INTO bank_transaction ({names}) VALUES ({marks})"  # noqa: S608 - ours
    return [("RECONCILED_IS_NOT_THE_SUM", (statement, list(columns.values())))]


@attack("bank_transaction_stays_booked")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    return [
        ("BANK_TRANSACTION_BOOKED", changing("bank_transaction", column, value, scene.line.id))
        for column, value in BOOKED.items()
    ]


@attack("audit_event_stays")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    return [("AUDIT_EVENT_FIXED", ("UPDATE audit_event SET action = $1", ["nothing"]))]


@attack("audit_event_is_kept")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    return [("AUDIT_EVENT_FIXED", ("DELETE FROM audit_event", []))]


@attack("act_is_kept")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    unused = await Act.create(
        organization_id=scene.books.organization.id,
        kind="MATCH",
        actor="USER:",
        acted_at=NOW,
        details={},
    )
    return [("ACT_FIXED", deleting("act", unused.id))]


@attack("act_stays")
async def _(scene: Scene) -> list[tuple[str, Attack]]:
    changes: list[tuple[str, Attack]] = [
        ("ACT_FIXED", changing("act", column, value, scene.act.id))
        for column, value in DONE.items()
    ]
    undone = await Act.exclude(id=scene.act.id).first()
    assert undone is not None
    await Act.filter(id=undone.id).update(undone_at=NOW)
    statement = "UPDATE act SET undone_at = NULL WHERE id = $1"
    return [*changes, ("ACT_FIXED", (statement, [undone.id]))]


def test_every_guard_is_attacked() -> None:
    assert ATTACKS.keys() == GUARDS


@pytest.mark.parametrize("guard", sorted(ATTACKS))
async def test_it_holds(guard: str, scene: Scene) -> None:
    for code, statement in await ATTACKS[guard](scene):
        await scene.refuses(code, statement)


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: str(kept.table))
async def test_no_row_leaves_by_a_back_door(database: str, scene: Scene, kept: Kept) -> None:
    await Act.create(
        organization_id=scene.books.organization.id,
        kind="MATCH",
        actor="USER:",
        acted_at=NOW,
        details={},
        operation="match",
        idempotency_key="some-key",
        input_hash="0" * 64,
    )
    await assert_shut(database, kept)


class TestWhatAMatchMayPointAt:
    @pytest.mark.parametrize(
        "columns",
        [
            {"pending": True},
            {"removed_at": NOW},
            {"excluded_at": NOW},
            {"currency": "EUR"},
            {"organization_id": UUID(int=1)},
        ],
    )
    async def test_no_line_that_cannot_be_booked(
        self, scene: Scene, columns: dict[str, Any]
    ) -> None:
        line = await scene.books.line(-500, **columns)
        sealing = await scene.group([(line, -500)], [(scene.open_entry_line, -500)])
        await scene.refuses("MATCH_OF_UNBOOKABLE_LINE", sealing)

    async def test_no_line_of_an_account_that_is_tied_elsewhere(self, scene: Scene) -> None:
        other = await make_ledger_account(scene.books.organization)
        account = await scene.books.tied_account(other)
        line = await scene.books.line(-500, account=account)
        sealing = await scene.group([(line, -500)], [(scene.open_entry_line, -500)])
        await scene.refuses("MATCH_OF_UNBOOKABLE_LINE", sealing)

    async def test_no_journal_line_of_another_ledger_account(self, scene: Scene) -> None:
        other = (await scene.books.entry(500)).lines[1]
        sealing = await scene.group([(scene.open_line, -500)], [(other, -500)])
        await scene.refuses("MATCH_OF_FOREIGN_ENTRY", sealing)

    async def test_no_journal_line_in_another_currency(self, scene: Scene) -> None:
        one, other = scene.open_entry_line, (await scene.books.entry(500)).lines[0]
        sealing = await scene.group([], [(one, -500), (other, 500)], currency="EUR")
        await scene.refuses("MATCH_OF_FOREIGN_ENTRY", sealing)

    async def test_no_reversed_entry_together_with_a_bank_line(self, scene: Scene) -> None:
        entry = await scene.books.entry(-500)
        act = await reversed_by_hand(scene.books, entry)
        pair = await Match.get(act_id=act.id)
        await Match.filter(id=pair.id).update(sealed=False)
        sealing = await scene.group([(scene.open_line, -500)], [(entry.lines[0], -500)])
        await scene.refuses("MATCH_OF_REVERSED_ENTRY", sealing)

    async def test_no_row_that_is_not_there(self, scene: Scene) -> None:
        before = await scene.books.written()
        with pytest.raises(IntegrityError):
            await MatchBankItem.create(
                match_id=(await Match.create(**await self.columns(scene))).id,
                bank_transaction_id=new_id(),
                amount_minor=-500,
            )
        assert (await scene.books.written())["MatchBankItem"] == before["MatchBankItem"]

    async def columns(self, scene: Scene) -> dict[str, Any]:
        return {
            "organization_id": scene.books.organization.id,
            "ledger_account_id": scene.books.checking.id,
            "currency": "USD",
            "cleared_on": DAY,
            "act_id": scene.act.id,
        }

    async def test_no_booked_row_goes_while_a_match_needs_it(self, scene: Scene) -> None:
        for table, row in (
            ("bank_transaction", scene.line.id),
            ("journal_line", scene.entry_line.id),
            ("act", scene.act.id),
        ):
            await scene.refuses("", deleting(table, row))


class TestTwoSessions:
    """Sessions that know nothing of each other, and of no lock of ours: PostgreSQL alone."""

    @pytest.fixture
    async def scene(self, postgres_url: str) -> AsyncIterator[Scene]:
        async with connected(postgres_url, pool=4):
            yield await make_scene(await make_books())

    async def second(self, url: str, attack: Attack, first: Attack) -> None:
        """The attack of another session, which begins while the first one's is not committed."""
        other = await asyncpg.connect(url)
        try:
            async with in_transaction():
                await execute(first[0], *first[1])
                waiting = asyncio.create_task(other.execute(attack[0], *attack[1]))
                await until_somebody_waits()
            await waiting
        finally:
            await other.close()

    async def test_two_groups_do_not_both_count_the_same_bank_line(
        self, postgres_url: str, scene: Scene
    ) -> None:
        line, other = scene.open_line, (await scene.books.entry(-500)).lines[0]
        first = await scene.group([(line, -500)], [(scene.open_entry_line, -500)])
        later = await scene.group([(line, -500)], [(other, -500)])
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="RECONCILED_TOO_MUCH"):
            await self.second(postgres_url, later, first)
        assert (await scene.books.reread(line)).reconciled_minor == -500
        assert await scene.books.cleared(other) == 0

    async def test_two_parts_of_a_bank_line_are_both_counted(
        self, postgres_url: str, scene: Scene
    ) -> None:
        line, entry_line = scene.open_line, scene.open_entry_line
        parts = [await scene.group([(line, -200)], [(entry_line, -200)]) for _ in range(2)]
        await self.second(postgres_url, parts[1], parts[0])
        assert (await scene.books.reread(line)).reconciled_minor == -400
        assert await scene.books.cleared(entry_line) == -400

    async def test_a_group_and_a_hand_do_not_both_clear_the_same_line(
        self, postgres_url: str, scene: Scene
    ) -> None:
        sealing = await scene.group([(scene.open_line, -500)], [(scene.open_entry_line, -500)])
        clearing = _clearing(scene, scene.open_entry_line.id, -500)
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="CLEARED_TOO_MUCH"):
            await self.second(postgres_url, clearing, sealing)
        assert await scene.books.cleared(scene.open_entry_line) == -500

    async def test_no_item_comes_while_its_group_is_sealed(
        self, postgres_url: str, scene: Scene
    ) -> None:
        sealing = await scene.group([(scene.open_line, -500)], [(scene.open_entry_line, -500)])
        late = (
            "INSERT INTO match_bank_item (id, match_id, bank_transaction_id, amount_minor)"
            " VALUES ($1, $2, $3, -7)"
        )
        item: Attack = (late, [new_id(), sealing[1][0], (await scene.books.line(-7)).id])
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="MATCH_SEALED"):
            await self.second(postgres_url, item, sealing)

    async def test_no_line_is_matched_while_it_is_excluded(
        self, postgres_url: str, scene: Scene
    ) -> None:
        sealing = await scene.group([(scene.open_line, -500)], [(scene.open_entry_line, -500)])
        excluding = changing("bank_transaction", "excluded_at", NOW, scene.open_line.id)
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="UNBOOKABLE_LINE"):
            await self.second(postgres_url, sealing, excluding)
        assert (await scene.books.reread(scene.open_line)).reconciled_minor == 0

    async def test_no_entry_is_matched_while_it_is_reversed(
        self, postgres_url: str, scene: Scene
    ) -> None:
        entry_line = scene.open_entry_line
        sealing = await scene.group([(scene.open_line, -500)], [(entry_line, -500)])
        other = await asyncpg.connect(postgres_url)
        try:
            async with scene.books.begin() as uow:
                entry_id = entry_line.journal_entry_id
                await post_reversal(uow, scene.books.viewer, journal_entry_id=entry_id, act_id=None)
                waiting = asyncio.create_task(other.execute(sealing[0], *sealing[1]))
                await until_somebody_waits()
            with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="REVERSED_ENTRY"):
                await waiting
        finally:
            await other.close()

    @pytest.fixture(autouse=True)
    async def whole(self, scene: Scene) -> AsyncIterator[None]:
        """Whatever the two did, the books are whole afterwards, but for groups left open."""
        yield
        await execute("DELETE FROM match_group WHERE NOT sealed")
        assert [one.sentence async for one in verifying.findings() if not one.holds] == []


async def until_somebody_waits() -> None:
    async with asyncio.timeout(10):
        while not await fetch("SELECT 1 FROM pg_locks WHERE NOT granted"):
            await fetch("SELECT pg_sleep(0.01)")
