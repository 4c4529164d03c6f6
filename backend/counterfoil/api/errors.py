"""The one place where errors of the rooms become what a mutation answers.

A mutation is declared with `extensions=[UserErrors()]`; its resolver lets errors pass. Errors in
queries, and those that concern the whole request, are in `counterfoil.api.refusals`.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver
from strawberry.utils.str_converters import to_camel_case

from counterfoil.api.actors import Actor, actor
from counterfoil.api.context import Info
from counterfoil.api.loaders import load_several
from counterfoil.api.node import Node
from counterfoil.api.permissions import Right
from counterfoil.errors import Conflict, CounterfoilError
from counterfoil.ledger.importing import JournalEntryDiffers
from counterfoil.ledger.journal import lines_by_id
from counterfoil.ledger.locks import PeriodLocked
from counterfoil.links.deletion_preview import DeletionPreview as Previewed
from counterfoil.links.removing import DeletionOutdated
from counterfoil.reconciliation.duplicates import PossibleDuplicate
from counterfoil.reconciliation.lines import AlreadyReconciled
from counterfoil.viewer import Forbidden

if TYPE_CHECKING:
    from counterfoil.api.deleting import DeletionPreview
    from counterfoil.api.journal_entries import JournalLine


def _code(name: str, meaning: str) -> Any:
    return strawberry.enum_value(name, description=meaning)


@strawberry.enum(
    description=(
        "What went wrong, for machines. Open: codes may be added; treat one that you do not know "
        "by its `message` and `retryable`. docs/errors.md has the remedy of each."
    )
)
class ErrorCode(enum.Enum):
    INVALID_INPUT = _code("INVALID_INPUT", "A value breaks a stated bound; see `field`.")
    NOT_FOUND = _code("NOT_FOUND", "There is nothing with this id that the viewer may see.")
    FORBIDDEN = _code("FORBIDDEN", "The viewer lacks a right, which is named.")
    CONFLICT = _code("CONFLICT", "The object changed since `expectedRevision` was read.")
    CURRENCY_MISMATCH = _code("CURRENCY_MISMATCH", "The ledger account keeps another currency.")
    LEDGER_ACCOUNT_TAKEN = _code(
        "LEDGER_ACCOUNT_TAKEN", "Another bank account has this ledger account."
    )
    LEDGER_ACCOUNT_UNSUITABLE = _code(
        "LEDGER_ACCOUNT_UNSUITABLE", "No bank account can have a ledger account of this kind."
    )
    LEDGER_NUMBER_TAKEN = _code("LEDGER_NUMBER_TAKEN", "Another ledger account has this number.")
    EXTERNAL_ID_TAKEN = _code(
        "EXTERNAL_ID_TAKEN", "Another object of the same kind has this external id."
    )
    LEDGER_ACCOUNT_IN_USE = _code(
        "LEDGER_ACCOUNT_IN_USE", "What hangs on the ledger account does not allow the change."
    )
    LEDGER_ACCOUNT_INACTIVE = _code(
        "LEDGER_ACCOUNT_INACTIVE", "Nothing more is posted to the ledger account."
    )
    JOURNAL_ENTRY_UNBALANCED = _code(
        "JOURNAL_ENTRY_UNBALANCED", "Debits and credits of the entry differ."
    )
    JOURNAL_ENTRY_POSTED = _code(
        "JOURNAL_ENTRY_POSTED", "Of a posted entry only memo and contact change."
    )
    JOURNAL_ENTRY_DIFFERS = _code(
        "JOURNAL_ENTRY_DIFFERS", "An entry is posted under this external id, and not the same."
    )
    JOURNAL_ENTRY_REVERSED = _code(
        "JOURNAL_ENTRY_REVERSED", "Another entry takes this one back already."
    )
    RATE_MISSING = _code(
        "RATE_MISSING", "Nobody said what a foreign currency is worth in the base currency."
    )
    PERIOD_LOCKED = _code("PERIOD_LOCKED", "The books are locked up to the date, or beyond.")
    NOT_BOOKABLE = _code(
        "NOT_BOOKABLE", "The line cannot be booked or matched as it stands; the message says why."
    )
    ALREADY_RECONCILED = _code(
        "ALREADY_RECONCILED", "Somebody reconciled the bank line before; `by` and `at` say who."
    )
    MATCH_UNBALANCED = _code(
        "MATCH_UNBALANCED", "Bank items and journal items add up to different sums."
    )
    MATCH_TOO_MUCH = _code("MATCH_TOO_MUCH", "An item gives more than what is open of its line.")
    TRANSFER_UNBALANCED = _code(
        "TRANSFER_UNBALANCED", "What left one account is not what reached the other, less the fees."
    )
    POSSIBLE_DUPLICATE = _code(
        "POSSIBLE_DUPLICATE", "The line may already be booked as another entry, which is named."
    )
    SUGGESTION_OUTDATED = _code(
        "SUGGESTION_OUTDATED", "What was suggested for the line is no longer suggested."
    )
    BULK_REFUSED = _code("BULK_REFUSED", "Another row was refused, and all or none were asked for.")
    WRITE_OFF_TOO_LARGE = _code(
        "WRITE_OFF_TOO_LARGE", "More is left than the organization lets anybody write off."
    )
    LINES_WAITING = _code(
        "LINES_WAITING", "Lines wait for review in the account, and no reason was given."
    )
    ACCOUNT_BOOKED = _code(
        "ACCOUNT_BOOKED", "The new account is tied to the books, so that it can become no other."
    )
    NOT_UNDOABLE = _code("NOT_UNDOABLE", "The act cannot be undone; the message says why.")
    PREVIEW_OUTDATED = _code(
        "PREVIEW_OUTDATED", "It would do something else by now than its preview said."
    )
    ALREADY_DECIDED = _code(
        "ALREADY_DECIDED", "Somebody decided before, or what was to be decided is another by now."
    )
    STARTING_BALANCE_DIFFERS = _code(
        "STARTING_BALANCE_DIFFERS", "At the start, books and bank differ by what nobody takes."
    )
    START_TOO_EARLY = _code("START_TOO_EARLY", "Lines after that day are reconciled already.")
    START_LEAVES_LINES = _code(
        "START_LEAVES_LINES", "Lines up to that day are still to be reconciled."
    )
    PREDECESSOR_UNSUITABLE = _code(
        "PREDECESSOR_UNSUITABLE", "The bank account that is to be replaced is not, or not yet."
    )
    IDEMPOTENCY_KEY_REUSED = _code(
        "IDEMPOTENCY_KEY_REUSED", "The key was used before, with other input."
    )
    IN_PROGRESS = _code("IN_PROGRESS", "The first call with this key is still running.")
    RATE_LIMITED = _code("RATE_LIMITED", "Too often; `retryAt` says when to come back.")
    LINK_SESSION_ENDED = _code("LINK_SESSION_ENDED", "This attempt to link is over.")
    AGGREGATOR_UNAVAILABLE = _code(
        "AGGREGATOR_UNAVAILABLE", "The service that reads the bank does not answer."
    )
    NOT_SET_UP = _code("NOT_SET_UP", "An administrator has to set something up first.")
    CURSOR_MISMATCH = _code(
        "CURSOR_MISMATCH", "The cursor was given for another `where`, `orderBy` or list."
    )
    CURSOR_EXPIRED = _code("CURSOR_EXPIRED", "The cursor is older than what is kept.")


@strawberry.interface(
    description=(
        "Why a mutation did nothing. If `errors` is not empty, nothing was changed; in bulk, "
        "nothing of that row."
    )
)
class UserError:
    code: ErrorCode = strawberry.field(description="What went wrong, for machines.")
    message: str = strawberry.field(
        description="What happened and what to do, in words for the person."
    )
    field: list[str] | None = strawberry.field(
        description=(
            "The path to the value in question, from below `input`; list indexes as strings. "
            "Null when it is about no single value."
        )
    )
    retryable: bool = strawberry.field(
        description="Whether the same call may succeed later, unchanged."
    )


@strawberry.type(description="An error with nothing to add.")
class SimpleError(UserError):
    pass


@strawberry.type(
    description="Somebody changed the object since it was read, or was faster to reconcile it."
)
class ConflictError(UserError):
    of: strawberry.Private[str]
    object_id: strawberry.Private[UUID]
    by: Actor | None = strawberry.field(description="Who did it; null when nobody knows.")
    at: datetime | None = strawberry.field(description="When; null when nobody knows.")

    @strawberry.field(description="The object as it is now; null when the viewer sees it no more.")
    async def current(self, info: Info) -> Node | None:
        return await info.context.services.read_node(info, self.of, self.object_id)


@strawberry.type(description="The same call may succeed later.")
class RetryLaterError(UserError):
    retry_at: datetime | None = strawberry.field(
        description="Not before this moment; null when nobody knows."
    )


@strawberry.type(description="The viewer lacks a right.")
class ForbiddenError(UserError):
    right: Right = strawberry.field(description="The right that it takes.")


@strawberry.type(
    description=(
        "The bank line may be in the books already: match it with one of the candidates, or say "
        "in `duplicateReason` why it is something else."
    )
)
class PossibleDuplicateError(UserError):
    journal_line_ids: strawberry.Private[tuple[UUID, ...]]

    @strawberry.field(description="What it may be booked as, the nearest in time first.")
    async def candidates(
        self, info: Info
    ) -> list[Annotated[JournalLine, strawberry.lazy("counterfoil.api.journal_entries")]]:
        from counterfoil.api.journal_entries import JournalLine

        key = "journal_line.id"
        return await load_several(info, JournalLine, lines_by_id, key, self.journal_line_ids)


@strawberry.type(description="The books are locked up to a date, or beyond.")
class PeriodLockedError(UserError):
    locked_up_to: date = strawberry.field(description="The last day that is locked.")
    hard: bool = strawberry.field(
        description="Whether nobody can post there; else the right LOCK is enough."
    )


@strawberry.type(
    description="An entry of another system is posted here, and not as that system has it now."
)
class JournalEntryDiffersError(UserError):
    journal_entry_id: strawberry.Private[UUID]
    differs: list[str] = strawberry.field(
        description="Paths below the row of what is not the same: `postedOn`, `lines.0.amount`."
    )

    @strawberry.field(description="The entry as it is posted.")
    async def current(self, info: Info) -> Node | None:
        return await info.context.services.read_node(info, "JournalEntry", self.journal_entry_id)


@strawberry.type(
    description="Deleting would do something else by now than its preview said: nothing was done."
)
class DeletionOutdatedError(UserError):
    found: strawberry.Private[Previewed]

    @strawberry.field(description="What it would do now, with the token for it.")
    def preview(
        self,
    ) -> Annotated[DeletionPreview, strawberry.lazy("counterfoil.api.deleting")]:
        from counterfoil.api.deleting import shown

        return shown(self.found)


USER_ERRORS = (
    SimpleError,
    ConflictError,
    RetryLaterError,
    ForbiddenError,
    PossibleDuplicateError,
    PeriodLockedError,
    JournalEntryDiffersError,
    DeletionOutdatedError,
)
"""The kinds of `UserError`, for the schema."""


def camel_path(path: tuple[str, ...]) -> list[str] | None:
    """A path of the rooms as the client names it; None when there is none."""
    return [to_camel_case(part) for part in path] or None


def user_error(error: CounterfoilError) -> UserError:
    """An error of the rooms for the client.

    Raises:
        KeyError: its code is not in `ErrorCode`, so that clients could not know it.
    """
    common: dict[str, Any] = {
        "code": ErrorCode[error.code],
        "message": str(error),
        "field": camel_path(error.field),
        "retryable": error.retryable,
    }
    retry_at: datetime | None = getattr(error, "retry_at", None)
    match error:
        case Conflict():
            object_id = UUID(str(error.object_id))
            return ConflictError(**common, of=error.of, object_id=object_id, by=None, at=None)
        case AlreadyReconciled(of=of, object_id=object_id, by=by, at=at):
            return ConflictError(**common, of=of, object_id=object_id, by=actor(by), at=at)
        case PossibleDuplicate(journal_line_ids=lines):
            return PossibleDuplicateError(**common, journal_line_ids=lines)
        case PeriodLocked(locked_up_to=locked_up_to, hard=hard):
            return PeriodLockedError(**common, locked_up_to=locked_up_to, hard=hard)
        case JournalEntryDiffers(journal_entry_id=entry_id, differs=paths):
            differs = [to_camel_case(path) for path in paths]
            return JournalEntryDiffersError(**common, journal_entry_id=entry_id, differs=differs)
        case DeletionOutdated(preview=found):
            return DeletionOutdatedError(**common, found=found)
        case Forbidden():
            return ForbiddenError(**common, right=error.right)
        case _ if error.retryable or retry_at is not None:
            return RetryLaterError(**common, retry_at=retry_at)
        case _:
            return SimpleError(**common)


class UserErrors(FieldExtension):
    """Answers `Payload(errors=[…])` where the resolver raised an error that clients know.

    Every payload therefore has a default for each of its other fields.
    """

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any
    ) -> Any:
        try:
            return await next_(source, info, **kwargs)
        except CounterfoilError as error:
            if error.code not in ErrorCode.__members__:
                raise
            payload: Any = info.return_type
            return payload(errors=[user_error(error)])
