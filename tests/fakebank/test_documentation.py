"""docs/sandbox-bank.md names all that there is."""

from __future__ import annotations

from dataclasses import fields

import pytest

from fakebank.bank.institutions import INSTITUTIONS
from fakebank.bank.sign_in import RECIPES_OF_ANY_PASSWORD
from fakebank.control.api import ACTIONS
from fakebank.control.requests import SCENARIO
from fakebank.faults import FAULT_KINDS
from fakebank.plaid.server import CALLS
from fakebank.plaid.webhooks import FORGERIES
from fakebank.scenario import Scenario
from tests.fakebank.running import ROOT

TEXT = (ROOT / "docs" / "sandbox-bank.md").read_text()
KEYS = {"client_id", "secret", "offset_seconds"}
SWITCHES = {each.name for each in fields(Scenario)} - KEYS


class TestSandboxBankPage:
    @pytest.mark.parametrize(
        "name",
        [*CALLS, *INSTITUTIONS, *RECIPES_OF_ANY_PASSWORD, *FAULT_KINDS, *FORGERIES,
         *sorted(SWITCHES)],
    )  # fmt: skip
    def test_names(self, name: str) -> None:
        assert f"`{name}`" in TEXT

    @pytest.mark.parametrize("path", sorted(ACTIONS))
    def test_names_each_control_call(self, path: str) -> None:
        stem, _, last = path.rpartition("/")
        assert f"`{path}`" in TEXT or (f"`/{last}`" in TEXT and stem in TEXT)

    def test_every_switch_can_be_set(self) -> None:
        assert SCENARIO(dict.fromkeys(["seed"], "x"), "") == {"seed": "x"}
        plain = {each.name: getattr(Scenario(), each.name) for each in fields(Scenario)}
        settable = {name: plain[name] for name in sorted(SWITCHES)}
        settable |= {"initial_seconds": 1, "historical_seconds": 2}
        assert SCENARIO(settable, "") == settable
