"""Following up the people: allocations go over or end, heads go over or are asked for (domain/continuity.py)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.membership.domain.appointment import Allocation, Headship
from services.membership.domain.continuity import (
    AllocationFollows,
    Given,
    Succession,
    allocations,
    heads,
    why_asked_of_ended,
)
from services.membership.domain.known import ALLOCATION_BEGINS, ALLOCATION_ENDS
from services.membership.domain.school import School
from services.membership.store import continuity as kept
from services.membership.store import corrections, people
from services.membership.store.asks import Ask, ask, ask_alone, ask_once, reword_ask
from services.membership.store.continuity import Followed
from services.membership.store.due import Due, claim, put_off
from services.membership.use_cases.appointments import MOVES, Moved, tell_move
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.headships import ENDS
from services.membership.use_cases.restricted import tell_allocation
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from shared.telemetry import story

HEAD, ALLOCATION, END_OF_ALLOCATION = "head", "allocation", "end-of-allocation"
ASK_HEAD, ASK_ALLOCATION = "head-of-continuing-school", "allocation-after-continuity"


async def follow_allocations(
    uow: UnitOfWork,
    following: Sequence[Succession],
    known: Mapping[str, School],
    closings: Mapping[str, date | None],
    given: Given,
) -> None:
    """An allocation goes over to a maintained school that continues one school, and ends otherwise or with its school.

    Where several continue its school one after the other, the first decides; one of its own authority before others. Of
    those nobody is asked: the question would say that there was an allocation (R0.8).
    """
    held = {each.allocation_id: each for each in await people.allocations(uow, list(known))}
    written = await kept.followed(uow, list(known))
    over = [each for each in written if _ended_before_it_opened_again(each, closings.get(each.urn), uow.today)]
    await kept.forget_followed(uow, over)
    notes = {(each.what, each.subject): each for each in await _but_for_changed(uow, written) if each not in over}
    as_they_were = [_before(each, notes) for each in held.values()]
    first: dict[UUID, tuple[Succession, AllocationFollows]] = {}
    for succession in sorted(given.successions, key=Succession.crosses_a_border):
        for each in allocations(succession, as_they_were):
            first.setdefault(each.allocation.allocation_id, (succession, each))
    asks: list[Ask] = []
    asked = [(succession.school.urn, each.ends_on) for succession, each in first.values() if each.to_urn is None]
    await ask_alone(uow, ASK_ALLOCATION, given.of, asked)
    for allocation_id, (succession, each) in first.items():
        note = notes.get((ALLOCATION, str(allocation_id)))
        its_own = known[each.allocation.urn].authority == succession.school.authority
        if its_own and note is not None and note.on <= uow.today and not note.ref:
            why = why_asked_of_ended(succession) if each.to_urn else each.why
            await reword_ask(uow, ASK_ALLOCATION, succession.school.urn, note.on, why)
        if succession not in following or (note is not None and _is_written(note, each, uow.today)):
            continue
        if note is not None and note.ref and each.to_urn is None:
            await _forget_plan(uow, note, held)
            note = replace(note, ref="")
        await _end_or_carry_over(uow, ALLOCATION, each, note, held, known)
        if each.to_urn is None and its_own:
            asks.append(Ask(new_id(), ASK_ALLOCATION, succession.school.urn, each.ends_on, each.why))
    for note in [each for (what, _), each in notes.items() if what == ALLOCATION and each.on > uow.today]:
        if note.urn in given.of and UUID(note.subject) not in first:
            await _take_back(uow, note, held)
    for old in as_they_were:
        closing, note = closings.get(old.urn), notes.get((END_OF_ALLOCATION, str(old.allocation_id)))
        if old.allocation_id in first or old.urn not in given.of:
            continue  # goes over, or ended with what took its school's place; or that may be, and is not known here
        if closing is None:
            if note is not None and note.on > uow.today:
                await _take_back(uow, note, held)
            continue
        runs_on = old.until is None or old.until > closing
        if old.from_date < closing and runs_on and (note is None or note.on != closing):
            school = known[old.urn]
            why = f"{school.name} ({school.urn}) closes on {closing:%-d %B %Y}: the allocation ends with it"
            follows = AllocationFollows(old, closing, None, why)
            await _end_or_carry_over(uow, END_OF_ALLOCATION, follows, note, held, known)
    await ask(uow, asks)


async def _but_for_changed(uow: UnitOfWork, notes: Sequence[Followed]) -> list[Followed]:
    """What was written for a day to come and an officer has corrected since is hers: nothing here moves it any more."""
    planned = {each.ref for each in notes if each.what == ALLOCATION and each.ref and each.on > uow.today}
    hers = await corrections.corrected(uow, corrections.ALLOCATION, planned) if planned else ()
    return [replace(each, ref="") if each.ref in hers else each for each in notes]


def _ended_before_it_opened_again(note: Followed, closing: date | None, today: date) -> bool:
    """What ended with a school stays ended when that is open again, also until it closes on a day to come."""
    return note.what == END_OF_ALLOCATION and note.on <= today and (closing is None or closing > today)


def _is_written(note: Followed, follows: AllocationFollows, today: date) -> bool:
    """As it follows; or its day has come, and nothing moves it any more."""
    goes_as_before = bool(note.ref) == (follows.to_urn is not None) or note.why == follows.why
    return note.on <= today or (note.on == follows.ends_on and goes_as_before)


async def _take_back(uow: UnitOfWork, note: Followed, held: Mapping[UUID, Allocation]) -> None:
    """What was written for a day to come and doesn't follow any more. What an officer has changed since stays."""
    old = held.get(UUID(note.subject))
    if old is not None and old.until == note.on:
        await kept.span_allocations(uow, [(old.allocation_id, old.from_date, note.ended_before)])
    await _forget_plan(uow, note, held)
    await kept.forget_followed(uow, [note])


