"""What several test processes of one run make once and share."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of this run see, and no other run."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(path: Path, make: Callable[[Path], None]) -> Path:
    """Returns `path`, which the first that asks has let `make` build under another name.

    The others wait for it. Whoever fails leaves the next one to try.
    """
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            rough = path.with_name(f"{path.name}.{os.getpid()}")
            make(rough)
            rough.rename(path)
    return path
