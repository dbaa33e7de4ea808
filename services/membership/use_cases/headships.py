"""Who heads which school: told from the day on which it is so, since a head hears of her school before others (R0.8)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.membership import outbound
from services.membership.domain.appointment import Headship
from services.membership.store import bodies, people
from services.membership.store.due import Due, put_off, put_off_for
from services.membership.store.schools import schools
from shared.contracts.envelope import body_key, school_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story

BEGINS, ENDS, MOVES = "headship-begins", "headship-ends", "head-moves"


async def take_on_headships(uow: UnitOfWork, authority: str, new: Sequence[Headship]) -> None:
    """Tell of those that have begun or ended by today; what lies ahead is told on its day."""
    later = []
    for each in sorted(new, key=lambda each: (each.from_date, each.urn, str(each.person_id))):
        cause = Cause.story()
        key = school_key(authority, each.urn)
        subject = f"{each.person_id}/{each.urn}"
        if each.from_date <= uow.today:
            cause = _began(uow, each, key, cause)
        else:
            later.append(Due(BEGINS, subject, each.from_date))
        if each.until is not None and each.until <= uow.today:
            _ended(uow, each, each.until, key, cause)
        elif each.until is not None:
            later.append(Due(ENDS, subject, each.until))
    await put_off(uow, later)


async def tell_headships(
    uow: UnitOfWork, began: Sequence[Headship], ended: Sequence[tuple[Headship, date]], cause: Cause
) -> Cause:
    """Record these, each under its school, endings first. The cause of what follows: the last of these facts."""
    known = await schools(uow, {each.urn for each in [*began, *(each for each, _ in ended)]})
    keys: Mapping[str, str] = {urn: school_key(here.authority, urn) for urn, here in known.items()}
    for each, ended_on in ended:
        if each.urn in keys:
            cause = _ended(uow, each, ended_on, keys[each.urn], cause)
    for each in began:
        if each.urn in keys:
            cause = _began(uow, each, keys[each.urn], cause)
    return cause


async def tell_due(uow: UnitOfWork, item: Due) -> None:
    """What was put off for this day, unless its date was changed since, or her move of that day tells it."""
    person, urn = item.subject.split("/")
    held = await people.headships(uow, people=[UUID(person)])
    if item.kind == ENDS and await _moves(uow, item, held):
        return
    mine = [each for each in held if each.urn == urn]
    began = [each for each in mine if item.kind == BEGINS and each.from_date == item.on]
    ended = [(each, item.on) for each in mine if item.kind == ENDS and each.until == item.on]
    if began or ended:
        with story("headship.day", urn=urn) as cause:
            cause = await tell_headships(uow, began, ended, cause)
            await _tell_offices(uow, UUID(person), item, cause)


async def _moves(uow: UnitOfWork, ends: Due, held: Sequence[Headship]) -> bool:
    """Whether she goes from that school to another one on the day on which she was to leave it."""
    to_urns = {subject.split("/")[2] for subject in await put_off_for(uow, MOVES, f"{ends.subject}/", ends.on)}
    return any(each.urn in to_urns and each.from_date == ends.on for each in held)


async def _tell_offices(uow: UnitOfWork, person_id: UUID, item: Due, cause: Cause) -> None:
    """Whatever office she holds goes with another school from that day on, or with none. Her move tells it by itself."""
    headed = await people.headships(uow, people=[person_id])
    if item.kind == BEGINS and any(each.until == item.on for each in headed):
        return  # told with the end
    left = people.headed_on(headed, person_id, item.on - timedelta(days=1))
    now = people.headed_on(headed, person_id, item.on)
    if left == now:
        return
    for term in await bodies.terms_of_person(uow, person_id):
        if term.held_on(item.on) and term.from_date < item.on:
            body = await bodies.body(uow, term.body_id)
            fact = outbound.office_holder_moved_school(term, left, now, item.on)
            event_id = uow.record(fact, key=body_key(body.authority, body.body_id), because=cause)
            cause = replace(cause, causation_id=event_id)


def _began(uow: UnitOfWork, headship: Headship, key: str, cause: Cause) -> Cause:
    event_id = uow.record(outbound.headship_began(headship), key=key, because=cause)
    return replace(cause, causation_id=event_id)


def _ended(uow: UnitOfWork, headship: Headship, ended_on: date, key: str, cause: Cause) -> Cause:
    event_id = uow.record(outbound.headship_ended(headship, ended_on), key=key, because=cause)
    return replace(cause, causation_id=event_id)
