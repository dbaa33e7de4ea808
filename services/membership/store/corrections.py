"""What was corrected or withdrawn, why, and by whom. Only ever added to; what it had been stands in the `_past` tables."""

from uuid import UUID

from shared.messaging.cause import new_id
from shared.store import UnitOfWork

OFFICE, ALLOCATION = "office", "allocation"


async def add_correction(
    uow: UnitOfWork, kind: str, fact_id: UUID, *, withdrawn: bool, reason: str, corrected_by: str
) -> None:
    await uow.execute(
        "insert into correction (correction_id, kind, fact_id, withdrawn, reason, corrected_by, recorded_at) "
        "values ($1, $2, $3, $4, $5, $6, $7::timestamptz)",
        new_id(),
        kind,
        str(fact_id),
        withdrawn,
        reason,
        corrected_by,
        uow.now,
    )
