"""Folders for DATA_DIR that spare a product its migrations."""

from __future__ import annotations

import shutil
from pathlib import Path


def furnish(home: Path, migrated_sqlite: Path) -> Path:
    """Make the folder, with a database that has the whole schema and nothing else; returns it.

    From nothing, migrations take as long as all the rest of a start; they have their own tests.
    """
    home.mkdir(mode=0o700)
    shutil.copyfile(migrated_sqlite, home / "counterfoil.sqlite3")
    return home
