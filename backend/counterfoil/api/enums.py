"""The words of the rooms as GraphQL enums; each says whether it may grow."""

from __future__ import annotations

from enum import Enum, StrEnum

import strawberry

from counterfoil.accounts.models import FeedState
from counterfoil.aggregators.port import AccountType, LinkPurpose
from counterfoil.ledger.models import EntrySource, LedgerAccountType, RateSource
from counterfoil.ledger.models import EntryState as JournalEntryState
from counterfoil.links.guarding import Choice
from counterfoil.links.models import (
    LinkClient,
    LinkSessionState,
    RefreshPhase,
    RefreshState,
    RefreshTrigger,
)
from counterfoil.links.status import (
    LinkActivity,
    LinkStatusCode,
    Severity,
    StatusAction,
    StatusActor,
)
from counterfoil.reconciliation.models import ActKind
from counterfoil.reconciliation.suggest import ReasonCode, SuggestionKind
from counterfoil.reconciliation.undo_steps import EffectKind
from counterfoil.transactions.deciding import Resolution as ReviewResolution
from counterfoil.transactions.models import ReviewKind
from counterfoil.transactions.states import BankTransactionState
from counterfoil.unit_of_work import ChangeKind, ChangeType
from counterfoil.viewer import ActorKind

__all__ = [
    "AccountType",
    "ActKind",
    "ActorKind",
    "BalanceKind",
    "BankTransactionState",
    "ChangeKind",
    "ChangeType",
    "Choice",
    "EffectKind",
    "EntrySource",
    "FeedState",
    "JournalEntryState",
    "LedgerAccountType",
    "LinkActivity",
    "LinkClient",
    "LinkPurpose",
    "LinkSessionState",
    "LinkStatusCode",
    "OrderDirection",
    "RateSource",
    "ReasonCode",
    "RefreshPhase",
    "RefreshState",
    "RefreshTrigger",
    "ReviewKind",
    "ReviewResolution",
    "Severity",
    "StatusAction",
    "StatusActor",
    "SuggestionKind",
]
"""Import them from here wherever a GraphQL type names them: then they are described first."""

_OPEN = "Open: values may be added; "
_CLOSED = "Closed: there will be no other value."


@strawberry.enum(description=f"Which way a list is ordered. {_CLOSED}")
class OrderDirection(Enum):
    ASC = "ASC"
    DESC = "DESC"


@strawberry.enum(
    description=(
        "How to read a balance. HELD: + is the company's money. OWED: a card or loan, where − is "
        f"what the company owes. {_CLOSED}"
    )
)
class BalanceKind(StrEnum):
    HELD = "HELD"
    OWED = "OWED"


