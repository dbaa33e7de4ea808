"""A category gives a school another speaker: one item on the confidential part of its area's next agenda, once."""

import asyncio
from uuid import UUID, uuid4

from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP
from services.meetings.inbound import INBOUND
from services.meetings.store import queries
from services.meetings.use_cases.schedule_meeting import schedule_meeting
from shared.contracts.membership import SchoolRecorded
from shared.messaging.inbox import Inbox
from tests.eventually import eventually
from tests.store.meetings.conftest import (
    APRIL,
    BRISTOL,
    BRISTOL_GROUP,
    ELM,
    FEBRUARY,
    GROUP,
    JANUARY,
    MARCH,
    OAK,
    QUAY,
    Meetings,
    body,
    chair,
    duty_desk,
    group,
    reassigned,
    school,
    system_leader,
    told,
)

ITEMS = ("agenda-item.placed", "agenda-item.withdrawn")


async def test_a_reassignment_by_category_is_one_confidential_item_of_the_next_area_meeting(
    warwickshire: Meetings,
) -> None:
    later, next_one = await warwickshire.meets(APRIL), await warwickshire.meets(FEBRUARY)
    story = uuid4()
    (record,) = await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()), story=story)
    assert (await warwickshire.agenda(next_one), await warwickshire.agenda(later)) == ([OAK], [])
    ((thing, data, headers),) = await warwickshire.published(*ITEMS)
    assert thing == "agenda-item.placed"
    assert (data["part"], data["why"], data["meeting_on"]) == (
        "confidential",
        "representation-reassigned",
        "2025-02-10",
    )
    assert headers["key"] == f"937/body/{GROUP}"
    assert headers["ce_dataclassification"] == "confidential"
    assert headers["ce_correlationid"] == str(story)
    assert headers["ce_causationid"] == dict(record.headers)["ce_id"].decode()


async def test_nothing_of_it_is_on_the_heads_meeting_of_its_consortium(warwickshire: Meetings) -> None:
    """R0.8"""
    heads, area = await warwickshire.heads_meet(FEBRUARY), await warwickshire.meets(MARCH)
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    assert (await warwickshire.agenda(heads), await warwickshire.agenda(area)) == ([], [OAK])
    assert {headers["key"] for _, _, headers in await warwickshire.published(*ITEMS)} == {f"937/body/{GROUP}"}


async def test_in_bristol_no_agenda_changes(meetings: Meetings) -> None:
    """R0.3: the group has no voice for a single school."""
    await meetings.today_is(JANUARY)
    its_group = body(BRISTOL_GROUP, "excellence-group", "Excellence in Schools Group", area=None, authority=BRISTOL)
    await meetings.hears(JANUARY, its_group, school(QUAY, area=None, authority=BRISTOL), authority=BRISTOL)
    meeting = await meetings.heads_meet(FEBRUARY, BRISTOL_GROUP)
    await meetings.hears(JANUARY, reassigned(QUAY, duty_desk(), system_leader()), authority=BRISTOL)
    assert await meetings.agenda(meeting) == []
    assert await meetings.things_published(*ITEMS) == []


async def test_a_reassignment_for_another_cause_is_no_agenda_item(warwickshire: Meetings) -> None:
    meeting = await warwickshire.meets(FEBRUARY)
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), duty_desk(), cause="office"))
    assert await warwickshire.agenda(meeting) == []


async def test_the_first_answer_ever_given_for_a_school_is_no_agenda_item(warwickshire: Meetings) -> None:
    meeting = await warwickshire.meets(FEBRUARY)
    await warwickshire.hears(JANUARY, reassigned(OAK, None, chair()))
    assert await warwickshire.agenda(meeting) == []


async def test_whatever_comes_again_is_placed_once(warwickshire: Meetings) -> None:
    meeting = await warwickshire.meets(FEBRUARY)
    fell = reassigned(OAK, chair(), system_leader())
    records = await warwickshire.hears(JANUARY, fell)
    await warwickshire.takes(records)
    await warwickshire.takes([*records, *records])
    assert await warwickshire.agenda(meeting) == [OAK]
    assert await warwickshire.things_published(*ITEMS) == ["agenda-item.placed"]


