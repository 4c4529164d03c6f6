"""What a viewer may do, so that no client has to guess."""

from __future__ import annotations

import strawberry

from counterfoil.viewer import Forbidden, Right, Viewer

__all__ = ["Permission", "Right", "permissions"]

strawberry.enum(
    Right,
    name="Right",
    description=(
        "What a member may do in an organization's books. Open: new rights may be added; treat "
        "one that you do not know as not yours."
    ),
)


@strawberry.type(description="Whether the viewer may do what a right allows, on this object.")
class Permission:
    right: Right = strawberry.field(description="The right in question.")
    allowed: bool = strawberry.field(description="Whether the viewer may do it here and now.")
    blocked_reason: str | None = strawberry.field(
        description="Why not, in words; null when it is allowed."
    )


def permissions(viewer: Viewer, *rights: Right) -> list[Permission]:
    """One `Permission` for each of `rights`, by the check that the operations make."""
    return [_permission(viewer, right) for right in rights]


def _permission(viewer: Viewer, right: Right) -> Permission:
    if viewer.may(right):
        return Permission(right=right, allowed=True, blocked_reason=None)
    return Permission(right=right, allowed=False, blocked_reason=str(Forbidden(right)))
