"""Two accounts turn out to be one: the lines of the newer go to the older, and none doubles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from counterfoil.aggregators.port import ChangesPage, Completeness, TransactionSnapshot
from counterfoil.kit.sql import among, execute, execute_many, texts
from counterfoil.transactions.attaching import attach, set_adrift
from counterfoil.transactions.models import BankTransaction
from counterfoil.transactions.operations import apply_pages
from counterfoil.unit_of_work import UnitOfWork

_ACCOUNT = "joined"
"""What the account is called while its lines are offered anew."""


async def join_lines(
    uow: UnitOfWork, *, newer_id: UUID, older_id: UUID, bank_link_id: UUID
) -> None:
    """Give an account, which has the newer one's login already, the newer one's lines.

    A line that the older one has goes on there, with its match, and with what was noted of the
    newer one's where nothing was noted before; the newer one's row is erased. So are those that
    the bank withdrew; all others move as they are, and nothing stays behind. No line of the newer
    one is in a match. What the older one has and the newer one has not is settled by the next pull
    that is complete (`attaching`). Nothing is told of the single rows that go: that the newer
    account is gone says it.
    """
    await _clear_the_way(newer_id, older_id)
    await set_adrift(uow, [older_id])
    rows = {
        row.aggregator_id: row
        for row in await BankTransaction.filter(bank_account_id=newer_id, removed_at=None)
    }
    offered = {key: _as_reported(row) for key, row in rows.items()}
    await attach(bank_account_ids={older_id: _ACCOUNT}, offered={_ACCOUNT: [*offered.values()]})
    lines = BankTransaction.filter(bank_account_id=older_id, adrift_at=None, removed_at=None)
    pairs = {
        line_id: rows[key]
        for line_id, key in await lines.values_list("id", "aggregator_id")
        if key in rows
    }
    await _carry_notes(pairs)
    await _erase([row.aggregator_id for row in pairs.values()], newer_id)
    if pairs:
        await apply_pages(
            uow,
            [_page([offered[row.aggregator_id] for row in pairs.values()])],
            targets={_ACCOUNT: older_id},
            bank_link_id=bank_link_id,
            refresh_id=max(row.last_refresh_id for row in pairs.values()),
        )
    await _move(uow, newer_id, older_id)
    await execute("DELETE FROM bank_transaction WHERE bank_account_id = $1", newer_id)


def _as_reported(row: BankTransaction) -> TransactionSnapshot:
    return TransactionSnapshot(
        aggregator_id=row.aggregator_id,
        account_id=_ACCOUNT,
        pending=row.pending,
        dated_on=row.dated_on,
        occurred_on=row.occurred_on,
        amount_minor=row.amount_minor,
        currency=row.currency,
        exponent=row.exponent,
        description=row.description,
        bank_description=row.bank_description,
        counterparty=row.counterparty,
        check_number=row.check_number,
        category=row.category,
        pending_id=None,
        raw_hash=bytes.fromhex(row.raw_hash),
    )


def _page(lines: Sequence[TransactionSnapshot]) -> ChangesPage:
    return ChangesPage(lines, [], [], "", False, Completeness.COMPLETE)


async def _clear_the_way(newer_id: UUID, older_id: UUID) -> None:
    """Remove rows that the bank withdrew and that have an id which a line here will get."""
    await execute(
        "DELETE FROM bank_transaction WHERE bank_account_id = $2 AND removed_at IS NOT NULL "
        "AND reconciled_minor = 0 AND aggregator_id IN (SELECT n.aggregator_id "
        "FROM bank_transaction AS n WHERE n.bank_account_id = $1)",
        newer_id,
        older_id,
    )


async def _carry_notes(pairs: Mapping[UUID, BankTransaction]) -> None:
    """What was said of a newer row, said of the line that it is, where nothing is said there."""
    both = [(line_id, row.id) for line_id, row in pairs.items()]
    if not both:
        return
    await execute_many(
        "UPDATE bank_transaction SET comment = COALESCE(comment, (SELECT n.comment "
        "FROM bank_transaction AS n WHERE n.id = $2)), to_check_at = COALESCE(to_check_at, "
        "(SELECT n.to_check_at FROM bank_transaction AS n WHERE n.id = $2)) WHERE id = $1",
        both,
    )
    await execute_many(
        "UPDATE prepared_coding SET bank_transaction_id = $1 WHERE bank_transaction_id = $2 "
        "AND NOT EXISTS (SELECT 1 FROM prepared_coding AS p WHERE p.bank_transaction_id = $1)",
        both,
    )
    await execute_many(
        "UPDATE exclusion SET bank_transaction_id = $1 WHERE bank_transaction_id = $2 "
        "AND EXISTS (SELECT 1 FROM bank_transaction AS t WHERE t.id = $1 "
        "AND t.reconciled_minor = 0 AND t.excluded_at IS NULL)",
        both,
    )
    await execute_many(
        "UPDATE bank_transaction SET excluded_at = (SELECT e.excluded_at FROM exclusion AS e "
        "WHERE e.bank_transaction_id = $1) WHERE id = $1 AND excluded_at IS NULL",
        [(line_id,) for line_id, _ in both],
    )


async def _erase(aggregator_ids: Sequence[str], newer_id: UUID) -> None:
    await execute(
        f"DELETE FROM bank_transaction WHERE bank_account_id = $1 AND aggregator_id {among('$2')}",  # noqa: S608
        newer_id,
        texts(aggregator_ids),
    )


async def _move(uow: UnitOfWork, newer_id: UUID, older_id: UUID) -> None:
    await execute(
        "UPDATE bank_transaction SET bank_account_id = $2, changed_at = $3, change_position = $4, "
        "revision = revision + 1, binding_revision = revision + 1 "
        "WHERE bank_account_id = $1 AND removed_at IS NULL",
        newer_id,
        older_id,
        uow.now,
        await uow.position(),
    )
