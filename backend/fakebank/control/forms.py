"""What the pages behind the counter are made of: forms with their token, buttons, tables."""

from __future__ import annotations

from dataclasses import dataclass

from fakebank.markup import Child, Html, el


@dataclass(frozen=True, slots=True)
class Forms:
    """Makes the forms of one page; `page` is the account whose page it is, "" for the main one."""

    token: str
    page: str = ""

    def form(self, do: str, about: str, *children: Child) -> Html:
        """A form that does one deed to the thing with the id `about`."""
        hidden = [
            ("form_token", self.token), ("do", do), ("about", about), ("page", self.page)
        ]  # fmt: skip
        return el(
            "form",
            *[el("input", type="hidden", name=name, value=value) for name, value in hidden],
            *children,
            method="post",
            action="/_control",
            class_="row",
        )


def small(label: str) -> Html:
    """A small button that sends its form."""
    return el("button", label, class_="small")


def field(name: str, label: str, *, value: str = "", size: int = 12) -> Html:
    """A text field whose label is read aloud only; its placeholder is the label's first word."""
    return el(
        "input", name=name, value=value, size=str(size), aria_label=label,
        placeholder=label.partition(" ")[0], autocomplete="off",
    )  # fmt: skip


def select(name: str, label: str, options: list[tuple[str, str]]) -> Html:
    """A choice of (value, words)."""
    return el(
        "select",
        *[el("option", words, value=value) for value, words in options],
        name=name,
        aria_label=label,
    )


def table(heads: list[str], rows: list[list[Child]]) -> Html:
    """A table that scrolls sideways by itself on a narrow screen."""
    head = el("thead", el("tr", *[el("th", each, scope="col") for each in heads]))
    body = el("tbody", *[el("tr", *[el("td", cell) for cell in row]) for row in rows])
    return el("div", el("table", head, body), class_="scroll", tabindex="0", role="region",
              aria_label=heads[0])  # fmt: skip
