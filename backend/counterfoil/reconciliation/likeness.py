"""What two texts have in common: pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from counterfoil.reconciliation.examples import telling, words_of

SHORTEST_WORD = 3
SHORTEST_REFERENCE = 3
_YEARS = range(1900, 2100)


def telling_words(*texts: str | None) -> frozenset[str]:
    """The words of texts that tell who or what, if they are of 3 letters at least."""
    return frozenset(
        word
        for text in texts
        if text
        for word in telling(words_of(text))
        if len(word) >= SHORTEST_WORD
    )


def common_words(one: frozenset[str], other: frozenset[str]) -> tuple[str, ...]:
    """The words that both have, in order, if they are at least half of the shorter one's."""
    common = one & other
    return tuple(sorted(common)) if 2 * len(common) >= min(len(one), len(other)) else ()


def reference_of(text: str | None) -> str | None:
    """A reference as it is compared: "INV-0042" is "inv0042", "0042" is "42".

    None for what could be in any text: without a digit, shorter than 3, or a year.
    """
    joined = "".join(words_of(text)) if text else ""
    if joined.isdecimal():
        joined = joined.lstrip("0")
        if len(joined) == len("2026") and int(joined) in _YEARS:
            return None
    telling = len(joined) >= SHORTEST_REFERENCE and any(sign.isdigit() for sign in joined)
    return joined if telling else None


def references_in(*texts: str | None) -> frozenset[str]:
    """Everything in texts that could be a reference: each word, and each with the next ones."""
    words = [words_of(text) for text in texts if text]
    return frozenset(
        reference
        for those in words
        for run in _runs(those)
        if (reference := reference_of(run)) is not None
    )


def _runs(words: list[str]) -> Iterable[str]:
    yield from words
    yield from (one + two for one, two in pairwise(words))
    yield from (a + b + c for a, b, c in zip(words, words[1:], words[2:], strict=False))


def names(text: str | None, words: frozenset[str]) -> bool:
    """Whether all telling words of a name are among `words`."""
    wanted = telling_words(text)
    return bool(wanted) and wanted <= words
