"""What a person chose for a line, remembered for lines of a like description."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from counterfoil.reconciliation.models import Act, CodingExample
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import UnitOfWork

KEY_LENGTH = 120
_WORD = re.compile(r"\w+")
_APOSTROPHES = str.maketrans("", "", "'’`´")


def fold(text: str) -> str:
    """`text` without case, accents and apostrophes: what reads alike becomes alike."""
    if text.isascii():
        return text.replace("'", "").replace("`", "").lower()
    apart = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    apart = unicodedata.normalize("NFKD", apart).casefold()
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def words_of(text: str) -> list[str]:
    """The folded words of a text in their order, numbers among them."""
    return _WORD.findall(fold(text).replace("_", " "))


_NOISE = frozenset(
    words_of("""
    ach auth authorized authorised bacs card cash charge chaps check checkcard cheque chip
    conf contactless credit ct date dbt dd debit direct eft electronic fpo giro id indn inst int
    mastercard mobile no number nr online on orig payment pmt point pos ppd purchase recurring ref
    reference sale sepa sq sto terminal tfr trace trans transaction transfer tst txn visa web xx
    xxx xxxx
    jan january feb february mar march apr april may jun june jul july aug august sep sept september
    oct october nov november dec december
    """)
)
"""Words of payment systems, terminals and calendars: they tell nothing of who was paid for what."""


def key_of(description: str) -> str:
    """What descriptions of the same kind of line have in common; at most 120 characters.

    Words with digits (dates, card and terminal numbers, references) and words of payment systems
    are left out. Where nothing else is there, all words stay. May be empty. The key of a key is
    that key. Frozen like `kit.text.clean`: stored examples are found by it.
    """
    words = words_of(description)
    return _fitting(telling(words) or words)


def telling(words: Iterable[str]) -> list[str]:
    """Those of the folded words that tell who or what: no numbers, none of payment systems."""
    return [word for word in words if word not in _NOISE and not _has_digit(word)]


def _fitting(words: list[str]) -> str:
    """As many of the first words as the column takes, none cut: a part could be another word."""
    while len(key := " ".join(words)) > KEY_LENGTH and len(words) > 1:
        words = words[:-1]
    return key[:KEY_LENGTH]


def _has_digit(word: str) -> bool:
    return any(sign.isdigit() for sign in word)


async def remember(
    uow: UnitOfWork, act: Act, line: BankTransaction, ledger_account_ids: Iterable[UUID]
) -> None:
    """Keep which accounts were chosen for a line: one row each, none where nothing tells the line.

    The accounts of one booking are told apart by the act and the line.
    """
    key = key_of(line.description)
    if not key:
        return
    rows = [
        CodingExample(
            organization_id=uow.organization_id,
            key=key,
            inflow=line.amount_minor > 0,
            bank_transaction_id=line.id,
            ledger_account_id=ledger_account_id,
            act_id=act.id,
            chosen_at=uow.now,
        )
        for ledger_account_id in sorted(set(ledger_account_ids))
    ]
    await CodingExample.bulk_create(rows)


async def forget(act_id: UUID) -> None:
    """Take back what an act taught; called when it is undone."""
    await CodingExample.filter(act_id=act_id).delete()
