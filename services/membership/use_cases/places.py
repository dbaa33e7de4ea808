"""Schools join and leave bodies, and officers name the body that leads: dated, and at most once whatever is sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.membership.domain.body import Body, Membership, parts_of, whole
from services.membership.domain.continuity import (
    AlreadyAMember,
    BelongsAgain,
    BelongsUntilAnotherDay,
    LeavesBeforeItJoins,
    NotAMember,
    lead_by_default,
    led_from,
)
from services.membership.domain.school import must_not_be_closed
from services.membership.store import bodies, due
from services.membership.store import continuity as kept
from services.membership.store.due import Due, put_off
from services.membership.store.schools import schools
from services.membership.use_cases import members
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.hold import hold
from services.membership.use_cases.reroute import Change, reroute
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
    until = around.bodies[body_id].last_until(from_date, until)
    joined = [] if same is not None else [Membership(body_id, urn, from_date, until, lead=False)]
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
    after = [each for each in parts if each.from_date >= left_on]  # it led or ceased to lead when the school had left
    await kept.take_back_members(uow, [(each.body_id, each.urn, each.from_date) for each in [*planned, *after]])
    for each in after:
        if each.from_date <= uow.today:
            members.tell_left(uow, around.bodies[body_id], each, each.from_date, uow.cause)
    held = [each for each in around.held if each not in planned and each not in after]
    if there is not None:
        await _end(uow, around.bodies[body_id], there, left_on)
        held = [_until(each, left_on) if each is there else each for each in held]
    around.held[:] = held
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


@dataclass(frozen=True)
class PlacesHeld:
    """The places of a school, locked with their bodies."""

    urn: str
    held: list[Membership]
    bodies: Mapping[UUID, Body]


async def hold_places(uow: UnitOfWork, urn: str, *body_ids: UUID) -> PlacesHeld:
    """Lock these bodies and the school's other bodies, then the school; tell what is due of its places; read afresh.

    Told later, before the day's turn is done, readers would hear that the school has left and then that it joined.
    """
    before = await bodies.members_of_schools(uow, [urn])
    locked = await bodies.lock(uow, {*body_ids, *(each.body_id for each in before)})
    await hold(uow, [urn])
    subjects = [f"{body_id}/{urn}" for body_id in locked]
    await members.tell_due(uow, await due.claim(uow, await due.of(uow, subjects, (members.JOINS, members.LEAVES))))
    held = sorted(await bodies.members_of_schools(uow, [urn]), key=lambda each: (each.from_date, str(each.body_id)))
    return PlacesHeld(urn, [each for each in held if each.body_id in locked], locked)


async def led(uow: UnitOfWork, around: PlacesHeld, held: Sequence[Membership], since: date) -> list[Membership]:
    """The memberships with one that leads on every day from then on: the named one, else that of the highest phase."""
    named = await kept.named_leads(uow, around.urn)
    ends = {day for each in held for day in (each.from_date, each.until) if day is not None and day > since}
    led = list(held)
    for day in sorted({since, *(day for day, _ in named if day > since), *ends}):
        there = {each.body_id: around.bodies[each.body_id].kind for each in led if each.holds_on(day)}
        chosen = next((body_id for on, body_id in reversed(named) if on <= day and body_id in there), None)
        leads = chosen or lead_by_default(there)
        if leads is not None:
            led = led_from(led, leads, day)
    return led


async def write_places(uow: UnitOfWork, around: PlacesHeld, wanted: Sequence[Membership]) -> None:
    """Write what differs; first what no longer leads, since one body leads at a time. Tell what is so by today."""
    before = {(each.body_id, each.from_date): each for each in around.held}
    changed = [each for each in wanted if before.get((each.body_id, each.from_date)) not in (each, None)]
    ends = [each for each in changed if each.until != before[each.body_id, each.from_date].until]
    turned = [each for each in changed if each.lead != before[each.body_id, each.from_date].lead]
    new = [each for each in wanted if (each.body_id, each.from_date) not in before]
    await kept.end_members(uow, [(each.body_id, each.urn, each.from_date, each.until) for each in ends])
    for lead in (False, True):
        await kept.lead_members(uow, [each for each in turned if each.lead is lead])
        await bodies.add_members(uow, [each for each in new if each.lead is lead])
    later = []
    for each in sorted([*new, *turned], key=lambda each: (each.from_date, each.lead, str(each.body_id))):
        if each.from_date <= uow.today:
            members.tell_joined(uow, around.bodies[each.body_id], each, uow.cause)
        else:
            later.append(Due(members.JOINS, f"{each.body_id}/{each.urn}", each.from_date))
        if each.until is None or members.goes_on(each, wanted):
            continue
        if each.until > uow.today:
            later.append(Due(members.LEAVES, f"{each.body_id}/{each.urn}", each.until))
        elif each in new:  # recorded when it was over already
            members.tell_left(uow, around.bodies[each.body_id], each, each.until, uow.cause)
    await put_off(uow, later)
    await reroute(uow, [around.urn], Change("body", {around.urn: uow.cause}))


async def _end(uow: UnitOfWork, body: Body, membership: Membership, left_on: date) -> None:
    """Told, or put off for its day; where another part began on that day, that one has been told never to have been."""
    if membership.until != left_on:
        await kept.end_members(uow, [(membership.body_id, membership.urn, membership.from_date, left_on)])
    elif left_on <= uow.today:
        return
    if left_on <= uow.today:
        members.tell_left(uow, body, membership, left_on, uow.cause)
    else:
        await put_off(uow, [Due(members.LEAVES, f"{body.body_id}/{membership.urn}", left_on)])


def place_on(held: Sequence[Membership], body_id: UUID, on: date) -> Membership | None:
    return next((each for each in held if each.body_id == body_id and each.holds_on(on)), None)


def _until(membership: Membership, until: date) -> Membership:
    return Membership(membership.body_id, membership.urn, membership.from_date, until, membership.lead)


def taken(membership: Membership, *, changed: bool) -> PlaceTaken:
    return PlaceTaken(
        membership.body_id, membership.urn, membership.from_date, membership.until, membership.lead, changed
    )
