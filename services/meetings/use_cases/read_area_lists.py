"""Reading the two lists of an area, and keeping who read them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.meetings.domain.area_lists import may_see_entry, schools_in_category_3_or_4
from services.meetings.domain.meeting import Body
from services.meetings.store import queries
from shared.store import UnitOfWork


@dataclass(frozen=True)
class ListedSchool:
    urn: str
    school: str
    category: int
    since: date
    school_told: bool


@dataclass(frozen=True)
class ListedAspect:
    aspect_id: UUID
    urn: str
    school: str
    evaluation_area: str
    from_date: date


@dataclass(frozen=True)
class AreaLists:
    body_id: UUID
    areas: list[str]
    as_at: date
    schools_in_category_3_or_4: list[ListedSchool]
    schools_with_a_vulnerable_aspect: list[ListedAspect]


async def read_area_lists(
    uow: UnitOfWork, group: Body, *, who: str, school_improvement: bool, headed: Collection[str]
) -> AreaLists:
    """The lists as this reader may see them. Every reading is audited (W-26)."""
    listed = schools_in_category_3_or_4(
        await queries.categories_in(uow, group.authority, group.areas), school_improvement=school_improvement
    )
    names = await queries.names_of(uow, [change.urn for change in listed])
    aspects: list[dict[str, Any]] = await queries.vulnerable_aspects_in(uow, group.authority, group.areas)
    await queries.note_reading(uow, who=who, what="read the lists of an area", subject=str(group.body_id))
    return AreaLists(
        body_id=group.body_id,
        areas=list(group.areas),
        as_at=uow.today,
        schools_in_category_3_or_4=[
            ListedSchool(
                urn=change.urn,
                school=names[change.urn],
                category=change.category or 0,
                since=change.since,
                school_told=change.told,
            )
            for change in listed
        ],
        schools_with_a_vulnerable_aspect=[
            ListedAspect(**aspect) for aspect in aspects if may_see_entry(aspect["urn"], headed)
        ],
    )
