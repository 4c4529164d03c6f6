"""Attempts to add or repair a login, step by step, for web and phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.bank_links import BankLink
from counterfoil.api.context import Info
from counterfoil.api.enums import Choice, LinkClient, LinkPurpose, LinkSessionState
from counterfoil.api.errors import ErrorCode, SimpleError, UserError, UserErrors
from counterfoil.api.link_steps import (
    ACCOUNTS_STEP,
    DUPLICATE_STEP,
    OPEN_STEP,
    WAIT_STEP,
    LinkStep,
    step_of,
)
from counterfoil.api.loaders import load_one
from counterfoil.api.node import Node
from counterfoil.api.rowtypes import RowType, Selection, column, columns_of, part
from counterfoil.errors import InvalidInput
from counterfoil.links import models
from counterfoil.links.linking import Linking
from counterfoil.links.queries import open_sessions, sessions_by_id
from counterfoil.viewer import Viewer

_BROKEN = {LinkSessionState.FAILED.value, LinkSessionState.EXPIRED.value}


class NoSuchStep(InvalidInput):
    """The step that was answered is none of this API's."""

    def __init__(self) -> None:
        super().__init__(
            "There is no such step. Read the session again and answer the step that it shows.",
            field=("step_id",),
        )


def _error(state: str, problem: str | None) -> UserError | None:
    if state not in _BROKEN:
        return None
    return SimpleError(
        code=ErrorCode.LINK_SESSION_ENDED,
        message=problem or "The sign-in came to nothing. Start again.",
        field=None,
        retryable=True,
    )


@strawberry.type(
    description="One attempt of one person to add or repair a login. Only that person sees it."
)
class LinkSession(RowType, Node):
    ALIAS = "link_session"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("LinkSession", value), description="Opaque id."
    )
    mode: LinkPurpose = column("mode", description="What it is for.")
    state: LinkSessionState = column("state", description="How it stands.")
    expires_at: datetime = column(
        "expires_at", description="When it ends by itself if nothing more happens."
    )
    step: LinkStep = column(
        "state",
        "open_url",
        "problem",
        "bank_link_id",
        "question",
        by=step_of,
        description="What to do next.",
    )
    bank_link: BankLink | None = part(
        "bank_link.id",
        of=lambda: BankLink,
        at="bank_link",
        description="The login that it repairs, or that came of it; null until then.",
    )
    error: UserError | None = column(
        "state", "problem", by=_error, description="Why it failed or expired; else null."
    )
    revision: int = column("revision", description="Grows by one with every change.")


async def link_session(info: Info, row_id: UUID) -> LinkSession | None:
    """One of the viewer's own sessions with the columns that the query selects."""
    return await load_one(info, LinkSession, sessions_by_id, "link_session.id", row_id)


async def open_link_sessions(info: Info) -> list[LinkSession]:
    """The viewer's sessions that are not at an end, with the columns that the query selects."""
    raw, viewer = info._raw_info, info.context.signed_in()
    names = columns_of(Selection.below(raw), raw.return_type, alias=LinkSession.ALIAS)
    rows = await open_sessions(viewer, sorted(names))
    return [LinkSession(row=row, viewer=viewer) for row in rows]


@strawberry.input(description="What to link, and where the person sits.")
class StartBankLinkInput:
    idempotency_key: str = strawberry.field(
        description="8 to 128 printable characters of your choice; the same again starts nothing."
    )
    institution_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where; left out, the person chooses on the bank's page."
    )
    bank_link_id: strawberry.ID | None = strawberry.field(
        default=None, description="The login to repair or to add accounts to."
    )
    mode: LinkPurpose = strawberry.field(
        default=LinkPurpose.ADD, description="What it is for; REPAIR and ADD_ACCOUNTS need a login."
    )
    client: LinkClient = strawberry.field(
        default=LinkClient.WEB, description="What the person sits at."
    )
    return_url: str | None = strawberry.field(
        default=None,
        description=(
            "Where the browser goes afterwards: an address of this product, or of an app that the "
            "organization allows. It carries no result; read the session."
        ),
    )


