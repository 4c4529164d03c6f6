"""docs/integrating.md: every document in it is one that the schema takes."""

from __future__ import annotations

import re

import pytest
from graphql import OperationDefinitionNode, parse, validate

from counterfoil.api.guard import SIGNED_IN, check
from counterfoil.api.schema import schema
from tests.services.processes import ROOT

_TEXT = (ROOT / "docs" / "integrating.md").read_text(encoding="utf-8")
_DOCUMENTS = re.findall(r"```graphql\n(.*?)```", _TEXT, flags=re.DOTALL)


def test_there_are_some() -> None:
    assert len(_DOCUMENTS) == 13


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda text: " ".join(text.split()[:2]))
def test_a_document_is_valid(document: str) -> None:
    assert validate(schema._schema, parse(document)) == []


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda text: " ".join(text.split()[:2]))
def test_an_operation_is_within_the_limits(document: str) -> None:
    parsed = parse(document)
    for node in parsed.definitions:
        if isinstance(node, OperationDefinitionNode):
            check(schema._schema, parsed, {}, operation=node, limits=SIGNED_IN, signed_in=True)


@pytest.mark.parametrize("path", re.findall(r"\]\(([\w.]+\.md)\)", _TEXT))
def test_a_link_leads_somewhere(path: str) -> None:
    assert (ROOT / "docs" / path).is_file()
