"""What notifications keeps of schools, bodies and people: enough to speak of them by name, and to know who is in post."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts.membership import (
    BodyRecorded,
    ChairsOfGovernorsRecorded,
    HeadshipBegan,
    HeadshipEnded,
    InTheChair,
    PersonRecorded,
    SchoolRecorded,
    TrustContactsRecorded,
    TrustPost,
)
from shared.messaging.inbound import Received, by_the_later_word, last_of_each
from shared.store import UnitOfWork

Headship = tuple[str, UUID, date]  # of which school, who, from when on


async def keep_schools(events: list[Received[SchoolRecorded]], uow: UnitOfWork) -> None:
    """As the authority told that has the school now, whichever of two is read last."""
    last = sorted(last_of_each(events, lambda school: school.urn), key=lambda event: event.data.urn)
    schools = [event.data for event in last]
    await uow.execute(
        f"""
        insert into school (urn, authority, name, region, sector, open, told_under, told_as)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::text[], $8::uuid[])
        on conflict (urn) do update set authority = excluded.authority, name = excluded.name,
            region = excluded.region, sector = excluded.sector, open = excluded.open,
            {by_the_later_word("school")}
        """,
        [school.urn for school in schools],
        [school.authority for school in schools],
        [school.name for school in schools],
        [school.region for school in schools],
        [school.sector for school in schools],
        [school.open for school in schools],
        [event.authority for event in last],
        [event.id for event in last],
    )


async def keep_bodies(events: list[Received[BodyRecorded]], uow: UnitOfWork) -> None:
    bodies = [event.data for event in sorted(events, key=lambda event: event.data.body_id)]
    await uow.execute(
        """
        insert into body (body_id, authority, kind, name)
        select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
        on conflict (body_id) do update set authority = excluded.authority, kind = excluded.kind, name = excluded.name
        """,
        [body.body_id for body in bodies],
        [body.authority for body in bodies],
        [body.kind for body in bodies],
        [body.name for body in bodies],
    )


async def keep_people(events: list[Received[PersonRecorded]], uow: UnitOfWork) -> None:
    """A tombstone takes the name away and leaves the id."""
    rows = sorted(_person(event) for event in events)
    await uow.execute(
        """
        insert into person (person_id, authority, name, email, telephone, erased)
        select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[])
        on conflict (person_id) do update set authority = excluded.authority, name = excluded.name,
            email = excluded.email, telephone = excluded.telephone, erased = excluded.erased
        """,
        *(list(column) for column in zip(*rows, strict=True)),
    )


def _person(event: Received[PersonRecorded]) -> tuple[Any, ...]:
    person_id = UUID(event.key.rsplit("/", 1)[-1])
    if event.erased:
        return (person_id, event.authority, None, None, None, True)
    person = event.data
    return (person_id, event.authority, person.name, person.email, person.telephone, False)


async def keep_headships(events: list[Received[HeadshipBegan]], uow: UnitOfWork) -> None:
    """Who heads a school from a day on. One that is known to have ended goes on again only by a later word."""
    await _keep_headships([(_headship(each.data), None, each) for each in last_of_each(events, _headship)], uow)


async def keep_ends_of_headships(events: list[Received[HeadshipEnded]], uow: UnitOfWork) -> None:
    ends = last_of_each(events, _headship)
    await _keep_headships([(_headship(each.data), each.data.ended_on, each) for each in ends], uow)


def _headship(told: HeadshipBegan | HeadshipEnded) -> Headship:
    return told.urn, told.person_id, told.from_date


async def _keep_headships(told: list[tuple[Headship, date | None, Received[Any]]], uow: UnitOfWork) -> None:
    """A school that passed to another authority tells of its head under two keys, read in any order."""
    rows = [
        (*headship, until, event.authority, event.id)
        for headship, until, event in sorted(told, key=lambda each: each[0])
    ]
    await uow.execute(
        f"""
        insert into headship (urn, person_id, from_date, until, told_under, told_as)
        select * from unnest($1::text[], $2::uuid[], $3::date[], $4::date[], $5::text[], $6::uuid[])
        on conflict (urn, person_id, from_date) do update set until = excluded.until,
            {by_the_later_word("headship")}
        """,
        *(list(column) for column in zip(*rows, strict=True)),
    )


async def keep_chairs_of_governors(events: list[Received[ChairsOfGovernorsRecorded]], uow: UnitOfWork) -> None:
    """Who chairs a school's governors, from when until when: the last word on the school is all of it."""
    last = last_of_each(events, lambda told: told.urn)
    await _keep_lines("school", [(each.data.urn, each.data.chairs, each) for each in last], uow)


async def keep_trust_contacts(events: list[Received[TrustContactsRecorded]], uow: UnitOfWork) -> None:
    """Who is in post at a trust, in the same way, whichever of the authorities it is told under."""
    last = last_of_each(events, lambda told: told.trust_id)
    await _keep_lines("trust", [(each.data.trust_id, each.data.contacts, each) for each in last], uow)


async def _keep_lines(
    kind: str, told: Sequence[tuple[str, Sequence[InTheChair | TrustPost], Received[Any]]], uow: UnitOfWork
) -> None:
    words = sorted((subject, event.authority, event.id) for subject, _, event in told)
    last = await uow.rows(
        f"""
        insert into post_line (kind, subject, told_under, told_as)
        select $1, * from unnest($2::text[], $3::text[], $4::uuid[])
        on conflict (kind, subject) do update set {by_the_later_word("post_line")}
        returning subject
        """,
        kind,
        *(list(column) for column in zip(*words, strict=True)),
    )
    replaced = {row.subject for row in last}
    await uow.execute("delete from post_held where kind = $1 and subject = any($2::text[])", kind, sorted(replaced))
    held = [(subject, each) for subject, line, _ in told if subject in replaced for each in line]
    await uow.execute(
        """
        insert into post_held (kind, subject, post, person_id, from_date, until)
        select $1, * from unnest($2::text[], $3::text[], $4::uuid[], $5::date[], $6::date[])
        """,
        kind,
        [subject for subject, _ in held],
        [each.post if isinstance(each, TrustPost) else "" for _, each in held],
        [each.person_id for _, each in held],
        [each.from_date for _, each in held],
        [each.until for _, each in held],
    )
