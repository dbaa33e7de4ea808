"""Offices and allocations that were entered wrongly: corrected, or withdrawn since they never were (R0.4).

Corrections add: what had been entered stays among what was replaced, and who spoke for a school until now stays as it
was answered. From today on the corrected fact counts; what it changes of days that have gone is told as a correction
of history, which nobody acts on.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain import appointment, office
from services.membership.domain.appointment import Allocation
from services.membership.domain.body import Body
from services.membership.domain.known import ALLOCATION_BEGINS, ALLOCATION_CORRECTED, ALLOCATION_ENDS
from services.membership.domain.office import Correction, Term, UnknownTerm, must_have_reason
from services.membership.store import bodies, people
from services.membership.store.asks import Ask, ask, end_of_term
from services.membership.store.corrections import ALLOCATION, OFFICE, add_correction
from services.membership.store.due import Due, put_off, told_otherwise
from services.membership.store.schools import school
from services.membership.store.withheld import withhold_facts
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.hold import hold
from services.membership.use_cases.offices import (
    BEGINS,
    ENDS,
    MADE_ROOM,
    OfficeChanged,
    changed,
    hold_body,
    keep_for_later,
    look_at_members,
    tell_terms,
)
from services.membership.use_cases.reroute import Change, reroute
from services.membership.use_cases.restricted import tell_allocation
from shared.contracts.envelope import body_key, school_key
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork


async def correct_office(
    uow: UnitOfWork, term_id: UUID, correction: Correction, *, reason: str, corrected_by: str
) -> OfficeChanged:
    """Another person held the office, or on other days."""
    must_have_reason(reason)
    found = await bodies.term(uow, term_id)
    if correction.person_id is not None:
        await people.must_be_known(uow, [correction.person_id])
    since = min(found.from_date, correction.from_date or found.from_date)
    body, terms, before, still = await hold_body(uow, found.body_id, since)
    present = _present(terms, term_id)
    corrected = office.correct(terms, present, correction)
    made_room = await _made_room_for(uow, terms, present) if corrected.from_date != present.from_date else []
    await bodies.rewrite_term(uow, corrected)
    await add_correction(uow, OFFICE, term_id, withdrawn=False, reason=reason, corrected_by=corrected_by)
    untold = await _told_otherwise(uow, present)
    await keep_for_later(uow, [corrected])
    cause = await _tell_office(uow, body, present, corrected, begun_untold=BEGINS in untold)
    await look_at_members(uow, body, cause, still)
    await correct_past(uow, before, since, {})
    asked = await _ask_whether_they_went_on(uow, made_room, present, corrected.from_date)
    return replace(changed(corrected), asks=asked)


async def withdraw_office(uow: UnitOfWork, term_id: UUID, *, reason: str, withdrawn_by: str) -> OfficeChanged:
    """Nobody ever held the office in that term."""
    must_have_reason(reason)
    found = await bodies.term(uow, term_id)
    body, terms, before, still = await hold_body(uow, found.body_id, found.from_date)
    present = _present(terms, term_id)
    made_room = await _made_room_for(uow, terms, present)
    await bodies.remove_term(uow, term_id)
    await add_correction(uow, OFFICE, term_id, withdrawn=True, reason=reason, corrected_by=withdrawn_by)
    await _told_otherwise(uow, present)
    cause = await _tell_office(uow, body, present, None)
    await look_at_members(uow, body, cause, still)
    await correct_past(uow, before, present.from_date, {})
    return replace(changed(present), asks=await _ask_whether_they_went_on(uow, made_room, present, None))


async def _made_room_for(uow: UnitOfWork, terms: list[Term], present: Term) -> list[Term]:
    reasons = await bodies.end_reasons(uow, [term.term_id for term in terms])
    return office.ended_for(terms, present, {term_id for term_id, why in reasons.items() if why in MADE_ROOM})


async def _ask_whether_they_went_on(
    uow: UnitOfWork, ended: list[Term], of: Term, began_on: date | None
) -> tuple[str, ...]:
    """A slip may be in the day, in the person, or in that there was a change at all: what it ended no one can guess.

    The officer reads it in the answer. The desk is asked by the school that the holder headed, until the end is another.
    """
    headed = await people.headships(uow, people=[each.person_id for each in ended]) if ended else []
    said, asks = [], []
    for each in ended:
        said.append(office.whether_it_went_on(each, of, began_on))
        urn = people.headed_on(headed, each.person_id, of.from_date)
        if urn is not None:
            asks.append(Ask(new_id(), end_of_term(each.term_id), urn, of.from_date, said[-1]))
    await ask(uow, asks)
    return tuple(said)


def _present(terms: list[Term], term_id: UUID) -> Term:
    """The term as it is now that its body is locked."""
    present = next((term for term in terms if term.term_id == term_id), None)
    if present is None:
        raise UnknownTerm(term_id)
    return present


async def _told_otherwise(uow: UnitOfWork, present: Term) -> set[str]:
    """What could not be told of the term on its days waits for nobody any longer (docs/decisions/0021)."""
    ends = [Due(ENDS, str(present.term_id), present.until)] if present.until is not None else []
    return await told_otherwise(uow, [Due(BEGINS, str(present.term_id), present.from_date), *ends])


async def _tell_office(
    uow: UnitOfWork, body: Body, told: Term, corrected: Term | None, *, begun_untold: bool = False
) -> Cause:
    """What lay ahead was told to nobody, and stays ours alone; what was told is put right."""
    if corrected is not None and corrected.from_date > uow.today:
        corrected = None
    if told.from_date <= uow.today and not (begun_untold and corrected is not None):
        schools = await schools_headed(uow, corrected) if corrected is not None else []
        fact = outbound.office_corrected(told, corrected, schools, uow.today)
        event_id = uow.record(fact, key=body_key(body.authority, body.body_id))
        return replace(uow.cause, causation_id=event_id)
    if corrected is None:
        return uow.cause
    cause = await tell_terms(uow, body, [corrected], [], uow.cause)
    over = corrected.until is not None and corrected.until <= uow.today
    return await tell_terms(uow, body, [], [corrected], cause) if over else cause


async def schools_headed(uow: UnitOfWork, term: Term) -> list[tuple[date, str | None]]:
    """Which school the holder headed from which day of the term on, up to today."""
    headed = await people.headships(uow, people=[term.person_id])
    edges = {day for each in headed for day in (each.from_date, each.until) if day is not None}
    days = sorted(
        {term.from_date, *(day for day in edges if term.from_date < day <= uow.today and _in_office(term, day))}
    )
    found: list[tuple[date, str | None]] = []
    for day in days:
        urn = people.headed_on(headed, term.person_id, day)
        if not found or found[-1][1] != urn:
            found.append((day, urn))
    return found


def _in_office(term: Term, day: date) -> bool:
    return term.until is None or day < term.until


async def correct_allocation(
    uow: UnitOfWork, allocation_id: UUID, correction: Correction, *, reason: str, corrected_by: str
) -> Allocation:
    """Another system leader was allocated, or on other days. Restricted."""
    must_have_reason(reason)
    urn = (await people.allocation(uow, allocation_id)).urn
    await hold(uow, [urn])
    present = await people.allocation(uow, allocation_id)
    if correction.person_id is not None:
        await people.must_be_known(uow, [correction.person_id])
    corrected = appointment.correct_allocation(
        await people.allocations(uow, [urn]), await people.headships(uow, urns=[urn]), present, correction
    )
    since = min(present.from_date, corrected.from_date)
    before = await remember(uow, [urn], since)
    await people.rewrite_allocation(uow, corrected)
    await add_correction(uow, ALLOCATION, allocation_id, withdrawn=False, reason=reason, corrected_by=corrected_by)
    later = [(ALLOCATION_BEGINS, corrected.from_date), (ALLOCATION_ENDS, corrected.until)]
    await put_off(uow, [Due(kind, str(allocation_id), day) for kind, day in later if day and day > uow.today])
    await _tell_allocation(uow, present, corrected)
    await correct_past(uow, before, since, {})
    return corrected


async def withdraw_allocation(uow: UnitOfWork, allocation_id: UUID, *, reason: str, withdrawn_by: str) -> Allocation:
    """Nobody was ever allocated by it. Restricted."""
    must_have_reason(reason)
    urn = (await people.allocation(uow, allocation_id)).urn
    await hold(uow, [urn])
    present = await people.allocation(uow, allocation_id)
    before = await remember(uow, [urn], present.from_date)
    await people.remove_allocation(uow, allocation_id)
    await add_correction(uow, ALLOCATION, allocation_id, withdrawn=True, reason=reason, corrected_by=withdrawn_by)
    await _tell_allocation(uow, present, None)
    await correct_past(uow, before, present.from_date, {})
    return present


async def _tell_allocation(uow: UnitOfWork, told: Allocation, corrected: Allocation | None) -> None:
    authority = (await school(uow, told.urn)).authority
    begun = corrected is not None and corrected.from_date <= uow.today
    cause = uow.cause
    if told.from_date <= uow.today:
        fact = outbound.allocation_corrected(corrected if begun and corrected else told, withdrawn=not begun)
        event_id = uow.record(fact, key=school_key(authority, told.urn), told=False)
        await withhold_facts(
            uow, told.urn, cause.correlation_id, ALLOCATION_CORRECTED, [told.allocation_id], acted_on=uow.today
        )
        cause = replace(cause, causation_id=event_id)
    elif corrected is not None and begun:
        await tell_allocation(uow, corrected, authority, cause, ended=False)
        if corrected.until is not None and corrected.until <= uow.today:
            await tell_allocation(uow, corrected, authority, cause, ended=True)
        return
    await reroute(uow, [told.urn], Change("allocation", {told.urn: cause}, restricted=True))
