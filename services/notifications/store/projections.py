"""What notifications keeps of schools, bodies and people: enough to speak of them by name."""

from typing import Any
from uuid import UUID

from shared.contracts.membership import BodyRecorded, HeadshipBegan, HeadshipEnded, PersonRecorded, SchoolRecorded
from shared.messaging.inbound import Received
from shared.store import UnitOfWork


async def keep_schools(events: list[Received[SchoolRecorded]], uow: UnitOfWork) -> None:
    schools = [event.data for event in sorted(events, key=lambda event: event.data.urn)]
    await uow.execute(
        """
        insert into school (urn, authority, name, region, sector, open)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[])
        on conflict (urn) do update set authority = excluded.authority, name = excluded.name,
            region = excluded.region, sector = excluded.sector, open = excluded.open
        """,
        [school.urn for school in schools],
        [school.authority for school in schools],
        [school.name for school in schools],
        [school.region for school in schools],
        [school.sector for school in schools],
        [school.open for school in schools],
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
    """Who heads a school from a day on; a message may say so twice."""
    rows = sorted({(each.data.urn, each.data.person_id, each.data.from_date) for each in events})
    await uow.execute(
        """
        insert into headship (urn, person_id, from_date) select * from unnest($1::text[], $2::uuid[], $3::date[])
        on conflict (urn, person_id, from_date) do update set until = null
        """,
        *(list(column) for column in zip(*rows, strict=True)),
    )


async def keep_ends_of_headships(events: list[Received[HeadshipEnded]], uow: UnitOfWork) -> None:
    rows = sorted({(e.data.urn, e.data.person_id, e.data.from_date, e.data.ended_on) for e in events})
    await uow.execute(
        """
        insert into headship (urn, person_id, from_date, until)
        select * from unnest($1::text[], $2::uuid[], $3::date[], $4::date[])
        on conflict (urn, person_id, from_date) do update set until = excluded.until
        """,
        *(list(column) for column in zip(*rows, strict=True)),
    )
