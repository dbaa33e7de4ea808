"""Who speaks for every school of an authority on one day: one reading for all of them."""

from datetime import date
from typing import Any

from services.membership.domain.routing_policy import Matter
from services.membership.domain.standing import standing
from services.membership.store import bodies, queries
from services.membership.store.facts import facts_of
from services.membership.use_cases.given import Seen, planned, recorded
from shared.store import UnitOfWork


async def speakers_on(uow: UnitOfWork, authority: str, on: date) -> list[dict[str, Any]]:
    """What is stored, and what the facts give for schools with a date that has come since (decision 0017)."""
    first = await queries.first_dates(uow, authority)
    stored = {(each["urn"], each["matter"]): each for each in await queries.speakers(uow, authority, on)}
    with_a_date = {urn for urn, day in first.items() if day <= on}
    last = {urn for (urn, _), each in stored.items() if each["valid_until"] is None}
    facts = await facts_of(uow, with_a_date | (last & first.keys()))
    seen = {urn: Seen(known, first[urn], uow.today) for urn, known in facts.items()}
    given = [
        recorded(seen[urn], each, on) if urn in seen else {**each, "as_of": on}
        for (urn, _), each in stored.items()
        if urn not in with_a_date
    ]
    now = {urn: standing(seen[urn].facts, on) for urn in with_a_date}
    speak = [speaker for each in now.values() for speaker in (each.general, each.inspection) if speaker is not None]
    names = await bodies.names(uow, {each.body_id for each in speak if each.body_id is not None})
    for urn in with_a_date:
        for matter in Matter:
            answer = planned(seen[urn], matter, on, now[urn], stored.get((urn, matter.value)), names)
            given += [answer] if answer is not None else []
    return sorted(given, key=lambda each: (each["urn"], each["matter"]))
