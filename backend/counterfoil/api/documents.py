"""Documents that are known already: those that an operator registered, and those used lately.

A document that was parsed and found valid is kept, so that a client may send its hash alone
(GraphQL over HTTP, appendix "Persisted Documents"; Apollo's automatic persisted queries).
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate

from counterfoil.api.guard import check_numbers
from counterfoil.api.refusals import Refused, RequestCode
from counterfoil.api.requests import GraphQLRequest
from counterfoil.errors import CounterfoilError

FOLDER_PATTERN = "*.graphql"
KEPT_CHARACTERS = 400_000
"""How much source text is kept; parsed, each character takes about 150 bytes."""


class DocumentUnusable(CounterfoilError):
    """A registered document can't be parsed, or does not fit the schema."""

    code = "NOT_SET_UP"

    def __init__(self, text: str, reason: str) -> None:
        self.reason = reason
        first_line = text.strip().partition("\n")[0][:60]
        super().__init__(f"The registered document “{first_line}” can't be used: {reason}")


@dataclass(frozen=True, slots=True)
class Known:
    """A parsed and valid document. `registered`: an operator put it there."""

    document: DocumentNode
    length: int
    registered: bool = False


def document_hash(text: str) -> str:
    """The SHA-256 of a document's source text in UTF-8, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_registered(folder: Path) -> list[str]:
    """The documents in the files of a folder, which may be absent."""
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob(FOLDER_PATTERN))]


def _usable(schema: GraphQLSchema, text: str) -> Known:
    try:
        check_numbers(parse(text))
        document = parse(text, no_location=True)
    except GraphQLError as error:
        raise DocumentUnusable(text, error.message) from None
    if errors := validate(schema, document, hide_suggestions=True):
        raise DocumentUnusable(text, errors[0].message)
    return Known(document, len(text), registered=True)


class Documents:
    """Finds documents by hash. Those registered stay; of the others the last used are kept.

    Raises:
        DocumentUnusable: a registered one does not fit the schema.
    """

    def __init__(self, schema: GraphQLSchema, registered: Iterable[str] = ()) -> None:
        self._registered = {document_hash(text): _usable(schema, text) for text in registered}
        self._lately: OrderedDict[str, Known] = OrderedDict()
        self._characters = 0

    def find(self, request: GraphQLRequest) -> tuple[str, Known | None]:
        """The hash of the request's document, and the document where it is known.

        Raises:
            Refused: DOCUMENT_NOT_FOUND, or BAD_REQUEST where hash and text don't belong together.
        """
        if request.query is None:
            digest = str(request.document_hash)
            known = self._get(digest)
            if known is None:
                raise _not_found(request)
            return digest, known
        digest = document_hash(request.query)
        if request.document_hash not in (None, digest):
            raise Refused(RequestCode.BAD_REQUEST, "The hash is not that of the document.")
        return digest, self._get(digest)

    def keep(self, digest: str, document: DocumentNode, *, length: int) -> None:
        """Remember a valid document of `length` characters; the least used make room."""
        if digest in self._registered or digest in self._lately or length > KEPT_CHARACTERS:
            return
        self._lately[digest] = Known(document, length)
        self._characters += length
        while self._characters > KEPT_CHARACTERS:
            _, dropped = self._lately.popitem(last=False)
            self._characters -= dropped.length

    def _get(self, digest: str) -> Known | None:
        if digest in self._registered:
            return self._registered[digest]
        if digest in self._lately:
            self._lately.move_to_end(digest)
        return self._lately.get(digest)


def _not_found(request: GraphQLRequest) -> Refused:
    if request.automatic:  # the sentence that Apollo's and urql's clients look for
        return Refused(RequestCode.DOCUMENT_NOT_FOUND, "PersistedQueryNotFound")
    return Refused(
        RequestCode.DOCUMENT_NOT_FOUND, "No document has this hash. Send its text with it once."
    )
