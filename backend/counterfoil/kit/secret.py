"""A secret text in memory: it shows itself only where the code asks for it by name."""

from __future__ import annotations


class Secret:
    """Holds a text that must not reach a log, an error or an answer.

    `repr`, `str` and f-strings show stars; `reveal()` gives the text. Equal when the text is.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)
