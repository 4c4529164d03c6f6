"""Pages: whatever is filtered and ordered by, they hold every row once, in Python's own order."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.aggregators.port import AccountType
from counterfoil.api import ids
from counterfoil.identity.models import Organization
from counterfoil.links.meanings import MEANINGS
from counterfoil.links.status import LinkStatusCode
from counterfoil.viewer import Viewer
from tests.api.asking import Refused, ask, some_viewer
from tests.factories import (
    make_account,
    make_institution,
    make_ledger_account,
    make_line,
    make_link,
)

pytestmark = pytest.mark.usefixtures("database")

Record = dict[str, Any]
"""A row as Python compares it: a value for each field that is filtered or ordered by."""

DIGITS = {"USD": 2, "EUR": 2, "JPY": 0, "BHD": 3}
T0 = datetime(2026, 3, 1, tzinfo=UTC)
MOMENTS = [None, T0, T0 + timedelta(microseconds=1), T0 + timedelta(days=1)]
CODES = [LinkStatusCode.OK, LinkStatusCode.NEEDS_SIGN_IN, LinkStatusCode.RATE_LIMITED]

ROW = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["a", "A", "aa", "B", "_", "Ä", "日", "%"]),
        "memo": st.sampled_from([None, "", "x", "Xy"]),
        "number": st.sampled_from([None, "01", "1", "x1"]),
        "type": st.sampled_from(list(AccountType)),
        "currency": st.sampled_from(list(DIGITS)),
        "current_minor": st.sampled_from([None, -1, 0, 1, 100, 10**17]),
        "link": st.sampled_from([None, 0, 1]),
        "booked": st.booleans(),
    }
)
LINK = st.fixed_dictionaries(
    {
        "status_code": st.sampled_from(CODES),
        "next_update_at": st.sampled_from(MOMENTS),
        "last_update_at": st.sampled_from(MOMENTS),
    }
)
ORDER_FIELDS = {
    "AGGREGATOR_ID": "aggregatorId",
    "NAME": "name",
    "NUMBER": "number",
    "ACCOUNT_ID": "accountId",
    "TYPE": "type",
    "PROVIDER": "provider",
    "PROVIDER_ID": "providerId",
    "STATUS": "label",
    "NEXT_UPDATE": "nextUpdate",
    "LAST_UPDATE": "lastUpdate",
    "CURRENT_BALANCE": "currentBalance",
    "LEDGER_ACCOUNT": "ledgerNumber",
}
ORDER = st.lists(
    st.fixed_dictionaries(
        {
            "field": st.sampled_from(sorted(ORDER_FIELDS)),
            "direction": st.sampled_from(["ASC", "DESC"]),
        }
    ),
    max_size=3,
    unique_by=lambda step: step["field"],
)
TEXTS = ["a", "A", "B", "x", "Xy", "1", "", "%", "Ä"]
TEXT_FILTER = st.one_of(
    st.fixed_dictionaries({"eq": st.sampled_from(TEXTS)}),
    st.fixed_dictionaries({"ne": st.sampled_from(TEXTS)}),
    st.fixed_dictionaries({"in": st.lists(st.sampled_from(TEXTS), max_size=3)}),
    st.fixed_dictionaries({"contains": st.sampled_from(TEXTS)}),
    st.fixed_dictionaries({"startsWith": st.sampled_from(TEXTS)}),
    st.fixed_dictionaries({"isNull": st.booleans()}),
)
AMOUNTS = ["-0.01", "0", "0.001", "1", "1.5", "100", "1000000000000000", "-99.999"]
AMOUNT_FILTER = st.dictionaries(
    st.sampled_from(["eq", "gt", "gte", "lt", "lte"]),
    st.sampled_from(AMOUNTS),
    min_size=1,
    max_size=2,
)
MOMENT_FILTER = st.dictionaries(
    st.sampled_from(["eq", "gt", "gte", "lt", "lte"]),
    st.sampled_from([m.isoformat() for m in MOMENTS if m]),
    min_size=1,
    max_size=2,
)
LEAF = st.one_of(
    *(
        st.fixed_dictionaries({name: TEXT_FILTER})
        for name in ("name", "memo", "number", "currency", "provider", "accountId")
    ),
    st.fixed_dictionaries({"currentBalance": AMOUNT_FILTER}),
    st.fixed_dictionaries({"nextUpdate": MOMENT_FILTER}),
    st.fixed_dictionaries({"status": st.fixed_dictionaries({"ne": st.sampled_from(["OK"])})}),
    st.fixed_dictionaries({"type": st.fixed_dictionaries({"eq": st.sampled_from(["BANK"])})}),
)
WHERE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"and": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"or": st.lists(inner, max_size=3)}),
    ),
    max_leaves=4,
)


def _fold(text: str) -> str:
    return "".join(chr(ord(each) + 32) if "A" <= each <= "Z" else each for each in text)


def _compares(operator: str, actual: Any, given_: Any) -> bool:
    if operator == "isNull":
        return bool((actual is None) is given_)
    if operator == "ne":
        return bool(actual != given_)
    if actual is None:
        return False
    tests: dict[str, Callable[[], bool]] = {
        "eq": lambda: actual == given_,
        "in": lambda: actual in given_,
        "contains": lambda: _fold(given_) in _fold(actual),
        "startsWith": lambda: _fold(actual).startswith(_fold(given_)),
        "gt": lambda: actual > given_,
        "gte": lambda: actual >= given_,
        "lt": lambda: actual < given_,
        "lte": lambda: actual <= given_,
    }
    return bool(tests[operator]())


def _typed(field: str, given_: Any) -> Any:
    if field == "currentBalance":
        return Decimal(given_)
    return datetime.fromisoformat(given_) if field == "nextUpdate" else given_


def holds(where: Record, record: Record) -> bool:
    """What a filter says, in Python."""
    for field, given_ in where.items():
        match field:
            case "and":
                fits = all(holds(each, record) for each in given_)
            case "or":
                fits = any(holds(each, record) for each in given_)
            case "not":
                fits = not holds(given_, record)
            case _:
                fits = all(
                    _compares(name, record[field], _typed(field, value))
                    for name, value in given_.items()
                )
        if not fits:
            return False
    return True


def in_order(records: Sequence[Record], order: Sequence[Record]) -> list[Record]:
    """What an order says, in Python: stable sorts, from the last step to the first."""
    steps = order or [{"field": "NAME", "direction": "ASC"}]
    found = sorted(
        records, key=lambda each: each["id"].bytes, reverse=steps[-1]["direction"] == "DESC"
    )
    for step in reversed(steps):
        field, downward = ORDER_FIELDS[step["field"]], step["direction"] == "DESC"
        known = [each for each in found if each[field] is not None]
        unknown = [each for each in found if each[field] is None]
        known.sort(key=lambda each: _comparable(each[field]), reverse=downward)
        if field == "currentBalance":
            known.sort(key=lambda each: each["currency"])
        found = known + unknown
    return found


def _comparable(value: Any) -> Any:
    return _fold(value) if isinstance(value, str) else value


async def _make(viewer: Viewer, rows: Sequence[Record], links: Sequence[Record]) -> list[Record]:
    organization = await Organization.get(id=viewer.organization_id)
    bank = await make_institution(name="Elm")
    made = [await make_link(organization, institution_id=bank.id, **facts) for facts in links]
    records = []
    for row in rows:
        facts = dict(row)
        place, booked = facts.pop("link"), facts.pop("booked")
        digits = DIGITS[facts["currency"]]
        ledger_account = await make_ledger_account(organization) if booked else None
        link = made[place] if place is not None else None
        account = await make_account(
            link or made[0],
            bank_link_id=link.id if link else None,
            exponent=digits,
            ledger_account_id=ledger_account.id if ledger_account else None,
            **facts,
        )
        minor, code = facts["current_minor"], link.status_code if link else LinkStatusCode.MANUAL
        records.append(
            {
                **facts,
                "id": account.id,
                "aggregatorId": account.aggregator_id,
                "accountId": link.aggregator_id if link else None,
                "provider": bank.name if link else None,
                "providerId": bank.aggregator_id if link else None,
                "status": code.value,
                "label": MEANINGS[code].label,
                "nextUpdate": link.next_update_at if link else None,
                "lastUpdate": link.last_update_at if link else None,
                "currentBalance": None if minor is None else Decimal(minor).scaleb(-digits),
                "ledgerNumber": ledger_account.number if ledger_account else None,
            }
        )
    return records


WALK = """
query($first: Int, $after: Cursor, $where: BankAccountWhere, $orderBy: [BankAccountOrder!]) {
  bankAccounts(first: $first, after: $after, where: $where, orderBy: $orderBy) {
    totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}
"""


class TestTheTable:
    @settings(suppress_health_check=list(HealthCheck))
    @given(
        rows=st.lists(ROW, max_size=8),
        links=st.lists(LINK, min_size=2, max_size=2),
        where=st.none() | WHERE,
        order=ORDER,
        size=st.integers(1, 4),
    )
    async def test_its_pages_are_pythons_filter_and_sort(
        self, rows: list[Record], links: list[Record], where: Record | None, order: Any, size: int
    ) -> None:
        viewer = await some_viewer()
        records = await _make(viewer, rows, links)
        wanted = [each for each in records if holds(where or {}, each)]
        expected = [ids.encode("BankAccount", each["id"]) for each in in_order(wanted, order)]
        found: list[str] = []
        after = None
        while True:
            answer = await ask(viewer, WALK, first=size, after=after, where=where, orderBy=order)
            page = answer["bankAccounts"]
            assert page["totalCount"] == len(expected)
            assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
            found += [edge["node"]["id"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                break
            assert len(page["edges"]) == size
            after = page["pageInfo"]["endCursor"]
            assert after == page["edges"][-1]["cursor"]
        assert found == expected

    async def test_a_page_of_none_says_only_whether_there_are_any(self) -> None:
        viewer = await some_viewer()
        links = [{"status_code": LinkStatusCode.OK}] * 2
        row = {"name": "a", "currency": "USD", "current_minor": 1, "link": 0, "booked": False}
        await _make(viewer, [row], links)
        page = (await ask(viewer, WALK, first=0))["bankAccounts"]
        assert page["edges"] == []
        assert page["pageInfo"]["hasNextPage"] is True

    async def test_a_cursor_of_another_question_is_refused(self) -> None:
        viewer = await some_viewer()
        row = {"name": "a", "currency": "USD", "current_minor": 1, "link": 0, "booked": False}
        await _make(viewer, [row, row], [{"status_code": LinkStatusCode.OK}] * 2)
        page = (await ask(viewer, WALK, first=1))["bankAccounts"]
        cursor = page["pageInfo"]["endCursor"]
        for other in (
            {"orderBy": [{"field": "NAME", "direction": "DESC"}]},
            {"where": {"name": {"eq": "a"}}},
        ):
            with pytest.raises(Refused) as refused:
                await ask(viewer, WALK, first=1, after=cursor, **other)
            assert refused.value.codes == ["CURSOR_MISMATCH"]

    @pytest.mark.parametrize("first", [-1, 1001])
    async def test_a_page_beyond_the_bounds_is_refused(self, first: int) -> None:
        with pytest.raises(Refused) as refused:
            await ask(await some_viewer(), WALK, first=first)
        assert refused.value.codes == ["INVALID_INPUT"]

    @settings(suppress_health_check=list(HealthCheck))
    @given(
        values=st.lists(
            st.none() | st.integers() | st.text(max_size=5) | st.booleans() | st.lists(st.none()),
            max_size=4,
        )
    )
    async def test_a_forged_cursor_is_refused_or_harmless(self, values: list[Any]) -> None:
        viewer = await some_viewer()
        row = {"name": "a", "currency": "USD", "current_minor": 1, "link": 0, "booked": False}
        await _make(viewer, [row, row], [{"status_code": LinkStatusCode.OK}] * 2)
        real = (await ask(viewer, WALK, first=1))["bankAccounts"]["pageInfo"]["endCursor"]
        mark, _ = orjson.loads(base64.urlsafe_b64decode(real + "=" * (-len(real) % 4)))
        try:
            packed = orjson.dumps([mark, values])
        except TypeError:
            return  # whole numbers beyond 64 bits, and lone surrogates, are no JSON
        forged = base64.urlsafe_b64encode(packed).decode()
        with pytest.raises(Refused) as refused:
            await ask(viewer, WALK, first=1, after=forged)
        assert refused.value.codes == ["CURSOR_MISMATCH"]

    @pytest.mark.parametrize("selected", ["totalCount", "__typename", "nodes { id }"])
    async def test_a_cursor_is_checked_whatever_is_selected(self, selected: str) -> None:
        with pytest.raises(Refused) as refused:
            await ask(await some_viewer(), f'{{ bankAccounts(after: "zzz") {{ {selected} }} }}')
        assert refused.value.codes == ["CURSOR_MISMATCH"]


LINES = """
query($id: ID!, $first: Int, $after: Cursor, $last: Int, $before: Cursor, $around: ID,
      $orderBy: [BankTransactionOrder!], $where: BankTransactionWhere, $search: String) {
  bankAccount(id: $id) { transactions(first: $first, after: $after, last: $last, before: $before,
      around: $around, orderBy: $orderBy, where: $where, search: $search) {
    nodes { id description }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } }
}
"""
LINE_ORDER = st.lists(
    st.fixed_dictionaries(
        {
            "field": st.sampled_from(["DATE", "AMOUNT", "DESCRIPTION"]),
            "direction": st.sampled_from(["ASC", "DESC"]),
        }
    ),
    max_size=2,
)


class TestLines:
    @pytest.mark.parametrize("argument", ["after", "before"])
    async def test_a_cursor_is_checked_where_the_lines_are_only_counted(
        self, argument: str
    ) -> None:
        viewer = await some_viewer()
        organization = await Organization.get(id=viewer.organization_id)
        account = await make_account(await make_link(organization))
        document = (
            "query($id: ID!, $cursor: Cursor) { bankAccount(id: $id) {"
            f" transactions({argument}: $cursor) {{ totalCount }} }} }}"
        )
        with pytest.raises(Refused) as refused:
            await ask(viewer, document, id=ids.encode("BankAccount", account.id), cursor="zzz")
        assert refused.value.codes == ["CURSOR_MISMATCH"]
        assert refused.value.errors[0].original_error.field == (argument,)

    @settings(suppress_health_check=list(HealthCheck))
    @given(
        lines=st.lists(
            st.tuples(st.integers(1, 3), st.integers(-1, 1), st.sampled_from("abA")), max_size=7
        ),
        order=LINE_ORDER,
        size=st.integers(1, 3),
    )
    async def test_forwards_and_backwards_are_the_same_list(
        self, lines: list[tuple[int, int, str]], order: Any, size: int
    ) -> None:
        viewer = await some_viewer()
        organization = await Organization.get(id=viewer.organization_id)
        account = await make_account(await make_link(organization))
        for day, minor, text in lines:
            await make_line(
                account, dated_on=date(2026, 3, day), amount_minor=minor, description=text
            )
        asked = {"id": ids.encode("BankAccount", account.id), "orderBy": order}

        async def page(**part: Any) -> Any:
            return (await ask(viewer, LINES, **asked, **part))["bankAccount"]["transactions"]

        forwards: list[str] = []
        after = None
        while True:
            found = await page(first=size, after=after)
            forwards += [node["id"] for node in found["nodes"]]
            after = found["pageInfo"]["endCursor"]
            if not found["pageInfo"]["hasNextPage"]:
                break
        backwards: list[str] = []
        before = None
        while True:
            found = await page(last=size, before=before)
            backwards = [node["id"] for node in found["nodes"]] + backwards
            before = found["pageInfo"]["startCursor"]
            if not found["pageInfo"]["hasPreviousPage"]:
                break
        assert len(forwards) == len(lines)
        assert forwards == backwards
        for place, middle in enumerate(forwards):
            found = await page(around=middle, first=size)
            shown = [node["id"] for node in found["nodes"]]
            start = max(0, place - size // 2)
            assert shown == forwards[start : start + size]
            assert found["pageInfo"]["hasPreviousPage"] is (start > 0)
            assert found["pageInfo"]["hasNextPage"] is (start + size < len(forwards))
