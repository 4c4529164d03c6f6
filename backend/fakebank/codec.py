"""Dataclasses to plain JSON and back, for the state file.

Knows what the bank's records are made of: text, numbers, booleans, None, Decimal, date, datetime,
lists, dicts with text keys, and other dataclasses.
"""

from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
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


@lru_cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def from_plain(hint: Any, plain: Any) -> Any:
    """The record of type `hint` that `to_plain` made `plain` of.

    Fields that `plain` lacks take their defaults, so that an older state file still loads.
    """
    if plain is None or hint is Any:
        return plain
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = next(arm for arm in typing.get_args(hint) if arm is not type(None))
        return from_plain(inner, plain)
    if origin is list:
        return [from_plain(typing.get_args(hint)[0], each) for each in plain]
    if origin is dict:
        return {key: from_plain(typing.get_args(hint)[1], each) for key, each in plain.items()}
    return _single(hint, plain)


def _single(hint: Any, plain: Any) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        known = _hints(hint)
        return hint(**{k: from_plain(known[k], v) for k, v in plain.items() if k in known})
    if hint is Decimal:
        return Decimal(plain)
    if hint is datetime or hint is date:
        return hint.fromisoformat(plain)
    return plain
