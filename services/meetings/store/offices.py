"""Chairs and the bodies to whose meetings the office brings them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP
from services.meetings.domain.members import CHAIRING_POSTS
from services.meetings.store.agendas import Area
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Seat:
    """A chair's place in the meetings of one body: her own, or the Area Analysis Group of its area."""

    body_id: UUID
    authority: str
    term_id: UUID
    person_id: UUID
    from_date: date
    ended_on: date | None
    chairs: UUID  # the body whose chair it is


# Both the body itself and the group of each of its areas (W-29); a group's own chair sits in it once.
_SEATS = """
    select distinct target.body_id, target.authority, term.term_id, term.person_id, term.from_date, term.ended_on,
        own.body_id
    from office_term as term
    join body as own on own.body_id = term.body_id
    join body as target on target.body_id = own.body_id
        or (target.kind = $1 and target.authority = own.authority and target.areas && own.areas)
    where term.post = any($2::text[])
"""


async def areas_of_terms(uow: UnitOfWork, terms: Sequence[UUID]) -> list[Area]:
    rows = await uow.rows(
        """
        select distinct body.authority, area
        from office_term join body using (body_id) cross join lateral unnest(body.areas) as area
        where term_id = any($1::uuid[])
        """,
        list(terms),
    )
    return [(row.authority, row.area) for row in rows]


async def areas_of_bodies(uow: UnitOfWork, bodies: Sequence[UUID]) -> list[Area]:
    rows = await uow.rows(
        "select distinct body.authority, area from body cross join lateral unnest(body.areas) as area "
        "where body_id = any($1::uuid[])",
        list(bodies),
    )
    return [(row.authority, row.area) for row in rows]


async def seats_of_terms(uow: UnitOfWork, terms: Sequence[UUID]) -> list[Seat]:
    rows = await uow.rows(
        _SEATS + " and term.term_id = any($3::uuid[]) order by term.term_id, target.body_id",
        AREA_ANALYSIS_GROUP,
        list(CHAIRING_POSTS),
        list(terms),
    )
    return [Seat(*tuple(row)) for row in rows]


async def seats_of_sitting_chairs(uow: UnitOfWork, bodies: Sequence[UUID]) -> list[Seat]:
    """The seats of chairs who have not left: in these Area Analysis Groups, and those of the chairs of these bodies."""
    rows = await uow.rows(
        _SEATS
        + """
          and $3::uuid[] && array[target.body_id, own.body_id] and (term.ended_on is null or term.ended_on > $4)
        order by term.term_id, target.body_id
        """,
        AREA_ANALYSIS_GROUP,
        list(CHAIRING_POSTS),
        list(bodies),
        uow.today,
    )
    return [Seat(*tuple(row)) for row in rows]


async def note_member_changes(
    uow: UnitOfWork, changes: Sequence[tuple[UUID, UUID, str]]
) -> set[tuple[UUID, UUID, str]]:
    """Note who joined and left, as (body, term, what); those not noted before. A term joins and leaves a body once."""
    if not changes:
        return set()
    rows = await uow.rows(
        """
        insert into member_change (body_id, term_id, what)
        select * from unnest($1::uuid[], $2::uuid[], $3::text[]) as new (body_id, term_id, what)
        order by body_id, term_id, what
        on conflict do nothing returning body_id, term_id, what
        """,
        *[list(column) for column in zip(*changes, strict=True)],
    )
    return {(row.body_id, row.term_id, row.what) for row in rows}


async def noted_changes(uow: UnitOfWork, terms: Sequence[UUID]) -> list[tuple[UUID, UUID, str]]:
    """What was told of the members that these terms seated, as (body, term, what)."""
    rows = await uow.rows(
        "select body_id, term_id, what from member_change where term_id = any($1::uuid[]) order by body_id, term_id, what",
        list(terms),
    )
    return [(row.body_id, row.term_id, row.what) for row in rows]


async def forget_member_changes(uow: UnitOfWork, changes: Sequence[tuple[UUID, UUID, str]]) -> None:
    """What was told wrongly: it is told again as it was or is."""
    if changes:
        await uow.execute(
            "delete from member_change where (body_id, term_id, what) in "
            "(select * from unnest($1::uuid[], $2::uuid[], $3::text[]))",
            *[list(column) for column in zip(*changes, strict=True)],
        )
