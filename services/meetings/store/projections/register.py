"""Keeping what membership says of schools, bodies and people."""

import json
from uuid import UUID

from services.meetings.store.projections.columns import columns
from shared.contracts.membership import (
    BodyRecorded,
    PersonRecorded,
    SchoolJoinedBody,
    SchoolLeftBody,
    SchoolRecorded,
)
from shared.messaging.inbound import Received, by_the_later_word, last_of_each
from shared.store import UnitOfWork


async def keep_schools(events: list[Received[SchoolRecorded]], uow: UnitOfWork) -> None:
    """As the authority told that has the school now, whichever of two is read last."""
    schools = last_of_each(events, lambda school: school.urn)
    await uow.execute(
        f"""
        insert into school (urn, authority, name, sector, area, open, told_under, told_as)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::text[], $8::uuid[])
        on conflict (urn) do update set authority = excluded.authority, name = excluded.name,
            sector = excluded.sector, area = excluded.area, open = excluded.open,
            {by_the_later_word("school")}
        """,
        *columns(
            [
                (
                    each.data.urn,
                    each.data.authority,
                    each.data.name,
                    each.data.sector,
                    each.data.area,
                    each.data.open,
                    each.authority,
                    each.id,
                )
                for each in schools
            ]
        ),
    )


async def keep_bodies(events: list[Received[BodyRecorded]], uow: UnitOfWork) -> None:
    bodies = [event.data for event in events]
    await uow.execute(
        """
        insert into body (body_id, authority, kind, name, areas, opened_on, closed_on)
        select body_id, authority, kind, name, array(select jsonb_array_elements_text(areas::jsonb)), opened_on, closed_on
        from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::date[])
            as new (body_id, authority, kind, name, areas, opened_on, closed_on)
        on conflict (body_id) do update set authority = excluded.authority, kind = excluded.kind,
            name = excluded.name, areas = excluded.areas, opened_on = excluded.opened_on, closed_on = excluded.closed_on
        """,
        *columns(
            [
                (
                    each.body_id,
                    each.authority,
                    each.kind,
                    each.name,
                    json.dumps(sorted(each.lies_in)),
                    each.opened_on,
                    each.closed_on,
                )
                for each in bodies
            ]
        ),
    )


async def keep_schools_that_joined(events: list[Received[SchoolJoinedBody]], uow: UnitOfWork) -> None:
    """A membership that already runs ends where the new one begins; said again for the same day it only names the lead."""
    found = columns([(each.data.body_id, each.data.urn, each.data.from_date, each.data.lead) for each in events])
    await uow.execute(
        """
        update body_school as old set
            during = case when lower(old.during) < new.from_date
                          then daterange(lower(old.during), new.from_date) else old.during end,
            lead = case when lower(old.during) < new.from_date then old.lead else new.lead end
        from unnest($1::uuid[], $2::text[], $3::date[], $4::bool[]) as new (body_id, urn, from_date, lead)
        where old.body_id = new.body_id and old.urn = new.urn and old.during @> new.from_date
        """,
        *found,
    )
    await uow.execute(
        """
        insert into body_school (body_id, urn, during, lead)
        select new.body_id, new.urn, daterange(new.from_date, min(lower(later.during))), new.lead
        from unnest($1::uuid[], $2::text[], $3::date[], $4::bool[]) as new (body_id, urn, from_date, lead)
        left join body_school as later
            on later.body_id = new.body_id and later.urn = new.urn and lower(later.during) > new.from_date
        group by new.body_id, new.urn, new.from_date, new.lead
        order by new.body_id, new.urn
        on conflict do nothing
        """,
        *found,
    )


async def keep_schools_that_left(events: list[Received[SchoolLeftBody]], uow: UnitOfWork) -> None:
    """A membership that would end on the day on which it began never was."""
    found = columns([(each.data.body_id, each.data.urn, each.data.left_on) for each in events])
    await uow.execute(
        """
        delete from body_school as old
        using unnest($1::uuid[], $2::text[], $3::date[]) as gone (body_id, urn, left_on)
        where old.body_id = gone.body_id and old.urn = gone.urn and lower(old.during) = gone.left_on
        """,
        *found,
    )
    await uow.execute(
        """
        update body_school as old set during = daterange(lower(old.during), gone.left_on)
        from unnest($1::uuid[], $2::text[], $3::date[]) as gone (body_id, urn, left_on)
        where old.body_id = gone.body_id and old.urn = gone.urn and old.during @> gone.left_on
        """,
        *found,
    )


async def keep_people(events: list[Received[PersonRecorded]], uow: UnitOfWork) -> None:
    """Ids and names. Erased, a person's row stays without the name, and no late record brings it back."""
    people: list[tuple[UUID, str | None, bool]] = [
        (UUID(event.subject), None, True) if event.erased else (event.data.person_id, event.data.name, False)
        for event in events
    ]
    await uow.execute(
        """
        insert into person (person_id, name, erased)
        select * from unnest($1::uuid[], $2::text[], $3::bool[])
        on conflict (person_id) do update set name = excluded.name, erased = excluded.erased where not person.erased
        """,
        *columns(people),
    )
