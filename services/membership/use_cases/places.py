"""Schools join and leave bodies, and officers name the body that leads: dated, and at most once whatever is sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.membership.domain.body import Membership, parts_of, whole
from services.membership.domain.closing import PLACE, EndedWith
from services.membership.domain.continuity import (
    AlreadyAMember,
    BelongsAgain,
    BelongsUntilAnotherDay,
    LeavesBeforeItJoins,
    NotAMember,
    lead_by_default,
)
from services.membership.domain.school import must_not_be_closed
from services.membership.store import bodies
from services.membership.store import continuity as kept
from services.membership.store.ended import forget_planned, note_ends
from services.membership.store.schools import schools
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.places_held import hold_places, led, write_places
from shared.store import UnitOfWork

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PlaceTaken:
    """The school's place in the body after the change. ``changed`` False: it was so already."""

    body_id: UUID
    urn: str
    from_date: date
    until: date | None
    lead: bool
    changed: bool


async def join(
    uow: UnitOfWork,
    body_id: UUID,
    urn: str,
    *,
    from_date: date,
    until: date | None = None,
    lead: bool | None = None,
    by: str,
) -> PlaceTaken:
    """A school belongs to a body from a day on. ``lead`` None: the body of its highest phase leads (R0.3)."""
    around = await hold_places(uow, urn, body_id)
    same = place_on(around.held, body_id, from_date)
    parts = [] if same is None else parts_of(around.held, same)
    if same is not None and same.from_date == from_date:
        entered = whole(parts)
        if until is not None and until != entered.until:
            raise BelongsUntilAnotherDay(urn, around.bodies[body_id].name, entered.from_date, entered.until)
        if lead is None:
            return taken(same, changed=False)
    if same is None and (joining := (await schools(uow, [urn])).get(urn)) is not None:
        must_not_be_closed(joining, from_date)
    for each in around.held:
        overlaps = (until is None or each.from_date < until) and (each.until is None or from_date < each.until)
        if each.body_id == body_id and overlaps and each not in parts:
            raise AlreadyAMember(urn, around.bodies[body_id].name, each.from_date)
    if same is not None and same.from_date != from_date:
        raise AlreadyAMember(urn, around.bodies[body_id].name, same.from_date)
    if until is not None and until <= from_date:
        raise LeavesBeforeItJoins(from_date, until)
    ends = around.bodies[body_id].last_until(from_date, until)
    if same is None and ends != until:
        await note_ends(uow, [EndedWith(body_id, PLACE, urn, from_date, until)])
    joined = [] if same is not None else [Membership(body_id, urn, from_date, ends, lead=False)]
    held = [*around.held, *joined]
    others = {each.body_id: around.bodies[each.body_id].kind for each in held if each.holds_on(from_date)}
    others.pop(body_id, None)
    named = body_id if lead else lead_by_default(others) if lead is False else None
    if named is not None:
        await kept.name_lead(uow, urn, named, from_date, by)
    wanted = await led(uow, around, held, from_date)
    if same is not None and set(wanted) == set(around.held):
        return taken(same, changed=False)
    past = await remember(uow, [urn], from_date)
    await write_places(uow, around, wanted)
    await correct_past(uow, past, from_date, {urn: uow.cause})
    found = place_on(await bodies.members_of_schools(uow, [urn]), body_id, from_date)
    assert found is not None
    return taken(found, changed=True)


async def leave(uow: UnitOfWork, body_id: UUID, urn: str, *, left_on: date) -> PlaceTaken:
    """A school no longer belongs to a body from a day on. Where that body led, the one of the highest phase left does."""
    around = await hold_places(uow, urn, body_id)
    mine = [each for each in around.held if each.body_id == body_id]
    there = place_on(mine, body_id, left_on - A_DAY)
    parts = parts_of(mine, there) if there is not None else []
    planned = [each for each in mine if each.from_date >= left_on and each not in parts]
    if there is not None and whole(parts).until == left_on and not planned:
        return taken(there, changed=False)
    begun = [each.from_date for each in planned if each.from_date <= uow.today]
    if begun and there is not None:
        raise BelongsAgain(urn, around.bodies[body_id].name, whole(parts), begun[0])
    if begun:
        raise LeavesBeforeItJoins(begun[0], left_on)
    if there is None and not planned:
        raise NotAMember(urn, around.bodies[body_id].name, left_on)
    past = await remember(uow, [urn], left_on)
    await forget_planned(uow, body_id, urn, left_on)
    over = [*planned, *(each for each in parts if each.from_date >= left_on)]  # it led, or ceased to, when it had left
    held = [_until(each, left_on) if each is there else each for each in around.held if each not in over]
    await write_places(uow, around, await led(uow, around, held, left_on))
    await correct_past(uow, past, left_on, {urn: uow.cause})
    return taken(_until(there or planned[0], left_on), changed=True)


async def name_lead_body(uow: UnitOfWork, urn: str, body_id: UUID, *, from_date: date, named_by: str) -> PlaceTaken:
    """Another body than that of the highest phase leads a school in two, from a day on (R0.3)."""
    around = await hold_places(uow, urn, body_id)
    place = place_on(around.held, body_id, from_date)
    if place is None:
        raise NotAMember(urn, around.bodies[body_id].name, from_date)
    await kept.name_lead(uow, urn, body_id, from_date, named_by)
    wanted = await led(uow, around, around.held, from_date)
    if set(wanted) == set(around.held):
        return taken(place, changed=False)
    past = await remember(uow, [urn], from_date)
    await write_places(uow, around, wanted)
    await correct_past(uow, past, from_date, {urn: uow.cause})
    found = place_on(wanted, body_id, from_date)
    assert found is not None
    return taken(found, changed=True)


def place_on(held: Sequence[Membership], body_id: UUID, on: date) -> Membership | None:
    return next((each for each in held if each.body_id == body_id and each.holds_on(on)), None)


def _until(membership: Membership, until: date) -> Membership:
    return Membership(membership.body_id, membership.urn, membership.from_date, until, membership.lead)


def taken(membership: Membership, *, changed: bool) -> PlaceTaken:
    return PlaceTaken(
        membership.body_id, membership.urn, membership.from_date, membership.until, membership.lead, changed
    )