async def test_a_change_reversed_before_the_meeting_is_withdrawn_once_and_places_none(warwickshire: Meetings) -> None:
    meeting = await warwickshire.meets(FEBRUARY)
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    story = uuid4()
    back = await warwickshire.hears(JANUARY, reassigned(OAK, system_leader(), chair()), story=story)
    await warwickshire.takes(back)
    assert await warwickshire.agenda(meeting) == []
    assert await warwickshire.things_published(*ITEMS) == list(ITEMS)
    assert (await warwickshire.published(*ITEMS))[1][2]["ce_correlationid"] == str(story)


async def test_a_change_and_its_reversal_in_one_batch_leave_no_item(warwickshire: Meetings) -> None:
    meeting = await warwickshire.meets(FEBRUARY)
    await warwickshire.hears(
        JANUARY, reassigned(OAK, chair(), system_leader()), reassigned(OAK, system_leader(), chair())
    )
    assert await warwickshire.agenda(meeting) == []


async def test_back_with_a_new_chair_the_change_of_category_is_reversed_all_the_same(warwickshire: Meetings) -> None:
    meeting = await warwickshire.meets(FEBRUARY)
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(1), system_leader()))
    await warwickshire.hears(JANUARY, reassigned(OAK, system_leader(), chair(2)))
    assert await warwickshire.agenda(meeting) == []


async def test_after_the_meeting_a_reversal_is_an_item_of_the_following_one(warwickshire: Meetings) -> None:
    first, second = await warwickshire.meets(FEBRUARY), await warwickshire.meets(MARCH)
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    await warwickshire.today_is(MARCH)
    await warwickshire.hears(MARCH, reassigned(OAK, system_leader(), chair()))
    assert (await warwickshire.agenda(first), await warwickshire.agenda(second)) == ([OAK], [OAK])
    assert await warwickshire.things_published(*ITEMS) == ["agenda-item.placed"] * 2


async def test_an_old_fact_goes_on_the_next_agenda_and_never_on_one_that_is_past(warwickshire: Meetings) -> None:
    past, upcoming = await warwickshire.meets(FEBRUARY), await warwickshire.meets(APRIL)
    await warwickshire.today_is(MARCH)
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    assert (await warwickshire.agenda(past), await warwickshire.agenda(upcoming)) == ([], [OAK])


async def test_an_item_waits_for_a_meeting_to_be_called(warwickshire: Meetings) -> None:
    story = uuid4()
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()), story=story)
    assert await warwickshire.things_published(*ITEMS) == []
    meeting = await warwickshire.meets(FEBRUARY)
    assert await warwickshire.agenda(meeting) == [OAK]
    ((_, _, headers),) = await warwickshire.published(*ITEMS)
    assert headers["ce_correlationid"] == str(story), "the item belongs to the story of the change"


async def test_an_earlier_meeting_called_later_takes_the_item_over(warwickshire: Meetings) -> None:
    march = await warwickshire.meets(MARCH)
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    february = await warwickshire.meets(FEBRUARY)
    assert (await warwickshire.agenda(february), await warwickshire.agenda(march)) == ([OAK], [])


async def test_an_untold_change_is_held_until_the_school_is_told(warwickshire: Meetings) -> None:
    """R0.8"""
    meeting = await warwickshire.meets(FEBRUARY)
    story, other = uuid4(), uuid4()
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()), told=False, story=story)
    await warwickshire.hears(JANUARY, told(OAK, other))
    assert await warwickshire.agenda(meeting) == []
    await warwickshire.hears(JANUARY, told(OAK, story), told(OAK, story))
    assert await warwickshire.agenda(meeting) == [OAK]
    ((_, _, headers),) = await warwickshire.published(*ITEMS)
    assert headers["ce_correlationid"] == str(story)


async def test_an_untold_change_and_its_untold_reversal_reach_no_agenda(warwickshire: Meetings) -> None:
    """R0.8"""
    meeting = await warwickshire.meets(FEBRUARY)
    fell, back = uuid4(), uuid4()
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()), told=False, story=fell)
    await warwickshire.hears(JANUARY, reassigned(OAK, system_leader(), chair()), told=False, story=back)
    await warwickshire.hears(JANUARY, told(OAK, fell, back))
    assert await warwickshire.agenda(meeting) == []
    assert await warwickshire.things_published(*ITEMS) == []


async def test_a_change_that_comes_before_its_group_is_placed_when_the_group_comes(meetings: Meetings) -> None:
    await meetings.today_is(JANUARY)
    await meetings.hears(JANUARY, school(OAK), reassigned(OAK, chair(), system_leader()))
    await meetings.hears(JANUARY, group())
    meeting = await meetings.meets(FEBRUARY)
    assert await meetings.agenda(meeting) == [OAK]


