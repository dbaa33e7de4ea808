"""Schools join and leave bodies."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.body import Body, Membership
from services.membership.domain.continuity import never_came
from services.membership.domain.school import School
from services.membership.store import bodies
from services.membership.store.due import Due, put_off, untold
from services.membership.store.schools import schools
from shared.contracts.envelope import body_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story

JOINS, LEAVES = "school-joins", "school-leaves"


async def tell_members(
    uow: UnitOfWork,
    of: Mapping[UUID, Body],
    new: Sequence[Membership],
    places: Collection[Membership],
    register: Mapping[str, School],
) -> None:
    """Publish who joined and left by today; what lies ahead is told on its day. ``places``: all of these schools."""
    later = []
    never = never_came(places, register)
    for each in sorted(new, key=lambda each: (each.from_date, str(each.body_id), each.urn)):
        cause = Cause.story()
        if each.from_date > uow.today:
            later.append(joining(each))
        elif each not in never:
            tell_joined(uow, of[each.body_id], each, cause)
        if each.until is None or goes_on(each, new):
            continue
        if each.until > uow.today:
            later.append(leaving(each, each.until))
        elif each not in never:
            tell_left(uow, of[each.body_id], each, each.until, cause)
    await put_off(uow, later)


async def tell_due(uow: UnitOfWork, items: Sequence[Due]) -> None:
    """The lists of the bodies change; the schools themselves are looked at with all that have a date on the day.

    A date that was changed after it had been put off no longer is the place's date: nothing happens on it. Nor does of a
    place that was to begin when its school has closed.
    """
    if not items:
        return
    ids = {UUID(item.subject.split("/")[0]) for item in items}
    of = await bodies.bodies(uow, ids)
    places = await bodies.members(uow, ids)
    never = never_came(places, await schools(uow, {item.subject.split("/")[1] for item in items}))
    held = defaultdict(list)
    for each in places:
        held[f"{each.body_id}/{each.urn}"].append(each)
    for item in items:
        for each in held[item.subject]:
            if each in never:
                continue
            with story("member.day") as cause:
                if item.kind == JOINS and each.from_date == item.on:
                    tell_joined(uow, of[each.body_id], each, cause)
                if item.kind == LEAVES and each.until == item.on and not goes_on(each, held[item.subject]):
                    tell_left(uow, of[each.body_id], each, item.on, cause)


async def tell_by_closings(uow: UnitOfWork, before: Mapping[str, School], now: Mapping[str, School]) -> None:
    """The register says of these schools otherwise when they closed: whoever was told of a place that was to begin only then
    is told that it never was, and of one that was told to nobody, that it is there or was, since the school had not closed.

    What still waits for its day's turn is told, or not, when that is done.
    """
    otherwise = [urn for urn, school in now.items() if _closing(before.get(urn)) != school.closed_on]
    places = await bodies.members_of_schools(uow, otherwise) if otherwise else []
    never_before, never = never_came(places, before), never_came(places, now)
    begun = [each for each in never_before ^ never if each.from_date <= uow.today]
    if not begun:
        return
    over = {
        each: leaving(each, each.until)
        for each in begun
        if each.until is not None and each.until <= uow.today and not goes_on(each, places)
    }
    waiting = await untold(uow, [*map(joining, begun), *over.values()])
    of = await bodies.bodies(uow, {each.body_id for each in begun})
    for each in sorted(begun, key=lambda each: (each.from_date, str(each.body_id), each.urn)):
        body, cause = of[each.body_id], Cause.story()
        if joining(each) in waiting:
            continue
        if each in never:  # as in every correction: what ends on the day on which it began never was
            tell_left(uow, body, each, each.from_date, cause)
            continue
        tell_joined(uow, body, each, cause)
        if each in over and over[each] not in waiting:
            tell_left(uow, body, each, over[each].on, cause)


def _closing(school: School | None) -> date | None:
    return school.closed_on if school is not None else None


def goes_on(place: Membership, places: Iterable[Membership]) -> bool:
    """Whether the school stays in the body, which begins or ceases to lead it on that day: nobody hears that it left."""
    here = (place.body_id, place.urn, place.until)
    return any((each.body_id, each.urn, each.from_date) == here for each in places)


def joining(place: Membership) -> Due:
    return Due(JOINS, f"{place.body_id}/{place.urn}", place.from_date)


def leaving(place: Membership, on: date) -> Due:
    return Due(LEAVES, f"{place.body_id}/{place.urn}", on)


def tell_joined(uow: UnitOfWork, body: Body, membership: Membership, cause: Cause) -> None:
    uow.record(outbound.school_joined_body(membership), key=body_key(body.authority, body.body_id), because=cause)


def tell_left(uow: UnitOfWork, body: Body, membership: Membership, left_on: date, cause: Cause) -> None:
    uow.record(
        outbound.school_left_body(membership, left_on), key=body_key(body.authority, body.body_id), because=cause
    )
