"""A school that was entered in the wrong body, or on the wrong days: corrected, or withdrawn since it never belonged (R0.4).

As with offices and allocations: what had been entered stays among what was replaced, who spoke until now stays as it was
answered, from today on the corrected place counts, and what it changes of days that have gone is told as a correction.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.membership.domain import place
from services.membership.domain.body import Membership, parts_of, whole
from services.membership.domain.closing import PLACE, EndedWith
from services.membership.domain.continuity import NotAMember
from services.membership.domain.office import must_have_reason
from services.membership.domain.place import PlaceCorrection
from services.membership.store import bodies
from services.membership.store import continuity as kept
from services.membership.store.corrections import MEMBERSHIP, add_correction
from services.membership.store.due import told_otherwise
from services.membership.store.ended import ended_with, forget, note_ends
from services.membership.use_cases import members
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.places import PlaceTaken, place_on, taken
from services.membership.use_cases.places_held import PlacesHeld, hold_places, led, write_places
from shared.store import UnitOfWork


async def correct_place(
    uow: UnitOfWork, body_id: UUID, urn: str, correction: PlaceCorrection, *, on: date, reason: str, corrected_by: str
) -> PlaceTaken:
    """The place that the school has in the body on that day was in another body, or on other days."""
    must_have_reason(reason)
    around, parts = await _hold(uow, body_id, urn, on, also=correction.body_id)
    others, wrong = [each for each in around.held if each not in parts], whole(parts)
    entered = await _as_entered(uow, around, wrong)
    right = place.correct_place(others, entered, correction, name_of=lambda each: around.bodies[each].name)
    ends = around.bodies[right.body_id].last_until(right.from_date, right.until)
    if ends != right.until:
        await note_ends(uow, [EndedWith(right.body_id, PLACE, urn, right.from_date, right.until)])
    right = replace(right, until=ends)
    await _put_right(uow, around, parts, [*others, right], min(wrong.from_date, right.from_date))
    await add_correction(uow, MEMBERSHIP, _named(wrong), withdrawn=False, reason=reason, corrected_by=corrected_by)
    found = place_on(await bodies.members_of_schools(uow, [urn]), right.body_id, right.from_date)
    assert found is not None
    return taken(found, changed=True)


async def withdraw_place(
    uow: UnitOfWork, body_id: UUID, urn: str, *, on: date, reason: str, withdrawn_by: str
) -> PlaceTaken:
    """The school never belonged to the body on the days of the place that it has there on that day."""
    must_have_reason(reason)
    around, parts = await _hold(uow, body_id, urn, on)
    others, wrong = [each for each in around.held if each not in parts], whole(parts)
    await _as_entered(uow, around, wrong)
    await _put_right(uow, around, parts, others, wrong.from_date)
    await add_correction(uow, MEMBERSHIP, _named(wrong), withdrawn=True, reason=reason, corrected_by=withdrawn_by)
    return taken(wrong, changed=True)


async def _hold(
    uow: UnitOfWork, body_id: UUID, urn: str, on: date, *, also: UUID | None = None
) -> tuple[PlacesHeld, Sequence[Membership]]:
    """The place that the school has in the body on that day, whole: in its parts."""
    around = await hold_places(uow, urn, body_id, *([also] if also else []))
    there = place_on(around.held, body_id, on)
    if there is None:
        raise NotAMember(urn, around.bodies[body_id].name, on)
    return around, parts_of(around.held, there)


async def _as_entered(uow: UnitOfWork, around: PlacesHeld, wrong: Membership) -> Membership:
    """The place without the closing of its body, where that has cut it: what is put right is what somebody entered.

    How it would run on is no longer kept: that is said anew, or it never was.
    """
    if wrong.until is None or wrong.until != around.bodies[wrong.body_id].closed_on:
        return wrong
    kept = [
        each
        for each in await ended_with(uow, [wrong.body_id])
        if (each.kind, each.subject) == (PLACE, wrong.urn) and each.from_date < wrong.until
    ]
    await forget(uow, kept)
    return replace(wrong, until=kept[-1].until) if kept else wrong


async def _put_right(
    uow: UnitOfWork, around: PlacesHeld, parts: Sequence[Membership], wanted: Sequence[Membership], since: date
) -> None:
    """What was told of the wrong place is taken back: a school that leaves on the day on which it joined never was there."""
    past = await remember(uow, [around.urn], since)
    never = around.never_came(around.held)
    await kept.take_back_members(uow, [(each.body_id, each.urn, each.from_date) for each in parts])
    for each in parts:
        await _told_otherwise(uow, each)
        if each.from_date <= uow.today and each not in never:
            members.tell_left(uow, around.bodies[each.body_id], each, each.from_date, uow.cause)
        around.held.remove(each)
    await write_places(uow, around, await led(uow, around, wanted, since))
    await correct_past(uow, past, since, {around.urn: uow.cause})


async def _told_otherwise(uow: UnitOfWork, wrong: Membership) -> None:
    """What could not be told of the place on its days waits for nobody any longer (docs/decisions/0021)."""
    ends = [members.leaving(wrong, wrong.until)] if wrong.until is not None else []
    await told_otherwise(uow, [members.joining(wrong), *ends])


def _named(wrong: Membership) -> str:
    return f"{wrong.body_id}/{wrong.urn}/{wrong.from_date}"
