"""Reads of linked accounts, logins, their refreshes and the attempts to make them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.identity.models import Organization
from counterfoil.kit.conditions import (
    ALWAYS,
    AllOf,
    Column,
    Compare,
    Condition,
    Kind,
    Operator,
    Parameters,
    columns_in,
    folded,
    to_sql,
)
from counterfoil.kit.keyset import Key, Question
from counterfoil.kit.table import Join, Row, Table
from counterfoil.ledger.models import LedgerAccount
from counterfoil.ledger.queries import IN_USE
from counterfoil.links.meanings import MEANINGS
from counterfoil.links.models import BankLink, Institution, LinkSession, LinkSessionState, Refresh
from counterfoil.links.status import LinkStatusCode
from counterfoil.viewer import Right, Viewer

BY_NAME = (Key("bank_account.name"),)
OPEN_SESSION = (
    LinkSessionState.STARTED.value,
    LinkSessionState.WAITING.value,
    LinkSessionState.DECIDING.value,
)


def _label_sql(code_sql: str) -> str:
    cases = " ".join(
        "WHEN '{}' THEN '{}'".format(code.value, meaning.label.replace("'", "''"))
        for code, meaning in MEANINGS.items()
    )
    return f"CASE {code_sql} {cases} END"


_NO_FEED = LinkStatusCode.MANUAL.value
_STATUS = f"COALESCE(bank_link.status_code, '{_NO_FEED}')"
_SHOWN = "shown.deleted_at IS NULL AND shown.hidden_at IS NULL"

_INSTITUTION = Join(
    "institution", Institution, "institution.id = bank_link.institution_id", ("bank_link",)
)
_UNDER_WAY = Join("under_way", Refresh, "under_way.under_way = bank_link.id", ("bank_link",))
_OF_LINK = {
    "bank_link.account_count": Column(
        "(SELECT count(*) FROM bank_account AS shown"  # noqa: S608
        f" WHERE shown.bank_link_id = bank_link.id AND {_SHOWN})",
        Kind.WHOLE,
        nullable=False,
    ),
}

LINKED_ACCOUNTS = Table(
    BankAccount,
    joins=(
        Join("bank_link", BankLink, "bank_link.id = bank_account.bank_link_id"),
        _INSTITUTION,
        _UNDER_WAY,
        Join("ledger_account", LedgerAccount, "ledger_account.id = bank_account.ledger_account_id"),
        Join("organization", Organization, "organization.id = bank_account.organization_id"),
    ),
    computed={
        **_OF_LINK,
        **IN_USE,
        "bank_link.status_or_manual": Column(_STATUS, Kind.TEXT, nullable=False),
        "bank_link.status_label": Column(_label_sql(_STATUS), Kind.TEXT, nullable=False),
        "bank_account.balance_currency": Column(
            "CASE WHEN bank_account.current_minor IS NULL THEN NULL ELSE bank_account.currency END",
            Kind.TEXT,
            nullable=True,
        ),
        "bank_account.current_amount": Column(
            "bank_account.current_minor",
            Kind.WHOLE,
            nullable=True,
            exponent_sql="bank_account.exponent",
        ),
    },
)
"""Each bank account with its login, institution, the refresh under way, and ledger account."""

LINKS = Table(BankLink, joins=(_INSTITUTION, _UNDER_WAY), computed=_OF_LINK)
REFRESHES = Table(
    Refresh,
    joins=(
        Join("bank_link", BankLink, "bank_link.id = refresh.bank_link_id"),
        _INSTITUTION,
        _UNDER_WAY,
    ),
    computed=_OF_LINK,
)
SESSIONS = Table(
    LinkSession,
    joins=(
        Join(
            "bank_link",
            BankLink,
            "bank_link.id = link_session.bank_link_id AND bank_link.ended_at IS NULL",
        ),
        _INSTITUTION,
        _UNDER_WAY,
    ),
    computed=_OF_LINK,
)
INSTITUTIONS = Table(Institution)


def _owned(table: Table, viewer: Viewer) -> Condition:
    viewer.require(Right.READ)
    owner = table.column(f"{table.alias}.organization_id")
    return Compare(owner, Operator.EQ, viewer.organization_id)


def _living(table: Table, viewer: Viewer) -> Condition:
    """Of the viewer's organization, and of a login that has not ended."""
    return AllOf((_owned(table, viewer), _null(table, "bank_link.ended_at")))


def _null(table: Table, name: str) -> Condition:
    return Compare(table.column(name), Operator.IS_NULL, True)


def _among(table: Table, name: str, ids: Collection[UUID]) -> Condition:
    return Compare(table.column(name), Operator.IN, tuple(ids))


