"""The institutions of the sandbox, under the ids and names of Plaid's own sandbox."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Institution:
    """One bank or card issuer. `health` is HEALTHY, DEGRADED or DOWN."""

    institution_id: str
    name: str
    countries: tuple[str, ...] = ("US",)
    currency: str = "USD"
    color: str = "#1f4f46"
    url: str = "https://plaid.com"
    routing_number: str | None = None
    oauth: bool = False
    health: str = "HEALTHY"
    supported: bool = True


INSTITUTIONS: dict[str, Institution] = {
    each.institution_id: each
    for each in (
        Institution("ins_109508", "First Platypus Bank", routing_number="110000000"),
        Institution("ins_109509", "First Gingham Credit Union", color="#7a2e2e"),
        Institution("ins_109510", "Tattersall Federal Credit Union", color="#2e4d7a"),
        Institution("ins_109511", "Tartan Bank", color="#5a2e7a"),
        Institution("ins_109512", "Houndstooth Bank", color="#333333"),
        Institution("ins_127287", "Platypus OAuth Bank", color="#0b5fa5", oauth=True),
        Institution("ins_132363", "Unhealthy Platypus Bank - Degraded", health="DEGRADED"),
        Institution("ins_132361", "Unhealthy Platypus Bank - Down", health="DOWN"),
        Institution("ins_133402", "Unsupported Platypus Bank", supported=False),
        Institution("ins_43", "Tartan-Dominion Bank of Canada", ("CA",), "CAD", "#8a1f1f"),
        Institution("ins_117650", "Royal Bank of Plaid", ("GB",), "GBP", "#3a2f6b", oauth=True),
    )
}


def search(query: str, *, countries: list[str]) -> list[Institution]:
    """Institutions of these countries whose name holds every word of the query, by name."""
    words = query.casefold().split()
    found = [
        each
        for each in INSTITUTIONS.values()
        if set(each.countries) & set(countries)
        and all(word in each.name.casefold() for word in words)
    ]
    return sorted(found, key=lambda each: each.name)
