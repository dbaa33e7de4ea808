"""What of a part of a take-on is not known yet. What is known otherwise is refused, with what would change it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.body import Membership, parts_of, whole
from services.membership.domain.in_post import name_of, words_of
from services.membership.domain.office import Term
from services.membership.domain.taken_on import new_among
from services.membership.store import bodies, people
from services.membership.store.corrections import HEADSHIP, MEMBERSHIP, TRUST_CONTACT, corrected
from shared.store import UnitOfWork

Fact = TypeVar("Fact", Headship, TrustContact, Membership)


async def new_headships(uow: UnitOfWork, given: Sequence[Headship], held: Iterable[Headship]) -> list[Headship]:
    return new_among(
        given,
        held,
        await people.headships_before(uow, [each.person_id for each in given]),
        await _corrected(uow, HEADSHIP, given, name_of),
        key=name_of,
        words=words_of,
        cure="end it (`consortia headship end`) or correct it (`consortia headship correct`)",
    )


async def new_trust_contacts(
    uow: UnitOfWork, given: Sequence[TrustContact], held: Iterable[TrustContact]
) -> list[TrustContact]:
    return new_among(
        given,
        held,
        await people.trust_contacts_before(uow, [each.trust_id for each in given]),
        await _corrected(uow, TRUST_CONTACT, given, name_of),
        key=name_of,
        words=words_of,
        cure="end it (`consortia trust-contact end`) or correct it (`consortia trust-contact correct`)",
    )


async def new_memberships(uow: UnitOfWork, given: Sequence[Membership], held: Sequence[Membership]) -> list[Membership]:
    """Which body leads is named by an officer or follows from the others, and is not compared: a place counts whole."""

    def name(place: Membership) -> str:
        return f"{place.body_id}/{place.urn}/{place.from_date}"

    lead = {name(each): each.lead for each in given}
    return new_among(
        given,
        [replace(whole(parts_of(held, each)), lead=lead.get(name(each), each.lead)) for each in held],
        [
            replace(each, lead=lead.get(name(each), each.lead))
            for each in await bodies.members_before(uow, [each.urn for each in given])
        ],
        await _corrected(uow, MEMBERSHIP, given, name),
        key=name,
        words=lambda each: f"The place of {each.urn} in {each.body_id}",
        cure="enter that the school leaves (`consortia school leave`), or correct its place (`consortia correction place`)",
    )


async def new_allocations(
    uow: UnitOfWork, given: Sequence[Allocation], known: Iterable[Allocation]
) -> list[Allocation]:
    return new_among(
        given,
        known,
        await people.allocations_before(uow, [each.allocation_id for each in given]),
        lambda each: False,
        key=lambda each: each.allocation_id,
        words=lambda each: f"The allocation {each.allocation_id} of {each.urn}",
        cure="end it, or correct it (`consortia correction fact allocations`)",
    )


async def new_terms(uow: UnitOfWork, given: Sequence[Term], held: Iterable[Term]) -> list[Term]:
    """By which route, and under which id of the office, is not compared: a part doesn't say it."""

    def said(term: Term) -> Term:
        return replace(term, office_id=term.body_id, route="taken-on")

    entered = {each.term_id: each for each in given}
    new = new_among(
        [said(each) for each in given],
        [said(each) for each in held],
        [said(each) for each in await bodies.terms_before(uow, entered)],
        lambda each: False,
        key=lambda each: each.term_id,
        words=lambda each: f"The term of office {each.term_id}",
        cure="end it, or correct it (`consortia correction fact offices`)",
    )
    return [entered[each.term_id] for each in new]


async def _corrected(
    uow: UnitOfWork, kind: str, given: Sequence[Fact], name: Callable[[Fact], str]
) -> Callable[[Fact], bool]:
    found = await corrected(uow, kind, [name(each) for each in given])
    return lambda each: name(each) in found
