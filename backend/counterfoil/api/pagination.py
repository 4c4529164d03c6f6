"""Lists in pages, as Relay's cursor connections (https://relay.dev/graphql/connections.htm)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Annotated, Any, Generic, TypeVar, cast
from uuid import UUID

import strawberry

from counterfoil.api.context import Info
from counterfoil.api.rowtypes import RowType, Selection, columns_of
from counterfoil.api.scalars import Cursor
from counterfoil.errors import InvalidInput
from counterfoil.kit.keyset import (
    Page,
    Question,
    Slice,
    check_cursors,
    cursor_of,
    read_page,
)
from counterfoil.kit.table import Row

DEFAULT_SIZE = 50
LARGEST_SIZE = 1000
MOST_COUNTED = 10_000
"""Beyond so many rows `totalCount` is null: the database would have to walk over all of them."""

T = TypeVar("T")

First = Annotated[
    int | None,
    strawberry.argument(description="How many to give at most: 0 to 1,000, 50 when left out."),
]
After = Annotated[
    Cursor | None,
    strawberry.argument(description="Begin after this cursor, of the same `where` and `orderBy`."),
]
Last = Annotated[
    int | None,
    strawberry.argument(description="Instead of `first`: so many from the end, 0 to 1,000."),
]
Before = Annotated[
    Cursor | None,
    strawberry.argument(description="End before this cursor, of the same `where` and `orderBy`."),
]
Search = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "Words, at most 200 characters: each must occur somewhere in the object's texts. "
            "ASCII letters match in upper and lower case."
        )
    ),
]


class OneSidedPage(InvalidInput):
    """Both ends of a list were asked for at once."""

    def __init__(self) -> None:
        super().__init__("Give `first` or `last`, not both.", field=("last",))


class PageSizeOutOfRange(InvalidInput):
    """A page of a size that is not served."""

    def __init__(self, argument: str) -> None:
        super().__init__(f"`{argument}` must be from 0 to {LARGEST_SIZE:,}.", field=(argument,))


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follow after this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether some come before this page; true whenever `after` was given."
    )
    start_cursor: Cursor | None = strawberry.field(
        description="The first object's cursor; null on an empty page."
    )
    end_cursor: Cursor | None = strawberry.field(
        description="The last object's cursor, for `after`; null on an empty page."
    )


@strawberry.type(description="An object on a page, with its place in the list.")
class Edge(Generic[T]):
    cursor: Cursor = strawberry.field(description="The place of this object in the list.")
    node: T = strawberry.field(description="The object.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    page: strawberry.Private[Page]
    build: strawberry.Private[Callable[[Row], Any]]

    @strawberry.field(description="The objects on this page, each with its cursor.")
    def edges(self) -> list[Edge[T]]:
        return [
            Edge(cursor=Cursor(self.page.cursor(r)), node=self.build(r)) for r in self.page.rows
        ]

    @strawberry.field(description="The objects on this page.")
    def nodes(self) -> list[T]:
        return [self.build(row) for row in self.page.rows]

    @strawberry.field(description="Where this page stands in its list.")
    def page_info(self, info: Info) -> PageInfo:
        rows = self.page.rows if _wants_ends(Selection.below(info._raw_info), info) else ()
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=Cursor(self.page.cursor(rows[0])) if rows else None,
            end_cursor=Cursor(self.page.cursor(rows[-1])) if rows else None,
        )

    @strawberry.field(
        description=(
            "How many objects the whole list has. Null beyond 10,000: counting them would cost "
            "more than the page."
        )
    )
    async def total_count(self, info: Info) -> int | None:
        return await info.context.loaders.count(self.page.question, most=MOST_COUNTED)


def requested(
    first: int | None, after: str | None, last: int | None = None, before: str | None = None
) -> Slice:
    """The part of a list that the arguments ask for.

    Raises:
        OneSidedPage, PageSizeOutOfRange: see there.
    """
    if first is not None and last is not None:
        raise OneSidedPage
    size = first if last is None else last
    size = DEFAULT_SIZE if size is None else size
    if not 0 <= size <= LARGEST_SIZE:
        raise PageSizeOutOfRange("first" if last is None else "last")
    backwards = last is not None or (first is None and before is not None)
    return Slice(size, after, before, backwards)


async def connection(
    info: Info, question: Question, kind: type[RowType], part: Slice
) -> Connection[Any]:
    """Read one page with the columns that the query selects, in one statement."""
    viewer = info.context.signed_in()

    def build(row: Row) -> RowType:
        return kind(row=row, viewer=viewer)

    return Connection(page=await page_of(info, question, kind, part), build=build)


async def connection_around(
    info: Info, question: Question, kind: type[RowType], size: int, middle: UUID
) -> Connection[Any]:
    """The page with one object in its middle; empty when it is not in the list."""
    cursor = await cursor_of(question, middle)
    if cursor is None:
        return empty(question)
    names = _columns(info, kind)
    earlier = Slice(size // 2, before=cursor, backwards=True)
    before = await read_page(question, earlier, names=names, with_keys=True)
    later = Slice(size - len(before.rows), after=cursor, from_after=True)
    after = await read_page(question, later, names=names, with_keys=True)
    rows = [*before.rows, *after.rows]
    viewer = info.context.signed_in()
    return Connection(
        page=Page(question, rows, after.has_next, before.has_previous),
        build=lambda row: kind(row=row, viewer=viewer),
    )


def empty(question: Question) -> Connection[Any]:
    """A page without objects, of a list that may have some."""
    return Connection(page=Page(question, (), False, False), build=lambda row: row)


async def page_of(
    info: Info,
    question: Question,
    kind: type[RowType],
    part: Slice,
    *,
    more: Collection[str] = (),
) -> Page:
    """Read one page with the columns that the query selects, and `more`; none if none is asked for.

    Raises:
        CursorMismatch: a cursor is not one of this question's.
    """
    raw = info._raw_info
    asked = Selection.below(raw).fields(_named(raw.return_type)).keys()
    if asked.isdisjoint({"edges", "nodes", "pageInfo"}):
        check_cursors(question, part)
        return Page(question, (), False, False)
    with_keys = _wants_cursors(Selection.below(raw), info)
    names = sorted({*_columns(info, kind), *more})
    return await info.context.loaders.page(question, part, names, with_keys=with_keys)


def _columns(info: Info, kind: type[RowType]) -> list[str]:
    raw = info._raw_info
    return sorted(columns_of(Selection.below(raw), raw.return_type, alias=kind.ALIAS))


def _wants_cursors(selection: Selection, info: Info) -> bool:
    page_type = _named(info._raw_info.return_type)
    fields = selection.fields(page_type)
    if "edges" in fields:
        edge = _named(page_type.fields["edges"].type)
        if "cursor" in selection.under(fields["edges"]).fields(edge):
            return True
    return "pageInfo" in fields and _wants_ends(selection.under(fields["pageInfo"]), info)


def _wants_ends(selection: Selection, info: Info) -> bool:
    ends = selection.fields(cast(Any, info._raw_info.schema.type_map["PageInfo"]))
    return not ends.keys().isdisjoint({"startCursor", "endCursor"})


def _named(graphql_type: Any) -> Any:
    while hasattr(graphql_type, "of_type"):
        graphql_type = graphql_type.of_type
    return graphql_type
