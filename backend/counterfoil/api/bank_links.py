"""Logins at banks, their refreshes, and the institutions."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import orjson
import strawberry

from counterfoil.api import ids
from counterfoil.api.context import Info
from counterfoil.api.enums import LinkStatusCode, RefreshPhase, RefreshState, RefreshTrigger
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.api.filters import LONGEST_SEARCH, storable
from counterfoil.api.link_status import LinkStatus
from counterfoil.api.loaders import load_many, load_one
from counterfoil.api.node import Node
from counterfoil.api.pagination import After, Connection, First, connection, requested
from counterfoil.api.permissions import Permission, Right, permissions
from counterfoil.api.rowtypes import RowType, column, part, relation
from counterfoil.errors import InvalidInput
from counterfoil.links import operations, queries
from counterfoil.links.institutions import find_institutions
from counterfoil.links.meanings import MEANINGS
from counterfoil.links.queries import (
    accounts_by_link,
    institutions_by_id,
    links,
    links_by_id,
    refreshes,
    refreshes_by_id,
)
from counterfoil.viewer import Viewer

if TYPE_CHECKING:
    from counterfoil.api.bank_accounts import BankAccount


def _countries(stored: Any) -> list[str]:
    found: list[str] = orjson.loads(stored) if isinstance(stored, str | bytes) else stored
    return found


@lru_cache(maxsize=256)
def _may(viewer: Viewer) -> list[Permission]:
    return permissions(viewer, Right.BANKS)


@strawberry.type(description="A bank or card issuer, as an aggregator lists it.")
class Institution(RowType, Node):
    ALIAS = "institution"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("Institution", value), description="Opaque id."
    )
    aggregator: str = column("aggregator", description="Which aggregator lists it.")
    aggregator_id: str = column(
        "aggregator_id", description="Its id there: the table's Provider ID."
    )
    name: str = column("name", description="Its name: the table's Provider.")
    url: str | None = column("url", description="Its own web site.")
    countries: list[str] = column(
        "countries", by=_countries, description="ISO 3166-1 codes of the countries it serves."
    )


@strawberry.type(
    description="One set of credentials at one institution, which covers one or more accounts."
)
class BankLink(RowType, Node):
    ALIAS = "bank_link"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("BankLink", value), description="Opaque id."
    )
    aggregator_id: str | None = column(
        "aggregator_id",
        description="Its id at the aggregator: the table's Account ID; null without a feed.",
    )
    name: str = column("name", description="The institution, and whose login it is.")
    institution: Institution = part(
        of=lambda: Institution, at="institution", description="Where the login is."
    )
    status: LinkStatus = part(of=lambda: LinkStatus, at="bank_link", description="How it fares.")
    next_update_at: datetime | None = column(
        "next_update_at", description="When it is pulled next; null while somebody must act."
    )
    last_update_at: datetime | None = column(
        "last_update_at", description="When a pull last brought data; null: never yet."
    )
    account_count: int = column(
        "account_count", description="How many visible accounts it covers: one refresh, all."
    )
    created_at: datetime = column("created_at", description="When it was added.")
    revision: int = column("revision", description="Grows by one with every change.")
    viewer_can: list[Permission] = column(
        by=_may, with_viewer=True, description="What the viewer may do with it."
    )

    @relation("id", description="The visible accounts that it covers, by name.")
    async def accounts(
        self, info: Info
    ) -> list[Annotated[BankAccount, strawberry.lazy("counterfoil.api.bank_accounts")]]:
        from counterfoil.api.bank_accounts import BankAccount

        column_name = "bank_account.bank_link_id"
        return await load_many(info, BankAccount, accounts_by_link, column_name, self.value("id"))

    @relation("id", description="Its pulls, newest first.")
    async def refreshes(
        self, info: Info, first: First = 50, after: After = None
    ) -> Connection[Refresh]:
        question = refreshes(self.viewer, self.value("id"))
        return await connection(info, question, Refresh, requested(first, after))


def _message(code: str | None, state: str) -> str | None:
    if state != RefreshState.FAILED.value or code is None:
        return None
    return MEANINGS[LinkStatusCode(code)].label


@strawberry.type(description="One pull of one login: its state, its counts, and how it ended.")
class Refresh(RowType, Node):
    ALIAS = "refresh"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("Refresh", value), description="Opaque id."
    )
    bank_link: BankLink = part(
        of=lambda: BankLink, at="bank_link", description="The login that is pulled."
    )
    trigger: RefreshTrigger = column("trigger", description="Who or what asked for it.")
    state: RefreshState = column("state", description="Whether it waits, runs, or has ended.")
    phase: RefreshPhase | None = column(
        "phase", description="What it is at while it runs, or was at when it failed; else null."
    )
    accounts: int = column("accounts", description="Accounts read so far.")
    balances: int = column("balances", description="Balances read so far.")
    lines: int = column("lines", description="Transactions read so far.")
    added: int = column("added", description="New transactions; known at its end.")
    modified: int = column("modified", description="Changed transactions; known at its end.")
    removed: int = column("removed", description="Withdrawn transactions; known at its end.")
    status: LinkStatusCode | None = column(
        "status_code", description="The login's status that came of it; null until its end."
    )
    provider_code: str | None = column(
        "provider_code", description="The aggregator's own code for what went wrong."
    )
    provider_message: str | None = column(
        "provider_message", description="The aggregator's own words, as it gave them."
    )
    request_id: str | None = column(
        "provider_request_id", description="The aggregator's id of the request."
    )
    message: str | None = column(
        "status_code", "state", by=_message, description="Why it failed, in words; else null."
    )
    queued_at: datetime = column("queued_at", description="When it was asked for.")
    started_at: datetime | None = column("started_at", description="When it began to run.")
    finished_at: datetime | None = column("finished_at", description="When it ended.")
    revision: int = column("revision", description="Grows by one with every change.")


async def bank_link(info: Info, row_id: UUID) -> BankLink | None:
    """One login with the columns that the query selects."""
    return await load_one(info, BankLink, links_by_id, "bank_link.id", row_id)


async def refresh(info: Info, row_id: UUID) -> Refresh | None:
    """One pull with the columns that the query selects."""
    return await load_one(info, Refresh, refreshes_by_id, "refresh.id", row_id)


async def institution(info: Info, row_id: UUID) -> Institution | None:
    """One institution with the columns that the query selects."""
    return await load_one(info, Institution, institutions_by_id, "institution.id", row_id)


async def bank_links(info: Info, first: First = None, after: After = None) -> Connection[BankLink]:
    question = links(info.context.signed_in())
    return await connection(info, question, BankLink, requested(first, after))


async def institutions(
    info: Info,
    search: Annotated[
        str | None, strawberry.argument(description="A part of the name, at most 200 characters.")
    ] = None,
    country: Annotated[
        str | None,
        strawberry.argument(
            description=(
                "ISO 3166-1 code of two letters; without one, all countries that are set up. "
                "INVALID_INPUT where no aggregator offers its banks."
            )
        ),
    ] = None,
    first: First = None,
    after: After = None,
) -> Connection[Institution]:
    viewer, part_asked = info.context.signed_in(), requested(first, after)
    found = await find_institutions(
        viewer,
        info.context.services.registry,
        query=storable(search or "", limit=LONGEST_SEARCH),
        country=_country(country),
    )
    return await connection(info, queries.institutions(viewer, found), Institution, part_asked)


def _country(code: str | None) -> str | None:
    if code is None:
        return None
    chosen = code.upper()
    if len(chosen) != 2 or not chosen.isascii() or not chosen.isalpha():
        raise InvalidInput("A country is two letters, such as US.", field=("country",))
    return chosen


@strawberry.input(description="Which login to pull.")
class RefreshBankLinkInput:
    bank_link_id: strawberry.ID = strawberry.field(description="The login.")


@strawberry.type(description="The pull that is under way now.")
class RefreshBankLinkPayload:
    link_id: strawberry.Private[UUID | None] = None
    refresh_id: strawberry.Private[UUID | None] = None
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The login as it is now; null when nothing was done.")
    async def bank_link(self, info: Info) -> BankLink | None:
        return await bank_link(info, self.link_id) if self.link_id else None

    @strawberry.field(description="The pull: a new one, or the one that was under way already.")
    async def refresh(self, info: Info) -> Refresh | None:
        return await refresh(info, self.refresh_id) if self.refresh_id else None


@strawberry.type
class BankLinkMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Pull a login and all its accounts now. While a pull is under way, that one is given "
            "back. Needs the right BANKS."
        ),
    )
    async def refresh_bank_link(
        self,
        info: Info,
        input: Annotated[RefreshBankLinkInput, strawberry.argument(description="Which login.")],
    ) -> RefreshBankLinkPayload:
        viewer = info.context.signed_in()
        link_id = ids.decode(input.bank_link_id, "BankLink", field=("bank_link_id",))
        async with info.context.transaction() as uow:
            asked = await operations.request_refresh(uow, viewer, bank_link_id=link_id)
        return RefreshBankLinkPayload(link_id=link_id, refresh_id=asked.id)
