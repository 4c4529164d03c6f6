"""Journal lines as clients give them: accounts by any of their names, amounts as decimals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.errors import NotFound
from counterfoil.identity.queries import organization
from counterfoil.kit.money import minor_units
from counterfoil.kit.text import clean
from counterfoil.ledger.chart import EXTERNAL_ID_LIMIT, NUMBER_LIMIT
from counterfoil.ledger.drafting import LineDraft
from counterfoil.ledger.models import LedgerAccount
from counterfoil.viewer import Viewer

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountRef:
    """A ledger account by its row's id, by another system's id, or by its number: one of them."""

    id: UUID | None = None
    external_id: str | None = None
    number: str | None = None

    @property
    def name(self) -> object:
        """The one that is given, told apart from the others."""
        if self.id is not None:
            return self.id
        return ("external", self.external_id) if self.external_id else ("number", self.number)


def names_of(account: LedgerAccount) -> Iterable[object]:
    """All that a reference may call an account."""
    yield account.id
    yield ("number", account.number)
    if account.external_id is not None:
        yield ("external", account.external_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLine:
    """A debit (+) or credit (−) in units of its currency: the account's own, else base."""

    account: AccountRef
    amount: Decimal
    currency: str | None = None
    base_amount: Decimal | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The ledger accounts that may be meant, by all their names, and the base currency."""

    base: str
    accounts: Mapping[object, LedgerAccount]


async def known_accounts(viewer: Viewer, refs: Collection[AccountRef]) -> Known:
    """Those of the referenced accounts that are in the viewer's books, read at once."""
    external_ids = _storable((ref.external_id for ref in refs), limit=EXTERNAL_ID_LIMIT)
    numbers = _storable((ref.number for ref in refs), limit=NUMBER_LIMIT)
    ids = {ref.id for ref in refs if ref.id}
    chosen = Q(id__in=ids) | Q(external_id__in=external_ids) | Q(number__in=numbers)
    rows = await LedgerAccount.filter(chosen, organization_id=viewer.organization_id)
    accounts = {name: row for row in rows for name in names_of(row)}
    return Known((await organization(viewer)).base_currency, accounts)


def _storable(names: Iterable[str | None], *, limit: int) -> set[str]:
    """The names that an account can have; no others need be looked for."""
    return {name for name in names if name and clean(name, limit=limit) == name}


def line_drafts(lines: Sequence[GivenLine], known: Known, *, account: str) -> list[LineDraft]:
    """The lines in minor units. `account` is what the caller's input calls a line's account.

    Raises:
        NotFound: an account that is not in the books; AmountTooPrecise, AmountOutOfRange,
        UnknownCurrency: each with the path to the value.
    """
    return [_draft(line, known, ("lines", str(place)), account) for place, line in enumerate(lines)]


def _draft(line: GivenLine, known: Known, path: Path, account: str) -> LineDraft:
    found = known.accounts.get(line.account.name)
    if found is None:
        raise NotFound(field=(*path, account))
    currency = line.currency or found.currency or known.base
    base = line.base_amount
    return LineDraft(
        ledger_account_id=found.id,
        amount_minor=minor_units(line.amount, currency, field=(*path, "amount")),
        currency=currency,
        base_minor=(
            minor_units(base, known.base, field=(*path, "base_amount"))
            if base is not None
            else None
        ),
        memo=line.memo,
    )
