"""Schools join and leave bodies."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.body import Body, Membership
from services.membership.domain.school import School
from services.membership.store import bodies
from services.membership.store.due import Due, put_off, were_put_off
from services.membership.store.schools import schools
from shared.contracts.envelope import body_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story

JOINS, LEAVES = "school-joins", "school-leaves"


async def tell_members(uow: UnitOfWork, of: Mapping[UUID, Body], new: Sequence[Membership]) -> None:
    """Publish who joined and left by today; what lies ahead is told on its day."""
    later = []
    for each in sorted(new, key=lambda each: (each.from_date, str(each.body_id), each.urn)):
        cause = Cause.story()
        subject = f"{each.body_id}/{each.urn}"
        if each.from_date <= uow.today:
            tell_joined(uow, of[each.body_id], each, cause)
        else:
            later.append(Due(JOINS, subject, each.from_date))
        if each.until is None or goes_on(each, new):
            continue
        if each.until <= uow.today:
            tell_left(uow, of[each.body_id], each, each.until, cause)
        else:
            later.append(Due(LEAVES, subject, each.until))
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
    held = defaultdict(list)
    for each in await bodies.members(uow, ids):
        held[f"{each.body_id}/{each.urn}"].append(each)
    register = await schools(uow, {item.subject.split("/")[1] for item in items})
    for item in items:
        for each in held[item.subject]:
            if _begins_too_late(each, register.get(each.urn)):
                continue
            with story("member.day") as cause:
                if item.kind == JOINS and each.from_date == item.on:
                    tell_joined(uow, of[each.body_id], each, cause)
                if item.kind == LEAVES and each.until == item.on and not goes_on(each, held[item.subject]):
                    tell_left(uow, of[each.body_id], each, item.on, cause)


def _begins_too_late(place: Membership, school: School | None) -> bool:
    return school is not None and school.closed_by(place.from_date)


async def tell_begun_while_closed(uow: UnitOfWork, closed: Mapping[str, School]) -> None:
    """These schools, as the register had them, are open again: what was not told of their places is told now."""
    if not closed:
        return
    places = [each for each in await bodies.members_of_schools(uow, closed) if each.holds_on(uow.today)]
    joins = {each: Due(JOINS, f"{each.body_id}/{each.urn}", each.from_date) for each in places}
    waited = await were_put_off(uow, list(joins.values()))  # any other was told when it was entered
    begun = [each for each in places if _begins_too_late(each, closed[each.urn]) and joins[each] in waited]
    of = await bodies.bodies(uow, {each.body_id for each in begun})
    for each in sorted(begun, key=lambda each: (str(each.body_id), each.urn)):
        tell_joined(uow, of[each.body_id], each, Cause.story())


def goes_on(place: Membership, places: Iterable[Membership]) -> bool:
    """Whether the school stays in the body, which begins or ceases to lead it on that day: nobody hears that it left."""
    here = (place.body_id, place.urn, place.until)
    return any((each.body_id, each.urn, each.from_date) == here for each in places)


def tell_joined(uow: UnitOfWork, body: Body, membership: Membership, cause: Cause) -> None:
    uow.record(outbound.school_joined_body(membership), key=body_key(body.authority, body.body_id), because=cause)


def tell_left(uow: UnitOfWork, body: Body, membership: Membership, left_on: date, cause: Cause) -> None:
    uow.record(
        outbound.school_left_body(membership, left_on), key=body_key(body.authority, body.body_id), because=cause
    )
