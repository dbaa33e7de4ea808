"""Answering who speaks for a school, and who is the contact of a body, with everything the answer rests on."""

from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.representation import Role, Speaker, contact
from services.membership.domain.routing_policy import Matter
from services.membership.domain.school import NotOpen, NotStateFunded
from services.membership.domain.standing import Facts, standing
from services.membership.store import bodies, queries
from services.membership.store.facts import facts_of
from services.membership.store.schools import school
from shared.refusal import Invalid, NotFound
from shared.store import UnitOfWork

DESKS = {Role.DUTY_DESK: "duty-desk", Role.IMPROVEMENT_DESK: "improvement-desk"}


class UnknownMatter(Invalid):
    def __init__(self, matter: str):
        super().__init__(f"{matter} is not a matter: enter general or inspection")


class NothingRecordedThen(NotFound):
    def __init__(self, urn: str, on: date, first: date | None):
        since = f"; the record begins on {first:%-d %B %Y}" if first else ""
        super().__init__(f"Nothing is recorded of who spoke for {urn} on {on:%-d %B %Y}{since}")


async def who_speaks(uow: UnitOfWork, urn: str, matter: str, on: date | None) -> dict[str, Any]:
    """Who speaks for a school on a day: for a past day as it was known then, with today's knowledge beside it."""
    if matter not in set(Matter):
        raise UnknownMatter(matter)
    day = on or uow.today
    here = await school(uow, urn)
    if not here.is_spoken_for():
        raise NotStateFunded(urn, here.name)
    facts = (await facts_of(uow, {urn: day}))[urn]
    now = standing(facts, day)
    computed = now.general if matter == Matter.GENERAL else now.inspection
    answer = await queries.speaker(uow, urn, matter, day) if day <= uow.today else None
    if answer is None:
        if not here.open_on(day):
            raise NotOpen(urn, here.name, day)
        if day < uow.today or computed is None:
            raise NothingRecordedThen(urn, day, await queries.first_answer(uow, urn))
        answer = _planned(facts, matter, day, computed, now.category.value)
    elif day < uow.today and computed is not None:
        answer["as_known_today"] = _short(computed)
    answer["on"] = day
    answer["routes_as"] = answer["category"] if answer["category"] is not None else 2
    answer["category_in_force"] = _category(facts, day)
    return await _with_address(uow, answer, here.authority)


async def category_of(uow: UnitOfWork, urn: str, on: date | None) -> dict[str, Any]:
    """The category in force on a day, by what is known today, with its facts."""
    day = on or uow.today
    here = await school(uow, urn)
    facts = (await facts_of(uow, {urn: day}))[urn]
    return {"urn": urn, "school_name": here.name, "on": day, **_category(facts, day)}


async def contact_of(uow: UnitOfWork, body_id: UUID, on: date | None, asked_by: UUID | None) -> dict[str, Any]:
    """The contact of a body for its member schools (W-15)."""
    day = on or uow.today
    body = await bodies.body(uow, body_id)
    is_open = body.opened_on <= day and (body.closed_on is None or day < body.closed_on)
    found = contact(await bodies.terms(uow, [body_id]), body_id, day, asked_by=asked_by, body_open=is_open)
    answer = {"body_id": body_id, "body_name": body.name, "on": day, **_short(found)}
    return await _with_address(uow, answer, body.authority)


def _category(facts: Facts, day: date) -> dict[str, Any]:
    now = standing(facts, day)
    category = now.category
    return {
        "category": category.value,
        "routes_as": category.routes_as,
        "because": category.because.value,
        "because_ref": category.ref,
        "sentence": category.sentence(),
        "true_from": category.true_from,
        "inherited_from": category.inherited_from,
        "facts": category.facts,
        "policy": category.policy.name,
        "policy_version": category.policy.version,
        "inherit": category.policy.inherit.value,
        "restricted": category.restricted,
        "public_category": now.public_category.value,
    }


def _short(speaker: Speaker) -> dict[str, Any]:
    return {
        "role": speaker.role.value,
        "rule": speaker.rule,
        "reason": speaker.reason,
        "office_id": speaker.office_id,
        "body_id": speaker.body_id,
        "trust_id": speaker.trust_id,
        "person_id": speaker.person_id,
    }


def _planned(facts: Facts, matter: str, day: date, speaker: Speaker, category: int | None) -> dict[str, Any]:
    """What today's knowledge gives for a day to come, or for today before its first look."""
    around = facts.circumstances
    return {
        "urn": around.school.urn,
        "school_name": around.school.name,
        "authority": around.school.authority,
        "matter": matter,
        **_short(speaker),
        "body_name": None,
        "trust_name": around.school.trust_name if speaker.trust_id else None,
        "category": category,
        "policy": around.policy.name,
        "policy_version": around.policy.version,
        "valid_from": day,
        "valid_until": None,
        "recorded_at": None,
        "planned": True,
    }


async def _with_address(uow: UnitOfWork, answer: dict[str, Any], authority: str) -> dict[str, Any]:
    """Whom to ring: the person where one is named, else the desk's mailbox and telephone."""
    answer["person"] = await queries.person(uow, answer["person_id"])
    desk = DESKS.get(Role(answer["role"]))
    answer["desk"] = await queries.desk(uow, authority, desk) if desk else None
    return answer
