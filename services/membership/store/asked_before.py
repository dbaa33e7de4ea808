"""What officers were asked before by outcomes, as it decides whether they are asked again (R0.1)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.category import Outcome, category_of_outcome
from services.membership.domain.review import Ask, Asked
from services.membership.store.outcomes import inspections, versions
from services.membership.store.reviews import ANSWER
from shared.store import UnitOfWork

# The release before keeps no word of which version it answers: that was the one that was believed at the time.
ASKED_BEFORE = f"""
    select r.review_id, r.entry_id, r.cause_on, r.cause_ref, r.again, r.asked_on, a.review_id is not null as answered,
           case when a.review_id is not null then coalesce(a.seen_version, (
               select o.version from outcome o
               where (o.inspection_number, o.kind) = (r.cause_ref, 'graded') and o.recorded_at <= a.recorded_at
               order by o.source_as_at desc, o.version desc limit 1)) end as seen
    from la_review r left join {ANSWER}
    where r.entry_id = any($1::uuid[]) and r.cause = 'outcome'
"""

Place = tuple[UUID, date]  # the entry, and the day on which the outcome was published


async def asked_before(uow: UnitOfWork, asks: Iterable[Ask]) -> dict[Place, list[Asked]]:
    """What was asked of these entries by outcomes of the same days."""
    found: dict[Place, list[Asked]] = defaultdict(list)
    places = {(each.entry_id, each.on) for each in asks}
    if not places:
        return found
    rows = await uow.rows(ASKED_BEFORE, sorted({entry_id for entry_id, _ in places}))
    rows = [row for row in rows if (row.entry_id, row.cause_on) in places]
    believed = await inspections(uow, {row.cause_ref for row in rows}) if rows else {}
    seen = await versions(uow, {(row.cause_ref, row.seen) for row in rows if row.seen is not None})
    for row in rows:
        outcome = believed[row.cause_ref, "graded"]
        found[row.entry_id, row.cause_on].append(_asked(row, outcome, seen.get((row.cause_ref, row.seen))))
    return found


def _asked(row: Any, outcome: Outcome, seen: Outcome | None) -> Asked:
    return Asked(
        row.review_id,
        row.cause_ref,
        (outcome.urn, outcome.inspection_started_on),
        not outcome.withdrawn,
        row.again,
        row.asked_on,
        row.answered,
        category_of_outcome(seen) if seen is not None else None,
    )
