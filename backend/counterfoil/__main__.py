"""The one door: `counterfoil <command>`, or `python -m counterfoil <command>`.

Each command imports only what it needs, so that none waits for another's libraries.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

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


def list_hidden() -> int:
    """List the hidden accounts: their ids, and who hid them, when and why."""
    from counterfoil import hidden_accounts

    return hidden_accounts.list_hidden(_settings())


def unhide(account_id: str, reason: str) -> int:
    """Show the hidden account with this ID again; --reason TEXT is kept in the audit log."""
    from counterfoil import hidden_accounts

    return hidden_accounts.show(_settings(), given=account_id, reason=reason)


def schema() -> int:
    """Print the GraphQL schema."""
    from counterfoil.api.schema import schema as graphql

    print(graphql.as_str())
    return 0


@dataclass(frozen=True, slots=True)
class Command:
    """One or two words behind `counterfoil`; its help is the function's docstring.

    `arguments` are what the function takes, each as it is typed ("ID") or after its name
    ("--reason"), with what it is called there.
    """

    name: str
    run: Callable[..., int]
    arguments: Mapping[str, str] = field(default_factory=dict)

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
    Command("accounts hidden", list_hidden),
    Command("accounts unhide", unhide, {"ID": "account_id", "--reason": "reason"}),
    Command("schema", schema),
)


def _settings() -> Settings:
    return Settings.from_environment(os.environ)


GROUPS = {"accounts": "What only whoever runs the server may do about bank accounts."}


def _chosen(arguments: Sequence[str] | None) -> Callable[[], int]:
    parser = argparse.ArgumentParser(prog="counterfoil")
    choices = parser.add_subparsers(metavar="command", required=True)
    places = {"": choices}
    for command in COMMANDS:
        group, _, word = command.name.rpartition(" ")
        if group not in places:
            about = GROUPS[group]
            inner = choices.add_parser(group, help=about, description=about)
            places[group] = inner.add_subparsers(metavar="command", required=True)
        choice = places[group].add_parser(word, help=command.about, description=command.about)
        choice.set_defaults(command=command)
        _add_arguments(choice, command)
    found = vars(parser.parse_args(arguments))
    chosen: Command = found.pop("command")
    return partial(chosen.run, **found)


def _add_arguments(parser: argparse.ArgumentParser, command: Command) -> None:
    for typed, name in command.arguments.items():
        if typed.startswith("--"):
            parser.add_argument(typed, dest=name, metavar="TEXT", required=True)
        else:
            parser.add_argument(name, metavar=typed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what is wrong is said in one line each, with a non-zero exit."""
    try:
        return _chosen(arguments)()
    except CounterfoilError as error:
        for line in str(error).splitlines():
            print(f"counterfoil: {line}", file=sys.stderr)
        return 2 if isinstance(error, SettingsInvalid) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
