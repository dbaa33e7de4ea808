"""Agendas of Area Analysis Groups: what a decision needs, read in a few statements, and what it changes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.meetings.domain.agenda import (
    CONFIDENTIAL,
    REPRESENTATION_REASSIGNED,
    LiveItem,
    Post,
    SpeakerChange,
    Speakers,
)
from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP, Meeting
from services.meetings.domain.place import Place
from shared.messaging.cause import Cause
from shared.store import UnitOfWork

Area = tuple[str, str]  # authority and name


@dataclass(frozen=True)
class StoredChange:
    """A change of who speaks for a school, with the story that it belongs to."""

    urn: str
    change: SpeakerChange
    cause: Cause


@dataclass(frozen=True)
class StandingItem:
    """A live item on the agenda of some meeting, with what its withdrawal must name."""

    live: LiveItem
    authority: str
    body_id: UUID
    meeting_on: date


@dataclass(frozen=True)
class SchoolMatter:
    """All that the agenda needs to know about one school."""

    urn: str
    authority: str
    changes: Sequence[StoredChange]
    last_meeting: date | None
    next_meeting: Meeting | None
    live: Sequence[StandingItem]


async def lock_areas(uow: UnitOfWork, areas: Iterable[Area]) -> None:
    """Whoever decides about an area's agendas and members takes turns; what it reads afterwards is what the last one left.

    Without this, a change and the meeting that should take it could each commit without seeing the other.
    """
    wanted = sorted(set(areas))
    if not wanted:
        return
    names = [list(column) for column in zip(*wanted, strict=True)]
    select = """
        select 1 from area where (authority, area) in (select * from unnest($1::text[], $2::text[]))
        order by authority, area for update
    """
    if len(await uow.rows(select, *names)) < len(wanted):
        await uow.execute(
            """
            insert into area (authority, area)
            select * from unnest($1::text[], $2::text[]) as new (authority, area) order by authority, area
            on conflict do nothing
            """,
            *names,
        )
        await uow.rows(select, *names)


async def areas_of_schools(uow: UnitOfWork, urns: Sequence[str]) -> list[Area]:
    rows = await uow.rows(
        "select distinct authority, area from school where urn = any($1::text[]) and area is not null", list(urns)
    )
    return [(row.authority, row.area) for row in rows]


async def schools_with_changes(uow: UnitOfWork, urns: Sequence[str]) -> list[str]:
    rows = await uow.rows(
        "select distinct urn from speaker_change where urn = any($1::text[]) order by urn", list(urns)
    )
    return [row.urn for row in rows]


async def schools_with_changes_in(uow: UnitOfWork, areas: Sequence[Area]) -> list[str]:
    rows = await uow.rows(
        """
        select distinct urn from school join speaker_change using (urn)
        where (authority, area) in (select * from unnest($1::text[], $2::text[])) order by urn
        """,
        [authority for authority, _ in areas],
        [area for _, area in areas],
    )
    return [row.urn for row in rows]


async def add_changes(uow: UnitOfWork, changes: Sequence[StoredChange]) -> list[str]:
    """Keep the changes; the schools of those that were not here yet."""
    if not changes:
        return []
    rows = sorted(changes, key=lambda each: (each.urn, each.change.place.number))
    added = await uow.rows(
        """
        insert into speaker_change (urn, by_authority, epoch, sequence, before, after, known_from,
                                    event_id, correlation_id, traceparent, batch_id)
        select urn, by_authority, epoch, sequence, before::jsonb, after::jsonb, known_from,
               event_id, correlation_id, traceparent, batch_id
        from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::date[],
                    $8::uuid[], $9::uuid[], $10::text[], $11::uuid[])
             as new (urn, by_authority, epoch, sequence, before, after, known_from,
                     event_id, correlation_id, traceparent, batch_id)
        on conflict do nothing returning urn
        """,
        [each.urn for each in rows],
        [each.change.place.authority for each in rows],
        [each.change.place.epoch for each in rows],
        [each.change.place.sequence for each in rows],
        [_written(each.change.before) for each in rows],
        [_written(each.change.after) for each in rows],
        [each.change.known_from for each in rows],
        [each.change.place.event_id for each in rows],
        [each.cause.correlation_id for each in rows],
        [each.cause.traceparent for each in rows],
        [each.cause.batch_id for each in rows],
    )
    return sorted({row.urn for row in added})


async def release(uow: UnitOfWork, told: Sequence[tuple[str, UUID, date]]) -> list[str]:
    """Let go what was held back until the school was told; the schools concerned."""
    if not told:
        return []
    rows = await uow.rows(
        """
        update speaker_change as held set known_from = now.day
        from unnest($1::text[], $2::uuid[], $3::date[]) as now (urn, correlation_id, day)
        where held.urn = now.urn and held.correlation_id = now.correlation_id and held.known_from is null
        returning held.urn
        """,
        [urn for urn, _, _ in told],
        [change for _, change, _ in told],
        [day for _, _, day in told],
    )
    return sorted({row.urn for row in rows})


async def load_matters(uow: UnitOfWork, urns: Sequence[str]) -> list[SchoolMatter]:
    """Three statements for any number of schools. The areas must be locked."""
    changes = await _changes(uow, urns)
    items = await _live_items(uow, urns)
    # An item belongs to a day on which the group may know of the change, which a test clock may have put after today.
    days = {
        urn: max([uow.today, *(each.change.known_from for each in changes[urn] if each.change.known_from is not None)])
        for urn in urns
    }
    rows = await uow.rows(
        """
        select asked.urn, school.authority, aag.body_id,
               (select max(on_date) from meeting where body_id = aag.body_id and on_date < asked.day) as last_on,
               upcoming.meeting_id, upcoming.on_date
        from unnest($1::text[], $2::date[]) as asked (urn, day)
        join school on school.urn = asked.urn
        left join lateral (
            select body_id from body
            where kind = $3 and body.authority = school.authority and school.area = any(body.areas)
              and (closed_on is null or closed_on > asked.day)
            order by opened_on desc, body_id limit 1
        ) as aag on true
        left join lateral (
            select meeting_id, on_date from meeting
            where meeting.body_id = aag.body_id and on_date >= asked.day order by on_date limit 1
        ) as upcoming on true
        order by asked.urn
        """,
        list(urns),
        [days[urn] for urn in urns],
        AREA_ANALYSIS_GROUP,
    )
    return [
        SchoolMatter(
            row.urn,
            row.authority,
            changes[row.urn],
            row.last_on,
            Meeting(row.meeting_id, row.body_id, AREA_ANALYSIS_GROUP, row.on_date) if row.meeting_id else None,
            [item for item in items[row.urn] if item.meeting_on >= days[row.urn]],
        )
        for row in rows
    ]


async def _changes(uow: UnitOfWork, urns: Sequence[str]) -> dict[str, list[StoredChange]]:
    found: dict[str, list[StoredChange]] = defaultdict(list)
    rows = await uow.rows(
        """
        select urn, by_authority, epoch, sequence, before::text as before, after::text as after, known_from,
               event_id, correlation_id, traceparent, batch_id
        from speaker_change where urn = any($1::text[]) order by urn, event_id
        """,
        list(urns),
    )
    for row in rows:
        place = Place(row.by_authority, row.epoch, row.sequence, row.event_id)
        change = SpeakerChange(place, _read(row.before), _read(row.after), row.known_from)
        cause = Cause(row.correlation_id, row.event_id, row.traceparent, row.batch_id)
        found[row.urn].append(StoredChange(row.urn, change, cause))
    return found


async def _live_items(uow: UnitOfWork, urns: Sequence[str]) -> dict[str, list[StandingItem]]:
    found: dict[str, list[StandingItem]] = defaultdict(list)
    rows = await uow.rows(
        """
        select item_id, urn, meeting_id, authority, body_id, on_date from agenda_item join meeting using (meeting_id)
        where urn = any($1::text[]) and withdrawn_at is null and why = $2 order by urn, on_date
        """,
        list(urns),
        REPRESENTATION_REASSIGNED,
    )
    for row in rows:
        found[row.urn].append(
            StandingItem(LiveItem(row.item_id, row.meeting_id), row.authority, row.body_id, row.on_date)
        )
    return found


async def withdraw_items(uow: UnitOfWork, items: Sequence[UUID]) -> None:
    if items:
        await uow.execute(
            "update agenda_item set withdrawn_at = $2 where item_id = any($1::uuid[])", sorted(items), uow.now
        )


async def place_items(uow: UnitOfWork, items: Sequence[tuple[UUID, UUID, str]]) -> None:
    """Each as item, meeting and school."""
    if items:
        rows = sorted(items, key=lambda item: (item[1], item[2]))
        await uow.execute(
            """
            insert into agenda_item (item_id, meeting_id, part, urn, why, placed_at)
            select item_id, meeting_id, $4, urn, $5, $6
            from unnest($1::uuid[], $2::uuid[], $3::text[]) as new (item_id, meeting_id, urn)
            """,
            [item for item, _, _ in rows],
            [meeting for _, meeting, _ in rows],
            [urn for _, _, urn in rows],
            CONFIDENTIAL,
            REPRESENTATION_REASSIGNED,
            uow.now,
        )


def _written(speakers: Speakers) -> str:
    """By hand: `asdict` copies deeply, which was a sixth of what a sweep of categories cost here."""
    return json.dumps({"general": _columns(speakers.general), "inspection": _columns(speakers.inspection)}, default=str)


def _columns(post: Post | None) -> dict[str, Any] | None:
    if post is None:
        return None
    return {"role": post.role, "office_id": post.office_id, "body_id": post.body_id, "trust_id": post.trust_id}


def _read(written: str) -> Speakers:
    found = json.loads(written)
    return Speakers(_post(found["general"]), _post(found["inspection"]))


def _post(found: dict[str, Any] | None) -> Post | None:
    if found is None:
        return None
    office, body = found["office_id"], found["body_id"]
    return Post(found["role"], UUID(office) if office else None, UUID(body) if body else None, found["trust_id"])
