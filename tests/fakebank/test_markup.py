"""HTML that is escaped by construction."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from fakebank.markup import Html, el, join, page


class Reader(HTMLParser):
    """Collects the elements and the text of a document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


class TestEl:
    @given(words=st.text(st.characters(exclude_categories=["Cc", "Cs"])))
    def test_text_stays_text_and_value_stays_value(self, words: str) -> None:
        read = Reader(el("p", words, title=words))
        assert read.elements == [("p", {"title": words})]
        assert read.text == words

    def test_attributes_are_named_as_in_html(self) -> None:
        made = el("label", "x", for_="y", aria_label="z", hidden=True, lang=None, dir=False)
        assert made == '<label for="y" aria-label="z" hidden>x</label>'

    def test_html_is_not_escaped_twice(self) -> None:
        assert el("p", el("b", "&")) == "<p><b>&amp;</b></p>"
        assert join("<", None, Html("<br>")) == "&lt;<br>"

    def test_page_names_its_language_and_title(self) -> None:
        made = page("A & B", el("p"), stylesheet="/s.css")
        assert made.startswith('<!doctype html>\n<html lang="en">')
        assert "<title>A &amp; B</title>" in made
