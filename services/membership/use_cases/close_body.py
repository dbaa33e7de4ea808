"""A body closes on a day: its schools leave it, its terms of office end, and of schools left in no body the desk is asked.

Its places and terms end with it, so that whoever reads of them hears it as of any school that leaves and any term that
ends (W-02). Which body takes its schools on is for an officer to say. A closing that was a slip is withdrawn, or put on
its right day, also after its day: what ended only with it goes on as it would have (R0.4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain import body as bodies_of_schools
from services.membership.domain import closing
from services.membership.domain.body import Body, Membership, parts_of, whole
from services.membership.domain.closing import PLACE, EndedWith, TermWith
from services.membership.domain.office import Term
from services.membership.store import bodies
from services.membership.store import continuity as kept
from services.membership.store.asks import Ask, ask, take_back_asks
from services.membership.store.corrections import CLOSING, add_correction
from services.membership.store.ended import ended_with, forget_ends, note_ends
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.offices import BEGINS, bring_up_to_today, keep_for_later, tell_terms
from services.membership.use_cases.places_held import PlacesHeld, hold_all_places, led_by, write_all_places
from services.membership.use_cases.tell_offices import tell_office, waits_no_longer
from shared.contracts.envelope import body_key
from shared.messaging.cause import new_id
from shared.store import UnitOfWork

ASK_NO_BODY = "school-in-no-body"


@dataclass(frozen=True)
class BodyClosed:
    """What ends with the body, and what goes on again. ``changed`` False: it was so already."""

    body_id: UUID
    closed_on: date | None  # None: the closing was withdrawn
    schools: list[str]  # whose places end with it, or go on
    terms: list[UUID]
    in_no_body: list[str]
    changed: bool
    elsewhere: tuple[str, ...] = ()  # whose places go on though they have come to another body: is that to stay?


@dataclass
class _Closing:
    """A body, locked with its schools and their other bodies, and what is known of how it would go on."""

    body: Body
    terms: list[Term]
    reasons: dict[UUID, str]
    places: dict[str, PlacesHeld]
    kept: list[EndedWith]

    def kept_of(self, urn: str) -> list[EndedWith]:
        return [each for each in self.kept if (each.kind, each.subject) == (PLACE, urn)]

    def held(self) -> list[Membership]:
        return [each for around in self.places.values() for each in around.held]


async def close_body(uow: UnitOfWork, body_id: UUID, *, closed_on: date, reason: str) -> BodyClosed:
    """From that day the body has neither schools nor officers. One that was recorded as closed is closed like this too."""
    around = await _hold(uow, body_id)
    body, was = around.body, around.body.closed_on
    bodies_of_schools.close(body, closed_on, reason=reason, today=uow.today)
    closing.must_have_begun(body, closed_on, around.terms, around.held(), uow.today)
    return await _settle(uow, around, was, closed_on, f"{body.name} closed: {reason.strip()}", corrects=False)


async def correct_closing(
    uow: UnitOfWork, body_id: UUID, *, closed_on: date, reason: str, corrected_by: str
) -> BodyClosed:
    """The body closed, or closes, on another day. Who spoke for its schools until now stays as it was answered."""
    around = await _hold(uow, body_id)
    was = closing.correct_closing(around.body, closed_on, reason=reason)
    closing.must_have_begun(around.body, closed_on, around.terms, around.held(), uow.today)
    await add_correction(uow, CLOSING, body_id, withdrawn=False, reason=reason, corrected_by=corrected_by)
    return await _settle(uow, around, was, closed_on, f"{around.body.name} closed: {reason.strip()}", corrects=True)


async def withdraw_closing(uow: UnitOfWork, body_id: UUID, *, reason: str, withdrawn_by: str) -> BodyClosed:
    """The body doesn't close, or never did: its places and terms go on as if nobody had closed it."""
    around = await _hold(uow, body_id)
    was = closing.withdraw_closing(around.body, reason=reason)
    await add_correction(uow, CLOSING, body_id, withdrawn=True, reason=reason, corrected_by=withdrawn_by)
    return await _settle(uow, around, was, None, "", corrects=True)


async def schools_that_end_with(uow: UnitOfWork, body_id: UUID) -> list[str]:
    """The schools whose places a closing has ended: to withdraw it takes them in again."""
    return sorted({each.subject for each in await ended_with(uow, [body_id]) if each.kind == PLACE})


