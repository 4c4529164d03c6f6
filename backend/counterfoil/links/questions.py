"""What a session asks, as its row keeps it, and what an answer may say. Knows no database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from counterfoil.errors import InvalidInput
from counterfoil.links.guarding import Choice, Likeness
from counterfoil.links.models import SessionQuestion


@dataclass(frozen=True, slots=True)
class Offered:
    """An account that was deleted here, and that its login hands over as `aggregator_id`."""

    aggregator_id: str
    name: str
    number: str | None
    bank_account_id: UUID


def kept(values: Sequence[Likeness] | Sequence[Offered]) -> list[dict[str, Any]]:
    """The logins or accounts that are asked about, as JSON that a session keeps: ids are texts."""
    return [
        {name: str(value) if isinstance(value, UUID) else value for name, value in each.items()}
        for each in map(asdict, values)
    ]


def logins_asked_about(question: Mapping[str, Any] | None) -> Sequence[Likeness] | None:
    """The logins that a session asks about; None where it does not."""
    if question is None or question["kind"] != SessionQuestion.DUPLICATE:
        return None
    return [
        Likeness(UUID(each["bank_link_id"]), each["shared"], each["covers"])
        for each in question["logins"]
    ]


def accounts_asked_about(question: Mapping[str, Any] | None) -> Sequence[Offered] | None:
    """The deleted accounts that a session asks about; None where it does not."""
    if question is None or question["kind"] != SessionQuestion.ACCOUNTS:
        return None
    return [
        Offered(each["aggregator_id"], each["name"], each["number"], UUID(each["bank_account_id"]))
        for each in question["accounts"]
    ]


def chosen_login(
    asked: Sequence[Likeness], choice: Choice | None, bank_link_id: UUID | None
) -> Likeness | None:
    """The login that a person chose to fix or to add to; None: it is another one.

    Raises:
        InvalidInput: nothing was chosen, or a login that was not asked about.
    """
    if choice is None:
        raise InvalidInput(
            "Say what this login is: FIX, ADD_ACCOUNTS or ANOTHER.", field=("choice",)
        )
    if choice is Choice.ANOTHER:
        return None
    for login in asked:
        if login.bank_link_id == bank_link_id:
            return login
    raise InvalidInput(
        "Say which login it is: one of those that the step shows.", field=("bank_link_id",)
    )


def chosen_accounts(
    asked: Sequence[Offered], bank_account_ids: Collection[UUID] | None
) -> Sequence[Offered]:
    """The accounts that a person wants back.

    Raises:
        InvalidInput: nothing was said, or an account was named that was not asked about.
    """
    field = ("bank_account_ids",)
    if bank_account_ids is None:
        raise InvalidInput(
            "Say which accounts to bring back; an empty list brings back none.", field=field
        )
    if not set(bank_account_ids) <= {one.bank_account_id for one in asked}:
        raise InvalidInput("Choose among the accounts that the step shows.", field=field)
    return [one for one in asked if one.bank_account_id in bank_account_ids]
