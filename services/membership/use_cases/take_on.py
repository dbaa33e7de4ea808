"""Taking on an authority: its areas, bodies, people and offices as they stand when it begins.

State, not news: what exists is published, and nobody reacts as if somebody had just come to speak for a school. What is
sent on a later day is news like any other change, but for the schools that begin with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.body import Body, Membership
from services.membership.domain.governors import ChairOfGovernors
from services.membership.domain.office import Term
from services.membership.store import authorities, bodies, policies, representation
from services.membership.store.authorities import Desk
from services.membership.store.people import Person
from services.membership.store.schools import lock_trusts, schools, schools_of_trusts
from services.membership.use_cases import offices
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.governors import take_on_chairs
from services.membership.use_cases.headships import terms_begun
from services.membership.use_cases.hold import hold
from services.membership.use_cases.keep_register import place_schools
from services.membership.use_cases.reroute import Change, reroute
from services.membership.use_cases.take_on_people import take_on_bodies, take_on_desks, take_on_people
from services.membership.use_cases.take_on_places import take_on_places
from services.membership.use_cases.take_on_posts import (
    take_on_allocations,
    take_on_contacts,
    take_on_heads,
    take_on_terms,
)
from shared.messaging.cause import Cause
from shared.store import UnitOfWork


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
    await take_on_desks(uow, code, given.desks)
    taken.people, notes = await take_on_people(uow, code, given.people)
    new_bodies, further = await take_on_bodies(uow, given.bodies)
    taken.bodies, taken.notes = len(new_bodies), [*notes, *further]
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
    taken.headships = await take_on_heads(uow, code, given.headships)
    taken.offices = await take_on_terms(uow, given.terms, locked)
    beginning = await _schools_that_begin(uow, touched, code, new_bodies, begins=begins)
    taken.allocations, allocated = await take_on_allocations(uow, given.allocations, beginning)
    taken.trust_contacts = await take_on_contacts(uow, given.trust_contacts)
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
