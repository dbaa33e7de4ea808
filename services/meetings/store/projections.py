"""Keeping what other services say: schools, bodies, offices, people, categories. Writes its tables and nothing else.

Each statement takes the whole list of a wave. A list holds one event of a key at most, and the events of a key come in
order, so the last word on a row is the latest.
"""

import json
from typing import Any
from uuid import UUID

from shared.contracts.membership import (
    BodyRecorded,
    CategoryInForceChanged,
    HistoryCorrected,
    LaCategoryLifted,
    LaCategorySet,
    OfficeCorrected,
    OfficeEnded,
    OfficeHolderMovedSchool,
    OfficeTakenUp,
    OutcomePublished,
    PersonRecorded,
    SchoolJoinedBody,
    SchoolLeftBody,
    SchoolRecorded,
    SchoolTold,
)
from shared.messaging.inbound import Received
from shared.store import UnitOfWork


def _columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Sorted rows turned into one array a column, for `unnest`."""
    return [list(column) for column in zip(*sorted(rows, key=lambda row: row[0]), strict=True)]


async def keep_schools(events: list[Received[SchoolRecorded]], uow: UnitOfWork) -> None:
    schools = [event.data for event in events]
    await uow.execute(
        """
        insert into school (urn, authority, name, sector, area, open)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[])
        on conflict (urn) do update set authority = excluded.authority, name = excluded.name,
            sector = excluded.sector, area = excluded.area, open = excluded.open
        """,
        *_columns([(each.urn, each.authority, each.name, each.sector, each.area, each.open) for each in schools]),
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
        *_columns(
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
    columns = _columns([(each.data.body_id, each.data.urn, each.data.from_date, each.data.lead) for each in events])
    await uow.execute(
        """
        update body_school as old set
            during = case when lower(old.during) < new.from_date
                          then daterange(lower(old.during), new.from_date) else old.during end,
            lead = case when lower(old.during) < new.from_date then old.lead else new.lead end
        from unnest($1::uuid[], $2::text[], $3::date[], $4::bool[]) as new (body_id, urn, from_date, lead)
        where old.body_id = new.body_id and old.urn = new.urn and old.during @> new.from_date
        """,
        *columns,
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
        *columns,
    )


async def keep_schools_that_left(events: list[Received[SchoolLeftBody]], uow: UnitOfWork) -> None:
    """A membership that would end on the day on which it began never was."""
    columns = _columns([(each.data.body_id, each.data.urn, each.data.left_on) for each in events])
    await uow.execute(
        """
        delete from body_school as old
        using unnest($1::uuid[], $2::text[], $3::date[]) as gone (body_id, urn, left_on)
        where old.body_id = gone.body_id and old.urn = gone.urn and lower(old.during) = gone.left_on
        """,
        *columns,
    )
    await uow.execute(
        """
        update body_school as old set during = daterange(lower(old.during), gone.left_on)
        from unnest($1::uuid[], $2::text[], $3::date[]) as gone (body_id, urn, left_on)
        where old.body_id = gone.body_id and old.urn = gone.urn and old.during @> gone.left_on
        """,
        *columns,
    )


async def keep_offices_taken_up(events: list[Received[OfficeTakenUp]], uow: UnitOfWork) -> None:
    terms = [event.data for event in events]
    await uow.execute(
        """
        insert into office_term (term_id, body_id, post, person_id, school_urn, from_date, planned_until)
        select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::date[], $7::date[])
        on conflict (term_id) do nothing
        """,
        *_columns(
            [
                (each.term_id, each.body_id, each.post, each.person_id, each.school_urn, each.from_date, each.until)
                for each in terms
            ]
        ),
    )


async def keep_offices_ended(events: list[Received[OfficeEnded]], uow: UnitOfWork) -> None:
    await uow.execute(
        """
        update office_term set ended_on = gone.ended_on
        from unnest($1::uuid[], $2::date[]) as gone (term_id, ended_on) where office_term.term_id = gone.term_id
        """,
        *_columns([(event.data.term_id, event.data.ended_on) for event in events]),
    )


async def keep_offices_corrected(events: list[Received[OfficeCorrected]], uow: UnitOfWork) -> None:
    """What is said now stands in the place of all that was told of the term; one that never was is gone."""
    terms = [event.data for event in events]
    await uow.execute(
        "delete from office_term where term_id = any($1::uuid[])",
        sorted(term.term_id for term in terms if term.after is None),
    )
    held = [(term.term_id, term.after) for term in terms if term.after is not None]
    if not held:
        return
    await uow.execute(
        """
        update office_term set person_id = now.person_id, school_urn = now.urn, from_date = now.from_date,
            planned_until = case when now.ended then office_term.planned_until else now.until end,
            ended_on = case when now.ended then now.until end
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[], $6::bool[])
            as now (term_id, person_id, urn, from_date, until, ended)
        where office_term.term_id = now.term_id
        """,
        *_columns(
            [
                (
                    term_id,
                    after.person_id,
                    after.schools[-1].urn if after.schools else None,
                    after.from_date,
                    after.until,
                    after.ended,
                )
                for term_id, after in held
            ]
        ),
    )


async def keep_schools_of_office_holders(events: list[Received[OfficeHolderMovedSchool]], uow: UnitOfWork) -> None:
    await uow.execute(
        """
        update office_term set school_urn = moved.urn
        from unnest($1::uuid[], $2::text[]) as moved (term_id, urn) where office_term.term_id = moved.term_id
        """,
        *_columns([(event.data.term_id, event.data.to_urn) for event in events]),
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
        *_columns(people),
    )


async def keep_categories(events: list[Received[CategoryInForceChanged]], uow: UnitOfWork) -> None:
    await uow.execute(
        """
        insert into category_change
            (urn, epoch, sequence, category, since, correlation_id, told, because, because_ref)
        select * from unnest($1::text[], $2::int[], $3::bigint[], $4::int[], $5::date[], $6::uuid[], $7::bool[],
            $8::text[], $9::text[])
        on conflict do nothing
        """,
        *_columns(
            [
                (
                    each.data.urn,
                    each.epoch,
                    each.sequence,
                    each.data.after,
                    each.data.on,
                    each.correlation_id,
                    each.told,
                    each.data.because,
                    each.data.because_ref,
                )
                for each in events
            ]
        ),
    )


async def keep_public_categories(events: list[Received[OutcomePublished]], uow: UnitOfWork) -> None:
    await uow.execute(
        """
        insert into public_category (urn, epoch, sequence, category, since)
        select * from unnest($1::text[], $2::int[], $3::bigint[], $4::int[], $5::date[])
        on conflict do nothing
        """,
        *_columns(
            [
                (each.data.urn, each.epoch, each.sequence, each.data.public_category_after, each.data.published_on)
                for each in events
            ]
        ),
    )


async def keep_entries_of_the_authority(
    events: list[Received[LaCategorySet]] | list[Received[LaCategoryLifted]], uow: UnitOfWork
) -> None:
    rows: list[tuple[object, ...]] = []
    for each in events:
        data = each.data
        category, since = (data.category, data.from_date) if isinstance(data, LaCategorySet) else (None, data.lifted_on)
        rows.append(
            (data.urn, each.epoch, each.sequence, data.entry_id, category, since, each.correlation_id, each.told)
        )
    await uow.execute(
        """
        insert into la_entry_news (urn, epoch, sequence, entry_id, category, since, correlation_id, told)
        select * from unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[], $5::int[], $6::date[], $7::uuid[],
            $8::bool[])
        on conflict do nothing
        """,
        *_columns(rows),
    )


async def keep_what_schools_were_told(events: list[Received[SchoolTold]], uow: UnitOfWork) -> None:
    released = [(event.data.urn, change) for event in events for change in event.data.releases]
    if not released:
        return
    for table in ("category_change", "la_entry_news"):
        await uow.execute(
            f"""
            update {table} as held set told = true
            from unnest($1::text[], $2::uuid[]) as now (urn, correlation_id)
            where held.urn = now.urn and held.correlation_id = now.correlation_id and not held.told
            """,
            *_columns(released),
        )


async def keep_corrections(events: list[Received[HistoryCorrected]], uow: UnitOfWork) -> None:
    """Only the past changed. Kept to be shown beside what was said then; nothing else ever follows (D3.10)."""
    await uow.execute(
        """
        insert into history_correction (urn, epoch, sequence, what, from_date, until, corrected_on, correlation_id)
        select * from unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::date[], $6::date[], $7::date[],
            $8::uuid[])
        on conflict do nothing
        """,
        *_columns(
            [
                (
                    each.data.urn,
                    each.epoch,
                    each.sequence,
                    each.data.what,
                    each.data.from_date,
                    each.data.until,
                    each.date,
                    each.correlation_id,
                )
                for each in events
            ]
        ),
    )
