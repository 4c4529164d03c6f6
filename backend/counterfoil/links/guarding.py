"""The guard before a second login: which linked ones are like what a person just signed in to.

Knows no database. An institution alone decides nothing: a company may have two logins at one bank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from counterfoil.accounts.keys import folded
from counterfoil.aggregators.port import AccountType, FoundAccount, InstitutionSnapshot


class Choice(StrEnum):
    """What a person says of a login that looks like one that is linked."""

    FIX = "FIX"
    ADD_ACCOUNTS = "ADD_ACCOUNTS"
    ANOTHER = "ANOTHER"


@dataclass(frozen=True, slots=True)
class Sought:
    """What an aggregator is about to hand over."""

    institution: InstitutionSnapshot
    accounts: Sequence[FoundAccount]


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """A shown account of a linked login; `name` is the bank's."""

    name: str
    number: str | None
    type: AccountType


@dataclass(frozen=True, slots=True)
class LinkedLogin:
    """A login that is linked already, with the accounts that it shows.

    Of hidden ones nothing is known here: what is asked about them would tell of them.
    """

    id: UUID
    institution_id: str
    institution_name: str
    accounts: Sequence[LinkedAccount]


@dataclass(frozen=True, slots=True)
class Likeness:
    """A linked login that has accounts of what was found.

    `shared` counts those of its accounts that were found; it is 0 only where the login has brought
    none. `covers` says that all were, by name too, as two accounts may have the same number: then
    what was found can take its place.
    """

    bank_link_id: UUID
    shared: int
    covers: bool


def duplicates_of(found: Sought, logins: Iterable[LinkedLogin]) -> Sequence[Likeness]:
    """The logins at the same institution with at least one account of what was found, the likest
    first.

    A login that has brought no account yet counts too: nobody knows which it will bring.
    """
    seen = Counter(_key(each.name, each.number, each.type) for each in found.accounts)
    near = [login for login in logins if _same_institution(found.institution, login)]
    alike = [_likeness(found, seen, login) for login in near if _any_shared(seen, login)]
    return sorted(alike, key=lambda one: (-one.shared, one.bank_link_id))


_Key = tuple[AccountType, str, str]


def _key(name: str, number: str | None, kind: AccountType) -> _Key:
    """Where the bank prints no number, the name takes its place."""
    return (kind, "number", number) if number else (kind, "name", folded(name))


def _keys(accounts: Iterable[LinkedAccount]) -> Counter[_Key]:
    return Counter(_key(each.name, each.number, each.type) for each in accounts)


def _same_institution(found: InstitutionSnapshot, login: LinkedLogin) -> bool:
    """Banks move to other ids, and keep their name."""
    same_name = folded(found.name) == folded(login.institution_name)
    return found.aggregator_id == login.institution_id or same_name


def _any_shared(seen: Counter[_Key], login: LinkedLogin) -> bool:
    return not login.accounts or bool(seen & _keys(login.accounts))


def _likeness(found: Sought, seen: Counter[_Key], login: LinkedLogin) -> Likeness:
    shared = (seen & _keys(login.accounts)).total()
    return Likeness(login.id, shared, covers=_named(login.accounts) <= _named(found.accounts))


def _named(accounts: Iterable[LinkedAccount | FoundAccount]) -> Counter[_Key]:
    return Counter((each.type, each.number or "", folded(each.name)) for each in accounts)
