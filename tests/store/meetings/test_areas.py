"""A network that lies in two areas: its lead sits on both groups, each of its schools stays in its own area."""

from uuid import UUID

import pytest

from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP
from services.meetings.store import queries
from shared.contracts.membership import SchoolJoinedBody
from tests.store.meetings.conftest import (
    AREA,
    ELM,
    FEBRUARY,
    GROUP,
    JANUARY,
    MARCH,
    OAK,
    Meetings,
    body,
    chair,
    leaves_the_chair,
    reassigned,
    school,
    system_leader,
    takes_the_chair,
)
from tests.store.meetings.test_api import Ask, ask, aspect  # noqa: F401  (a fixture)
from tests.store.meetings.test_members import changes

NORTH = "North Warwickshire"
NETWORK, NORTH_GROUP = UUID(int=3), UUID(int=10)
LEAD = UUID(int=1)


def network(*areas: str):
    return body(NETWORK, "area-network", "North area network", area=None, areas=areas)


def north_group():
    return body(NORTH_GROUP, AREA_ANALYSIS_GROUP, f"{NORTH} Area Analysis Group", area=NORTH)


@pytest.fixture
async def two_areas(warwickshire: Meetings) -> Meetings:
    """Oak lies in the one area, Elm in the other, and both belong to the network."""
    await warwickshire.hears(JANUARY, north_group(), network(NORTH, AREA), school(ELM, area=NORTH))
    for urn in (OAK, ELM):
        await warwickshire.hears(JANUARY, SchoolJoinedBody(body_id=NETWORK, urn=urn, from_date=JANUARY, lead=True))
    return warwickshire


async def members(meetings: Meetings, group: UUID) -> list[UUID]:
    async with meetings.store.unit() as uow:
        found = await queries.chairs_in(uow, await queries.body(uow, group), FEBRUARY)
    return [seat["person_id"] for seat in found]


async def test_a_network_lead_sits_on_the_group_of_each_of_its_areas_and_leaves_both(two_areas: Meetings) -> None:
    """W-25, W-29"""
    await two_areas.hears(JANUARY, takes_the_chair(1, JANUARY, body_id=NETWORK))
    joined = {(str(each), "joined", str(LEAD), "2025-01-13") for each in (NETWORK, GROUP, NORTH_GROUP)}
    assert await changes(two_areas) == joined
    assert (await members(two_areas, GROUP), await members(two_areas, NORTH_GROUP)) == ([LEAD], [LEAD])
    await two_areas.hears(FEBRUARY, leaves_the_chair(1, FEBRUARY, body_id=NETWORK))
    left = {(str(each), "left", str(LEAD), "2025-02-10") for each in (NETWORK, GROUP, NORTH_GROUP)}
    assert await changes(two_areas) == joined | left


async def test_a_school_of_such_a_network_is_a_matter_for_the_group_of_its_own_area_only(two_areas: Meetings) -> None:
    """W-29"""
    own, other = await two_areas.meets(MARCH, NORTH_GROUP), await two_areas.meets(MARCH, GROUP)
    await two_areas.hears(FEBRUARY, reassigned(ELM, chair(), system_leader()))
    assert (await two_areas.agenda(own), await two_areas.agenda(other)) == ([ELM], [])


async def test_a_lead_who_was_in_the_chair_before_her_network_came_to_lie_in_a_second_area_is_seated_there(
    warwickshire: Meetings,
) -> None:
    """W-29"""
    await warwickshire.hears(JANUARY, north_group(), network(AREA), takes_the_chair(1, JANUARY, body_id=NETWORK))
    assert await members(warwickshire, NORTH_GROUP) == []
    records = await warwickshire.hears(FEBRUARY, network(AREA, NORTH))
    await warwickshire.takes(records)
    assert await members(warwickshire, NORTH_GROUP) == [LEAD]
    assert {each for each in await changes(warwickshire) if each[0] == str(NORTH_GROUP)} == {
        (str(NORTH_GROUP), "joined", str(LEAD), "2025-01-13")
    }


async def test_a_group_that_comes_last_seats_the_lead_of_a_network_in_two_areas(warwickshire: Meetings) -> None:
    """W-25"""
    await warwickshire.hears(JANUARY, network(AREA, NORTH), takes_the_chair(1, JANUARY, body_id=NETWORK))
    await warwickshire.hears(FEBRUARY, north_group())
    assert await members(warwickshire, NORTH_GROUP) == [LEAD]
    assert (str(NORTH_GROUP), "joined", str(LEAD), "2025-01-13") in await changes(warwickshire)


async def test_a_body_recorded_before_bodies_had_several_areas_keeps_the_one_it_had(warwickshire: Meetings) -> None:
    """D3.11"""
    async with warwickshire.store.unit() as uow:
        assert list((await queries.body(uow, GROUP)).areas) == [AREA]


async def test_she_sees_the_lists_of_both_areas_each_with_its_own_schools_and_never_the_school_that_she_heads(
    ask: Ask,  # noqa: F811
    two_areas: Meetings,
) -> None:
    """W-26, W-29"""
    await two_areas.hears(JANUARY, takes_the_chair(1, JANUARY, body_id=NETWORK, urn=OAK))
    for urn in (OAK, ELM):
        posted = await ask(f"/schools/{urn}/vulnerable-aspects", {"roles": ["la.officer"]}, aspect())
        assert posted.status_code == 201
    lead = {"roles": ["chair"], "subject": str(LEAD)}
    lists = {group: (await ask(f"/bodies/{group}/lists", lead)).json() for group in (GROUP, NORTH_GROUP)}
    assert {group: each["areas"] for group, each in lists.items()} == {GROUP: [AREA], NORTH_GROUP: [NORTH]}
    assert {
        group: [entry["urn"] for entry in each["schools_with_a_vulnerable_aspect"]] for group, each in lists.items()
    } == {GROUP: [], NORTH_GROUP: [ELM]}