async def _forget_plan(uow: UnitOfWork, note: Followed, held: Mapping[UUID, Allocation]) -> None:
    new = held.get(UUID(note.ref)) if note.ref else None
    if new is not None and new.from_date == note.on:
        await people.remove_allocation(uow, new.allocation_id)


def _before(allocation: Allocation, notes: Mapping[tuple[str, str], Followed]) -> Allocation:
    """The allocation as it was before its end was written here: the day may have moved since."""
    for what in (ALLOCATION, END_OF_ALLOCATION):
        note = notes.get((what, str(allocation.allocation_id)))
        if note is not None and allocation.until == note.on:
            return replace(allocation, until=note.ended_before)
    return allocation


async def _end_or_carry_over(
    uow: UnitOfWork,
    what: str,
    follows: AllocationFollows,
    note: Followed | None,
    held: Mapping[UUID, Allocation],
    known: Mapping[str, School],
) -> None:
    """A few on any one day: each is an act inside the council with its own story (R0.8)."""
    old, on = follows.allocation, follows.ends_on
    until = old.until if old.until is not None and old.until > on else None
    ref = note.ref if note is not None else ""
    told: list[tuple[Allocation, str]] = []
    past = await remember(uow, [urn for urn in (old.urn, follows.to_urn) if urn], on)
    if held[old.allocation_id].until != on:
        await kept.span_allocations(uow, [(old.allocation_id, old.from_date, on)])
        told.append((replace(old, until=on), ALLOCATION_ENDS))
    if follows.to_urn is not None and ref:
        new = Allocation(UUID(ref), follows.to_urn, old.person_id, on, until)
        await kept.span_allocations(uow, [(new.allocation_id, on, until)])
        told.append((new, ALLOCATION_BEGINS))
    elif follows.to_urn is not None and not _is_filled(held.values(), follows.to_urn, on):
        new = Allocation(new_id(), follows.to_urn, old.person_id, on, until)
        await people.add_allocations(uow, [new])
        ref = str(new.allocation_id)
        told.append((new, ALLOCATION_BEGINS))
    await kept.save_followed(uow, [Followed(old.urn, what, str(old.allocation_id), on, ref, old.until, follows.why)])
    for allocation, kind in told:
        if on > uow.today:
            await put_off(uow, [Due(kind, str(allocation.allocation_id), on)])
            continue
        with story("continuity.allocation") as cause:
            authority = known[allocation.urn].authority
            await tell_allocation(uow, allocation, authority, cause, ended=kind == ALLOCATION_ENDS)
            await correct_past(
                uow, {urn: past[urn] for urn in past if urn == allocation.urn}, on, {allocation.urn: cause}
            )


