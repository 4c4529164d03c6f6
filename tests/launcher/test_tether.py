"""A tethered command dies with its starter; on both ways of tying, whatever this system uses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from counterfoil.launcher import tether
from tests.services.processes import Running, alive, running, wait_until

WAYS = [
    pytest.param("kernel", marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux only")),
    "pipe",
]
_STARTER = """
import os, subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-I", "-S", sys.argv[1], sys.argv[2], str(os.getpid()), *sys.argv[3:]],
    stdin=subprocess.PIPE, start_new_session=True,
)
print("child", child.pid, flush=True)
time.sleep(600)
"""
_SAYS_ITS_ID = "import os, time; print('i am', os.getpid(), flush=True); time.sleep(600)"


@contextmanager
def starter(way: str, *command: str) -> Iterator[Running]:
    with running([sys.executable, "-c", _STARTER, tether.__file__, way, *command]) as process:
        yield process


def _number(line: str) -> int:
    return int(line.split()[-1])


@pytest.mark.parametrize("way", WAYS)
class TestTether:
    def test_dies_when_its_starter_is_killed(self, way: str) -> None:
        with starter(way, sys.executable, "-c", _SAYS_ITS_ID) as process:
            child = _number(process.wait_for("i am"))
            process.signal(signal.SIGKILL)
            wait_until(lambda: not alive(child), what=f"{child} to die")

    def test_is_the_command_itself(self, way: str) -> None:
        with starter(way, sys.executable, "-c", _SAYS_ITS_ID) as process:
            assert _number(process.wait_for("child")) == _number(process.wait_for("i am"))

    def test_lives_while_its_starter_lives(self, way: str) -> None:
        ends_by_itself = "import time; time.sleep(0.5); print('still here', flush=True)"
        with starter(way, sys.executable, "-c", ends_by_itself) as process:
            process.wait_for("still here")

    def test_does_not_begin_when_its_starter_has_ended(self, way: str) -> None:
        ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                               capture_output=True, text=True, check=True)  # fmt: skip
        begun = subprocess.run(
            [sys.executable, "-I", "-S", tether.__file__, way, ended.stdout.strip(), "echo", "on"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            start_new_session=True,
        )  # fmt: skip
        assert begun.returncode != 0
        assert begun.stdout == ""


def test_a_watcher_does_not_keep_the_output_open() -> None:
    reading, writing = os.pipe()
    command = [sys.executable, "-I", "-S", tether.__file__, "pipe", str(os.getpid()), "echo", "on"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=writing)
    os.close(writing)
    with os.fdopen(reading) as output:
        assert output.read() == "on\n"
    assert child.wait(5) == 0
    child.communicate()
