"""Rules that the database itself holds: triggers, said once and written for both databases.

A condition is SQL that SQLite and PostgreSQL both understand (IS DISTINCT FROM, which SQLite
learned late, becomes IS NOT there); `NEW` and `OLD` are the row. A refusal is a name and a
condition: where it is true, the statement fails with that name. A condition that reads another
row, which somebody may be changing at the same time, says FOR SHARE: PostgreSQL then waits for
them and reads what they made of it; SQLite has one writer at a time and does not know the words.
What adds up many rows takes them first (`Held`), so that nobody else adds them up meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of `table` that PostgreSQL holds until the commit, before what follows reads them.

    A statement sees what was there when it began, also where it waits for a row later on. So
    the rows are taken by a statement of their own, and the next one sees what others made of them.
    """

    table: str
    which: str

    @property
    def sql(self) -> str:
        return f"PERFORM 1 FROM {self.table} WHERE {self.which} ORDER BY id FOR NO KEY UPDATE;"


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
    held: Sequence[Held] = ()

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
        body = f"{_taking(self.held)}{checks} RETURN {row};"
        return _postgres(self.name, "BEFORE", self.event, self.table, self.when, body)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What the database does by itself after a row of `table` was written."""

    name: str
    table: str
    event: Literal["INSERT", "UPDATE", "DELETE"]
    statements: Sequence[str]
    when: str = ""
    held: Sequence[Held] = ()

    def sql(self, dialect: str) -> str:
        """The statements that make it."""
        body = " ".join(f"{statement};" for statement in self.statements)
        if dialect == "sqlite":
            return _sqlite(self.name, "AFTER", self.event, self.table, self.when, body)
        body = f"{_taking(self.held)}{body} RETURN NULL;"
        return _postgres(self.name, "AFTER", self.event, self.table, self.when, body)


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of `table` that do not go unnoticed: by what runs no trigger for the row that goes.

    That is REPLACE on SQLite, whose connections must ask for such triggers, and TRUNCATE on
    PostgreSQL. `keys` are the unique columns by which a row could take another one's place;
    `which` says of the row `kept` whether it matters.
    """

    table: str
    keys: Sequence[Sequence[str]]
    which: str = "1 = 1"

    def names(self, dialect: str) -> Sequence[str]:
        """Its triggers."""
        ways = ("truncated",) if dialect != "sqlite" else ("replaced_by_new", "replaced_by_old")
        return [f"{self.table}_is_not_{way}" for way in ways]

    def sql(self, dialect: str) -> str:
        """The statements that make it."""
        code = f"{self.table.upper()}_KEPT"
        if dialect != "sqlite":
            [name] = self.names(dialect)
            return (
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN"
                f" RAISE EXCEPTION '{code}' USING ERRCODE = 'integrity_constraint_violation';"
                f" END $body$; CREATE TRIGGER {name} BEFORE TRUNCATE ON {self.table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
            )
        by_new, by_old = self.names(dialect)
        taken = " ".join(self._refusal(code, key) for key in self.keys)
        moved = " ".join(
            self._refusal(code, key, also=" OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in key))
            for key in self.keys
        )
        return _sqlite(by_new, "BEFORE", "INSERT", self.table, "", taken) + _sqlite(
            by_old, "BEFORE", "UPDATE", self.table, "", moved
        )

    def _refusal(self, code: str, key: Sequence[str], also: str = "1 = 1") -> str:
        same = " AND ".join(f"kept.{column} = NEW.{column}" for column in key)
        return (
            f"SELECT RAISE(ABORT, '{code}') WHERE ({also}) AND EXISTS ("  # noqa: S608
            f"SELECT 1 FROM {self.table} AS kept WHERE {same} AND {self.which});"
        )


Trigger = Guard | Consequence | Kept


def dropped(trigger: Trigger, dialect: str) -> str:
    """The statements that take a trigger away."""
    names = trigger.names(dialect) if isinstance(trigger, Kept) else [trigger.name]
    if dialect == "sqlite":
        return " ".join(f"DROP TRIGGER {name};" for name in names)
    return " ".join(
        f"DROP TRIGGER {name} ON {trigger.table}; DROP FUNCTION {name}();" for name in names
    )


def _taking(held: Sequence[Held]) -> str:
    return "".join(f"{each.sql} " for each in held)


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
