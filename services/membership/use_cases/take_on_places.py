"""Taking on the places of schools in bodies, and which of its bodies leads a school in several (R0.3)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from services.membership.domain.appointment import must_not_overlap
from services.membership.domain.body import Body, Membership
from services.membership.domain.continuity import lead_by_default
from services.membership.store import bodies
from services.membership.store.continuity import name_lead
from services.membership.store.schools import schools
from services.membership.use_cases import members
from services.membership.use_cases.known_already import new_memberships
from shared.refusal import Invalid
from shared.store import UnitOfWork


class NobodyLeads(Invalid):
    def __init__(self, urn: str, on: date):
        super().__init__(
            f"No body would lead {urn} on {on:%-d %B %Y}: send `lead: true` with one of its bodies on that day, whose chair "
            "counts for it. Nothing was taken on."
        )


async def take_on_places(uow: UnitOfWork, given: Sequence[Membership], locked: Mapping[UUID, Body]) -> int:
    """Schools belong to bodies. How many of these places were new."""
    held = await bodies.members_of_schools(uow, [each.urn for each in given])
    new = await new_memberships(uow, given, held)
    everybody = [*held, *new]
    must_not_overlap((f"The lead body of {each.urn}", each.from_date, each.until) for each in everybody if each.lead)
    must_not_overlap((f"The place of {each.urn} in {each.body_id}", each.from_date, each.until) for each in everybody)
    await _leads(uow, new, everybody)
    await bodies.add_members(uow, new)
    register = await schools(uow, {each.urn for each in new})
    await members.tell_members(uow, locked, new, everybody, register)
    return len(new)


async def _leads(uow: UnitOfWork, new: Sequence[Membership], everybody: Sequence[Membership]) -> None:
    """Of the bodies of a school one leads on every day (R0.3). Where it isn't that of the highest phase it is named, so
    that it leads on whatever else becomes of the school's places."""
    places = Counter(each.urn for each in everybody)
    in_several = [each for each in new if not each.lead or places[each.urn] > 1]
    if not in_several:
        return
    kinds = {each.body_id: each.kind for each in (await bodies.bodies(uow, {m.body_id for m in everybody})).values()}
    for each in in_several:
        mine = [other for other in everybody if other.urn == each.urn]
        turns = {other.until for other in mine if other.until is not None and each.holds_on(other.until)}
        for day in sorted({each.from_date, *turns}):
            there = [other for other in mine if other.holds_on(day)]
            leads = next((other.body_id for other in there if other.lead), None)
            if leads is None:
                raise NobodyLeads(each.urn, day)
            if leads != lead_by_default({other.body_id: kinds[other.body_id] for other in there}):
                await name_lead(uow, each.urn, leads, day, "taken on")
