"""What happens to accounts, step by step: each is done in the product and in the plain model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from counterfoil.accounts import operations as accounts
from counterfoil.aggregators.port import LinkPurpose
from counterfoil.kit.ids import new_id
from counterfoil.ledger.models import LedgerAccountType
from counterfoil.links import removing
from counterfoil.links.deletion_preview import Chosen, preview
from counterfoil.links.guarding import Choice
from counterfoil.links.hiding import hide_account
from counterfoil.links.models import (
    BankLink,
    LinkClient,
    LinkSession,
    LinkSessionState,
    RefreshTrigger,
    SessionQuestion,
)
from counterfoil.reconciliation.booking import book
from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.excluding import exclude
from tests.factories import KEYRING, make_ledger_account, make_organization, make_viewer
from tests.links.beside_plain_accounts import ROUNDS, Beside, Deed, MortalTransactions, put_to_rest
from tests.links.conftest import make_shop
from tests.links.plain_accounts import Account, Fact, PlainCompany, Row, Standing
from tests.links.relinking import (
    NUMBERS,
    Bank,
    Fate,
    Item,
    MortalQueue,
)


class Step(NamedTuple):
    """Something that happens; places are counted round. `dies` is where the process dies."""

    what: str
    one: int
    other: int
    fact: Fact
    dies: int | None


@dataclass
class History(Beside):
    """A company with one login at one bank, step by step."""

    async def take(self, step: Step) -> None:
        """Do one step in both, and compare what is to be compared at any time."""
        await getattr(self, f"_{step.what}")(step)
        await self._compare()

    # What happens at the bank

    async def _report(self, step: Step) -> None:
        account = self._account(step)
        self.keys += 1
        self._say(account, f"{account.name}-{self.keys}", _of(account, step.fact))

    async def _change(self, step: Step) -> None:
        account = self._account(step)
        if key := _nth(sorted(account.lines), step.other):
            pending = account.lines[key].pending
            self._say(account, key, _of(account, step.fact)._replace(pending=pending))

    async def _withdraw(self, step: Step) -> None:
        account = self._account(step)
        if key := _nth(sorted(account.lines), step.other):
            del account.lines[key]
            for item in self.bank.items:
                item.withdraw(account, key)

    async def _post(self, step: Step) -> None:
        """A pending line posts, as it was or with a tip."""
        account = self._account(step)
        waiting = sorted(key for key, fact in account.lines.items() if fact.pending)
        if key := _nth(waiting, step.other):
            fact = account.lines.pop(key)
            for item in self.bank.items:
                item.withdraw(account, key)
            posted = fact._replace(pending=False, amount=fact.amount - step.other % 2 * 30)
            account.posted_from[f"{key}-posted"] = key
            self._say(account, f"{key}-posted", posted)

    def _say(self, account: Account, key: str, fact: Fact) -> None:
        account.lines[key] = fact
        for item in self.bank.items:
            item.report(account, key)

    def _date_a_day_later(self) -> None:
        """The bank prints other dates in the next link; nobody hears of it by an earlier one."""
        for account in self.plain.accounts.values():
            account.lines = {
                key: fact._replace(day=fact.day + 1) for key, fact in account.lines.items()
            }

    # What a person does

    async def _add(self, step: Step) -> None:
        """Add the bank once more, sharing some accounts: a new login, or one for the linked one."""
        link = await self._link()
        everything = list(self.plain.accounts.values())
        chosen = everything if step.other % 3 else [self._account(step)]
        known = [each for each in await self._attached(link) if each.standing is Standing.SHOWN]
        if known and not any(each in chosen for each in known):  # the guard knows no hidden one
            chosen = [each for each in everything if each in chosen or each is known[0]]
        if link is None and step.fact.pending:
            self._date_a_day_later()
        session = await self._start(LinkPurpose.ADD)
        item = self.bank.sign_in(chosen)
        if step.fact.day % 3 == 0:
            item.fail(self._account(step) if self._account(step) in chosen else chosen[0])
        other_ids = await self._finish(session, chosen, link, step)
        await self._settle()
        await self._recover(item)
        revives = other_ids and self._choice is not Choice.FIX
        for account in chosen:
            if account.standing is not Standing.DELETED or revives or account in self._wanted:
                again = other_ids or account.standing is Standing.DELETED
                account.linked(other_ids=again)
        await self._compare_rows()

    async def _recover(self, item: Item) -> None:
        """The bank can tell of all accounts of a link again, and is pulled."""
        link = await self._link()
        if item.untold and link is not None:
            item.recover()
            await self.shop.request(link, RefreshTrigger.SCHEDULE)
            await self._settle()

    _wanted: Sequence[Account] = ()
    """The deleted accounts that a person said to bring back in this step."""
    _choice: Choice | None = None
    """What a person said in this step of what was found at a linked login."""

    async def _finish(
        self, session: LinkSession, chosen: Sequence[Account], link: BankLink | None, step: Step
    ) -> bool:
        """Follow a session to its end; says whether the accounts come under other ids."""
        self._wanted, self._choice = (), None
        other_ids = True
        self.fate.after = step.dies
        for _ in range(ROUNDS):
            session = await LinkSession.get(id=session.id)
            question = (session.question or {}).get("kind")
            if session.state is LinkSessionState.WAITING:
                await self._survive(self._advance(session))
            elif question == SessionQuestion.DUPLICATE:
                self._choice = Choice.ADD_ACCOUNTS if step.other % 2 else Choice.FIX
                await self._survive(self._fix(session, link, self._choice))
                if (await LinkSession.get(id=session.id)).open_url is not None:
                    self.bank.repair(chosen)
                    other_ids = False
            elif question == SessionQuestion.ACCOUNTS:
                await self._bring_back(session, step)
            else:
                break
        assert session.state is LinkSessionState.DONE, session.problem
        return other_ids

    def _advance(self, session: LinkSession) -> Deed:
        return lambda: self.shop.linking.advance(self.shop.viewer, session.id)

    def _fix(self, session: LinkSession, link: BankLink | None, choice: Choice) -> Deed:
        """Put what was found in the place of the linked login, or go on at that one's page."""
        assert link is not None
        return lambda: self.shop.linking.answers.duplicate(
            self.shop.viewer, session.id, choice=choice, bank_link_id=link.id
        )

    async def _bring_back(self, session: LinkSession, step: Step) -> None:
        offered = {UUID(each["bank_account_id"]) for each in (session.question or {})["accounts"]}
        chosen = sorted(offered) if step.other % 4 else []
        self._wanted = [each for each in self.plain.accounts.values() if each.id in chosen]
        answers, viewer = self.shop.linking.answers, self.shop.viewer
        await self._survive(lambda: answers.accounts(viewer, session.id, bank_account_ids=chosen))

    async def _repair(self, step: Step) -> None:
        """Sign in again at the linked login."""
        link = await self._link()
        if link is None:
            return
        session = await self._start(LinkPurpose.REPAIR, link)
        self.bank.repair()
        await self._finish(session, [], link, step)
        await self._settle()
        await self._compare_rows()

    async def _add_accounts(self, step: Step) -> None:
        """Share all accounts with the linked login, and say which deleted ones come back."""
        link = await self._link()
        if link is None:
            return
        everything = list(self.plain.accounts.values())
        session = await self._start(LinkPurpose.ADD_ACCOUNTS, link)
        [item] = self.bank.items
        shared = [each for each in everything if item.shares(each)]
        self.bank.repair(everything)
        await self._finish(session, everything, link, step)
        await self._settle()
        for account in everything:
            if account.standing is not Standing.DELETED:
                account.linked(other_ids=False)
            elif account in self._wanted or account not in shared:
                account.linked(other_ids=True)
        await self._compare_rows()

    async def _start(self, mode: LinkPurpose, link: BankLink | None = None) -> LinkSession:
        session, _ = await self.shop.linking.start(
            self.shop.viewer,
            mode=mode,
            client=LinkClient.WEB,
            return_url=None,
            institution_id=None,
            bank_link_id=None if link is None else link.id,
            idempotency_key=str(new_id()),
        )
        return session

    async def _pull(self, step: Step) -> None:
        link = await self._link()
        if link is None:
            return
        self.bank.page_size = 1 + step.other % 4
        self.fate.after = step.dies
        await self._survive(lambda: self.shop.request(link, RefreshTrigger.SCHEDULE))
        await self._survive(self.shop.work)
        await self._settle()
        self.fate.after = None
        await self.shop.request(link, RefreshTrigger.SCHEDULE)
        await self._settle()
        await self._compare_rows()

    async def _book(self, step: Step) -> None:
        account, row = await self._some_line(step)
        if account is None or row is None:
            return
        part = CodingLine(ledger_account_id=self.supplies.id, amount_minor=row.fact.amount)
        async with self._begin() as uow:
            await book(
                uow,
                self.shop.viewer,
                bank_transaction_id=row.id,
                expected_revision=None,
                coding=Coding(lines=[part]),
                duplicate_reason="Another purchase",
                key=None,
            )
        account.booked[row.id] = account.told[row.id] = row.fact

    async def _exclude(self, step: Step) -> None:
        account, row = await self._some_line(step)
        if account is None or row is None:
            return
        async with self._begin() as uow:
            await exclude(uow, self.shop.viewer, wanted={row.id: None}, reason="Private", key=None)
        account.excluded.add(row.id)

    async def _some_line(self, step: Step) -> tuple[Account | None, Row | None]:
        """A posted line of a shown account of which nothing was said yet."""
        account = _nth(self.plain.those(Standing.SHOWN), step.one)
        if account is None:
            return None, None
        free = [
            row
            for row in await self._rows(account)
            if not (row.fact.pending or row.reconciled or row.excluded)
        ]
        return account, _nth(sorted(free), step.other)

    async def _name(self, step: Step) -> None:
        """Note a memo. The name is what the bank calls it, and stays."""
        if account := _nth(self.plain.those(Standing.SHOWN), step.one):
            stored = await self._stored(account)
            async with self._begin() as uow:
                await accounts.update(
                    uow,
                    self.shop.viewer,
                    bank_account_id=stored.id,
                    expected_revision=stored.revision,
                    memo=f"Memo {step.other}",
                )
            account.memo = f"Memo {step.other}"

    async def _hide(self, step: Step) -> None:
        account = _nth(self.plain.those(Standing.SHOWN), step.one)
        if account is None:
            return
        self.fate.after = step.dies
        await self._survive(lambda: self._hide_once(account))
        if (await self._stored(account)).hidden_at is None:
            self.fate.after = None
            await self._hide_once(account)
        account.standing = Standing.HIDDEN
        await self._settle()

    async def _hide_once(self, account: Account) -> None:
        stored = await self._stored(account)
        async with self._begin() as uow:
            await hide_account(
                uow,
                self.shop.viewer,
                bank_account_id=stored.id,
                expected_revision=stored.revision,
                reason="Not ours",
                waiting=0,
                keyring=KEYRING,
            )

    async def _delete(self, step: Step) -> None:
        shown = self.plain.those(Standing.SHOWN)
        chosen = shown if step.other % 2 else shown[step.one % 2 :][:1]
        if not chosen:
            return
        asked = Chosen.accounts(each.id for each in chosen if each.id is not None)
        token = (await preview(self.shop.viewer, asked)).token
        key = str(new_id())

        async def delete() -> None:
            async with self._begin() as uow:
                await removing.delete(
                    uow, self.shop.viewer, asked, token=token, key=key, keyring=KEYRING
                )

        rows = [await self._rows(account) for account in chosen]
        self.fate.after = step.dies
        await self._survive(delete)
        self.fate.after = None
        await delete()
        for account, erased in zip(chosen, rows, strict=True):
            account.deleted(erased)
        if step.one % 3:
            await self._settle()

    def _account(self, step: Step) -> Account:
        names = list(self.plain.accounts)
        return self.plain.accounts[names[step.one % len(names)]]


