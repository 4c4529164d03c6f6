"""docker-compose.yml: valid by the official schema, with commands and settings that exist."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import yaml

from counterfoil.__main__ import COMMANDS
from counterfoil.settings import Settings, declared
from tests.services.processes import FAKEBANK, ROOT, environment

_FILE = ROOT / "docker-compose.yml"
_SERVICES: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["services"]
_OURS = ("prepare", "web", "worker")
_DEFAULTED = "${"


def _filled(value: str) -> str:
    """A value with every `${NAME:-default}` replaced by its default."""
    while _DEFAULTED in value:
        head, _, rest = value.partition(_DEFAULTED)
        inside, _, tail = rest.partition("}")
        value = head + inside.partition(":-")[2] + tail
    return value


def test_is_valid_by_the_official_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, str(_FILE)], check=False, capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", _OURS)
def test_every_command_is_one_of_ours(service: str) -> None:
    assert _SERVICES[service]["command"] == ["python", "-m", "counterfoil", service]
    assert service in {command.name for command in COMMANDS}


@pytest.mark.parametrize("service", _OURS)
def test_every_variable_is_a_setting_with_a_value_that_is_taken(service: str) -> None:
    variables = _SERVICES[service]["environment"]
    assert set(variables) <= {setting.name for setting in declared()}
    Settings.from_environment({name: _filled(value) for name, value in variables.items()})


def test_the_sandbox_has_the_keys_that_the_product_uses() -> None:
    ours, sandbox = (_SERVICES[name]["environment"] for name in ("web", "sandbox"))
    assert sandbox["FAKEBANK_CLIENT_ID"] == ours["PLAID_CLIENT_ID"]
    assert sandbox["FAKEBANK_SECRET"] == ours["PLAID_SECRET"]


def test_the_sandbox_takes_every_option() -> None:
    python, module, name, *options = _SERVICES["sandbox"]["command"]
    assert (python, module, name) == ("python", "-m", "fakebank")
    done = subprocess.run(
        [*FAKEBANK, "--help"], check=True, capture_output=True, text=True, env=environment()
    )
    for option in options:
        assert f"{option.partition('=')[0]} " in done.stdout


def test_every_folder_that_is_copied_into_the_image_is_there() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [
        line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line
    ]
    assert len(copied) >= 5
    for source in (source for sources in copied for source in sources):
        assert (ROOT / source).exists(), source
