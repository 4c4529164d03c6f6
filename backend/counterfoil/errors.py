"""The base of every error that a person or a client may be told about.

An error is a fact, declared beside the code that raises it, and builds its sentence from typed
fields. The edge turns it into the client's `UserError`; nothing else catches it.
"""

from __future__ import annotations

from typing import ClassVar


class CounterfoilError(Exception):
    """Something that the caller can understand and act on.

    `code` is the stable word for machines, `field` the path below the mutation's input that it
    is about (camelCase is made at the edge), `retryable` whether the same call may work later.
    """

    code: str = "INVALID_INPUT"
    retryable: ClassVar[bool] = False
    field: tuple[str, ...] = ()


class NotFound(CounterfoilError):
    """No such object for this viewer: absent, hidden, and another organization's look alike."""

    code = "NOT_FOUND"

    def __init__(self, *, field: tuple[str, ...] = ()) -> None:
        self.field = field
        super().__init__("There is nothing with this id. It may have been removed.")


class InvalidInput(CounterfoilError):
    """A value that breaks a stated bound; the sentence says which one."""

    code = "INVALID_INPUT"

    def __init__(self, message: str, *, field: tuple[str, ...] = ()) -> None:
        self.field = field
        super().__init__(message)


class Conflict(CounterfoilError):
    """The object changed since the caller read it."""

    code = "CONFLICT"

    def __init__(self, *, of: str, object_id: object, expected: int, actual: int) -> None:
        self.of, self.object_id, self.expected, self.actual = of, object_id, expected, actual
        self.field = ("expected_revision",)
        super().__init__(
            "Somebody else changed this in the meantime. Look at it again, then repeat your change."
        )