def _is_filled(held: Iterable[Allocation], urn: str, on: date) -> bool:
    return any(each.urn == urn and (each.until is None or each.until > on) for each in held)


async def follow_heads(
    uow: UnitOfWork, following: Sequence[Succession], known: Mapping[str, School], given: Given
) -> None:
    """The head of a school that converts goes over to the converter; otherwise an officer is asked who heads it."""
    notes = {(each.urn, each.subject): each for each in await kept.followed(uow, list(known)) if each.what == HEAD}
    headed = await people.headships(uow, urns=known)
    if stale := _moves_that_follow_no_more(notes, headed, given, uow.today):
        await _stay(uow, stale)
        notes = {place: note for place, note in notes.items() if note not in stale}
        headed = await people.headships(uow, urns=known)
    asks: list[Ask] = []
    for succession in given.complete():
        urn, on = succession.school.urn, succession.on
        there = [each for each in headed if each.urn == urn and (each.until is None or each.until > on)]
        if not all(_is_noted(each, notes.get((urn, str(each.person_id)))) for each in there):
            continue  # somebody has entered who heads it: that decides
        found, why = heads(succession, [_head_before(each, notes, urn, uow.today) for each in headed])
        if not found and why:
            asks.append(Ask(new_id(), ASK_HEAD, urn, on, why))
        for each in found if succession in following else ():
            note = notes.get((urn, str(each.person_id)))
            if note is None or (note.on != on and note.on > uow.today):
                await _go_over(uow, succession, each, note, headed, why)
    await ask_once(uow, ASK_HEAD, given.of, asks)


def _moves_that_follow_no_more(
    notes: Mapping[tuple[str, str], Followed], headed: Sequence[Headship], given: Given, today: date
) -> list[Followed]:
    """Moves of a day to come: her school is not continued so any more, or she won't head it on its last day."""
    to_move = set()
    for succession in given.complete():
        urn = succession.school.urn
        found, _ = heads(succession, [_head_before(each, notes, urn, today) for each in headed])
        to_move |= {(urn, str(each.person_id), old.urn) for each in found for old in succession.predecessors}
    planned = [note for note in notes.values() if note.on > today and note.urn in given.of]
    return [note for note in planned if (note.urn, note.subject, note.ref) not in to_move]


async def _stay(uow: UnitOfWork, stale: Sequence[Followed]) -> None:
    """Each heads the school where she was as long as she was to. What an officer has changed since stays."""
    hers = await people.headships(uow, people=[UUID(note.subject) for note in stale])
    for note in stale:
        mine = [each for each in hers if str(each.person_id) == note.subject]
        for old in [each for each in mine if (each.urn, each.until) == (note.ref, note.on)]:
            await kept.span_headships(uow, [(old.person_id, old.urn, old.from_date, old.from_date, note.ended_before)])
        for new in [each for each in mine if (each.urn, each.from_date) == (note.urn, note.on)]:
            await people.remove_headship(uow, new)
    await kept.forget_followed(uow, stale)
    await kept.mark(uow, [note.urn for note in stale])  # whoever was to go on from there doesn't either


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
    untold = await claim(uow, [Due(ENDS, f"{person_id}/{before.urn}", on)]) if on <= uow.today else []
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
    with story("continuity.head") as cause:
        # That she left on the very day may have been told on it, as an officer had entered it.
        left_before = old.until == on and not untold
        await tell_move(uow, Moved(person_id, before.urn, new.urn, on), cause, left_before=left_before)
