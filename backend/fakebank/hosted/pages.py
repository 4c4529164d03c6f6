"""The sign-in page's steps as HTML: plain forms that need no script."""

from __future__ import annotations

from fakebank.bank.institutions import Institution
from fakebank.bank.records import Account
from fakebank.bank.sign_in import SELECTIONS, questions
from fakebank.hosted.flow import Refusal, Visit
from fakebank.markup import Child, Html, el, join, page

STYLESHEET = "/static/style.css"


def step_page(visit: Visit, *, refusal: Refusal | None, query: str, found: list[Institution],
              offered: list[Account]) -> Html:  # fmt: skip
    """The page of the step that the session is at."""
    match visit.session.step:
        case "institutions":
            title, body = "Choose your bank", _institutions(visit, query, found)
        case "credentials":
            title, body = _sign_in_title(visit), _credentials(visit, refusal)
        case "factor":
            title, body = "Confirm that it is you", _factor(visit, refusal)
        case "accounts":
            title, body = "Choose accounts to share", _accounts(visit, offered)
        case _:
            return ended_page(visit)
    shown = "Error: " + title if refusal else title
    return sheet(shown, el("h1", title), _wrong(refusal), body, _leave(visit))


def sheet(title: str, *body: Child) -> Html:
    """A page with the ribbon that says that nothing here is real."""
    ribbon = el(
        "header",
        "Sandbox bank: nothing here is real. Never enter a real password.",
        class_="ribbon",
    )
    return page(f"{title} · Sandbox bank", ribbon, el("main", *body), stylesheet=STYLESHEET)


def ended_page(visit: Visit) -> Html:
    """After the last step, for whoever has no page to return to or comes back."""
    client = visit.token.request["client_name"]
    if visit.session.step == "left":
        return sheet(
            "You have left",
            el("h1", "You have left"),
            el("p", f"Nothing was connected. You can close this page, or start again from"
                    f" {client}."),
        )  # fmt: skip
    return sheet(
        "Done",
        el("h1", "Done"),
        el("p", f"{client} has what it needs. You can close this page and go back to it."),
    )


def expired_page(client: str) -> Html:
    """A page whose time is over."""
    return sheet(
        "This page has expired",
        el("h1", "This page has expired"),
        el("p", "For your safety a sign-in page works for a limited time only. Nothing was"
                " connected."),
        el("p", f"To start again, go back to {client} and choose to add or fix the bank once"
                " more: it opens a new page."),
    )  # fmt: skip


def unknown_page() -> Html:
    """An address that no link token has."""
    return sheet(
        "No such page",
        el("h1", "No such page"),
        el("p", "This sign-in page does not exist. Check that the address is complete, or go back"
                " to where you came from and start again."),
    )  # fmt: skip


def _wrong(refusal: Refusal | None) -> Html:
    """What went wrong, as the first thing that is read: it takes the focus."""
    if refusal is None:
        return join()
    code = el("small", f" ({refusal.code})") if refusal.code else None
    return el("div", refusal.words, code, class_="wrong", role="alert", id="wrong",
              tabindex="-1", autofocus=True)  # fmt: skip


def _form(visit: Visit, *children: Child, autocomplete: str | None = None) -> Html:
    step = el("input", type="hidden", name="step", value=visit.session.step)
    return el("form", step, *children, method="post", autocomplete=autocomplete, novalidate=True)


def _button(label: str, action: str, *, plain: bool = False) -> Html:
    return el("button", label, name="action", value=action, class_="plain" if plain else None)


def _leave(visit: Visit) -> Html:
    change = visit.session.step == "credentials" and not visit.updating
    other = _form(visit, _button("Choose another bank", "other", plain=True)) if change else None
    return join(other, _form(visit, _button("Leave without connecting", "leave", plain=True)))


def _institutions(visit: Visit, query: str, found: list[Institution]) -> Html:
    client = visit.token.request["client_name"]
    search = el(
        "form",
        el("label", "Find your bank", for_="q"),
        el("input", type="search", id="q", name="q", value=query, autocomplete="off",
           autofocus=not query),
        el("button", "Search"),
        method="get",
        role="search",
    )  # fmt: skip
    return join(
        el("p", f"{client} asks to read your accounts and transactions. It never sees your"
                " password.", class_="quiet"),
        search,
        el("h2", "Banks" if not query else f"Banks that match “{query}”"),
        _bank_list(visit, found) if found else el(
            "p", "No bank matches. Check the spelling, or search for a part of the name."),
        _hint("Test names", TEST_NAMES),
    )  # fmt: skip


def _bank_list(visit: Visit, found: list[Institution]) -> Html:
    rows = [
        el("li", el("button", each.name, el("small", ", ".join(each.countries)),
                    name="institution_id", value=each.institution_id))
        for each in found
    ]  # fmt: skip
    return _form(visit, el("input", type="hidden", name="action", value="choose"),
                 el("ul", *rows, class_="banks"))  # fmt: skip


