"""The page of one account behind the counter: its facts, who reads it, its latest lines."""

from __future__ import annotations

from fakebank.bank.records import Account, Line
from fakebank.control.forms import Forms, field, small, table
from fakebank.hosted.pages import STYLESHEET
from fakebank.markup import Child, Html, el, join, page
from fakebank.plaid.items import persistent_id
from fakebank.sandbox import Sandbox

LATELY = 40


def account_page(
    sandbox: Sandbox, account: Account, *, form_token: str, wrong: str | None = None
) -> Html:
    """The whole page."""
    title = f"{account.name} ••{account.mask}"
    parts = _Parts(sandbox, account, Forms(form_token, page=account.account_id))
    alert = None
    if wrong:
        alert = el("div", wrong, class_="wrong", role="alert", tabindex="-1", autofocus=True)
    return page(
        f"{title} · Sandbox bank",
        el("header", "Sandbox bank: nothing here is real.", class_="ribbon"),
        el(
            "main",
            el("p", el("a", "Behind the counter", href="/_control")),
            el("h1", title),
            alert,
            parts.facts(),
            parts.readers(),
            parts.lines(),
            class_="wide",
        ),
        stylesheet=STYLESHEET,
    )


class _Parts:
    def __init__(self, sandbox: Sandbox, account: Account, forms: Forms) -> None:
        self._sandbox = sandbox
        self._account = account
        self._forms = forms

    def facts(self) -> Html:
        """What the bank says about the account, to be changed."""
        account, forms = self._account, self._forms
        closed = account.closed_at is not None
        lasting = persistent_id(self._sandbox, account)
        return join(
            el("p", f"{account.balance} {account.currency}. ",
               "It is closed: links no longer show it. " if closed else None,
               f"Its lasting id is {lasting}." if lasting else "It has no lasting id."),
            forms.form(
                "account", account.account_id,
                el("label", "Name", for_="name"),
                el("input", id="name", name="name", value=account.name, autocomplete="off"),
                el("label", "Number", for_="mask"),
                el("input", id="mask", name="mask", value=account.mask or "", size="4",
                   maxlength="4", autocomplete="off"),
                small("Change"),
            ),
            forms.form(
                "replace", account.account_id,
                field("mask", "Number of the new account", size=4),
                small("Replace it by a new account with its lines"),
            ),
            forms.form("open" if closed else "close", account.account_id,
                       small("Open it again" if closed else "Close it")),
        )  # fmt: skip

    def readers(self) -> Html:
        """The Items that share the account."""
        rows: list[list[Child]] = [
            [
                el("code", item.item_id[:8]),
                self._forms.form("revoke_account", item.item_id,
                                 small("Withdraw permission for this account alone")),
            ]
            for item in self._sandbox.items
            if item.removed_at is None and self._account.account_id in item.account_ids
        ]  # fmt: skip
        return join(
            el("h2", "Items that share it"),
            table(["Item", "Do"], rows) if rows else el("p", "None."),
        )

    def lines(self) -> Html:
        """The latest lines, newest first, withdrawn ones too."""
        lines = self._sandbox.bank.ledger.lines_of([self._account.account_id])
        newest = sorted(lines, key=lambda line: (line.listed_on, line.created_position))
        rows = [self._line(each) for each in reversed(newest[-LATELY:])]
        heads = ["Line", "State", "Change", "Do"]
        return join(
            el("h2", "Latest lines"),
            table(heads, rows) if rows else el("p", "None."),
        )

    def _line(self, line: Line) -> list[Child]:
        text = f"{line.listed_on} {line.description.text}"
        shown = f"{text}: {line.amount} {line.currency}"
        if line.removed_position is not None:
            back = self._forms.form("restore_line", line.line_id, small("Bring it back"))
            return [shown, "withdrawn", None, back]
        return [
            shown,
            "pending" if line.pending else "posted",
            self._change(line, text),
            join(
                self._forms.form("post_line", line.line_id, small("Let it post"))
                if line.pending
                else None,
                self._forms.form("remove_line", line.line_id, small("Withdraw it")),
            ),
        ]

    def _change(self, line: Line, text: str) -> Html:
        posted_on = "" if line.posted_on is None else line.posted_on.isoformat()
        return self._forms.form(
            "change_line", line.line_id,
            field("amount", f"Amount of {text}", value=str(line.amount), size=8),
            field("description", f"Description of {text}", value=line.description.text, size=22),
            None if line.pending
            else field("posted_on", f"Date of {text}", value=posted_on, size=10),
            small("Change"),
        )  # fmt: skip
