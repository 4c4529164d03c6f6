"""Whether a database needs `counterfoil migrate`, asked without loading what migrates."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from counterfoil import migrations

_APPLIED = "SELECT name FROM tortoise_migrations WHERE app = 'models'"


def is_current(database_url: str) -> bool:
    """True only for a SQLite database that has had every migration.

    PostgreSQL can't be asked with the standard library alone; there `migrate` asks.
    """
    url = urlsplit(database_url)
    if url.scheme != "sqlite":
        return False
    try:
        address = f"{Path(unquote(url.path)).as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as database:
            applied = {name for (name,) in database.execute(_APPLIED)}
    except sqlite3.Error:
        return False
    return _known() <= applied


def _known() -> set[str]:
    return {path.stem for path in Path(migrations.__path__[0]).glob("[0-9]*.py")}
