"""The one door: `counterfoil <command>`, or `python -m counterfoil <command>`.

Each command imports only what it needs, so that none waits for another's libraries.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from counterfoil.errors import CounterfoilError
from counterfoil.settings import Settings, SettingsInvalid


def up() -> int:
    """Start the whole product here, keep it running, and stop it on Ctrl-C."""
    from counterfoil.launcher import up as launcher

    return launcher.run(_settings(), os.environ)


def web() -> int:
    """Serve the page and the API."""
    from counterfoil import server

    return server.run(_settings())


def worker() -> int:
    """Pull from banks: jobs and the schedule."""
    from counterfoil import worker as jobs

    jobs.run(_settings())
    return 0


def sign_in_link() -> int:
    """Print a link that signs in once; at the first start also a password."""
    from counterfoil import invitation

    return invitation.run(_settings())


def prepare() -> int:
    """Make the keys unless they are there, and bring the schema to the newest version."""
    from counterfoil.launcher.prepare import encryption_keys

    encryption_keys(_settings().encryption_key_file)
    return migrate()


def migrate() -> int:
    """Bring the database's schema to the newest version."""
    from counterfoil.plumbing import database

    asyncio.run(database.migrate(_settings().database_url.reveal()))
    return 0


def verify() -> int:
    """Prove that the books are whole: every rule, and the rows that break it."""
    from counterfoil import verifying
    from counterfoil.plumbing import database

    async def broken() -> int:
        count = 0
        async with (
            database.connected(_settings().database_url.reveal(), pool=1),
            verifying.one_moment(),
        ):
            async for finding in verifying.findings():
                count += not finding.holds
                print(f"{'ok' if finding.holds else 'BROKEN':<7} {finding.sentence}")
                for row_id in finding.ids:
                    print(f"{'':<7} {row_id}")
        return count

    return 1 if asyncio.run(broken()) else 0


def schema() -> int:
    """Print the GraphQL schema."""
    from counterfoil.api.schema import schema as graphql

    print(graphql.as_str())
    return 0


@dataclass(frozen=True, slots=True)
class Command:
    """A word behind `counterfoil`; its help is the function's docstring."""

    name: str
    run: Callable[[], int]

    @property
    def about(self) -> str:
        return (self.run.__doc__ or "").strip()


COMMANDS = (
    Command("up", up),
    Command("web", web),
    Command("worker", worker),
    Command("sign-in-link", sign_in_link),
    Command("prepare", prepare),
    Command("migrate", migrate),
    Command("verify", verify),
    Command("schema", schema),
)


def _settings() -> Settings:
    return Settings.from_environment(os.environ)


def _chosen(arguments: Sequence[str] | None) -> Command:
    parser = argparse.ArgumentParser(prog="counterfoil")
    choices = parser.add_subparsers(metavar="command", required=True)
    for command in COMMANDS:
        choice = choices.add_parser(command.name, help=command.about, description=command.about)
        choice.set_defaults(command=command)
    command_chosen: Command = parser.parse_args(arguments).command
    return command_chosen


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what is wrong is said in one line each, with a non-zero exit."""
    try:
        return _chosen(arguments).run()
    except CounterfoilError as error:
        for line in str(error).splitlines():
            print(f"counterfoil: {line}", file=sys.stderr)
        return 2 if isinstance(error, SettingsInvalid) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
