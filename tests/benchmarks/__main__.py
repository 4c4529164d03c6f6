"""`make bench`: every figure against its bound, on a PostgreSQL and a Valkey of its own."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from counterfoil.plumbing.database import migrate
from tests.benchmarks import applying, pushing, starting, suggesting, table
from tests.benchmarks.figures import Figure, as_json, as_table
from tests.services.postgres import postgres_server
from tests.services.valkey import ValkeyServer

ROUNDS = 4


@contextmanager
def _postgres() -> Iterator[str]:
    """The address of a migrated database on a server that runs for the benchmark alone."""
    with postgres_server() as server:
        server.sql("CREATE DATABASE bench")
        asyncio.run(migrate(server.url("bench")))
        yield server.url("bench")


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-") as folder:
        yield Path(folder)


@contextmanager
def _sqlite() -> Iterator[str]:
    with _folder() as folder:
        url = f"sqlite://{folder / 'bench.sqlite3'}"
        asyncio.run(migrate(url))
        yield url


@contextmanager
def _valkey() -> Iterator[str]:
    with _folder() as folder, ValkeyServer(folder).started() as server:
        yield server.url


def _applying(rounds: int) -> Sequence[Figure]:
    with _postgres() as url:
        figures = [*asyncio.run(applying.measure(url, name="PostgreSQL", rounds=rounds))]
    with _sqlite() as url:
        return [*figures, *asyncio.run(applying.measure(url, name="SQLite", rounds=rounds))]


def _reading(rounds: int) -> Sequence[Figure]:
    with _postgres() as url, _valkey() as redis_url, _folder() as folder:
        return asyncio.run(table.measure(url, redis_url, folder, rounds=rounds))


def _pushing(rounds: int) -> Sequence[Figure]:
    with _postgres() as url, _valkey() as redis_url, _folder() as folder:
        return asyncio.run(pushing.measure(url, redis_url, folder, rounds=rounds))


def _suggesting(rounds: int) -> Sequence[Figure]:
    with _postgres() as url:
        figures = [*asyncio.run(suggesting.measure(url, name="PostgreSQL", rounds=rounds))]
    with _sqlite() as url:
        return [*figures, *asyncio.run(suggesting.measure(url, name="SQLite", rounds=rounds))]


def _starting(rounds: int) -> Sequence[Figure]:
    with _folder() as folder:
        return starting.measure(folder, rounds=rounds)


SECTIONS = {
    "reading": _reading,
    "applying": _applying,
    "suggesting": _suggesting,
    "pushing": _pushing,
    "starting": _starting,
}


def main() -> int:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--json", action="store_true", help="print a list for machines")
    parser.add_argument("--only", choices=SECTIONS, help="measure one part alone")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    figures: list[Figure] = []
    for name, section in SECTIONS.items():
        if asked.only in (None, name):
            print(f"measuring: {name} …", file=sys.stderr, flush=True)
            figures += section(asked.rounds)
    print(as_json(figures) if asked.json else as_table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
