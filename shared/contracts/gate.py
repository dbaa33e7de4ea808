"""The gate that every change of the published language goes through. Each check gives sentences, none if all is well."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from shared.contracts.compat import incompatibilities
from shared.contracts.registry import EventType, Sensitivity, all_event_types
from shared.contracts.schema import FOLDER, history, history_files, structure, text_of, writer_schema
from shared.contracts.topics import Topic, all_topics
from shared.contracts.upcast import next_version, upcasts

EXAMPLES = Path(__file__).with_name("examples")

_KEY = re.compile(r"\d{3}/(school|body|trust|person|department|feed)/\S+")
_FIX = "Run `python -m shared.contracts write`."


@dataclass(frozen=True)
class Example:
    """One realistic event: what happened, the record's key, its data (None for a tombstone)."""

    what: str
    key: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Contracts:
    """What the gate looks at; a test gives it planted faults."""

    types: Sequence[EventType]
    topics: Sequence[Topic]
    schemas: Path = FOLDER
    examples: Path = EXAMPLES


def contracts() -> Contracts:
    return Contracts(all_event_types(), all_topics())


def faults(of: Contracts) -> list[str]:
    return [*schema_faults(of), *example_faults(of), *orphans(of), *topic_faults(of), *upcast_faults(of)]


def schema_faults(of: Contracts) -> list[str]:
    """Every type has a published schema, it is what the code says, and no change of it breaks anybody."""
    found: list[str] = []
    for kind in of.types:
        published, now = history(kind.name, of.schemas), writer_schema(kind)
        if not published:
            found.append(f"{kind.name} has no published schema. {_FIX}")
            continue
        broken = incompatibilities(kind.name, published, now)
        found += broken
        if not broken and published[-1] != now:
            found.append(f"{kind.name}: the published schema is not what the code says. {_FIX}")
    return found


def write_schemas(of: Contracts) -> list[str]:
    """Publish what is new: words in place, a compatible change as the next number. What would break is refused."""
    refused: list[str] = []
    for kind in of.types:
        files, now = history_files(kind.name, of.schemas), writer_schema(kind)
        published = history(kind.name, of.schemas)
        if broken := incompatibilities(kind.name, published, now):
            refused += broken
            continue
        if published and published[-1] == now:
            continue
        only_words = bool(published) and structure(published[-1]) == structure(now)
        target = files[-1] if only_words else of.schemas / kind.name / f"{len(files) + 1}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text_of(now))
    return refused


def examples_of(name: str, folder: Path = EXAMPLES) -> list[Example]:
    file = folder / f"{name}.json"
    return [Example(**each) for each in json.loads(file.read_text())] if file.exists() else []


def example_faults(of: Contracts) -> list[str]:
    """Every type has an example, and every example is what the schema and the model take."""
    found: list[str] = []
    for kind in of.types:
        examples = examples_of(kind.name, of.examples)
        if not examples:
            found.append(f"{kind.name} has no example. Write {kind.name}.json in the folder of examples.")
        validator = Draft202012Validator(writer_schema(kind), format_checker=Draft202012Validator.FORMAT_CHECKER)
        for number, example in enumerate(examples, start=1):
            where = f"{kind.name}, example {number}"
            problems: Iterable[ValidationError] = validator.iter_errors(example.data)
            found += [f"{where}: {problem.json_path} {problem.message}" for problem in problems]
            if not _KEY.fullmatch(example.key):
                found.append(f"{where}: the key {example.key} is not <authority>/<kind>/<id>")
            found += _wrong_key(where, example)
            try:
                kind.model.model_validate_json(json.dumps(example.data))
            except ValueError as problem:
                found.append(f"{where}: {problem}")
    return found


def _wrong_key(where: str, example: Example) -> list[str]:
    """A record about a school, a body or a person lies under that school's, body's or person's key."""
    kind, subject = (*example.key.split("/", 2)[1:], "", "")[:2]
    named = {"school": "urn", "body": "body_id", "person": "person_id"}.get(kind)
    if named in example.data and example.data[named] != subject:
        return [f"{where}: the key {example.key} is not that of {named} {example.data[named]}"]
    return []


def orphans(of: Contracts) -> list[str]:
    """Schemas and examples that belong to no type."""
    names = {kind.name for kind in of.types}
    found = [
        f"the schema {folder.name} belongs to no event type"
        for folder in sorted(of.schemas.iterdir())
        if folder.name not in names
    ]
    found += [
        f"the example {file.name} belongs to no event type"
        for file in sorted(of.examples.iterdir())
        if file.stem not in names
    ]
    return found


def topic_faults(of: Contracts) -> list[str]:
    """Types and topics agree: each type's topic is declared, by its own service, with the class of data it may hold."""
    found: list[str] = []
    by_name = {topic.name: topic for topic in of.topics}
    for kind in of.types:
        topic = by_name.get(kind.topic)
        if topic is None:
            found.append(f"{kind.name} is published on {kind.topic}, which is not in topics.yaml")
            continue
        if topic.owner != kind.service or kind.service not in topic.producers:
            found.append(f"{kind.name} is {kind.service}'s, but topics.yaml gives {topic.name} to {topic.owner}")
        personal = kind.sensitivity is Sensitivity.PERSONAL
        if personal != (topic.personal_data != "none"):
            found.append(f"{kind.name} and {topic.name} disagree on whether there is personal data in it")
        if personal and not topic.compacted:
            found.append(f"{topic.name} holds personal data and is not compacted, so nobody could be erased")
    used = {kind.topic for kind in of.types}
    for topic in of.topics:
        if topic.department is None and topic.name not in used:
            found.append(f"{topic.name} is in topics.yaml and no event type is published on it")
        if topic.retention_ms != -1 or (not topic.compacted and topic.config.get("retention.bytes") != "-1"):
            found.append(f"{topic.name} is not kept for ever, so that who starts late would miss something")
    return found


def upcast_faults(of: Contracts) -> list[str]:
    names = {kind.name for kind in of.types}
    return [
        f"the upcast of {name} leads to {next_version(name)}, which is not a published type"
        for name in upcasts()
        if next_version(name) not in names and next_version(name) not in upcasts()
    ]
