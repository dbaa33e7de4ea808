"""Offices change hands: taking up, ending, and both on one day in one transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain import office
from services.membership.domain.appointment import Headship
from services.membership.domain.body import Body
from services.membership.domain.closing import TERM, EndedWith
from services.membership.domain.office import CHAIR, PostIsVacant, Term
from services.membership.domain.standing import Facts
from services.membership.store import bodies, due, people
from services.membership.store.due import Due, put_off
from services.membership.store.ended import forget_ends_of, note_ends
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.headships import tell_schools_since
from services.membership.use_cases.hold import hold, hold_but_for_still
from services.membership.use_cases.reroute import Change, reroute
from shared.contracts.envelope import body_key
from shared.contracts.membership import ENDED, SUCCEEDED, TERM_OVER
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork
from shared.telemetry import step, story

BEGINS, ENDS = "office-begins", "office-ends"
STEPPED_BACK = "a chair took up the office"
MADE_ROOM = (SUCCEEDED, STEPPED_BACK)  # why a term ended that only made room for another


@dataclass(frozen=True)
class OfficeChanged:
    """The term of office after the change; ``ended`` is the term that it replaced, where it replaced one."""

    term_id: UUID
    office_id: UUID
    body_id: UUID
    post: str
    person_id: UUID
    from_date: date
    until: date | None
    ended: UUID | None = None
    asks: tuple[str, ...] = ()  # what the officer has to look at besides
    goes_on: tuple[UUID, ...] = ()  # the terms that had ended only because this one began, as it was entered


async def take_up_office(
    uow: UnitOfWork, body_id: UUID, *, post: str, person_id: UUID, from_date: date, until: date | None, route: str
) -> OfficeChanged:
    """A person takes up a vacant post of the body."""
    body, terms, before, still = await hold_body(uow, body_id, from_date)
    await people.must_be_known(uow, [person_id])
    new = _new_term(body, post, person_id, from_date, until, route)
    ended = await _install(uow, terms, new, until)
    await _tell(uow, body, new, ended, still)
    await correct_past(uow, before, from_date, {})
    return changed(new)


async def end_office(uow: UnitOfWork, term_id: UUID, *, ended_on: date, reason: str) -> OfficeChanged:
    """A term of office ends, and the post is vacant until somebody takes it up."""
    found = await bodies.term(uow, term_id)
    body, terms, before, still = await hold_body(uow, found.body_id, ended_on)
    ended = office.end(next(term for term in terms if term.term_id == term_id), ended_on)
    await bodies.end_term(uow, ended, reason)
    await forget_ends_of(uow, TERM, str(term_id))
    await keep_for_later(uow, [ended])
    await _tell(uow, body, None, [ended], still, reasons={ended.term_id: reason})
    await correct_past(uow, before, ended_on, {})
    return changed(ended)


async def change_office(
    uow: UnitOfWork, body_id: UUID, *, post: str, person_id: UUID, from_date: date, route: str
) -> OfficeChanged:
    """The present holder's term ends and the next person's begins, on one day, in one transaction."""
    body, terms, before, still = await hold_body(uow, body_id, from_date)
    await people.must_be_known(uow, [person_id])
    new = _new_term(body, post, person_id, from_date, None, route)
    present = office.holder(terms, post, from_date)
    if present is None:
        raise PostIsVacant(post, from_date)
    ended = await _make_room(uow, present, new, SUCCEEDED)
    terms = [ended if term.term_id == ended.term_id else term for term in terms]
    also_ended = await _install(uow, terms, new, None)
    await keep_for_later(uow, [ended])
    await _tell(uow, body, new, [ended, *also_ended], still, reasons={ended.term_id: SUCCEEDED})
    await correct_past(uow, before, from_date, {})
    return replace(changed(new), ended=ended.term_id)


async def tell_terms(
    uow: UnitOfWork,
    body: Body,
    begun: Sequence[Term],
    ended: Sequence[Term],
    cause: Cause,
    reasons: dict[UUID, str] | None = None,
    headed: Sequence[Headship] | None = None,
) -> Cause:
    """Record what began and ended by today. The cause of what follows: the last of these facts.

    ``headed``: which schools those who begin head, if it was read already.
    """
    if headed is None:
        headed = await people.headships(uow, people=[term.person_id for term in begun]) if begun else []
    key = body_key(body.authority, body.body_id)
    for term in ended:
        followed = any((new.post, new.from_date) == (term.post, term.until) for new in begun)
        reason = SUCCEEDED if followed else _reason(reasons or {}, term.term_id)
        assert term.until is not None
        event_id = uow.record(outbound.office_ended(term, term.until, reason), key=key, because=cause)
        cause = replace(cause, causation_id=event_id)
    for term in begun:
        urn = people.headed_on(headed, term.person_id, term.from_date)
        event_id = uow.record(outbound.office_taken_up(term, urn), key=key, because=cause)
        cause = replace(cause, causation_id=event_id)
        cause = await tell_schools_since(uow, term, cause) if term.from_date < uow.today else cause
    return cause


async def tell_day(
    uow: UnitOfWork,
    body: Body,
    terms: Sequence[Term],
    items: Iterable[Due],
    day: date,
    reasons: dict[UUID, str],
    headed: Sequence[Headship] | None = None,
) -> Cause | None:
    """Terms of the body that begin or end on this day: one story, as the change of one office is."""
    # A date that was changed after it had been put off no longer is the term's date: nothing happens on it.
    put_off = {(item.kind, UUID(item.subject)) for item in items}
    begun = [term for term in terms if (BEGINS, term.term_id) in put_off and term.from_date == day]
    ended = [term for term in terms if (ENDS, term.term_id) in put_off and term.until == day]
    if not begun and not ended:
        return None
    with story("office.day") as cause:
        return await tell_terms(uow, body, begun, ended, cause, reasons, headed)


async def bring_up_to_today(uow: UnitOfWork, body: Body) -> None:
    """Tell what is due of a locked body, before anything of it changes and before the day's turn is done.

    Else its readers would hear that a term has ended, or that it was wrong, and later that it began.
    """
    items = await due.claim(uow, await due.of_terms(uow, body.body_id, (BEGINS, ENDS)))
    if items:
        terms = await bodies.terms(uow, [body.body_id])
        reasons = await bodies.end_reasons(uow, [UUID(item.subject) for item in items])
        for day in sorted({item.on for item in items}):
            await tell_day(uow, body, terms, [item for item in items if item.on == day], day, reasons)


def _reason(reasons: dict[UUID, str], term_id: UUID) -> str:
    """Whether somebody ended it; never what was entered, and never `succeeded`: readers would wait for a successor."""
    return ENDED if reasons.get(term_id) else TERM_OVER


async def look_at_members(uow: UnitOfWork, body: Body, cause: Cause, still: Collection[str]) -> None:
    """The schools for which this body's officers count are looked at again, but for those that stand still."""
    urns = [urn for urn in await bodies.led_schools(uow, [body.body_id], uow.today) if urn not in still]
    with step("office.change", cause=cause) as changing:
        await reroute(uow, urns, Change("office", dict.fromkeys(urns, changing)))


