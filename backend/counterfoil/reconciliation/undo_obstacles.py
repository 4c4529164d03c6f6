"""Why an act is not undone, as far as the act itself tells. Knows no database."""

from __future__ import annotations

from counterfoil.reconciliation.models import ActKind
from counterfoil.viewer import Forbidden, Right, Viewer

OF_A_DELETED_ACCOUNT = "Its bank account was deleted. What was reconciled there stays."
_NO_WAY_BACK = {
    ActKind.TIE: "A start in the books is not undone. Give the account a new start, or untie it.",
    ActKind.UNDO: "An undo is not undone. Do again what it took back.",
}


def undo_obstacle(
    viewer: Viewer, kind: ActKind, *, actor: str, undone: bool, deleted: bool = False
) -> str | None:
    """Why the viewer can't undo such an act of `actor`, before anything that it did is looked at.

    Another person's act takes the right CLOSE. `deleted`: the bank account that it was about is.
    """
    needed = [Right.CODE] if actor == viewer.actor else [Right.CODE, Right.CLOSE]
    lacking = next((str(Forbidden(right)) for right in needed if not viewer.may(right)), None)
    gone = OF_A_DELETED_ACCOUNT if deleted else None
    return obstacle_of_its_own(kind, undone=undone) or gone or lacking


def obstacle_of_its_own(kind: ActKind, *, undone: bool) -> str | None:
    """Why nobody undoes an act of this kind, or this one."""
    return "This has been undone already." if undone else _NO_WAY_BACK.get(kind)
