"""Is a change of a schema safe, for old events read by new code and for new events read by old code?

Full and transitive (D3.11): the new schema is held against every one that was ever published under the same major
version, in both directions.
"""

import json
from collections.abc import Sequence

import jsoncompat

from shared.contracts.schema import Schema, reader_schema, structure


def reads(reader: Schema, writer: Schema) -> bool:
    """Whether an open reader of the one schema takes everything that a closed writer of the other writes."""
    old, new = json.dumps(structure(writer)), json.dumps(structure(reader_schema(reader)))
    return bool(jsoncompat.check_compat(old, new, "deserializer"))


def incompatibilities(name: str, published: Sequence[Schema], new: Schema) -> list[str]:
    """What the new schema breaks, as sentences; none if it may replace the published ones."""
    found = []
    for number, old in enumerate(published, start=1):
        if not reads(new, old):
            found.append(
                f"{name}: events written by schema {number} could no longer be read. "
                "Give new fields a default and remove none that is required; else declare a new major version."
            )
        if not reads(old, new):
            found.append(
                f"{name}: readers that know schema {number} couldn't read the new events. "
                "Keep required fields and types as they are; else declare a new major version."
            )
    return found + _changed_formats(name, published, new)


def _changed_formats(name: str, published: Sequence[Schema], new: Schema) -> list[str]:
    """A date that becomes any text breaks whoever reads it as a date, though to JSON Schema both are strings."""
    now, found = formats(new), []
    for number, old in enumerate(published, start=1):
        for place, before in formats(old).items():
            if place in now and now[place] != before:
                change = f"{_said(before)} in schema {number} and is now {_said(now[place])}"
                found.append(f"{name}: {place} was {change}. Declare a new major version.")
    return found


def formats(schema: Schema) -> dict[str, frozenset[str]]:
    """Each place in the data that may hold a string, and the formats that it has there."""
    found: dict[str, set[str]] = {}
    _collect(schema, schema.get("$defs", {}), "data", found, depth=0)
    return {place: frozenset(each) for place, each in found.items()}


def _collect(schema: Schema, definitions: Schema, place: str, found: dict[str, set[str]], depth: int) -> None:
    if depth > 12:
        return
    if "$ref" in schema:
        target = definitions[schema["$ref"].rsplit("/", 1)[-1]]
        _collect(target, definitions, place, found, depth + 1)
    if schema.get("type") == "string":
        found.setdefault(place, set()).add(schema.get("format", "text"))
    for inner in schema.get("anyOf", []):
        _collect(inner, definitions, place, found, depth + 1)
    for name, inner in schema.get("properties", {}).items():
        _collect(inner, definitions, f"{place}.{name}", found, depth + 1)
    if isinstance(schema.get("items"), dict):
        _collect(schema["items"], definitions, f"{place}[]", found, depth + 1)


def _said(names: frozenset[str]) -> str:
    return " or ".join(sorted(names))