async def _hold(uow: UnitOfWork, body_id: UUID) -> _Closing:
    """Lock the body with the other bodies of its schools, then its schools, all brought up to today; then all afresh."""
    beside = await bodies.members_of_schools(uow, await _schools_of(uow, body_id))
    locked = await bodies.lock(uow, {body_id, *(each.body_id for each in beside)})
    await bring_up_to_today(uow, locked[body_id])
    places = await hold_all_places(uow, await _schools_of(uow, body_id), [body_id])
    terms = await bodies.terms(uow, [body_id])
    reasons = await bodies.end_reasons(uow, [each.term_id for each in terms])
    return _Closing(locked[body_id], terms, reasons, places, await ended_with(uow, [body_id]))


async def _schools_of(uow: UnitOfWork, body_id: UUID) -> set[str]:
    return {each.urn for each in await bodies.members(uow, [body_id])} | set(await schools_that_end_with(uow, body_id))


async def _record(uow: UnitOfWork, body: Body, closed_on: date | None) -> None:
    await bodies.close(uow, body.body_id, closed_on)
    recorded = outbound.body_recorded(replace(body, closed_on=closed_on))
    uow.record(recorded, key=body_key(body.authority, body.body_id))


async def _settle(
    uow: UnitOfWork, around: _Closing, was: date | None, now: date | None, why: str, *, corrects: bool
) -> BodyClosed:
    """Places and terms end with the body on ``now``, and no longer on ``was``. None: it doesn't close."""
    body = around.body
    since = min(day for day in (was, now) if day is not None)
    past = await remember(uow, around.places, since)
    if was != now:
        await _record(uow, body, now)
    if was not in (None, now):
        await take_back_asks(uow, ASK_NO_BODY, around.places, was)
    terms = closing.terms_with(body, around.terms, around.kept, was=was, now=now, why=why, reasons=around.reasons)
    named = await kept.named_leads(uow, around.places)
    wanted: dict[str, list[Membership]] = {}
    noted = [each.kept for each in terms if each.kept is not None]
    for urn, held in around.places.items():
        places, ends = closing.places_with(body.body_id, urn, held.held, around.kept_of(urn), was=was, now=now)
        as_they_are = set(places) == set(held.held)
        wanted[urn] = list(held.held) if as_they_are else led_by(named[urn], held, places, since)
        noted += ends
    await forget_ends(uow, body.body_id)
    await note_ends(uow, noted)
    moved = [each for each in terms if each.before != each.after]
    await _end_terms(uow, body, moved, corrects=corrects)
    await write_all_places(uow, [(held, wanted[urn]) for urn, held in around.places.items()])
    changed = sorted(urn for urn, held in around.places.items() if _in(body, held.held) != _in(body, wanted[urn]))
    alone = await _ask_where_they_go(uow, body, changed, now) if now is not None else []
    await correct_past(uow, past, since, {})
    again = [urn for urn in changed if corrects and _elsewhere(body, wanted[urn], was)]
    is_new = bool(changed or moved or was != now)
    return BodyClosed(body.body_id, now, changed, [each.before.term_id for each in moved], alone, is_new, tuple(again))


async def _end_terms(uow: UnitOfWork, body: Body, moved: Sequence[TermWith], *, corrects: bool) -> None:
    for each in moved:
        await bodies.end_term(uow, each.after, each.reason)
    await keep_for_later(uow, [each.after for each in moved])
    if not corrects:
        over = [each.after for each in moved if each.after.until is not None and each.after.until <= uow.today]
        await tell_terms(uow, body, [], over, uow.cause, {each.after.term_id: each.reason or "" for each in moved})
        return
    for each in moved:
        untold = await waits_no_longer(uow, each.before)
        await tell_office(uow, body, each.before, each.after, begun_untold=BEGINS in untold)


async def _ask_where_they_go(uow: UnitOfWork, body: Body, urns: Sequence[str], on: date) -> list[str]:
    """Of schools that are left in no body the desk is asked."""
    elsewhere = {each.urn for each in await bodies.members_of_schools(uow, urns) if each.holds_on(on)}
    alone = [urn for urn in urns if urn not in elsewhere]
    why = bodies_of_schools.why_asked(body, on)
    await ask(uow, [Ask(new_id(), ASK_NO_BODY, urn, on, why) for urn in alone])
    return alone


def _in(body: Body, places: Iterable[Membership]) -> list[tuple[date, date | None]]:
    return sorted((each.from_date, each.until) for each in places if each.body_id == body.body_id)


def _elsewhere(body: Body, places: Sequence[Membership], was: date | None) -> bool:
    """Whether the school came to another body when this one was to close, and is in both now."""
    others = [whole(parts_of(places, each)) for each in places if each.body_id != body.body_id]
    came = [each for each in others if was is not None and each.from_date >= was]
    return any(
        each.holds_on(other.from_date) or other.holds_on(each.from_date)
        for each in came
        for other in places
        if other.body_id == body.body_id
    )
