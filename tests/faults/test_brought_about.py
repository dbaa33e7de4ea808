"""Where the load comes by too seldom, what leads there is brought about, and that it was done is waited for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from shared.crash import POINTS
from shared.messaging.inbox import Record
from tests.faults import brought_about
from tests.faults.brought_about import BROUGHT_ABOUT
from tests.faults.must_read import PEOPLE
from tests.faults.of_processes import crash

PERSON, NEW = "018a4e0a-1c00-7c8c-ba51-7cc953e0a5eb", "head.1@moved.example"


def said(number: int) -> bytes:
    return NEW.encode() if number > 1 else b"head@before.example"


class World:
    """One in which whatever is waited for is there at the second look, or never."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.said: list[str] = []
        self.done: list[str] = []
        self.officers = self
        self.comes = [2]  # on the topic, after the first look
        self.topic = [1]

    async def ask_for_new_details(self) -> tuple[str, str]:
        self.done.append("asked for new details")
        return PERSON, NEW

    async def dies_at(self, service: str, point: str) -> None:
        self.done.append(f"{service} dies at {point}")

    async def until(self, true: Callable[[], Awaitable[bool]], seconds: float, otherwise: str) -> None:
        for _ in range(2):
            if await true():
                return
            self.topic += self.comes
        raise TimeoutError(otherwise)

    def saw(self, who: str, what: str) -> None:
        self.said.append(what)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Its people topic is what is put there."""
    found = World()

    async def each_of(settings: Any, topic: str) -> AsyncIterator[Record]:
        for offset, number in enumerate(found.topic):
            yield Record(
                topic, 0, offset, f"937/person/{PERSON}", said(number), [("ce_sequence", str(number).encode())]
            )
            yield Record(topic, 0, offset, "937/person/another", b"{}", [("ce_sequence", b"9")])

    async def put(settings: Any, topic: str, records: list[Record]) -> None:
        assert topic == PEOPLE
        found.topic += [int(dict(each.headers)["ce_sequence"]) for each in records]

    monkeypatch.setattr(brought_about, "each_of", each_of)
    monkeypatch.setattr(brought_about, "put", put)
    monkeypatch.setattr(brought_about, "settings_of", lambda world, service: None)
    return found


def test_what_is_brought_about_leads_to_places_that_there_are() -> None:
    assert set(BROUGHT_ABOUT) <= set(POINTS)
    assert {crash(point, "membership").evidence for point in BROUGHT_ABOUT} == {
        each.shows for each in BROUGHT_ABOUT.values()
    }


async def test_an_old_record_of_a_person_comes_late_and_is_followed_by_the_newest(world: World) -> None:
    """D3.4"""
    any_world: Any = world
    fault = crash("people.said_again", "membership")
    await fault.inject(any_world)
    assert world.done == ["membership dies at people.said_again", "asked for new details"]
    assert world.topic == [1, 2, 1]
    world.comes = [3]
    await fault.evidence(any_world)
    assert world.said == ["of the person it says 1, 2, 1, 3: the newest last"]


async def test_a_topic_that_ends_with_an_old_record_is_a_finding(world: World) -> None:
    """D3.4: whoever reads it later is given that one."""
    any_world: Any = world
    fault = crash("people.said_again", "membership")
    await fault.inject(any_world)
    world.comes = []
    with pytest.raises(TimeoutError, match="an old record"):
        await fault.evidence(any_world)
    assert world.said == []
