"""A new day: what was put off for it is told, and schools with a date that has come are looked at again.

Days are taken in order, so that days that were missed are made up in the order in which they came.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.membership.domain.body import Body
from services.membership.domain.doubtful_clock import LONGEST_JUMP
from services.membership.store import bodies, due, failed_due, people, representation
from services.membership.store.due import Due
from services.membership.use_cases import appointments, headships, members, offices, restricted
from services.membership.use_cases.follow import follow_marked
from services.membership.use_cases.hold import settle
from shared.crash import crash_point
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story

AT_MOST = 500  # items a transaction
OFFICES = (offices.BEGINS, offices.ENDS)
MEMBERS = (members.JOINS, members.LEAVES)
HEADS = (appointments.MOVES, headships.BEGINS, headships.ENDS)
KINDS = frozenset({*OFFICES, *MEMBERS, *HEADS, *restricted.KINDS})  # whatever may be put off for its day

Following = tuple[Sequence[str], Cause]


class NobodyDoesIt(Exception):
    """Something was put off of a kind that no code here does: marked as done it would never be told."""

    def __init__(self, kind: str):
        super().__init__(f"nothing here does what is due of the kind {kind}")


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
    await look_for_the_day(uow, urns, day)
    crash_point("days.turned")
    return len(listed) + len(urns)


async def do_items(
    uow: UnitOfWork, listed: Sequence[Due], day: date, still: Collection[str], *, look: bool = True
) -> list[Following]:
    """Tell what these items of a day bring. The schools for which offices have changed hands, and the cause.

    ``still``: the schools and bodies of which something has failed; they are left as they are. ``look``: look at the
    schools of those offices at once.
    """
    must_be_done_here(listed)
    bodies_of = await _lock(uow, listed, day, still)
    items = await due.claim(uow, listed)
    following = await _offices(uow, bodies_of, [item for item in items if item.kind in OFFICES], day, still)
    if look and following:
        await look_at(uow, day, {urn: cause for urns, cause in following for urn in urns})
    await members.tell_due(uow, [item for item in items if item.kind in MEMBERS])
    known = await headships.known_of(uow, items)
    for item in items:  # restricted ones are told already
        if item.kind == appointments.MOVES:  # single acts, a few on any one day
            await appointments.tell_due(uow, item)
        elif item.kind in (headships.BEGINS, headships.ENDS):
            await headships.tell_due(uow, item, known)
    return following


def must_be_done_here(items: Sequence[Due]) -> None:
    """Raises NobodyDoesIt, so that the item waits in sight of an officer until a version that knows it is here."""
    for item in items:
        if item.kind not in KINDS:
            raise NobodyDoesIt(item.kind)


async def look_at(uow: UnitOfWork, day: date, because: Mapping[str, Cause]) -> None:
    """Look at locked schools on each day up to this one on which a date among their facts has come.

    ``because``: of each school the change of office that made it be looked at.
    """
    await settle(uow, sorted(because), because, kind="office", up_to=day)


async def look_for_the_day(uow: UnitOfWork, urns: Sequence[str], day: date) -> None:
    """The same where the day itself is the cause: each begins a story of its own."""
    causes = {}
    for urn in urns:
        with story("day.turn", import_row=True) as cause:
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
        if item.kind in (*MEMBERS, *HEADS):
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
    led = await bodies.led_by_each(uow, locked, day)
    new = [term.person_id for term in terms if term.from_date == day]
    headed = await people.headships(uow, people=new) if new else []
    for body_id, body in sorted(locked.items(), key=lambda each: str(each[0])):
        mine = [term for term in terms if term.body_id == body_id]
        told = await offices.tell_day(uow, body, mine, items, day, reasons, headed)
        if told is not None:
            following.append(([urn for urn in led.get(body_id, ()) if urn not in still], told))
    return following
