"""A head moves school; a system leader is allocated to a school, and the allocation ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain import appointment
from services.membership.domain.appointment import Allocation, AlreadyHeads, Headship
from services.membership.domain.known import ALLOCATION_BEGINS, ALLOCATION_ENDS
from services.membership.domain.school import must_not_be_closed
from services.membership.store import bodies, due, people
from services.membership.store.due import Due, put_off
from services.membership.store.schools import school
from services.membership.store.system_leaders import add_reason
from services.membership.use_cases import headships
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.headships import MOVES as MOVES
from services.membership.use_cases.headships import tell_headships, tell_that_office_moved
from services.membership.use_cases.hold import hold
from services.membership.use_cases.offices import bring_up_to_today
from services.membership.use_cases.reroute import Change, reroute
from services.membership.use_cases.restricted import tell_allocation
from services.membership.use_cases.system_leaders import look_against
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork
from shared.telemetry import story


@dataclass(frozen=True)
class Moved:
    person_id: UUID
    from_urn: str | None
    to_urn: str
    on: date


@dataclass(frozen=True)
class LeftByMove:
    """The schools that somebody would leave, or not come to, and the bodies in which she holds an office meanwhile."""

    urns: list[str]
    body_ids: list[UUID]


async def left_by_move(uow: UnitOfWork, person_id: UUID, *, on: date, from_urn: str | None) -> LeftByMove:
    """What a move touches beside the school to which it leads."""
    headed = [
        each for each in await people.headships(uow, people=[person_id]) if each.until is None or each.until >= on
    ]
    held = [each for each in await bodies.terms_of_person(uow, person_id) if each.until is None or each.until > on]
    urns = {each.urn for each in headed if from_urn in (None, each.urn) or each.from_date >= on}
    return LeftByMove(sorted(urns), sorted({each.body_id for each in held}, key=str))


async def move_head(uow: UnitOfWork, person_id: UUID, *, to_urn: str, on: date, from_urn: str | None = None) -> Moved:
    """A person heads another school from a day on; whatever office she holds goes with her.

    ``from_urn``: the school that she leaves, where she heads more than one. The others stay hers.
    """
    await school(uow, to_urn)
    await people.must_be_known(uow, [person_id])
    bodies_of = {term.body_id for term in await bodies.terms_of_person(uow, person_id)}
    locked = await bodies.lock(uow, bodies_of)
    urns: set[str] = set()
    wanted = {to_urn, *(each.urn for each in await people.headships(uow, people=[person_id]))}
    while newcomers := wanted - urns:  # somebody else may have moved her while we waited for the locks
        await hold(uow, newcomers)
        urns |= newcomers
        held = await people.headships(uow, people=[person_id])
        wanted = {to_urn, *(each.urn for each in held)}
    for body in locked.values():  # else an office that she has taken up would go with her before readers heard of it
        await bring_up_to_today(uow, body)
    await tell_due_of(uow, person_id)
    if appointment.heads(held, person_id, to_urn, on):
        raise AlreadyHeads(to_urn)
    left = appointment.leaves(held, person_id, on, from_urn)
    before = await remember(uow, urns, on)
    taken_back = await people.end_headship(uow, person_id, left, on)
    await people.add_headships(uow, [Headship(person_id, to_urn, on, None)])
    if on > uow.today:
        await put_off(uow, [Due(MOVES, f"{person_id}/{left or ''}/{to_urn}", on)])
    announced = [(each, each.from_date) for each in taken_back if each.from_date <= uow.today]
    cause = await tell_headships(uow, [], announced, uow.cause)
    left_before = any((each.urn, each.until) == (left, on) for each in held)  # by a move of the same day, as was told
    await tell_move(uow, Moved(person_id, left, to_urn, on), cause, also=urns, left_before=left_before)
    await correct_past(uow, before, on, {})
    return Moved(person_id, left, to_urn, on)


async def tell_due_of(uow: UnitOfWork, person_id: UUID) -> None:
    """What is due of her is told before she moves again, and before the day's turn is done: else readers would hear that
    she has left a school, and then that she came to it."""
    items = await due.claim(uow, await headships.due_of(uow, person_id))
    known = await headships.known_of(uow, items)
    for item in items:
        await (tell_due(uow, item) if item.kind == MOVES else headships.tell_due(uow, item, known))


async def tell_due(uow: UnitOfWork, item: Due) -> None:
    """A move that was put off for this day, unless its date was changed since."""
    person, left, to_urn = item.subject.split("/")
    held = await people.headships(uow, people=[UUID(person)])
    if not any(each.urn == to_urn and each.from_date == item.on for each in held):
        return
    with story("head.moves") as cause:
        await tell_move(uow, Moved(UUID(person), left or None, to_urn, item.on), cause, item.on)


async def tell_move(
    uow: UnitOfWork,
    moved: Moved,
    cause: Cause,
    day: date | None = None,
    also: Iterable[str] = (),
    *,
    left_before: bool = False,
) -> None:
    """On the day of the move: who heads which school, the offices that moved along, and both schools looked at again.

    ``also``: further schools that she heads or was to head.
    """
    day = day or uow.today
    if moved.on <= day:
        mine = await people.headships(uow, people=[moved.person_id])
        began = [each for each in mine if (each.urn, each.from_date) == (moved.to_urn, moved.on)]
        ended = [(each, moved.on) for each in mine if (each.urn, each.until) == (moved.from_urn, moved.on)]
        ended = [] if left_before else ended
        cause = await tell_headships(uow, began, ended, cause)
        for term in await bodies.terms_of_person(uow, moved.person_id):
            if term.held_on(day):
                cause = await tell_that_office_moved(uow, term, moved.from_urn, moved.to_urn, moved.on, cause)
    urns = sorted({urn for urn in (moved.from_urn, moved.to_urn, *also) if urn})
    await reroute(uow, urns, Change("office", dict.fromkeys(urns, cause), days=dict.fromkeys(urns, day)))


async def allocate_system_leader(
    uow: UnitOfWork,
    urn: str,
    *,
    person_id: UUID,
    from_date: date,
    until: date | None,
    reason: str | None = None,
    by: str = "",
) -> Allocation:
    """A system leader is allocated to a school, never to one that she heads (W-18). Restricted.

    ``reason`` is kept where she has too many schools or belongs to the school's own trust.
    """
    here = await school(uow, urn)
    await hold(uow, [urn])
    must_not_be_closed(await school(uow, urn), from_date)
    await people.must_be_known(uow, [person_id])
    new = appointment.allocate(
        await people.allocations(uow, [urn]),
        await people.headships(uow, urns=[urn]),
        Allocation(new_id(), urn, person_id, from_date, until),
    )
    against = await look_against(uow, new, here, reason)
    before = await remember(uow, [urn], from_date)
    await people.add_allocations(uow, [new])
    if against and reason:
        await add_reason(uow, new.allocation_id, against, reason=reason, given_by=by)
    later = [Due(ALLOCATION_BEGINS, str(new.allocation_id), from_date)] if from_date > uow.today else []
    later += [Due(ALLOCATION_ENDS, str(new.allocation_id), until)] if until and until > uow.today else []
    await put_off(uow, later)
    await tell_allocation(uow, new, here.authority, uow.cause, ended=False)
    if until is not None and until <= uow.today:  # recorded when it was over already
        await tell_allocation(uow, new, here.authority, uow.cause, ended=True)
    await correct_past(uow, before, from_date, {})
    return new


async def end_allocation(uow: UnitOfWork, allocation_id: UUID, *, ended_on: date) -> Allocation:
    found = await people.allocation(uow, allocation_id)
    here = await school(uow, found.urn)
    await hold(uow, [found.urn])
    ended = appointment.end_allocation(await people.allocation(uow, allocation_id), ended_on)
    before = await remember(uow, [found.urn], ended_on)
    await people.end_allocation(uow, ended)
    if ended_on > uow.today:
        await put_off(uow, [Due(ALLOCATION_ENDS, str(allocation_id), ended_on)])
    await tell_allocation(uow, ended, here.authority, uow.cause, ended=True)
    await correct_past(uow, before, ended_on, {})
    return ended
