"""Following up the people: allocations go over or end, heads go over or are asked for (domain/continuity.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.membership.domain.appointment import Allocation, Headship
from services.membership.domain.continuity import AllocationFollows, Succession, allocations, heads
from services.membership.domain.known import ALLOCATION_BEGINS, ALLOCATION_ENDS
from services.membership.domain.school import School
from services.membership.store import continuity as kept
from services.membership.store import people
from services.membership.store.continuity import Ask, Followed
from services.membership.store.due import Due, put_off
from services.membership.use_cases.appointments import MOVES, Moved, tell_move
from services.membership.use_cases.restricted import tell_allocation
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from shared.telemetry import story

HEAD, ALLOCATION, END_OF_ALLOCATION = "head", "allocation", "end-of-allocation"
ASK_HEAD, ASK_ALLOCATION = "head-of-continuing-school", "allocation-after-continuity"


async def follow_allocations(uow: UnitOfWork, following: Sequence[Succession], known: Mapping[str, School]) -> None:
    """An allocation goes over to a maintained school that continues one school, and ends otherwise or with its school."""
    held = await people.allocations(uow, list(known))
    notes = {each.subject: each for each in await kept.followed(uow, list(known)) if each.what == END_OF_ALLOCATION}
    as_they_were = [_before(each, notes.get(str(each.allocation_id)), uow.today) for each in held]
    asks: list[Ask] = []
    done: set[UUID] = set()
    for succession in following:
        for each in allocations(succession, as_they_were):
            done.add(each.allocation.allocation_id)
            note = notes.get(str(each.allocation.allocation_id))
            if note is not None and (note.on == each.ends_on or note.on <= uow.today):
                continue
            await _end_or_carry_over(uow, each, note, held, known)
            if each.to_urn is None:
                urn = succession.school.urn
                asks.append(Ask(new_id(), ASK_ALLOCATION, urn, each.ends_on, each.why))
    for allocation in as_they_were:
        closing = known[allocation.urn].closed_on if allocation.urn in known else None
        runs_on = closing is not None and (allocation.until is None or allocation.until > closing)
        if closing is not None and runs_on and allocation.from_date < closing and allocation.allocation_id not in done:
            note = notes.get(str(allocation.allocation_id))
            if note is None or (note.on != closing and note.on > uow.today):
                school = known[allocation.urn]
                why = f"{school.name} ({school.urn}) closes on {closing:%-d %B %Y}: the allocation ends with it"
                await _end_or_carry_over(uow, AllocationFollows(allocation, closing, None, why), note, held, known)
    await kept.ask(uow, asks)


def _before(allocation: Allocation, note: Followed | None, today: date) -> Allocation:
    """The allocation as it was before its end was written for a day to come, which may have moved."""
    if note is None or note.on <= today or allocation.until != note.on:
        return allocation
    return replace(allocation, until=note.ended_before)


async def _end_or_carry_over(
    uow: UnitOfWork,
    follows: AllocationFollows,
    note: Followed | None,
    held: Sequence[Allocation],
    known: Mapping[str, School],
) -> None:
    """A few on any one day: each is an act inside the council with its own story (R0.8)."""
    old = follows.allocation
    ended = replace(old, until=follows.ends_on)
    ref = note.ref if note is not None else ""
    await kept.span_allocations(uow, [(old.allocation_id, old.from_date, follows.ends_on)])
    new: Allocation | None = None
    until = old.until if old.until is not None and old.until > follows.ends_on else None
    if follows.to_urn is not None and ref:
        new = Allocation(UUID(ref), follows.to_urn, old.person_id, follows.ends_on, until)
        await kept.span_allocations(uow, [(new.allocation_id, new.from_date, new.until)])
    elif follows.to_urn is not None and not _is_filled(held, follows.to_urn, follows.ends_on):
        new = Allocation(new_id(), follows.to_urn, old.person_id, follows.ends_on, until)
        await people.add_allocations(uow, [new])
        ref = str(new.allocation_id)
    written = Followed(old.urn, END_OF_ALLOCATION, str(old.allocation_id), follows.ends_on, ref, old.until, follows.why)
    await kept.save_followed(uow, [written])
    for allocation, kind in ((ended, ALLOCATION_ENDS), (new, ALLOCATION_BEGINS)):
        if allocation is None:
            continue
        if follows.ends_on > uow.today:
            await put_off(uow, [Due(kind, str(allocation.allocation_id), follows.ends_on)])
            continue
        with story("continuity.allocation", urn=allocation.urn) as cause:
            authority = known[allocation.urn].authority
            await tell_allocation(uow, allocation, authority, cause, ended=kind == ALLOCATION_ENDS)


def _is_filled(held: Sequence[Allocation], urn: str, on: date) -> bool:
    return any(each.urn == urn and (each.until is None or each.until > on) for each in held)


async def follow_heads(uow: UnitOfWork, following: Sequence[Succession]) -> None:
    """The head of a school that converts goes over to the converter; otherwise an officer is asked who heads it."""
    urns = {urn for each in following for urn in (each.school.urn, *(old.urn for old in each.predecessors))}
    headed = await people.headships(uow, urns=urns)
    notes = {(each.urn, each.subject): each for each in await kept.followed(uow, urns) if each.what == HEAD}
    asks: list[Ask] = []
    for succession in following:
        urn, on = succession.school.urn, succession.on
        there = [each for each in headed if each.urn == urn and (each.until is None or each.until > on)]
        if not all(_is_noted(each, notes.get((urn, str(each.person_id)))) for each in there):
            continue  # somebody has entered who heads it: that decides
        found, why = heads(succession, [_head_before(each, notes, urn, uow.today) for each in headed])
        if not found and why:
            asks.append(Ask(new_id(), ASK_HEAD, urn, on, why))
        for each in found:
            note = notes.get((urn, str(each.person_id)))
            if note is None or (note.on != on and note.on > uow.today):
                await _go_over(uow, succession, each, note, headed, why)
    await kept.ask(uow, asks)


def _is_noted(headship: Headship, note: Followed | None) -> bool:
    return note is not None and note.on == headship.from_date


def _head_before(headship: Headship, notes: Mapping[tuple[str, str], Followed], heir: str, today: date) -> Headship:
    """The headship as it was before its end was written for a day to come, which may have moved."""
    note = notes.get((heir, str(headship.person_id)))
    if note is None or note.on <= today or headship.urn != note.ref or headship.until != note.on:
        return headship
    return replace(headship, until=note.ended_before)


async def _go_over(
    uow: UnitOfWork,
    succession: Succession,
    new: Headship,
    note: Followed | None,
    headed: Sequence[Headship],
    why: str,
) -> None:
    """One head, of whom there are few on a day: whatever office she holds goes with her."""
    (before,) = succession.predecessors
    on, person_id = succession.on, new.person_id
    old = max(
        (each for each in headed if (each.person_id, each.urn) == (person_id, before.urn) and each.from_date < on),
        key=lambda each: each.from_date,
    )
    until = note.ended_before if note is not None and old.until == note.on else old.until
    if note is None:
        await people.add_headships(uow, [new])
    else:
        await kept.span_headships(uow, [(person_id, new.urn, note.on, on, new.until)])
    if until is None or until > on:
        await kept.span_headships(uow, [(person_id, before.urn, old.from_date, old.from_date, on)])
    await kept.save_followed(uow, [Followed(new.urn, HEAD, str(person_id), on, before.urn, until, why)])
    if on > uow.today:
        await put_off(uow, [Due(MOVES, f"{person_id}/{before.urn}/{new.urn}", on)])
        return
    with story("continuity.head", urn=new.urn) as cause:
        await tell_move(uow, Moved(person_id, before.urn, new.urn, on), cause)
