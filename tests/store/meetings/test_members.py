"""Members of meetings follow the office of chair (W-25), once, in the story of the change."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.meetings.inbound import INBOUND
from services.meetings.store import queries
from shared.contracts.membership import (
    OfficeHolderMovedSchool,
    PersonRecorded,
    SchoolJoinedBody,
    SchoolLeftBody,
)
from shared.messaging.inbox import Inbox
from tests.eventually import eventually
from tests.store.meetings.conftest import (
    CONSORTIUM,
    ELM,
    FEBRUARY,
    GROUP,
    JANUARY,
    MARCH,
    OAK,
    SECOND_CONSORTIUM,
    Meetings,
    body,
    consortium,
    group,
    leaves_the_chair,
    school,
    takes_the_chair,
)

ADA, BEA = UUID(int=1), UUID(int=2)


async def changes(meetings: Meetings) -> set[tuple[str, str, str, str]]:
    """Every member who joined or left, as body, what, person and day."""
    found = []
    for _, data, headers in await meetings.published("members.changed"):
        assert headers["key"] == f"937/body/{data['body_id']}"
        for what in ("joined", "left"):
            found += [(data["body_id"], what, person, data["from_date"]) for person in data[what]]
    assert len(found) == len(set(found)), "told twice"
    return set(found)


async def chairs(meetings: Meetings, on: date) -> list[tuple[UUID, str | None]]:
    async with meetings.store.unit() as uow:
        return [
            (seat["person_id"], seat["name"])
            for seat in await queries.chairs_in(uow, await queries.body(uow, GROUP), on)
        ]


async def schools(meetings: Meetings, on: date) -> list[dict[str, Any]]:
    async with meetings.store.unit() as uow:
        return await queries.schools_of(uow, CONSORTIUM, on)


async def test_a_chair_joins_the_meetings_of_her_body_and_of_its_areas_group(warwickshire: Meetings) -> None:
    """W-25"""
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY))
    assert await changes(warwickshire) == {
        (str(target), "joined", str(ADA), "2025-01-13") for target in (CONSORTIUM, GROUP)
    }


async def test_a_change_of_chair_is_told_in_its_own_story(warwickshire: Meetings) -> None:
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY))
    story = uuid4()
    records = await warwickshire.hears(
        FEBRUARY, leaves_the_chair(1, FEBRUARY), takes_the_chair(2, FEBRUARY), story=story
    )
    await warwickshire.takes(records)
    told = (await warwickshire.published("members.changed"))[2:]
    assert {(data["body_id"], tuple(data["joined"]), tuple(data["left"])) for _, data, _ in told} == {
        (str(target), joined, left)
        for target in (CONSORTIUM, GROUP)
        for joined, left in (((), (str(ADA),)), ((str(BEA),), ()))
    }
    assert len(told) == 4
    assert {headers["ce_correlationid"] for _, _, headers in told} == {str(story)}
    assert (await chairs(warwickshire, JANUARY), await chairs(warwickshire, FEBRUARY)) == ([(ADA, None)], [(BEA, None)])


async def test_a_deputy_has_no_seat_until_acting_as_chair(warwickshire: Meetings) -> None:
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY, post="deputy"))
    assert (await changes(warwickshire), await chairs(warwickshire, MARCH)) == (set(), [])
    await warwickshire.hears(FEBRUARY, takes_the_chair(2, FEBRUARY, post="acting-chair"))
    assert await chairs(warwickshire, MARCH) == [(BEA, None)]


async def test_a_chair_who_came_before_the_group_is_seated_when_it_comes(meetings: Meetings) -> None:
    await meetings.today_is(JANUARY)
    await meetings.hears(JANUARY, consortium(), takes_the_chair(1, JANUARY))
    assert {target for target, *_ in await changes(meetings)} == {str(CONSORTIUM)}
    await meetings.hears(JANUARY, group())
    await meetings.hears(JANUARY, group())
    assert {target for target, *_ in await changes(meetings)} == {str(CONSORTIUM), str(GROUP)}


async def test_a_body_without_area_seats_its_chair_in_no_group(warwickshire: Meetings) -> None:
    await warwickshire.hears(JANUARY, body(SECOND_CONSORTIUM, "area-network", "North", area=None))
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY, body_id=SECOND_CONSORTIUM))
    assert {target for target, *_ in await changes(warwickshire)} == {str(SECOND_CONSORTIUM)}


async def test_a_chair_and_her_group_that_come_at_one_moment_find_each_other(meetings: Meetings) -> None:
    """Race: the two are on different keys, so nothing orders them."""
    await meetings.today_is(JANUARY)
    await meetings.hears(JANUARY, consortium(), takes_the_chair(1, JANUARY))
    taken = meetings.record_of(FEBRUARY, takes_the_chair(2, FEBRUARY), "937", True, uuid4())
    come = meetings.record_of(JANUARY, group(), "937", True, uuid4())
    async with meetings.store.unit() as uow:
        await Inbox(INBOUND, "meetings").take([taken], uow)
        coming = asyncio.create_task(meetings.takes([come]))
        await eventually(lambda: meetings.somebody_waits(coming))
    await coming
    assert {(target, person) for target, _, person, _ in await changes(meetings)} == {
        (str(target), str(person)) for target in (CONSORTIUM, GROUP) for person in (ADA, BEA)
    }


async def test_the_schools_of_a_body_are_known_for_every_day(warwickshire: Meetings) -> None:
    await warwickshire.hears(
        JANUARY,
        SchoolJoinedBody(body_id=CONSORTIUM, urn=OAK, from_date=JANUARY, lead=True),
        SchoolJoinedBody(body_id=CONSORTIUM, urn=ELM, from_date=FEBRUARY, lead=False),
        SchoolLeftBody(body_id=CONSORTIUM, urn=OAK, left_on=MARCH),
        SchoolJoinedBody(body_id=CONSORTIUM, urn=ELM, from_date=MARCH, lead=True),
    )
    assert [
        [(seat["urn"], seat["school"], seat["lead"]) for seat in await schools(warwickshire, day)]
        for day in (JANUARY, FEBRUARY, MARCH)
    ] == [
        [(OAK, f"School {OAK}", True)],
        [(OAK, f"School {OAK}", True), (ELM, f"School {ELM}", False)],
        [(ELM, f"School {ELM}", True)],
    ]


async def test_a_membership_ended_on_its_first_day_never_was(warwickshire: Meetings) -> None:
    await warwickshire.hears(
        JANUARY,
        SchoolJoinedBody(body_id=CONSORTIUM, urn=OAK, from_date=JANUARY, lead=True),
        SchoolLeftBody(body_id=CONSORTIUM, urn=OAK, left_on=JANUARY),
    )
    assert await schools(warwickshire, MARCH) == []


async def test_a_school_whose_record_is_still_to_come_has_its_seat(warwickshire: Meetings) -> None:
    await warwickshire.hears(JANUARY, SchoolJoinedBody(body_id=CONSORTIUM, urn="999999", from_date=JANUARY, lead=True))
    assert [(seat["urn"], seat["school"]) for seat in await schools(warwickshire, JANUARY)] == [("999999", None)]
    await warwickshire.hears(JANUARY, school("999999"))
    assert [seat["school"] for seat in await schools(warwickshire, JANUARY)] == ["School 999999"]


async def test_a_chair_who_moves_school_keeps_the_seat(warwickshire: Meetings) -> None:
    await warwickshire.hears(
        JANUARY,
        takes_the_chair(1, JANUARY),
        OfficeHolderMovedSchool(
            term_id=UUID(int=1001), body_id=CONSORTIUM, person_id=ADA, from_urn=OAK, to_urn=ELM, moved_on=FEBRUARY
        ),
    )
    assert [row.school_urn for row in await warwickshire.rows("select school_urn from office_term")] == [ELM]
    assert len(await changes(warwickshire)) == 2


async def test_an_erased_person_stays_as_an_id_and_no_late_record_brings_the_name_back(warwickshire: Meetings) -> None:
    known = PersonRecorded(person_id=ADA, name="Invented Name", email="invented@example.org")
    record = warwickshire.record_of(JANUARY, known, "937", True, uuid4())
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY))
    await warwickshire.takes([record])
    assert await chairs(warwickshire, JANUARY) == [(ADA, "Invented Name")]
    tombstone = warwickshire.record_of(FEBRUARY, known, "937", True, uuid4())
    await warwickshire.takes([type(record)(tombstone.topic, 0, 2, tombstone.key, None, tombstone.headers)])
    await warwickshire.hears(MARCH, known)
    assert await chairs(warwickshire, JANUARY) == [(ADA, None)]
