"""What a person has to do next to link a bank, as data: a page and a phone show the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import orjson
import strawberry

from counterfoil.api import ids
from counterfoil.api.bank_links import BankLink, bank_link
from counterfoil.api.context import Info
from counterfoil.api.enums import Choice, LinkSessionState
from counterfoil.audit.queries import hidden_among
from counterfoil.links.questions import Offered, accounts_asked_about, logins_asked_about

POLL_SECONDS = 3
OPEN_STEP, WAIT_STEP, DUPLICATE_STEP, ACCOUNTS_STEP = "open", "wait", "duplicate", "accounts"
_OPEN = {LinkSessionState.STARTED.value, LinkSessionState.WAITING.value}


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


@strawberry.type(
    description="A linked login that has accounts of what the person has just signed in to."
)
class DuplicateLogin:
    link_id: strawberry.Private[UUID]
    shared: int = strawberry.field(
        description="How many of its accounts were found; 0 where it has brought none yet."
    )
    covers: bool = strawberry.field(
        description=(
            "Whether all its accounts were found. FIX and ADD_ACCOUNTS then put what was found in "
            "its place; else its own sign-in page is opened next."
        )
    )

    @strawberry.field(description="The login; null when it is gone by now.")
    async def bank_link(self, info: Info) -> BankLink | None:
        return await bank_link(info, self.link_id)


@strawberry.type(
    description=(
        "The person signed in to what looks like a login that is linked already. Nothing is saved "
        "until somebody says what it is."
    )
)
class ResolveDuplicateStep:
    step_id: strawberry.ID = strawberry.field(
        description="For `answerLinkStep`, with a `choice`, and a `bankLinkId` unless ANOTHER."
    )
    logins: list[DuplicateLogin] = strawberry.field(
        description="The logins that it may be, the likest first."
    )
    choices: list[Choice] = strawberry.field(description="What may be answered.")


@strawberry.type(description="An account that was deleted, and that can be brought back.")
class DeletedAccount:
    bank_account_id: strawberry.ID = strawberry.field(
        description="For `bankAccountIds`; nothing can be read with it until it is back."
    )
    name: str = strawberry.field(description="What it was called.")
    number: str | None = strawberry.field(
        description="The 2 to 4 characters of its number that the bank prints."
    )


@strawberry.type(
    description=(
        "The login hands over accounts that were deleted here. They come back only if somebody "
        "wants them to, with their whole history."
    )
)
class ChooseAccountsStep:
    offered: strawberry.Private[Sequence[Offered]]
    step_id: strawberry.ID = strawberry.field(
        description="For `answerLinkStep`, with `bankAccountIds`."
    )

    @strawberry.field(description="The deleted accounts that it hands over, by name.")
    async def accounts(self, info: Info) -> list[DeletedAccount]:
        their_ids = [each.bank_account_id for each in self.offered]
        hidden = await info.context.loaders.found_among(hidden_among, their_ids)
        return [_deleted(each) for each in self.offered if not hidden[each.bank_account_id]]


LinkStep = Annotated[
    OpenUrlStep | WaitStep | ResolveDuplicateStep | ChooseAccountsStep | DoneStep | EndedStep,
    strawberry.union(
        "LinkStep",
        description=(
            "What the person has to do next. Open: steps may be added; show an unknown one as "
            "“Continue on the web page”."
        ),
    ),
]


def step_of(
    state: str, open_url: str | None, problem: str | None, link_id: UUID | None, question: Any
) -> Any:
    """The step of a session, from the columns of its row."""
    if state == LinkSessionState.DONE.value and link_id is not None:
        return DoneStep(link_id=link_id)
    if state == LinkSessionState.DECIDING.value:
        return _asked(question)
    if state not in _OPEN:
        words = problem or "The sign-in was ended. Nothing was saved."
        return EndedStep(message=words, can_retry=True)
    if open_url is not None:
        return OpenUrlStep(step_id=strawberry.ID(OPEN_STEP), url=open_url)
    return _wait("The bank's sign-in page is being opened.")


def _wait(message: str) -> WaitStep:
    return WaitStep(
        step_id=strawberry.ID(WAIT_STEP), message=message, poll_after_seconds=POLL_SECONDS
    )


def _asked(stored: Any) -> ResolveDuplicateStep | ChooseAccountsStep | WaitStep:
    """What a session asks. Drivers give JSON as text or as what it stands for."""
    question = orjson.loads(stored) if isinstance(stored, str | bytes) else stored
    if (logins := logins_asked_about(question)) is not None:
        return ResolveDuplicateStep(
            step_id=strawberry.ID(DUPLICATE_STEP),
            logins=[
                DuplicateLogin(link_id=each.bank_link_id, shared=each.shared, covers=each.covers)
                for each in logins
            ],
            choices=list(Choice),
        )
    if (accounts := accounts_asked_about(question)) is not None:
        return ChooseAccountsStep(step_id=strawberry.ID(ACCOUNTS_STEP), offered=accounts)
    return _wait("What you signed in to is being looked at.")


def _deleted(account: Offered) -> DeletedAccount:
    return DeletedAccount(
        bank_account_id=strawberry.ID(ids.encode("BankAccount", account.bank_account_id)),
        name=account.name,
        number=account.number,
    )
