"""Reads of logins and linked accounts: each sees its own organization, and no more than asked."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.identity.models import Organization
from counterfoil.kit.conditions import AllOf, Compare, Operator
from counterfoil.kit.ids import new_id
from counterfoil.kit.keyset import Key, Slice, counts, cursor_of, read_page, read_pages
from counterfoil.kit.sql import connection, execute, on_sqlite
from counterfoil.kit.table import NoSuchColumn
from counterfoil.links import queries
from counterfoil.links.models import BankLink, Refresh, RefreshState
from counterfoil.viewer import ActorKind, Forbidden, Right, Viewer
from tests.api.asking import told_of_statements
from tests.factories import (
    make_account,
    make_ledger_account,
    make_link,
    make_organization,
    make_refresh,
    make_session,
    make_viewer,
)
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")
YEAR = timedelta(days=365)


async def many_pulls(link: BankLink, count: int) -> None:
    """So many older pulls of a login, and a database that knows how many it has."""
    pattern = await Refresh.filter(bank_link_id=link.id, under_way=None).first()
    assert pattern is not None
    copies = []
    for minutes in range(count):
        copy = pattern.clone(pk=new_id())
        copy.queued_at = NOW - timedelta(minutes=minutes)
        copies.append(copy)
    await Refresh.bulk_create(copies)
    await execute("ANALYZE")


async def many_accounts(link: BankLink, count: int) -> None:
    """So many accounts of a login, in no order, and a database that knows how many it has."""
    pattern = await make_account(link)
    copies = []
    for number in range(count):
        copy = pattern.clone(pk=new_id())
        copy.aggregator_id = f"account-{number}"
        copy.name = f"{'Account' if number % 2 else 'account'} {number:05}"
        copies.append(copy)
    await pattern.delete()
    await BankAccount.bulk_create(sorted(copies, key=lambda copy: copy.name[::-1]))
    await execute("ANALYZE")


@contextmanager
def statements_with(part: str) -> Iterator[list[tuple[str, Sequence[Any]]]]:
    """The statements that hold this text, with their parameters."""
    seen: list[tuple[str, Sequence[Any]]] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if part in record.getMessage() and isinstance(record.args, tuple):
                statement, values = record.args
                seen.append((str(statement), cast(Sequence[Any], values)))

    with told_of_statements(Listening()):
        yield seen


async def explained(how: str, statement: str, values: Sequence[Any]) -> Sequence[Mapping[str, Any]]:
    return await connection().execute_query_dict(f"{how} {statement}", list(values))


def rows_read(plan: Mapping[str, Any], table: str) -> float:
    """How many rows of a table a plan of PostgreSQL has really read."""
    own = 0.0
    if plan.get("Relation Name") == table:
        each = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        own = plan["Actual Loops"] * each
    return own + sum(rows_read(part, table) for part in plan.get("Plans", ()))


@pytest.fixture
async def viewer() -> Viewer:
    return await make_viewer(await make_organization())


@pytest.fixture
async def link(viewer: Viewer) -> BankLink:
    return await make_link(await Organization.get(id=viewer.organization_id))


class TestWhoMayRead:
    async def test_nobody_without_the_right(self, link: BankLink) -> None:
        blind = Viewer(link.organization_id, ActorKind.USER, None, frozenset({Right.BANKS}))
        questions: list[Callable[[], Any]] = [
            lambda: queries.linked_accounts(blind),
            lambda: queries.links(blind),
            lambda: queries.refreshes(blind, link.id),
            lambda: queries.institutions(blind, []),
        ]
        for ask in questions:
            with pytest.raises(Forbidden):
                ask()
        readers: list[Callable[..., Awaitable[Any]]] = [
            queries.accounts_by_id,
            queries.accounts_by_link,
            queries.accounts_by_ledger_account,
            queries.links_by_id,
            queries.refreshes_by_id,
            queries.newest_refreshes,
            queries.sessions_by_id,
            queries.institutions_by_id,
        ]
        for read in readers:
            with pytest.raises(Forbidden):
                await read(blind, [link.id], ())

    async def test_another_organizations_rows_are_not_there(
        self, viewer: Viewer, link: BankLink
    ) -> None:
        other = await make_viewer(await make_organization())
        account = await make_account(link)
        refresh = await make_refresh(link)
        session = await make_session(viewer)
        for read, row_id, name in [
            (queries.accounts_by_id, account.id, "bank_account.id"),
            (queries.accounts_by_link, link.id, "bank_account.id"),
            (queries.links_by_id, link.id, "bank_link.id"),
            (queries.refreshes_by_id, refresh.id, "refresh.id"),
            (queries.newest_refreshes, link.id, "refresh.id"),
            (queries.sessions_by_id, session.id, "link_session.id"),
        ]:
            assert len(await read(viewer, [row_id], (name,))) == 1, read
            assert len(await read(other, [row_id], (name,))) == 0, read

    async def test_a_session_is_its_own_persons_alone(self, viewer: Viewer) -> None:
        session = await make_session(viewer)
        colleague = await make_viewer(await Organization.get(id=viewer.organization_id))
        assert await queries.sessions_by_id(colleague, [session.id], ("link_session.id",)) == []
        assert await queries.open_sessions(colleague, ("link_session.id",)) == []


class TestValues:
    async def test_are_pythons_own_on_both_databases(self, viewer: Viewer, link: BankLink) -> None:
        moment = NOW + timedelta(microseconds=5)
        await BankLink.filter(id=link.id).update(next_update_at=moment)
        account = await make_account(link, start_on=NOW.date())
        names = (
            "bank_account.id",
            "bank_account.start_on",
            "bank_account.hidden_at",
            "bank_account.current_minor",
            "bank_link.next_update_at",
            "bank_link.status_label",
            "bank_link.account_count",
            "under_way.state",
            "ledger_account.name",
        )
        [row] = await queries.accounts_by_id(viewer, [account.id], names)
        assert {name: row[name] for name in names} == {
            "bank_account.id": account.id,
            "bank_account.start_on": NOW.date(),
            "bank_account.hidden_at": None,
            "bank_account.current_minor": 100_000,
            "bank_link.next_update_at": moment,
            "bank_link.status_label": "All Data Received",
            "bank_link.account_count": 1,
            "under_way.state": None,
            "ledger_account.name": None,
        }

    @pytest.mark.parametrize("name", ["bank_account.nothing", "nothing.id", "name"])
    def test_a_column_that_there_is_not_is_our_own_mistake(self, name: str) -> None:
        with pytest.raises(NoSuchColumn):
            queries.LINKED_ACCOUNTS.column(name)

    async def test_the_newest_pull_of_each_login(self, viewer: Viewer, link: BankLink) -> None:
        beside = await make_link(await Organization.get(id=viewer.organization_id))
        newest = []
        for each in (link, beside):
            for minutes in (2, 0, 1):
                refresh = await make_refresh(
                    each, state=RefreshState.DONE, queued_at=NOW + timedelta(minutes=minutes)
                )
                newest += [refresh.id] if minutes == 2 else []
        rows = await queries.newest_refreshes(viewer, [link.id, beside.id], ())
        assert {row["refresh.id"] for row in rows} == set(newest)

    async def test_the_newest_pull_is_found_without_reading_the_others(
        self, viewer: Viewer, link: BankLink
    ) -> None:
        beside = await make_link(await Organization.get(id=viewer.organization_id))
        await make_refresh(link, state=RefreshState.DONE)
        newest = [await make_refresh(each, queued_at=NOW + YEAR) for each in (link, beside)]
        await many_pulls(link, 3_000)
        ids = [link.id, beside.id]
        with statements_with('FROM "refresh"') as seen:
            rows = await queries.newest_refreshes(viewer, ids, ("bank_link.name",))
        assert {row["refresh.id"] for row in rows} == {each.id for each in newest}
        [asked] = seen
        if on_sqlite():
            plan = [row["detail"] for row in await explained("EXPLAIN QUERY PLAN", *asked)]
            [each] = [step for step in plan if " last " in step]
            assert each.startswith("SEARCH last USING")
            assert "(bank_link_id=?)" in each
            assert any(step.startswith("SEARCH refresh") and "(id=?)" in step for step in plan)
            return
        [whole] = await explained("EXPLAIN (ANALYZE, FORMAT JSON)", *asked)
        [measured] = json.loads(whole["QUERY PLAN"])
        assert rows_read(measured["Plan"], "refresh") <= 100

    async def test_the_account_of_a_ledger_account(self, viewer: Viewer, link: BankLink) -> None:
        kept_in = await make_ledger_account(await Organization.get(id=viewer.organization_id))
        await make_account(link, ledger_account_id=kept_in.id, hidden_at=NOW)
        account = await make_account(link, ledger_account_id=kept_in.id)
        rows = await queries.accounts_by_ledger_account(viewer, [kept_in.id], ("bank_account.id",))
        assert [row["bank_account.id"] for row in rows] == [account.id]


class TestPages:
    @pytest.mark.parametrize("deep", [False, True])
    async def test_one_of_ten_thousand_accounts_is_read_alone_and_in_order(
        self, viewer: Viewer, link: BankLink, deep: bool
    ) -> None:
        await many_accounts(link, 10_000)
        question = queries.linked_accounts(viewer)
        names = ("bank_account.name", "bank_link.name", "institution.name", "under_way.state")
        part = Slice(50)
        if deep:
            middle = await BankAccount.get(name="account 05000")
            part = Slice(50, after=await cursor_of(question, middle.id))
        with statements_with('FROM "bank_account"') as seen:
            page = await read_page(question, part, names=names, with_keys=True)
        first = 5001 if deep else 0
        expected = [f"account {number:05}" for number in range(first, first + 50)]
        assert [row["bank_account.name"].lower() for row in page.rows] == expected
        [asked] = seen
        if on_sqlite():
            plan = [row["detail"] for row in await explained("EXPLAIN QUERY PLAN", *asked)]
            assert plan[0].startswith("SEARCH bank_account USING INDEX bank_account_by_name")
            assert [step for step in plan if "B-TREE" in step] == []
            return
        [whole] = await explained("EXPLAIN (ANALYZE, FORMAT JSON)", *asked)
        [measured] = json.loads(whole["QUERY PLAN"])
        assert "bank_account_by_name" in json.dumps(measured)
        assert rows_read(measured["Plan"], "bank_account") <= 52

    async def test_many_at_once_are_what_each_is_alone(
        self, viewer: Viewer, link: BankLink
    ) -> None:
        beside = await make_link(await Organization.get(id=viewer.organization_id))
        for each, count in ((link, 5), (beside, 2)):
            for minutes in range(count):
                await make_refresh(
                    each, state=RefreshState.DONE, queued_at=NOW + timedelta(minutes=minutes)
                )
        questions = [queries.refreshes(viewer, each.id) for each in (link, beside)]
        names = ("refresh.id", "refresh.queued_at", "bank_link.name")
        for part in (Slice(3), Slice(2, backwards=True), Slice(0), Slice(10)):
            alone = [await read_page(each, part, names=names, with_keys=True) for each in questions]
            together = await read_pages(questions, part, names=names)
            assert [
                ([[row[name] for name in names] for row in page.rows], page.has_next)
                for page in together
            ] == [
                ([[row[name] for name in names] for row in page.rows], page.has_next)
                for page in alone
            ]
            assert [[page.cursor(row) for row in page.rows] for page in together] == [
                [page.cursor(row) for row in page.rows] for page in alone
            ]
        assert await counts(questions, most=4) == [None, 2]

    async def test_the_cursor_of_a_row_that_the_question_leaves_out(
        self, viewer: Viewer, link: BankLink
    ) -> None:
        account = await make_account(link, name="Till")
        column = queries.LINKED_ACCOUNTS.column("institution.name")
        elsewhere = AllOf((Compare(column, Operator.EQ, "Nowhere"),))
        question = queries.linked_accounts(
            viewer,
            where=elsewhere,
            order=(Key("institution.name"),),
        )
        assert await cursor_of(question, account.id) is None
        assert await cursor_of(queries.linked_accounts(viewer), account.id) is not None
