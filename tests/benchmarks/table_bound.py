"""The table by hand: one SQL statement, one dict for each row, orjson, nothing else.

It answers the benchmark's query with the same JSON in the same pages, for one organization that
is named when it starts. There is no sign-in, no schema and no check of anything: that is what
makes it a bound. Run as `python -m tests.benchmarks.table_bound PORT DATABASE_URL ORGANIZATION`.
"""

from __future__ import annotations

import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from counterfoil.links.meanings import MEANINGS

_STATEMENT = """
SELECT a.id, a.aggregator_id, a.name, a.number, a.type, a.current_minor, a.currency,
    a.balance_as_of, a.balance_received_at, a.revision, lower(a.name COLLATE "C") AS folded,
    l.id AS link_id, l.aggregator_id AS link_aggregator_id, l.name AS link_name, l.status_code,
    l.next_update_at, l.last_update_at, r.state,
    i.id AS institution_id, i.aggregator_id AS institution_aggregator_id,
    i.name AS institution_name,
    g.id AS ledger_id, g.number AS ledger_number, g.name AS ledger_name
FROM bank_account AS a
LEFT JOIN bank_link AS l ON l.id = a.bank_link_id
LEFT JOIN institution AS i ON i.id = l.institution_id
LEFT JOIN refresh AS r ON r.under_way = l.id
LEFT JOIN ledger_account AS g ON g.id = a.ledger_account_id
WHERE a.organization_id = $1 AND a.deleted_at IS NULL AND a.hidden_at IS NULL
    AND (lower(a.name COLLATE "C"), a.id) > ($2, $3)
ORDER BY lower(a.name COLLATE "C"), a.id LIMIT $4
"""
_BEGINNING = ("", UUID(int=0))
_SAID = {
    code.value: (code.value, meaning.severity.value, meaning.label)
    for code, meaning in MEANINGS.items()
}
_OWED = ("CREDIT_CARD", "LOAN")


def _id(tag: bytes, value: UUID) -> str:
    return urlsafe_b64encode(tag + value.bytes).decode()


def _moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="milliseconds")[:-6] + "Z" if value is not None else None


def _amount(minor: int) -> str:
    """All accounts of the benchmark have currencies of two digits."""
    digits = f"{abs(minor):03}"
    return f"{'-' if minor < 0 else ''}{digits[:-2]}.{digits[-2:]}"


def _node(row: Any) -> dict[str, Any]:
    code, severity, label = _SAID[row["status_code"]]
    ledger_id, minor = row["ledger_id"], row["current_minor"]
    return {
        "id": _id(b"ba", row["id"]),
        "aggregatorId": row["aggregator_id"],
        "name": row["name"],
        "number": row["number"],
        "type": row["type"],
        "bankLink": {
            "id": _id(b"bl", row["link_id"]),
            "aggregatorId": row["link_aggregator_id"],
            "name": row["link_name"],
        },
        "institution": {
            "id": _id(b"in", row["institution_id"]),
            "aggregatorId": row["institution_aggregator_id"],
            "name": row["institution_name"],
        },
        "status": {
            "code": code,
            "activity": row["state"] or "IDLE",
            "severity": severity,
            "label": label,
        },
        "nextUpdateAt": _moment(row["next_update_at"]),
        "lastUpdateAt": _moment(row["last_update_at"]),
        "currentBalance": None
        if minor is None
        else {
            "amount": {"amount": _amount(minor), "currency": row["currency"]},
            "kind": "OWED" if row["type"] in _OWED else "HELD",
            "asOf": _moment(row["balance_as_of"]),
            "receivedAt": _moment(row["balance_received_at"]),
        },
        "ledgerAccount": None
        if ledger_id is None
        else {
            "id": _id(b"la", ledger_id),
            "number": row["ledger_number"],
            "name": row["ledger_name"],
        },
        "revision": row["revision"],
    }


def _app(database_url: str, organization_id: UUID) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        url = urlsplit(database_url)
        async with asyncpg.create_pool(
            host=parse_qs(url.query)["host"][0],
            user=url.username,
            database=url.path.lstrip("/"),
            min_size=1,
            max_size=10,
        ) as pool:
            app.state.pool = pool
            yield

    async def table(request: Request) -> Response:
        asked = orjson.loads(await request.body())["variables"]
        size, after = asked["first"], asked["after"]
        name, row_id = orjson.loads(urlsafe_b64decode(after)) if after else _BEGINNING
        rows = await request.app.state.pool.fetch(
            _STATEMENT, organization_id, name, row_id, size + 1
        )
        page = rows[:size]
        end = orjson.dumps([page[-1]["folded"], str(page[-1]["id"])])
        answer = {
            "nodes": [_node(row) for row in page],
            "pageInfo": {
                "hasNextPage": len(rows) > size,
                "endCursor": urlsafe_b64encode(end).decode(),
            },
        }
        return Response(
            orjson.dumps({"data": {"bankAccounts": answer}}), media_type="application/json"
        )

    return Starlette(routes=[Route("/graphql", table, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    port, database, organization = sys.argv[1:]
    uvicorn.run(_app(database, UUID(organization)), port=int(port), access_log=False)
