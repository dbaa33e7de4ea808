"""The gate stops every change of the published language that would break a reader: each check seen failing once."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, create_model

from shared.contracts.gate import Contracts, contracts, faults, write_schemas
from shared.contracts.registry import EventData, EventType, Sensitivity
from shared.contracts.schema import history
from shared.contracts.topics import Topic

NAME = "consortia.membership.poll.closed.v1"
FIELDS: dict[str, Any] = {
    "poll_id": (str, ...),
    "closed_on": (date, ...),
    "turnout": (int | None, None),
}


def event_of(**fields: Any) -> EventType:
    model = create_model("PollClosed", __base__=EventData, **fields)
    return EventType(
        NAME, "membership", "consortia.membership.events.v1", model, Sensitivity.INTERNAL, "A poll closed."
    )


@pytest.fixture
def published(tmp_path: Path) -> Callable[[EventType], Contracts]:
    """`published(kind)`: the real contracts with that event in the place of poll.closed, first published with FIELDS."""
    shutil.copytree(contracts().schemas, tmp_path / "schemas")
    shutil.copytree(contracts().examples, tmp_path / "examples")
    example = {
        "what": "A poll closed.",
        "key": "937/body/abbey",
        "data": {"poll_id": "p", "closed_on": "2026-12-01", "turnout": 11},
    }
    (tmp_path / "examples" / f"{NAME}.json").write_text(json.dumps([example]))

    def of(kind: EventType) -> Contracts:
        real = contracts()
        return Contracts([*real.types, kind], real.topics, tmp_path / "schemas", tmp_path / "examples")

    assert write_schemas(of(event_of(**FIELDS))) == []
    return of


def test_the_published_language_is_in_order():
    assert faults(contracts()) == []


def test_nothing_is_found_before_a_fault_is_planted(published: Callable[[EventType], Contracts]):
    assert faults(published(event_of(**FIELDS))) == []


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in FIELDS.items() if key != name}


BREAKING = {
    "a new field that is required": {**FIELDS, "method": (str, ...)},
    "a required field removed": without("closed_on"),
    "a required field that may be missing": {**FIELDS, "poll_id": (str, "none")},
    "another type": {**FIELDS, "turnout": (str | None, None)},
    "a date that may be any text": {**FIELDS, "closed_on": (str, ...)},
    "a narrower field": {**FIELDS, "poll_id": (str, Field(max_length=3))},
    "a field that may be null": {**FIELDS, "poll_id": (str | None, ...)},
    "a field renamed": {**without("closed_on"), "ended_on": (date, ...)},
}


@pytest.mark.parametrize("fields", BREAKING.values(), ids=BREAKING.keys())
def test_a_breaking_change_is_found_and_not_written(
    published: Callable[[EventType], Contracts], fields: dict[str, Any]
):
    changed = published(event_of(**fields))
    assert any(
        "Declare a new major version" in each or "declare a new major version" in each for each in faults(changed)
    )
    assert write_schemas(changed) != []
    assert len(history(NAME, changed.schemas)) == 1


COMPATIBLE = {
    "a new field with a default": {**FIELDS, "method": (str | None, None)},
    "an optional field removed": without("turnout"),
}


@pytest.mark.parametrize("fields", COMPATIBLE.values(), ids=COMPATIBLE.keys())
def test_a_compatible_change_is_published_as_the_next_schema(
    published: Callable[[EventType], Contracts], fields: dict[str, Any]
):
    changed = published(event_of(**fields))
    assert any("is not what the code says" in each for each in faults(changed))
    assert write_schemas(changed) == []
    assert [each for each in faults(changed) if "schema" in each] == []
    assert len(history(NAME, changed.schemas)) == 2


def test_a_change_is_held_against_all_that_was_published_not_only_the_last(
    published: Callable[[EventType], Contracts],
):
    """Turnout goes, which is allowed, and comes back as text: readers of the first schema would trip over it."""
    assert write_schemas(published(event_of(**without("turnout")))) == []
    changed = published(event_of(**{**FIELDS, "turnout": (str | None, None)}))
    assert any("schema 1" in each for each in faults(changed))


def test_better_words_change_the_schema_in_place(published: Callable[[EventType], Contracts]):
    described = {**FIELDS, "poll_id": (str, Field(description="The poll that closed"))}
    changed = published(event_of(**described))
    assert write_schemas(changed) == []
    [only] = history(NAME, changed.schemas)
    assert only["properties"]["poll_id"]["description"] == "The poll that closed"


def planted(of: Contracts, example: Any) -> Sequence[str]:
    (of.examples / f"{NAME}.json").write_text(json.dumps([example]))
    return [each for each in faults(of) if NAME in each]


GOOD = {"what": "It closed.", "key": "937/body/abbey", "data": {"poll_id": "p", "closed_on": "2026-12-01"}}
WRONG = {
    "a field missing": ({**GOOD, "data": {"poll_id": "p"}}, "closed_on"),
    "a field too many": ({**GOOD, "data": {**GOOD["data"], "name": "Jane"}}, "name"),  # type: ignore[dict-item]
    "no date": ({**GOOD, "data": {"poll_id": "p", "closed_on": "1 December"}}, "closed_on"),
    "no key": ({**GOOD, "key": "abbey"}, "abbey"),
    "another body's key": ({**GOOD, "data": {**GOOD["data"], "body_id": "north"}}, "north"),  # type: ignore[dict-item]
}


@pytest.mark.parametrize(("example", "names"), WRONG.values(), ids=WRONG.keys())
def test_an_example_that_does_not_fit_is_found(
    published: Callable[[EventType], Contracts], example: dict[str, Any], names: str
):
    assert any(names in each for each in planted(published(event_of(**FIELDS)), example))


def test_an_event_without_an_example_is_found(published: Callable[[EventType], Contracts]):
    of = published(event_of(**FIELDS))
    (of.examples / f"{NAME}.json").unlink()
    assert [each for each in faults(of) if "has no example" in each]


def test_schemas_and_examples_of_no_event_are_found(published: Callable[[EventType], Contracts]):
    of = published(event_of(**FIELDS))
    assert len(faults(replace(of, types=contracts().types))) == 2


def changed_topic(of: Contracts, which: str, **changes: Any) -> list[str]:
    topics: list[Topic] = [replace(each, **changes) if each.name == which else each for each in of.topics]
    return faults(replace(of, topics=topics))


def test_an_event_on_an_undeclared_topic_is_found():
    elsewhere = replace(contracts().types[0], topic="consortia.elsewhere.events.v1")
    found = faults(replace(contracts(), types=[elsewhere, *contracts().types[1:]]))
    assert any("not in topics.yaml" in each for each in found)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"owner": "meetings"}, "gives"),
        ({"producers": ("meetings",)}, "gives"),
        ({"personal_data": "names and addresses"}, "disagree"),
        ({"retention_ms": 604_800_000}, "not kept for ever"),
        ({"config": {}}, "not kept for ever"),
        ({"name": "consortia.membership.events.v2"}, "no event type"),
    ],
    ids=["owner", "producer", "personal data", "retention", "size limit", "name"],
)
def test_a_topic_that_disagrees_with_the_events_is_found(changes: dict[str, Any], said: str):
    assert any(said in each for each in changed_topic(contracts(), "consortia.membership.events.v1", **changes))


def test_names_on_a_topic_that_keeps_everything_are_found():
    found = changed_topic(contracts(), "consortia.membership.people.v1", cleanup="delete")
    assert any("nobody could be erased" in each for each in found)
