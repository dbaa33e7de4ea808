"""The AsyncAPI 3.0 document of the whole system: every topic, who writes and reads it, every event with an example."""

from typing import Any
from uuid import UUID

import yaml

from shared.contracts.gate import examples_of
from shared.contracts.registry import EventType, Sensitivity, all_event_types
from shared.contracts.schema import writer_schema
from shared.contracts.services import departments_told, handlers_of, service_names
from shared.contracts.topics import Topic, all_topics
from shared.version import version

Document = dict[str, Any]

# A value for each attribute of an example's envelope. They are made up and the same for every example.
_STORY = UUID("019a8f00-6b1e-7c3a-9d52-4f0e8a7c2201")
_EVENT = UUID("019a8f00-6b1e-7c3a-9d52-4f0e8a7c2101")

_HEADERS: Document = {
    "type": "object",
    "description": "CloudEvents 1.0 in Kafka's binary mode: attributes are headers with the prefix ce_.",
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "Minted when the fact was recorded"},
        "ce_source": {"type": "string", "description": "/consortia/<service>"},
        "ce_type": {"type": "string", "description": "The event type with its major version"},
        "ce_subject": {"type": "string", "description": "What the fact is about: the last part of the key"},
        "ce_time": {"type": "string", "format": "date-time", "description": "When the fact was recorded, UTC"},
        "content-type": {"type": "string", "const": "application/json"},
        "ce_epoch": {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "Rises when a backup was restored"},
        "ce_sequence": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "Counts the records of this topic and key from 1 without gaps. Keep the highest "
            "(epoch, sequence) of each key and ignore lower ones.",
        },
        "ce_correlationid": {"type": "string", "format": "uuid", "description": "The story that the event belongs to"},
        "ce_causationid": {"type": "string", "format": "uuid", "description": "The event that brought this one about"},
        "ce_dataclassification": {"type": "string", "enum": [each.value for each in Sensitivity]},
        "ce_told": {
            "type": "string",
            "enum": ["true", "false"],
            "description": "false: a restricted change that the school hasn't been told of yet",
        },
        "ce_traceparent": {"type": "string", "description": "The span that recorded the event (W3C trace context)"},
        "ce_batchid": {"type": "string", "format": "uuid", "description": "The import that brought the fact"},
        "ce_peoplefirst": {
            "type": "string",
            "description": "Inside the house only: the facts recorded together, and how many of them people are told first",
        },
    },
    "required": [
        "ce_specversion",
        "ce_id",
        "ce_source",
        "ce_type",
        "ce_subject",
        "ce_time",
        "content-type",
        "ce_epoch",
        "ce_sequence",
        "ce_correlationid",
        "ce_dataclassification",
        "ce_told",
    ],
}


def document() -> Document:
    kinds, topics = all_event_types(), _patterns()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Consortia",
            "version": version(),
            "description": "Who speaks for each school: the events that four services publish and what each department "
            "may read. Readers ignore fields that they don't know. A type changes only compatibly; another major "
            "version is another type.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:29092",
                "protocol": "kafka-secure",
                "description": "The broker that `consortia up` starts. A department signs in with its own user.",
                "security": [{"$ref": "#/components/securitySchemes/scram"}],
            }
        },
        "channels": {_channel_id(topic): _channel(topic, kinds) for topic in topics},
        "operations": _operations(topics, kinds),
        "components": {
            "securitySchemes": {"scram": {"type": "scramSha512", "description": "Access is denied unless granted."}},
            "schemas": {"envelope": _HEADERS, **_schemas(kinds)},
            "messages": {kind.name: _message(kind) for kind in kinds},
        },
    }


