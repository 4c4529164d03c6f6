"""Who asks: the first argument of every query and every operation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from counterfoil.errors import CounterfoilError


class Right(StrEnum):
    """What a member may do in an organization's books."""

    READ = "READ"
    EXPORT = "EXPORT"
    CODE = "CODE"
    CLOSE = "CLOSE"
    LOCK = "LOCK"
    RULES = "RULES"
    AUTOPOST = "AUTOPOST"
    ACCOUNTS = "ACCOUNTS"
    BANKS = "BANKS"
    PEOPLE = "PEOPLE"
    SETTINGS = "SETTINGS"


class ActorKind(StrEnum):
    """A person at a screen, the product itself (schedule, webhook), or who runs the server."""

    USER = "USER"
    SYSTEM = "SYSTEM"
    OPERATOR = "OPERATOR"


class Forbidden(CounterfoilError):
    """The viewer sees the object but lacks the right; the sentence names it."""

    code = "FORBIDDEN"

    def __init__(self, right: Right) -> None:
        self.right = right
        super().__init__(
            f"This needs the right “{right.value.lower()}”. Ask an administrator for it."
        )


@dataclass(frozen=True, slots=True)
class Viewer:
    """An organization, who acts in it, and what they may do there."""

    organization_id: UUID
    actor_kind: ActorKind
    user_id: UUID | None
    rights: frozenset[Right]

    @classmethod
    def system(cls, organization_id: UUID) -> Viewer:
        """The product acting by itself inside one organization."""
        return cls(organization_id, ActorKind.SYSTEM, None, frozenset(Right))

    @classmethod
    def operator(cls, organization_id: UUID) -> Viewer:
        """Whoever runs the server, at its command line, acting inside one organization."""
        return cls(organization_id, ActorKind.OPERATOR, None, frozenset(Right))

    @property
    def actor(self) -> str:
        """Who acts, as one word: for keys and records, never shown."""
        return f"{self.actor_kind.value}:{self.user_id or ''}"

    def may(self, right: Right) -> bool:
        """Whether the viewer holds `right`."""
        return right in self.rights

    def require(self, right: Right) -> None:
        """Pass silently with the right.

        Raises:
            Forbidden: the viewer lacks it.
        """
        if right not in self.rights:
            raise Forbidden(right)
