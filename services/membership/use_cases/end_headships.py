"""A head leaves and moves nowhere, or a headship was entered wrongly (R0.3, R0.4).

Her school is looked at again: nobody speaks for the school that she heads. Whatever office she holds stays hers, and
those who keep her school with it (her award goes there) hear that it is another, or none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain import in_post
from services.membership.domain.appointment import Headship
from services.membership.domain.office import Correction, Term, must_have_reason
from services.membership.domain.standing import Facts
from services.membership.store import bodies, continuity, people
from services.membership.store.corrections import HEADSHIP, add_correction
from services.membership.store.due import Due, put_off, told_otherwise
from services.membership.store.schools import school
from services.membership.use_cases.appointments import tell_due_of
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.headships import (
    BEGINS,
    ENDS,
    Headed,
    due_of,
    schools_headed,
    tell_headships,
    tell_school_of_office,
    terms_begun,
)
from services.membership.use_cases.hold import hold
from services.membership.use_cases.offices import bring_up_to_today
from services.membership.use_cases.reroute import Change, reroute
from shared.messaging.cause import Cause
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Heads:
    """A locked school with all who headed it, and which school each term of these people goes with."""

    urn: str
    headships: list[Headship]
    terms: list[tuple[Term, Headed]]

    def of(self, person_id: UUID) -> list[Headship]:
        return [each for each in self.headships if each.person_id == person_id]

    def what(self, person_id: UUID) -> str:
        return f"The headship of {self.urn} by {person_id}"


async def end_headship(uow: UnitOfWork, urn: str, person_id: UUID, *, ended_on: date) -> Headship:
    """She no longer heads the school from that day on."""
    held = await hold_heads(uow, urn, [person_id])
    present, ended = in_post.end(held.of(person_id), ended_on, held.what(person_id))
    before = await remember(uow, [urn], ended_on)
    await people.rewrite_headship(uow, present, ended)
    await put_off_days(uow, ended)
    over = [(ended, ended_on)] if ended_on <= uow.today else []
    cause = await tell_headships(uow, [], over, uow.cause)
    await look_again(uow, held, before, ended_on, cause)
    return ended


async def correct_headship(
    uow: UnitOfWork, urn: str, person_id: UUID, correction: Correction, *, on: date, reason: str, corrected_by: str
) -> Headship:
    """Another person headed the school in the time of that day, or on other days."""
    must_have_reason(reason)
    held = await hold_heads(uow, urn, [person_id, *([correction.person_id] if correction.person_id else [])])
    wrong = in_post.on_day(held.of(person_id), on, held.what(person_id))
    if correction.person_id is not None:
        await people.must_be_known(uow, [correction.person_id])
    right = in_post.correct([each for each in held.headships if each != wrong], wrong, correction)
    since = min(wrong.from_date, right.from_date)
    before = await remember(uow, [urn], since)
    await people.rewrite_headship(uow, wrong, right)
    await add_correction(
        uow, HEADSHIP, in_post.name_of(wrong), withdrawn=False, reason=reason, corrected_by=corrected_by
    )
    await _put_right(uow, held, before, wrong, right, since)
    return right


async def withdraw_headship(
    uow: UnitOfWork, urn: str, person_id: UUID, *, on: date, reason: str, withdrawn_by: str
) -> Headship:
    """She never headed the school in the time of that day."""
    must_have_reason(reason)
    held = await hold_heads(uow, urn, [person_id])
    wrong = in_post.on_day(held.of(person_id), on, held.what(person_id))
    before = await remember(uow, [urn], wrong.from_date)
    await people.remove_headship(uow, wrong)
    await continuity.mark(uow, [urn])
    await add_correction(
        uow, HEADSHIP, in_post.name_of(wrong), withdrawn=True, reason=reason, corrected_by=withdrawn_by
    )
    await _put_right(uow, held, before, wrong, None, wrong.from_date)
    return wrong


async def bodies_touched(uow: UnitOfWork, people_ids: Iterable[UUID], since: date) -> list[UUID]:
    """The bodies in which one of these people holds an office on that day or later: they hear of her school."""
    held = await bodies.terms_of_people(uow, people_ids)
    return sorted({each.body_id for each in held if each.until is None or each.until > since}, key=str)


async def hold_heads(uow: UnitOfWork, urn: str, people_ids: Sequence[UUID]) -> Heads:
    """Locks in the order that everybody keeps: bodies, then schools; then everything afresh (D3.1).

    What is due of these people is told first: else readers would hear that a headship was wrong, and then that it began.
    """
    await school(uow, urn)
    locked = await bodies.lock(uow, {term.body_id for term in await terms_begun(uow, people_ids)})
    waits = [item for each in people_ids for item in await due_of(uow, each)]
    await hold(uow, {urn, *(other for item in waits for other in item.subject.split("/")[1:] if other)})
    for body in locked.values():
        await bring_up_to_today(uow, body)
    for each in people_ids:
        await tell_due_of(uow, each)
    terms = [(term, await schools_headed(uow, term)) for term in await terms_begun(uow, people_ids)]
    return Heads(urn, await people.headships(uow, urns=[urn]), terms)


async def _put_right(
    uow: UnitOfWork, held: Heads, before: Mapping[str, Facts], wrong: Headship, right: Headship | None, since: date
) -> None:
    """What was told of the wrong one is taken back: one that ends on the day on which it began never was."""
    untold = await told_otherwise(uow, [Due(BEGINS, _subject(wrong), wrong.from_date), *_end_of(wrong)])
    await put_off_days(uow, right)
    if wrong.from_date > uow.today:  # she may have moved to it, and leaves where she was by herself now
        left = await people.headships(uow, people=[wrong.person_id])
        await put_off(uow, [end for each in left if each.until == wrong.from_date for end in _end_of(each)])
    told = wrong.from_date <= uow.today and BEGINS not in untold
    same = right is not None and (right.person_id, right.from_date) == (wrong.person_id, wrong.from_date)
    begun = [right] if right is not None and right.from_date <= uow.today else []
    end_was_told = told and wrong.until is not None and wrong.until <= uow.today and ENDS not in untold
    taken_back = [(wrong, wrong.from_date)] if told and not same else []
    again = begun if not (told and same) or end_was_told else []
    cause = await tell_headships(uow, again, taken_back, uow.cause)
    over = [(each, each.until) for each in begun if each.until is not None and each.until <= uow.today]
    cause = await tell_headships(uow, [], over, cause)
    await look_again(uow, held, before, since, cause)


async def look_again(uow: UnitOfWork, held: Heads, before: Mapping[str, Facts], since: date, cause: Cause) -> None:
    for term, headed in held.terms:
        cause = await tell_school_of_office(uow, term, headed, since, cause)
    await reroute(uow, [held.urn], Change("office", {held.urn: cause}))
    await correct_past(uow, before, since, {})


async def put_off_days(uow: UnitOfWork, headship: Headship | None) -> None:
    """What lies ahead is told on its day."""
    if headship is None:
        return
    days = [Due(BEGINS, _subject(headship), headship.from_date), *_end_of(headship)]
    await put_off(uow, [each for each in days if each.on > uow.today])


def _end_of(headship: Headship) -> list[Due]:
    return [Due(ENDS, _subject(headship), headship.until)] if headship.until is not None else []


def _subject(headship: Headship) -> str:
    return f"{headship.person_id}/{headship.urn}"
