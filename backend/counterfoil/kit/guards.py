"""Rules that the database itself holds: triggers, said once and written for both databases.

A condition is SQL that SQLite and PostgreSQL both understand (IS DISTINCT FROM, which SQLite
learned late, becomes IS NOT there); `NEW` and `OLD` are the row. A refusal is a name and a
condition: where it is true, the statement fails with that name. A condition that reads another
row, which somebody may be changing at the same time, says FOR SHARE: PostgreSQL then waits for
them and reads what they made of it; SQLite has one writer at a time and does not know the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses statements on `table`: one row at a time, before it is written.

    `event` is INSERT, UPDATE or DELETE; `when` says which rows it looks at.
    """

    name: str
    table: str
    event: Literal["INSERT", "UPDATE", "DELETE"]
    refusals: Sequence[tuple[str, str]]
    when: str = ""

    def sql(self, dialect: str) -> str:
        """The statements that make the guard."""
        if dialect == "sqlite":
            body = " ".join(
                f"SELECT RAISE(ABORT, '{code}') WHERE {condition.replace(' FOR SHARE', '')};"
                for code, condition in self.refusals
            )
            return _sqlite(self.name, "BEFORE", self.event, self.table, self.when, body)
        checks = " ".join(
            f"IF {condition} THEN RAISE EXCEPTION '{code}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            for code, condition in self.refusals
        )
        row = "OLD" if self.event == "DELETE" else "NEW"
        body = f"{checks} RETURN {row};"
        return _postgres(self.name, "BEFORE", self.event, self.table, self.when, body)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What the database does by itself after a row of `table` was written."""

    name: str
    table: str
    event: Literal["INSERT", "UPDATE", "DELETE"]
    statements: Sequence[str]
    when: str = ""

    def sql(self, dialect: str) -> str:
        """The statements that make it."""
        body = " ".join(f"{statement};" for statement in self.statements)
        if dialect == "sqlite":
            return _sqlite(self.name, "AFTER", self.event, self.table, self.when, body)
        return _postgres(
            self.name, "AFTER", self.event, self.table, self.when, f"{body} RETURN NULL;"
        )


def dropped(trigger: Guard | Consequence, dialect: str) -> str:
    """The statements that take a trigger away."""
    if dialect == "sqlite":
        return f"DROP TRIGGER {trigger.name};"
    return f"DROP TRIGGER {trigger.name} ON {trigger.table}; DROP FUNCTION {trigger.name}();"


def _sqlite(name: str, moment: str, event: str, table: str, when: str, body: str) -> str:
    clause = f" WHEN {when}" if when else ""
    return (
        f"CREATE TRIGGER {name} {moment} {event} ON {table} FOR EACH ROW{clause} BEGIN {body} END;"
    )


def _postgres(name: str, moment: str, event: str, table: str, when: str, body: str) -> str:
    clause = f" WHEN ({when})" if when else ""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$"
        f" BEGIN {body} END $body$;"
        f" CREATE TRIGGER {name} {moment} {event} ON {table} FOR EACH ROW{clause}"
        f" EXECUTE FUNCTION {name}();"
    )