@strawberry.type(description="The session that was started.")
class StartBankLinkPayload:
    session_id: strawberry.Private[UUID | None] = None
    replayed: bool = strawberry.field(
        default=False, description="Whether the same key had started it before."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The session as it is now; null when nothing was done.")
    async def link_session(self, info: Info) -> LinkSession | None:
        return await link_session(info, self.session_id) if self.session_id else None


@strawberry.input(description="Says that the person has done what a step asked for.")
class AnswerLinkStepInput:
    session_id: strawberry.ID = strawberry.field(description="The session.")
    step_id: strawberry.ID = strawberry.field(description="The step that was done.")
    choice: Choice | None = strawberry.field(
        default=None, description="What the login is; a ResolveDuplicateStep needs it."
    )
    bank_link_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Which of the step's logins it is; FIX and ADD_ACCOUNTS need it.",
    )
    bank_account_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=(
            "Which of the step's accounts to bring back; a ChooseAccountsStep needs it. An empty "
            "list brings back none."
        ),
    )


@strawberry.type(description="The session after the answer.")
class AnswerLinkStepPayload:
    session_id: strawberry.Private[UUID | None] = None
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The session as it is now; null when nothing was done.")
    async def link_session(self, info: Info) -> LinkSession | None:
        return await link_session(info, self.session_id) if self.session_id else None


@strawberry.input(description="Which session to end.")
class CancelLinkSessionInput:
    session_id: strawberry.ID = strawberry.field(description="The session.")


@strawberry.type(description="The session after its end.")
class CancelLinkSessionPayload:
    session_id: strawberry.Private[UUID | None] = None
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The session as it is now; null when nothing was done.")
    async def link_session(self, info: Info) -> LinkSession | None:
        return await link_session(info, self.session_id) if self.session_id else None


@strawberry.type
class LinkSessionMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description="Begin to add a login, or to repair one. Needs the right BANKS.",
    )
    async def start_bank_link(
        self,
        info: Info,
        input: Annotated[StartBankLinkInput, strawberry.argument(description="What.")],
    ) -> StartBankLinkPayload:
        session, replayed = await info.context.services.linking.start(
            info.context.signed_in(),
            mode=input.mode,
            client=input.client,
            return_url=input.return_url,
            institution_id=_optional(input.institution_id, "Institution", "institution_id"),
            bank_link_id=_optional(input.bank_link_id, "BankLink", "bank_link_id"),
            idempotency_key=input.idempotency_key,
        )
        return StartBankLinkPayload(session_id=session.id, replayed=replayed)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Say that a step is done, or what it asks. How the session stands is then asked of the "
            "aggregator; answering twice does nothing twice. Answering a question needs the right "
            "BANKS."
        ),
    )
    async def answer_link_step(
        self,
        info: Info,
        input: Annotated[AnswerLinkStepInput, strawberry.argument(description="Which step.")],
    ) -> AnswerLinkStepPayload:
        viewer = info.context.signed_in()
        session_id = ids.decode(input.session_id, "LinkSession", field=("session_id",))
        session = await _answered(info.context.services.linking, viewer, session_id, input)
        return AnswerLinkStepPayload(session_id=session.id)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description="End a session; whatever came of it is ended at the aggregator too.",
    )
    async def cancel_link_session(
        self,
        info: Info,
        input: Annotated[CancelLinkSessionInput, strawberry.argument(description="Which.")],
    ) -> CancelLinkSessionPayload:
        viewer = info.context.signed_in()
        session_id = ids.decode(input.session_id, "LinkSession", field=("session_id",))
        session = await info.context.services.linking.cancel(viewer, session_id)
        return CancelLinkSessionPayload(session_id=session.id)


def _optional(value: strawberry.ID | None, type_name: str, field: str) -> UUID | None:
    return ids.decode(value, type_name, field=(field,)) if value is not None else None


async def _answered(
    linking: Linking, viewer: Viewer, session_id: UUID, answer: AnswerLinkStepInput
) -> models.LinkSession:
    if answer.step_id == DUPLICATE_STEP:
        return await linking.answers.duplicate(
            viewer,
            session_id,
            choice=answer.choice,
            bank_link_id=_optional(answer.bank_link_id, "BankLink", "bank_link_id"),
        )
    if answer.step_id == ACCOUNTS_STEP:
        chosen = _accounts(answer.bank_account_ids)
        return await linking.answers.accounts(viewer, session_id, bank_account_ids=chosen)
    if answer.step_id not in (OPEN_STEP, WAIT_STEP):
        raise NoSuchStep
    return await linking.advance(viewer, session_id)


def _accounts(values: Sequence[strawberry.ID] | None) -> Sequence[UUID] | None:
    if values is None:
        return None
    return [
        ids.decode(value, "BankAccount", field=("bank_account_ids", str(place)))
        for place, value in enumerate(values)
    ]
