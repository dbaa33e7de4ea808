"""What notifications keeps to speak of schools, bodies and people by name."""

from datetime import date, timedelta
from uuid import UUID

from shared.contracts.envelope import body_key, person_key
from shared.contracts.membership import BodyRecorded, HeadshipBegan, HeadshipEnded, PersonRecorded
from shared.contracts.registry import EventData
from shared.messaging.inbox import Record
from tests.store.notifications.conftest import DAY, OAK, WARWICKSHIRE, Notifications, key_of, school

PERSON = UUID(int=9)


async def test_a_school_is_kept_as_the_register_last_had_it(notifications: Notifications):
    await notifications.reads(
        notifications.record_of(school(sector="maintained"), key_of()),
        notifications.record_of(school(sector="academy"), key_of()),
    )
    (row,) = await notifications.rows("select name, sector from school")
    assert tuple(row) == ("School 100001", "academy")


async def test_a_body_is_kept_by_its_name(notifications: Notifications):
    body = BodyRecorded(
        body_id=UUID(int=7), authority=WARWICKSHIRE, kind="primary-consortium", name="Arden", opened_on=date(2017, 9, 1)
    )
    await notifications.reads(notifications.record_of(body, body_key(WARWICKSHIRE, body.body_id)))
    (row,) = await notifications.rows("select name from body")
    assert row.name == "Arden"


async def test_an_erased_person_keeps_her_id_and_loses_everything_else(notifications: Notifications):
    """D3.5: erasure is a tombstone."""
    person = PersonRecorded(person_id=PERSON, name="Ada Invented", email="ada@school.example")
    known = notifications.record_of(person, person_key(WARWICKSHIRE, PERSON))
    await notifications.reads(known)
    later = notifications.record_of(person, person_key(WARWICKSHIRE, PERSON))
    await notifications.reads(Record(later.topic, 0, later.offset, later.key, None, later.headers))
    (row,) = await notifications.rows("select name, email, telephone, erased from person")
    assert tuple(row) == (None, None, None, True)


async def test_a_persons_name_goes_into_no_topic_and_no_journey(notifications: Notifications):
    """D3.5, N-04"""
    person = PersonRecorded(person_id=PERSON, name="Ada Invented", email="ada@school.example")
    await notifications.reads(notifications.record_of(person, person_key(WARWICKSHIRE, PERSON)))
    assert await notifications.published() == []
    (step,) = await notifications.rows("select journey::text as text from journey")
    assert "Ada" not in step.text
    assert "ada@" not in step.text


async def test_who_heads_a_school_is_kept_by_days_and_a_headship_that_was_taken_back_has_none(
    notifications: Notifications,
):
    """R0.8: a head hears of her school first."""
    from services.notifications.store.messages import heads_of

    others = [UUID(int=number) for number in (10, 11)]
    facts: list[EventData] = [HeadshipBegan(urn=OAK, person_id=each, from_date=DAY) for each in (PERSON, *others)]
    facts.append(HeadshipEnded(urn=OAK, person_id=PERSON, from_date=DAY, ended_on=DAY + timedelta(days=30)))
    facts.append(HeadshipEnded(urn=OAK, person_id=others[0], from_date=DAY, ended_on=DAY))
    await notifications.reads(*(notifications.record_of(fact, key_of()) for fact in facts))

    async def heads(day: date) -> list[UUID]:
        async with notifications.store.unit() as uow:
            return (await heads_of({(OAK, day)}, uow)).get(OAK, [])

    assert await heads(DAY - timedelta(days=1)) == []
    assert await heads(DAY) == [PERSON, others[1]]
    assert await heads(DAY + timedelta(days=30)) == [others[1]]