async def test_a_change_that_comes_before_its_school_is_placed_when_the_school_comes(warwickshire: Meetings) -> None:
    """Facts for a URN not yet in the register are kept (D3.11)."""
    meeting = await warwickshire.meets(FEBRUARY)
    await warwickshire.hears(JANUARY, reassigned(QUAY, chair(), system_leader()))
    await warwickshire.hears(JANUARY, school(QUAY))
    assert await warwickshire.agenda(meeting) == [QUAY]


async def test_a_school_that_falls_to_another_area_takes_its_item_with_it(warwickshire: Meetings) -> None:
    other = UUID(int=10)
    await warwickshire.hears(JANUARY, body(other, "area-analysis-group", "Rugby Area Analysis Group", area="Rugby"))
    here, there = await warwickshire.meets(FEBRUARY), await warwickshire.meets(MARCH, other)
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    moved: SchoolRecorded = school(OAK, area="Rugby")
    await warwickshire.hears(JANUARY, moved)
    assert (await warwickshire.agenda(here), await warwickshire.agenda(there)) == ([], [OAK])


async def test_many_schools_of_one_batch_each_have_their_item(warwickshire: Meetings) -> None:
    meeting = await warwickshire.meets(FEBRUARY)
    urns = [str(300_000 + number) for number in range(60)]
    await warwickshire.hears(JANUARY, *(school(urn) for urn in urns))
    await warwickshire.hears(JANUARY, *(reassigned(urn, chair(), system_leader()) for urn in urns))
    assert sorted(await warwickshire.agenda(meeting)) == urns


async def test_a_change_that_comes_while_its_meeting_is_being_called_waits_and_is_placed(
    warwickshire: Meetings,
) -> None:
    """Race: without turns the change would not see the meeting, nor the meeting the change."""
    await warwickshire.meets(APRIL)
    fell = warwickshire.record_of(JANUARY, reassigned(OAK, chair(), system_leader()), "937", True, uuid4())
    async with warwickshire.store.unit() as uow:
        february = await schedule_meeting(uow, await queries.body(uow, GROUP), AREA_ANALYSIS_GROUP, FEBRUARY)
        taking = asyncio.create_task(warwickshire.takes([fell]))
        await eventually(lambda: warwickshire.somebody_waits(taking))
    await taking
    assert await warwickshire.agenda(february) == [OAK]
    assert await warwickshire.things_published(*ITEMS) == ["agenda-item.placed"]


async def test_a_meeting_called_while_a_change_comes_in_waits_and_takes_it(warwickshire: Meetings) -> None:
    """Race: the other way round."""
    await warwickshire.meets(APRIL)
    fell = warwickshire.record_of(JANUARY, reassigned(OAK, chair(), system_leader()), "937", True, uuid4())
    async with warwickshire.store.unit() as uow:
        await Inbox(INBOUND, "meetings").take([fell], uow)
        calling = asyncio.create_task(warwickshire.meets(FEBRUARY))
        await eventually(lambda: warwickshire.somebody_waits(calling))
    february = await calling
    assert await warwickshire.agenda(february) == [OAK]


async def test_twelve_changes_and_the_calling_of_a_meeting_at_one_moment_leave_an_item_each(
    warwickshire: Meetings,
) -> None:
    urns = [str(400_000 + number) for number in range(12)]
    await warwickshire.hears(JANUARY, *(school(urn) for urn in urns))
    records = [
        warwickshire.record_of(JANUARY, reassigned(urn, chair(), system_leader()), "937", True, uuid4()) for urn in urns
    ]
    calling = asyncio.create_task(warwickshire.meets(FEBRUARY))
    await asyncio.gather(*(warwickshire.takes([one]) for one in records))
    meeting = await calling
    assert sorted(await warwickshire.agenda(meeting)) == urns
    assert await warwickshire.things_published(*ITEMS) == ["agenda-item.placed"] * len(urns)


async def test_the_reversal_for_one_school_leaves_the_item_of_another(warwickshire: Meetings) -> None:
    meeting = await warwickshire.meets(FEBRUARY)
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    await warwickshire.hears(JANUARY, reassigned(ELM, chair(), system_leader()))
    await warwickshire.hears(JANUARY, reassigned(OAK, system_leader(), chair()))
    assert await warwickshire.agenda(meeting) == [ELM]
