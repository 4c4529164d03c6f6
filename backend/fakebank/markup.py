"""HTML as Python calls, escaped by construction."""

from __future__ import annotations

from html import escape

VOID = frozenset({"input", "meta", "link", "br", "hr"})


class Html(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


Child = str | None


def el(tag: str, *children: Child, **attributes: str | bool | None) -> Html:
    """An element: `el("p", "Tom & Jerry", class_="x")`.

    A trailing underscore of an attribute is dropped and the others become hyphens; True gives a
    bare attribute; False and None leave it out.
    """
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{join(*children)}</{tag}>")


def join(*children: Child) -> Html:
    """Children one after the other; what is not HTML is escaped."""
    return Html("".join(c if isinstance(c, Html) else escape(c) for c in children if c))


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{escape(value)}"'


def page(title: str, *body: Child, stylesheet: str, lang: str = "en") -> Html:
    """A whole document."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="robots", content="noindex"),
        el("title", title),
        el("link", rel="stylesheet", href=stylesheet),
    )
    return Html(f"<!doctype html>\n{el('html', head, el('body', *body), lang=lang)}\n")
