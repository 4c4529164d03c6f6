"""The feed of changes: in the order of commits, without holes, as its viewer may see it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.api import ids
from counterfoil.changes import Changed, Place, changes_after
from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.ledger.locks import set_period_lock
from counterfoil.links.models import BankLink
from counterfoil.plumbing.database import connected
from counterfoil.transactions.reviewing import touch
from counterfoil.unit_of_work import ChangeType, Transactions
from counterfoil.viewer import Right, Viewer
from tests.api.asking import (
    Refused,
    ask,
    services,
    some_viewer,
    statements,
    told_of_statements,
)
from tests.factories import (
    make_account,
    make_ledger_account,
    make_line,
    make_link,
    make_organization,
    make_session,
    make_viewer,
)
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue
from tests.services.postgres import PostgresServer

CHANGES = """
query(
  $after: Cursor, $types: [ChangeType!], $first: Int, $last: Int, $before: Cursor
) {
  changes(after: $after, types: $types, first: $first, last: $last, before: $before) {
    nodes { cursor type id kind revision at node { id ... on BankAccount { name } } }
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


def _transactions(clock: FixedClock | None = None) -> Transactions:
    return Transactions(clock or FixedClock(), RecordingBell(), RecordingQueue())


async def _feed(viewer: Viewer, **variables: Any) -> Any:
    return (await ask(viewer, CHANGES, **variables))["changes"]


async def _link(viewer: Viewer) -> BankLink:
    return await make_link(await Organization.get(id=viewer.organization_id))


async def _touch(viewer: Viewer, *accounts: BankAccount) -> None:
    """One commit that says that these accounts were written."""
    async with _transactions().begin(viewer.organization_id) as uow:
        for account in accounts:
            uow.upserted(ChangeType.BANK_ACCOUNT, account.id, account.revision)


@pytest.mark.usefixtures("database")
class TestChanges:
    async def test_denied_without_the_right_to_read(self) -> None:
        viewer = await make_viewer(await make_organization(), rights=(Right.BANKS,))
        for document in (CHANGES, "{ changesHead }"):
            with pytest.raises(Refused) as refused:
                await ask(viewer, document)
            assert refused.value.codes == ["FORBIDDEN"]

    async def test_an_upsert_comes_with_the_object_as_it_is_now(self) -> None:
        viewer = await some_viewer()
        account = await make_account(await _link(viewer), name="Till", revision=3)
        await _touch(viewer, account)
        account_id = ids.encode("BankAccount", account.id)
        [change] = (await _feed(viewer))["nodes"]
        assert change.pop("cursor")
        assert change == {
            "type": "BANK_ACCOUNT",
            "id": account_id,
            "kind": "UPSERTED",
            "revision": 3,
            "at": "2026-03-10T15:30:00.000Z",
            "node": {"id": account_id, "name": "Till"},
        }

    async def test_what_can_no_longer_be_read_is_gone(self) -> None:
        viewer, other = await some_viewer(), await some_viewer()
        account = await make_account(await _link(viewer), hidden_at=NOW)
        theirs = await make_session(await make_viewer(await _organization(viewer)))
        await _touch(viewer, account)
        async with _transactions().begin(viewer.organization_id) as uow:
            uow.upserted(ChangeType.LINK_SESSION, theirs.id, 1)
        found = (await _feed(viewer))["nodes"]
        assert [(each["kind"], each["revision"], each["node"]) for each in found] == [
            ("GONE", None, None),
            ("GONE", None, None),
        ]
        assert (await _feed(other))["nodes"] == []

    async def test_who_looks_at_the_books_hears_of_their_settings(self) -> None:
        viewer = await some_viewer()
        async with _transactions().begin(viewer.organization_id) as uow:
            await set_period_lock(
                uow, viewer, soft_lock_on=NOW.date(), hard_lock_on=None, expected_revision=1
            )
        [change] = (await _feed(viewer))["nodes"]
        organization_id = ids.encode("Organization", viewer.organization_id)
        assert (change["type"], change["kind"]) == ("ORGANIZATION", "UPSERTED")
        assert change["id"] == change["node"]["id"] == organization_id

    async def test_a_line_that_is_touched_is_told_once(self) -> None:
        viewer = await some_viewer()
        line = await make_line(await make_account(await _link(viewer)), change_position=0)
        async with _transactions().begin(viewer.organization_id) as uow:
            await touch(uow, [line.id])
        [change] = (await _feed(viewer))["nodes"]
        assert (change["type"], change["revision"]) == ("BANK_TRANSACTION", line.revision + 1)

    async def test_lines_come_in_their_place_between_the_other_changes(self) -> None:
        viewer = await some_viewer()
        account = await make_account(await _link(viewer))
        ledger_account = await make_ledger_account(await _organization(viewer))
        async with _transactions().begin(viewer.organization_id) as uow:
            position = await uow.position()
            earlier, later = sorted((new_id(), new_id()))
            await make_line(account, id=earlier, change_position=position, revision=2)
            await make_line(account, id=later, change_position=position, removed_at=NOW)
            uow.upserted(ChangeType.BANK_ACCOUNT, account.id, 1)
            uow.upserted(ChangeType.LEDGER_ACCOUNT, ledger_account.id, 1)
        await _touch(viewer, account)
        found = (await _feed(viewer))["nodes"]
        assert [(each["type"], each["kind"]) for each in found] == [
            ("BANK_ACCOUNT", "UPSERTED"),
            ("BANK_TRANSACTION", "UPSERTED"),
            ("BANK_TRANSACTION", "GONE"),
            ("LEDGER_ACCOUNT", "UPSERTED"),
            ("BANK_ACCOUNT", "UPSERTED"),
        ]
        assert found[2]["id"] == ids.encode("BankTransaction", later)
        only = (await _feed(viewer, types=["BANK_TRANSACTION"]))["nodes"]
        assert [each["revision"] for each in only] == [2, None]
        assert (await _feed(viewer, types=[]))["nodes"] == []

    async def test_pages_may_end_inside_a_position_and_leave_nothing_out(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        accounts = [await make_account(link) for _ in range(3)]
        async with _transactions().begin(viewer.organization_id) as uow:
            position = await uow.position()
            for _ in range(3):
                await make_line(accounts[0], change_position=position)
            for account in accounts:
                uow.upserted(ChangeType.BANK_ACCOUNT, account.id, 1)
            uow.upserted(ChangeType.BANK_LINK, link.id, 1)
        await _touch(viewer, *accounts[:2])
        whole = [each["id"] for each in (await _feed(viewer))["nodes"]]
        assert len(whole) == 9
        after: str | None = None
        for size in range(1, 10):
            walked: list[str] = []
            after = None
            while True:
                page = await _feed(viewer, after=after, first=size)
                walked += [each["id"] for each in page["nodes"]]
                assert [each["cursor"] for each in page["edges"]] == [
                    each["cursor"] for each in page["nodes"]
                ]
                after = page["pageInfo"]["endCursor"]
                if not page["pageInfo"]["hasNextPage"]:
                    break
            assert walked == whole
        assert (await _feed(viewer, after=after))["pageInfo"]["endCursor"] == after

    async def test_pages_from_the_end_meet_those_from_the_beginning(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        accounts = [await make_account(link) for _ in range(2)]
        async with _transactions().begin(viewer.organization_id) as uow:
            position = await uow.position()
            for _ in range(3):
                await make_line(accounts[0], change_position=position)
            for account in accounts:
                uow.upserted(ChangeType.BANK_ACCOUNT, account.id, 1)
            uow.upserted(ChangeType.REFRESH, new_id(), 1)
        await _touch(viewer, *accounts)
        whole = (await _feed(viewer))["nodes"]
        assert len(whole) == 8
        for size in range(1, 9):
            walked: list[Any] = []
            page = await _feed(viewer, last=size)
            while True:
                walked = page["nodes"] + walked
                if not page["pageInfo"]["hasPreviousPage"]:
                    break
                page = await _feed(viewer, last=size, before=page["pageInfo"]["startCursor"])
                assert page["pageInfo"]["hasNextPage"]
            assert walked == whole
        inside = {"after": whole[1]["cursor"], "before": whole[6]["cursor"]}
        assert (await _feed(viewer, **inside, first=50))["nodes"] == whole[2:6]
        assert (await _feed(viewer, **inside, last=2))["nodes"] == whole[4:6]
        head = (await ask(viewer, "{ changesHead }"))["changesHead"]
        assert (await _feed(viewer, before=head))["nodes"] == whole

    async def test_both_ends_at_once_are_refused(self) -> None:
        with pytest.raises(Refused) as refused:
            await _feed(await some_viewer(), first=1, last=1)
        assert refused.value.codes == ["INVALID_INPUT"]

    async def test_the_head_is_behind_all_that_was_and_before_all_that_comes(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        await _touch(viewer, await make_account(link, name="Before"))
        head = (await ask(viewer, "{ changesHead }"))["changesHead"]
        assert (await _feed(viewer, after=head))["nodes"] == []
        await _touch(viewer, await make_account(link, name="After"))
        found = (await _feed(viewer, after=head))["nodes"]
        assert [each["node"]["name"] for each in found] == ["After"]

    async def test_a_cursor_lives_ninety_days_unless_nothing_happened_since(self) -> None:
        viewer = await some_viewer()
        account = await make_account(await _link(viewer))
        await _touch(viewer, account)
        head = (await ask(viewer, "{ changesHead }"))["changesHead"]
        later = FixedClock(NOW + timedelta(days=91))
        through = services(clock=later)
        asked = {"document": CHANGES, "through": through, "after": head}
        assert (await ask(viewer, **asked))["changes"]["nodes"] == []
        await _touch(viewer, account)
        with pytest.raises(Refused) as refused:
            await ask(viewer, **asked)
        assert refused.value.codes == ["CURSOR_EXPIRED"]

    @pytest.mark.parametrize(
        "cursor", ["x", "bm9uZQ", "W10", "WzEsMSwiWCIsbnVsbF0", "WzEsMSwxLDFd"]
    )
    async def test_what_is_no_cursor_is_refused(self, cursor: str) -> None:
        with pytest.raises(Refused) as refused:
            await _feed(await some_viewer(), after=cursor)
        assert refused.value.codes == ["CURSOR_MISMATCH"]
        with pytest.raises(Refused) as refused:
            await _feed(await some_viewer(), before=cursor)
        assert refused.value.codes == ["CURSOR_MISMATCH"]

    async def test_a_page_is_one_statement_and_one_for_each_type_of_object(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        accounts = [await make_account(link) for _ in range(20)]
        async with _transactions().begin(viewer.organization_id) as uow:
            for account in accounts:
                await make_line(account, change_position=await uow.position())
                uow.upserted(ChangeType.BANK_ACCOUNT, account.id, 1)
        with statements() as seen:
            found = await _feed(viewer)
        assert len(found["nodes"]) == 40
        assert len(seen) == 3

    async def test_without_objects_only_the_feed_is_read(self) -> None:
        viewer = await some_viewer()
        await _touch(viewer, await make_account(await _link(viewer)))
        with statements() as seen:
            await ask(viewer, "{ changes { nodes { cursor type id at } } }")
        assert len(seen) == 1


async def _organization(viewer: Viewer) -> Organization:
    return await Organization.get(id=viewer.organization_id)


CHANGE_COLUMNS = "id, organization_id, position, type, object_id, kind, revision, changed_at"


class Committing(logging.Handler):
    """Another process that commits right before each statement that the database is given.

    Each commit is a pull: it writes one line, and says that an account was written.
    """

    def __init__(self, commit: Callable[[Sequence[str]], object], account: BankAccount) -> None:
        super().__init__()
        self.commit, self.account = commit, account
        self.lines: list[UUID] = []
        self.position = 0

    def emit(self, record: logging.LogRecord) -> None:
        if "FROM change" in record.getMessage() or "FROM bank_transaction" in record.getMessage():
            self.pull()

    def pull(self) -> None:
        """One such commit, as long as there are lines."""
        if self.position == len(self.lines):
            return
        at, line, account = self.position + 1, self.lines[self.position], self.account
        self.position = at
        values = (
            f"'{new_id()}', '{account.organization_id}', {at}, 'BANK_ACCOUNT', '{account.id}',"
            f" 'UPSERTED', 1, '{NOW.isoformat(' ')}'"
        )
        self.commit(
            [
                f"UPDATE change_head SET position = {at}",  # noqa: S608
                f"UPDATE bank_transaction SET change_position = {at} WHERE id = '{line}'",  # noqa: S608
                f"INSERT INTO change ({CHANGE_COLUMNS}) VALUES ({values})",  # noqa: S608
            ]
        )


@pytest.fixture
def commit(database: str, request: pytest.FixtureRequest) -> Callable[[Sequence[str]], object]:
    """Commits statements at once, from outside the process or from a connection of its own."""
    if database.startswith("sqlite"):

        def commit_to_file(orders: Sequence[str]) -> None:
            with sqlite3.connect(database.removeprefix("sqlite://")) as other:
                for order in orders:
                    other.execute(order)
            other.close()

        return commit_to_file
    server: PostgresServer = request.getfixturevalue("postgres")
    name = urlsplit(database).path.removeprefix("/")
    return lambda orders: server.sql("; ".join(orders), database=name)


class TestACommitBetween:
    async def test_the_statements_of_a_read_is_found_whole_by_the_next(
        self, commit: Callable[[Sequence[str]], object]
    ) -> None:
        viewer = await some_viewer()
        account = await make_account(await _link(viewer))
        await _touch(viewer, account)
        other = Committing(commit, account)
        other.position = 1
        pulled = [await make_line(account, change_position=1) for _ in range(4)]
        other.lines = [pulled[0].id, *(each.id for each in pulled)]
        place, seen = None, list[Changed]()
        with told_of_statements(other):
            while place is None or place.position < 5:
                found = await changes_after(viewer, place, types=None, limit=500, now=NOW)
                seen += found
                place = found[-1].place
        told = {(each.place.position, each.type) for each in seen}
        assert {(at, ChangeType.BANK_ACCOUNT) for at in (2, 3, 4, 5)} <= told
        assert {(at, ChangeType.BANK_TRANSACTION) for at in (2, 3, 4, 5)} <= told


class TestTwoWriters:
    async def test_a_reader_skips_nothing_when_they_commit_in_reverse_order(
        self, postgres_url: str
    ) -> None:
        """The first to begin commits last; the reader looks after each step."""
        async with connected(postgres_url, pool=6):
            viewer = await some_viewer()
            link = await _link(viewer)
            slow, quick = await make_account(link), await make_account(link)
            seen: list[str] = []
            place: str | None = None

            async def look() -> None:
                nonlocal place
                page = await _feed(viewer, after=place)
                seen.extend(each["id"] for each in page["nodes"])
                place = page["pageInfo"]["endCursor"] or place

            written, may_commit = asyncio.Event(), asyncio.Event()

            async def write_slowly() -> None:
                async with _transactions().begin(viewer.organization_id) as uow:
                    await BankAccount.filter(id=slow.id).update(memo="slow")
                    uow.upserted(ChangeType.BANK_ACCOUNT, slow.id, 2)
                    written.set()
                    await may_commit.wait()

            writing = asyncio.create_task(write_slowly())
            await written.wait()
            await _touch(viewer, quick)
            await look()
            assert seen == [ids.encode("BankAccount", quick.id)]
            may_commit.set()
            await writing
            await look()
            assert seen == [ids.encode("BankAccount", each.id) for each in (quick, slow)]

    async def test_a_writer_that_holds_the_counter_keeps_later_positions_back(
        self, postgres_url: str
    ) -> None:
        """A pull takes its position before its lines: nobody may pass it meanwhile."""
        async with connected(postgres_url, pool=6):
            viewer = await some_viewer()
            account = await make_account(await _link(viewer))
            holds, may_commit = asyncio.Event(), asyncio.Event()

            async def pull() -> None:
                async with _transactions().begin(viewer.organization_id) as uow:
                    await make_line(account, change_position=await uow.position())
                    uow.upserted(ChangeType.REFRESH, new_id(), 1)
                    holds.set()
                    await may_commit.wait()

            pulling = asyncio.create_task(pull())
            await holds.wait()
            touching = asyncio.create_task(_touch(viewer, account))
            done, _ = await asyncio.wait([touching], timeout=0.3)
            assert not done
            assert (await _feed(viewer))["nodes"] == []
            may_commit.set()
            await asyncio.gather(pulling, touching)
            found = (await _feed(viewer))["nodes"]
            types = [each["type"] for each in found]
            assert types == ["BANK_TRANSACTION", "REFRESH", "BANK_ACCOUNT"]

    async def test_many_writers_at_once_leave_no_hole(self, postgres_url: str) -> None:
        async with connected(postgres_url, pool=6):
            viewer = await some_viewer()
            link = await _link(viewer)
            accounts = [await make_account(link) for _ in range(24)]
            seen: list[str] = []
            place: str | None = None
            writers = asyncio.gather(*(_touch(viewer, each) for each in accounts))
            while True:
                ended = writers.done()
                page = await _feed(viewer, after=place, first=3)
                seen += [each["id"] for each in page["nodes"]]
                place = page["pageInfo"]["endCursor"] or place
                if ended and not page["nodes"]:
                    break
            await writers
            assert sorted(seen) == sorted(ids.encode("BankAccount", each.id) for each in accounts)


class TestPlaces:
    def test_a_cursor_is_read_back_as_it_was(self) -> None:
        whole = Place(7, NOW)
        inside = Place(7, NOW, ChangeType.REFRESH, new_id())
        assert Place.parse(whole.cursor()) == whole
        assert Place.parse(inside.cursor()) == inside
        assert inside.order < whole.order < Place(8, NOW).order

    async def test_a_transaction_that_fails_takes_no_position(self, database: str) -> None:
        viewer = await some_viewer()
        head = (await ask(viewer, "{ changesHead }"))["changesHead"]

        async def fail() -> None:
            async with _transactions().begin(viewer.organization_id) as uow:
                await uow.position()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        assert (await ask(viewer, "{ changesHead }"))["changesHead"] == head
