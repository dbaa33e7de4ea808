"""What was stored in an old version is read in the newest; what isn't known yet is ignored (D3.11)."""

import json

import pytest

from shared.contracts import registry, upcast
from shared.contracts.gate import contracts, examples_of, upcast_faults
from shared.contracts.membership import SchoolTold
from shared.contracts.registry import EventData, UnknownEventType, all_event_types, event
from shared.contracts.upcast import DeclaredTwice, newest, read

OLD = "consortia.membership.school.visited.v1"
NEW = "consortia.membership.school.visited.v3"


@pytest.fixture
def school_visited_in_its_third_version(monkeypatch: pytest.MonkeyPatch) -> type[EventData]:
    monkeypatch.setattr(registry, "_by_name", dict(registry._by_name))
    monkeypatch.setattr(registry, "_by_model", dict(registry._by_model))
    monkeypatch.setattr(upcast, "_upcasts", {})

    @event("membership", "school.visited", major=3)
    class SchoolVisited(EventData):
        """A school was visited, on one or more days."""

        urns: list[str]
        days: int

    @upcast.upcast("consortia.membership.school.visited.v1")
    def one_school_became_many(data: upcast.Data) -> upcast.Data:
        return {"urns": [data["urn"]]}

    @upcast.upcast("consortia.membership.school.visited.v2")
    def visits_last_a_day_unless_said(data: upcast.Data) -> upcast.Data:
        return {**data, "days": 1}

    return SchoolVisited


def test_an_old_event_goes_through_every_version_to_the_newest(
    school_visited_in_its_third_version: type[EventData],
):
    assert newest(OLD) == NEW
    found = read(OLD, json.dumps({"urn": "990017"}).encode())
    assert found == school_visited_in_its_third_version.model_validate({"urns": ["990017"], "days": 1})


def test_a_version_has_one_successor(school_visited_in_its_third_version: type[EventData]):
    with pytest.raises(DeclaredTwice):
        upcast.upcast(OLD)(dict)


def test_an_upcast_that_leads_nowhere_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upcast, "_upcasts", {"consortia.membership.school.told.v1": dict})
    assert ["school.told.v2" in each for each in upcast_faults(contracts())] == [True]


@pytest.mark.parametrize("name", [kind.name for kind in all_event_types()])
def test_a_reader_ignores_what_a_newer_writer_adds(name: str):
    example = examples_of(name)[0].data
    assert read(name, json.dumps({**example, "added_later": {"any": "thing"}}).encode()) == read(
        name, json.dumps(example).encode()
    )


def test_a_writer_cannot_write_what_its_schema_does_not_name():
    example = examples_of("consortia.membership.school.told.v1")[0].data
    with pytest.raises(ValueError, match="added_later"):
        SchoolTold.model_validate_json(json.dumps({**example, "added_later": 1}))


def test_a_type_that_nobody_declared_is_unknown():
    with pytest.raises(UnknownEventType):
        read("consortia.membership.school.moved.v1", b"{}")
