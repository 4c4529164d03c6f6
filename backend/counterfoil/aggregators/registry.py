"""Every adapter there is: one line each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from counterfoil.aggregators.plaid import Plaid
from counterfoil.aggregators.port import Aggregator
from counterfoil.kit.clock import Clock
from counterfoil.settings import Settings

Build = Callable[[Settings, Clock, AsyncExitStack], Aggregator]


def _plaid(settings: Settings, clock: Clock, closing: AsyncExitStack) -> Aggregator:
    plaid = Plaid(
        base_url=settings.plaid_url,
        client_id=settings.plaid_client_id,
        secret=settings.plaid_secret,
        clock=clock,
        country_codes=settings.plaid_countries,
    )
    closing.push_async_callback(plaid.close)
    return plaid


ADAPTERS: Mapping[str, Build] = {
    Plaid.name: _plaid,
}
"""How each adapter is made from the settings, by its name."""


@asynccontextmanager
async def open_aggregators(
    settings: Settings, clock: Clock
) -> AsyncIterator[Mapping[str, Aggregator]]:
    """All adapters by name; their connections are closed at the end."""
    async with AsyncExitStack() as closing:
        yield {name: build(settings, clock, closing) for name, build in ADAPTERS.items()}
