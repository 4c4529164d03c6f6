"""What a product has stored, for another one to go on with."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.journeys.product import Ports

_WEBHOOKS = re.compile(r"http://127\.0\.0\.1:\d+/webhooks/")


def copy_home(home: Path, copy: Path, ports: Ports) -> Path:
    """Copy what a stopped product has stored, for one that will listen on other ports.

    The sandbox bank calls each Item's owner where it was when the Item was made.
    """
    shutil.copytree(home, copy)
    here = f"http://127.0.0.1:{ports.product}/webhooks/"
    with closing(sqlite3.connect(copy / "fakebank.sqlite3")) as bank, bank:
        bank.create_function("at_home", 1, lambda document: _WEBHOOKS.sub(here, document))
        moved = bank.execute(
            "UPDATE record SET document = at_home(document) WHERE document <> at_home(document)"
        )
        assert moved.rowcount > 0, "the bank knows nobody to call"
    return copy
