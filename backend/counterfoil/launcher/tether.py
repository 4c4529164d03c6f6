"""Runs a command that dies with the process that started it, even when that is killed with -9.

    python -I -S tether.py kernel|pipe <pid of the starter> <command> …

`kernel`: Linux sends the signal itself (prctl(2), PR_SET_PDEATHSIG). `pipe`: for systems without
it; a small watcher holds the reading end of a pipe that the starter gave as standard input, and
kills the command when the pipe ends. Either way this process becomes the command: same id.
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def tie_by_kernel() -> None:
    """Have the kernel kill this process when its starter ends. Holds across `exec`."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def tie_by_pipe() -> None:
    """Fork a watcher that kills this process when standard input ends; then read from nothing."""
    command = os.getpid()
    if os.fork() == 0:
        _watch(command)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _watch(command: int) -> None:
    """Wait for the pipe's end. The watcher's parent is the command for as long as that lives."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)  # else the command's output would stay open after its end
    os.dup2(nothing, 2)
    while os.read(0, 1):
        pass
    if os.getppid() == command:
        os.kill(command, signal.SIGKILL)
    os._exit(0)


def main(arguments: list[str]) -> None:
    how, starter, *command = arguments
    tie = {"kernel": tie_by_kernel, "pipe": tie_by_pipe}[how]
    tie()
    if os.getppid() != int(starter):
        sys.exit("tether: the starter ended before its child began")
    os.execvp(command[0], command)  # noqa: S606 -- becoming the command is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
