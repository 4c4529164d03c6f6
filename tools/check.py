"""`make check`: everything that can be said of the code without running the product.

Python's checks and the page's run side by side. Each prints its name and its seconds; what failed
prints all that it said, and the others still run.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
_PYTEST = (sys.executable, "-m", "pytest", "-q", "--no-header")


@dataclass(frozen=True)
class Check:
    name: str
    command: Sequence[str]
    folder: Path = ROOT


PYTHON = (
    Check("ruff", (str(BIN / "ruff"), "check", "--quiet", ".")),
    Check("format", (str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
    Check("mypy", (str(BIN / "mypy"), "--no-error-summary")),
    Check("imports", (str(BIN / "lint-imports"), "--no-logo")),
    Check("schema and docs", (*_PYTEST, "tests/architecture")),
)
PAGE = (
    Check("tsc", ("npm", "run", "--silent", "typecheck"), ROOT / "frontend"),
    Check("eslint", ("npm", "run", "--silent", "lint"), ROOT / "frontend"),
)
_one_at_a_time = threading.Lock()


def passes(check: Check) -> bool:
    """Run one check and print how it went."""
    began = time.monotonic()
    done = subprocess.run(
        check.command,
        check=False,
        cwd=check.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    word = "ok" if done.returncode == 0 else "FAILED"
    with _one_at_a_time:
        print(f"check  {check.name} {word}, {time.monotonic() - began:.1f} s", flush=True)
        if done.returncode != 0:
            print(done.stdout.strip(), flush=True)
    return done.returncode == 0


def main() -> int:
    with ThreadPoolExecutor(2) as lanes:
        results = lanes.map(lambda lane: [passes(check) for check in lane], (PYTHON, PAGE))
        return 0 if all(passed for lane in results for passed in lane) else 1


if __name__ == "__main__":
    sys.exit(main())
