"""Opening the aggregator's sign-in page, and the words for when it does not open."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from counterfoil.aggregators.port import (
    Aggregator,
    AggregatorError,
    ErrorKind,
    GrantSecret,
    LinkPurpose,
    LinkRequest,
    OpenUrl,
    Retry,
)
from counterfoil.errors import CounterfoilError
from counterfoil.kit.crypto import Keyring
from counterfoil.links.models import BankLink, LinkClient, LinkSession
from counterfoil.links.return_urls import with_query
from counterfoil.links.secrets import seal, unseal
from counterfoil.links.sessions import Handle


class AggregatorUnavailable(CounterfoilError):
    """The aggregator did not open a sign-in page now; later it may."""

    code = "AGGREGATOR_UNAVAILABLE"
    retryable = True

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        super().__init__(
            f"The sign-in page could not be opened. Try again in a minute.{_said(cause)}"
        )


class AggregatorRefused(CounterfoilError):
    """The aggregator will not open a sign-in page, however often it is asked."""

    code = "AGGREGATOR_UNAVAILABLE"

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        super().__init__(f"The aggregator refused to open a sign-in page.{_said(cause)}")


class AggregatorNotSetUp(CounterfoilError):
    """The keys of the aggregator are missing or refused."""

    code = "NOT_SET_UP"

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        super().__init__(
            "The aggregator's keys are missing or refused. An administrator must set them."
        )


def refusal(cause: AggregatorError) -> CounterfoilError:
    """What a person is told when the page does not open."""
    if cause.kind is ErrorKind.OUR_CONFIG:
        return AggregatorNotSetUp(cause)
    if cause.retry is Retry.NEVER:
        return AggregatorRefused(cause)
    return AggregatorUnavailable(cause)


def _said(cause: AggregatorError) -> str:
    return f" It said: {cause.provider_message}" if cause.provider_message else ""


@dataclass(frozen=True, slots=True)
class SignInPages:
    """Opens pages for sessions. `webhook_url` is the origin that aggregators reach, or None;
    `public_id` gives the id under which clients know a session."""

    aggregators: Mapping[str, Aggregator]
    webhook_url: str | None
    public_id: Callable[[UUID], str]

    async def open(
        self, session: LinkSession, purpose: LinkPurpose, grant: GrantSecret | None
    ) -> OpenUrl:
        """A page for a session; with a login's grant it is a page of that login.

        Raises:
            AggregatorError.
        """
        mark = {"session": self.public_id(session.id)}
        return await self.aggregators[session.aggregator].begin_link(
            LinkRequest(
                purpose=purpose,
                client_user_id=str(session.user_id),
                return_url=with_query(session.return_url, mark),
                webhook_url=self._webhook_of(session.aggregator),
                mobile_app=session.client is LinkClient.MOBILE_APP,
                grant=grant,
            )
        )

    def _webhook_of(self, aggregator: str) -> str | None:
        return f"{self.webhook_url}/webhooks/{aggregator}" if self.webhook_url else None


async def grant_of(keyring: Keyring, bank_link_id: UUID) -> GrantSecret | None:
    """A login's secret in the clear; None once it has ended.

    Raises:
        AggregatorError: OUR_CONFIG, the keys at hand do not open it.
    """
    link = await BankLink.filter(id=bank_link_id, ended_at=None).select_related("grant").first()
    if link is None:
        return None
    return unseal(keyring, link.organization_id, link.grant_id, link.grant.secret_encrypted)


def sealed_handle(keyring: Keyring, session: LinkSession, opened: OpenUrl) -> Handle:
    """The handle of a page as its session keeps it."""
    return Handle(
        encrypted=seal(keyring, session.organization_id, session.id, opened.handle),
        hash=handle_hash(opened.handle),
    )


def handle_hash(handle: GrantSecret) -> str:
    """By which a webhook finds the session, without the handle being readable in the table."""
    return hashlib.sha256(handle.value.encode()).hexdigest()
