"""Inspection calls: started by a head or an officer, answered by whoever is asked, closed by the report (W-16).

Every act locks the school's representation row first, so that two acts about one school take their turns and each
decides with what the other left. Nothing that the school was not told decides who is asked, since she who comes to the
school would show it (R0.8).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain import inspection_call as calls
from services.membership.domain.doubtful_clock import LONGEST_JUMP
from services.membership.domain.inspection_call import Call, NoDeskIsAsked, WasNotAsked
from services.membership.domain.representation import Circumstances, Role, Speaker
from services.membership.domain.school import NotOpen, NotStateFunded
from services.membership.domain.school_hours import IsSchoolDay, SchoolHours, answer_by, minutes_between
from services.membership.domain.standing import by_publication
from services.membership.store import inspection_calls as kept
from services.membership.store import representation
from services.membership.store.authority_settings import settings_of
from services.membership.store.due import doubted_from
from services.membership.store.facts import facts_of
from services.membership.store.inspection_calls import audit
from services.membership.store.outcomes import outcomes_of
from services.membership.store.schools import school, schools
from services.membership.use_cases.as_told import standing_as_told, what_it_knows
from shared.calendar import calendar
from shared.contracts.envelope import school_key
from shared.crash import crash_point
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork
from shared.telemetry import story


@dataclass(frozen=True)
class Line:
    """Whom to ask about one school today, in order, and what was decided from."""

    around: Circumstances
    speakers: list[Speaker]
    held_back: bool  # the school has something to be told, and the line is without it


@dataclass(frozen=True)
class Taken:
    """A call after an act. ``minutes``: how long it took until somebody had accepted, where this act did."""

    call: Call
    minutes: float | None = None


def school_days(authority: str) -> IsSchoolDay:
    known = calendar()
    return lambda day: known.school_day(authority, day).open


async def goes_on_as(uow: UnitOfWork, urn: str) -> str:
    """The open school that continues this one, where it is closed and one alone does: the inspectors are there now."""
    known = await schools(uow, [urn, *await representation.heirs(uow, [urn])])
    if urn in known and known[urn].open_on(uow.today):
        return urn
    now = [each for each in known if each != urn and known[each].open_on(uow.today)]
    return now[0] if len(now) == 1 else urn


async def line_of(uow: UnitOfWork, call: Call) -> Line:
    """Of a school that converts while the inspectors are there, whoever is asked is asked about the school it is now.

    Where that is another authority's by now, only the duty desk of the call's own one is left: whom the other one has
    speak for the school, and what it holds back from it, is not this one's to use or to show (decision 20).
    """
    urn = await goes_on_as(uow, call.urn)
    facts = (await facts_of(uow, [urn]))[urn]
    if facts.circumstances.school.authority != call.authority:
        return Line(facts.circumstances, [calls.LAST], held_back=False)
    knows = await what_it_knows(uow, facts)
    told, around = await standing_as_told(uow, knows, uow.today), knows.facts.circumstances
    # Before the school was told who speaks for it, whoever comes is whom what is published names.
    category = told.category if told is not None else by_publication(knows.facts, uow.today)
    held_back = told is None or knows.unknown.since is not None
    return Line(around, calls.line(around, uow.today, category.routes_as), held_back)


async def start(uow: UnitOfWork, urn: str, *, started_by: str) -> Taken:
    """The school has had the call. Started twice, it is one call: the second answer is the first one's call.

    Also under the number that it had when the inspectors called; but where another authority had it then, that one's call
    stays its own, and this is a call of the authority that has the school now (decision 20).
    """
    here = await school(uow, urn)
    if not here.is_spoken_for():
        raise NotStateFunded(urn, here.name)
    of = {urn, *await representation.forebears(uow, [urn])}
    await representation.lock(uow, of)
    for present in await kept.open_calls(uow, of, authority=here.authority):
        if urn in (present.urn, await goes_on_as(uow, present.urn)):
            return Taken(present)
    if not here.open_on(uow.today):
        raise NotOpen(urn, here.name, uow.today)
    new = Call(new_id(), urn, here.authority, uow.today, uow.now, uow.cause.correlation_id)
    await kept.add_call(uow, new, started_by)
    return Taken(await _ask_next(uow, new, new, uow.cause))


async def accept(uow: UnitOfWork, call_id: UUID, *, person_id: UUID | None, by: str, for_a_desk: bool = False) -> Taken:
    """Somebody who was asked takes it; ``person_id`` None: whoever is asked now. ``for_a_desk``: only where that is a desk."""
    call = await _locked(uow, call_id)
    place = _place(call, person_id, for_a_desk)
    asked = call.asked[place - 1]
    around = (await line_of(uow, call)).around
    heads_it = asked.person_id is not None and around.heads_it(asked.person_id, uow.today)
    taken = calls.accept(call, place, by=by, heads_it=heads_it)
    if taken == call:
        return Taken(call)
    await kept.save(uow, call, taken)
    _record_accepted(uow, taken)
    hours = (await settings_of(uow, call.authority)).school_hours
    return Taken(taken, minutes_between(call.called_at, uow.now, hours, school_days(call.authority)))


async def cannot(uow: UnitOfWork, call_id: UUID, *, person_id: UUID | None, by: str, for_a_desk: bool = False) -> Taken:
    """Somebody who was asked can't, so the next in line is asked at once."""
    call = await _locked(uow, call_id)
    answered = calls.cannot(call, _place(call, person_id, for_a_desk), by=by)
    return Taken(await _ask_next(uow, call, answered, uow.cause))