def _sign_in_title(visit: Visit) -> str:
    return f"Sign in to {visit.institution.name}"


def _credentials(visit: Visit, refusal: Refusal | None) -> Html:
    wrong = refusal.fields if refusal else ()
    client = visit.token.request["client_name"]
    purpose = f"to go on sharing with {client}" if visit.updating else f"to share with {client}"
    where = "This is the bank's own page. " if visit.institution.oauth else ""
    return join(
        el("p", f"{where}Sign in {purpose}.", class_="quiet"),
        _form(
            visit,
            _field("username", "Username", value=visit.session.username, wrong=wrong,
                   focus=refusal is None and not visit.session.username),
            _field("password", "Password", kind="password", wrong=wrong,
                   focus=refusal is None and bool(visit.session.username)),
            _button("Sign in", "sign_in"),
            autocomplete="off",
        ),
        _hint("Test names", TEST_NAMES),
    )  # fmt: skip


def _field(
    name: str, label: str, *, wrong: tuple[str, ...], value: str = "", kind: str = "text",
    focus: bool = False, hint: str | None = None,
) -> Html:  # fmt: skip
    code = hint == "code"
    return join(
        el("label", label, for_=name),
        el("input", id=name, name=name, type=kind, value=value, required=True, autofocus=focus,
           autocomplete="one-time-code" if code else "off", autocapitalize="none",
           spellcheck="false", inputmode="numeric" if code else None,
           aria_invalid="true" if name in wrong else None,
           aria_describedby="wrong" if name in wrong else None),
    )  # fmt: skip


def _factor(visit: Visit, refusal: Refusal | None) -> Html:
    wrong = refusal.fields if refusal else ()
    asked = questions(visit.factor, round_number=visit.session.factor_round)
    kind = visit.factor.kind
    fields = [
        _selection(n, words, wrong=wrong)
        if kind == "selections"
        else _field(f"answer_{n}", words, wrong=wrong, focus=refusal is None and n == 0,
                    hint="code" if kind == "device" else None)
        for n, words in enumerate(asked)
    ]  # fmt: skip
    hints = {
        "device": ["The code is 1234. Three wrong ones lock the login."],
        "selections": ["The right answer is Yes."],
        "questions": ["The right answer to (i, j) is answer_i_j."],
    }
    return join(
        el("p", f"{visit.institution.name} wants to be sure that it is you.", class_="quiet"),
        _form(visit, *fields, _button("Continue", "answer"), autocomplete="off"),
        _hint("Test answers", [(line, "") for line in hints[kind]]),
    )


def _selection(n: int, words: str, *, wrong: tuple[str, ...]) -> Html:
    name = f"answer_{n}"
    choices = [
        el("label", el("input", type="radio", name=name, value=choice,
                       aria_describedby="wrong" if name in wrong else None), choice)
        for choice in SELECTIONS
    ]  # fmt: skip
    return el("fieldset", el("legend", words), *choices, class_="choices")


def _accounts(visit: Visit, offered: list[Account]) -> Html:
    client = visit.token.request["client_name"]
    kept = _kept(visit)
    rows = [
        el("li", el("label", el("input", type="checkbox", name="account", value=each.account_id,
                                checked=kept is None or each.account_id in kept),
                    el("span", each.name, " ", el("small", _facts(each)))))
        for each in offered
    ]  # fmt: skip
    return join(
        el("p", f"{client} will be able to read these accounts and their transactions.",
           class_="quiet"),
        _form(
            visit,
            el("fieldset", el("legend", "Accounts"), el("ul", *rows, class_="accounts")),
            _button("Share and finish", "share"),
        ),
    )  # fmt: skip


def _kept(visit: Visit) -> dict[str, int] | None:
    """In update mode the accounts that are shared already; None when all are offered ticked."""
    item_id = visit.token.update_item_id
    return None if item_id is None else visit.sandbox.items[item_id].account_ids


def _facts(account: Account) -> str:
    mask = f"••{account.mask} · " if account.mask else ""
    return f"{mask}{account.subtype} · {account.currency}"


TEST_NAMES = [
    ("user_good / pass_good", "a small company's accounts"),
    ("user_good / mfa_device", "asks for a code: 1234"),
    ("user_good / mfa_selections", "asks a question: Yes"),
    ("user_good / mfa_questions_1_1", "asks a question: answer_0_0"),
    ("user_good / error_ITEM_LOCKED", "refuses with that code; any other code works too"),
    ("user_transactions_dynamic / any", "every refresh brings changes"),
    ("user_equal_masks / any", "two accounts with the same number, type and currency"),
    ("user_custom / JSON", "a custom-user document as the password"),
]


def _hint(title: str, lines: list[tuple[str, str]]) -> Html:
    rows = [
        el("li", el("code", name) if meaning else name, f": {meaning}" if meaning else None)
        for name, meaning in lines
    ]
    return el("details", el("summary", title), el("ul", *rows), class_="quiet")
