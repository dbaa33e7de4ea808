"""The whole reasoning behind an answer: who speaks for a school on a day, as it was known on another (R0.4)."""

from datetime import date
from typing import Any

from services.membership.domain.routing_policy import Matter
from services.membership.domain.school import NotKnownThen, UnknownSchool
from services.membership.domain.standing import standing
from services.membership.store import queries, schools
from services.membership.store.facts import facts_of
from services.membership.use_cases.given import named
from services.membership.use_cases.reasoning import steps_to
from services.membership.use_cases.who_speaks import category_answer
from shared.clock import london_date
from shared.refusal import Invalid
from shared.store import UnitOfWork


class NotKnownYet(Invalid):
    def __init__(self, known: date, today: date):
        super().__init__(
            f"{known:%-d %B %Y} has not come, so nobody can say what is known then: enter {today:%-d %B %Y} or an earlier day"
        )


async def explain(uow: UnitOfWork, urn: str, on: date | None, known: date | None) -> dict[str, Any]:
    """Who speaks on both matters on a day, by what was known at the end of another, step by step.

    Beside it stands what was answered on that day itself. Of a day ``to_come`` it is what is planned for it, and ``note`` says
    so. Raises NotKnownThen where the register did not have the school by then, UnknownSchool where it has it not to this day.
    """
    day, as_known = on or uow.today, known or uow.today
    if as_known > uow.today:
        raise NotKnownYet(as_known, uow.today)
    found = await facts_of(uow, [urn], known=as_known)
    if urn not in found:
        since = await schools.known_since(uow, urn)
        raise UnknownSchool(urn) if since is None else NotKnownThen(urn, as_known, london_date(since))
    facts = found[urn]
    now = standing(facts, day)
    answered = {matter.value: await _answered(uow, urn, matter, day) for matter in Matter}
    return {
        "urn": urn,
        "school_name": facts.circumstances.school.name,
        "authority": facts.circumstances.school.authority,
        "on": day,
        "known": as_known,
        "to_come": day > uow.today,
        "note": _to_come(day, as_known, uow.today) if day > uow.today else None,
        "category": await category_answer(uow, now),
        "general": await named(uow, urn, now.general),
        "inspection": await named(uow, urn, now.inspection),
        "answered_then": answered,
        "steps": await steps_to(uow, facts, now, day, as_known),
    }


def _to_come(day: date, known: date, today: date) -> str:
    by_then = f"was known by {known:%-d %B %Y}" if known < today else f"is known today, {today:%-d %B %Y},"
    return (
        f"{day:%-d %B %Y} has not come: this is what {by_then} to apply on it. Whatever is entered, published or imported until "
        "then may change it"
    )


async def _answered(uow: UnitOfWork, urn: str, matter: Matter, day: date) -> dict[str, Any] | None:
    """None where nobody was named that day, or it has not come."""
    found = await queries.speaker(uow, urn, matter.value, day) if day <= uow.today else None
    return {**found, "person": await queries.person(uow, found["person_id"])} if found is not None else None
