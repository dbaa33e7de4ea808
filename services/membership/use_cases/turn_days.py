"""A new day: what was put off for it is told, and schools with a date that has come are looked at again.

Days are taken in order, so that days that were missed are made up in the order in which they came.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.membership.store import bodies, due, people, representation
from services.membership.store import outcomes as kept
from services.membership.store.due import Due
from services.membership.store.schools import school
from services.membership.use_cases import appointments, la_category, members, offices
from services.membership.use_cases.appointments import Moved
from services.membership.use_cases.keep_register import announce_opened_and_closed
from services.membership.use_cases.reroute import settle
from shared.store import UnitOfWork
from shared.telemetry import story

AT_MOST = 500  # items a transaction
LONGEST_JUMP = 7  # days


async def turn_days(uow: UnitOfWork, *, confirmed: bool = False) -> int:
    """Do what is due on the earliest day that has something left, 500 items at most. How much was done.

    Nothing is done when the clock has jumped more than a week ahead since the last time, until somebody confirms it:
    a wrong clock would tell everybody of days that have not come.
    """
    if not confirmed and await due.waits_for_confirmation(uow, LONGEST_JUMP):
        return 0
    day = await due.first_day(uow, uow.today)
    if day is None:
        await due.note_day(uow)
        return 0
    items = await due.take(uow, day, at_most=AT_MOST)
    await _offices(uow, [item for item in items if item.kind in (offices.BEGINS, offices.ENDS)], day)
    for item in items:  # single acts about single schools, a few on any one day
        if item.kind in (la_category.BEGINS, la_category.LIFTS):
            await _entry(uow, item)
        elif item.kind in (appointments.ALLOCATION_BEGINS, appointments.ALLOCATION_ENDS):
            await _allocation(uow, item)
        elif item.kind == appointments.MOVES:
            await _move(uow, item)
        elif item.kind in (members.JOINS, members.LEAVES):
            await _member(uow, item)
    urns = await representation.due(uow, day, at_most=AT_MOST)
    await representation.lock(uow, urns)
    causes = {}
    for urn in urns:
        with story("day.turn", import_row=True, urn=urn) as cause:
            causes[urn] = cause
    await announce_opened_and_closed(uow, urns, day, causes)
    await settle(uow, urns, causes, up_to=day)
    return len(items) + len(urns)


async def _offices(uow: UnitOfWork, items: Sequence[Due], day: date) -> None:
    """Terms that begin or end on this day: one story a body, as the change of one office is."""
    if not items:
        return
    ids = [UUID(item.subject) for item in items]
    rows = await uow.rows("select distinct body_id from term where term_id = any($1::uuid[])", ids)
    locked = await bodies.lock(uow, [row.body_id for row in rows])
    await representation.lock(uow, await bodies.led_schools(uow, locked, day))
    reasons = await bodies.end_reasons(uow, ids)
    terms = await bodies.terms(uow, locked)
    put_off = {(item.kind, UUID(item.subject)) for item in items}
    for body_id, body in sorted(locked.items(), key=lambda each: str(each[0])):
        # A date that was changed after it had been put off no longer is the term's date: nothing happens on it.
        mine = [term for term in terms if term.body_id == body_id]
        begun = [term for term in mine if (offices.BEGINS, term.term_id) in put_off and term.from_date == day]
        ended = [term for term in mine if (offices.ENDS, term.term_id) in put_off and term.until == day]
        if begun or ended:
            with story("office.day", body_id=body_id) as cause:
                told = await offices.tell_terms(uow, body, begun, ended, cause, reasons)
            urns = await bodies.led_schools(uow, [body_id], day)
            await settle(uow, urns, dict.fromkeys(urns, told), kind="office", up_to=day)


async def _entry(uow: UnitOfWork, item: Due) -> None:
    entry = await kept.la_entry(uow, UUID(item.subject))
    here = await school(uow, entry.urn)
    await representation.lock(uow, [entry.urn])
    with story("la-category.day", urn=entry.urn) as cause:
        if item.kind == la_category.BEGINS and (entry.lifted_on is None or entry.lifted_on > item.on):
            await la_category.tell_entry(uow, entry, here.authority, cause, item.on)
        if item.kind == la_category.LIFTS:
            await la_category.tell_lift(uow, [entry], item.on, here.authority, cause, item.on)


async def _allocation(uow: UnitOfWork, item: Due) -> None:
    allocation = await people.allocation(uow, UUID(item.subject))
    here = await school(uow, allocation.urn)
    ended = item.kind == appointments.ALLOCATION_ENDS
    if item.on != (allocation.until if ended else allocation.from_date):
        return
    await representation.lock(uow, [allocation.urn])
    with story("allocation.day", urn=allocation.urn) as cause:
        await appointments.tell_allocation(uow, allocation, here.authority, cause, ended=ended, day=item.on)


async def _move(uow: UnitOfWork, item: Due) -> None:
    person, left, to_urn = item.subject.split("/")
    held = await people.headships(uow, people=[UUID(person)])
    if not any(each.urn == to_urn and each.from_date == item.on for each in held):
        return
    await representation.lock(uow, [urn for urn in (left, to_urn) if urn])
    with story("head.moves", urn=to_urn) as cause:
        await appointments.tell_move(uow, Moved(UUID(person), left or None, to_urn, item.on), cause, item.on)


async def _member(uow: UnitOfWork, item: Due) -> None:
    """The lists of the body change; the school itself is looked at with all that have a date today."""
    body_id, urn = item.subject.split("/")
    body = await bodies.body(uow, UUID(body_id))
    for each in await bodies.members(uow, [UUID(body_id)]):
        if each.urn != urn:
            continue
        with story("member.day", urn=urn) as cause:
            if item.kind == members.JOINS and each.from_date == item.on:
                members.tell_joined(uow, body, each, cause)
            if item.kind == members.LEAVES and each.until == item.on:
                members.tell_left(uow, body, each, item.on, cause)
