"""The schools as they know themselves: without what they were not told of, and with everything else (R0.8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.membership.domain.category import Because, Category
from services.membership.domain.known import Untold, as_the_school_knows
from services.membership.domain.routing_policy import Matter
from services.membership.domain.standing import Facts, Standing, standing, with_category
from services.membership.store import queries, representation
from services.membership.store.answers import AS_IS, AS_TOLD, Record, Recorded
from services.membership.store.facts import facts_of
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


async def _has_its_first_answer_to_come(uow: UnitOfWork, urn: str, known: Standing, day: date, record: Record) -> bool:
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


@dataclass(frozen=True)
class Knows:
    """What a school may know of itself: the record from which it is answered, and the facts without what it has to be told."""

    record: Record
    facts: Facts
    unknown: Untold


async def what_it_knows(uow: UnitOfWork, facts: Facts) -> Knows:
    unknown = (await untold(uow, {facts.urn: uow.today}))[facts.urn]
    record = AS_IS if unknown.since is None else AS_TOLD
    return Knows(record, as_the_school_knows(facts, unknown, uow.today), unknown)


async def standing_as_told(uow: UnitOfWork, knows: Knows, day: date) -> Standing | None:
    """Where the school stands on a day as far as it may know; None where it has to hear from an officer first who speaks for it.

    A category that published outcomes don't give counts once the school was told of it, whatever brought it: a link that comes
    late is public, and what officers left in force for the school before is not (R0.8). Of an entry that it knows it was told.
    """
    now, since = standing(knows.facts, day), knows.unknown.since
    if await _has_its_first_answer_to_come(uow, knows.facts.urn, now, day, knows.record):
        return None
    if now.general is None or now.category_is_public or now.category.restricted or (since is None and day < uow.today):
        return now
    before = await _before_it_waits(uow, knows, day)
    told = await _told_of(uow, knows, day, before or now.category)
    if told == now.category.value:
        return now
    alone = Category(told, Because.NOTHING, "", now.category.policy)  # where nothing that it may know says why
    category = before if before is not None and before.value == told else alone
    return with_category(knows.facts, now, category, day)


async def _told_of(uow: UnitOfWork, knows: Knows, day: date, before: Category) -> int | None:
    """The category of that day of which the school was told: what it was answered since it waits, and ``before`` of the days
    before."""
    since, urn = knows.unknown.since, knows.facts.urn
    answered = (
        await queries.speaker(uow, urn, Matter.GENERAL, min(day, uow.today), knows.record)
        if since is None or since <= day
        else None
    )
    told: int | None = answered["category"] if answered is not None else before.value
    return told


async def _before_it_waits(uow: UnitOfWork, knows: Knows, day: date) -> Category | None:
    """What was in force on a day by what the school was told before anything was held back from it, or by what it was told last.

    None where nothing was known of it then.
    """
    urn, since = knows.facts.urn, knows.unknown.since
    if since is None:
        settled_on = (await representation.recorded(uow, [urn], knows.record))[urn].settled_on
        return standing(knows.facts, settled_on).category if settled_on is not None else None
    then = await facts_of(uow, [urn], known=since - timedelta(days=1))
    if urn not in then:
        return None
    return standing(as_the_school_knows(then[urn], knows.unknown, uow.today), day).category
