"""A request's way through GraphQL: find, parse, weigh, sign-in, validate, execute.

Nothing is validated before it was weighed, and nothing is told about the schema to people who are
not signed in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, cast

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    subscribe,
    validate,
)
from strawberry.execution import optimized_is_awaitable

from counterfoil.api import guard
from counterfoil.api.context import Context
from counterfoil.api.documents import Documents
from counterfoil.api.guard import IntrospectionOff, Limits, TooCostly
from counterfoil.api.refusals import Invalid, Refused, RequestCode, presented
from counterfoil.api.requests import GraphQLRequest
from counterfoil.api.weighing import FragmentCycle, Verdict
from counterfoil.identity.queries import NotSignedIn
from counterfoil.viewer import Viewer

EXECUTION_SECONDS = 30.0
"""How long a query or a mutation may take."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A valid operation that `viewer` may run."""

    viewer: Viewer
    request: GraphQLRequest
    document: DocumentNode
    node: OperationDefinitionNode
    verdict: Verdict
    limits: Limits

    @property
    def is_subscription(self) -> bool:
        return self.node.operation is OperationType.SUBSCRIPTION

    @property
    def cost(self) -> Mapping[str, int]:
        """For `extensions.cost`: the objects that the answer may hold, and the limit."""
        return {"objects": self.verdict.cost, "limit": self.limits.cost}


class Engine:
    """Prepares and runs operations on one schema; `registered` are texts of documents.

    Raises:
        DocumentUnusable: a registered document does not fit the schema.
    """

    def __init__(self, schema: strawberry.Schema, registered: Iterable[str] = ()) -> None:
        self._executor = schema.execution_context_class
        self.schema = schema
        self.graphql: GraphQLSchema = schema._schema
        self._documents = Documents(self.graphql, registered)

    def prepare(self, request: GraphQLRequest, viewer: Viewer | None) -> Operation:
        """Everything up to execution, in the order of what it costs us.

        Raises:
            Refused: the request can't be executed.
        """
        try:
            return self._prepared(request, viewer)
        except TooCostly as error:
            raise Refused(RequestCode.TOO_COSTLY, str(error)) from error
        except FragmentCycle as error:
            raise Refused(RequestCode.VALIDATION_FAILED, str(error)) from error
        except (IntrospectionOff, NotSignedIn) as error:
            raise Refused(RequestCode.UNAUTHENTICATED, str(error)) from error

    def _prepared(self, request: GraphQLRequest, viewer: Viewer | None) -> Operation:
        digest, known = self._documents.find(request)
        limits = guard.SIGNED_OUT if viewer is None else guard.SIGNED_IN
        if known is not None and known.registered:
            limits = guard.REGISTERED
        document = known.document if known else _parse(str(request.query), limits)
        node = get_operation_ast(document, request.operation_name)
        if node is None:
            raise Refused(RequestCode.VALIDATION_FAILED, _which_operation(request))
        guard.check_variables(request.variables)
        verdict = guard.check(
            self.graphql,
            document,
            request.variables,
            operation=node,
            limits=limits,
            signed_in=viewer is not None,
        )
        if viewer is None:
            raise NotSignedIn
        if known is None:
            self._validate(document)
            self._documents.keep(digest, document, length=len(str(request.query)))
        return Operation(viewer, request, document, node, verdict, limits)

    def _validate(self, document: DocumentNode) -> None:
        try:
            errors = validate(self.graphql, document, hide_suggestions=True)
        except RecursionError:
            raise TooCostly("fields nested deeply", limit=guard.INTROSPECTION.depth or 0) from None
        if errors:
            raise Invalid(errors)

    async def execute(self, operation: Operation, context: Context) -> dict[str, Any]:
        """Run a query or a mutation; the answer as it is sent.

        Raises:
            Refused: its variables don't fit, or it took longer than any may.
        """
        try:
            async with asyncio.timeout(EXECUTION_SECONDS):
                running = execute(
                    self.graphql,
                    operation.document,
                    is_awaitable=cast(Any, optimized_is_awaitable),
                    **self._arguments(operation, context),
                )
                result = await running if isawaitable(running) else running
        except TimeoutError:
            raise Refused(
                RequestCode.UNAVAILABLE, "This took too long. Ask for less, or try again later."
            ) from None
        return _answer(result, operation, context.request_id)

    async def subscribe(
        self, operation: Operation, context: Context
    ) -> AsyncIterator[dict[str, Any]]:
        """Run a subscription; each answer as it is sent.

        Raises:
            Refused: its variables don't fit, or it could not begin.
        """
        begun = subscribe(self.graphql, operation.document, **self._arguments(operation, context))
        events = await begun if isawaitable(begun) else begun
        if isinstance(events, ExecutionResult):
            raise Invalid(events.errors or [])
        async with aclosing(cast(AsyncGenerator[ExecutionResult, None], events)) as results:
            async for result in results:
                yield _answer(result, operation, context.request_id)

    def _arguments(self, operation: Operation, context: Context) -> dict[str, Any]:
        return {
            "context_value": context,
            "variable_values": operation.request.variables,
            "operation_name": operation.request.operation_name,
            "executor_class": self._executor,
            "hide_suggestions": True,
        }


def _parse(text: str, limits: Limits) -> DocumentNode:
    try:
        document = parse(
            text,
            max_lexical_tokens=limits.tokens,
            max_comments=limits.tokens,
            max_source_length=guard.BODY_BYTES,
        )
        guard.check_numbers(document)
        return document
    except GraphQLError as error:
        if "Parsing aborted" in error.message:  # too many tokens, or nested too deeply
            raise TooCostly("a document too long or too deep", limit=limits.tokens or 0) from error
        raise Invalid([error], code=RequestCode.BAD_REQUEST) from error


def _which_operation(request: GraphQLRequest) -> str:
    if request.operation_name is None:
        return "The document must hold one operation, or `operationName` must name one of them."
    return "The document holds no operation of this name."


def _answer(result: ExecutionResult, operation: Operation, request_id: str) -> dict[str, Any]:
    """What is sent: data, errors if there are any, and the cost.

    Raises:
        Invalid: nothing was executed, because the variables don't fit.
    """
    errors = result.errors or []
    if result.data is None and errors and all(error.path is None for error in errors):
        raise Invalid(errors)
    answer: dict[str, Any] = {"data": result.data}
    if errors:
        answer["errors"] = presented(errors, request_id=request_id)
    return {**answer, "extensions": {"cost": operation.cost}}
