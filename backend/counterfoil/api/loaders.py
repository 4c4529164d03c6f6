"""Reads that are asked for one by one and made together, once per operation.

A loader belongs to one reader and one set of columns: objects that two places of a query ask for
with other fields are two reads, and none of them fetches a column that nobody asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from counterfoil.api.context import Info
from counterfoil.api.rowtypes import RowType, Selection, columns_of
from counterfoil.kit.keyset import Page, Question, Slice, counts, read_page, read_pages
from counterfoil.kit.table import Row
from counterfoil.viewer import Viewer

Reader = Callable[[Viewer, Collection[UUID], Collection[str]], Awaitable[Sequence[Row]]]
"""Reads rows by ids as a viewer sees them, with the columns named."""

Finder = Callable[[Viewer, Collection[UUID]], Awaitable[Mapping[UUID, Any]]]
"""Finds something for each of many ids, as a viewer sees it; nothing for some perhaps."""

R = TypeVar("R", bound=RowType)

T = TypeVar("T")

_LARGEST_BATCH = 1000
_MOST_LISTS = 100


class Loaders:
    """The loaders of one operation of one viewer."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._loaders: dict[object, DataLoader[UUID, list[Row]]] = {}
        self._pages: dict[object, DataLoader[Question, Page]] = {}
        self._counts: dict[int, DataLoader[Question, int | None]] = {}
        self._found: dict[Finder, DataLoader[UUID, Any]] = {}

    async def many(
        self, reader: Reader, key: str, value: UUID, names: Collection[str]
    ) -> Sequence[Row]:
        """The rows whose column `key` is `value`, in the reader's order."""
        return await self._loader(reader, key, frozenset(names)).load(value)

    async def several(
        self, reader: Reader, key: str, values: Collection[UUID], names: Collection[str]
    ) -> Sequence[Row]:
        """The rows whose column `key` is among `values`."""
        found = await self._loader(reader, key, frozenset(names)).load_many(list(values))
        return [row for rows in found for row in rows]

    async def found(self, finder: Finder, value: UUID) -> Any:
        """What `finder` finds for `value`, asked once for all that are wanted; None for nothing."""
        return await self._finder(finder).load(value)

    async def found_among(self, finder: Finder, values: Collection[UUID]) -> Mapping[UUID, Any]:
        """What `finder` finds for each of `values`; None for nothing."""
        wanted = list(values)
        found = await self._finder(finder).load_many(wanted)
        return dict(zip(wanted, found, strict=True))

    async def page(
        self, question: Question, part: Slice, names: Collection[str], *, with_keys: bool
    ) -> Page:
        """A part of a list; the same part of several objects' lists is one statement."""
        mark = (question.table.alias, question.order, part, frozenset(names), with_keys)
        if mark not in self._pages:
            columns = sorted(names)

            async def load(questions: list[Question]) -> Sequence[Page]:
                if len(questions) > 1:
                    return await read_pages(questions, part, names=columns)
                [alone] = questions
                return [await read_page(alone, part, names=columns, with_keys=with_keys)]

            self._pages[mark] = _of_questions(load)
        return await self._pages[mark].load(question)

    async def count(self, question: Question, *, most: int) -> int | None:
        """How long a list is; None beyond `most`."""
        if most not in self._counts:
            self._counts[most] = _of_questions(partial(counts, most=most))
        return await self._counts[most].load(question)

    def _finder(self, finder: Finder) -> DataLoader[UUID, Any]:
        if finder not in self._found:

            async def load(values: list[UUID]) -> list[Any]:
                found = await finder(self._viewer, values)
                return [found.get(value) for value in values]

            self._found[finder] = DataLoader(load, max_batch_size=_LARGEST_BATCH)
        return self._found[finder]

    def _loader(
        self, reader: Reader, key: str, names: frozenset[str]
    ) -> DataLoader[UUID, list[Row]]:
        mark = (reader, key, names)
        if mark not in self._loaders:
            columns = sorted(names | {key})

            async def load(values: list[UUID]) -> list[list[Row]]:
                found: dict[UUID, list[Row]] = defaultdict(list)
                for row in await reader(self._viewer, values, columns):
                    found[row[key]].append(row)
                return [found[value] for value in values]

            self._loaders[mark] = DataLoader(load, max_batch_size=_LARGEST_BATCH)
        return self._loaders[mark]


def _of_questions(
    load: Callable[[list[Question]], Awaitable[Sequence[T]]],
) -> DataLoader[Question, T]:
    return DataLoader(load, max_batch_size=_MOST_LISTS, cache_key_fn=lambda question: question.mark)


async def load_one(info: Info, kind: type[R], reader: Reader, key: str, value: UUID) -> R | None:
    """The object whose column `key` is `value`, with the columns that the query selects."""
    rows = await info.context.loaders.many(reader, key, value, _columns(info, kind))
    return kind(row=rows[0], viewer=info.context.signed_in()) if rows else None


async def load_many(info: Info, kind: type[R], reader: Reader, key: str, value: UUID) -> list[R]:
    """The objects whose column `key` is `value`, in the reader's order."""
    viewer = info.context.signed_in()
    rows = await info.context.loaders.many(reader, key, value, _columns(info, kind))
    return [kind(row=row, viewer=viewer) for row in rows]


async def load_several(
    info: Info, kind: type[R], reader: Reader, key: str, values: Collection[UUID]
) -> list[R]:
    """The objects whose column `key` is among `values`, in their order; absent ones left out."""
    viewer = info.context.signed_in()
    rows = await info.context.loaders.several(reader, key, values, _columns(info, kind))
    return [kind(row=row, viewer=viewer) for row in rows]


def _columns(info: Info, kind: type[RowType]) -> frozenset[str]:
    raw = info._raw_info
    return columns_of(Selection.below(raw), raw.schema.type_map[kind.__name__], alias=kind.ALIAS)
