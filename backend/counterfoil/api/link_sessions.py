"""Attempts to add or repair a login, step by step, for web and phone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.bank_links import BankLink, bank_link
from counterfoil.api.context import Info
from counterfoil.api.enums import LinkClient, LinkPurpose, LinkSessionState
from counterfoil.api.errors import ErrorCode, SimpleError, UserError, UserErrors
from counterfoil.api.loaders import load_one
from counterfoil.api.node import Node
from counterfoil.api.rowtypes import RowType, Selection, column, columns_of, part
from counterfoil.errors import InvalidInput
from counterfoil.links.queries import open_sessions, sessions_by_id

POLL_SECONDS = 3
OPEN_STEP, WAIT_STEP = "open", "wait"
_OPEN = {LinkSessionState.STARTED.value, LinkSessionState.WAITING.value}
_BROKEN = {LinkSessionState.FAILED.value, LinkSessionState.EXPIRED.value}


class NoSuchStep(InvalidInput):
    """The step that was answered is none of this API's."""

    def __init__(self) -> None:
        super().__init__(
            "There is no such step. Read the session again and answer the step that it shows.",
            field=("step_id",),
        )


@strawberry.type(description="Open this address in a browser, and answer when it has come back.")
class OpenUrlStep:
    step_id: strawberry.ID = strawberry.field(description="For `answerLinkStep`.")
    url: str = strawberry.field(
        description="The bank's sign-in page. A phone opens it in the system's browser tab."
    )


@strawberry.type(description="Nothing to do but to wait; the session changes by itself.")
class WaitStep:
    step_id: strawberry.ID = strawberry.field(description="For `answerLinkStep`.")
    message: str = strawberry.field(description="What is being waited for, in words.")
    poll_after_seconds: int = strawberry.field(
        description="Without a subscription: ask again after so many seconds."
    )


@strawberry.type(description="The login is there, and its first pull is on its way.")
class DoneStep:
    link_id: strawberry.Private[UUID]

    @strawberry.field(description="The login; null when it is gone again.")
    async def bank_link(self, info: Info) -> BankLink | None:
        return await bank_link(info, self.link_id)


@strawberry.type(description="It ended without a login, and nothing half-made was left behind.")
class EndedStep:
    message: str = strawberry.field(description="What happened and what to do, in words.")
    can_retry: bool = strawberry.field(description="Whether starting again may help.")


LinkStep = Annotated[
    OpenUrlStep | WaitStep | DoneStep | EndedStep,
    strawberry.union(
        "LinkStep",
        description=(
            "What the person has to do next. Open: steps may be added; show an unknown one as "
            "“Continue on the web page”."
        ),
    ),
]


def _step(
    state: str, open_url: str | None, problem: str | None, link_id: UUID | None
) -> OpenUrlStep | WaitStep | DoneStep | EndedStep:
    if state == LinkSessionState.DONE.value and link_id is not None:
        return DoneStep(link_id=link_id)
    if state not in _OPEN:
        words = problem or "The sign-in was ended. Nothing was saved."
        return EndedStep(message=words, can_retry=True)
    if open_url is not None:
        return OpenUrlStep(step_id=strawberry.ID(OPEN_STEP), url=open_url)
    return WaitStep(
        step_id=strawberry.ID(WAIT_STEP),
        message="The bank's sign-in page is being opened.",
        poll_after_seconds=POLL_SECONDS,
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
        by=_step,
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
            "Say that a step is done. How the session stands is then asked of the aggregator; "
            "answering twice does nothing twice."
        ),
    )
    async def answer_link_step(
        self,
        info: Info,
        input: Annotated[AnswerLinkStepInput, strawberry.argument(description="Which step.")],
    ) -> AnswerLinkStepPayload:
        viewer = info.context.signed_in()
        session_id = ids.decode(input.session_id, "LinkSession", field=("session_id",))
        if input.step_id not in (OPEN_STEP, WAIT_STEP):
            raise NoSuchStep
        session = await info.context.services.linking.advance(viewer, session_id)
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