def visible_accounts(viewer: Viewer) -> Condition:
    """Accounts of the viewer's organization that are neither hidden nor deleted.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    return AllOf(
        (
            _owned(LINKED_ACCOUNTS, viewer),
            _null(LINKED_ACCOUNTS, "bank_account.deleted_at"),
            _null(LINKED_ACCOUNTS, "bank_account.hidden_at"),
        )
    )


def linked_accounts(
    viewer: Viewer,
    *,
    where: Condition = ALWAYS,
    order: Sequence[Key] = BY_NAME,
) -> Question:
    """The visible accounts as a question that `kit.keyset` answers in pages."""
    return Question(
        LINKED_ACCOUNTS,
        visible_accounts(viewer),
        where,
        tuple(order),
    )


async def _matching(
    table: Table, names: Collection[str], condition: Condition, *, tail: str = ""
) -> Sequence[Row]:
    parameters = Parameters()
    where = to_sql(condition, parameters)
    return await table.rows(
        names, using=list(columns_in(condition)), where=where, tail=tail, parameters=parameters
    )


async def accounts_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The visible accounts among `ids`, in no order."""
    chosen = _among(LINKED_ACCOUNTS, "bank_account.id", ids)
    return await _matching(LINKED_ACCOUNTS, names, AllOf((visible_accounts(viewer), chosen)))


async def accounts_by_link(
    viewer: Viewer, link_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The visible accounts of these logins, by name."""
    chosen = _among(LINKED_ACCOUNTS, "bank_account.bank_link_id", link_ids)
    condition = AllOf((visible_accounts(viewer), chosen))
    tail = f"ORDER BY {folded('bank_account.name')}, bank_account.id"
    return await _matching(LINKED_ACCOUNTS, names, condition, tail=tail)


async def accounts_by_ledger_account(
    viewer: Viewer, ledger_account_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The visible accounts that are kept in these ledger accounts: at most one for each."""
    chosen = _among(LINKED_ACCOUNTS, "bank_account.ledger_account_id", ledger_account_ids)
    return await _matching(LINKED_ACCOUNTS, names, AllOf((visible_accounts(viewer), chosen)))


def links(viewer: Viewer) -> Question:
    """All logins that have not ended, by name."""
    return Question(LINKS, _living(LINKS, viewer), order=(Key("bank_link.name"),))


async def links_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The logins among `ids` that have not ended, in no order."""
    chosen = _among(LINKS, "bank_link.id", ids)
    return await _matching(LINKS, names, AllOf((_living(LINKS, viewer), chosen)))


def refreshes(viewer: Viewer, bank_link_id: UUID) -> Question:
    """The pulls of one login, newest first; none once it has ended."""
    of_link = Compare(REFRESHES.column("refresh.bank_link_id"), Operator.EQ, bank_link_id)
    scope = AllOf((_living(REFRESHES, viewer), of_link))
    return Question(REFRESHES, scope, order=(Key("refresh.queued_at", descending=True),))


async def refreshes_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The pulls of living logins among `ids`, in no order."""
    chosen = _among(REFRESHES, "refresh.id", ids)
    return await _matching(REFRESHES, names, AllOf((_living(REFRESHES, viewer), chosen)))


def _own_sessions(viewer: Viewer) -> Condition:
    owner = Compare(SESSIONS.column("link_session.user_id"), Operator.EQ, viewer.user_id)
    return AllOf((_owned(SESSIONS, viewer), owner))


async def sessions_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The attempts among `ids` that this very viewer began, in no order."""
    chosen = _among(SESSIONS, "link_session.id", ids)
    return await _matching(SESSIONS, names, AllOf((_own_sessions(viewer), chosen)))


async def open_sessions(viewer: Viewer, names: Collection[str]) -> Sequence[Row]:
    """The viewer's own attempts that are not at an end, newest first."""
    state = Compare(SESSIONS.column("link_session.state"), Operator.IN, OPEN_SESSION)
    condition = AllOf((_own_sessions(viewer), state))
    tail = "ORDER BY link_session.created_at DESC, link_session.id DESC LIMIT 50"
    return await _matching(SESSIONS, names, condition, tail=tail)


def institutions(viewer: Viewer, ids: Collection[UUID]) -> Question:
    """These institutions, by name."""
    viewer.require(Right.READ)
    chosen = _among(INSTITUTIONS, "institution.id", sorted(ids))
    return Question(INSTITUTIONS, chosen, order=(Key("institution.name"),))


async def institutions_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The institutions among `ids`, which all organizations share."""
    viewer.require(Right.READ)
    return await _matching(INSTITUTIONS, names, _among(INSTITUTIONS, "institution.id", ids))


async def newest_refreshes(
    viewer: Viewer, link_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The newest pull of each of these logins that had one.

    The database looks for it once for each login, at the end of an index, and so reads no more
    however many pulls there have ever been.
    """
    parameters = Parameters()
    where = to_sql(_owned(REFRESHES, viewer), parameters)
    chosen = to_sql(_among(LINKS, "bank_link.id", link_ids), parameters)
    newest = (
        "SELECT (SELECT last.id FROM refresh AS last WHERE last.bank_link_id = bank_link.id"  # noqa: S608
        " ORDER BY last.queued_at DESC, last.id DESC LIMIT 1)"
        f" FROM bank_link WHERE {chosen} AND bank_link.ended_at IS NULL"
    )
    return await REFRESHES.rows(
        {*names, "refresh.id", "refresh.revision"},
        where=f"{where} AND refresh.id IN ({newest})",
        parameters=parameters,
    )
