"""The bank: who may sign in, what they have there, and what the passing of time does to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from fakebank.bank import company
from fakebank.bank.custom_user import CustomUser, parse_custom_user
from fakebank.bank.institutions import Institution, Institutions
from fakebank.bank.ledger import Ledger
from fakebank.bank.openings import OPENINGS
from fakebank.bank.records import ZERO, Account, Description, Line, Login, PlannedLine
from fakebank.bank.sign_in import TRIES, Welcome, check_password, login_id_for
from fakebank.clock import Clock
from fakebank.names import derived_id
from fakebank.shelves import Shelf


class LoginUnknown(Exception):
    """No login has this id."""

    def __init__(self, login_id: str) -> None:
        super().__init__(f"no login {login_id}")


class Bank:
    """Logins and their accounts over one ledger, one clock and one seed."""

    def __init__(self, *, clock: Clock, seed: str = "counterfoil") -> None:
        self.clock = clock
        self.seed = seed
        self.institutions = Institutions()
        self.ledger = Ledger()
        self.logins: Shelf[Login] = Shelf("login", Login, key=lambda login: login.login_id)

    def login(self, login_id: str) -> Login:
        """Raises LoginUnknown."""
        login = self.logins.get(login_id)
        if login is None:
            raise LoginUnknown(login_id)
        return login

    def check(self, institution_id: str, username: str, password: str) -> Welcome:
        """Try a username and password. Raises SignInRefused, CustomUserUnreadable."""
        home = self.institutions.home(institution_id)
        known = self.logins.get(login_id_for(home, username, password))
        welcome = check_password(home, username, password, known=known)
        if welcome.recipe != "custom" or known is not None:
            return welcome
        user = parse_custom_user(password)
        return replace(welcome, second_factor=user.second_factor)

    def enter(
        self, welcome: Welcome, *, institution_id: str, username: str, password: str
    ) -> Login:
        """The login behind a sign-in that went through, opened when this is its first time."""
        known = self.logins.get(welcome.login_id)
        if known is not None:
            return known
        login = Login(welcome.login_id, institution_id, username, password, welcome.recipe)
        if welcome.recipe == "custom":
            return self.open_custom(login, parse_custom_user(welcome.document))
        self.logins.put(login)
        currency = self.institutions[institution_id].currency
        opened = OPENINGS[welcome.recipe](
            self._story(login), currency=currency, now=self.clock.now()
        )
        for account, lines in opened:
            self._open(login, account, lines)
        return login

    def open_custom(self, login: Login, user: CustomUser) -> Login:
        """Open a login with the accounts of a custom-user document."""
        login.second_factor, login.forced_error = user.second_factor, user.forced_error
        self.logins.put(login)
        for account, lines in user.accounts:
            stated = account.opening
            opened = self._open(login, account, lines)
            opened.opening = stated - opened.posted_total
            self.ledger.accounts.put(opened)
        return login

    def accept(self, login: Login) -> None:
        """The whole sign-in went through: wrong answers of before no longer count."""
        login.refused_codes = 0
        self.logins.put(login)

    def refuse_code(self, login_id: str) -> bool:
        """Count a wrong answer; True when that was the third and the login is locked now.

        Raises LoginUnknown.
        """
        login = self.login(login_id)
        login.refused_codes += 1
        login.locked = login.locked or login.refused_codes >= TRIES
        self.logins.put(login)
        return login.locked

    def change_password(self, login_id: str, password: str) -> Login:
        """Give the login a new password, which breaks what signed in with the old one."""
        login = self.login(login_id)
        login.password, login.password_changed = password, True
        login.credentials_version += 1
        return self.logins.put(login)

    def unlock(self, login_id: str) -> Login:
        login = self.login(login_id)
        login.locked, login.refused_codes = False, 0
        return self.logins.put(login)

    def accounts_of(self, login: Login) -> list[Account]:
        """The open accounts of a login, in the order that the bank shows them."""
        accounts = (self.ledger.accounts[each] for each in login.account_ids)
        return [account for account in accounts if account.closed_at is None]

    def catch_up(self) -> None:
        """Let come what the clock says has come: planned lines, and pending lines that post."""
        now = self.clock.now()
        for account in self.ledger.accounts:
            if account.next_event_at is not None and account.next_event_at <= now:
                self._catch_up(account, now)

    def open_account(self, login: Login, account: Account) -> Account:
        """Add one account without lines to a login."""
        return self._open(login, account, [])

    def replace_account(self, account: Account) -> Account:
        """Close an account and open another in its place with the same facts and lines.

        So does a bank that renumbers: to others it looks like an account that they never saw.
        """
        login = self.login(account.login_id)
        successor = replace(account, posted_total=ZERO, pending_total=ZERO, planned=[])
        self._open(login, successor, account.planned)
        self.ledger.copy_lines(account.account_id, successor.account_id)
        account.closed_at, account.next_event_at, account.planned = self.clock.now(), None, []
        self.ledger.accounts.put(account)
        return successor

    def move_institution(
        self, institution_id: str, *, new_id: str | None, name: str | None
    ) -> Institution:
        """Let a bank go on under another id, with all its logins and their accounts.

        Raises ValueError, with words, when it cannot.
        """
        moved = self.institutions.move(institution_id, new_id=new_id, name=name)
        for login in self.logins:
            if login.institution_id == institution_id:
                login.institution_id = moved.institution_id
                self.logins.put(login)
        return moved

    def print_next_link(self, login_id: str, *, other_words: bool, days_later: int) -> Login:
        """Print lines otherwise in the next link of a login. Raises LoginUnknown."""
        login = self.login(login_id)
        login.next_link_other_words, login.next_link_days_later = other_words, days_later
        return self.logins.put(login)

    def _open(self, login: Login, account: Account, lines: list[PlannedLine]) -> Account:
        account.login_id = login.login_id
        account.account_id = derived_id("account", login.login_id, str(len(login.account_ids)))
        account.planned = list(lines)
        account.next_event_at = self.clock.now()
        login.account_ids.append(account.account_id)
        self.ledger.accounts.put(account)
        self.logins.put(login)
        self._catch_up(account, self.clock.now())
        return account

    def _story(self, login: Login) -> str:
        return "/".join((self.seed, self.institutions.home(login.institution_id), login.username))

    def _catch_up(self, account: Account, now: datetime) -> None:
        self._plan(account, now)
        due = [line for line in account.planned if line.occurs_at <= now]
        account.planned = [line for line in account.planned if line.occurs_at > now]
        for planned in due:
            self.ledger.begin(account.account_id, planned, now=now)
        waiting = self._post_due(account, now)
        moments = [line.occurs_at for line in account.planned] + waiting
        if account.role:
            moments.append(_midnight_after(account.planned_through or now.date()))
        account.next_event_at = min(moments, default=None)
        self.ledger.accounts.put(account)

    def _plan(self, account: Account, now: datetime) -> None:
        """Ask the story for each day that has begun since it was last asked."""
        while account.role and account.planned_through and account.planned_through < now.date():
            day = account.planned_through + timedelta(days=1)
            login = self.logins[account.login_id]
            account.planned += company.plan_day(self._story(login), account.role, day)
            account.planned_through = day

    def _post_due(self, account: Account, now: datetime) -> list[datetime]:
        """Post the pending lines that are due; when the others will be."""
        waiting = []
        for line in self.ledger.lines_of([account.account_id]):
            if line.removed_position is not None or line.posts_at is None:
                continue
            if line.posts_at <= now:
                self.ledger.post(line.line_id, posted_on=line.posts_at.date())
            else:
                waiting.append(line.posts_at)
        return waiting

    def refresh_dynamic(self, login: Login) -> None:
        """What one look at the bank finds for user_transactions_dynamic.

        New pending lines appear, all pending ones from before post, and one earlier amount is
        raised by 1.00, as Plaid's sandbox does on /transactions/refresh.
        """
        today = self.clock.now().date()
        for account in self.accounts_of(login):
            living = [
                line
                for line in self.ledger.lines_of([account.account_id])
                if line.removed_position is None
            ]
            for line in living:
                if line.pending:
                    self.ledger.post(line.line_id, posted_on=today)
            self._raise_one(login, living)
            self._buy_coffee(account, today)

    def _raise_one(self, login: Login, living: list[Line]) -> None:
        posted = [line for line in living if not line.pending]
        if posted:
            newest = posted[-1]
            self.ledger.modify(newest.line_id, amount=newest.amount - Decimal(1))

    def _buy_coffee(self, account: Account, today: date) -> None:
        number = self.ledger.position
        for n in range(2):
            price = Decimal(425 + (number * 37 + n * 113) % 2000) / 100
            described = Description(
                f"CAFE {number + n:05d}", "Corner Bistro", "in store", "FOOD_AND_DRINK_COFFEE"
            )
            self.ledger.add(
                account.account_id,
                amount=-price,
                description=described,
                occurred_on=today,
                posted_on=None,
            )


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
