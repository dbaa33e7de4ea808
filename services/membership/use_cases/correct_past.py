"""What a late fact changes of the past: told as a correction, which readers store and never act on (D3.10).

Who spoke for a school stays as it was known then; what is corrected is what today's knowledge would have given.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from services.membership import outbound
from services.membership.domain.standing import Facts, corrected
from services.membership.store.facts import facts_of
from services.membership.store.withheld import withheld_of, withhold
from services.membership.use_cases.reroute import Looked
from shared.contracts.envelope import school_key
from shared.contracts.registry import Sensitivity
from shared.messaging.cause import Cause
from shared.store import UnitOfWork


async def remember(uow: UnitOfWork, urns: Iterable[str], since: date) -> Mapping[str, Facts]:
    """The facts of locked schools before something of a day that has gone is written; nothing where it hasn't gone."""
    return await facts_of(uow, urns) if since < uow.today else {}


async def correct_past(uow: UnitOfWork, before: Mapping[str, Facts], since: date, causes: Mapping[str, Cause]) -> None:
    """Tell what has changed of the days from ``since`` until today, of the schools that were remembered.

    While a school has something to be told this waits too, or it would give that away (R0.8).
    """
    if not before:
        return
    after = await facts_of(uow, before)
    held_back = await withheld_of(uow, list(after))
    waiting = []
    for urn, facts in sorted(after.items()):
        cause = causes.get(urn) or uow.cause
        if _tell(uow, before[urn], facts, since, uow.today, cause, told=urn not in held_back) and urn in held_back:
            waiting.append((urn, cause.correlation_id))
    await withhold(uow, waiting)


def tell_correction(uow: UnitOfWork, before: Facts, looked: Looked, since: date, cause: Cause) -> None:
    _tell(uow, before, looked.facts, since, looked.day, cause)


def _tell(
    uow: UnitOfWork, before: Facts, after: Facts, since: date, today: date, cause: Cause, *, told: bool = True
) -> bool:
    found = corrected(before, after, since, today)
    if found is None:
        return False
    school = after.circumstances.school
    uow.record(
        outbound.history_corrected(school.urn, found.what, found.from_date, found.until),
        key=school_key(school.authority, school.urn),
        because=cause,
        sensitivity=Sensitivity.RESTRICTED,
        told=told,
    )
    return True
