"""Plaid's official OpenAPI file as JSON schemas, where SPECS_DIR has it."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

URN = "urn:plaid"
FILE = "plaid-subset.openapi.json"


def specs_dir() -> Path | None:
    """The folder of official schemas, or None where there is none."""
    named = os.environ.get("SPECS_DIR")
    return Path(named) if named and (Path(named) / FILE).exists() else None


def answer_faults(path: str, answer: Any, *, status: int = 200) -> list[str]:
    """What is wrong with the answer of a call by the official schema; [] without SPECS_DIR."""
    if specs_dir() is None:
        return []
    responses = _document()["paths"][path]["post"]["responses"]
    response = responses.get(str(status), responses["default"])
    return _faults(response["content"]["application/json"]["schema"]["$ref"], answer)


def named_faults(schema: str, thing: Any) -> list[str]:
    """What is wrong with a thing by the schema of this name, such as ItemErrorWebhook."""
    if specs_dir() is None:
        return []
    return _faults(f"#/components/schemas/{schema}", thing)


def _faults(reference: str, thing: Any) -> list[str]:
    validator = Draft202012Validator(
        {"$ref": URN + reference}, registry=_registry(), format_checker=FormatChecker()
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(thing)]


@cache
def _document() -> Any:
    folder = specs_dir()
    assert folder is not None
    return _as_json_schema(json.loads((folder / FILE).read_text()))


@cache
def _registry() -> Registry[Any]:
    resource: Resource[Any] = DRAFT202012.create_resource(_document())
    registry: Registry[Any] = Registry().with_resource(URN, resource)
    return registry


def _as_json_schema(part: Any) -> Any:
    """OpenAPI 3.0's dialect turned into JSON Schema's: `nullable` and the boolean bounds."""
    if isinstance(part, list):
        return [_as_json_schema(each) for each in part]
    if not isinstance(part, dict):
        return part
    turned = {
        key: _as_json_schema(value)
        for key, value in part.items()
        if not (key == "exclusiveMinimum" and isinstance(value, bool)) and key != "nullable"
    }
    if part.get("nullable") is True and ("type" in part or "allOf" in part):
        return _or_null(turned)
    return turned


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, or null. All keywords but these hold for null where its type is allowed."""
    if "type" in schema and not schema.keys() & {"enum", "allOf", "anyOf", "oneOf"}:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
