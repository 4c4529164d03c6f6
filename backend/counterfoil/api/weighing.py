"""What a document weighs, found by one linear walk before anything else looks at it.

Validation and execution expand fragments, so that a document of 1 KB can be work for hours. Here
each definition is looked at once: a fragment's weight is worked out once, and added wherever it
is spread. A fragment that leads back to itself is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

DEFAULT_PAGE = 50
"""Objects on a page when neither `first` nor `last` is given, nor has a default."""
UNPAGED_LIST = 10
"""Objects that a list counts where nothing says how long it is."""
_PAGE_ARGUMENTS = ("first", "last")
_INTROSPECTION = frozenset({"__schema", "__type"})


class FragmentCycle(Exception):
    """A fragment spreads itself, directly or through others."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"Fragment “{name}” spreads itself.")


@dataclass(frozen=True, slots=True)
class Objects:
    """How many objects, where the lists at the top of a fragment take their length from outside.

    Spread below a field with `first` or `last` it is `fixed` + `per_page` × that page, anywhere
    else `unpaged`.
    """

    fixed: int = 0
    per_page: int = 0
    unpaged: int = 0

    def __add__(self, other: Objects) -> Objects:
        return Objects(
            self.fixed + other.fixed,
            self.per_page + other.per_page,
            self.unpaged + other.unpaged,
        )

    def __mul__(self, factor: int) -> Objects:
        return Objects(self.fixed * factor, self.per_page * factor, self.unpaged * factor)

    def at(self, page: int | None) -> int:
        """The number, once the page is known; None where there is no page."""
        return self.unpaged if page is None else self.fixed + self.per_page * page


_ONE = Objects(1, 0, 1)


@dataclass(frozen=True, slots=True)
class Weight:
    """What a definition weighs with all its fragments expanded; `depth` in nested fields."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0
    objects: Objects = Objects()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a document weighs. `fragments` is how many it defines.

    `fields` and `aliases` are sums over its operations, or those of the heaviest fragment;
    `depth` is the greatest of any definition; `cost` is that of the operation that will run.
    """

    fields: int
    aliases: int
    depth: int
    fragments: int
    cost: int
    introspects: bool
    introspection_only: bool


def weigh(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Mapping[str, Any],
    *,
    operation: OperationDefinitionNode,
) -> Verdict:
    """Weigh a parsed, not yet validated document.

    Raises:
        FragmentCycle: a fragment spreads itself.
    """
    walk = _Walk(schema, document, _with_defaults(operation, variables))
    fragments = walk.fragments()
    operations = [n for n in document.definitions if isinstance(n, OperationDefinitionNode)]
    weights = [walk.operation(node) for node in operations]
    chosen = weights[operations.index(operation)]
    roots = [name for node in operations for name in walk.root_names(node)]
    return Verdict(
        fields=max(sum(w.fields for w in weights), *(w.fields for w in fragments), 0),
        aliases=max(sum(w.aliases for w in weights), *(w.aliases for w in fragments), 0),
        depth=max(w.depth for w in (*weights, *fragments)),
        fragments=len(fragments),
        cost=chosen.objects.at(None),
        introspects=any(name in _INTROSPECTION for name in roots),
        introspection_only=bool(roots) and all(name.startswith("__") for name in roots),
    )


