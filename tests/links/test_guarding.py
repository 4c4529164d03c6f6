"""The guard before a second login: what counts as alike, whatever the order."""

from __future__ import annotations

import random
from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.aggregators.port import AccountType, FoundAccount, InstitutionSnapshot
from counterfoil.links.guarding import (
    Likeness,
    LinkedAccount,
    LinkedLogin,
    Sought,
    duplicates_of,
)

ELM = InstitutionSnapshot("ins_1", "Elm Bank")
LOGIN = UUID(int=1)
CHECKING = LinkedAccount("Checking", "4021", AccountType.BANK)
SAVINGS = LinkedAccount("Savings", "7730", AccountType.BANK)


def _found(*accounts: LinkedAccount, institution: InstitutionSnapshot = ELM) -> Sought:
    found = [
        FoundAccount(f"new-{place}", each.name, each.number, each.type)
        for place, each in enumerate(accounts)
    ]
    return Sought(institution, found)


def _login(*accounts: LinkedAccount, id: int = 1, name: str = "Elm Bank") -> LinkedLogin:  # noqa: A002
    return LinkedLogin(UUID(int=id), "ins_1", name, accounts)


class TestDuplicatesOf:
    def test_another_account_at_the_same_bank_is_no_duplicate(self) -> None:
        assert duplicates_of(_found(CHECKING), [_login(SAVINGS)]) == []

    def test_the_same_accounts_cover_the_login(self) -> None:
        found = _found(SAVINGS, CHECKING)
        assert duplicates_of(found, [_login(CHECKING, SAVINGS)]) == [Likeness(LOGIN, 2, True)]

    def test_a_part_of_its_accounts_does_not(self) -> None:
        found = _found(CHECKING)
        assert duplicates_of(found, [_login(CHECKING, SAVINGS)]) == [Likeness(LOGIN, 1, False)]

    def test_more_than_its_accounts_cover_it(self) -> None:
        found = _found(CHECKING, SAVINGS)
        assert duplicates_of(found, [_login(CHECKING)]) == [Likeness(LOGIN, 1, True)]

    def test_the_same_number_elsewhere_is_another_account(self) -> None:
        oak = InstitutionSnapshot("ins_2", "Oak Bank")
        assert duplicates_of(_found(CHECKING, institution=oak), [_login(CHECKING)]) == []

    def test_a_bank_that_moved_to_another_id_is_known_by_its_name(self) -> None:
        moved = InstitutionSnapshot("ins_127", "ELM  Bank.")
        found = _found(CHECKING, institution=moved)
        assert duplicates_of(found, [_login(CHECKING)]) == [Likeness(LOGIN, 1, True)]

    def test_a_bank_that_changed_its_name_is_known_by_its_id(self) -> None:
        assert duplicates_of(_found(CHECKING), [_login(CHECKING, name="Elm & Sons")]) != []

    def test_a_card_with_the_number_of_a_bank_account_is_another_account(self) -> None:
        card = replace(CHECKING, type=AccountType.CREDIT_CARD)
        assert duplicates_of(_found(card), [_login(CHECKING)]) == []

    def test_without_numbers_the_names_tell(self) -> None:
        nameless = replace(CHECKING, number=None)
        assert duplicates_of(_found(replace(nameless, name="CHECKING")), [_login(nameless)])
        assert duplicates_of(_found(replace(nameless, name="Other")), [_login(nameless)]) == []

    def test_two_accounts_of_one_number_are_two(self) -> None:
        found = _found(CHECKING)
        assert duplicates_of(found, [_login(CHECKING, CHECKING)]) == [Likeness(LOGIN, 1, False)]

    def test_another_one_of_the_same_number_does_not_cover_it(self) -> None:
        [alike] = duplicates_of(
            _found(LinkedAccount("Payroll", "1111", AccountType.BANK)),
            [_login(LinkedAccount("Operating", "1111", AccountType.BANK))],
        )
        assert (alike.shared, alike.covers) == (1, False)

    def test_a_login_that_has_brought_nothing_yet_can_be_replaced(self) -> None:
        assert duplicates_of(_found(CHECKING), [_login()]) == [Likeness(LOGIN, 0, True)]

    def test_the_likest_comes_first(self) -> None:
        logins = [_login(CHECKING, id=1), _login(CHECKING, SAVINGS, id=2)]
        alike = duplicates_of(_found(CHECKING, SAVINGS), logins)
        assert [one.bank_link_id.int for one in alike] == [2, 1]


_accounts = st.lists(
    st.builds(
        LinkedAccount,
        st.sampled_from(["Checking", "checking", "Savings"]),
        st.sampled_from([None, "1", "2"]),
        st.sampled_from([AccountType.BANK, AccountType.CREDIT_CARD]),
    ),
    max_size=6,
)
_logins = st.lists(_accounts, max_size=4).map(
    lambda many: [_login(*accounts, id=place + 1) for place, accounts in enumerate(many)]
)


class TestProperties:
    @given(_accounts, _logins, st.randoms(use_true_random=False))
    def test_the_order_does_not_matter(
        self, accounts: list[LinkedAccount], logins: list[LinkedLogin], dice: random.Random
    ) -> None:
        expected = duplicates_of(_found(*accounts), logins)
        dice.shuffle(accounts)
        dice.shuffle(logins)
        assert duplicates_of(_found(*accounts), logins) == expected

    @given(_accounts, _logins)
    def test_what_is_shared_fits_into_both_sides(
        self, accounts: list[LinkedAccount], logins: list[LinkedLogin]
    ) -> None:
        linked = {login.id: len(login.accounts) for login in logins}
        for alike in duplicates_of(_found(*accounts), logins):
            has = linked[alike.bank_link_id]
            assert (alike.shared == 0) == (has == 0)
            assert alike.shared <= min(len(accounts), has)
            assert alike.shared == has or not alike.covers

    @given(_accounts)
    def test_a_login_is_always_covered_by_itself(self, accounts: list[LinkedAccount]) -> None:
        [alike] = duplicates_of(_found(*accounts), [_login(*accounts)])
        assert alike.covers

    @given(_accounts, _accounts)
    def test_finding_more_makes_a_login_no_less_alike(
        self, accounts: list[LinkedAccount], more: list[LinkedAccount]
    ) -> None:
        login = _login(*accounts)
        before = {one.bank_link_id: one for one in duplicates_of(_found(*more), [login])}
        after = {one.bank_link_id: one for one in duplicates_of(_found(*more, *accounts), [login])}
        assert set(before) <= set(after)
        assert all(after[key].shared >= one.shared for key, one in before.items())

    @given(_accounts, _logins)
    def test_another_institution_is_never_alike(
        self, accounts: list[LinkedAccount], logins: list[LinkedLogin]
    ) -> None:
        oak = InstitutionSnapshot("ins_2", "Oak Bank")
        assert duplicates_of(_found(*accounts, institution=oak), logins) == []
