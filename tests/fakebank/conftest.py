"""A sandbox bank as a real process, emptied before each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.fakebank.listening import Mailbox, mailbox
from tests.fakebank.plaid_schema import specs_dir
from tests.fakebank.running import BankClient, running_bank


@pytest.fixture(scope="session")
def bank_url() -> Iterator[str]:
    """The address of a sandbox bank that lives for the whole run."""
    with running_bank() as url:
        yield url


@pytest.fixture
async def bank(bank_url: str) -> AsyncIterator[BankClient]:
    """A client of an empty sandbox bank."""
    # the bank hangs up after five idle seconds, which checking a long answer can take
    connector = aiohttp.TCPConnector(keepalive_timeout=2)
    async with aiohttp.ClientSession(connector=connector) as session:
        client = BankClient(bank_url, session)
        await client.control("/reset")
        yield client


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    """An address that webhooks can be sent to."""
    async with mailbox() as opened:
        yield opened


@pytest.fixture
def specs() -> Path:
    """The folder of official schemas; the test is skipped, saying so, where there is none."""
    folder = specs_dir()
    if folder is None:
        pytest.skip("SPECS_DIR names no folder with Plaid's official schema")
    return folder
