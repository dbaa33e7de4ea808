"""Answering who speaks for a school, with everything the answer rests on."""

from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.appointment import whom_to_ring
from services.membership.domain.override import overriding
from services.membership.domain.representation import OVERRIDE, Role, Speaker
from services.membership.domain.routing_policy import Matter
from services.membership.domain.school import NotOpen, NotStateFunded
from services.membership.domain.standing import Facts, Standing, next_change, standing
from services.membership.store import bodies, queries, representation
from services.membership.store.answers import AS_IS, Record
from services.membership.store.facts import facts_of
from services.membership.store.overrides import override_in_force
from services.membership.store.schools import school, schools
from services.membership.use_cases.as_told import Knows, standing_as_told, what_it_knows
from services.membership.use_cases.given import Seen, named, nobody, planned, recorded, with_address
from shared.refusal import Invalid, NotFound
from shared.store import UnitOfWork


class UnknownMatter(Invalid):
    def __init__(self, matter: str):
        super().__init__(f"{matter} is not a matter: enter general or inspection")


class NothingRecordedThen(NotFound):
    def __init__(self, urn: str, on: date, first: date | None):
        super().__init__(_nothing_recorded(urn, on, first))


def _nothing_recorded(urn: str, on: date, first: date | None) -> str:
    """``first``: the first day on which somebody was named for the school."""
    if first is not None and first <= on:
        return f"Nobody spoke for {urn} on {on:%-d %B %Y}: as far as was known then, it was not an open state-funded school"
    since = f"; the record begins on {first:%-d %B %Y}" if first else ""
    return f"Nothing is recorded of who spoke for {urn} on {on:%-d %B %Y}{since}"


async def who_speaks(
    uow: UnitOfWork, urn: str, matter: str, on: date | None, *, to_the_school: bool = False
) -> dict[str, Any]:
    """Who speaks for a school on a day: for a past day as it was known then, with today's knowledge beside it (R0.4).

    Where nobody did then, or nobody does by today's knowledge, one of the two says so; where neither names anybody it is refused.
    ``to_the_school``: the answer for somebody of the school, who doesn't hear what the school was not told (R0.8).
    """
    if matter not in set(Matter):
        raise UnknownMatter(matter)
    day = on or uow.today
    here = await school(uow, urn)
    facts = (await facts_of(uow, [urn]))[urn]
    record, now = AS_IS, standing(facts, day)
    if to_the_school:
        knows, now = await _as_told(uow, facts, day)
        record, facts = knows.record, knows.facts
    computed = now.speaker(Matter(matter))
    # A head is answered as was told last; a date that has come since counts for officers at once (decision 0017).
    first = await _first_date(uow, facts, record, max(day, uow.today), to_the_school=to_the_school)
    seen = Seen(facts, first, uow.today)
    stored = await queries.speaker(uow, urn, matter, day, record)
    is_stored = day <= uow.today and (to_the_school or seen.known_to(day) == day)
    if stored is not None and is_stored:
        answer = recorded(seen, stored, day)
    else:
        if not here.is_spoken_for():
            raise NotStateFunded(urn, here.name)
        if not here.open_on(day):
            raise NotOpen(urn, here.name, day, await _continuing(uow, urn, day))
        to_come = planned(seen, Matter(matter), day, now, stored, await _names(uow, computed))
        if to_come is None:
            raise NothingRecordedThen(urn, day, await queries.first_answer(uow, urn, record))
        nobody_then = day < uow.today and is_stored
        answer = await _nobody(uow, seen, matter, day, record) if nobody_then else to_come
    if day < uow.today:
        answer["as_known_today"] = await named(uow, urn, computed)
    answer["on"] = day
    if answer["role"] is not None:
        answer["routes_as"] = answer["category"] if answer["category"] is not None else 2
    answer["category_in_force"] = await category_answer(uow, now)
    if answer["rule"] == OVERRIDE:
        known = overriding(facts.circumstances.overrides, Matter(matter), day)
        until = {"until": known.until} if known is not None else None  # why, and who decided it, stays in the council
        answer["override"] = until if to_the_school else await override_in_force(uow, urn, matter, day)
    if answer["role"] == Role.TRUST:
        answer["contacts"] = await _of_the_trust(uow, facts, answer["trust_id"], day)
    return await with_address(uow, answer, here.authority)


