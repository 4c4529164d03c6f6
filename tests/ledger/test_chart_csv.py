"""The chart of accounts as a file."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kit.currencies import EXPONENTS
from counterfoil.kit.text import clean
from counterfoil.ledger.chart_csv import MOST_ROWS, CellUnreadable, ChartRow, parsed, printed
from counterfoil.ledger.models import LedgerAccountType

CASH = ChartRow(number="1000", name="Cash", type=LedgerAccountType.ASSET, currency="USD")


def _rows(text: str) -> Sequence[ChartRow | None]:
    return [read.row for read in parsed(text)]


def _fields(text: str) -> Sequence[tuple[str, ...]]:
    return [error.field for read in parsed(text) for error in read.errors]


def _texts(limit: int) -> st.SearchStrategy[str]:
    letters = st.text(max_size=2 * limit) | st.text(alphabet="'=+-@\",;\n aé", max_size=12)
    return letters.map(lambda text: clean(text, limit=limit)).filter(bool)


_CHARTS = st.lists(
    st.builds(
        ChartRow,
        number=_texts(20),
        name=_texts(120),
        type=st.sampled_from(LedgerAccountType),
        currency=st.none() | st.sampled_from(sorted(EXPONENTS)),
        parent=st.none() | _texts(20),
        active=st.booleans(),
        control=st.booleans(),
        external_id=st.none() | _texts(128),
    ),
    max_size=8,
    unique_by=(lambda row: row.number, lambda row: row.external_id or object()),
)


class TestBoth:
    @given(_CHARTS)
    def test_printing_then_parsing_changes_nothing(self, rows: list[ChartRow]) -> None:
        assert _rows(printed(rows)) == rows

    @given(_CHARTS)
    def test_a_byte_order_mark_changes_nothing(self, rows: list[ChartRow]) -> None:
        assert _rows("\ufeff" + printed(rows)) == rows


class TestPrinted:
    def test_a_header_and_a_line_each(self) -> None:
        part = ChartRow(
            number="-1",
            name='=1+1, "x"',
            type=LedgerAccountType.EXPENSE,
            parent="6000",
            active=False,
            control=True,
            external_id="@7",
        )
        assert printed([CASH, part]) == (
            "Number,Name,Type,Currency,Parent,Active,Control,External ID\r\n"
            "1000,Cash,Asset,USD,,yes,no,\r\n"
            '\'-1,"\'=1+1, ""x""",Expense,,6000,no,yes,\'@7\r\n'
        )


class TestParsed:
    def test_columns_in_any_order_and_case(self) -> None:
        assert _rows("TYPE,  name ,number\nasset,Cash,1000\n") == [
            ChartRow(number="1000", name="Cash", type=LedgerAccountType.ASSET)
        ]

    def test_semicolons(self) -> None:
        assert _rows('number;name;type;currency\r\n1000;"Cash";Asset;usd\r\n') == [CASH]

    def test_lines_without_anything_are_passed_over(self) -> None:
        text = '\n\nNumber,Name,Type\n\n1000,"Ca\nsh",Asset\n,,\n1001,,Asset\n'
        assert [(read.line, read.row and read.row.name) for read in parsed(text)] == [
            (5, "Ca sh"),
            (8, None),
        ]

    def test_a_line_that_is_shorter_has_defaults(self) -> None:
        text = "Number,Name,Type,Currency,Active,Control\n1000,Cash,Asset\n1001,Till,Asset,,0,TRUE"
        [short, full] = parsed(text)
        assert short.row == ChartRow(number="1000", name="Cash", type=LedgerAccountType.ASSET)
        assert full.row is not None
        assert (full.row.active, full.row.control) == (False, True)

    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ("", 1, "needs the columns"),
            ("Number,Name\n1000,Cash\n", 1, "missing: Type"),
            ("Number,Name,Type,Balance\n", 1, "no column “Balance”"),
            ("Number,Name,Type,name\n", 1, "Name is there twice"),
            ('Number,Name,Type\n1000,"Cash,Asset\n', 2, "no CSV"),
            ("Number,Name,Type\n" + "1,x,Asset\n" * (MOST_ROWS + 1), 1, "at most 500"),
        ],
    )
    def test_what_is_no_such_file(self, text: str, line: int, words: str) -> None:
        with pytest.raises(CellUnreadable, match=words) as refused:
            parsed(text)
        assert refused.value.field == ("csv", str(line))

    def test_every_cell_that_is_wrong_is_told_by_line_and_column(self) -> None:
        text = (
            "Number,Name,Type,Currency,Parent,Active,Control,External ID\n"
            ",Cash,Asset\n"
            f"{'1' * 21},{'x' * 121},Money,EURO,{'1' * 21},maybe,perhaps,{'x' * 129}\n"
            "1000,Cash,Asset,,,,,,,\n"
        )
        assert _rows(text) == [None, None, None]
        assert _fields(text) == [
            ("csv", "2", "Number"),
            ("csv", "3", "Number"),
            ("csv", "3", "Name"),
            ("csv", "3", "Type"),
            ("csv", "3", "Currency"),
            ("csv", "3", "Parent"),
            ("csv", "3", "Active"),
            ("csv", "3", "Control"),
            ("csv", "3", "External ID"),
            ("csv", "4"),
        ]

    def test_the_message_says_where(self) -> None:
        [read] = parsed("Number,Name,Type\n1000,Cash,Money\n")
        assert str(read.errors[0]) == (
            "Line 2, Type: this must be one of Asset, Liability, Equity, Income, Expense."
        )

    def test_what_stands_twice_is_refused_the_second_time(self) -> None:
        text = (
            "Number,Name,Type,External ID\n"
            "1000,Cash,Asset,a\n1000,Till,Asset,b\n1001,Chest,Asset,a\n"
        )
        assert [row and row.name for row in _rows(text)] == ["Cash", None, None]
        assert _fields(text) == [("csv", "3", "Number"), ("csv", "4", "External ID")]
