"""The JSON Schemas of the published events, and their history.

`schemas/<type>/1.json` is what was first published, `2.json` the first compatible change, and so on; the highest number
is what the code says now. A writer is closed (it writes what its schema names and nothing else), a reader is open (it
ignores what it doesn't know).
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from shared.contracts.registry import EventType

FOLDER = Path(__file__).with_name("schemas")
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_WORDS_ONLY = ("title", "description", "examples", "default", "$comment", "$id", "$schema")

Schema = dict[str, Any]


def writer_schema(kind: EventType) -> Schema:
    """The closed schema of what is written."""
    found = kind.model.model_json_schema(mode="validation")
    found.pop("title", None)
    found.pop("description", None)
    return {"$schema": DIALECT, "$id": f"urn:{kind.name}", "title": kind.name, "description": kind.summary, **found}


def reader_schema(writer: Schema) -> Schema:
    """The open schema of what is read: the same, but unknown fields are let through."""
    return _each_schema(writer, _opened)


def structure(schema: Schema) -> Schema:
    """The schema without the words that explain it: two that are equal so admit the same data."""
    return _each_schema(schema, _without_words)


def text_of(schema: Any) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def history(name: str, folder: Path = FOLDER) -> list[Schema]:
    """The published schemas of a type, oldest first."""
    return [json.loads(file.read_text()) for file in history_files(name, folder)]


def history_files(name: str, folder: Path = FOLDER) -> list[Path]:
    return sorted((folder / name).glob("*.json"), key=lambda file: int(file.stem))


def _opened(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "additionalProperties"}


def _without_words(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in _WORDS_ONLY}


def _each_schema(schema: Schema, change: Any) -> Schema:
    """Apply a change to a schema and to every schema in it. A property that is called "title" is no title."""
    schema = change(deepcopy(schema))
    for key, value in schema.items():
        if key in ("properties", "$defs", "patternProperties"):
            schema[key] = {name: _each_schema(inner, change) for name, inner in value.items()}
        elif key in ("anyOf", "oneOf", "allOf", "prefixItems"):
            schema[key] = [_each_schema(inner, change) for inner in value]
        elif key in ("items", "not", "contains", "additionalProperties") and isinstance(value, dict):
            schema[key] = _each_schema(value, change)
    return schema
