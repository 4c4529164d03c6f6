"""What must be on the machine before anything can be installed, and how to get it.

Only the standard library, and nothing newer than Python 3.8: an old Python must be able to run
this far, to say that it is too old.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

_PYTHON = (3, 11)
_NODE = (20, 19)
_NPM = (10, 0)
_POSTGRES_FOLDER = Path("/usr/lib/postgresql")
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


class Missing(Exception):
    """One thing that is absent or too old; the message is one line with the command to get it."""

    def __init__(self, what: str, *, debian: str, brew: str) -> None:
        command = f"brew install {brew}" if sys.platform == "darwin" else debian
        super().__init__(f"{what} Install it: {command}")


def require_languages() -> None:
    """Python, its venv, Node and npm, recent enough.

    Raises:
        Missing: the first that is not.
    """
    _require_python()
    _require_node()
    _require_npm()


def require_test_services(*, install: bool) -> None:
    """PostgreSQL and Chromium; with `install` they are installed where that is possible.

    Raises:
        Missing: the first that is absent and can't be installed from here.
    """
    wanted = [
        (find_postgres, "PostgreSQL is missing.", "postgresql"),
        (find_chromium, "Chromium is missing.", "chromium"),
    ]
    for find, what, package in wanted:
        if find() is None and install and _can_install():
            _apt_get_install(package)
        if find() is None:
            raise Missing(what, debian=f"sudo apt-get install {package}", brew=package)


def find_postgres() -> Path | None:
    """The folder of `initdb`: on the PATH, else the newest of Debian's."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    debian = sorted(_POSTGRES_FOLDER.glob("*/bin/initdb"), key=lambda at: float(at.parts[-3]))
    return debian[-1].parent if debian else None


def find_chromium() -> Path | None:
    """The browser's program."""
    found = (shutil.which(name) for name in _CHROMIUM_NAMES)
    return next((Path(path) for path in found if path is not None), None)


def _require_python() -> None:
    debian = "sudo apt-get install python3 python3-venv"
    if sys.version_info < _PYTHON:
        running = ".".join(map(str, sys.version_info[:3]))
        what = f"Python 3.11 or newer is missing (this one is {running})."
        raise Missing(what, debian=debian, brew="python")
    if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
        raise Missing("Python's venv is missing.", debian=debian, brew="python")


def _require_node() -> None:
    found = _version("node")
    if found is None or found < _NODE:
        debian = "sudo apt-get install nodejs (before Debian 13: https://nodejs.org/en/download)"
        raise Missing(_outdated("Node", _NODE, found), debian=debian, brew="node")


def _require_npm() -> None:
    found = _version("npm")
    if found is None:
        raise Missing(_outdated("npm", _NPM, found), debian="sudo apt-get install npm", brew="node")
    if found < _NPM:
        newer = "sudo npm install --global npm@11"
        raise Missing(_outdated("npm", _NPM, found), debian=newer, brew="node")


def _outdated(name: str, wanted: tuple[int, int], found: tuple[int, int] | None) -> str:
    says = "" if found is None else f" (this one is {found[0]}.{found[1]})"
    return f"{name} {wanted[0]}.{wanted[1]} or newer is missing{says}."


def _version(program: str) -> tuple[int, int] | None:
    path = shutil.which(program)
    if path is None:
        return None
    said = subprocess.run([path, "--version"], check=False, capture_output=True, text=True)
    match = re.search(r"(\d+)\.(\d+)", said.stdout)
    return (int(match.group(1)), int(match.group(2))) if match else None


def _can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt_get_install(package: str) -> None:
    print(f"setup  {package} from Debian", file=sys.stderr, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    for command in (["apt-get", "update", "-qq"], install):
        subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
