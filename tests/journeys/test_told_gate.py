"""The authority sets a category of its own: school improvement knows at once, others when the school was told."""

import pytest

from infra.demo import bodies
from infra.demo.registers import schools
from tests.journeys.conftest import Whole
from tests.journeys.test_category_change import group_of, things

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

SCHOOL = "125598"  # Boughton Leigh Junior School, maintained, good
EVERY_DEPARTMENT = ("school-improvement", "finance", "governance")


async def waiting_at_the_group(whole: Whole) -> int:
    agenda = await whole.next_agenda(group_of(SCHOOL).id)
    return [item["urn"] for item in agenda["confidential"]].count(SCHOOL)


async def test_a_category_set_by_the_authority_waits_for_the_school_and_its_lifting_withdraws_the_item(
    whole: Whole,
) -> None:
    """R0.1, R0.8, D3.8"""
    membership = whole.consortia["membership"]
    today = await whole.next_day()
    set_by_officer = await membership.post(
        f"/schools/{SCHOOL}/la-category",
        {"category": 3, "from": today.isoformat(), "reason": "Standards in reading have fallen for two years"},
    )
    story = set_by_officer.correlation_id

    # At once: school improvement, and nobody else.
    improvement = {message.thing for message in await whole.in_topic("school-improvement", story)}
    assert {"la-category.set", "category-in-force.changed", "representation.reassigned"} <= improvement
    assert await whole.in_topic("finance", story) == []
    assert await whole.in_topic("governance", story) == []
    assert await waiting_at_the_group(whole) == 0
    answer = await membership.get(f"/schools/{SCHOOL}/speaker", matter="general")
    assert answer["role"] == "duty-desk", "nobody is allocated, and no chair stands in (W-18)"

    # The school is told: the item is placed, in the story of the change or of the telling.
    told = await membership.post(f"/schools/{SCHOOL}/told", {"told_on": today.isoformat()})
    await whole.journey(told.correlation_id)
    assert await waiting_at_the_group(whole) == 1
    assert await whole.in_topic("finance", story) == await whole.in_topic("finance", told.correlation_id) == []
    assert await whole.in_topic("governance", story) == []

    # The regional office is never told of the authority's own category.
    feed = await whole.consortia["notifications"].get("/feed/west-midlands", limit=500)
    assert not [event for event in feed if event["subject"] == SCHOOL]

    # Lifted before the meeting, and the school told of that too: the item is withdrawn.
    lifted = await membership.post(
        f"/schools/{SCHOOL}/la-category/lift", {"on": today.isoformat(), "reason": "Entered for another school"}
    )
    assert "category-in-force.changed" in things(await whole.journey(lifted.correlation_id))
    await membership.post(f"/schools/{SCHOOL}/told", {"told_on": today.isoformat()})
    await whole.consortia.drain()
    assert await waiting_at_the_group(whole) == 0
    heads = bodies.lead_body(schools()[SCHOOL])
    assert heads is not None
    assert (await membership.get(f"/schools/{SCHOOL}/speaker", matter="general"))["role"] == "chair"
