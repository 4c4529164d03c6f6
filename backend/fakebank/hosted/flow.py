"""What happens when a person answers a step of the sign-in page. It knows no HTML.

A step that the person must repeat is a `Refusal` with words; otherwise the session has moved on.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NoReturn

from fakebank.bank.custom_user import CustomUserUnreadable
from fakebank.bank.institutions import Institution
from fakebank.bank.records import Login, SecondFactor
from fakebank.bank.sign_in import TRIES, SignInRefused, right_answers
from fakebank.plaid.errors import PlaidError
from fakebank.plaid.items import hand_out_public_token, make_item, repair
from fakebank.plaid.link_calls import selects_accounts
from fakebank.plaid.outbox import tell_session_finished
from fakebank.plaid.passing_time import catch_up
from fakebank.plaid.records import LinkSession, LinkToken
from fakebank.plaid.transaction_calls import USUAL_DAYS
from fakebank.plaid.wire import moment
from fakebank.sandbox import Sandbox


class Refusal(Exception):
    """The person must do the step again. `fields` are the form fields that are wrong."""

    def __init__(self, words: str, code: str | None = None, fields: Sequence[str] = ()) -> None:
        super().__init__(words)
        self.words, self.code, self.fields = words, code, tuple(fields)


EXIT_STATUS = {
    "institutions": "requires_credentials",
    "credentials": "requires_credentials",
    "accounts": "requires_account_selection",
}
FACTOR_EXIT_STATUS = {
    "device": "requires_code",
    "questions": "requires_questions",
    "selections": "requires_selections",
}


class Visit:
    """One person at one hosted page."""

    def __init__(self, sandbox: Sandbox, token: LinkToken) -> None:
        self.sandbox = sandbox
        self.token = token
        self.session = self._session()

    def _session(self) -> LinkSession:
        """The session under way, or a new one: a page that was left may be opened again."""
        sessions = self.token.sessions
        if sessions and sessions[-1].step != "left":
            return sessions[-1]
        session = LinkSession(str(uuid.uuid4()), self.sandbox.clock.now())
        if self.token.update_item_id is not None:
            item = self.sandbox.items[self.token.update_item_id]
            login = self.sandbox.bank.logins[item.login_id]
            session.step, session.institution_id = "credentials", login.institution_id
            session.username = login.username
        sessions.append(session)
        self._note(session, "OPEN")
        return session

    @property
    def updating(self) -> bool:
        """Whether an Item is to be repaired rather than made."""
        return self.token.update_item_id is not None

    @property
    def institution(self) -> Institution:
        return self.sandbox.bank.institutions[self.session.institution_id or ""]

    @property
    def factor(self) -> SecondFactor:
        session = self.session
        return SecondFactor(session.factor_kind, session.factor_rounds, session.factor_per_round)

    @property
    def login(self) -> Login:
        return self.sandbox.bank.logins[self.session.login_id or ""]

    def choose_institution(self, institution_id: str) -> None:
        """Raises Refusal when nobody can be linked there now."""
        institution = self.sandbox.bank.institutions.get(institution_id)
        if institution is None:
            raise Refusal("Choose a bank from the list.")
        self.session.institution_id = institution_id
        self._note(self.session, "SELECT_INSTITUTION")
        if not institution.supported:
            self._refuse(
                f"{institution.name} is no longer supported. Choose another bank, or leave.",
                "INSTITUTION_NO_LONGER_SUPPORTED",
            )
        self._refuse_when_down()
        self._move("credentials")

    def choose_other_institution(self) -> None:
        """Back to the list of banks."""
        self.session.institution_id = None
        self._move("institutions")

    def sign_in(self, username: str, password: str) -> None:
        """Try a username and password at the bank. Raises Refusal with the bank's answer."""
        missing = [n for n, v in (("username", username), ("password", password)) if not v]
        self.session.username = username[:500]
        if missing:
            raise Refusal(f"Enter your {' and your '.join(missing)}.", fields=missing)
        self._note(self.session, "SUBMIT_CREDENTIALS")
        self._refuse_when_down()
        login, factor = self._enter(username, password)
        if login.forced_error:
            self._refuse_sign_in(login.forced_error)
        session = self.session
        session.login_id, session.factor_round = login.login_id, 0
        session.factor_kind = factor.kind
        session.factor_rounds, session.factor_per_round = factor.rounds, factor.per_round
        if factor.kind:
            self._move("factor")
        else:
            self._signed_in()

    def answer(self, answers: list[str]) -> None:
        """Answer what the bank asks after the password. Raises Refusal when that is wrong."""
        session = self.session
        self._note(session, "SUBMIT_MFA")
        right = right_answers(self.factor, round_number=session.factor_round)
        given = [each.strip() for each in answers]
        if given != right:
            self._refuse_answers(given, right)
        session.factor_round += 1
        if session.factor_kind == "device" or session.factor_round >= session.factor_rounds:
            self._signed_in()
        else:
            self._move("factor")

    def share(self, account_ids: list[str]) -> None:
        """Share these of the login's accounts, which ends the session. Raises Refusal."""
        offered = [each.account_id for each in self.sandbox.bank.accounts_of(self.login)]
        chosen = [each for each in offered if each in account_ids]
        if not chosen:
            raise Refusal("Choose at least one account.", fields=["account"])
        self.session.shared_account_ids = chosen
        self._finish()

    def leave(self) -> None:
        """End the session without a link."""
        session = self.session
        session.exit_status = FACTOR_EXIT_STATUS.get(
            session.factor_kind if session.step == "factor" else "",
            EXIT_STATUS.get(session.step, "requires_credentials"),
        )
        self._note(session, "EXIT")
        session.step = "left"
        self._end()

    def _enter(self, username: str, password: str) -> tuple[Login, SecondFactor]:
        bank, institution_id = self.sandbox.bank, self.institution.institution_id
        try:
            welcome = bank.check(institution_id, username, password)
        except SignInRefused as refused:
            self._refuse_sign_in(refused.code)
        except CustomUserUnreadable as unreadable:
            self._refuse(f"{unreadable}.", "INVALID_CREDENTIALS", ["password"])
        if self.updating and welcome.login_id != self._item_login_id():
            self._refuse(
                f"This is another login than the one that {self.token.request['client_name']}"
                " is connected to. Sign in with the same username.",
                "INVALID_UPDATED_USERNAME",
                ["username"],
            )
        login = bank.enter(
            welcome, institution_id=institution_id, username=username, password=password
        )
        return login, welcome.second_factor

    def _item_login_id(self) -> str:
        return self.sandbox.items[self.token.update_item_id or ""].login_id

    def _signed_in(self) -> None:
        self.sandbox.bank.accept(self.login)
        self.session.exit_error = None
        if self.updating and not selects_accounts(self.token.request):
            self._finish()
        else:
            self._move("accounts")

    def _finish(self) -> None:
        self._note(self.session, "HANDOFF")
        self.session.step = "done"
        if self.updating:
            self._repair()
        else:
            self._link()
        self._end()

    def _link(self) -> None:
        request, session = self.token.request, self.session
        item = make_item(
            self.sandbox,
            self.login,
            products=list(request["products"]),
            webhook=request.get("webhook"),
            account_ids=session.shared_account_ids,
            days_requested=request.get("transactions", {}).get("days_requested", USUAL_DAYS),
        )
        session.public_token = hand_out_public_token(self.sandbox, item).public_token

    def _repair(self) -> None:
        item = self.sandbox.items[self.token.update_item_id or ""]
        chosen = self.session.shared_account_ids
        if chosen:
            position = self.sandbox.bank.ledger.next_position()
            item.account_ids = {each: item.account_ids.get(each, position) for each in chosen}
        repair(self.sandbox, item)

    def _end(self) -> None:
        self.session.finished_at = self.sandbox.clock.now()
        self.sandbox.link_tokens.put(self.token)
        tell_session_finished(self.sandbox, self.token, self.session)
        catch_up(self.sandbox)

    def _move(self, step: str) -> None:
        self.session.step = step
        self.session.exit_error = None
        self.sandbox.link_tokens.put(self.token)

    def _refuse_when_down(self) -> None:
        if self.sandbox.institution_down(self.institution.institution_id):
            self._refuse(
                f"{self.institution.name} does not answer right now. Nothing is wrong with your"
                " sign-in. Try again later, or choose another bank.",
                "INSTITUTION_DOWN",
            )

    def _refuse_sign_in(self, code: str) -> NoReturn:
        name = self.institution.name
        words = {
            "INVALID_CREDENTIALS": f"{name} did not accept this username or password. Check both"
            " and try again.",
            "ITEM_LOCKED": f"{name} has locked this login after too many wrong tries. In this"
            " sandbox you unlock it on the control page.",
        }
        shown = PlaidError(code).kind.display or f"{name} refused with {code}."
        wrong = ["username", "password"] if code == "INVALID_CREDENTIALS" else []
        self._refuse(words.get(code, shown), code, wrong)

    def _refuse_answers(self, given: list[str], right: list[str]) -> NoReturn:
        wrong = [f"answer_{n}" for n, each in enumerate(right) if given[n : n + 1] != [each]]
        if self.sandbox.bank.refuse_code(self.login.login_id):
            self.session.step = "credentials"
            self._refuse_sign_in("ITEM_LOCKED")
        if self.session.factor_kind == "device":
            words = "That is not the code that the bank sent. Check it and enter it again."
        else:
            words = "The bank did not accept this answer. Try again."
        left = TRIES - self.login.refused_codes
        tries = "One more wrong try" if left == 1 else f"{left} more wrong tries"
        self._refuse(f"{words} {tries} will lock this login.", "INVALID_MFA", wrong)

    def _refuse(self, words: str, code: str, fields: Sequence[str] = ()) -> NoReturn:
        self.session.exit_error = code
        self._note(self.session, "ERROR", error_code=code)
        raise Refusal(words, code, fields)

    def _note(self, session: LinkSession, name: str, **metadata: str) -> None:
        """Note an event of the session, as /link/token/get lists them."""
        if session.institution_id is not None:
            metadata["institution_id"] = session.institution_id
            institution = self.sandbox.bank.institutions[session.institution_id]
            metadata["institution_name"] = institution.name
        at = moment(self.sandbox.clock.now())
        event = {"event_id": str(uuid.uuid4()), "event_name": name, "timestamp": at}
        session.events.insert(0, event | {"event_metadata": metadata | {"request_id": ""}})
        self.sandbox.link_tokens.put(self.token)
