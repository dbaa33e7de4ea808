"""Taking on who is in post: heads, holders of office, system leaders and the people of trusts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from services.membership import outbound
from services.membership.domain import office
from services.membership.domain.appointment import Allocation, Headship, TrustContact, allocate, must_not_overlap
from services.membership.domain.body import Body
from services.membership.domain.in_post import CONTACT_CURE, HEADSHIP_CURE, words_of
from services.membership.domain.known import ALLOCATION_BEGINS, ALLOCATION_ENDS
from services.membership.domain.office import Term
from services.membership.store import bodies, people
from services.membership.store.due import Due, put_off
from services.membership.store.schools import schools
from services.membership.store.withheld import withhold_facts
from services.membership.use_cases import offices
from services.membership.use_cases.headships import take_on_headships
from services.membership.use_cases.known_already import (
    new_allocations,
    new_headships,
    new_terms,
    new_trust_contacts,
)
from services.membership.use_cases.tell_lines import tell_contacts
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause
from shared.refusal import Invalid
from shared.store import UnitOfWork


class TermIdIsTaken(Invalid):
    def __init__(self, entry: int, term_id: UUID):
        super().__init__(
            f"offices[{entry}].term_id: {term_id} is already the id of another term of office. Give this term an id of its "
            "own, or leave the entry out. Nothing was taken on."
        )


async def take_on_heads(uow: UnitOfWork, authority: str, given: Sequence[Headship]) -> int:
    """How many of these headships were new."""
    held = await people.headships(uow, people=[each.person_id for each in given])
    new = await new_headships(uow, given, held)
    await people.must_be_known(uow, [each.person_id for each in new])
    must_not_overlap(((words_of(each), each.from_date, each.until) for each in [*held, *new]), HEADSHIP_CURE)
    await take_on_headships(uow, authority, new)
    return len(new)


async def take_on_terms(uow: UnitOfWork, given: Sequence[Term], locked: Mapping[UUID, Body]) -> int:
    """How many of these terms of office were new. The offices are those of the locked bodies."""
    held = await bodies.terms(uow, locked)
    known = {term.term_id: term.body_id for term in held}
    taken_ids = await bodies.known_terms(uow, {each.term_id for each in given} - known.keys())
    for entry, each in enumerate(given):
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
        for each in given
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
    return len(new)


async def take_on_allocations(
    uow: UnitOfWork, given: Sequence[Allocation], beginning: set[str]
) -> tuple[int, dict[str, Cause]]:
    """How many were new; and the schools that must hear first of it, each with the cause of what follows.

    For a school that begins with this part it is state.
    """
    known = await people.known_allocations(uow, [each.allocation_id for each in given])
    new = await new_allocations(uow, given, known.values())
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
    return len(new), causes


async def take_on_contacts(uow: UnitOfWork, given: Sequence[TrustContact]) -> int:
    """How many of these posts at trusts were new."""
    held = await people.trust_contacts(uow, {each.trust_id for each in given})
    new = await new_trust_contacts(uow, given, held)
    await people.must_be_known(uow, [each.person_id for each in new])
    must_not_overlap(((words_of(each), each.from_date, each.until) for each in [*held, *new]), CONTACT_CURE)
    await people.add_trust_contacts(uow, new)
    await tell_contacts(uow, {each.trust_id for each in new})
    return len(new)
