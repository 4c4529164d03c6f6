"""How an attempt on Plaid's hosted page stands, read from /link/token/get. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from counterfoil.aggregators.plaid.reading import (
    Document,
    document_of,
    each,
    identifier,
    member,
    member_or_none,
    moment_or_none,
    text,
    text_or_none,
)
from counterfoil.aggregators.plaid.translate import account_name, account_number, account_type
from counterfoil.aggregators.port import (
    Found,
    FoundAccount,
    GrantSecret,
    InstitutionSnapshot,
    Left,
    Repaired,
    Waiting,
)
from counterfoil.kit.text import clean, clean_or_none

_CLOSED = "The sign-in page was closed before it was finished."
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def outcome(document: Document) -> Waiting | Left | Found | Repaired:
    """What became of the sessions of a link token.

    A person may open the page more than once: a success in any session counts, else the latest
    one. A token without products was made for update mode, where ids and grant stay.

    Raises:
        Malformed: the answer is not well formed.
    """
    repairing = not member(document, "metadata").get("initial_products")
    sessions = each(document, "link_sessions", lambda session: session)
    for session in sessions:
        added = _added(session)
        if added is not None or _succeeded(session):
            return Repaired() if repairing or added is None else _found(added)
    latest = max(sessions, key=_started, default=None)
    return Waiting() if latest is None or not _finished(latest) else _left(latest)


def _started(session: Document) -> datetime:
    return moment_or_none(session, "started_at") or _BEGINNING


def _finished(session: Document) -> bool:
    return moment_or_none(session, "finished_at") is not None


def _added(session: Document) -> Document | None:
    """The first login that a session added; we ask for no more than one."""
    results = member_or_none(session, "results")
    if results is None:
        return None
    return next(iter(each(results, "item_add_results", lambda added: added)), None)


def _succeeded(session: Document) -> bool:
    """Finished without an exit, which is how a session in update mode succeeds."""
    return _finished(session) and _exit(session) is None


def _exit(session: Document) -> Document | None:
    return member_or_none(session, "exit") or member_or_none(session, "on_exit")


def _left(session: Document) -> Left:
    error = member_or_none(_exit(session) or {}, "error")
    if error is None:
        return Left(None, _CLOSED)
    words = text_or_none(error, "display_message") or text_or_none(error, "error_message")
    code = clean_or_none(text_or_none(error, "error_code"), limit=120)
    return Left(code, clean_or_none(words, limit=500) or _CLOSED)


def _found(added: Document) -> Found:
    institution = document_of(added.get("institution"), "institution")
    return Found(
        InstitutionSnapshot(
            identifier(institution, "institution_id"), clean(text(institution, "name"), limit=200)
        ),
        each(added, "accounts", _found_account),
        GrantSecret(identifier(added, "public_token")),
    )


def _found_account(document: Document) -> FoundAccount:
    return FoundAccount(
        identifier(document, "id"),
        account_name(document),
        account_number(document),
        account_type(document),
    )
