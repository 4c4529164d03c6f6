"""How long `make run` takes until the page can be used, once everything is set up."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure
from tests.services.processes import COUNTERFOIL, environment, free_port, running


def measure(folder: Path, *, rounds: int) -> Sequence[Figure]:
    """From the command to the printed sign-in link, against loading the web process's libraries.

    The first start, which makes the database, is not counted.
    """
    settings = environment(
        DATA_DIR=str(folder / "books"), PORT=str(free_port()), FAKEBANK_PORT=str(free_port())
    )
    start = _median_ms(lambda: _start(settings), rounds)
    load = _median_ms(lambda: _load(settings), rounds)
    return [Figure("second start of everything", start, "ms", load)]


def _median_ms(trial: Callable[[], float], rounds: int) -> float:
    """The median milliseconds of all trials but the first."""
    seconds = [trial() for _ in range(rounds + 1)]
    return median(seconds[1:]) * 1000


def _start(settings: Mapping[str, str]) -> float:
    began = time.perf_counter()
    with running([*COUNTERFOIL, "up"], env=settings, ready="Sign in, once", within=60):
        return time.perf_counter() - began


def _load(settings: Mapping[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import counterfoil.app"], check=True, env=settings)
    return time.perf_counter() - began
