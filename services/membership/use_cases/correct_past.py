"""What a late fact changes of the past: told as a correction, which readers store and never act on (D3.10).

Who spoke for a school stays as it was known then; what is corrected is what today's knowledge would have given. Only days
on which the school was answered can be corrected, and every late fact corrects them, whatever it changes of today besides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.membership import outbound
from services.membership.domain.standing import Facts, corrected
from services.membership.store import representation
from services.membership.store.facts import facts_of
from services.membership.store.withheld import withheld_of, withhold
from shared.contracts.envelope import school_key
from shared.contracts.registry import Sensitivity
from shared.messaging.cause import Cause
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Late:
    """A school before something of an earlier day was learned, and since."""

    before: Facts
    after: Facts
    since: date  # the first day that may be seen otherwise
    cause: Cause

    @property
    def urn(self) -> str:
        return self.after.circumstances.school.urn


async def remember(uow: UnitOfWork, urns: Iterable[str], since: date) -> Mapping[str, Facts]:
    """The facts of locked schools before something of a day that has gone is written; nothing where it hasn't gone."""
    return await facts_of(uow, urns) if since < uow.today else {}


async def correct_past(uow: UnitOfWork, before: Mapping[str, Facts], since: date, causes: Mapping[str, Cause]) -> None:
    """Tell what has changed of the days from ``since`` until today, of the schools that were remembered."""
    if before:
        after = await facts_of(uow, before)
        await tell_corrections(
            uow, [Late(before[urn], facts, since, causes.get(urn) or uow.cause) for urn, facts in sorted(after.items())]
        )


async def tell_corrections(uow: UnitOfWork, learned: Iterable[Late]) -> None:
    """While a school has something to be told its correction waits too, or it would give that away (R0.8)."""
    late = [each for each in learned if each.since < uow.today]
    if not late:
        return
    urns = [each.urn for each in late]
    answered = await representation.answered_since(uow, urns)
    held_back = await withheld_of(uow, urns)
    told = [each for each in late if each.urn in answered and _tell(uow, each, answered[each.urn], held_back)]
    await withhold(uow, [(each.urn, each.cause.correlation_id, uow.today) for each in told if each.urn in held_back])


def _tell(uow: UnitOfWork, late: Late, answered_since: date, held_back: Sequence[str] | set[str]) -> bool:
    school = late.after.circumstances.school
    found = corrected(late.before, late.after, max(late.since, answered_since), uow.today)
    for each in found:
        uow.record(
            outbound.history_corrected(school.urn, each.what, each.from_date, each.until),
            key=school_key(school.authority, school.urn),
            because=late.cause,
            sensitivity=Sensitivity.RESTRICTED,
            told=school.urn not in held_back,
        )
    return bool(found)
