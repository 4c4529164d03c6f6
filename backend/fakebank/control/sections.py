"""The control page as HTML, section by section."""

from __future__ import annotations

from fakebank.bank.institutions import Institution
from fakebank.bank.records import Account, Login
from fakebank.bank.sign_in import TRIES
from fakebank.control.forms import Forms, select, small, table
from fakebank.faults import FAULT_KINDS, NEEDS_THE_BANK
from fakebank.hosted.pages import STYLESHEET, TEST_NAMES
from fakebank.markup import Child, Html, el, join, page
from fakebank.plaid.items import item_error
from fakebank.plaid.outbox import Delivery
from fakebank.plaid.records import Item
from fakebank.plaid.wire import moment
from fakebank.sandbox import Sandbox

LATELY = 12


def control_page(sandbox: Sandbox, *, form_token: str, wrong: str | None = None) -> Html:
    """The whole page."""
    sections = Sections(sandbox, form_token)
    alert = None
    if wrong:
        alert = el("div", wrong, class_="wrong", role="alert", tabindex="-1", autofocus=True)
    return page(
        "Sandbox bank",
        el("header", "Sandbox bank: nothing here is real.", class_="ribbon"),
        el(
            "main",
            el("h1", "Behind the counter"),
            alert,
            sections.clock(),
            sections.logins(),
            sections.items(),
            sections.institutions(),
            sections.faults(),
            sections.webhooks(),
            sections.requests(),
            sections.test_names(),
            class_="wide",
        ),
        stylesheet=STYLESHEET,
    )