async def _nobody(uow: UnitOfWork, seen: Seen, matter: str, day: date, record: Record) -> dict[str, Any]:
    """Of a day that has gone and on which nobody was named, whatever is known today (R0.4)."""
    urn = seen.facts.circumstances.school.urn
    why = _nothing_recorded(urn, day, await queries.first_answer(uow, urn, record))
    since, until = await queries.between_answers(uow, urn, matter, day, record)
    return nobody(seen, Matter(matter), day, why, since, until)


async def _of_the_trust(uow: UnitOfWork, facts: Facts, trust_id: str, day: date) -> list[dict[str, Any]]:
    """Whom to ring where a trust speaks, whoever is recorded."""
    around = facts.circumstances
    held = whom_to_ring(around.trust_contacts, around.headships, trust_id, around.school.urn, day)
    return [{"post": each.post, "person": await queries.person(uow, each.person_id)} for each in held]


async def _continuing(uow: UnitOfWork, urn: str, day: date) -> list[str]:
    """The open schools that continue this one, by name: whoever asks for the old number looks for one of them."""
    known = await schools(uow, await representation.heirs(uow, [urn]))
    return [f"{each.name} ({each.urn})" for _, each in sorted(known.items()) if each.open_on(day)]


async def _first_date(
    uow: UnitOfWork, facts: Facts, record: Record, up_to: date, *, to_the_school: bool
) -> date | None:
    """The first date among the facts that the stored answer does not know, as far as it matters up to that day."""
    urn = facts.circumstances.school.urn
    if not to_the_school:
        return (await representation.dates_to_come(uow, [urn], up_to)).get(urn)
    # From the facts that it knows: the store's own next date may be that of an act inside the council (R0.8).
    settled_on = (await representation.recorded(uow, [urn], record))[urn].settled_on
    return next_change(facts, settled_on) if settled_on is not None else None


async def _names(uow: UnitOfWork, speaker: Speaker | None) -> dict[UUID, str]:
    """What the body is called whose officer speaks."""
    return await bodies.names(uow, [speaker.body_id]) if speaker is not None and speaker.body_id is not None else {}


async def category_of(uow: UnitOfWork, urn: str, on: date | None, *, to_the_school: bool = False) -> dict[str, Any]:
    """The category in force on a day, by what is known today, with its facts."""
    day = on or uow.today
    here = await school(uow, urn)
    facts = (await facts_of(uow, [urn]))[urn]
    now = standing(facts, day)
    if to_the_school:
        _, now = await _as_told(uow, facts, day)
    return {"urn": urn, "school_name": here.name, "on": day, **await category_answer(uow, now)}


async def _as_told(uow: UnitOfWork, facts: Facts, day: date) -> tuple[Knows, Standing]:
    """What the school may know, and where it stands by that. Raises NothingRecordedThen before it was told of anybody."""
    knows = await what_it_knows(uow, facts)
    now = await standing_as_told(uow, knows, day)
    if now is None:
        raise NothingRecordedThen(facts.urn, day, await queries.first_answer(uow, facts.urn, knows.record))
    return knows, now


async def category_answer(uow: UnitOfWork, now: Standing) -> dict[str, Any]:
    category = now.category
    name_of_inherited: str | None = None
    if category.inherited_from is not None:
        found = await schools(uow, [category.inherited_from])
        name_of_inherited = found[category.inherited_from].name if found else None
    return {
        "category": category.value,
        "routes_as": category.routes_as,
        "because": category.because.value,
        "because_ref": category.ref,
        "sentence": category.sentence(name_of_inherited),
        "true_from": category.true_from,
        "inherited_from": category.inherited_from,
        "inherited_from_name": name_of_inherited,
        "facts": category.facts,
        "policy": category.policy.name,
        "policy_version": category.policy.version,
        "inherit": category.policy.inherit.value,
        "restricted": not now.category_is_public,
        "public_category": now.public_category.value,
    }