def _with_defaults(
    operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> Mapping[str, Any]:
    defaults = {
        node.variable.name.value: _literal(node.default_value)
        for node in operation.variable_definitions or ()
        if isinstance(node.default_value, IntValueNode)
    }
    return {**defaults, **variables}


def _default(argument: GraphQLArgument) -> object:
    """An argument's default, whether the schema was made by code or from its printed form."""
    if argument.default is None:
        return argument.default_value
    literal = argument.default.literal
    return _literal(literal) if isinstance(literal, IntValueNode) else argument.default.value


def _literal(node: IntValueNode) -> int:
    """The number; one that no page can have is any such number, however many digits it has."""
    return int(node.value) if len(node.value) < 20 else 10**20


@dataclass(frozen=True, slots=True)
class _Place:
    """A selection set on the way down.

    At the `top` of a definition the page is not known yet. `names` are the fields that are asked
    for here already, inline fragments included; `times` is how often the place is filled.
    """

    selections: SelectionSetNode
    parent: GraphQLNamedType | None
    names: set[str]
    depth: int = 1
    times: Objects = _ONE
    top: bool = True
    page: int | None = None


class _Walk:
    """Weighs the definitions of one document for one operation's variables."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._weights: dict[str, Weight] = {}

    def fragments(self) -> list[Weight]:
        """Weigh every fragment, each after all that it spreads.

        Raises:
            FragmentCycle: one leads back to itself.
        """
        for name in self._fragments:
            if name not in self._weights:
                self._weigh_with_spreads(name)
        return list(self._weights.values())

    def _weigh_with_spreads(self, root: str) -> None:
        path = [(root, self._spreads(self._fragments[root].selection_set))]
        above = {root}
        while path:
            name, spreads = path[-1]
            below = next((found for found in spreads if found not in self._weights), None)
            if below in above:
                raise FragmentCycle(below)
            if below is None:
                path.pop()
                above.discard(name)
                self._weights[name] = self._fragment(self._fragments[name])
            else:
                path.append((below, self._spreads(self._fragments[below].selection_set)))
                above.add(below)

    def operation(self, node: OperationDefinitionNode) -> Weight:
        root = self._schema.get_root_type(node.operation)
        return self._weigh(_Place(node.selection_set, root, set()))

    def root_names(self, node: OperationDefinitionNode) -> Iterator[str]:
        """The fields at the root of an operation, through all fragments."""
        seen: set[str] = set()
        stack = [node.selection_set]
        while stack:
            for selection in stack.pop().selections:
                if isinstance(selection, FieldNode):
                    yield selection.name.value
                elif isinstance(selection, InlineFragmentNode):
                    stack.append(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode):
                    name = selection.name.value
                    if name in self._fragments and name not in seen:
                        seen.add(name)
                        stack.append(self._fragments[name].selection_set)

    def _fragment(self, node: FragmentDefinitionNode) -> Weight:
        on = self._schema.get_type(node.type_condition.name.value)
        return self._weigh(_Place(node.selection_set, on, set()))

    def _spreads(self, selections: SelectionSetNode) -> Iterator[str]:
        stack = [selections]
        while stack:
            for node in stack.pop().selections:
                if isinstance(node, FragmentSpreadNode):
                    if node.name.value in self._fragments:
                        yield node.name.value
                elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                    stack.append(node.selection_set)

    def _weigh(self, root: _Place) -> Weight:
        total = _Total()
        stack = [root]
        while stack:
            place = stack.pop()
            for node in place.selections.selections:
                if isinstance(node, FieldNode):
                    total.field(node, place)
                    if node.selection_set is not None:
                        below = self._below(node, node.selection_set, place)
                        total.objects += below.times
                        stack.append(below)
                elif isinstance(node, FragmentSpreadNode):
                    total.spread(self._weights.get(node.name.value, Weight()), place)
                elif isinstance(node, InlineFragmentNode):
                    stack.append(self._inline(node, place))
        return total.weight()

    def _inline(self, node: InlineFragmentNode, place: _Place) -> _Place:
        condition = node.type_condition
        parent = self._schema.get_type(condition.name.value) if condition else place.parent
        return replace(place, selections=node.selection_set, parent=parent)

    def _below(self, node: FieldNode, selections: SelectionSetNode, place: _Place) -> _Place:
        field = self._field(node, place.parent)
        named = get_named_type(field.type) if field is not None else None
        page = self._page(node, field)
        times = place.times
        if field is not None and is_list_type(get_nullable_type(field.type)):
            times = _in_list(place, named) if page is None else place.times * page
            page = None
        return _Place(selections, named, set(), place.depth + 1, times, top=False, page=page)

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> GraphQLField | None:
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return self._schema.get_field(parent, node.name.value)
        return None

    def _page(self, node: FieldNode, field: GraphQLField | None) -> int | None:
        """How long the lists below a field with `first` or `last` are; None for other fields."""
        known = field.args if field is not None else {}
        sizes = [argument for argument in _PAGE_ARGUMENTS if argument in known]
        if not sizes:
            return None
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        asked = [
            self._number(given[name]) if name in given else _default(known[name]) for name in sizes
        ]
        return max((n for n in asked if isinstance(n, int) and n >= 0), default=DEFAULT_PAGE)

    def _number(self, node: object) -> object:
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value)
        return _literal(node) if isinstance(node, IntValueNode) else None


class _Total:
    """The sums of one definition while it is walked."""

    def __init__(self) -> None:
        self.objects = Objects()
        self._fields = self._aliases = self._depth = 0

    def field(self, node: FieldNode, place: _Place) -> None:
        """Count a field. One that is asked for already counts as if it had an alias."""
        self._fields += 1
        self._depth = max(self._depth, place.depth)
        if node.alias is not None or node.name.value in place.names:
            self._aliases += 1
        else:
            place.names.add(node.name.value)

    def spread(self, weight: Weight, place: _Place) -> None:
        self._fields += weight.fields
        self._aliases += weight.aliases
        self._depth = max(self._depth, place.depth - 1 + weight.depth)
        inside = weight.objects
        self.objects += inside if place.top else place.times * inside.at(place.page)

    def weight(self) -> Weight:
        return Weight(self._fields, self._aliases, self._depth, self.objects)


def _in_list(place: _Place, named: GraphQLNamedType | None) -> Objects:
    """How often the objects of a list are there that has no `first` or `last` of its own."""
    if place.top:
        return Objects(0, 1, _unpaged(named))
    return place.times * (_unpaged(named) if place.page is None else place.page)


def _unpaged(named: GraphQLNamedType | None) -> int:
    """Values without an id belong to the object that they are read with, and count once."""
    return UNPAGED_LIST if "id" in getattr(named, "fields", ()) else 1
