"""A department hears of an inspection call once a desk of the council is asked, and never before (W-16, R0.8)."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.membership import InspectionCallAccepted, InspectionCallAsked, InspectionCallClosed
from shared.contracts.registry import EventData
from shared.messaging.cause import new_id
from tests.store.notifications.conftest import DAY, OAK, Notifications, key_of
from tests.store.notifications.test_api import SI, TRACE, Ask, ask, hook, things

__all__ = ["ask"]
CALL, CHAIR = UUID(int=9), UUID(int=10)
OFFICE: dict[str, Any] = {"roles": ["la.school-improvement"]}
DEPARTMENT = (SI, OFFICE)  # its machine, and its people


def asked(role: str = "chair", *, at_a_desk: bool = False, place: int = 1) -> InspectionCallAsked:
    return InspectionCallAsked(
        call_id=CALL,
        urn=OAK,
        person_id=CHAIR if role == "chair" else None,
        role=role,
        asked_at=datetime.fromisoformat("2024-03-04T10:10:00+00:00"),
        answer_by=None,
        place_in_line=place,
        desk_asked=at_a_desk,
    )


def accepted(*, at_a_desk: bool) -> InspectionCallAccepted:
    return InspectionCallAccepted(
        call_id=CALL, urn=OAK, person_id=CHAIR, role="chair", place_in_line=1, desk_asked=at_a_desk
    )


def closed(*, at_a_desk: bool) -> InspectionCallClosed:
    return InspectionCallClosed(call_id=CALL, urn=OAK, closed_on=DAY, because="published", desk_asked=at_a_desk)


async def told(notifications: Notifications, story: UUID, *of: EventData) -> list[tuple[str, str]]:
    """These are read; what stands on the department's topic, each with the role that was asked."""
    traceparent = f"00-{TRACE}-{'b' * 16}-01"
    await notifications.reads(
        *(notifications.record_of(each, key_of(), story=story, traceparent=traceparent) for each in of)
    )
    return [(each.thing, each.data.get("role", "")) for each in await notifications.topic("school-improvement")]


async def test_of_a_call_that_no_desk_was_asked_about_only_officers_hear(ask: Ask, notifications: Notifications):
    """W-16: head, speaker and officer only; not on the department's topic, by webhook, in a journey or in its log."""
    await ask("/subscriptions", body=hook("school-improvement"))
    story = new_id()
    calls = (asked(), asked("deputy", place=2), accepted(at_a_desk=False), closed(at_a_desk=False))
    assert await told(notifications, story, *calls) == []
    assert await notifications.rows("select 1 from delivery") == []
    for who in DEPARTMENT:
        assert (await ask(f"/journeys/{story}", **who)).status_code == 404
        assert (await ask(f"/journeys?subject={OAK}", **who)).json()["journeys"] == []
    assert len(things(await ask(f"/journeys/{story}"))) == len(calls)
    assert len((await ask(f"/journeys?subject={OAK}")).json()["journeys"][0]["events"]) == len(calls)


@pytest.mark.parametrize("desk", ["duty-desk", "improvement-desk"])
async def test_once_a_desk_is_asked_its_department_hears_of_the_call_and_of_its_end(
    ask: Ask, notifications: Notifications, desk: str
):
    """W-16: whoever is asked, and of a desk that is an office of the council."""
    story = new_id()
    assert await told(notifications, story, asked(), asked(desk, at_a_desk=True, place=2)) == [
        ("inspection-call.asked", desk)
    ]
    later = (accepted(at_a_desk=True), closed(at_a_desk=True))
    assert await told(notifications, story, *later) == [("inspection-call.asked", desk), ("inspection-call.closed", "")]
    for who in DEPARTMENT:
        shown = await ask(f"/journeys/{story}", **who)
        assert [thing for _, thing in things(shown)] == [
            "inspection-call.asked",
            "inspection-call.accepted",
            "inspection-call.closed",
        ]
        assert TRACE not in shown.text  # which would tell who was asked before
    assert TRACE in (await ask(f"/journeys/{story}")).text


async def test_one_who_is_asked_after_a_desk_is_told_to_the_department_too(notifications: Notifications):
    """W-16: the line is today's, so a person may come after a desk; the department's officers have the call by then."""
    calls = (asked("improvement-desk", at_a_desk=True), asked("chair", at_a_desk=True, place=2))
    assert await told(notifications, new_id(), *calls) == [
        ("inspection-call.asked", "improvement-desk"),
        ("inspection-call.asked", "chair"),
    ]


async def test_a_desk_is_known_by_its_role_in_a_record_from_before_it_said_so(notifications: Notifications):
    assert await told(notifications, new_id(), asked("duty-desk")) == [("inspection-call.asked", "duty-desk")]


async def test_what_is_hidden_of_a_call_does_not_count_against_the_length_of_a_page(
    ask: Ask, notifications: Notifications
):
    """R0.8: a page that is shorter than it may be would tell how much is hidden."""
    await told(notifications, new_id(), asked("duty-desk", at_a_desk=True), *(asked(place=n) for n in range(2, 6)))
    found = (await ask(f"/journeys?subject={OAK}&limit=1", **OFFICE)).json()["journeys"]
    assert [len(each["events"]) for each in found] == [1]
