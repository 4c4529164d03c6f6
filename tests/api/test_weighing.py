"""The walk over a document: exact on small ones, linear on hostile ones."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    NoFragmentCyclesRule,
    OperationDefinitionNode,
    parse,
    validate,
)
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.api.weighing import FragmentCycle, Verdict, weigh
from tests.api.documents import SCHEMA, Expansion, documents


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    return next(n for n in document.definitions if isinstance(n, OperationDefinitionNode))


def weighed(text: str, variables: dict[str, Any] | None = None) -> Verdict:
    document = parse(text)
    return weigh(SCHEMA, document, variables or {}, operation=_operation(document))


def bomb(levels: int, *, head: str = "{...f0}") -> str:
    """A document whose expansion has 2^levels leaves."""
    fragments = (
        f"fragment f{i} on Thing{{parts{{...f{i + 1}}} a:parts{{...f{i + 1}}}}}"
        for i in range(levels)
    )
    return " ".join((head, *fragments, f"fragment f{levels} on Thing{{name}}"))


class TestCycles:
    def test_a_fragment_that_spreads_itself_is_refused(self) -> None:
        with pytest.raises(FragmentCycle, match="Fragment “a” spreads itself"):
            weighed("{me{...a}} fragment a on Thing{name ...a}")

    def test_so_is_one_that_does_through_others(self) -> None:
        with pytest.raises(FragmentCycle):
            weighed("{me{...a}} fragment a on Thing{parts{...b}} fragment b on Thing{...a}")

    def test_also_where_no_operation_uses_it(self) -> None:
        with pytest.raises(FragmentCycle):
            weighed("{me{id}} fragment a on Thing{tag{thing{...a}}}")

    def test_the_same_fragment_twice_is_no_cycle(self) -> None:
        assert weighed("{me{...a ...a}} fragment a on Thing{name}").fields == 3

    def test_a_spread_of_nothing_weighs_nothing(self) -> None:
        assert weighed("{me{...missing}}").fields == 1


@contextmanager
def calls() -> Iterator[Counter[str]]:
    """Counts the calls of Python functions, by name: time on a busy machine tells nothing."""
    made: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            made[frame.f_code.co_qualname] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield made
    finally:
        sys.setprofile(before)


class TestFragments:
    def test_a_bomb_of_one_kilobyte_is_weighed_at_once(self) -> None:
        text = bomb(30, head="{me{...f0}}")
        with calls() as made:
            verdict = weighed(text)
        assert len(text) < 1_900
        assert sum(made.values()) < 100_000
        assert verdict.fields == 1 + 2 * (2**30 - 1) + 2**30
        assert verdict.depth == 32

    def test_a_bomb_that_no_operation_uses_is_weighed_too(self) -> None:
        assert weighed(bomb(30, head="{me{id}}")).fields > 2**30

    def test_the_walk_is_linear(self) -> None:
        """Ten times the document takes ten times as many calls."""

        def steps(levels: int) -> int:
            document = parse(bomb(levels, head="{me{...f0}}"))
            with calls() as made:
                weigh(SCHEMA, document, {}, operation=_operation(document))
            return sum(made.values())

        assert steps(300) < 11 * steps(30)

    def test_a_chain_of_a_thousand_fragments_needs_no_deep_stack(self) -> None:
        chain = " ".join(f"fragment f{i} on Thing{{...f{i + 1}}}" for i in range(1_000))
        assert weighed(f"{{me{{...f0}}}} {chain} fragment f1000 on Thing{{name}}").fields == 2


class TestCost:
    @pytest.mark.parametrize(
        ("text", "cost"),
        [
            ("{me{name}}", 1),
            ("{things{count}}", 1),
            ("{things(first:20){nodes{name}}}", 21),
            ("{things(first:20){edges{node{name}}}}", 41),
            ("{things(first:20){edges{node{tags{text} parts{id}}}}}", 261),
            ("{things(first:2,last:30){nodes{name}}}", 31),
            ("{things{nodes{name}}}", 51),
            ("{some{nodes{name}}}", 8),
            ("{things(first:-5){nodes{name}}}", 51),
            ("{me{parts{id}}}", 11),
            ("{me{tags{text}}}", 2),
            ("{me{many(first:4){tags{text}}}}", 9),
            ("{me{more(first:3){nodes{more(first:3){nodes{id}}}}}}", 17),
            ("query($n:Int=6){things(first:$n){nodes{id}}}", 7),
            ("query($n:Int){things(first:$n){nodes{id}}}", 51),
            ("{...q} fragment q on Query{things(first:5){...p}} fragment p on Page{nodes{id}}", 6),
        ],
    )
    def test_counts_objects(self, text: str, cost: int) -> None:
        assert weighed(text).cost == cost

    def test_a_variable_counts_over_its_default(self) -> None:
        text = "query($n:Int=6){things(first:$n){nodes{id}}}"
        assert weighed(text, {"n": 900}).cost == 901

    def test_a_number_of_any_length_is_too_much_and_no_crash(self) -> None:
        assert weighed(f"{{things(first:{'9' * 6_000}){{nodes{{id}}}}}}").cost > 10**19

    def test_only_the_operation_that_runs_has_a_cost(self) -> None:
        document = parse("query a{me{id}} query b{things(first:900){nodes{id}}}")
        assert weigh(SCHEMA, document, {}, operation=_operation(document)).cost == 1

    def test_but_fields_count_over_all_operations(self) -> None:
        document = parse("query a{me{id}} query b{me{id name}}")
        assert weigh(SCHEMA, document, {}, operation=_operation(document)).fields == 5


class TestAliases:
    def test_a_repeated_field_counts_like_an_alias(self) -> None:
        assert weighed("{me{name name ...{name} other:name}}").aliases == 3


class TestIntrospection:
    def test_is_seen_through_fragments(self) -> None:
        verdict = weighed("{...a} fragment a on Query{__schema{types{name}}}")
        assert verdict.introspects
        assert verdict.introspection_only

    def test_is_not_the_only_thing_where_something_else_is_asked(self) -> None:
        verdict = weighed('{me{id} __type(name:"Tag"){name}}')
        assert verdict.introspects
        assert not verdict.introspection_only


@given(documents(), st.integers(0, 60))
def test_counts_are_those_of_a_naive_expansion(text: str, n: int) -> None:
    document = parse(text)
    variables = {"n": n}
    definitions = [
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    expected = [Expansion(document, variables).of(node) for node in definitions]
    found = weigh(SCHEMA, document, variables, operation=_operation(document))
    assert found.cost == expected[0].cost
    assert found.fields == max(part.fields for part in expected)
    assert found.aliases == max(part.aliases for part in expected)
    assert found.depth == max(part.depth for part in expected)


_NAMES = st.sampled_from(["me", "nodes", "nothing", "__typename", "__schema", "f0", "things"])


@st.composite
def nonsense(draw: st.DrawFn) -> str:
    """A document that may fit no schema, and whose fragments may spread one another anyhow."""

    def body(budget: int) -> str:
        parts = [draw(_NAMES)]
        for _ in range(draw(st.integers(0, 2)) if budget else 0):
            inner = body(budget - 1)
            kind = draw(st.sampled_from(["field", "inline", "spread"]))
            name = draw(st.sampled_from(["f0", "f1", "f2", "f3"]))
            arguments = draw(st.sampled_from(["", "(first:$x)", "(first:null,last:[1])"]))
            shapes = {
                "field": f"{draw(_NAMES)}{arguments}{{{inner}}}",
                "inline": f"... on {draw(st.sampled_from(['Query', 'None', 'Tag']))}{{{inner}}}",
                "spread": f"...{name}",
            }
            parts.append(shapes[kind])
        return " ".join(parts)

    fragments = [
        f"fragment f{index} on {draw(st.sampled_from(['Query', 'Thing', 'None', 'Int']))}"
        f"{{{body(2)}}}"
        for index in range(draw(st.integers(0, 3)))
    ]
    return " ".join([f"{{{body(3)}}}", *fragments])


@given(nonsense())
def test_any_document_is_weighed_or_refused_for_a_cycle_that_is_there(text: str) -> None:
    cyclic = bool(validate(SCHEMA, parse(text), [NoFragmentCyclesRule]))
    try:
        verdict = weighed(text, {"x": "no number"})
    except FragmentCycle:
        assert cyclic
    else:
        assert not cyclic
        assert verdict.fields > 0
        assert verdict.cost >= 0
