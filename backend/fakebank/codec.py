"""Dataclasses to plain JSON and back, for the state file.

Knows what the bank's records are made of: text, numbers, booleans, None, Decimal, date, datetime,
lists, dicts with text keys, and other dataclasses.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any


def to_plain(thing: Any) -> Any:
    """The JSON form of a record; Decimal and moments become text."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {f.name: to_plain(getattr(thing, f.name)) for f in fields(thing)}
    if isinstance(thing, list | tuple):
        return [to_plain(each) for each in thing]
    if isinstance(thing, dict):
        return {key: to_plain(value) for key, value in thing.items()}
    if isinstance(thing, datetime | date):
        return thing.isoformat()
    return str(thing) if isinstance(thing, Decimal) else thing


Reader = Callable[[Any], Any]


def from_plain(hint: Any, plain: Any) -> Any:
    """The record of type `hint` that `to_plain` made `plain` of.

    Fields that `plain` lacks take their defaults, so that an older state file still loads.
    """
    return _reader(hint)(plain)


@cache
def _reader(hint: Any) -> Reader:
    """How to read one type; worked out once, since a state file holds many records of a type."""
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = _reader(next(arm for arm in arms if arm is not type(None)))
        return lambda plain: None if plain is None else inner(plain)
    if origin is list:
        member = _reader(arms[0])
        return lambda plain: [member(each) for each in plain]
    if origin is dict:
        value = _reader(arms[1])
        return lambda plain: {key: value(each) for key, each in plain.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return _record_reader(hint)
    if hint is Decimal:
        return Decimal
    return hint.fromisoformat if hint in (datetime, date) else _unchanged


def _record_reader(record: Any) -> Reader:
    readers = {name: _reader(hint) for name, hint in typing.get_type_hints(record).items()}

    def read(plain: Any) -> Any:
        return record(**{k: readers[k](v) for k, v in plain.items() if k in readers})

    return read


def _unchanged(plain: Any) -> Any:
    return plain
