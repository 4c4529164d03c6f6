"""Documents kept by their hash: the registered for ever, of others the last used."""

from __future__ import annotations

import pytest
from graphql import parse

from counterfoil.api.documents import KEPT_CHARACTERS, Documents, DocumentUnusable, document_hash
from counterfoil.api.refusals import Refused
from counterfoil.api.requests import GraphQLRequest
from tests.api.documents import SCHEMA

REGISTERED = "{me{name}}"


@pytest.fixture
def documents() -> Documents:
    return Documents(SCHEMA, [REGISTERED])


def asked(text: str) -> GraphQLRequest:
    return GraphQLRequest(None, document_hash(text))


def keep(documents: Documents, text: str, *, length: int) -> None:
    documents.keep(document_hash(text), parse(text), length=length)


def is_kept(documents: Documents, text: str) -> bool:
    try:
        return documents.find(asked(text))[1] is not None
    except Refused:
        return False


def test_an_unknown_one_is_refused(documents: Documents) -> None:
    with pytest.raises(Refused) as refused:
        documents.find(asked("{me{id}}"))
    assert refused.value.code == "DOCUMENT_NOT_FOUND"


def test_a_registered_one_with_a_number_of_any_length_is_unusable() -> None:
    with pytest.raises(DocumentUnusable, match="A number may have at most 40 characters"):
        Documents(SCHEMA, ["{things(first:" + "9" * 4_301 + "){count}}"])


def test_a_text_that_is_new_is_just_not_known(documents: Documents) -> None:
    assert documents.find(GraphQLRequest("{me{id}}")) == (document_hash("{me{id}}"), None)


def test_the_least_used_make_room(documents: Documents) -> None:
    half = KEPT_CHARACTERS // 2
    keep(documents, "{me{id}}", length=half)
    keep(documents, "{me{tag{text}}}", length=half)
    assert is_kept(documents, "{me{id}}")  # used again: now the other one is the least used
    keep(documents, "{some{count}}", length=1)
    assert is_kept(documents, "{me{id}}")
    assert not is_kept(documents, "{me{tag{text}}}")
    assert is_kept(documents, "{some{count}}")


def test_the_same_one_counts_once(documents: Documents) -> None:
    for _ in range(3):
        keep(documents, "{me{id}}", length=KEPT_CHARACTERS // 2)
    keep(documents, "{some{count}}", length=KEPT_CHARACTERS // 2)
    assert is_kept(documents, "{me{id}}")


def test_one_that_is_longer_than_all_together_is_not_kept(documents: Documents) -> None:
    keep(documents, "{me{id}}", length=10)
    keep(documents, "{some{count}}", length=KEPT_CHARACTERS + 1)
    assert is_kept(documents, "{me{id}}")
    assert not is_kept(documents, "{some{count}}")


def test_registered_ones_stay(documents: Documents) -> None:
    keep(documents, REGISTERED, length=KEPT_CHARACTERS)
    keep(documents, "{me{id}}", length=KEPT_CHARACTERS)
    assert is_kept(documents, "{me{id}}")
    known = documents.find(asked(REGISTERED))[1]
    assert known is not None
    assert known.registered
