"""A database that breaks in the middle of an operation."""

from __future__ import annotations

from counterfoil.kit.sql import connection


async def fail_at(statement: str) -> None:
    """Let the database itself refuse this kind of statement from now on."""
    table, event = statement.split()
    client = connection()
    if client.capabilities.dialect == "sqlite":
        await client.execute_script(
            f"CREATE TRIGGER fails AFTER {event} ON {table} BEGIN SELECT RAISE(ABORT, 'x'); END;"
        )
        return
    await client.execute_script(
        "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'integrity_constraint_violation'; END $$;"
        f" CREATE TRIGGER fails AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION fails();"
    )
