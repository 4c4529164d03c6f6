"""Reads of the chart of accounts."""

from __future__ import annotations

import pytest

from counterfoil.kit.keyset import Slice, read_page
from counterfoil.ledger.queries import chart_of_accounts, ledger_accounts_by_id
from counterfoil.viewer import ActorKind, Forbidden, Right, Viewer
from tests.factories import make_ledger_account, make_organization, make_viewer

pytestmark = pytest.mark.usefixtures("database")
NAMES = ("ledger_account.id", "ledger_account.number", "ledger_account.active")


async def test_nobody_reads_without_the_right() -> None:
    organization = await make_organization()
    blind = Viewer(organization.id, ActorKind.USER, None, frozenset({Right.BANKS}))
    with pytest.raises(Forbidden):
        chart_of_accounts(blind)
    with pytest.raises(Forbidden):
        await ledger_accounts_by_id(blind, [], NAMES)


async def test_ones_own_chart_by_number() -> None:
    organization = await make_organization()
    viewer, other = await make_viewer(organization), await make_viewer(await make_organization())
    for number in ("2000", "1000", "1000a"):
        await make_ledger_account(organization, number=number)
    page = await read_page(chart_of_accounts(viewer), Slice(10), names=NAMES, with_keys=False)
    assert [row["ledger_account.number"] for row in page.rows] == ["1000", "1000a", "2000"]
    assert [row["ledger_account.active"] for row in page.rows] == [True, True, True]
    foreign = [row["ledger_account.id"] for row in page.rows]
    assert await ledger_accounts_by_id(other, foreign, NAMES) == []
