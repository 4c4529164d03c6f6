"""The schema: its roots, and how any object is found by its id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

import strawberry

from counterfoil.api import enums, ids
from counterfoil.api.account_questions import (
    AccountQuestion,
    AccountQuestionMutations,
    account_question,
    account_questions,
)
from counterfoil.api.acts import Act, act, acts
from counterfoil.api.audit_events import AuditEvent, audit_event, audit_events
from counterfoil.api.bank_account_edits import BankAccountMutations
from counterfoil.api.bank_account_table import bank_accounts
from counterfoil.api.bank_accounts import BankAccount, bank_account
from counterfoil.api.bank_changes import BankChangeMutations, review_items
from counterfoil.api.bank_links import (
    BankLink,
    BankLinkMutations,
    Institution,
    Refresh,
    bank_link,
    bank_links,
    institution,
    institutions,
    refresh,
)
from counterfoil.api.bank_transactions import BankTransaction, bank_transaction
from counterfoil.api.booking_edits import BookingMutations
from counterfoil.api.books import Books, BooksMutations, books
from counterfoil.api.changes import ChangeConnection, changes, changes_head
from counterfoil.api.context import Info
from counterfoil.api.deleting import DeletionMutations, DeletionPreview
from counterfoil.api.deleting import preview as deletion_preview
from counterfoil.api.deletions import Deletion, deletion, deletions
from counterfoil.api.graphql_schema import make_schema
from counterfoil.api.hiding import HidingMutations
from counterfoil.api.journal_edits import JournalMutations
from counterfoil.api.journal_entries import (
    JournalEntry,
    JournalLine,
    journal_entries,
    journal_entry,
    journal_line,
)
from counterfoil.api.journal_imports import JournalImportMutations
from counterfoil.api.ledger import LedgerAccount, ledger_account, ledger_accounts
from counterfoil.api.ledger_edits import LedgerAccountMutations
from counterfoil.api.ledger_imports import LedgerImportMutations
from counterfoil.api.link_sessions import LinkSession, LinkSessionMutations, link_session
from counterfoil.api.matches import Match, match
from counterfoil.api.matching_edits import MatchingMutations
from counterfoil.api.node import Node
from counterfoil.api.pagination import Connection
from counterfoil.api.reconciliation import Reconciliation, open_journal_lines, reconciliation
from counterfoil.api.remarks import ReviewItem
from counterfoil.api.reports import TrialBalance, trial_balance
from counterfoil.api.review_edits import ReviewMutations
from counterfoil.api.scalars import Cursor
from counterfoil.api.subscriptions import Subscription
from counterfoil.api.suggestion_edits import SuggestionMutations
from counterfoil.api.tying import TyingMutations
from counterfoil.api.tying_previews import TyingPreview, preview
from counterfoil.api.undo_edits import UndoMutations, UndoPreview, undo_preview
from counterfoil.api.viewers import Organization, User, Viewer, organization, user

__all__ = ["enums", "schema"]

Id = Annotated[strawberry.ID, strawberry.argument(description="The object's id.")]

_BY_TYPE: Mapping[str, Callable[[Info, UUID], Awaitable[Any]]] = {
    "AccountQuestion": account_question,
    "Act": act,
    "AuditEvent": audit_event,
    "BankAccount": bank_account,
    "BankLink": bank_link,
    "BankTransaction": bank_transaction,
    "Deletion": deletion,
    "Institution": institution,
    "JournalEntry": journal_entry,
    "JournalLine": journal_line,
    "LedgerAccount": ledger_account,
    "LinkSession": link_session,
    "Match": match,
    "Organization": organization,
    "Refresh": refresh,
    "User": user,
}


async def _found(info: Info, value: str, *type_names: str) -> Any:
    """The object with this id, if it is of one of these types and the viewer sees it."""
    info.context.signed_in()
    parsed = ids.parse(value)
    if parsed is None or parsed[0] not in (type_names or _BY_TYPE):
        return None
    return await _BY_TYPE[parsed[0]](info, parsed[1])


async def read_node(info: Info, of: str, row_id: UUID) -> Node | None:
    """The object of this GraphQL type with the columns that the query selects; None if no node."""
    read = _BY_TYPE.get(of)
    found: Node | None = await read(info, row_id) if read else None
    return found


@strawberry.type(description="What can be read.")
class Query:
    bank_accounts: Connection[BankAccount] = strawberry.field(
        resolver=bank_accounts, description="The table of linked accounts: all that are visible."
    )
    bank_links: Connection[BankLink] = strawberry.field(
        resolver=bank_links, description="All logins, by name."
    )
    institutions: Connection[Institution] = strawberry.field(
        resolver=institutions,
        description="Institutions that the aggregators list, by name. Needs the right BANKS.",
    )
    ledger_accounts: Connection[LedgerAccount] = strawberry.field(
        resolver=ledger_accounts, description="The chart of accounts."
    )
    journal_entries: Connection[JournalEntry] = strawberry.field(
        resolver=journal_entries, description="The journal, newest first; drafts too."
    )
    trial_balance: TrialBalance = strawberry.field(
        resolver=trial_balance, description="What all accounts hold, in the base currency."
    )
    books: Books = strawberry.field(
        resolver=books, description="What holds for all books of the company."
    )

    account_questions: Connection[AccountQuestion] = strawberry.field(
        resolver=account_questions,
        description=(
            "New accounts that may be ones that were here before, and that nobody has told of yet."
        ),
    )
    reconciliation: Reconciliation | None = strawberry.field(
        resolver=reconciliation,
        description="How far an account is; null when the viewer sees no such account.",
    )
    tying_preview: TyingPreview | None = strawberry.field(
        resolver=preview,
        description=(
            "What it would mean to keep a bank account in a ledger account from a day on; null "
            "unless the viewer sees both."
        ),
    )
    open_journal_lines: Connection[JournalLine] = strawberry.field(
        resolver=open_journal_lines,
        description=(
            "Journal lines of a bank account's ledger account that are not cleared, or only in "
            "part, newest first: what its bank lines can be matched with."
        ),
    )
    acts: Connection[Act] = strawberry.field(
        resolver=acts, description="What was done in the books, newest first."
    )
    review_items: Connection[ReviewItem] = strawberry.field(
        resolver=review_items,
        description=(
            "Booked lines of all accounts that the bank changed or withdrew, newest first; those "
            "that wait for a decision unless told otherwise."
        ),
    )
    undo_preview: UndoPreview | None = strawberry.field(
        resolver=undo_preview,
        description="What undoing an act would do now; null when the viewer sees no such act.",
    )
    deletion_preview: DeletionPreview | None = strawberry.field(
        resolver=deletion_preview,
        description=(
            "What deleting accounts, or a login, would do now; null unless the viewer sees all of "
            "it. Needs the right BANKS."
        ),
    )
    deletions: Connection[Deletion] = strawberry.field(
        resolver=deletions, description="The receipts of deletions, newest first."
    )
    audit_events: Connection[AuditEvent] = strawberry.field(
        resolver=audit_events, description="The audit log, newest first."
    )

    changes: ChangeConnection = strawberry.field(
        resolver=changes, description="What changed, in the order of commits, oldest first."
    )
    changes_head: Cursor = strawberry.field(
        resolver=changes_head,
        description="The place behind all changes so far: read everything, then go on from here.",
    )

    @strawberry.field(description="Who asks, and what they may do.")
    def viewer(self, info: Info) -> Viewer:
        info.context.signed_in()
        return Viewer()

    @strawberry.field(description="Any object by its id; null when the viewer sees none.")
    async def node(self, info: Info, id: Id) -> Node | None:
        found: Node | None = await _found(info, id)
        return found

    @strawberry.field(description="One bank account; null when the viewer sees none.")
    async def bank_account(self, info: Info, id: Id) -> BankAccount | None:
        found: BankAccount | None = await _found(info, id, "BankAccount")
        return found

    @strawberry.field(description="One login; null when the viewer sees none.")
    async def bank_link(self, info: Info, id: Id) -> BankLink | None:
        found: BankLink | None = await _found(info, id, "BankLink")
        return found

    @strawberry.field(description="One pull; null when the viewer sees none.")
    async def refresh(self, info: Info, id: Id) -> Refresh | None:
        found: Refresh | None = await _found(info, id, "Refresh")
        return found

    @strawberry.field(description="One of the viewer's attempts to link; else null.")
    async def link_session(self, info: Info, id: Id) -> LinkSession | None:
        found: LinkSession | None = await _found(info, id, "LinkSession")
        return found

    @strawberry.field(description="One act; null when the viewer sees none.")
    async def act(self, info: Info, id: Id) -> Act | None:
        found: Act | None = await _found(info, id, "Act")
        return found

    @strawberry.field(description="One match; null when the viewer sees none, or it was undone.")
    async def match(self, info: Info, id: Id) -> Match | None:
        found: Match | None = await _found(info, id, "Match")
        return found

    @strawberry.field(description="One ledger account; null when the viewer sees none.")
    async def ledger_account(self, info: Info, id: Id) -> LedgerAccount | None:
        found: LedgerAccount | None = await _found(info, id, "LedgerAccount")
        return found

    @strawberry.field(description="One journal entry; null when the viewer sees none.")
    async def journal_entry(self, info: Info, id: Id) -> JournalEntry | None:
        found: JournalEntry | None = await _found(info, id, "JournalEntry")
        return found

    @strawberry.field(description="One transaction; null when the viewer sees none.")
    async def bank_transaction(self, info: Info, id: Id) -> BankTransaction | None:
        found: BankTransaction | None = await _found(info, id, "BankTransaction")
        return found


@strawberry.type(
    description=(
        "What can be done. Each answers the changed object and `errors`; if `errors` is not "
        "empty, nothing was done."
    )
)
class Mutation(
    BankLinkMutations,
    BankAccountMutations,
    HidingMutations,
    AccountQuestionMutations,
    TyingMutations,
    DeletionMutations,
    LinkSessionMutations,
    BookingMutations,
    MatchingMutations,
    ReviewMutations,
    BankChangeMutations,
    SuggestionMutations,
    UndoMutations,
    LedgerAccountMutations,
    LedgerImportMutations,
    JournalMutations,
    JournalImportMutations,
    BooksMutations,
):
    pass


schema = make_schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[
        AccountQuestion,
        Act,
        AuditEvent,
        BankAccount,
        BankLink,
        BankTransaction,
        Deletion,
        Institution,
        JournalEntry,
        JournalLine,
        LedgerAccount,
        LinkSession,
        Match,
        Organization,
        Refresh,
        User,
    ],
)
