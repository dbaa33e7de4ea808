"""Who heads which school: told from the day on which it is so, since a head hears of her school before others (R0.8)."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from services.membership import outbound
from services.membership.domain.appointment import Headship
from services.membership.domain.office import Term
from services.membership.domain.school import School
from services.membership.store import bodies, due, people
from services.membership.store.due import Due, put_off
from services.membership.store.schools import schools
from shared.contracts.envelope import body_key, school_key
from shared.contracts.registry import EventData
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story

BEGINS, ENDS, MOVES = "headship-begins", "headship-ends", "head-moves"

Headed = list[tuple[date, str | None]]  # of a term of office: from which day on it goes with which school


async def take_on_headships(uow: UnitOfWork, authority: str, new: Sequence[Headship]) -> None:
    """Tell of those that have begun or ended by today; what lies ahead is told on its day.

    The offices that these people hold already were told with the schools that were known: they go with these (W-31).
    """
    begun = [each for each in new if each.from_date <= uow.today]
    held = [
        (term, await schools_headed(uow, term)) for term in await terms_begun(uow, {each.person_id for each in begun})
    ]
    await people.add_headships(uow, new)
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
    for term, before in held:
        since = min(each.from_date for each in begun if each.person_id == term.person_id)
        await tell_school_of_office(uow, term, before, since, Cause.story())


async def tell_headships(
    uow: UnitOfWork, began: Sequence[Headship], ended: Sequence[tuple[Headship, date]], cause: Cause
) -> Cause:
    """Record these, each under its school, endings first. The cause of what follows: the last of these facts."""
    known = await schools(uow, {each.urn for each in [*began, *(each for each, _ in ended)]})
    return _told(uow, began, ended, cause, known)


def _told(
    uow: UnitOfWork,
    began: Sequence[Headship],
    ended: Sequence[tuple[Headship, date]],
    cause: Cause,
    known: Mapping[str, School],
) -> Cause:
    """Of schools that the register lacks nobody is told."""
    for each, ended_on in ended:
        if here := known.get(each.urn):
            cause = _ended(uow, each, ended_on, school_key(here.authority, each.urn), cause)
    for each in began:
        if here := known.get(each.urn):
            cause = _began(uow, each, school_key(here.authority, each.urn), cause)
    return cause


async def due_of(uow: UnitOfWork, person_id: UUID) -> list[Due]:
    """Of her headships: what has come and was told to nobody yet, since the day's turn isn't done."""
    return await due.of_person(uow, person_id, (MOVES, BEGINS, ENDS))


@dataclass(frozen=True)
class Known:
    """What the people hold of whom something is due, read once for all of them: a day may have hundreds."""

    held: Mapping[UUID, Sequence[Headship]]
    moves: Mapping[tuple[UUID, date], Sequence[tuple[str, str]]]  # from which school to which
    terms: Mapping[UUID, Sequence[Term]]
    schools: Mapping[str, School]


async def known_of(uow: UnitOfWork, items: Sequence[Due]) -> Known:
    of_heads = [item for item in items if item.kind in (BEGINS, ENDS)]
    if not of_heads:
        return Known({}, {}, {}, {})
    persons = {_person(item) for item in of_heads}
    held = defaultdict(list)
    for each in await people.headships(uow, people=persons):
        held[each.person_id].append(each)
    moves = defaultdict(list)
    for item in await due.put_off_on(uow, MOVES, {item.on for item in of_heads}):
        moves[_person(item), item.on].append(_from_and_to(item))
    terms = defaultdict(list)
    for term in await bodies.terms_of_people(uow, persons):
        terms[term.person_id].append(term)
    return Known(held, moves, terms, await schools(uow, {item.subject.split("/")[1] for item in of_heads}))


async def tell_due(uow: UnitOfWork, item: Due, known: Known) -> None:
    """What was put off for this day, unless its date was changed since, or her move of that day tells it."""
    urn = item.subject.split("/")[1]
    if _moves(item, urn, known):
        return
    mine = [each for each in known.held.get(_person(item), ()) if each.urn == urn]
    began = [each for each in mine if item.kind == BEGINS and each.from_date == item.on]
    ended = [(each, item.on) for each in mine if item.kind == ENDS and each.until == item.on]
    if began or ended:
        with story("headship.day") as cause:
            cause = _told(uow, began, ended, cause, known.schools)
            await _tell_offices(uow, item, cause, known)


def _person(item: Due) -> UUID:
    return UUID(item.subject.split("/")[0])


def _from_and_to(move: Due) -> tuple[str, str]:
    _, left, to_urn = move.subject.split("/")
    return left, to_urn


def _moves(item: Due, urn: str, known: Known) -> bool:
    """Whether she goes from that school to another one, or comes to it from another, on the day of the item."""
    moves = known.moves.get((_person(item), item.on), ())
    to_urns = [to_urn for left, to_urn in moves if urn == (left if item.kind == ENDS else to_urn)]
    return any(each.urn in to_urns and each.from_date == item.on for each in known.held.get(_person(item), ()))


async def _tell_offices(uow: UnitOfWork, item: Due, cause: Cause, known: Known) -> None:
    """Whatever office she holds goes with another school from that day on, or with none. Her move tells it by itself."""
    person_id = _person(item)
    headed = known.held.get(person_id, ())
    if item.kind == BEGINS and any(each.until == item.on for each in headed):
        return  # told with the end
    left = people.headed_on(headed, person_id, item.on - timedelta(days=1))
    now = people.headed_on(headed, person_id, item.on)
    if left == now:
        return
    for term in known.terms.get(person_id, ()):
        if term.held_on(item.on) and term.from_date < item.on:
            cause = await tell_that_office_moved(uow, term, left, now, item.on, cause)


# -- the school with which an office goes: its award is paid there (W-31) --


async def tell_that_office_moved(
    uow: UnitOfWork, term: Term, left: str | None, now: str | None, on: date, cause: Cause
) -> Cause:
    """It goes with another school from that day on, or with none. The cause of what follows."""
    return await _tell_of(uow, term, outbound.office_holder_moved_school(term, left, now, on), cause)


async def _tell_of(uow: UnitOfWork, term: Term, fact: EventData, cause: Cause) -> Cause:
    body = await bodies.body(uow, term.body_id)
    event_id = uow.record(fact, key=body_key(body.authority, body.body_id), because=cause)
    return replace(cause, causation_id=event_id)


async def terms_begun(uow: UnitOfWork, people_ids: Iterable[UUID]) -> list[Term]:
    """Their terms of office that have begun: what lies ahead was told to nobody."""
    return [term for term in await bodies.terms_of_people(uow, people_ids) if term.from_date <= uow.today]


async def schools_headed(uow: UnitOfWork, term: Term) -> Headed:
    """Which school the holder headed from which day of the term on, up to today."""
    headed = await people.headships(uow, people=[term.person_id])
    edges = {day for each in headed for day in (each.from_date, each.until) if day is not None}
    days = sorted(
        {term.from_date, *(day for day in edges if term.from_date < day <= uow.today and _in_office(term, day))}
    )
    found: Headed = []
    for day in days:
        urn = people.headed_on(headed, term.person_id, day)
        if not found or found[-1][1] != urn:
            found.append((day, urn))
    return found


def _in_office(term: Term, day: date) -> bool:
    return term.until is None or day < term.until


async def tell_schools_since(uow: UnitOfWork, term: Term, cause: Cause) -> Cause:
    """Of a term that is told when it has run for a while: with which other schools it went since its first day.

    What is due of the holder's headships by now is told by itself.
    """
    headed = await schools_headed(uow, term)
    if len(headed) == 1:
        return cause
    by_themselves = {item.on for item in await due_of(uow, term.person_id)}
    for (_, left), (day, now) in itertools.pairwise(headed):
        if day not in by_themselves:
            cause = await tell_that_office_moved(uow, term, left, now, day, cause)
    return cause


async def tell_school_of_office(uow: UnitOfWork, term: Term, before: Headed, since: date, cause: Cause) -> Cause:
    """The office's school is another one from today on; or it was another one on days that have gone."""
    after = await schools_headed(uow, term)
    if after == before:
        return cause
    if since == uow.today and term.held_on(since):
        return await tell_that_office_moved(uow, term, before[-1][1], after[-1][1], since, cause)
    return await _tell_of(uow, term, outbound.office_corrected(term, term, after, uow.today), cause)


def _began(uow: UnitOfWork, headship: Headship, key: str, cause: Cause) -> Cause:
    event_id = uow.record(outbound.headship_began(headship), key=key, because=cause)
    return replace(cause, causation_id=event_id)


def _ended(uow: UnitOfWork, headship: Headship, ended_on: date, key: str, cause: Cause) -> Cause:
    event_id = uow.record(outbound.headship_ended(headship, ended_on), key=key, because=cause)
    return replace(cause, causation_id=event_id)
