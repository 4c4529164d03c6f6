from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from counterfoil.launcher.schema_version import is_current


class TestIsCurrent:
    def test_not_where_there_is_no_database(self, tmp_path: Path) -> None:
        assert not is_current(f"sqlite://{tmp_path / 'absent.sqlite3'}")
        assert not (tmp_path / "absent.sqlite3").exists()

    def test_not_where_the_file_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "broken.sqlite3").write_text("this is not a database at all")
        assert not is_current(f"sqlite://{tmp_path / 'broken.sqlite3'}")

    def test_not_where_a_migration_is_missing(self, sqlite_url: str) -> None:
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite://"))) as database, database:
            database.execute(
                "DELETE FROM tortoise_migrations WHERE id = "
                "(SELECT max(id) FROM tortoise_migrations)"
            )
        assert not is_current(sqlite_url)

    def test_after_all_migrations(self, sqlite_url: str) -> None:
        assert is_current(sqlite_url)

    def test_postgres_is_left_to_the_migration(self) -> None:
        assert not is_current("postgres://somebody@somewhere/books")
