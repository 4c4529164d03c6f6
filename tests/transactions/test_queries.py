"""Reads of lines: of visible accounts of one's own organization, without what was withdrawn."""

from __future__ import annotations

import pytest

from counterfoil.kit.keyset import Slice, read_page
from counterfoil.transactions.queries import transactions_by_id, transactions_of
from counterfoil.viewer import ActorKind, Forbidden, Right, Viewer
from tests.factories import make_account, make_line, make_link, make_organization, make_viewer
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")
NAMES = ("bank_transaction.id", "bank_transaction.pending", "bank_transaction.posted_on")


async def test_nobody_reads_without_the_right() -> None:
    organization = await make_organization()
    line = await make_line(await make_account(await make_link(organization)))
    blind = Viewer(organization.id, ActorKind.USER, None, frozenset({Right.BANKS}))
    with pytest.raises(Forbidden):
        transactions_of(blind, line.bank_account_id)
    with pytest.raises(Forbidden):
        await transactions_by_id(blind, [line.id], NAMES)


async def test_lines_of_accounts_that_are_not_shown_are_not_there() -> None:
    organization = await make_organization()
    viewer, other = await make_viewer(organization), await make_viewer(await make_organization())
    link = await make_link(organization)
    shown = await make_account(link)
    unseen = [await make_account(link, hidden_at=NOW), await make_account(link, deleted_at=NOW)]
    lines = [await make_line(each) for each in (shown, *unseen)]
    withdrawn = await make_line(shown, removed_at=NOW)
    ids = [each.id for each in (*lines, withdrawn)]
    assert [row["bank_transaction.id"] for row in await transactions_by_id(viewer, ids, NAMES)] == [
        lines[0].id
    ]
    assert await transactions_by_id(other, ids, NAMES) == []
    for account, expected in ((shown, [lines[0].id]), *((each, []) for each in unseen)):
        question = transactions_of(viewer, account.id)
        page = await read_page(question, Slice(10), names=NAMES, with_keys=False)
        assert [row["bank_transaction.id"] for row in page.rows] == expected


async def test_a_pending_line_has_no_posting_date() -> None:
    organization = await make_organization()
    viewer = await make_viewer(organization)
    account = await make_account(await make_link(organization))
    pending, posted = await make_line(account, pending=True), await make_line(account)
    rows = await transactions_by_id(viewer, [pending.id, posted.id], NAMES)
    assert {row["bank_transaction.id"]: tuple(row[name] for name in NAMES[1:]) for row in rows} == {
        pending.id: (True, None),
        posted.id: (False, posted.dated_on),
    }
