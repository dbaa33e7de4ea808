"""What each department is told, and what waits until the school was told (N-01 to N-03, R0.8, D3.8)."""

import asyncio
import json
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.notifications.domain.departments import AllowList, AllowLists, Department, without_version
from services.notifications.use_cases import pass_on
from services.notifications.use_cases.subscribe import subscribe
from shared.contracts.envelope import body_key
from shared.contracts.funding import AwardOpened
from shared.contracts.meetings import AgendaItemPlaced
from shared.contracts.membership import (
    CategoryInForceChanged,
    OfficeTakenUp,
    RepresentationReassigned,
    SchoolTold,
    Speaker,
)
from shared.contracts.notifications import DepartmentInformed
from shared.contracts.registry import Sensitivity, type_of
from shared.messaging.cause import new_id
from tests.statements import Asked
from tests.store.notifications.conftest import DAY, OAK, WARWICKSHIRE, Notifications, id_of, key_of, outcome

BODY = UUID(int=7)
HEADS = body_key(WARWICKSHIRE, BODY)

FELL = CategoryInForceChanged(
    urn=OAK, before=2, after=3, on=DAY, policy="ofsted", policy_version=1, because="outcome", because_ref="10296001"
)
REASSIGNED = RepresentationReassigned(
    urn=OAK,
    general_before=Speaker(role="chair", rule="chair"),
    general_after=Speaker(role="system-leader", rule="maintained-3-4"),
    inspection_before=None,
    inspection_after=Speaker(role="system-leader", rule="maintained-3-4"),
    valid_from=DAY,
    policy="warwickshire",
    policy_version=1,
    category=3,
    cause="category-in-force",
)
PLACED = AgendaItemPlaced(
    item_id=UUID(int=1),
    meeting_id=UUID(int=2),
    body_id=BODY,
    meeting_on=DAY,
    part="confidential",
    urn=OAK,
    why="representation-reassigned",
)
AWARD = AwardOpened(
    award_id=UUID(int=3),
    body_id=BODY,
    year_from=date(2024, 4, 1),
    year_to=date(2025, 4, 1),
    amount_pence=500_000,
    shares=[],
    unawarded_days=365,
    unawarded_pence=500_000,
)


def took_office(number: int = 1) -> OfficeTakenUp:
    return OfficeTakenUp(
        term_id=UUID(int=100 + number),
        office_id=UUID(int=5),
        body_id=BODY,
        post="chair",
        person_id=UUID(int=200 + number),
        from_date=DAY,
        route="meeting",
    )


def told(*stories: UUID) -> SchoolTold:
    return SchoolTold(urn=OAK, told_on=DAY, releases=list(stories))


async def test_the_fall_of_a_school_reaches_school_improvement_and_no_other_department(notifications: Notifications):
    """N-01 to N-03, R0.8"""
    story = new_id()
    await notifications.reads(
        notifications.record_of(outcome(), key_of(), story=story),
        notifications.record_of(FELL, key_of(), story=story),
        notifications.record_of(REASSIGNED, key_of(), story=story),
        notifications.record_of(PLACED, HEADS, story=story),
    )
    given = await notifications.topic("school-improvement")
    assert {each.thing for each in given} == {
        "outcome.published",
        "category-in-force.changed",
        "representation.reassigned",
        "agenda-item.placed",
    }
    assert [each.thing for each in given if each.key == key_of()] == [
        "outcome.published",
        "category-in-force.changed",
        "representation.reassigned",
    ]
    assert await notifications.topic("finance") == []
    assert await notifications.topic("governance") == []


async def test_a_change_of_chair_reaches_governance_and_its_award_finance(notifications: Notifications):
    """N-02, N-03, W-31"""
    await notifications.reads(notifications.record_of(took_office(), HEADS), notifications.record_of(AWARD, HEADS))
    assert [each.thing for each in await notifications.topic("governance")] == ["office.taken-up"]
    assert [each.thing for each in await notifications.topic("finance")] == ["award.opened"]


async def test_a_department_gets_the_record_as_it_was_with_its_own_numbers(notifications: Notifications):
    """D3.5, D3.2"""
    first = notifications.record_of(took_office(1), HEADS)
    second = notifications.record_of(AWARD, HEADS)
    third = notifications.record_of(took_office(2), HEADS)
    await notifications.reads(first, second, third)
    given = await notifications.topic("governance")
    assert [each.envelope.id for each in given] == [id_of(first), id_of(third)]
    assert [each.envelope.sequence for each in given] == [1, 2]
    assert given[0].key == HEADS
    assert given[0].data == took_office(1).model_dump(mode="json")
    assert given[0].envelope.source == "/consortia/membership"


async def test_that_a_department_was_informed_is_recorded_with_the_class_of_what_it_was_told(
    notifications: Notifications,
):
    record = notifications.record_of(FELL, key_of())
    await notifications.reads(record)
    (fact,) = [each for each in await notifications.published() if each.thing == "department.informed"]
    assert fact.key == "937/department/school-improvement"
    assert fact.data["event_id"] == str(id_of(record))
    assert fact.envelope.causation_id == id_of(record)
    assert fact.envelope.sensitivity is Sensitivity.RESTRICTED


async def test_a_restricted_record_of_an_allowed_type_reaches_neither_topic_nor_webhook(notifications: Notifications):
    """R0.8, I13"""
    await _subscribe(notifications, "governance")
    await notifications.reads(
        notifications.record_of(took_office(), HEADS, sensitivity=Sensitivity.RESTRICTED, told=False),
    )
    await notifications.reads(notifications.record_of(took_office(2), HEADS, sensitivity=Sensitivity.CONFIDENTIAL))
    assert await notifications.topic("governance") == []
    assert await notifications.rows("select 1 from delivery") == []
    assert await notifications.rows("select 1 from held") == []


