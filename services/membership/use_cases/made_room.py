"""Whoever made room for a term of office that never was, or that began later, went on until then (R0.4, W-05).

A change of chair is one act: the term before ended because this one began, and nobody has said anything else of it. Where
that can't be so (its holder has come to another post), or isn't known (it ended before that was kept), an officer is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain import office
from services.membership.domain.body import Body
from services.membership.domain.closing import EndedWith
from services.membership.domain.office import Term
from services.membership.store import bodies, people
from services.membership.store.asks import Ask, ask, end_of_term
from services.membership.store.ended import ended_with, forget, note_ends
from services.membership.use_cases.offices import BEGINS, ENDS, MADE_ROOM, STEPPED_BACK, keep_for_later, tell_terms
from services.membership.use_cases.tell_offices import tell_office, waits_no_longer
from shared.contracts.membership import SUCCEEDED
from shared.messaging.cause import Cause, new_id
from shared.refusal import Refusal
from shared.store import UnitOfWork


@dataclass(frozen=True)
class BeforeIt:
    """What became of the terms that had made room, and the cause of what follows."""

    goes_on: tuple[UUID, ...]
    asks: tuple[str, ...]
    cause: Cause


@dataclass(frozen=True)
class MadeRoom:
    """A term that ended because another began, and how it would have run on, where that is known."""

    term: Term
    runs_on: EndedWith | None


async def made_room_for(uow: UnitOfWork, terms: Sequence[Term], present: Term) -> list[MadeRoom]:
    kept = {each.subject: each for each in await ended_with(uow, [present.term_id])}
    reasons = await bodies.end_reasons(uow, [term.term_id for term in terms])
    ids = {term.term_id for term in terms if str(term.term_id) in kept or reasons.get(term.term_id) in MADE_ROOM}
    return [MadeRoom(each, kept.get(str(each.term_id))) for each in office.ended_for(terms, present, ids)]


async def let_go_on(
    uow: UnitOfWork,
    body: Body,
    terms: Sequence[Term],
    made_room: Sequence[MadeRoom],
    of: Term,
    began_on: date | None,
    cause: Cause,
) -> BeforeIt:
    """``terms``: as they are now. ``began_on``: when the other one really began; None where it never did."""
    held, goes_on, unclear = list(terms), [], []
    for each in made_room:
        again = _again(body, held, each)
        if again is None or each.runs_on is None:
            unclear.append(each.term)
            continue
        held = [again if term.term_id == again.term_id else term for term in held]
        untold = await waits_no_longer(uow, each.term)
        is_over = again.until is not None and again.until <= uow.today
        known = each.runs_on.said or (_has_come(each.term, uow.today) and ENDS not in untold)
        runs_on = replace(each.runs_on, said=known or is_over)
        await _write(uow, body, held, again, each.runs_on, runs_on)
        if known or (is_over and ENDS not in untold):
            cause = await tell_office(uow, body, each.term, again, begun_untold=BEGINS in untold)
        elif is_over:  # its end could not be told on its day, and nobody has heard of it
            cause = await tell_terms(uow, body, [], [again], cause, {again.term_id: SUCCEEDED})
        goes_on.append(again.term_id)
    return BeforeIt(tuple(goes_on), await _ask_whether_they_went_on(uow, unclear, of, began_on), cause)


def _has_come(ended: Term, today: date) -> bool:
    return ended.until is not None and ended.until <= today


def _again(body: Body, terms: Sequence[Term], made_room: MadeRoom) -> Term | None:
    if made_room.runs_on is None:
        return None
    until = body.last_until(made_room.term.from_date, made_room.runs_on.until)
    try:
        return office.go_on(terms, made_room.term, until)
    except Refusal:
        return None


async def _write(
    uow: UnitOfWork, body: Body, terms: Sequence[Term], again: Term, kept: EndedWith, runs_on: EndedWith
) -> None:
    """It ends as it would have; or because the next one begins, or the body closes, and goes on without that."""
    await forget(uow, [kept])
    reason = runs_on.reason
    if again.until != runs_on.until:
        next_one = office.that_ends(terms, again)
        reason = f"{body.name} closed" if next_one is None else STEPPED_BACK
        if next_one is not None and next_one.post == again.post:
            reason = SUCCEEDED
        await note_ends(uow, [replace(runs_on, cause=body.body_id if next_one is None else next_one.term_id)])
    await bodies.end_term(uow, again, reason)
    await keep_for_later(uow, [again])


async def _ask_whether_they_went_on(
    uow: UnitOfWork, ended: Sequence[Term], of: Term, began_on: date | None
) -> tuple[str, ...]:
    """The officer reads it in the answer. The desk is asked by the school that the holder headed, until the end is another."""
    headed = await people.headships(uow, people=[each.person_id for each in ended]) if ended else []
    said, asks = [], []
    for each in ended:
        said.append(office.whether_it_went_on(each, of, began_on))
        urn = people.headed_on(headed, each.person_id, of.from_date)
        if urn is not None:
            asks.append(Ask(new_id(), end_of_term(each.term_id), urn, of.from_date, said[-1]))
    await ask(uow, asks)
    return tuple(said)
