"""What every mutation answers that is an act in the books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from counterfoil.api.acts import Act, act
from counterfoil.api.bank_transactions import BankTransaction
from counterfoil.api.context import Info
from counterfoil.api.errors import UserError
from counterfoil.api.loaders import load_one, load_several
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.models import Act as ActRow
from counterfoil.reconciliation.queries import entries_by_act
from counterfoil.transactions.queries import transactions_by_id

if TYPE_CHECKING:
    from counterfoil.api.journal_entries import JournalEntry

IDEMPOTENCY_KEY = (
    "8 to 128 printable characters of the client's own for this very request, kept for ever: sent "
    "again it does nothing twice."
)
EXPECTED_REVISION = "The revision that the change is based on; an older one is a conflict."


@strawberry.type
class ActPayload:
    done: strawberry.Private[ActRow | None] = None
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="What was done; null when nothing was.")
    async def act(self, info: Info) -> Act | None:
        return await act(info, self.done.id) if self.done else None

    @strawberry.field(description="The bank lines that it changed, as they are now.")
    async def bank_transactions(self, info: Info) -> list[BankTransaction]:
        named = self.done.details.get("bank_transaction_ids", ()) if self.done else ()
        key = "bank_transaction.id"
        return await load_several(
            info, BankTransaction, transactions_by_id, key, [UUID(each) for each in named]
        )

    @strawberry.field(description="The entry that it made, as it is now; null when it made none.")
    async def journal_entry(
        self, info: Info
    ) -> Annotated[JournalEntry, strawberry.lazy("counterfoil.api.journal_entries")] | None:
        from counterfoil.api.journal_entries import JournalEntry

        if self.done is None:
            return None
        key = "journal_entry.act_id"
        return await load_one(info, JournalEntry, entries_by_act, key, self.done.id)

    @strawberry.field(description="Whether this key was used before: nothing was done again.")
    def replayed(self) -> bool:
        return self.done is not None and self.done.replayed


def key_of(operation: str, input: Any) -> Key:
    """The key of a call of `operation`, which covers its whole input."""
    return Key(operation, input.idempotency_key, strawberry.asdict(input))