_WORDS: tuple[tuple[type[Enum], str, str], ...] = (
    (
        AccountType,
        "BankAccountType",
        f"What kind of account it is at the bank. {_OPEN}treat an unknown one as OTHER.",
    ),
    (
        LinkStatusCode,
        "LinkStatusCode",
        (
            "The last settled health of a login; a refresh under way does not change it. "
            f"{_OPEN}`severity`, `label` and `detail` are enough to draw an unknown one."
        ),
    ),
    (
        LinkActivity,
        "LinkActivity",
        f"What goes on beside the status. {_OPEN}treat an unknown one as RUNNING.",
    ),
    (
        Severity,
        "Severity",
        (
            "How loudly a status speaks; ACTION: somebody must do something now. "
            f"{_OPEN}treat an unknown one as WARNING."
        ),
    ),
    (
        StatusAction,
        "StatusAction",
        f"What the one button of a status does. {_OPEN}draw no button for an unknown one.",
    ),
    (
        StatusActor,
        "StatusActor",
        f"Who must act for the status to get better. {_OPEN}treat an unknown one as NOBODY.",
    ),
    (
        RefreshTrigger,
        "RefreshTrigger",
        f"Who or what asked for a pull. {_OPEN}show an unknown one by its name.",
    ),
    (
        RefreshState,
        "RefreshState",
        f"QUEUED and RUNNING are under way, DONE and FAILED are ends. {_CLOSED}",
    ),
    (
        RefreshPhase,
        "RefreshPhase",
        f"What a running pull is at. {_OPEN}treat an unknown one as somewhere in the middle.",
    ),
    (
        FeedState,
        "AccountFeedState",
        (
            "What the bank says of one account, beside the health of its login. "
            f"{_OPEN}treat an unknown one as OPEN."
        ),
    ),
    (
        LinkSessionState,
        "LinkSessionState",
        (
            "STARTED, WAITING and DECIDING are open; the others are ends. DECIDING: the person "
            "signed in, and is asked something. "
            f"{_OPEN}`step` says what to do whatever the state is called."
        ),
    ),
    (
        LinkPurpose,
        "LinkMode",
        (
            "What an attempt is for: a new login, the repair of one, or more accounts of one. "
            f"{_OPEN}show an unknown one as ADD."
        ),
    ),
    (
        Choice,
        "LinkChoice",
        (
            "What a login is that looks like a linked one. FIX: that one, signed in to anew. "
            "ADD_ACCOUNTS: that one, with more accounts. ANOTHER: a login of its own. "
            f"{_OPEN}offer only those that you know."
        ),
    ),
    (
        LinkClient,
        "LinkClient",
        (
            "What the person sits at; it decides how the bank's page comes back. "
            f"{_OPEN}it is only ever given by clients."
        ),
    ),
    (LedgerAccountType, "LedgerAccountType", f"The five kinds of accounts of the books. {_CLOSED}"),
    (
        BankTransactionState,
        "BankTransactionState",
        (
            "Where a line of a bank stands on its way into the books. PENDING: not posted by the "
            "bank yet. UNDECIDED: the bank changed or withdrew it after it was booked. EXCLUDED: "
            "taken out of review, with a reason. RECONCILED: its matches add up to its amount. "
            "HISTORY: dated up to the start of its account, or that has none yet. TO_CHECK: "
            "somebody wants to look again. REVIEW: to be booked or matched; partly reconciled "
            f"lines are among these. {_OPEN}treat an unknown one as REVIEW."
        ),
    ),
    (
        ReviewKind,
        "ReviewKind",
        (
            "What the bank did to a line after it was booked. "
            f"{_OPEN}show an unknown one as CHANGED."
        ),
    ),
    (
        ReviewResolution,
        "ReviewResolution",
        (
            "How a review item ended. REVERTED: the bank says again what is booked. REPLACED: it "
            "said something else. UNMATCHED: the match was undone. The others are what somebody "
            f"decided. {_OPEN}show an unknown one by its name."
        ),
    ),
    (
        ActKind,
        "ActKind",
        (
            "What was done in the books. BULK: several at once, which are its parts. POST: an "
            "entry was posted by hand. DECIDE: about a line that the bank changed after it was "
            f"booked. {_OPEN}show an unknown one by its name."
        ),
    ),
    (
        JournalEntryState,
        "JournalEntryState",
        f"DRAFT: it has no number and counts nowhere. POSTED: it never changes. {_CLOSED}",
    ),
    (
        EntrySource,
        "EntrySource",
        (
            "Where an entry came from: a person typed it, a rule made it, it was booked from a "
            f"bank line, another system sent it. {_OPEN}show an unknown one by its name."
        ),
    ),
    (
        RateSource,
        "RateSource",
        (
            "Who says what a rate is: the two amounts of a bank, a person, another system. "
            f"{_OPEN}show an unknown one by its name."
        ),
    ),
    (
        SuggestionKind,
        "SuggestionKind",
        (
            "What a suggestion proposes: to match what is booked, to book as similar lines were, "
            "to book a transfer, or to book as somebody prepared. "
            f"{_OPEN}show an unknown one by its reasons, and accept it like any other."
        ),
    ),
    (
        ReasonCode,
        "SuggestionReasonCode",
        f"What speaks for a suggestion. {_OPEN}`text` says what an unknown one means.",
    ),
    (
        EffectKind,
        "UndoEffectKind",
        f"What undoing an act does to the books. {_OPEN}`text` says what an unknown one does.",
    ),
    (
        ActorKind,
        "ActorKind",
        (
            "USER: a person. SYSTEM: the product itself. OPERATOR: who runs the server, at its "
            f"command line. {_OPEN}show an unknown one by its `name`."
        ),
    ),
    (
        ChangeKind,
        "ChangeKind",
        f"UPSERTED: read the object again. GONE: forget it. {_CLOSED}",
    ),
    (
        ChangeType,
        "ChangeType",
        f"Which type of object changed. {_OPEN}ignore changes of types that you do not know.",
    ),
)

for _enum, _name, _description in _WORDS:
    strawberry.enum(_enum, name=_name, description=_description)
