"""What a username and a password mean at the sandbox bank. Pure.

The names are those of Plaid's sandbox, so that a test can run against either.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from fakebank.bank.records import Login, SecondFactor
from fakebank.names import derived_id

CODE = "1234"
SELECTION = "Yes"
SELECTIONS = (SELECTION, "No")
TRIES = 3
RECIPES_OF_ANY_PASSWORD = {
    "user_transactions_dynamic": "dynamic",
    "user_equal_masks": "equal_masks",
}
QUESTIONS = re.compile(r"mfa_questions_([1-9])_([1-9])")
SELECTION_PATTERN = re.compile(r"mfa_selections(?:_([1-9])_([1-9]))?")


class SignInRefused(Exception):
    """The bank refused the sign-in, with Plaid's code for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Welcome:
    """A username and password that the bank takes, and what it will ask next.

    `recipe` is company, dynamic, equal_masks or custom; `document` is the custom-user file.
    """

    login_id: str
    recipe: str
    second_factor: SecondFactor = field(default_factory=SecondFactor)
    document: str = ""


def login_id_for(institution_id: str, username: str, password: str = "") -> str:
    """The id of a login. A user_custom login is told apart by its document."""
    mark = hashlib.sha256(password.encode()).hexdigest() if username == "user_custom" else ""
    return derived_id("login", institution_id, username, mark)


def check_password(
    institution_id: str, username: str, password: str, *, known: Login | None
) -> Welcome:
    """What the bank makes of the two. `known` is the login when it has been here before.

    Raises SignInRefused with ITEM_LOCKED, INVALID_CREDENTIALS, or the code that the password names.
    """
    if known is not None and known.locked:
        raise SignInRefused("ITEM_LOCKED")
    login_id = login_id_for(institution_id, username, password)
    if known is not None and (known.password_changed or known.recipe == "custom"):
        return _own_password(known, password)
    if username == "user_custom":
        return Welcome(login_id, "custom", document=password)
    if username in RECIPES_OF_ANY_PASSWORD:
        return Welcome(login_id, RECIPES_OF_ANY_PASSWORD[username])
    if username != "user_good":
        raise SignInRefused("INVALID_CREDENTIALS")
    return Welcome(login_id, "company", _asked_by(password))


def _own_password(login: Login, password: str) -> Welcome:
    if password != login.password:
        raise SignInRefused("INVALID_CREDENTIALS")
    if login.forced_error:
        raise SignInRefused(login.forced_error)
    return Welcome(login.login_id, login.recipe, login.second_factor)


def _asked_by(password: str) -> SecondFactor:
    """The second factor that a test password of user_good asks for."""
    if password == "pass_good":  # noqa: S105 - published test password
        return SecondFactor()
    if password == "mfa_device":  # noqa: S105 - published test password
        return SecondFactor("device")
    if found := QUESTIONS.fullmatch(password):
        return SecondFactor("questions", int(found[1]), int(found[2]))
    if found := SELECTION_PATTERN.fullmatch(password):
        return SecondFactor("selections", int(found[1] or 1), int(found[2] or 1))
    if password.startswith("error_"):
        raise SignInRefused(password.removeprefix("error_"))
    raise SignInRefused("INVALID_CREDENTIALS")


def questions(factor: SecondFactor, *, round_number: int) -> list[str]:
    """The words asked in a round, counted from 0; one for each answer wanted."""
    if factor.kind == "device":
        return ["The code that the bank sent to your phone"]
    if factor.kind == "selections":
        return [f"Is the answer Yes? (question {n + 1})" for n in range(factor.per_round)]
    return [f"You say tomato, I say...? ({round_number}, {n})" for n in range(factor.per_round)]


def right_answers(factor: SecondFactor, *, round_number: int) -> list[str]:
    """The answers that the bank takes in a round, counted from 0."""
    if factor.kind == "device":
        return [CODE]
    if factor.kind == "selections":
        return [SELECTION] * factor.per_round
    return [f"answer_{round_number}_{n}" for n in range(factor.per_round)]
