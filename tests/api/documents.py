"""Random documents, and what they weigh when their fragments are expanded one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from hypothesis import strategies as st

from counterfoil.api.weighing import DEFAULT_PAGE, UNPAGED_LIST

SCHEMA = build_schema(
    """
    type Query { me: Thing things(first: Int, last: Int): Page some(first: Int = 7): Page }
    type Thing {
        id: ID! name: String more(first: Int): Page parts: [Thing!]! tags: [Tag!]! tag: Tag
        many(first: Int): [Thing!]
    }
    type Page { nodes: [Thing!]! edges: [Edge] count: Int }
    type Edge { node: Thing cursor: String }
    type Tag { text: String thing: Thing }
    """
)
_LEAVES = {"Query": "me{id}", "Thing": "name", "Page": "count", "Edge": "cursor", "Tag": "text"}
_PAGED = {("Query", "things"), ("Query", "some"), ("Thing", "more"), ("Thing", "many")}


class Expanded(NamedTuple):
    """What a selection set weighs; `cost` in objects."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0
    cost: int = 0


class Expansion:
    """Weighs definitions of a document by expanding everything, one by one."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def of(self, node: OperationDefinitionNode | FragmentDefinitionNode) -> Expanded:
        """The weight of one definition."""
        root = SCHEMA.query_type
        assert root is not None
        parent = _condition(node, root) if isinstance(node, FragmentDefinitionNode) else root
        return self._selections(node.selection_set, parent, None, set())

    def _selections(
        self, node: SelectionSetNode, parent: GraphQLObjectType, page: int | None, seen: set[str]
    ) -> Expanded:
        fields = aliases = depth = cost = 0
        for child in node.selections:
            part = self._selection(child, parent, page, seen)
            fields, aliases, cost = fields + part.fields, aliases + part.aliases, cost + part.cost
            depth = max(depth, part.depth)
        return Expanded(fields, aliases, depth, cost)

    def _selection(
        self, node: SelectionNode, parent: GraphQLObjectType, page: int | None, seen: set[str]
    ) -> Expanded:
        if isinstance(node, FieldNode):
            return self._field(node, parent, page, seen)
        if isinstance(node, InlineFragmentNode):
            return self._selections(node.selection_set, _condition(node, parent), page, seen)
        assert isinstance(node, FragmentSpreadNode)
        target = self._fragments[node.name.value]
        return self._selections(target.selection_set, _condition(target, parent), page, set())

    def _field(
        self, node: FieldNode, parent: GraphQLObjectType, page: int | None, seen: set[str]
    ) -> Expanded:
        name = node.name.value
        alias = int(node.alias is not None or name in seen)
        if node.alias is None:
            seen.add(name)
        if node.selection_set is None:
            return Expanded(1, alias, 1, 0)
        type_ = parent.fields[name].type
        inner = get_named_type(type_)
        assert isinstance(inner, GraphQLObjectType)
        own = self._page(node) if (parent.name, name) in _PAGED else None
        times = 1
        if is_list_type(get_nullable_type(type_)) and own is not None:
            times, own = own, None
        elif is_list_type(get_nullable_type(type_)):
            times = page if page is not None else UNPAGED_LIST if "id" in inner.fields else 1
        below = self._selections(node.selection_set, inner, own, set())
        cost = times * (1 + below.cost)
        return Expanded(1 + below.fields, alias + below.aliases, 1 + below.depth, cost)

    def _page(self, node: FieldNode) -> int:
        asked: dict[str, Any] = {"first": 7} if node.name.value == "some" else {}
        for argument in node.arguments or ():
            value = argument.value
            if isinstance(value, VariableNode):
                asked[argument.name.value] = self._variables.get(value.name.value)
            else:
                assert isinstance(value, IntValueNode)
                asked[argument.name.value] = int(value.value)
        sizes = [size for size in asked.values() if isinstance(size, int) and size >= 0]
        return max(sizes, default=DEFAULT_PAGE)


def _condition(
    node: InlineFragmentNode | FragmentDefinitionNode, parent: GraphQLObjectType
) -> GraphQLObjectType:
    if node.type_condition is None:
        return parent
    found = SCHEMA.get_type(node.type_condition.name.value)
    assert isinstance(found, GraphQLObjectType)
    return found


_FIELDS = {
    "Query": [("me", "Thing"), ("things", "Page"), ("some", "Page")],
    "Thing": [
        ("more", "Page"),
        ("parts", "Thing"),
        ("tags", "Tag"),
        ("tag", "Tag"),
        ("many", "Thing"),
    ],
    "Page": [("nodes", "Thing"), ("edges", "Edge")],
    "Edge": [("node", "Thing")],
    "Tag": [("thing", "Thing")],
}
_SIZES = st.sampled_from(["", "(first:3)", "(first:$n)", "(first:0)", "(first:$unset)"])


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document of one operation and up to five fragments that spread only later ones."""
    kinds = draw(st.lists(st.sampled_from(sorted(_FIELDS)), max_size=5))

    def body(kind: str, budget: int, first_fragment: int) -> str:
        parts = [_LEAVES[kind]]
        for _ in range(draw(st.integers(0, 3)) if budget else 0):
            spreadable = [i for i in range(first_fragment, len(kinds)) if kinds[i] == kind]
            choice = draw(st.integers(0, 4))
            if choice == 0 and spreadable:
                parts.append(f"...f{draw(st.sampled_from(spreadable))}")
            elif choice == 1:
                parts.append(f"... on {kind}{{{body(kind, budget - 1, first_fragment)}}}")
            else:
                name, target = draw(st.sampled_from(_FIELDS[kind]))
                alias = draw(st.sampled_from(["", "", "other:"]))
                size = draw(_SIZES) if (kind, name) in _PAGED else ""
                parts.append(f"{alias}{name}{size}{{{body(target, budget - 1, first_fragment)}}}")
        return " ".join(parts)

    fragments = [
        f"fragment f{index} on {kind}{{{body(kind, 2, index + 1)}}}"
        for index, kind in enumerate(kinds)
    ]
    operation = f"query($n:Int=4,$unset:Int){{{body('Query', 3, 0)}}}"
    return " ".join([operation, *fragments])
