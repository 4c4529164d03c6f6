from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from counterfoil.launcher.supervisor import Child, Supervisor, describe_end
from tests.services.processes import alive, environment

_LIVES = "import os, time; print('i am', os.getpid(), flush=True); time.sleep(600)"
_STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + _LIVES


class Said(list[str]):
    """What a supervisor said, and how to wait for it."""

    async def line(self, text: str, *, after: int = 0) -> str:
        async with asyncio.timeout(10):
            while True:
                for line in self[after:]:
                    if text in line:
                        return line
                await asyncio.sleep(0.01)


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
async def supervisor(said: Said) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(said.append, grace=0.5)
    yield supervisor
    await supervisor.stop()


def child(code: str, *, name: str = "child", stops_last: bool = False) -> Child:
    return Child(name, (sys.executable, "-c", code), environment(), stops_last)


def number(line: str) -> int:
    return int(line.split()[-1])


class TestKeep:
    async def test_starts_a_child_that_was_killed_again(
        self, supervisor: Supervisor, said: Said
    ) -> None:
        await supervisor.keep(child(_LIVES))
        first = number(await said.line("i am"))
        os.kill(first, signal.SIGKILL)
        died = await said.line("child was killed (SIGKILL); starting it again in 0.5 s.")
        second = number(await said.line("i am", after=said.index(died)))
        assert second != first
        assert alive(second)

    async def test_gives_up_one_that_cannot_use_what_it_was_given(
        self, supervisor: Supervisor, said: Said
    ) -> None:
        await supervisor.keep(child("print('bad file'); raise SystemExit(2)", name="bank"))
        async with asyncio.timeout(10):
            assert await supervisor.refused == "bank"
        await supervisor.stop()
        assert said == ["    bank | bad file"]

    async def test_starts_every_child_again_once_it_is_trusted(
        self, supervisor: Supervisor, said: Said
    ) -> None:
        supervisor.trust()
        await supervisor.keep(child("raise SystemExit(2)"))
        await said.line("child ended by itself (exit code 2); starting it again in 1 s.")
        assert not supervisor.refused.done()

    async def test_waits_longer_each_time(self, supervisor: Supervisor, said: Said) -> None:
        await supervisor.keep(child("raise SystemExit(3)"))
        await said.line("child ended by itself (exit code 3); starting it again in 0.5 s.")
        await said.line("child ended by itself (exit code 3); starting it again in 1 s.")

    async def test_puts_the_name_before_each_line(self, supervisor: Supervisor, said: Said) -> None:
        await supervisor.keep(child("print('one'); print('two'); " + _LIVES, name="web"))
        await said.line("i am")
        assert said[:2] == ["     web | one", "     web | two"]

    async def test_leaves_out_what_is_not_to_be_shown(
        self, supervisor: Supervisor, said: Said
    ) -> None:
        chatty = child("print('a warning, loudly'); print('news'); " + _LIVES)
        await supervisor.keep(replace(chatty, unshown=["a warning"]))
        await said.line("i am")
        assert said[0] == "   child | news"

    async def test_survives_a_line_without_end(self, supervisor: Supervisor, said: Said) -> None:
        await supervisor.keep(child("print('x' * 3_000_000); " + _LIVES))
        assert await said.line("too long to show") == "   child | (a line that is too long to show)"
        await said.line("i am")


class TestStop:
    async def test_ends_every_child(self, supervisor: Supervisor, said: Said) -> None:
        await supervisor.keep(child(_LIVES))
        pid = number(await said.line("i am"))
        await supervisor.stop()
        assert not alive(pid)

    async def test_kills_one_that_does_not_listen(self, supervisor: Supervisor, said: Said) -> None:
        await supervisor.keep(child(_STUBBORN))
        pid = number(await said.line("i am"))
        await supervisor.stop()
        assert not alive(pid)

    async def test_leaves_those_that_others_need_to_the_end(
        self, supervisor: Supervisor, said: Said
    ) -> None:
        says_goodbye = (
            "import signal, sys, time; "
            "signal.signal(signal.SIGTERM, lambda *_: (time.sleep({}), print('bye'), sys.exit())); "
            "print('ready', flush=True); time.sleep(600)"
        )
        await supervisor.keep(child(says_goodbye.format(0), name="store", stops_last=True))
        await supervisor.keep(child(says_goodbye.format(0.2), name="user"))
        await said.line("store | ready")
        await said.line("user | ready")
        await supervisor.stop()
        assert [line.strip() for line in said[-2:]] == ["user | bye", "store | bye"]

    async def test_does_not_wait_for_a_pause(self, supervisor: Supervisor, said: Said) -> None:
        await supervisor.keep(child("raise SystemExit(1)"))
        await said.line("again in 1 s.")
        async with asyncio.timeout(0.9):
            await supervisor.stop()


class TestComplete:
    async def test_gives_the_exit_code(self, supervisor: Supervisor, said: Said) -> None:
        assert await supervisor.complete(child("print('on it'); raise SystemExit(4)")) == 4
        assert said == ["   child | on it"]


class TestAnswer:
    async def test_gives_the_lines(self, supervisor: Supervisor, said: Said) -> None:
        assert await supervisor.answer(child("print('one'); print('two')")) == ["one", "two"]
        assert said == []


@pytest.mark.parametrize(
    ("code", "words"), [(0, "ended by itself (exit code 0)"), (-15, "was killed (SIGTERM)")]
)
def test_an_end_is_told_in_words(code: int, words: str) -> None:
    assert describe_end(code) == words
