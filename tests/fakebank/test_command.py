"""`python -m fakebank`: options, what it prints, and what survives a restart."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from pathlib import Path

import aiohttp
import pytest

from tests.fakebank.browsing import begin
from tests.fakebank.running import READY, BankClient, command, environment, running_bank


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), env=environment(), capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


class TestOptions:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ([], "the following arguments are required: --port"),
            (["--port", "many"], "argument --port: invalid int value: 'many'"),
            (["--port", "70000"], "--port 70000 is not a port"),
            (["--port", "0", "--color"], "unrecognized arguments: --color"),
            (["--port", "0", "--host", "nowhere.invalid"], "cannot listen on nowhere.invalid:0"),
            (["--port", "0", "--public-url", "here"], "--public-url here is not an address"),
            (["--port", "0", "--state", "/nowhere/at/all"], "the state file /nowhere/at/all"),
        ],
    )
    def test_bad_option_is_one_line(self, arguments: list[str], words: str) -> None:
        done = run(*arguments)
        assert done.returncode == 2
        assert done.stderr.startswith(f"fakebank: {words}")
        assert done.stderr.count("\n") == 1

    def test_port_in_use_is_one_line(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = run("--port", str(port))
        assert done.returncode == 2
        assert done.stderr == (
            f"fakebank: cannot listen on 127.0.0.1:{port}: Address already in use\n"
        )

    def test_state_file_of_something_else_is_one_line(self, tmp_path: Path) -> None:
        path = tmp_path / "state"
        path.write_text("this is no database, and long enough to be looked at" * 20)
        done = run("--port", "0", "--state", str(path))
        assert done.returncode == 2
        assert done.stderr == (
            f"fakebank: the state file {path} cannot be used: file is not a database\n"
        )

    def test_help_names_the_settings(self) -> None:
        done = run("--help")
        assert done.returncode == 0
        assert "FAKEBANK_CLIENT_ID" in done.stdout


class TestLife:
    def test_keys_are_made_up_and_printed(self) -> None:
        process = subprocess.Popen(
            command("--port", "0"), env=environment(), stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(3)]
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
        assert lines[0].startswith("fakebank: client id ")
        assert lines[1].startswith("fakebank: secret ")
        assert lines[2].startswith(READY + "http://127.0.0.1:")

    async def test_public_url_is_that_of_the_page(self) -> None:
        with running_bank("--public-url", "https://bank.example/") as url:
            async with aiohttp.ClientSession() as session:
                answer = await BankClient(url, session).call(
                    "/link/token/create",
                    client_name="T", language="en", country_codes=["US"],
                    user={"client_user_id": "u"}, products=["transactions"], hosted_link={},
                )  # fmt: skip
        assert answer["hosted_link_url"].startswith("https://bank.example/link/")

    async def test_everything_survives_a_restart(self, tmp_path: Path) -> None:
        state = str(tmp_path / "bank.db")
        async with aiohttp.ClientSession() as session:
            with running_bank("--state", state) as url:
                bank = BankClient(url, session)
                token = await bank.ready(days=60)
                _, cursor = await bank.sync(token)
                accounts = await bank.call("/accounts/get", access_token=token)
                line = await bank.control(
                    f"/accounts/{accounts['accounts'][0]['account_id']}/lines", amount=-7
                )
                await bank.control("/clock", hours=1)
                link_token, _ = await begin(bank)
                before = await self.kept(bank)
            with running_bank("--state", state) as url:
                bank = BankClient(url, session)
                assert await self.kept(bank) == before
                told, _ = await bank.sync(token, cursor)
                assert [t["amount"] for t in told["added"]] == [7]
                await bank.control(f"/lines/{line['line_id']}/post")
                await bank.call("/link/token/get", link_token=link_token)

    async def test_what_was_answered_survives_a_kill(self, tmp_path: Path) -> None:
        state = str(tmp_path / "bank.db")
        async with aiohttp.ClientSession() as session:
            with running_bank("--state", state, kill=True) as url:
                token = await BankClient(url, session).link()
            with running_bank("--state", state) as url:
                await BankClient(url, session).call("/item/get", access_token=token)

    async def kept(self, bank: BankClient) -> str:
        state = await bank.look("/state")
        for each in state["items"]:
            del each["notified_position"], each["updated_at"]
        return json.dumps({key: state[key] for key in ("scenario", "logins", "items")})
