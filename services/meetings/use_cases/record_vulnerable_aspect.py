"""Recording an aspect of a school that is vulnerable to an adverse judgement (W-26)."""

from datetime import date

from services.meetings import outbound
from services.meetings.domain.vulnerable_aspect import (
    AlreadyRecorded,
    VulnerableAspect,
    read_evaluation_area,
    record,
)
from services.meetings.store.queries import School
from shared.contracts.envelope import school_key
from shared.messaging.cause import new_id
from shared.store import UnitOfWork


async def record_vulnerable_aspect(
    uow: UnitOfWork, school: School, evaluation_area: str, from_date: date
) -> VulnerableAspect:
    area = read_evaluation_area(evaluation_area, from_date)
    since = await uow.value(
        "select from_date from vulnerable_aspect where urn = $1 and evaluation_area = $2 and withdrawn_at is null",
        school.urn,
        area,
    )
    aspect = record(
        new_id(),
        urn=school.urn,
        school=school.name,
        group=school.group,
        evaluation_area=area,
        from_date=from_date,
        recorded_since=since,
    )
    added = await uow.execute(
        """
        insert into vulnerable_aspect (aspect_id, urn, body_id, evaluation_area, from_date, recorded_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (urn, evaluation_area) where withdrawn_at is null do nothing
        """,
        aspect.aspect_id,
        aspect.urn,
        aspect.body_id,
        aspect.evaluation_area,
        aspect.from_date,
        uow.now,
    )
    if not added:
        raise AlreadyRecorded(school.name, area, from_date)
    uow.record(outbound.vulnerable_aspect_recorded(aspect), key=school_key(school.authority, school.urn))
    return aspect
