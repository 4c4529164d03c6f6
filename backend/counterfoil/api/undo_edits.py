"""Undoing what was done in the books, and reversing entries."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.act_payload import EXPECTED_REVISION, IDEMPOTENCY_KEY, ActPayload, key_of
from counterfoil.api.acts import Act, act
from counterfoil.api.context import Info
from counterfoil.api.enums import EffectKind
from counterfoil.api.errors import UserErrors
from counterfoil.errors import NotFound
from counterfoil.reconciliation.reversing import reverse
from counterfoil.reconciliation.undoing import preview, undo


@strawberry.type(description="One thing that undoing will do.")
class UndoEffect:
    kind: EffectKind = strawberry.field(description="What it does to the books, for machines.")
    text: str = strawberry.field(description="The same in words for the person.")


@strawberry.type(description="What undoing an act would do now, or why it can't be undone.")
class UndoPreview:
    act_id: strawberry.Private[UUID]
    token: str | None = strawberry.field(
        description="For `undo`: it stands for exactly these effects; null when it can't be undone."
    )
    effects: list[UndoEffect] = strawberry.field(
        description="All that it will do; none when it can't be undone."
    )
    blocked_reason: str | None = strawberry.field(
        description="Why the viewer can't undo it, in words; null when they can."
    )

    @strawberry.field(description="The act.")
    async def act(self, info: Info) -> Act | None:
        return await act(info, self.act_id)


async def undo_preview(
    info: Info,
    act_id: Annotated[strawberry.ID, strawberry.argument(description="Which act.")],
) -> UndoPreview | None:
    parsed = ids.parse(act_id)
    if parsed is None or parsed[0] != "Act":
        return None
    row_id = parsed[1]
    try:
        found = await preview(info.context.signed_in(), row_id)
    except NotFound:
        return None
    effects = [UndoEffect(kind=effect.kind, text=effect.text) for effect in found.effects]
    return UndoPreview(
        act_id=row_id,
        token=None if found.blocked else found.token,
        effects=[] if found.blocked else effects,
        blocked_reason=found.blocked,
    )


@strawberry.input(description="Which act to undo.")
class UndoInput:
    act_id: strawberry.ID = strawberry.field(description="The act.")
    token: str = strawberry.field(
        description="That of its `undoPreview`: if anything else would happen by now, nothing does."
    )
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="Which entry to take back.")
class ReverseJournalEntryInput:
    journal_entry_id: strawberry.ID = strawberry.field(description="The entry.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.type(description="What was taken back; its act is that of undoing.")
class UndoPayload(ActPayload):
    pass


@strawberry.type(description="What was taken back; its entry is the reversal.")
class ReverseJournalEntryPayload(ActPayload):
    pass


@strawberry.type
class UndoMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Take back an act, in any later session, alone or as a part of its bulk, as its "
            "preview said. Needs the right CODE, for another person's act CLOSE as well."
        ),
    )
    async def undo(
        self,
        info: Info,
        input: Annotated[UndoInput, strawberry.argument(description="Which.")],
    ) -> UndoPayload:
        viewer = info.context.signed_in()
        act_id = ids.decode(input.act_id, "Act", field=("act_id",))
        async with info.context.transaction() as uow:
            done = await undo(
                uow, viewer, act_id=act_id, token=input.token, key=key_of("undo", input)
            )
        return UndoPayload(done=done)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Take a posted entry back by another that mirrors it; the bank lines that it "
            "reconciled are open again. Needs the right CODE."
        ),
    )
    async def reverse_journal_entry(
        self,
        info: Info,
        input: Annotated[ReverseJournalEntryInput, strawberry.argument(description="Which.")],
    ) -> ReverseJournalEntryPayload:
        viewer = info.context.signed_in()
        field = ("journal_entry_id",)
        entry_id = ids.decode(input.journal_entry_id, "JournalEntry", field=field)
        async with info.context.transaction() as uow:
            done = await reverse(
                uow,
                viewer,
                journal_entry_id=entry_id,
                expected_revision=input.expected_revision,
                key=key_of("reverseJournalEntry", input),
            )
        return ReverseJournalEntryPayload(done=done)
