"""Pages on their way: kept in a table until the last one has come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from counterfoil.aggregators.port import (
    ChangesPage,
    Completeness,
    RemovedTransaction,
    TransactionSnapshot,
)
from counterfoil.kit.ids import new_id
from counterfoil.links.models import StagedPage

PAGES_AT_ONCE = 20


async def stage(
    refresh_id: UUID, number: int, page: ChangesPage, *, from_start: bool = False
) -> None:
    """Keep one page; the same number twice is refused by the database.

    `from_start` is for pages that are read from an empty cursor beside those after the saved one.
    """
    await StagedPage.create(
        id=new_id(),
        refresh_id=refresh_id,
        number=number,
        from_start=from_start,
        next_cursor=page.next_cursor,
        has_more=page.has_more,
        content=_written(page),
    )


async def drop(refresh_id: UUID) -> None:
    """Forget the pages of a refresh."""
    await StagedPage.filter(refresh_id=refresh_id).delete()


async def newest(refresh_id: UUID) -> StagedPage | None:
    """The last page that was kept, without its content."""
    return await (
        StagedPage.filter(refresh_id=refresh_id)
        .order_by("-number")
        .first()
        .only("id", "number", "from_start", "next_cursor", "has_more")
    )


async def was_read_from_start(refresh_id: UUID) -> bool:
    """Whether pages from an empty cursor lie beside those after the saved one."""
    return await StagedPage.exists(refresh_id=refresh_id, from_start=True)


async def is_complete(refresh_id: UUID) -> bool:
    """Whether the last page says that the bank has no older lines to come."""
    last = await StagedPage.filter(refresh_id=refresh_id).order_by("-number").first()
    return last is not None and _read(last).completeness is Completeness.COMPLETE


async def batches(
    refresh_id: UUID, *, from_start: bool | None = None
) -> AsyncIterator[Sequence[ChangesPage]]:
    """All kept pages in order, `PAGES_AT_ONCE` at a time, so that memory stays bounded.

    With `from_start` only those of one of the two readings.
    """
    chosen = StagedPage.filter(refresh_id=refresh_id)
    if from_start is not None:
        chosen = chosen.filter(from_start=from_start)
    last = 0
    while rows := await chosen.filter(number__gt=last).order_by("number").limit(PAGES_AT_ONCE):
        last = rows[-1].number
        yield [_read(row) for row in rows]


async def offered(
    refresh_id: UUID, account_ids: Collection[str]
) -> Mapping[str, Sequence[TransactionSnapshot]]:
    """What the pages say in the end of the lines of these accounts, by the aggregator's ids.

    Only the lines of these accounts are in memory at a time, whatever else the login has.
    """
    last: dict[str, TransactionSnapshot] = {}
    async for pages in batches(refresh_id):
        for page in pages:
            for line in (*page.added, *page.modified):
                if line.account_id in account_ids:
                    last[line.aggregator_id] = line
            for removed in page.removed:
                last.pop(removed.aggregator_id, None)
    lines: dict[str, list[TransactionSnapshot]] = {each: [] for each in account_ids}
    for line in last.values():
        lines[line.account_id].append(line)
    return lines


def _written(page: ChangesPage) -> str:
    return orjson.dumps(page, default=_plain).decode()


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


def _read(row: StagedPage) -> ChangesPage:
    page: dict[str, Any] = orjson.loads(row.content)
    return ChangesPage(
        added=[_line(line) for line in page["added"]],
        modified=[_line(line) for line in page["modified"]],
        removed=[RemovedTransaction(**removed) for removed in page["removed"]],
        next_cursor=row.next_cursor,
        has_more=row.has_more,
        completeness=Completeness(page["completeness"]),
    )


def _line(written: dict[str, Any]) -> TransactionSnapshot:
    occurred = written.pop("occurred_on")
    return TransactionSnapshot(
        dated_on=date.fromisoformat(written.pop("dated_on")),
        occurred_on=date.fromisoformat(occurred) if occurred else None,
        raw_hash=bytes.fromhex(written.pop("raw_hash")),
        **written,
    )
