"""Several selects of the same columns as one statement, each with its own order and limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from counterfoil.kit.sql import fetch


class Union:
    """Selects that are put together one after the other and share the numbering of parameters.

    Read at once, each goes by its own index with constants, which a join over a list of wishes
    does not promise on any of the databases.
    """

    def __init__(self) -> None:
        self._selects: list[str] = []
        self.arguments: list[object] = []

    def mark(self, value: object) -> str:
        """The place of a parameter in the select that is being written."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def marks(self, values: Iterable[object]) -> str:
        """The places of several parameters, as a list."""
        return ", ".join(map(self.mark, values))

    def add(self, select: str) -> None:
        """Add a select whose parameters were marked here; it may end in ORDER BY and LIMIT."""
        self._selects.append(select)

    @property
    def statement(self) -> str:
        """The whole, for `fetch` with `arguments`."""
        return " UNION ALL ".join(f"SELECT * FROM ({select}) AS part" for select in self._selects)  # noqa: S608 -- of our own selects alone

    async def rows(self) -> Sequence[Mapping[str, Any]]:
        """What all selects find, in their order; nothing without any."""
        return await fetch(self.statement, *self.arguments) if self._selects else []
