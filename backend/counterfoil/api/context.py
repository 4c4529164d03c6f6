"""What a resolver is given: who asks, and the things that the composition root made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import strawberry

from counterfoil.errors import CounterfoilError
from counterfoil.kit.clock import Clock
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Viewer

if TYPE_CHECKING:
    from counterfoil.aggregators.registry import Registry
    from counterfoil.api.live import Live
    from counterfoil.api.loaders import Loaders
    from counterfoil.api.node import Node
    from counterfoil.links.linking import Linking


class Unauthenticated(CounterfoilError):
    """Nobody is signed in."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("Sign in first.")


class SessionEnded(CounterfoilError):
    """Somebody was signed in, and is no longer."""

    code = "TOKEN_EXPIRED"

    def __init__(self) -> None:
        super().__init__("Your sign-in has ended. Sign in again.")


NodeReader: TypeAlias = "Callable[[Context, str, UUID], Awaitable[Node | None]]"
"""Reads an object as the viewer sees it: context, the word of a room for it, its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Made once per process by the composition root."""

    transactions: Transactions
    linking: Linking
    live: Live
    clock: Clock
    registry: Registry
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
            Unauthenticated: nobody does.
        """
        if self.viewer is None:
            raise Unauthenticated
        return self.viewer

    @property
    def loaders(self) -> Loaders:
        """Reads that were asked for one by one and are made together; kept until `renew`."""
        if self._loaders is None:
            self._loaders = self.services.loaders(self.signed_in())
        return self._loaders

    def renew(self) -> None:
        """Forget what was read: a subscription calls this before each event."""
        self._loaders = None


Info: TypeAlias = strawberry.Info[Context, Any]