class Sections:
    """The parts of the page over one sandbox."""

    def __init__(self, sandbox: Sandbox, form_token: str) -> None:
        self._sandbox = sandbox
        self._forms = Forms(form_token)

    def clock(self) -> Html:
        ahead = [("1 hour", "1"), ("1 day", "24"), ("7 days", "168"), ("30 days", "720")]
        return join(
            el("h2", "Clock"),
            el("p", f"In the bank it is {moment(self._sandbox.clock.now())}. Lines come and post"
                    " as its time goes by."),
            self._forms.form("advance", "", *[
                el("button", f"Advance {words}", name="hours", value=hours, class_="small")
                for words, hours in ahead
            ]),
        )  # fmt: skip

    def logins(self) -> Html:
        logins = list(self._sandbox.bank.logins)
        if not logins:
            return join(
                el("h2", "Logins"),
                el("p", "Nobody has signed in yet. A login shows up here once it is linked."),
            )
        return join(el("h2", "Logins"), *[self._login(each) for each in logins])

    def _login(self, login: Login) -> Html:
        bank = self._sandbox.bank
        name = f"{login.username} at {bank.institutions[login.institution_id].name}"
        password = f"password-{login.login_id}"
        accounts = [self._account(bank.ledger.accounts[each]) for each in login.account_ids]
        return el(
            "section",
            el("h3", name),
            el("p", "Locked. " if login.locked else None, _password_words(login)),
            self._forms.form(
                "password", login.login_id,
                el("label", "New password", for_=password),
                el("input", id=password, name="password", autocomplete="off"),
                small("Change the password (breaks the sign-in)"),
            ),
            self._forms.form("unlock" if login.locked else "lock", login.login_id,
                       small("Unlock" if login.locked else f"Lock, as {TRIES} wrong codes do")),
            self._next_link(login),
            table(["Account", "Balance", "Add a line"], accounts),
        )  # fmt: skip

    def _next_link(self, login: Login) -> Html:
        """How the login's next link prints its lines: a client should still know them again."""
        words = [
            "in other words" if login.next_link_other_words else "in the same words",
            f"with dates shifted by {login.next_link_days_later} days"
            if login.next_link_days_later
            else "with the same dates",
        ]
        return self._forms.form(
            "next_link", login.login_id,
            el("p", f"The next link of this login prints its lines {' and '.join(words)}."),
            el("label", el("input", type="checkbox", name="other_words",
                           checked=login.next_link_other_words), " other words"),
            select("days_later", "Dates of the next link",
                   [("0", "same dates"), ("1", "a day later"), ("-1", "a day earlier")]),
            small("Set for the next link"),
        )  # fmt: skip

    def _account(self, account: Account) -> list[Child]:
        label = f"{account.name} ••{account.mask}"
        return [
            join(
                el("a", label, href=f"/_control/accounts/{account.account_id}"),
                None if account.closed_at is None else " (closed)",
            ),
            f"{account.balance} {account.currency}",
            self._forms.form(
                "line", account.account_id,
                el("input", name="amount", inputmode="decimal", size="8", placeholder="-12.50",
                   aria_label=f"Amount for {label}, minus for money out"),
                el("input", name="description", size="18", placeholder="Description",
                   aria_label=f"Description for {label}"),
                el("label", el("input", type="checkbox", name="pending"), " pending"),
                small("Add"),
            ),
        ]  # fmt: skip

    def items(self) -> Html:
        rows = [self._item(each) for each in self._sandbox.items if each.removed_at is None]
        return join(
            el("h2", "Items"),
            table(["Item", "Login", "Health", "Webhook", "Do"], rows)
            if rows
            else el("p", "Nothing is linked."),
        )

    def _item(self, item: Item) -> list[Child]:
        error = item_error(self._sandbox, item)
        login = self._sandbox.bank.logins[item.login_id]
        return [
            el("code", item.item_id[:8]),
            f"{login.username} at {self._sandbox.bank.institutions[item.institution_id].name}",
            "works" if error is None else error.code,
            item.webhook or "none",
            join(
                self._forms.form(
                    "login_required", item.item_id, small("Ask for the sign-in again")
                ),
                self._forms.form("revoke", item.item_id, small("Withdraw permission")),
                self._forms.form("consent", item.item_id, small("End the consent in 8 days")),
                self._forms.form("heal", item.item_id, small("Heal")),
            ),
        ]

    def institutions(self) -> Html:
        rows = [self._institution(each) for each in self._sandbox.bank.institutions]
        return join(el("h2", "Institutions"), table(["Name", "Id", "Health", "Do"], rows))

    def _institution(self, institution: Institution) -> list[Child]:
        institution_id, scenario = institution.institution_id, self._sandbox.scenario
        lasting = institution_id in scenario.persistent_ids
        breaking = institution_id in scenario.second_link_breaks_first
        forms = self._forms
        return [
            institution.name,
            el("code", institution_id),
            self._health(institution),
            join(
                forms.form("down", institution_id, small("Down for 5 minutes")),
                forms.form("move", institution_id, small("Move to a new id"))
                if institution.supported
                else None,
                forms.form("lasting_ids", institution_id, small(
                    "Give no lasting ids" if lasting else "Give accounts lasting ids")),
                forms.form("breaks_first", institution_id, small(
                    "Let older links live" if breaking else "Let a new link end older ones")),
            ),
        ]  # fmt: skip

    def _health(self, institution: Institution) -> str:
        move = self._sandbox.bank.institutions.moves.get(institution.institution_id)
        if move is not None:
            return f"moved to {move.new_id}"
        down = self._sandbox.institution_down(institution.institution_id)
        return "down" if down else institution.health

    def faults(self) -> Html:
        active: list[list[Child]] = [
            [each.kind, each.path or "calls for data", each.institution_id or each.item_id or "all",
             f"{each.count_left} times" if each.count_left is not None else moment(each.until)]
            for each in self._sandbox.faults
            if not each.over(self._sandbox.clock.now())
        ]  # fmt: skip
        return join(
            el("h2", "Faults"),
            table(["What", "Where", "Whose", "Until"], active) if active else el("p", "None."),
            self._forms.form("clear_faults", "", small("Take all faults away")),
            el("h3", "Go wrong for 5 minutes"),
            self._forms.form(
                "fault", "",
                select("kind", "What", [(k, f"{k}: {v}") for k, v in FAULT_KINDS.items()]),
                select("path", "Where", [("", "every call for data"),
                                          *((p, p) for p in sorted(NEEDS_THE_BANK))]),
                el("input", name="code", placeholder="Error code", aria_label="Error code"),
                el("input", name="seconds", value="45", size="4", aria_label="Seconds of delay"),
                small("Go wrong"),
            ),
        )  # fmt: skip

    def webhooks(self) -> Html:
        rows: list[list[Child]] = [
            [moment(each.created_at), _webhook_name(each), each.url, str(each.tries), each.answer,
             moment(each.due_at) or ""]
            for each in list(self._sandbox.deliveries)[-LATELY:]
        ]  # fmt: skip
        heads = ["When", "What", "Where", "Tries", "Answer", "Next try"]
        return join(el("h2", "Webhooks"), table(heads, rows[::-1]) if rows else el("p", "None."))

    def requests(self) -> Html:
        rows: list[list[Child]] = [
            [each["at"], el("code", each["path"]), str(each["status"]), each["error_code"]]
            for each in self._sandbox.journal.since(0)[-LATELY:]
        ]
        heads = ["When", "Call", "Status", "Error"]
        return join(el("h2", "Requests"), table(heads, rows[::-1]) if rows else el("p", "None."))

    def test_names(self) -> Html:
        rows: list[list[Child]] = [[el("code", name), meaning] for name, meaning in TEST_NAMES]
        return join(el("h2", "Test names"), table(["Username / password", "Meaning"], rows))


def _webhook_name(delivery: Delivery) -> str:
    payload = delivery.payload
    return f"{payload.get('webhook_type')}/{payload.get('webhook_code')}"


def _password_words(login: Login) -> str:
    own = login.password_changed or (login.recipe == "custom" and login.username != "user_custom")
    return f"The password is {login.password}." if own else "It signs in as its test name says."
