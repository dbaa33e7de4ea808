"""The schools as they know themselves: without what they were not told of, and with everything else (R0.8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.membership.domain.category import ROUTES_AS
from services.membership.domain.known import as_the_school_knows
from services.membership.domain.routing_policy import Matter
from services.membership.domain.standing import Facts, Standing
from services.membership.store import queries, representation
from services.membership.store.answers import AS_TOLD, Record, Recorded
from services.membership.store.withheld import untold, withheld_of
from shared.store import UnitOfWork


@dataclass(frozen=True)
class AsTold:
    """What a school that has something to be told was told last, and the facts as it knows them."""

    before: Recorded
    facts: Facts


async def as_told_of(uow: UnitOfWork, facts: Mapping[str, Facts], days: Mapping[str, date]) -> dict[str, AsTold]:
    """Those of these schools that have something to be told; of most days none, and then one statement says so."""
    waiting = sorted(await withheld_of(uow, list(facts)))
    if not waiting:
        return {}
    before = await representation.recorded(uow, waiting, AS_TOLD)
    unknown = await untold(uow, {urn: days[urn] for urn in before})
    return {urn: AsTold(before[urn], as_the_school_knows(facts[urn], unknown[urn], days[urn])) for urn in before}


async def has_its_first_answer_to_come(uow: UnitOfWork, urn: str, known: Standing, day: date, record: Record) -> bool:
    """Whether nobody was named to the school yet, and its category is none that published outcomes give: then it hears from
    an officer first who speaks for it (R0.8), and till then it is answered as if nothing were recorded.

    ``known``: where it stands on the day that is asked for, by what it knows.
    """
    if known.general is None or known.category_is_public:
        return False
    told_last = (await representation.recorded(uow, [urn], record)).get(urn)
    if told_last is not None and told_last.general is not None:
        return False
    return await queries.speaker(uow, urn, Matter.GENERAL, day, record) is None


async def routes_as_told(uow: UnitOfWork, urn: str, known: Standing, day: date, record: Record) -> int:
    """As which category the school routes as far as it may know: one that published outcomes don't give counts as it was told
    last; and before it was told who speaks for it, what is published (R0.8).

    ``known``: where it stands on that day, by what it knows.
    """
    if known.general is None or known.category_is_public:
        return known.category.routes_as
    if await has_its_first_answer_to_come(uow, urn, known, day, record):
        return known.public_category.routes_as
    told_last = (await representation.recorded(uow, [urn], record))[urn]
    return ROUTES_AS if told_last.category is None else told_last.category
