"""Lock files: hashes for everything, and no address of anybody's registry."""

from __future__ import annotations

import json
import re

import pytest

from tests.services.processes import ROOT

_PYTHON = ("requirements-build.txt", "requirements.txt", "requirements-dev.txt")


def _pins(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", _PYTHON)
def test_every_python_package_is_held_by_version_and_hash(name: str) -> None:
    pins = _pins(name)
    assert pins
    for pin in pins:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", pin), pin


@pytest.mark.parametrize("name", [*_PYTHON, "frontend/package-lock.json"])
def test_no_lock_file_names_a_registry(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "index-url" not in text
    assert "find-links" not in text
    assert '"resolved"' not in text


def test_what_the_product_needs_is_what_it_is_tested_with() -> None:
    assert set(_pins("requirements.txt")) <= set(_pins("requirements-dev.txt"))


def test_every_npm_package_has_a_hash() -> None:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
