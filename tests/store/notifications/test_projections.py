"""What notifications keeps to speak of schools, bodies and people by name."""

from datetime import date
from uuid import UUID

from shared.contracts.envelope import body_key, person_key
from shared.contracts.membership import BodyRecorded, PersonRecorded
from shared.messaging.inbox import Record
from tests.store.notifications.conftest import WARWICKSHIRE, Notifications, key_of, school

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