def text() -> str:
    note = "# Written by `python -m shared.contracts write`. Change the models, topics.yaml or the examples instead.\n"
    return note + yaml.dump(document(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


class _Plain(yaml.SafeDumper):
    """No anchors: what is said twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def envelope_example(kind: EventType, key: str) -> dict[str, str]:
    """The headers of an example, as they are on the record."""
    return {
        "ce_specversion": "1.0",
        "ce_id": str(_EVENT),
        "ce_source": f"/consortia/{kind.service}",
        "ce_type": kind.name,
        "ce_subject": key.rsplit("/", 1)[-1],
        "ce_time": "2025-02-03T10:15:00Z",
        "content-type": "application/json",
        "ce_epoch": "1",
        "ce_sequence": "7",
        "ce_correlationid": str(_STORY),
        "ce_dataclassification": kind.sensitivity.value,
        "ce_told": "true",
    }


def _patterns() -> list[Topic]:
    """One topic for each entry of topics.yaml; those of departments once for all."""
    found: dict[str, Topic] = {}
    for topic in all_topics():
        found.setdefault(topic.pattern, topic)
    return list(found.values())


def _channel_id(topic: Topic) -> str:
    return "departments" if topic.department else topic.name


def _kinds_on(topic: Topic, kinds: list[EventType]) -> list[EventType]:
    if topic.department:
        return [kind for kind in kinds if departments_told(kind)]
    return [kind for kind in kinds if kind.topic == topic.name]


def _channel(topic: Topic, kinds: list[EventType]) -> Document:
    kept = {"cleanup.policy": [topic.cleanup], "retention.ms": topic.retention_ms}
    for name in ("retention.bytes", "delete.retention.ms"):
        if name in topic.config:
            kept[name] = int(topic.config[name])
    bindings = {"partitions": topic.partitions, "topicConfiguration": kept, "bindingVersion": "0.5.0"}
    channel: Document = {
        "address": topic.pattern,
        "description": topic.purpose,
        "messages": {kind.name: {"$ref": f"#/components/messages/{kind.name}"} for kind in _kinds_on(topic, kinds)},
        "bindings": {"kafka": bindings},
        "x-owner": topic.owner,
        "x-producers": list(topic.producers),
        "x-consumers": ["the department"] if topic.department else list(topic.consumers),
        "x-key": topic.key,
        "x-retention": "the last record of each key" if topic.compacted else "for ever",
        "x-personal-data": topic.personal_data,
        "x-topic-config": topic.kafka_config,
    }
    if topic.department:
        places = [each for each in all_topics() if each.pattern == topic.pattern]
        channel["parameters"] = {
            "authority": {
                "description": "LA code",
                "enum": list(dict.fromkeys(each.authority for each in places)),
            },
            "department": {
                "description": "Department of the authority",
                "enum": list(dict.fromkeys(each.department for each in places)),
            },
        }
    return channel


def _operations(topics: list[Topic], kinds: list[EventType]) -> Document:
    found: Document = {}
    for topic in topics:
        channel = _channel_id(topic)
        here = _kinds_on(topic, kinds)
        for producer in topic.producers:
            found[f"{producer}.writes.{channel}"] = _operation("send", channel, here, f"{producer} writes")
        if topic.department:
            found[f"department.reads.{channel}"] = _operation("receive", channel, here, "A department reads its own")
            continue
        for service in service_names():
            taken = [kind for kind in here if service in handlers_of(kind)]
            if taken:
                found[f"{service}.reads.{channel}"] = _operation("receive", channel, taken, f"{service} reads")
    return found


def _operation(action: str, channel: str, kinds: list[EventType], summary: str) -> Document:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{kind.name}"} for kind in kinds],
    }


def _message(kind: EventType) -> Document:
    return {
        "name": kind.name,
        "title": kind.name.removeprefix("consortia.").rsplit(".v", 1)[0],
        "summary": kind.summary,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/envelope"},
        "payload": {"$ref": f"#/components/schemas/{kind.name}"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"As in {examples_of(kind.name)[0].key}"},
                "bindingVersion": "0.5.0",
            }
        },
        "examples": [
            {
                "name": f"example-{number}",
                "summary": each.what,
                "headers": envelope_example(kind, each.key),
                "payload": each.data,
            }
            for number, each in enumerate(examples_of(kind.name), start=1)
        ],
        "x-class": kind.sensitivity.value,
        "x-owner": kind.service,
        "x-departments": departments_told(kind),
    }


def _schemas(kinds: list[EventType]) -> Document:
    """The schemas of all events. What one defines for itself goes beside it, under its service's name."""
    found: Document = {}
    for kind in kinds:
        schema = writer_schema(kind)
        definitions = schema.pop("$defs", {})
        for drop in ("$schema", "$id"):
            schema.pop(drop)
        for name, definition in definitions.items():
            found[f"{kind.service}.{name}"] = _moved(definition, kind.service)
        found[kind.name] = _moved(schema, kind.service)
    return found


def _moved(schema: Any, service: str) -> Any:
    if isinstance(schema, dict):
        return {
            key: _moved_reference(value, service) if key == "$ref" else _moved(value, service)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [_moved(each, service) for each in schema]
    return schema


def _moved_reference(reference: Any, service: str) -> Any:
    return f"#/components/schemas/{service}.{str(reference).rsplit('/', 1)[-1]}"