async def hold_body(
    uow: UnitOfWork, body_id: UUID, since: date
) -> tuple[Body, list[Term], Mapping[str, Facts], frozenset[str]]:
    """Lock the body, then its schools, all as they are today; then its terms afresh, and what was known of earlier days.

    Last the schools that stand still. What is to count from an earlier day waits for them: what it corrects of their past
    would never be told.
    """
    found = await bodies.lock(uow, [body_id])
    await bring_up_to_today(uow, found[body_id])
    urns, still = await bodies.led_schools(uow, [body_id], min(since, uow.today)), frozenset[str]()
    if since < uow.today:
        await hold(uow, urns)
    else:
        urns, still = await hold_but_for_still(uow, urns)
    return found[body_id], await bodies.terms(uow, [body_id]), await remember(uow, urns, since), still


def _new_term(body: Body, post: str, person_id: UUID, from_date: date, until: date | None, route: str) -> Term:
    if post not in office.POSTS:
        raise office.UnknownPost(post)
    until = body.last_until(from_date, until)
    return Term(new_id(), body.office_id(post), body.body_id, post, person_id, from_date, until, route)


async def _install(uow: UnitOfWork, terms: Sequence[Term], new: Term, wished: date | None) -> list[Term]:
    """Write the new term; whoever acted as chair steps back when a chair takes up the office.

    ``wished``: when it was to end, where its body may close before.
    """
    stepping_back = office.acting_chair_steps_back(terms, new) if new.post == CHAIR else None
    office.take_up(terms, new)
    if stepping_back is not None:
        acting = next(each for each in terms if each.term_id == stepping_back.term_id)
        stepping_back = await _make_room(uow, acting, new, STEPPED_BACK)
    await bodies.add_terms(uow, [new])
    if new.until != wished:
        await note_ends(uow, [EndedWith(new.body_id, TERM, str(new.term_id), new.from_date, wished)])
    ended = [stepping_back] if stepping_back is not None else []
    await keep_for_later(uow, [*ended, new])
    return ended


async def _make_room(uow: UnitOfWork, present: Term, new: Term, reason: str) -> Term:
    """The term ends because another begins. How it would have run on is kept, for when the other never was (R0.4)."""
    ended = office.end(present, new.from_date)
    would_end = await bodies.end_reasons(uow, [present.term_id]) if present.until is not None else {}
    runs_on = EndedWith(
        new.term_id,
        TERM,
        str(present.term_id),
        present.from_date,
        present.until,
        would_end.get(present.term_id),
        said=present.from_date > uow.today,  # it will be told when it begins, with its end
    )
    await note_ends(uow, [runs_on])
    await bodies.end_term(uow, ended, reason)
    return ended


async def keep_for_later(uow: UnitOfWork, terms: Sequence[Term]) -> None:
    """What lies ahead is told on its day, and stays ours alone until then."""
    later = [Due(BEGINS, str(term.term_id), term.from_date) for term in terms if term.from_date > uow.today]
    later += [Due(ENDS, str(term.term_id), term.until) for term in terms if term.until and term.until > uow.today]
    await put_off(uow, later)


async def _tell(
    uow: UnitOfWork,
    body: Body,
    new: Term | None,
    ended: Sequence[Term],
    still: Collection[str],
    reasons: dict[UUID, str] | None = None,
) -> None:
    """What has begun or ended by today. A term that goes on was told when it began, also where its end is planned now."""
    over = [term for term in ended if term.until is not None and term.until <= uow.today]
    begun = [new] if new is not None and new.from_date <= uow.today else []
    cause = await tell_terms(uow, body, begun, over, uow.cause, reasons)
    past = [term for term in begun if term.until is not None and term.until <= uow.today]
    cause = await tell_terms(uow, body, [], past, cause) if past else cause
    await look_at_members(uow, body, cause, still)


def changed(term: Term) -> OfficeChanged:
    return OfficeChanged(
        term.term_id, term.office_id, term.body_id, term.post, term.person_id, term.from_date, term.until
    )
