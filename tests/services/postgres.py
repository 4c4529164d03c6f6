"""A real PostgreSQL for tests: found on the machine, run from a temporary folder, fast."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from tests.services.processes import die_with_parent, wait_until
from tools.machine import find_postgres

USER = "counterfoil"
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # it would sit in the template while that is being cloned
}


_EMPTY = """
DO $$ DECLARE t record; BEGIN
  SET LOCAL lock_timeout = '1s';
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
           AND tablename <> 'tortoise_migrations' LOOP
    EXECUTE format('DELETE FROM %I', t.tablename);
  END LOOP;
END $$
"""
_SHAPE = """
SELECT md5(concat(
  (SELECT string_agg(concat(relname, relkind, relnatts), ',' ORDER BY relname, relkind)
   FROM pg_class WHERE relnamespace = 'public'::regnamespace),
  (SELECT string_agg(concat(tgname, tgenabled), ',' ORDER BY tgname, tgrelid)
   FROM pg_trigger WHERE NOT tgisinternal),
  (SELECT string_agg(md5(prosrc), ',' ORDER BY proname)
   FROM pg_proc WHERE pronamespace = 'public'::regnamespace),
  (SELECT string_agg(conname, ',' ORDER BY conname) FROM pg_constraint),
  pg_database_size(current_database()) > 32000000))
"""


class PostgresMissing(Exception):
    """No PostgreSQL on this machine."""

    def __init__(self) -> None:
        super().__init__("PostgreSQL is missing. Install it: sudo apt-get install postgresql")


def find_binaries() -> Path:
    """The folder of `initdb`.

    Raises:
        PostgresMissing: there is none.
    """
    found = find_postgres()
    if found is None:
        raise PostgresMissing
    return found


def _other_user() -> str | None:
    """Whom to run as when we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class PostgresServer:
    """A server on a private socket in `folder`; every connection of its owner is trusted."""

    def __init__(self, folder: Path, *, options: dict[str, str] | None = None) -> None:
        self.folder = folder
        self._bin = find_binaries()
        self._user = _other_user()
        self._options = _FAST if options is None else options
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        self._shapes: dict[str, str] = {}
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._cleaners: dict[str, asyncpg.Connection] = {}

    def url(self, database: str) -> str:
        return f"postgres://{USER}@/{database}?host={self.folder}"

    def initialise(self, cluster: Path | None = None) -> None:
        """Make an empty cluster in the folder, or a copy of one."""
        own = self.folder / "cluster"
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        if cluster is None:
            options = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
            self._run("initdb", "-D", str(own), "-U", USER, *options)
        else:
            shutil.copytree(cluster, own)
            self._own(own)

    def start(self) -> None:
        """Start, and return when it answers."""
        sockets = {"listen_addresses": "", "unix_socket_directories": str(self.folder)}
        flags = [f"-c{name}={value}" for name, value in {**self._options, **sockets}.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.folder / "cluster", *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=self._user,
                preexec_fn=die_with_parent(signal.SIGQUIT),
            )
        wait_until(self._answers, what="PostgreSQL to answer")

    def stop(self) -> None:
        """Break all connections and stop in good order (SIGINT is PostgreSQL's fast shutdown)."""
        for database in list(self._cleaners):
            self._dismiss(database)
        self._runner.close()
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            self._process = None

    def sql(self, *statements: str, database: str = "postgres") -> str:
        """Run each statement by itself with psql; what it printed, without any decoration."""
        commands = [part for statement in statements for part in ("-c", statement)]
        where = ("-h", str(self.folder), "-U", USER, "-d", database)
        return self._run("psql", "-qAtX", "-v", "ON_ERROR_STOP=1", *where, *commands)

    def clone(self, template: str) -> str:
        """A new database with everything that `template` holds; its name."""
        self._count += 1
        name = f"{template}_{self._count}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, database: str) -> None:
        self._dismiss(database)
        self.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def emptied(self, database: str, *, like: str) -> bool:
        """Take away all rows, so that the database is again what `like`, its template, is.

        False, and it is to be dropped: its schema is another one now, it has grown, or somebody
        still holds a lock in it. No event loop may run in this thread.
        """
        try:
            shape = self._runner.run(self._empty(database))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False
        if like not in self._shapes:
            self._shapes[like] = self.sql(_SHAPE, database=like)
        return shape == self._shapes[like]

    async def _empty(self, database: str) -> str:
        """Its connection is kept: a new one reads the whole catalogue first."""
        if database not in self._cleaners:
            self._cleaners[database] = await asyncpg.connect(
                host=str(self.folder), user=USER, database=database
            )
        cleaner = self._cleaners[database]
        await cleaner.execute(_EMPTY)
        shape: str = await cleaner.fetchval(_SHAPE)
        return shape

    def _dismiss(self, database: str) -> None:
        """Close the connection that was kept for emptying, if there is one."""
        if (cleaner := self._cleaners.pop(database, None)) is not None:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                self._runner.run(cleaner.close(timeout=5))

    def _own(self, folder: Path) -> None:
        """Give what the folder holds to whom the server runs as, and to nobody else."""
        folder.chmod(0o700)
        if self._user is not None:
            for each in (folder, *folder.rglob("*")):
                shutil.chown(each, self._user)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError((self.folder / "log").read_text())
        command = [str(self._bin / "pg_isready"), "-q", "-h", str(self.folder)]
        return subprocess.run(command, check=False).returncode == 0

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [self._bin / program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            user=self._user,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"
        return done.stdout.strip()


@contextmanager
def postgres_server(
    *, options: dict[str, str] | None = None, cluster: Path | None = None
) -> Iterator[PostgresServer]:
    """A running server that leaves nothing behind. `options` replaces the fast settings.

    It is empty, or has what a `cluster` holds, a folder that no server runs in.
    """
    with tempfile.TemporaryDirectory(prefix="counterfoil-pg-") as folder:
        server = PostgresServer(Path(folder), options=options)
        server.initialise(cluster)
        server.start()
        try:
            yield server
        finally:
            server.stop()
