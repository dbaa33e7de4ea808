"""Who speaks for every school of an authority on one day: one reading for all of them."""

from datetime import date
from typing import Any

from services.membership.domain.routing_policy import Matter
from services.membership.domain.standing import Facts, standing
from services.membership.store import bodies, queries
from services.membership.store.facts import facts_of
from services.membership.use_cases.who_speaks import planned
from shared.store import UnitOfWork


async def speakers_on(uow: UnitOfWork, authority: str, on: date) -> list[dict[str, Any]]:
    """What is stored, and what the facts give for schools with a date that has come since (decision 0017)."""
    with_a_date = set(await queries.schools_with_a_date(uow, authority, on))
    stored = [
        {**each, "as_of": on} for each in await queries.speakers(uow, authority, on) if each["urn"] not in with_a_date
    ]
    computed = [each for facts in (await facts_of(uow, with_a_date)).values() for each in _both(facts, on)]
    names = await bodies.names(uow, {each["body_id"] for each in computed if each["body_id"] is not None})
    for each in computed:
        each["body_name"] = names.get(each["body_id"])
    return sorted([*stored, *computed], key=lambda each: (each["urn"], each["matter"]))


def _both(facts: Facts, on: date) -> list[dict[str, Any]]:
    now = standing(facts, on)
    given = [(matter, now.speaker(matter)) for matter in Matter]
    return [planned(facts, matter.value, on, speaker, now.category.value) for matter, speaker in given if speaker]
