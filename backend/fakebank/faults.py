"""What the sandbox is told to do wrong, for how long and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

FAULT_KINDS = {
    "down": "the institution does not answer: error INSTITUTION_DOWN, or the code given",
    "error": "the call fails with the error code given",
    "rate_limit": "the call fails with the rate limit of its endpoint",
    "unavailable": "HTTP 502 with a page of HTML, as from a gateway",
    "delay": "the answer comes `seconds` late, in real time",
    "malformed": "the answer is not JSON",
    "half": "the connection is cut in the middle of the answer",
}
NEEDS_THE_BANK = frozenset(
    {"/accounts/get", "/accounts/balance/get", "/transactions/sync", "/transactions/refresh",
     "/sandbox/public_token/create"}
)  # fmt: skip


@dataclass(slots=True)
class Fault:
    """One thing to do wrong.

    It strikes calls to `path` (None: every call that asks the bank for data), of one institution,
    of one Item. `count_left` None: until `until`; both None: until it is taken away.
    """

    fault_id: str
    kind: str
    path: str | None = None
    institution_id: str | None = None
    item_id: str | None = None
    code: str | None = None
    seconds: float = 0
    skip: int = 0
    count_left: int | None = None
    until: datetime | None = None

    def over(self, now: datetime) -> bool:
        """Whether it has struck as often, or as long, as it was meant to."""
        return self.count_left == 0 or (self.until is not None and self.until <= now)

    def meant_for(self, path: str, institution_id: str | None, item_id: str | None) -> bool:
        """Whether a call is one that it strikes."""
        if self.institution_id is not None and self.institution_id != institution_id:
            return False
        if self.item_id is not None and self.item_id != item_id:
            return False
        return path in NEEDS_THE_BANK if self.path is None else path == self.path

    def strike(self) -> bool:
        """Count one call that it is meant for; False while it still lets calls through."""
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.count_left is not None:
            self.count_left -= 1
        return True
