"""The keys of an account: what they tell apart, and what they do not tell."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.accounts.keys import Digests, digests_of, folded
from counterfoil.aggregators.port import AccountSnapshot, AccountType
from tests.fakes import account

KEY = bytes(range(32))


def keys(
    snapshot: AccountSnapshot,
    *,
    key: bytes = KEY,
    aggregator: str = "plaid",
    bank: str = "Elm Bank",
) -> Digests:
    return digests_of(key, aggregator, bank, snapshot)


class TestDigestsOf:
    def test_everything_is_an_hmac_that_holds_no_number(self) -> None:
        found = keys(account("checking", number="4021", persistent_id="p-1"))
        for digest in (found.exact, found.weak, *found.strong):
            assert len(digest) == 64
            assert int(digest, 16) >= 0
        assert len({found.exact, found.weak, *found.strong}) == 3

    def test_another_organization_shares_none(self) -> None:
        snapshot = account("checking", persistent_id="p-1")
        own, other = keys(snapshot), keys(snapshot, key=bytes(32))
        assert {own.exact, own.weak, *own.strong}.isdisjoint(
            {other.exact, other.weak, *other.strong}
        )

    def test_new_ids_leave_the_likeness_and_what_lasts(self) -> None:
        before = keys(account("checking", number="4021", persistent_id="p-1"))
        after = keys(account("another", number="4021", persistent_id="p-1"))
        assert after.exact != before.exact
        assert (after.weak, after.strong) == (before.weak, before.strong)

    def test_without_a_lasting_id_nothing_is_strong(self) -> None:
        assert keys(account("checking")).strong == frozenset()

    def test_an_id_of_another_aggregator_is_another(self) -> None:
        snapshot = account("checking", persistent_id="p-1")
        ours, theirs = keys(snapshot), keys(snapshot, aggregator="simplefin")
        assert (ours.exact != theirs.exact, ours.strong != theirs.strong) == (True, True)
        assert ours.weak == theirs.weak

    def test_the_likeness_survives_a_new_name_and_another_spelling_of_the_bank(self) -> None:
        before = keys(account("checking", number="4021", name="Operating"), bank="Élm  Bank, N.A.")
        after = keys(account("checking", number="4021", name="Everyday"), bank="ELM BANK N A")
        assert before.weak == after.weak

    @pytest.mark.parametrize(
        "other",
        [
            {"number": "4022"},
            {"type": AccountType.CREDIT_CARD},
            {"subtype": "savings"},
            {"currency": "EUR"},
        ],
    )
    def test_the_likeness_tells_these_apart(self, other: dict[str, object]) -> None:
        one = account("checking", number="4021")
        assert keys(one).weak != keys(replace(one, **other)).weak  # type: ignore[arg-type]

    def test_another_bank_is_another(self) -> None:
        one = account("checking", number="4021")
        assert keys(one).weak != keys(one, bank="Elm Savings").weak

    def test_without_a_number_the_name_tells(self) -> None:
        one, two = account("a", number=None, name="Rent"), account("b", number=None, name="Wages")
        assert keys(one).weak != keys(two).weak
        assert keys(one).weak == keys(replace(one, name="RENT")).weak

    @given(st.text(max_size=8), st.text(max_size=8))
    def test_a_number_and_a_name_are_never_confused(self, number: str, name: str) -> None:
        by_number = keys(account("a", number=number or None, name=name))
        by_name = keys(account("a", number=None, name=number))
        assert (by_number.weak == by_name.weak) == (not number and folded(name) == folded(""))


class TestFolded:
    @given(st.text())
    def test_folding_twice_changes_nothing_more(self, name: str) -> None:
        assert folded(folded(name)) == folded(name)

    def test_capitals_of_any_script_are_small(self) -> None:
        assert folded("𝕊avings") == folded("savings")

    def test_a_name_of_signs_alone_is_kept(self) -> None:
        assert folded("—") == "—"
