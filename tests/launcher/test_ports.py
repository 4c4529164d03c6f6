from __future__ import annotations

import pytest

from counterfoil.launcher.ports import HostUnusable, PortTaken, listen, require_free
from tests.services.processes import free_port


class TestListen:
    def test_a_port_in_use_is_named_with_its_setting(self) -> None:
        port = free_port()
        with (
            listen("127.0.0.1", port, setting="PORT"),
            pytest.raises(PortTaken) as refused,
        ):
            listen("127.0.0.1", port, setting="PORT")
        assert str(refused.value) == (
            f"Port {port} on 127.0.0.1 is in use: stop what listens there, or set PORT to "
            f"another, as in PORT={port + 10} make run"
        )

    def test_an_address_of_another_machine_is_refused(self) -> None:
        with pytest.raises(HostUnusable, match=r"^HOST 192\.0\.2\.1 can't be listened on: "):
            listen("192.0.2.1", free_port(), setting="PORT")

    def test_a_name_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(HostUnusable, match=r"^HOST nowhere\.invalid can't be listened on: "):
            listen("nowhere.invalid", free_port(), setting="PORT")


class TestRequireFree:
    def test_leaves_the_port_free(self) -> None:
        port = free_port()
        require_free("127.0.0.1", port, setting="PORT")
        listen("127.0.0.1", port, setting="PORT").close()
