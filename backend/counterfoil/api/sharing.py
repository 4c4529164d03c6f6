"""Events that many followers are told of are executed once for all who ask the same alike.

The same means: the same operation of the same document with the same variables, as an equal
viewer. So a change that a thousand browsers of one company show is read and put together once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult

from counterfoil.api.columnwise import ColumnwiseExecutor

Execution = Callable[[], Any]
"""Gives an `ExecutionResult`, or an awaitable of one."""


class Answers:
    """What one event was answered with, by who asked for what."""

    def __init__(self) -> None:
        self._begun: dict[Hashable, tuple[object, asyncio.Task[ExecutionResult]]] = {}

    async def once(self, operation: object, mark: Hashable, run: Execution) -> ExecutionResult:
        """The answer for this operation object and `mark`; only the first to ask runs.

        It goes on when the one that began it goes away. The operation is kept as long as its
        answer, so that no other is taken for it.
        """
        key = (id(operation), mark)
        if key not in self._begun:
            self._begun[key] = (operation, asyncio.create_task(_run(run)))
        return await asyncio.shield(self._begun[key][1])


async def _run(run: Execution) -> ExecutionResult:
    result = run()
    executed: ExecutionResult = await result if isawaitable(result) else result
    return executed


class SharedEvent:
    """An event that others are told of as well. `answers` is theirs together; None: it is not."""

    answers: Answers | None


class SharingExecutor(ColumnwiseExecutor):
    """Executes a shared event once for all equal questions."""

    def execute_operation(self, *args: Any, **kwargs: Any) -> Any:
        event = self.root_value
        run = super().execute_operation
        if not isinstance(event, SharedEvent) or event.answers is None:
            return run(*args, **kwargs)
        mark = (self.context_value.viewer, repr(self.variable_values.coerced))
        return event.answers.once(self.operation, mark, lambda: run(*args, **kwargs))
