"""Webhooks of aggregators: verified by the adapter, then taken as hints."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from counterfoil.aggregators.port import WebhookRefused
from counterfoil.api.bodies import read_body
from counterfoil.api.context import Services
from counterfoil.links.hints import receive_hints

BODY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Answers POST /webhooks/{aggregator}: 200 once what it suggests is queued.

    No other answer will do: Plaid sends a webhook again that is not answered with 200 within ten
    seconds (https://plaid.com/docs/api/webhooks/, on retries).
    """

    services: Services

    def routes(self) -> list[Route]:
        return [Route("/webhooks/{aggregator}", self._receive, methods=["POST"])]

    async def _receive(self, request: Request) -> Response:
        name = request.path_params["aggregator"]
        aggregator = self.services.registry.get(name)
        if aggregator is None:
            return JSONResponse({"message": "There is no such aggregator."}, status_code=404)
        body = await read_body(request, limit=BODY_BYTES)
        try:
            hints = await aggregator.events(request.headers, body)
        except WebhookRefused:
            return JSONResponse({"message": "The signature does not hold."}, status_code=401)
        await receive_hints(self.services.transactions, aggregator=name, hints=hints)
        return Response(status_code=200)
