"""How the sandbox behaves where a scenario may want it otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Scenario:
    """The switches that the control interface sets.

    `initial_seconds` and `historical_seconds`: how long after linking the last 30 days and the
    whole history are ready. `sign_in_lasts_days`: after so many days an Item asks for its sign-in
    again (Plaid's sandbox: 30; None, the usual here: never, so that a demo keeps running).
    `second_link_breaks_first`: institutions where a new link of a login ends the older ones.
    `persistent_ids`: institutions whose accounts carry a persistent_account_id.
    `rate_limits`: whether calls are counted. `webhook_retries`: whether a refused webhook is tried
    again. `lose_webhooks`: none is sent at all. `offset_seconds`: how far the clock is ahead.
    """

    seed: str = "counterfoil"
    client_id: str = ""
    secret: str = ""
    initial_seconds: float = 2
    historical_seconds: float = 6
    sign_in_lasts_days: int | None = None
    second_link_breaks_first: list[str] = field(default_factory=list)
    persistent_ids: list[str] = field(default_factory=list)
    rate_limits: bool = True
    offset_seconds: float = 0
    webhook_retries: bool = True
    lose_webhooks: bool = False
