"""Taking on an authority: its areas, bodies, people and offices as they stand when it begins.

State, not news: what exists is published, and nobody reacts as if somebody had just come to speak for a school. What is
sent on a later day is news like any other change, but for the schools that begin with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain import office
from services.membership.domain.appointment import Allocation, Headship, TrustContact, allocate, must_not_overlap
from services.membership.domain.body import Body, Membership
from services.membership.domain.governors import ChairOfGovernors
from services.membership.domain.in_post import CONTACT_CURE, HEADSHIP_CURE, words_of
from services.membership.domain.known import ALLOCATION_BEGINS, ALLOCATION_ENDS
from services.membership.domain.office import Term
from services.membership.store import authorities, bodies, people, policies, representation
from services.membership.store.authorities import Desk
from services.membership.store.due import Due, put_off
from services.membership.store.people import Person
from services.membership.store.schools import lock_trusts, schools, schools_of_trusts
from services.membership.store.withheld import withhold_facts
from services.membership.use_cases import offices
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.governors import take_on_chairs
from services.membership.use_cases.headships import take_on_headships, terms_begun
from services.membership.use_cases.hold import hold
from services.membership.use_cases.keep_register import place_schools
from services.membership.use_cases.known_already import (
    new_allocations,
    new_headships,
    new_terms,
    new_trust_contacts,
)
from services.membership.use_cases.reroute import Change, reroute
from services.membership.use_cases.take_on_places import take_on_places
from shared.contracts.envelope import body_key, person_key, school_key
from shared.messaging.cause import Cause
from shared.refusal import Invalid
from shared.store import UnitOfWork


class NotARandomId(Invalid):
    def __init__(self, person_id: UUID):
        super().__init__(f"{person_id} is not a UUID of version 4: a person's id must not show when it was made")


class TermIdIsTaken(Invalid):
    def __init__(self, entry: int, term_id: UUID):
        super().__init__(
            f"offices[{entry}].term_id: {term_id} is already the id of another term of office. Give this term an id of its "
            "own, or leave the entry out. Nothing was taken on."
        )


@dataclass(frozen=True)
class TakenOn:
    """What comes in. The offices of terms and bodies are filled in here."""

    authority: str
    authority_name: str | None = None
    region: str | None = None
    routing_policy: str | None = None
    districts: Sequence[tuple[str, str]] = ()
    desks: Sequence[Desk] = ()
    people: Sequence[Person] = ()
    bodies: Sequence[Body] = ()
    headships: Sequence[Headship] = ()
    terms: Sequence[Term] = ()
    memberships: Sequence[Membership] = ()
    allocations: Sequence[Allocation] = ()
    trust_contacts: Sequence[TrustContact] = ()
    chairs_of_governors: Sequence[ChairOfGovernors] = ()


@dataclass
class Taken:
    """How many of each kind were new, and what else is worth knowing."""

    people: int = 0
    bodies: int = 0
    headships: int = 0
    offices: int = 0
    memberships: int = 0
    allocations: int = 0
    trust_contacts: int = 0
    chairs_of_governors: int = 0
    schools_placed: int = 0
    notes: list[str] = field(default_factory=list)  # what is known otherwise and stays
    touched: set[str] = field(default_factory=set)


async def take_on(uow: UnitOfWork, given: TakenOn) -> Taken:
    """Take over whatever is not known yet. Everything that was taken on before stays as it is."""
    taken = Taken()
    code = given.authority
    await authorities.save_authority(uow, code, name=given.authority_name, region=given.region)
    await authorities.lock_policies(uow, code)
    await authorities.save_areas(uow, code, given.districts)
    await _desks(uow, given)
    await _people(uow, given, taken)
    new_bodies = await _bodies(uow, given, taken)
    taken.bodies = len(new_bodies)
    # Locks in the order that everybody keeps: bodies, trusts, schools.
    body_ids = {each.body_id for each in given.terms} | {each.body_id for each in given.memberships}
    offices_of = await terms_begun(uow, {each.person_id for each in given.headships})
    locked = await bodies.lock(uow, body_ids | {each.body_id for each in offices_of})
    for each in offices_of:
        await offices.bring_up_to_today(uow, locked[each.body_id])
    locked = {body_id: body for body_id, body in locked.items() if body_id in body_ids}
    await lock_trusts(uow, {each.trust_id for each in given.trust_contacts})
    # To be placed in an area is quiet: before all else, or what this part changes for an old school were quiet with it.
    taken.schools_placed = await place_schools(uow, code)
    policy_changed = given.routing_policy is not None and await policies.choose_routing_policy(
        uow, code, given.routing_policy
    )
    touched = {each.urn for each in given.headships} | {each.urn for each in given.memberships}
    touched |= {each.urn for each in given.allocations} | {each.urn for each in given.chairs_of_governors}
    touched |= set(await bodies.led_schools(uow, locked, date.min))
    touched |= set(await schools_of_trusts(uow, {each.trust_id for each in given.trust_contacts}))
    touched |= set(await authorities.schools_of(uow, code)) if policy_changed else set()
    await hold(uow, touched)
    begins = await authorities.record_begins_today(uow, code)
    since = _since(given, uow.today)
    past = {} if begins else await remember(uow, touched, since)
    taken.memberships = await take_on_places(uow, given.memberships, locked)
    await _headships(uow, given, taken)
    await _terms(uow, given, locked, taken)
    beginning = await _schools_that_begin(uow, touched, code, new_bodies, begins=begins)
    allocated = await _allocations(uow, given, taken, beginning)
    await _trust_contacts(uow, given, taken)
    taken.chairs_of_governors = await take_on_chairs(uow, given.chairs_of_governors)
    # An act inside the council like any other: the school hears of it first (R0.8).
    await reroute(uow, allocated, Change("allocation", allocated, restricted=True))
    await _look_again(uow, touched, beginning)
    await correct_past(uow, {urn: facts for urn, facts in past.items() if urn not in beginning}, since, {})
    taken.touched = touched
    return taken


def _since(given: TakenOn, today: date) -> date:
    """The first day on which anything that comes in was so."""
    spans = (given.headships, given.terms, given.memberships, given.allocations, given.trust_contacts)
    return min((each.from_date for span in spans for each in span), default=today)


async def _schools_that_begin(
    uow: UnitOfWork, touched: set[str], code: str, new_bodies: set[UUID], *, begins: bool
) -> set[str]:
    """The authority's schools for which what comes in is state: for all others it is news, like any other change.

    All of them on the day on which the authority begins, in however many parts it is sent. Later only those that come
    with new bodies: whose places are all in these, and for which nobody has spoken before.
    """
    own = {urn for urn, each in (await schools(uow, touched)).items() if each.authority == code}
    if begins:
        return own
    if not new_bodies:
        return set()
    places = await bodies.members_of_schools(uow, own)
    settled = {each.urn for each in places if each.body_id not in new_bodies}
    settled |= await representation.spoken_for(uow, own)
    return {each.urn for each in places} - settled


async def _look_again(uow: UnitOfWork, touched: set[str], beginning: set[str]) -> None:
    causes = {urn: Cause.story() for urn in touched}
    for urns, is_state in ((beginning, True), (touched - beginning, False)):
        if urns:
            await reroute(uow, urns, Change("body", causes, take_on=is_state))


async def _desks(uow: UnitOfWork, given: TakenOn) -> None:
    """A desk is written to at its own mailbox, whoever looks after it that day (W-16)."""
    if not given.desks:
        return
    known = {desk.desk: desk.reached for code, desk in await authorities.desks(uow) if code == given.authority}
    for desk in given.desks:
        if known.get(desk.desk) != desk.reached:
            said = outbound.desk_recorded(given.authority, desk.desk, *desk.reached)
            uow.record(said, key=person_key(given.authority, said.person_id), because=Cause.story())
    await authorities.save_desks(uow, given.authority, given.desks)


async def _people(uow: UnitOfWork, given: TakenOn, taken: Taken) -> None:
    known = {each.person_id: each for each in await people.people(uow, [each.person_id for each in given.people])}
    own = {each.person_id: each for each in known.values() if each.authority == given.authority}
    taken.notes += [_another_address(each) for each in given.people if own.get(each.person_id, each) != each]
    new = [each for each in given.people if each.person_id not in known]
    for person in new:
        if person.person_id.version != 4:
            raise NotARandomId(person.person_id)
        uow.record(
            outbound.person_recorded(person.person_id, person.name, person.email, person.telephone),
            key=person_key(given.authority, person.person_id),
            because=Cause.story(),
        )
    await people.add_people(uow, new)
    taken.people = len(new)


def _another_address(given: Person) -> str:
    """Refused it is not: whoever sends a part again after a change of address has done nothing wrong."""
    return (
        f"Person {given.person_id} is known with another name, e-mail address or telephone number, which stay: change them "
        "with `consortia person change`, or POST /people/{id}/contact-details"
    )


async def _bodies(uow: UnitOfWork, given: TakenOn, taken: Taken) -> set[UUID]:
    known = await bodies.bodies(uow, [each.body_id for each in given.bodies])
    taken.notes += [
        f"{each.name} ({each.body_id}) is known with another name, kind, area, first day or award, which stay: no act "
        "changes them yet"
        for each in given.bodies
        if each.body_id in known and _described(each) != _described(known[each.body_id])
    ]
    new = [each for each in given.bodies if each.body_id not in known]
    await bodies.add_bodies(uow, new)
    for body in new:
        uow.record(outbound.body_recorded(body), key=body_key(body.authority, body.body_id), because=Cause.story())
    return {each.body_id for each in new}


def _described(body: Body) -> tuple[object, ...]:
    """What a part says of a body, but for its last day: that it closes is an act of its own."""
    return (body.kind, body.name, sorted(body.areas), body.opened_on, body.award_pence, body.award_year_starts)


async def _headships(uow: UnitOfWork, given: TakenOn, taken: Taken) -> None:
    held = await people.headships(uow, people=[each.person_id for each in given.headships])
    new = await new_headships(uow, given.headships, held)
    await people.must_be_known(uow, [each.person_id for each in new])
    must_not_overlap(((words_of(each), each.from_date, each.until) for each in [*held, *new]), HEADSHIP_CURE)
    await take_on_headships(uow, given.authority, new)
    taken.headships = len(new)


async def _terms(uow: UnitOfWork, given: TakenOn, locked: dict[UUID, Body], taken: Taken) -> None:
    held = await bodies.terms(uow, locked)
    known = {term.term_id: term.body_id for term in held}
    taken_ids = await bodies.known_terms(uow, {each.term_id for each in given.terms} - known.keys())
    for entry, each in enumerate(given.terms):
        if each.term_id in taken_ids or known.get(each.term_id, each.body_id) != each.body_id:
            raise TermIdIsTaken(entry, each.term_id)
        if each.term_id not in known:
            taken_ids.add(each.term_id)
    entered = [
        Term(
            each.term_id,
            locked[each.body_id].office_id(each.post),
            each.body_id,
            each.post,
            each.person_id,
            each.from_date,
            each.until,
            "taken-on",
        )
        for each in given.terms
    ]
    new = await new_terms(uow, entered, held)
    await people.must_be_known(uow, [each.person_id for each in new])
    for term in new:
        held.append(office.take_up([each for each in held if each.body_id == term.body_id], term))
    await bodies.add_terms(uow, new)
    await offices.keep_for_later(uow, new)
    for body_id in sorted({term.body_id for term in new}, key=str):
        mine = sorted((term for term in new if term.body_id == body_id), key=lambda term: term.from_date)
        begun = [term for term in mine if term.from_date <= uow.today]
        ended = [term for term in begun if term.until is not None and term.until <= uow.today]
        cause = await offices.tell_terms(uow, locked[body_id], begun, [], Cause.story())
        await offices.tell_terms(uow, locked[body_id], [], ended, cause)
    taken.offices = len(new)


async def _allocations(uow: UnitOfWork, given: TakenOn, taken: Taken, beginning: set[str]) -> dict[str, Cause]:
    """The schools that must hear first that somebody is allocated to them, each with the cause of what follows.

    For a school that begins with this part it is state.
    """
    known = await people.known_allocations(uow, [each.allocation_id for each in given.allocations])
    new = await new_allocations(uow, given.allocations, known.values())
    urns = {each.urn for each in new}
    await people.must_be_known(uow, [each.person_id for each in new])
    held = await people.allocations(uow, urns)
    headed = await people.headships(uow, urns=urns)
    for each in new:
        held.append(allocate(held, headed, each))
    await people.add_allocations(uow, new)
    later = [
        Due(ALLOCATION_BEGINS, str(each.allocation_id), each.from_date) for each in new if each.from_date > uow.today
    ]
    later += [
        Due(ALLOCATION_ENDS, str(each.allocation_id), each.until)
        for each in new
        if each.until is not None and each.until > uow.today
    ]
    await put_off(uow, later)
    known_schools = await schools(uow, urns)
    causes: dict[str, Cause] = {}
    for each in sorted(new, key=lambda each: (each.from_date, each.urn)):
        if each.from_date <= uow.today and each.urn in known_schools:
            key = school_key(known_schools[each.urn].authority, each.urn)
            cause = causes.get(each.urn) or Cause.story()
            told = each.urn in beginning
            event_id = uow.record(outbound.allocation_made(each), key=key, because=cause, told=told)
            if not told:
                causes[each.urn] = replace(cause, causation_id=event_id)
                await withhold_facts(
                    uow, each.urn, cause.correlation_id, ALLOCATION_BEGINS, [each.allocation_id], acted_on=uow.today
                )
    taken.allocations = len(new)
    return causes


async def _trust_contacts(uow: UnitOfWork, given: TakenOn, taken: Taken) -> None:
    held = await people.trust_contacts(uow, {each.trust_id for each in given.trust_contacts})
    new = await new_trust_contacts(uow, given.trust_contacts, held)
    await people.must_be_known(uow, [each.person_id for each in new])
    must_not_overlap(((words_of(each), each.from_date, each.until) for each in [*held, *new]), CONTACT_CURE)
    await people.add_trust_contacts(uow, new)
    taken.trust_contacts = len(new)
