"""Which addresses a call may reach."""

from __future__ import annotations

import pytest

from counterfoil.kit.addresses import Reach, reach_of


class TestPublic:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",  # noqa: S104
            "224.0.0.1",
            "239.1.2.3",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1%eth0",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:169.254.169.254",
            "::ffff:8.8.8.8",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:a9fe:a9fe::1",
        ],
    )
    def test_inner_addresses_are_refused(self, address: str) -> None:
        assert not Reach.PUBLIC.allows(address)

    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
    def test_the_open_internet_is_reached(self, address: str) -> None:
        assert Reach.PUBLIC.allows(address)


class TestPrivate:
    @pytest.mark.parametrize(
        "address", ["8.8.8.8", "169.254.169.254", "fe80::1", "2606:4700::1111", "::"]
    )
    def test_the_open_internet_and_link_local_are_refused(self, address: str) -> None:
        assert not Reach.PRIVATE.allows(address)

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1", "172.18.0.3", "10.0.0.9", "fd12::1"])
    def test_this_machine_and_its_networks_are_reached(self, address: str) -> None:
        assert Reach.PRIVATE.allows(address)


class TestReachOf:
    @pytest.mark.parametrize(
        ("url", "reach"),
        [
            ("https://production.plaid.com", Reach.PUBLIC),
            ("http://production.plaid.com", Reach.PRIVATE),
            ("http://fakebank:8001", Reach.PRIVATE),
            ("http://127.0.0.1:8001", Reach.PRIVATE),
            ("https://localhost:8443", Reach.PRIVATE),
            ("https://127.0.0.1.example.com", Reach.PUBLIC),
        ],
    )
    def test_by_the_configured_address(self, url: str, reach: Reach) -> None:
        assert reach_of(url) is reach
