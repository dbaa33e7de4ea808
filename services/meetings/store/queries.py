"""What pages and other readers ask: bodies, meetings, agendas, lists, members."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row

from services.meetings.domain.area_lists import AreaFacts, CategoryChange, EntryNews, PublicCategory
from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP, Body, Meeting, UnknownBody, UnknownMeeting
from services.meetings.domain.members import CHAIRING_POSTS
from services.meetings.domain.place import Place
from services.meetings.domain.vulnerable_aspect import UnknownSchool
from shared.store import UnitOfWork


@dataclass(frozen=True)
class School:
    urn: str
    authority: str
    name: str
    group: UUID | None  # the Area Analysis Group of its area


async def body(uow: UnitOfWork, body_id: UUID) -> Body:
    row = await uow.row(
        "select body_id, authority, kind, name, areas, opened_on, closed_on from body where body_id = $1", body_id
    )
    if row is None:
        raise UnknownBody(body_id)
    return Body(*tuple(row))


async def school(uow: UnitOfWork, urn: str) -> School:
    row = await uow.row(
        """
        select urn, school.authority, school.name, (
            select body_id from body
            where kind = $2 and body.authority = school.authority and school.area = any(body.areas)
              and (body.closed_on is null or body.closed_on > $3)
            order by body.opened_on desc, body_id limit 1
        ) as group_id
        from school where urn = $1
        """,
        urn,
        AREA_ANALYSIS_GROUP,
        uow.today,
    )
    if row is None:
        raise UnknownSchool(urn)
    return School(*tuple(row))


async def meeting(uow: UnitOfWork, meeting_id: UUID) -> tuple[Meeting, str]:
    """A meeting and its authority."""
    row = await uow.row(
        "select meeting_id, body_id, kind, on_date, authority from meeting where meeting_id = $1", meeting_id
    )
    if row is None:
        raise UnknownMeeting(meeting_id)
    return Meeting(*tuple(row)[:4]), row.authority


async def meetings_of(uow: UnitOfWork, body_id: UUID) -> list[Meeting]:
    rows = await uow.rows(
        "select meeting_id, body_id, kind, on_date from meeting where body_id = $1 order by on_date", body_id
    )
    return [Meeting(*tuple(row)) for row in rows]


async def items_of(uow: UnitOfWork, meeting_id: UUID) -> list[dict[str, Any]]:
    """The live items of a meeting, with the school's name."""
    rows = await uow.rows(
        """
        select item_id, urn, school.name as school, why, part from agenda_item left join school using (urn)
        where meeting_id = $1 and withdrawn_at is null order by placed_at, urn
        """,
        meeting_id,
    )
    return [dict(row._mapping) for row in rows]


async def corrected_since(uow: UnitOfWork, meeting: Meeting) -> list[dict[str, Any]]:
    """What the group may have gone by when it met and what was corrected since, for the schools of its areas now."""
    rows = await uow.rows(
        """
        select c.urn, school.name as school, c.what, c.from_date, c.until, c.corrected_on
        from history_correction c join school using (urn) join body on body.authority = school.authority
        where body.body_id = $1 and school.area = any(body.areas)
          and c.from_date <= $2 and $2 < c.until and c.corrected_on > $2
        order by c.urn, c.corrected_on, c.event_id, c.epoch, c.sequence
        """,
        meeting.body_id,
        meeting.on,
    )
    return [dict(row._mapping) for row in rows]


async def categories_in(uow: UnitOfWork, authority: str, areas: Sequence[str]) -> AreaFacts:
    """All that was heard of the categories of the open schools of these areas."""
    place = "by_authority, epoch, sequence, event_id"
    here = "join school using (urn) where school.authority = $1 and school.area = any($2::text[]) and school.open"
    changes = await uow.rows(
        f"select urn, {place}, category, since, told, because, because_ref from category_change {here}",
        authority,
        list(areas),
    )
    entries = await uow.rows(
        f"select urn, {place}, entry_id, category, since, told from la_entry_news {here}",
        authority,
        list(areas),
    )
    published = await uow.rows(
        f"select urn, {place}, category, since from public_category {here}", authority, list(areas)
    )
    return AreaFacts(
        [
            CategoryChange(row.urn, _place(row), row.category, row.since, row.told, row.because, row.because_ref)
            for row in changes
        ],
        [EntryNews(row.urn, _place(row), str(row.entry_id), row.category, row.since, row.told) for row in entries],
        [PublicCategory(row.urn, _place(row), row.category, row.since) for row in published],
    )


def _place(row: Row[Any]) -> Place:
    return Place(row.by_authority, row.epoch, row.sequence, row.event_id)


async def vulnerable_aspects_in(uow: UnitOfWork, authority: str, areas: Sequence[str]) -> list[dict[str, Any]]:
    """By the school's area as it is now: an aspect goes with the school."""
    rows = await uow.rows(
        """
        select aspect_id, urn, school.name as school, evaluation_area, from_date
        from vulnerable_aspect join school using (urn)
        where school.authority = $1 and school.area = any($2::text[]) and school.open and withdrawn_at is null
        order by urn, evaluation_area
        """,
        authority,
        list(areas),
    )
    return [dict(row._mapping) for row in rows]


async def names_of(uow: UnitOfWork, urns: list[str]) -> dict[str, str]:
    rows = await uow.rows("select urn, name from school where urn = any($1::text[])", urns)
    return {row.urn: row.name for row in rows}


async def chairs_in(uow: UnitOfWork, group: Body, on: date) -> list[dict[str, Any]]:
    """The members of an Area Analysis Group on a day: who chairs a body that lies in its area (W-25, W-29)."""
    rows = await uow.rows(
        """
        select term.person_id, person.name, term.post, body.body_id as for_body, body.name as body,
               term.school_urn, term.from_date
        from office_term as term join body using (body_id) left join person on person.person_id = term.person_id
        where body.authority = $1 and body.areas && $2::text[] and body.kind <> $3
          and term.post = any($4::text[]) and term.from_date <= $5
          and (coalesce(term.ended_on, term.planned_until) is null or coalesce(term.ended_on, term.planned_until) > $5)
        order by body.name, term.post
        """,
        group.authority,
        list(group.areas),
        AREA_ANALYSIS_GROUP,
        list(CHAIRING_POSTS),
        on,
    )
    return [dict(row._mapping) for row in rows]


async def schools_of(uow: UnitOfWork, body_id: UUID, on: date) -> list[dict[str, Any]]:
    """The members of a heads' meeting on a day, as seats: each school sends its head, whoever that is."""
    rows = await uow.rows(
        """
        select urn, school.name as school, lead, lower(during) as from_date
        from body_school left join school using (urn)
        where body_id = $1 and during @> $2::date order by urn
        """,
        body_id,
        on,
    )
    return [dict(row._mapping) for row in rows]


async def note_reading(uow: UnitOfWork, *, who: str, what: str, subject: str) -> None:
    """Who read what is confidential, and when (W-26)."""
    await uow.execute("insert into audit (id, who, what, subject) values ($1, $2, $3, $4)", uuid4(), who, what, subject)
