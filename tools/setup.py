"""Brings a clone to where it can run: `python3 -m tools.setup`, `--test` for the tests as well.

Each step is done only when what it is made from has changed, and says its name and its seconds.
Only the standard library is used: nothing is installed yet.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import machine

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
_NOT_SOURCES = {"node_modules", "dist", "coverage", "generated"}
_ITS_VERSION = """
import importlib.metadata, sys
if importlib.metadata.distribution("pip").read_text("INSTALLER"):
    print(sys.version)
"""
"""Prints nothing without pip. That file is the last that pip's own installation writes."""


class StepFailed(Exception):
    """A command of a step ended with an error; the message is all that it printed."""


@dataclass(frozen=True)
class Step:
    """`stamp` holds the mark of what the step was last made from; no stamp, never made."""

    name: str
    inputs: Sequence[Path]
    stamp: Path
    make: Callable[[], None]
    made_by: str = ""

    def run(self) -> None:
        """Make it unless it is made already."""
        mark = fingerprint(self.inputs, made_by=self.made_by)
        if self.stamp.exists() and self.stamp.read_text() == mark:
            return
        print(f"setup  {self.name} … ", end="", file=sys.stderr, flush=True)
        began = time.monotonic()
        self.stamp.unlink(missing_ok=True)
        self.make()
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(mark)
        print(f"{time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


def fingerprint(inputs: Iterable[Path], *, made_by: str) -> str:
    """One mark over the names and contents of files, and over what they are made by."""
    digest = hashlib.sha256(made_by.encode())
    for path in inputs:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"\n{path.relative_to(ROOT)} {content}".encode())
    return digest.hexdigest()


def steps(*, test: bool) -> list[Step]:
    """Everything that `make run` needs, or `make test`; the page is last."""
    lock = ROOT / ("requirements-dev.txt" if test else "requirements.txt")
    build, project = ROOT / "requirements-build.txt", ROOT / "pyproject.toml"
    manifests = [FRONTEND / "package.json", FRONTEND / "package-lock.json"]
    stamps = VENV / ".setup"
    return [
        Step("Python environment", [], stamps / "venv", _make_environment, made_by=sys.version),
        Step("installer", [build], stamps / "installer", lambda: _install_installer(build)),
        Step("Python packages", [lock], stamps / lock.name, lambda: _install_packages(lock)),
        Step("counterfoil", [project], stamps / "counterfoil", _install_ourselves),
        Step("npm packages", manifests, FRONTEND / "node_modules" / ".setup", _install_npm),
        Step("page", _page_sources(), FRONTEND / "dist" / ".setup", _build_page),
    ]


def _make_environment() -> None:
    """Make `.venv`, unless a whole one of the same Python is there and runs."""
    if PYTHON.exists():
        ask = [str(PYTHON), "-c", _ITS_VERSION]
        there = subprocess.run(ask, check=False, capture_output=True, text=True)
        if there.stdout.strip() == sys.version:
            return
    _run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def _install_installer(lock: Path) -> None:
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--require-hashes", "-r", str(lock)])


def _install_packages(lock: Path) -> None:
    _run([*_uv_install(), "--compile-bytecode", "--require-hashes", "-r", str(lock)])


def _install_ourselves() -> None:
    _run([*_uv_install(), "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])


def _uv_install() -> list[str]:
    """uv brings its own certificates; the machine's, where it has some, know its proxy as well."""
    paths = ssl.get_default_verify_paths()
    certificates = ["--system-certs"] if paths.cafile or paths.capath else []
    uv = str(VENV / "bin" / "uv")
    return [uv, "pip", "install", "--quiet", *certificates, "--python", str(PYTHON)]


def _install_npm() -> None:
    _run(["npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier"], at=FRONTEND)


def _build_page() -> None:
    _run(["npm", "run", "build", "--no-update-notifier"], at=FRONTEND)


def _page_sources() -> list[Path]:
    sources = [ROOT / "schema.graphql"]
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = sorted(set(folders) - _NOT_SOURCES)
        sources += [Path(folder, name) for name in sorted(files)]
    return sources


def _run(command: Sequence[str], *, at: Path = ROOT) -> None:
    """Run it in a session of its own, which is killed as a whole when we are interrupted."""
    with subprocess.Popen(
        command,
        cwd=at,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={name: text for name, text in os.environ.items() if name != "VIRTUAL_ENV"},
        start_new_session=True,
    ) as running:
        try:
            said, _ = running.communicate()
        except KeyboardInterrupt:
            os.killpg(running.pid, signal.SIGKILL)
            raise
    if running.returncode != 0:
        raise StepFailed(f"failed: {' '.join(command)}\n{said.strip()}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tools.setup", description=__doc__)
    parser.add_argument("--test", action="store_true", help="also what the tests need")
    parser.add_argument("--without-page", action="store_true", help="do not build the page")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        machine.require_languages()
        if chosen.test:
            machine.require_test_services(install=True)
        wanted = steps(test=chosen.test)
        for step in wanted[:-1] if chosen.without_page else wanted:
            step.run()
    except machine.Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    except StepFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped: the next start goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
