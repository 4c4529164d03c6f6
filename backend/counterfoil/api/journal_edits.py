"""What people do with journal entries by hand: write, post, change, discard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from counterfoil.api import ids
from counterfoil.api.act_payload import EXPECTED_REVISION, IDEMPOTENCY_KEY, ActPayload, key_of
from counterfoil.api.context import Info
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.api.given import EntryRateInput, rates_of
from counterfoil.api.journal_entries import JournalEntry, journal_entry
from counterfoil.api.scalars import CurrencyCode
from counterfoil.kit.unset import UNSET as LEFT_OUT
from counterfoil.ledger import entries
from counterfoil.ledger.drafting import EntryDraft, EntryEdit, LineDraft
from counterfoil.ledger.given import AccountRef, GivenLine, known_accounts, line_drafts
from counterfoil.reconciliation.posting_entries import post_draft_by_hand, post_entry_by_hand
from counterfoil.viewer import Right, Viewer


@strawberry.input(description="A debit (+) or credit (−).")
class JournalLineInput:
    ledger_account_id: strawberry.ID = strawberry.field(description="On which account.")
    amount: Decimal = strawberry.field(description="In units of its currency: + debit, − credit.")
    currency: CurrencyCode | None = strawberry.field(
        default=None, description="Left out: the ledger account's own, else the base currency."
    )
    base_amount: Decimal | None = strawberry.field(
        default=None,
        description="The same in the base currency; left out, it follows from the rate.",
    )
    memo: str | None = strawberry.field(
        default=None, description="What it is, at most 500 characters."
    )


async def drafts_of(viewer: Viewer, given: Sequence[JournalLineInput]) -> list[LineDraft]:
    """The lines that a client gives, in minor units.

    Raises:
        Forbidden: the viewer may not code. NotFound, InvalidInput: with the path to the value.
    """
    viewer.require(Right.CODE)
    lines = [
        GivenLine(
            account=AccountRef(id=_account_id(line, place)),
            amount=line.amount,
            currency=line.currency,
            base_amount=line.base_amount,
            memo=line.memo,
        )
        for place, line in enumerate(given)
    ]
    known = await known_accounts(viewer, [line.account for line in lines])
    return line_drafts(lines, known, account="ledger_account_id")


def _account_id(line: JournalLineInput, place: int) -> UUID:
    field = ("lines", str(place), "ledger_account_id")
    return ids.decode(line.ledger_account_id, "LedgerAccount", field=field)


@strawberry.input(description="An entry: what it is, and its lines.")
class CreateJournalEntryInput:
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    posted_on: date = strawberry.field(description="The date that decides its period.")
    transaction_on: date | None = strawberry.field(
        default=None, description="When it happened, where that is another date."
    )
    reference: str | None = strawberry.field(
        default=None, description="What else it is known by, at most 80 characters."
    )
    memo: str | None = strawberry.field(
        default=None, description="What it is, at most 500 characters."
    )
    contact: str | None = strawberry.field(
        default=None, description="Whom it is about, at most 200 characters."
    )
    external_id: str | None = strawberry.field(
        default=None, description="What another system calls it, at most 128 characters; unique."
    )
    lines: list[JournalLineInput] = strawberry.field(
        description="At least two, which balance; those of a draft need not yet."
    )
    rates: list[EntryRateInput] = strawberry.field(
        default_factory=list, description="One for each currency but the base."
    )
    post: bool = strawberry.field(
        default=True, description="False keeps it as a draft, without a number."
    )


@strawberry.input(description="A draft to post.")
class PostJournalEntryInput:
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    journal_entry_id: strawberry.ID = strawberry.field(description="The draft.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)


@strawberry.input(
    description=(
        "What to change of an entry; what is left out stays. Of a posted one only memo and "
        "contact change."
    )
)
class EditJournalEntryInput:
    journal_entry_id: strawberry.ID = strawberry.field(description="The entry.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    posted_on: date | None = strawberry.field(
        default=UNSET, description="The date that decides its period; null changes nothing."
    )
    transaction_on: date | None = strawberry.field(default=UNSET, description="When it happened.")
    reference: str | None = strawberry.field(default=UNSET, description="At most 80 characters.")
    memo: str | None = strawberry.field(default=UNSET, description="At most 500 characters.")
    contact: str | None = strawberry.field(default=UNSET, description="At most 200 characters.")
    external_id: str | None = strawberry.field(default=UNSET, description="At most 128 characters.")
    lines: list[JournalLineInput] | None = strawberry.field(
        default=UNSET, description="All its lines anew; null changes nothing."
    )
    rates: list[EntryRateInput] | None = strawberry.field(
        default=UNSET, description="All its rates anew; null changes nothing."
    )


@strawberry.input(description="A draft to throw away.")
class DiscardJournalEntryInput:
    journal_entry_id: strawberry.ID = strawberry.field(description="The draft.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)


@strawberry.type
class _EntryPayload:
    changed: strawberry.Private[UUID | None] = None
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The entry as it is now; null when nothing was done.")
    async def journal_entry(self, info: Info) -> JournalEntry | None:
        return await journal_entry(info, self.changed) if self.changed else None


@strawberry.type(description="The entry that was written, and the act that wrote it.")
class CreateJournalEntryPayload(ActPayload):
    pass


@strawberry.type(description="The entry after it was posted, and the act that posted it.")
class PostJournalEntryPayload(ActPayload):
    pass


@strawberry.type(description="The entry after the change.")
class EditJournalEntryPayload(_EntryPayload):
    pass


@strawberry.type(description="Which draft is gone.")
class DiscardJournalEntryPayload:
    discarded_id: strawberry.ID | None = strawberry.field(
        default=None, description="The draft's id; null when nothing was done."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )


def _entry_id(given: strawberry.ID) -> UUID:
    return ids.decode(given, "JournalEntry", field=("journal_entry_id",))


@strawberry.type
class JournalMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description="Write a journal entry by hand. Needs the right CODE.",
    )
    async def create_journal_entry(
        self,
        info: Info,
        input: Annotated[CreateJournalEntryInput, strawberry.argument(description="What.")],
    ) -> CreateJournalEntryPayload:
        viewer = info.context.signed_in()
        async with info.context.transaction() as uow:
            draft = EntryDraft(
                posted_on=input.posted_on,
                transaction_on=input.transaction_on,
                reference=input.reference,
                memo=input.memo,
                contact=input.contact,
                external_id=input.external_id,
                lines=await drafts_of(viewer, input.lines),
                rates=rates_of(input.rates),
            )
            key = key_of("createJournalEntry", input)
            done = await post_entry_by_hand(uow, viewer, draft, post=input.post, key=key)
        return CreateJournalEntryPayload(done=done)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description="Give a draft its number and let it count. Needs the right CODE.",
    )
    async def post_journal_entry(
        self,
        info: Info,
        input: Annotated[PostJournalEntryInput, strawberry.argument(description="Which.")],
    ) -> PostJournalEntryPayload:
        viewer, entry_id = info.context.signed_in(), _entry_id(input.journal_entry_id)
        async with info.context.transaction() as uow:
            done = await post_draft_by_hand(
                uow,
                viewer,
                journal_entry_id=entry_id,
                expected_revision=input.expected_revision,
                key=key_of("postJournalEntry", input),
            )
        return PostJournalEntryPayload(done=done)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Change a draft, or the memo and contact of a posted entry. Needs the right CODE."
        ),
    )
    async def edit_journal_entry(
        self,
        info: Info,
        input: Annotated[EditJournalEntryInput, strawberry.argument(description="What.")],
    ) -> EditJournalEntryPayload:
        viewer, entry_id = info.context.signed_in(), _entry_id(input.journal_entry_id)
        async with info.context.transaction() as uow:
            await entries.edit_entry(
                uow,
                viewer,
                journal_entry_id=entry_id,
                expected_revision=input.expected_revision,
                edit=await _edit(viewer, input),
            )
        return EditJournalEntryPayload(changed=entry_id)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description="Throw a draft away. Needs the right CODE.",
    )
    async def discard_journal_entry(
        self,
        info: Info,
        input: Annotated[DiscardJournalEntryInput, strawberry.argument(description="Which.")],
    ) -> DiscardJournalEntryPayload:
        viewer, entry_id = info.context.signed_in(), _entry_id(input.journal_entry_id)
        async with info.context.transaction() as uow:
            await entries.discard_draft(
                uow,
                viewer,
                journal_entry_id=entry_id,
                expected_revision=input.expected_revision,
            )
        return DiscardJournalEntryPayload(discarded_id=input.journal_entry_id)


async def _edit(viewer: Viewer, input: EditJournalEntryInput) -> EntryEdit:
    """What a client wants changed; what it left out is left out."""
    texts = ("transaction_on", "reference", "memo", "contact", "external_id")
    given = {name: value for name in texts if (value := getattr(input, name)) is not UNSET}
    lines, rates = input.lines, input.rates
    return EntryEdit(
        posted_on=input.posted_on or LEFT_OUT,
        lines=LEFT_OUT if lines is UNSET or lines is None else await drafts_of(viewer, lines),
        rates=LEFT_OUT if rates is UNSET or rates is None else rates_of(rates),
        **given,
    )