def _of(account: Account, fact: Fact) -> Fact:
    """No line of one account says what one of another says."""
    return fact._replace(text=f"{fact.text} {account.name}")


def _nth(things: Sequence[Any], place: int) -> Any:
    return things[place % len(things)] if things else None


async def new_history() -> History:
    """A new company; the bank has two accounts with a line each, and none is linked."""
    await put_to_rest()
    organization = await make_organization()
    fate = Fate()
    bank, queue = Bank(fate), MortalQueue(fate)
    shop = make_shop(organization, await make_viewer(organization))
    transactions = MortalTransactions(shop.clock, shop.bell, queue, fate)
    banks = {bank.name: bank}
    changes: dict[str, Any] = {"transactions": transactions, "aggregators": banks}
    plain = PlainCompany(
        {name: Account(name, {f"{name}-0": Fact(1, -1000, f"Opening {name}")}) for name in NUMBERS}
    )
    return History(
        plain,
        bank,
        replace(
            shop,
            queue=queue,
            transactions=transactions,
            importer=replace(shop.importer, **changes),
            linking=replace(shop.linking, **changes),
            sweeper=replace(shop.sweeper, **changes),
        ),
        fate,
        await make_ledger_account(organization, name="Supplies", type=LedgerAccountType.EXPENSE),
    )
