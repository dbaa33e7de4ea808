"""Withdrawing a vulnerable aspect that was recorded by mistake, or is one no longer (W-26)."""

from uuid import UUID

from services.meetings import outbound
from services.meetings.domain.vulnerable_aspect import AlreadyWithdrawn, UnknownAspect, VulnerableAspect, withdraw
from services.meetings.store.queries import School
from shared.contracts.envelope import school_key
from shared.store import UnitOfWork


async def aspect_of(uow: UnitOfWork, aspect_id: UUID) -> VulnerableAspect:
    """Raises UnknownAspect."""
    row = await uow.row(
        "select aspect_id, urn, body_id, evaluation_area, from_date, withdrawn_at is not null as withdrawn "
        "from vulnerable_aspect where aspect_id = $1",
        aspect_id,
    )
    if row is None:
        raise UnknownAspect(aspect_id)
    return VulnerableAspect(*tuple(row))


async def withdraw_vulnerable_aspect(
    uow: UnitOfWork, school: School, aspect_id: UUID, *, reason: str, withdrawn_by: str
) -> VulnerableAspect:
    """The row stays, with who withdrew it and why. The same aspect can be recorded again later."""
    withdrawn = withdraw(await aspect_of(uow, aspect_id), reason)
    first = await uow.execute(
        "update vulnerable_aspect set withdrawn_at = $2::timestamptz, withdrawn_by = $3, withdrawn_because = $4 "
        "where aspect_id = $1 and withdrawn_at is null",
        aspect_id,
        uow.now,
        withdrawn_by,
        reason.strip(),
    )
    if not first:
        raise AlreadyWithdrawn(withdrawn.evaluation_area)
    uow.record(outbound.vulnerable_aspect_withdrawn(withdrawn), key=school_key(school.authority, school.urn))
    return withdrawn