async def close(uow: UnitOfWork, call_id: UUID, *, reason: str, by: str) -> Taken:
    """An officer closes the call before the report is out, and says why."""
    call = await _locked(uow, call_id)
    closed = calls.close(call, uow.today, "officer", reason)
    await kept.save(uow, call, closed, closed_by=by, close_reason=reason)
    _record_closed(uow, closed, uow.today, "officer", uow.cause)
    return Taken(closed)


@dataclass
class Look:
    """Do one thing that time or a report has brought: ask the next in line, or close. Whether there was anything.

    ``but``: calls that are left alone. Which call it is about is known even if the transaction fails.

    A clock in doubt may be wrong. By a wrong one the time of everybody would have run out who was asked before it jumped, so
    their calls wait until somebody has looked at it, and say so (call_cards.py). Whoever was asked since was asked by the
    clock by which her time is counted: wrong or right it is as long, and the inspectors don't wait (W-16). The next in
    line is looked up as when a call is started, so that no day is turned by passing one on. Reports wait: no harm is done
    by a call that is closed a day later.
    """

    but: Collection[UUID] = ()
    call_id: UUID | None = None

    async def __call__(self, uow: UnitOfWork) -> bool:
        since = await doubted_from(uow, LONGEST_JUMP)
        self.call_id = late = await kept.next_out_of_time(uow, uow.now, self.but, since)
        if late is not None:
            return await _pass_on(uow, late)
        if since is not None:
            return False
        self.call_id = reported = await _reported(uow, self.but)
        return reported is not None and await _close_reported(uow, reported)


async def _pass_on(uow: UnitOfWork, call_id: UUID) -> bool:
    call = await _locked(uow, call_id)
    passed = calls.run_out(call, uow.now)
    if passed == call:
        return True  # she answered while we waited for the lock
    with story("inspection-call.no-answer", correlation_id=call.correlation_id) as cause:
        await _ask_next(uow, call, passed, cause)
    await audit(uow, "inspection-call.no-answer", call)
    crash_point("call.passed_on")
    return True


async def _reported(uow: UnitOfWork, but: Collection[UUID]) -> UUID | None:
    """Except for these an open call whose report is out, by what is known of each inspection now."""
    open_calls = [each for each in await kept.waiting_for_a_report(uow) if each.call_id not in but]
    if not open_calls:
        return None
    known = await outcomes_of(uow, {urn for each in open_calls for urn in each.urns})
    out = [each for each in known if not each.withdrawn and each.published_on <= uow.today]
    for each in open_calls:
        for outcome in out:
            if outcome.urn in each.urns and calls.is_its_report(
                each.called_on, outcome.inspection_started_on, outcome.published_on
            ):
                return each.call_id
    return None


async def _close_reported(uow: UnitOfWork, call_id: UUID) -> bool:
    call = await _locked(uow, call_id)
    if call.closed_on is not None:
        return True
    closed = calls.close(call, uow.today, "published")
    await kept.save(uow, call, closed, closed_by="membership")
    with story("inspection-call.published", correlation_id=call.correlation_id) as cause:
        _record_closed(uow, closed, uow.today, "published", cause)
    await audit(uow, "inspection-call.published", closed)
    crash_point("call.closed")
    return True


async def _locked(uow: UnitOfWork, call_id: UUID) -> Call:
    """The call as it is once everybody before us is done."""
    found = await kept.call(uow, call_id)
    await representation.lock(uow, [found.urn, *await representation.heirs(uow, [found.urn])])
    return await kept.call(uow, call_id)


def _place(call: Call, person_id: UUID | None, for_a_desk: bool) -> int:
    if for_a_desk and not call.present.is_desk:
        raise NoDeskIsAsked
    if person_id is None:
        return call.present.place
    asked = call.asked_of(person_id)
    if asked is None:
        raise WasNotAsked
    return asked.place


async def _ask_next(uow: UnitOfWork, before: Call, call: Call, cause: Cause) -> Call:
    """Ask the first of today's line who was not asked in vain, where somebody has to be asked."""
    if not calls.needs_somebody(call):
        await kept.save(uow, before, call)
        return call
    speaker = calls.next_in_line(call, (await line_of(uow, call)).speakers)
    person_id = speaker.person_id or await _officer_of_the_day(uow, call.authority, speaker.role)
    until = answer_by(uow.now, await _hours(uow, call.authority), school_days(call.authority))
    call = calls.ask(call, speaker, person_id, uow.now, until)
    await kept.save(uow, before, call)
    uow.record(
        outbound.inspection_call_asked(call, call.asked[-1]), key=school_key(call.authority, call.urn), because=cause
    )
    return call


async def _hours(uow: UnitOfWork, authority: str) -> SchoolHours:
    return (await settings_of(uow, authority)).school_hours


async def _officer_of_the_day(uow: UnitOfWork, authority: str, role: Role) -> UUID | None:
    found: UUID | None = await uow.value(
        "select officer_of_the_day from desk where authority = $1 and desk = $2", authority, role.value
    )
    return found


def _record_accepted(uow: UnitOfWork, call: Call) -> None:
    assert call.accepted is not None
    uow.record(outbound.inspection_call_accepted(call, call.accepted), key=school_key(call.authority, call.urn))


def _record_closed(uow: UnitOfWork, call: Call, on: date, because: str, cause: Cause) -> None:
    uow.record(
        outbound.inspection_call_closed(call, on, because), key=school_key(call.authority, call.urn), because=cause
    )