async def test_a_public_record_of_a_restricted_type_stays_in_though_a_list_should_name_it(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
):
    """R0.8, I13: the second guard holds where the list is wrong."""
    careless = AllowList(WARWICKSHIRE, Department.FINANCE, 2, DAY, frozenset({without_version(type_of(FELL).name)}))
    monkeypatch.setattr(pass_on, "LISTS", AllowLists([*pass_on.ALLOW_LISTS, careless]))
    await notifications.reads(notifications.record_of(FELL, key_of(), sensitivity=Sensitivity.PUBLIC))
    assert await notifications.topic("finance") == []
    assert len(await notifications.topic("school-improvement")) == 1


async def test_what_the_school_must_hear_first_waits_and_then_goes_out_in_order_and_once(
    notifications: Notifications,
):
    """R0.8, D3.8"""
    await _subscribe(notifications, "governance")
    story = new_id()
    first = notifications.record_of(took_office(1), HEADS, story=story, told=False)
    second = notifications.record_of(took_office(2), HEADS, story=story, told=False)
    await notifications.reads(first, second)
    assert await notifications.topic("governance") == []
    assert len(await notifications.topic("school-improvement")) == 2

    word = notifications.record_of(told(story), key_of())
    await notifications.reads(word)
    await notifications.reads(word)  # redelivered
    await notifications.reads(notifications.record_of(told(story), key_of()))  # said again
    given = await notifications.topic("governance")
    assert [each.envelope.id for each in given] == [id_of(first), id_of(second)]
    assert all(each.envelope.told for each in given)
    assert len(await notifications.topic("school-improvement")) == 2 + 2  # and the two words that it was told
    deliveries = await notifications.rows("select event_id from delivery order by position")
    assert [row.event_id for row in deliveries] == [id_of(first), id_of(second)]


async def test_a_record_that_comes_after_the_school_was_told_does_not_wait(notifications: Notifications):
    """D3.2: no order between keys, so the word may overtake the record."""
    story = new_id()
    await notifications.reads(notifications.record_of(told(story), key_of()))
    await notifications.reads(notifications.record_of(took_office(), HEADS, story=story, told=False))
    assert len(await notifications.topic("governance")) == 1


async def test_a_change_that_waited_is_understood_though_its_producer_says_more_than_is_known_here(
    notifications: Notifications,
):
    """D3.11: a field may be added before its readers know it, and what was held is read when the school is told."""
    story = new_id()
    record = notifications.record_of(REASSIGNED, key_of(), story=story, told=False)
    assert record.value is not None
    more = json.dumps({**json.loads(record.value), "added_later": "more"}).encode()
    await notifications.reads(replace(record, value=more))
    assert [row.audience for row in await notifications.rows("select audience from held")] == ["people"]
    await notifications.reads(notifications.record_of(told(story), key_of()))
    assert await notifications.rows("select 1 from held") == []


async def test_word_of_another_story_releases_nothing(notifications: Notifications):
    await notifications.reads(notifications.record_of(took_office(), HEADS, story=new_id(), told=False))
    await notifications.reads(notifications.record_of(told(new_id()), key_of()))
    assert await notifications.topic("governance") == []


@pytest.mark.parametrize("attempt", range(5))
async def test_word_and_record_at_the_same_moment_lose_nothing_and_double_nothing(
    notifications: Notifications, attempt: int
):
    """R0.8"""
    stories = [new_id() for _ in range(8)]
    batches = []
    for number, story in enumerate(stories):
        body = body_key(WARWICKSHIRE, UUID(int=1000 + number))
        batches.append([notifications.record_of(took_office(number), body, story=story, told=False)])
        batches.append([notifications.record_of(told(story), key_of(str(number)))])
    await asyncio.gather(*(notifications.reads(*batch) for batch in batches))
    assert len(await notifications.topic("governance")) == len(stories)
    assert await notifications.rows("select 1 from held") == []


async def test_every_event_is_a_step_of_its_journey_our_own_too(notifications: Notifications):
    """D3.12"""
    story = new_id()
    fell = notifications.record_of(FELL, key_of(), story=story, traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    await notifications.reads(fell)
    own = notifications.record_of(
        DepartmentInformed(department="school-improvement", event_id=id_of(fell), event_type="x"),
        "937/department/school-improvement",
        story=story,
        because=id_of(fell),
    )
    await notifications.reads(own, own)
    steps = await notifications.rows("select * from journey where correlation_id = $1 order by event_id", story)
    assert [(row.service, row.causation_id) for row in steps] == [
        ("membership", None),
        ("notifications", id_of(fell)),
    ]
    assert steps[0].traceparent == f"00-{'a' * 32}-{'b' * 16}-01"
    # and nobody is informed that somebody was informed
    informed = [each for each in await notifications.published() if each.thing == "department.informed"]
    assert len(informed) == 1


async def test_a_batch_costs_one_statement_a_table_however_many_of_its_records_share_a_key(
    notifications: Notifications, statements: Asked
):
    """D8"""
    await _subscribe(notifications, "school-improvement")
    await _subscribe(notifications, "governance", "https://governance.example/other")
    story = new_id()
    records = [notifications.record_of(took_office(number), HEADS, story=story) for number in range(200)]
    statements.clear()
    await notifications.reads(*records)
    assert len(statements) <= 15, statements
    assert len(await notifications.rows("select 1 from delivery")) == 400


async def _subscribe(notifications: Notifications, department: str, url: str = "https://council.example/hook") -> None:
    await notifications.store.run(
        lambda uow: subscribe(
            uow, authority=WARWICKSHIRE, department=department, url=url, who="officer", allowed=frozenset()
        )
    )
