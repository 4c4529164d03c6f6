"""Which network addresses a call may reach: the guard against being sent to inner services.

The check is made on the address that is connected to, after the name was looked up, so that a
name which points inwards, or changes between two look-ups, gets nobody in.
"""

from __future__ import annotations

import ipaddress
from enum import Enum
from urllib.parse import urlsplit

_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
    )
)
_CARRIERS_OF_IPV4 = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::ffff:0:0/96", "::/96")
)


class Reach(Enum):
    """How far the calls of one client may go."""

    PUBLIC = "PUBLIC"
    """Only addresses of the open internet."""

    PRIVATE = "PRIVATE"
    """Only this machine and private networks (RFC 1918, RFC 4193)."""

    def allows(self, address: str) -> bool:
        """Whether `address` (an IP address in text) may be connected to.

        Link-local addresses, where clouds keep their machine's keys, are in neither.
        """
        ip = ipaddress.ip_address(address.partition("%")[0])
        if self is Reach.PRIVATE:
            return any(ip in network for network in _PRIVATE)
        carried = any(ip in network for network in _CARRIERS_OF_IPV4)
        return ip.is_global and not ip.is_multicast and not carried


def reach_of(base_url: str) -> Reach:
    """The reach that a configured address implies.

    Plain http carries secrets in the clear: it goes to this machine and private networks alone,
    where a sandbox runs. https goes to the open internet alone, unless it names this machine.
    """
    parts = urlsplit(base_url)
    loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return Reach.PUBLIC if parts.scheme == "https" and not loopback else Reach.PRIVATE
