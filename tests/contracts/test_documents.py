"""The documents say what the code says, and the AsyncAPI document is one (structure, references, examples)."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from jsonschema import Draft202012Validator

from shared.contracts.__main__ import DOCS, documents, stale
from shared.contracts.registry import Sensitivity, all_event_types
from shared.contracts.topics import all_topics


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text())
    return found


def test_every_document_is_what_the_code_says():
    assert stale(documents()) == []


def test_a_stale_document_is_found(tmp_path: Path):
    assert stale({DOCS / "events.md": "something else"}) == [
        "docs/events.md is not what the code says. Run `python -m shared.contracts write`."
    ]


def every(node: Any, key: str) -> list[Any]:
    if isinstance(node, dict):
        here = [node[key]] if key in node else []
        return here + [each for inner in node.values() for each in every(inner, key)]
    if isinstance(node, list):
        return [each for inner in node for each in every(inner, key)]
    return []


def resolved(document: dict[str, Any], reference: str) -> Any:
    node: Any = document
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def test_every_reference_leads_somewhere(asyncapi: dict[str, Any]):
    references = every(asyncapi, "$ref")
    assert len(references) > 100
    for reference in references:
        assert resolved(asyncapi, reference)


def test_it_is_an_asyncapi_document_to_the_library_that_knows_one(asyncapi: dict[str, Any]):
    servers = {
        name: {**server, "pathname": "/"} for name, server in asyncapi["servers"].items()
    }  # the library wants one
    ApplicationSchema.model_validate({**asyncapi, "servers": servers})


def test_it_has_the_parts_that_asyncapi_3_asks_for(asyncapi: dict[str, Any]):
    assert asyncapi["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= asyncapi["info"].keys()
    for channel in asyncapi["channels"].values():
        named = {part[1:-1] for part in channel["address"].split(".") if part.startswith("{")}
        assert named == set(channel.get("parameters", {}))
        assert all(set(message) == {"$ref"} for message in channel["messages"].values())
    for operation in asyncapi["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = operation["channel"]["$ref"]
        assert operation["messages"]
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/")


def test_every_event_is_on_its_topics_channel_and_every_topic_has_one(asyncapi: dict[str, Any]):
    addresses = {channel["address"]: channel for channel in asyncapi["channels"].values()}
    assert set(addresses) == {topic.pattern for topic in all_topics()}
    for kind in all_event_types():
        assert kind.name in addresses[kind.topic]["messages"]


def test_every_message_has_an_example_that_its_schemas_take(asyncapi: dict[str, Any]):
    messages = asyncapi["components"]["messages"]
    assert set(messages) == {kind.name for kind in all_event_types()}
    for message in messages.values():
        assert message["examples"]
        for part, schema in (("payload", message["payload"]), ("headers", message["headers"])):
            validator = Draft202012Validator({**schema, "components": asyncapi["components"]})
            for example in message["examples"]:
                validator.validate(example[part])


def test_nothing_personal_is_offered_to_a_department(asyncapi: dict[str, Any]):
    personal = {kind.name for kind in all_event_types() if kind.sensitivity is Sensitivity.PERSONAL}
    assert personal
    assert not personal & set(asyncapi["channels"]["departments"]["messages"])


def test_the_page_has_a_section_for_every_event_with_class_producer_and_example():
    page = (DOCS / "events.md").read_text()
    for kind in all_event_types():
        section = page.split(f"- **Type:** `{kind.name}`")[1].split("\n### ")[0]
        for part in ("**Class:**", "**Topic and key:**", "**Producer:**", "**Read by:**", "| field |", "```json"):
            assert part in section


def test_no_document_names_an_address_outside():
    for text in documents().values():
        assert "http://" not in text
        assert "https://" not in text
