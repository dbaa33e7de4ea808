"""Who is shown which messages over HTTP (R0.8, N-04)."""

from datetime import date
from uuid import UUID

import pytest

from shared.contracts.membership import HeadshipEnded
from shared.messaging.cause import new_id
from tests.store.notifications.conftest import OAK, key_of
from tests.store.notifications.post import ADDRESSES, CHAIR, HEAD, LEADER, NAMES, Post
from tests.store.notifications.test_api import Ask, ask

__all__ = ["ask"]

OPS = ["la.ops"]


async def told(post: Post) -> object:
    """A restricted change of which the school was told, and everybody written to."""
    story = new_id()
    await post.notifications.reads(post.reassigned(story=story, told=False), post.school_told(story))
    await post.delivers()
    return story


async def test_a_person_and_an_officer_see_what_she_was_told(post: Post, ask: Ask):
    await told(post)
    hers = (await ask(f"/people/{HEAD}/messages", roles=["headteacher"], subject=str(HEAD))).json()
    officers = (await ask(f"/people/{HEAD}/messages")).json()
    assert hers == officers
    (message,) = hers
    assert (message["state"], message["kind"], message["urn"], message["class"]) == (
        "sent", "speaker-changed", "100001", "restricted",
    )  # fmt: skip
    assert "another person or office speaks for School 100001" in message["sentence"]
    assert message["attempts"] == 1


@pytest.mark.parametrize("roles", [["headteacher"], ["la.ops"], ["la.school-improvement"], ["chair"], ["rd.liaison"]])
async def test_nobody_else_sees_the_messages_of_a_person(post: Post, ask: Ask, roles: list[str]):
    """R0.8, N-04, N-06"""
    await told(post)
    assert (await ask(f"/people/{HEAD}/messages", roles=roles)).status_code == 403


async def test_an_officer_of_another_authority_sees_none(post: Post, ask: Ask):
    await told(post)
    assert (await ask(f"/people/{HEAD}/messages", authorities=["801"])).json() == []


async def test_an_officer_sees_who_was_reached_about_a_call_and_that_a_desk_could_not_be(post: Post, ask: Ask):
    """W-16, R0.3: the desk was never recorded, and its officer of the day is erased or away."""
    post.server.answer_rcpt = lambda address: "550 no"
    await post.notifications.reads(post.asked(LEADER), post.asked(None, "duty-desk"))
    await post.delivers()
    found = (await ask(f"/inspection-calls/{UUID(int=9)}/messages")).json()
    states = {(each["desk"], each["channel"]): (each["state"], each["reason"]) for each in found}
    unknown = ("failed", "no person or desk is known under this id yet")
    assert states["duty-desk", "email"] == states["duty-desk", "text"] == unknown
    assert states[None, "email"] == ("failed", "the mail server refused the receiver")
    assert (await ask(f"/inspection-calls/{UUID(int=9)}/messages", authorities=["801"])).json() == []


@pytest.mark.parametrize("roles", [["headteacher"], ["la.ops"], ["la.school-improvement"], ["chair"], ["department"]])
async def test_nobody_else_sees_who_was_written_to_about_a_call(post: Post, ask: Ask, roles: list[str]):
    """W-16, R0.8"""
    await post.notifications.reads(post.asked(LEADER))
    assert (await ask(f"/inspection-calls/{UUID(int=9)}/messages", roles=roles)).status_code == 403


async def test_ops_see_ids_and_states_and_nothing_of_whom_where_or_what(post: Post, ask: Ask):
    """N-04: a failed one too, with its reason."""
    post.server.answer_rcpt = lambda address: "550 no" if address == ADDRESSES[CHAIR] else "250 OK"
    await told(post)
    answer = await ask("/messages?authority=937", roles=OPS)
    assert sorted(each["state"] for each in answer.json()) == ["failed", "sent", "sent"]
    for hidden in ("100001", "school.example", "Invented", "speak", *map(str, NAMES), "Consortia:"):
        assert hidden not in answer.text, hidden
    assert (await ask("/messages?authority=801", roles=OPS)).status_code == 403
    for roles in (["la.officer"], ["headteacher"], ["department"]):
        assert (await ask("/messages?authority=937", roles=roles)).status_code == 403


async def test_the_journey_tells_how_the_stages_opened_to_those_who_may_know_of_all_of_it(post: Post, ask: Ask):
    """R0.8, D3.8"""
    story = await told(post)
    seen = (await ask(f"/journeys/{story}")).json()["telling"]
    assert [each["in_words"] for each in seen] == [
        "the old and the new speaker: after the head had been told",
        "the departments: after the old and the new speaker had been told",
        "the liaison feed: after the departments had been told",
    ]
    finance = await ask(f"/journeys/{story}", roles=["department"], departments=["finance"])
    assert finance.status_code == 404 or finance.json()["telling"] == []


async def test_progress_is_nought_once_everybody_has_what_they_may_have(post: Post, ask: Ask):
    await post.notifications.reads(post.reassigned())
    assert (await ask("/messages/progress")).json() == {"messages": 3, "letters": 0, "stories": 1}
    await post.delivers()
    assert (await ask("/messages/progress")).json() == {"messages": 0, "letters": 0, "stories": 0}


async def test_the_stage_and_the_week_of_a_person_hide_nothing_from_her(post: Post, ask: Ask):
    """R0.9: what waits for the end of her week stands on her list at once."""
    await post.notifications.reads(post.reassigned())
    await post.delivers()
    await post.notifications.reads(post.reassigned(before=LEADER, after=CHAIR))
    hers = (await ask(f"/people/{LEADER}/messages", roles=["chair"], subject=str(LEADER))).json()
    assert [each["state"] for each in hers] == ["waiting", "sent"]
    assert hers[0]["due_at"].startswith("2024-03-11T08:00")


async def test_a_head_who_has_left_is_not_shown_what_was_kept_from_her(post: Post, ask: Ask):
    """R0.8: neither while it waits nor once it was given up; an officer sees both."""
    story, july, september = new_id(), date(2026, 7, 22), date(2026, 9, 1)
    await post.today(july)
    await post.notifications.reads(post.reassigned(story=story, told=False), post.school_told(story))
    assert await post.delivers() == []

    async def shown() -> tuple[list[str], list[str]]:
        hers = await ask(f"/people/{HEAD}/messages", roles=["headteacher"], subject=str(HEAD))
        officers = await ask(f"/people/{HEAD}/messages")
        return [each["state"] for each in hers.json()], [each["state"] for each in officers.json()]

    assert await shown() == (["waiting"], ["waiting"])
    left = HeadshipEnded(urn=OAK, person_id=HEAD, from_date=date(2020, 9, 1), ended_on=september)
    await post.notifications.reads(post.notifications.record_of(left, key_of()))
    await post.today(september)
    assert await shown() == ([], ["waiting"])
    await post.delivers()
    assert await shown() == ([], ["failed"])
