"""What a resolver is given: who asks, and the things that the composition root made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import strawberry

from counterfoil.identity.queries import NotSignedIn
from counterfoil.kit.clock import Clock
from counterfoil.kit.crypto import Keyring
from counterfoil.unit_of_work import Transactions, UnitOfWork
from counterfoil.viewer import Viewer

if TYPE_CHECKING:
    from counterfoil.aggregators.port import Aggregator
    from counterfoil.api.live import Live
    from counterfoil.api.loaders import Loaders
    from counterfoil.api.node import Node
    from counterfoil.links.linking import Linking


NodeReader: TypeAlias = "Callable[[Info, str, UUID], Awaitable[Node | None]]"
"""Reads an object as the viewer sees it: what is asked of it, its GraphQL type, its row's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Made once per process by the composition root."""

    transactions: Transactions
    linking: Linking
    live: Live
    clock: Clock
    keyring: Keyring
    registry: Mapping[str, Aggregator]
    read_node: NodeReader
    loaders: Callable[[Viewer], Loaders]


@dataclass(slots=True)
class Context:
    """One operation's surroundings: made for one HTTP request, or one operation on a socket."""

    services: Services
    viewer: Viewer | None
    request_id: str
    _loaders: Loaders | None = field(default=None, init=False, repr=False)

    def signed_in(self) -> Viewer:
        """Who asks.

        Raises:
            NotSignedIn: nobody does.
        """
        if self.viewer is None:
            raise NotSignedIn
        return self.viewer

    def transaction(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """One transaction in the viewer's organization, for this request.

        Raises:
            NotSignedIn: nobody asks.
        """
        organization_id = self.signed_in().organization_id
        return self.services.transactions.begin(organization_id, request_id=self.request_id)

    @property
    def loaders(self) -> Loaders:
        """Reads that were asked for one by one and are made together; kept until `renew`."""
        if self._loaders is None:
            self._loaders = self.services.loaders(self.signed_in())
        return self._loaders

    def renew(self, loaders: Loaders | None = None) -> None:
        """Forget what was read: a subscription calls this before each event.

        `loaders` are those that it shares with other subscriptions of the same viewer.
        """
        self._loaders = loaders


Info: TypeAlias = strawberry.Info[Context, Any]
