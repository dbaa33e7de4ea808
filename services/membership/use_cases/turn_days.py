"""A new day: what was put off for it is told, and schools with a date that has come are looked at again.

Days are taken in order, so that days that were missed are made up in the order in which they came.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.membership.domain.body import Body
from services.membership.store import bodies, due, failed_due, people, representation
from services.membership.store.due import Due
from services.membership.use_cases import appointments, headships, members, offices, restricted
from services.membership.use_cases.appointments import Moved
from services.membership.use_cases.follow import follow_marked
from services.membership.use_cases.hold import LONGEST_JUMP, settle
from shared.crash import crash_point
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story

AT_MOST = 500  # items a transaction
OFFICES = (offices.BEGINS, offices.ENDS)

Following = tuple[Sequence[str], Cause]


async def turn_days(uow: UnitOfWork, *, confirmed: bool = False) -> int:
    """Do what is due on the earliest day that has something left, 500 items at most. How much was done.

    Nothing is done when the clock has jumped more than a week ahead since the last time, until somebody confirms it:
    a wrong clock would tell everybody of days that have not come.
    """
    if not confirmed and await due.waits_for_confirmation(uow, LONGEST_JUMP):
        return 0
    day = await due.first_day(uow, uow.today)
    if (day is None or day == uow.today) and (done := await follow_marked(uow, AT_MOST)):
        return done  # what follows from today's facts counts today
    if day is None:
        await due.note_day(uow)
        return 0
    listed = await due.on_day(uow, day, at_most=AT_MOST)
    still = await failed_due.standing_still(uow)
    await do_items(uow, listed, day, still)
    urns = await representation.due(uow, day, at_most=AT_MOST)
    await representation.lock(uow, urns)
    await look_at(uow, urns, day)
    crash_point("days.turned")
    return len(listed) + len(urns)


async def do_items(
    uow: UnitOfWork, listed: Sequence[Due], day: date, still: Collection[str], *, look: bool = True
) -> list[Following]:
    """Tell what these items of a day bring. The schools for which offices have changed hands, and the cause.

    ``still``: the schools and bodies of which something has failed; they are left as they are. ``look``: look at the
    schools of those offices at once.
    """
    bodies_of = await _lock(uow, listed, day, still)
    items = await due.claim(uow, listed)
    following = await _offices(uow, bodies_of, [item for item in items if item.kind in OFFICES], day, still)
    for urns, cause in following if look else ():
        await look_at(uow, urns, day, cause)
    await _members(uow, [item for item in items if item.kind in (members.JOINS, members.LEAVES)])
    for item in items:  # single acts, a few on any one day; restricted ones are told already
        if item.kind == appointments.MOVES:
            await _move(uow, item)
        elif item.kind in (headships.BEGINS, headships.ENDS):
            await headships.tell_due(uow, item)
    return following


async def look_at(uow: UnitOfWork, urns: Sequence[str], day: date, because: Cause | None = None) -> None:
    """Look at locked schools on each day up to this one on which a date among their facts has come.

    ``because``: the change of office that made them be looked at; else each begins a story of its own.
    """
    if because is not None:
        await settle(uow, urns, dict.fromkeys(urns, because), kind="office", up_to=day)
        return
    causes = {}
    for urn in urns:
        with story("day.turn", import_row=True, urn=urn) as cause:
            causes[urn] = cause
    await settle(uow, urns, causes, up_to=day)


async def _lock(uow: UnitOfWork, items: Sequence[Due], day: date, still: Collection[str]) -> dict[UUID, Body]:
    """Lock the bodies and schools that these items concern, and tell what is restricted before all else.

    Whatever is looked at first on a day sees every fact of that day. An entry of the authority must not come out with
    a change of chair, which everybody may know at once (R0.8).
    """
    ids = [UUID(item.subject) for item in items if item.kind in OFFICES]
    rows = await uow.rows("select distinct body_id from term where term_id = any($1::uuid[])", ids) if ids else []
    locked = await bodies.lock(uow, [row.body_id for row in rows])
    urns = await due.restricted_schools(uow, [item for item in items if item.kind in restricted.KINDS])
    urns |= set(await bodies.led_schools(uow, locked, day))
    for item in items:
        if item.kind == appointments.MOVES:
            urns |= {urn for urn in item.subject.split("/")[1:] if urn}
    urns -= set(still)
    await representation.lock(uow, urns)
    await restricted.tell_due(uow, dict.fromkeys(urns, day))
    return locked


async def _offices(
    uow: UnitOfWork, locked: Mapping[UUID, Body], items: Sequence[Due], day: date, still: Collection[str]
) -> list[Following]:
    """Terms that begin or end on this day: one story a body, as the change of one office is."""
    following: list[Following] = []
    if not items:
        return following
    ids = [UUID(item.subject) for item in items]
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
            led = await bodies.led_schools(uow, [body_id], day)
            following.append(([urn for urn in led if urn not in still], told))
    return following


async def _move(uow: UnitOfWork, item: Due) -> None:
    person, left, to_urn = item.subject.split("/")
    held = await people.headships(uow, people=[UUID(person)])
    if not any(each.urn == to_urn and each.from_date == item.on for each in held):
        return
    with story("head.moves", urn=to_urn) as cause:
        await appointments.tell_move(uow, Moved(UUID(person), left or None, to_urn, item.on), cause, item.on)


async def _members(uow: UnitOfWork, items: Sequence[Due]) -> None:
    """The lists of the bodies change; the schools themselves are looked at with all that have a date today."""
    if not items:
        return
    ids = {UUID(item.subject.split("/")[0]) for item in items}
    of = await bodies.bodies(uow, ids)
    held = defaultdict(list)
    for each in await bodies.members(uow, ids):
        held[f"{each.body_id}/{each.urn}"].append(each)
    for item in items:
        for each in held[item.subject]:
            with story("member.day", urn=each.urn) as cause:
                if item.kind == members.JOINS and each.from_date == item.on:
                    members.tell_joined(uow, of[each.body_id], each, cause)
                if item.kind == members.LEAVES and each.until == item.on:
                    members.tell_left(uow, of[each.body_id], each, item.on, cause)
