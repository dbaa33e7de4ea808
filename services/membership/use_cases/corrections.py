"""Offices and allocations that were entered wrongly: corrected, or withdrawn since they never were (R0.4).

Corrections add: what had been entered stays among what was replaced, and who spoke for a school until now stays as it
was answered. From today on the corrected fact counts; what it changes of days that have gone is told as a correction
of history, which nobody acts on.
"""

from dataclasses import replace
from uuid import UUID

from services.membership import outbound
from services.membership.domain import appointment, office
from services.membership.domain.appointment import Allocation
from services.membership.domain.closing import TERM, EndedWith
from services.membership.domain.known import ALLOCATION_BEGINS, ALLOCATION_CORRECTED, ALLOCATION_ENDS
from services.membership.domain.office import Correction, Term, UnknownTerm, must_have_reason
from services.membership.store import bodies, continuity, people
from services.membership.store.corrections import ALLOCATION, OFFICE, add_correction
from services.membership.store.due import Due, put_off
from services.membership.store.ended import forget_ends_of, note_ends, note_said
from services.membership.store.schools import school
from services.membership.store.system_leaders import add_reason
from services.membership.store.withheld import withhold_facts
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.hold import hold
from services.membership.use_cases.made_room import let_go_on, made_room_for
from services.membership.use_cases.offices import (
    BEGINS,
    OfficeChanged,
    changed,
    hold_body,
    keep_for_later,
    look_at_members,
)
from services.membership.use_cases.reroute import Change, reroute
from services.membership.use_cases.restricted import tell_allocation
from services.membership.use_cases.system_leaders import look_against
from services.membership.use_cases.tell_offices import tell_office, waits_no_longer
from shared.contracts.envelope import school_key
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
    entered = office.correct(terms, present, correction)
    corrected = replace(entered, until=body.last_until(entered.from_date, entered.until))
    made_room = await made_room_for(uow, terms, present) if corrected.from_date != present.from_date else []
    await bodies.rewrite_term(uow, corrected)
    if correction.until is not None or correction.no_end:
        await forget_ends_of(uow, TERM, str(term_id))
    if corrected.until != entered.until:
        await note_ends(uow, [EndedWith(body.body_id, TERM, str(term_id), entered.from_date, entered.until)])
    await add_correction(uow, OFFICE, term_id, withdrawn=False, reason=reason, corrected_by=corrected_by)
    untold = await waits_no_longer(uow, present)
    await keep_for_later(uow, [corrected])
    cause = await tell_office(uow, body, present, corrected, begun_untold=BEGINS in untold)
    await note_said(uow, TERM, str(term_id))
    terms = [corrected if each.term_id == term_id else each for each in terms]
    before_it = await let_go_on(uow, body, terms, made_room, present, corrected.from_date, cause)
    await look_at_members(uow, body, before_it.cause, still)
    await correct_past(uow, before, since, {})
    return replace(changed(corrected), asks=before_it.asks, goes_on=before_it.goes_on)


async def withdraw_office(uow: UnitOfWork, term_id: UUID, *, reason: str, withdrawn_by: str) -> OfficeChanged:
    """Nobody ever held the office in that term. Whoever made room for it went on."""
    must_have_reason(reason)
    found = await bodies.term(uow, term_id)
    body, terms, before, still = await hold_body(uow, found.body_id, found.from_date)
    present = _present(terms, term_id)
    made_room = await made_room_for(uow, terms, present)
    await bodies.remove_term(uow, term_id)
    await add_correction(uow, OFFICE, term_id, withdrawn=True, reason=reason, corrected_by=withdrawn_by)
    await waits_no_longer(uow, present)
    cause = await tell_office(uow, body, present, None)
    terms = [each for each in terms if each.term_id != term_id]
    before_it = await let_go_on(uow, body, terms, made_room, present, None, cause)
    await look_at_members(uow, body, before_it.cause, still)
    await correct_past(uow, before, present.from_date, {})
    return replace(changed(present), asks=before_it.asks, goes_on=before_it.goes_on)


def _present(terms: list[Term], term_id: UUID) -> Term:
    """The term as it is now that its body is locked."""
    present = next((term for term in terms if term.term_id == term_id), None)
    if present is None:
        raise UnknownTerm(term_id)
    return present


async def correct_allocation(
    uow: UnitOfWork,
    allocation_id: UUID,
    correction: Correction,
    *,
    reason: str,
    corrected_by: str,
    all_the_same: str | None = None,
) -> Allocation:
    """Another system leader was allocated, or on other days. Restricted.

    ``all_the_same``: why, where by that she has too many schools or belongs to the school's own trust. It is kept with the
    reason of the correction, and is the reason that is shown of the allocation from now on.
    """
    must_have_reason(reason)
    urn = (await people.allocation(uow, allocation_id)).urn
    await hold(uow, [urn])
    present = await people.allocation(uow, allocation_id)
    if correction.person_id is not None:
        await people.must_be_known(uow, [correction.person_id])
    corrected = appointment.correct_allocation(
        await people.allocations(uow, [urn]), await people.headships(uow, urns=[urn]), present, correction
    )
    if not corrected.within(present):
        against = await look_against(uow, corrected, await school(uow, urn), all_the_same)
        if against and all_the_same:
            await add_reason(uow, allocation_id, against, reason=all_the_same, given_by=corrected_by)
            reason = f"{reason}; allocated all the same: {all_the_same}"
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
    await continuity.mark(uow, [urn])
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
