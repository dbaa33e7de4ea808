"""The event page: one section an event, in plain words, for whoever wants to read the system's topics."""

import json
from collections.abc import Iterator
from typing import Any

from shared.contracts.gate import examples_of
from shared.contracts.registry import EventType, Sensitivity, all_event_types
from shared.contracts.schema import Schema, writer_schema
from shared.contracts.services import departments_told, handlers_of
from shared.contracts.topics import all_topics

_CLASSES = {
    Sensitivity.PUBLIC: "public: anybody may know",
    Sensitivity.INTERNAL: "internal: behind sign-in; says nothing about one school's standing",
    Sensitivity.RESTRICTED: "restricted: the authority's school improvement, the school and who speaks for it",
    Sensitivity.CONFIDENTIAL: "confidential: school improvement and the members of the area's group",
    Sensitivity.PERSONAL: "personal: names and addresses, read by the four services only",
}


def text() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    kinds = all_event_types()
    yield "# Events"
    yield ""
    yield "Written by `python -m shared.contracts write` from the models, the examples and `topics.yaml`."
    yield ""
    yield (
        "Each record is a CloudEvent in Kafka's binary mode: attributes are headers (`ce_type`, `ce_time`, ...), the "
        "value is JSON. Keep the highest (`ce_epoch`, `ce_sequence`) of each key and ignore lower ones: a record may "
        "come twice, or late. Ignore fields and types that you don't know. `docs/asyncapi.yaml` says the same for "
        "programs. The header `ce_dataclassification` carries the class of the record, which may be stricter than "
        "that of its type."
    )
    yield ""
    yield "## Topics"
    yield ""
    yield "| topic | owner | partitions | kept | key | personal data |"
    yield "|---|---|---|---|---|---|"
    for topic in all_topics():
        kept = "the last record of each key" if topic.compacted else "for ever"
        key = topic.key.replace("<", "&lt;")
        yield f"| `{topic.name}` | {topic.owner} | {topic.partitions} | {kept} | {key} | {topic.personal_data} |"
    for service in sorted({kind.service for kind in kinds}):
        yield ""
        yield f"## {service.capitalize()}"
        yield ""
        for kind in kinds:
            if kind.service == service:
                yield f"- [{_title(kind)}](#{_anchor(kind)})"
        for kind in kinds:
            if kind.service == service:
                yield from _section(kind)


def _section(kind: EventType) -> Iterator[str]:
    examples = examples_of(kind.name)
    yield ""
    yield f"### {_title(kind)}"
    yield ""
    yield kind.summary.replace("<", "&lt;")
    yield ""
    yield f"- **Type:** `{kind.name}`"
    yield f"- **Class:** {_CLASSES[kind.sensitivity]}"
    yield f"- **Topic and key:** `{kind.topic}`, for instance `{examples[0].key}`"
    yield f"- **Producer:** {kind.service}"
    readers = [f"{service} ({', '.join(names)})" for service, names in handlers_of(kind).items()]
    yield f"- **Read by:** {'; '.join(readers) or 'no service'}"
    yield f"- **Departments:** {', '.join(departments_told(kind)) or 'none'}"
    yield ""
    yield "| field | what it holds | must be there |"
    yield "|---|---|---|"
    schema = writer_schema(kind)
    yield from _fields(schema, schema.get("$defs", {}), "")
    for example in examples:
        yield ""
        yield f"{example.what}"
        yield ""
        yield "```json"
        yield json.dumps(example.data, indent=2, ensure_ascii=False)
        yield "```"


def _fields(schema: Schema, definitions: Schema, prefix: str) -> Iterator[str]:
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        kind, inner = _said(field, definitions)
        description = field.get("description", "").rstrip(".").replace("|", "\\|").replace("<", "&lt;")
        words = f"{kind}. {description}" if description else kind
        yield f"| `{prefix}{name}` | {words} | {'yes' if name in required else 'no'} |"
        if inner is not None:
            yield from _fields(inner, definitions, f"{prefix}{name}.")


def _said(field: Schema, definitions: Schema) -> tuple[str, Schema | None]:
    """The kind of a field in words, and the schema of what is in it, if it has fields of its own."""
    if "$ref" in field:
        return "an object", definitions[field["$ref"].rsplit("/", 1)[-1]]
    if "anyOf" in field:
        found = [_said(each, definitions) for each in field["anyOf"]]
        return " or ".join(words for words, _ in found), next((inner for _, inner in found if inner), None)
    if field.get("type") == "array":
        words, inner = _said(field["items"], definitions)
        return f"a list, each {words}", inner
    return _WORDS.get((field.get("type"), field.get("format")), str(field.get("type"))), None


_WORDS: dict[tuple[Any, Any], str] = {
    ("string", None): "text",
    ("string", "date"): "a date",
    ("string", "date-time"): "an instant",
    ("string", "uuid"): "an id",
    ("integer", None): "a whole number",
    ("boolean", None): "true or false",
    ("null", None): "null",
}


def _title(kind: EventType) -> str:
    return kind.name.removeprefix(f"consortia.{kind.service}.")


def _anchor(kind: EventType) -> str:
    return _title(kind).replace(".", "")
