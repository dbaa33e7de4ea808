"""What was corrected or withdrawn, why, and by whom. Only ever added to; what it had been stands in the `_past` tables."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from shared.messaging.cause import new_id
from shared.store import UnitOfWork

OFFICE, ALLOCATION, MEMBERSHIP = "office", "allocation", "membership"
HEADSHIP, TRUST_CONTACT = "headship", "trust-contact"
CLOSING = "closing"


async def add_correction(
    uow: UnitOfWork, kind: str, fact_id: UUID | str, *, withdrawn: bool, reason: str, corrected_by: str
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


async def corrected(uow: UnitOfWork, kind: str, fact_ids: Iterable[str]) -> set[str]:
    """Those of these facts that were corrected, and so stand as something else now; a withdrawn one stands nowhere."""
    rows = await uow.rows(
        "select fact_id from (select distinct on (fact_id) fact_id, withdrawn from correction "
        "where kind = $1 and fact_id = any($2::text[]) order by fact_id, correction_id desc) last where not withdrawn",
        kind,
        sorted(set(fact_ids)),
    )
    return {row.fact_id for row in rows}


async def corrections_of(uow: UnitOfWork, urn: str) -> list[dict[str, Any]]:
    """What was corrected or withdrawn of a school's allocations, places and heads, of its bodies' offices and closings and
    of its trusts' contacts; the latest first.
    """
    rows = await uow.rows(
        """
        with of_school as (
            select allocation_id::text as fact_id from allocation where urn = $1
            union select allocation_id::text from allocation_past where urn = $1),
        its_bodies as (
            select body_id from membership where urn = $1 union select body_id from membership_past where urn = $1),
        of_bodies as (
            select term_id::text as fact_id from term where body_id in (select body_id from its_bodies)
            union select term_id::text from term_past where body_id in (select body_id from its_bodies)),
        its_trusts as (
            select trust_id from school_in_trust where urn = $1 union select trust_id from school_in_trust_past where urn = $1)
        select correction_id, kind, fact_id, withdrawn, reason, corrected_by, recorded_at from correction
        where (kind = 'allocation' and fact_id in (select fact_id from of_school))
           or (kind = 'office' and fact_id in (select fact_id from of_bodies))
           or (kind = 'closing' and fact_id in (select body_id::text from its_bodies))
           or (kind in ('membership', 'headship') and split_part(fact_id, '/', 2) = $1)
           or (kind = 'trust-contact' and split_part(fact_id, '/', 1) in (select trust_id from its_trusts))
        order by correction_id desc
        """,
        urn,
    )
    return [dict(row._mapping) for row in rows]
