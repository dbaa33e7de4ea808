"""Following up what officers decided: entries of the authority go over or are asked about, overrides are asked about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.membership.domain.continuity import Succession
from services.membership.domain.decisions import (
    entries_left,
    from_its_opening,
    goes_over,
    lifted_as_before,
    overrides_left,
    why_asked_of_entries,
    why_asked_of_overrides,
)
from services.membership.domain.known import (
    ENTRY_BEGINS,
    ENTRY_LIFTING_CORRECTED,
    ENTRY_LIFTS,
    ENTRY_REVIEW,
    ENTRY_WITHDRAWN,
)
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.school import School
from services.membership.store import continuity, overrides
from services.membership.store import outcomes as kept
from services.membership.store.asks import Ask, ask_once, take_back_asks
from services.membership.store.continuity import Followed
from services.membership.store.due import Due, put_off
from services.membership.store.withheld import withhold_facts
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.reroute import Change, reroute
from services.membership.use_cases.restricted import tell_entry, tell_lift
from services.membership.use_cases.reviews import ask_what_a_lifting_hid, close_reviews
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from shared.telemetry import story

ENTRY = "la-entry"
ASK_ENTRY, ASK_OVERRIDE = "la-category-after-continuity", "override-after-continuity"
BY = "continuity"


async def follow_entries(
    uow: UnitOfWork, following: Sequence[Succession], known: Mapping[str, School], of: Collection[str]
) -> None:
    """An entry goes over to a maintained school that continues one school; of others an officer is asked.

    What she entered for the school itself decides. ``of``: the schools of which all continuations are known here.
    """
    held = {each.entry_id: each for each in await kept.la_entries_of(uow, list(known))}
    notes = {
        (each.urn, each.subject): each for each in await continuity.followed(uow, list(known)) if each.what == ENTRY
    }
    wanted: dict[tuple[str, str], tuple[Succession, School, LaEntry]] = {}
    asks: list[Ask] = []
    carried = {each.ref for each in notes.values()}
    ids = [UUID(each) for each in carried]
    by_officers = await kept.lifted_by_others(uow, ids, BY)
    for succession in following:
        urn = succession.school.urn
        own = [each for each in held.values() if each.urn == urn and str(each.entry_id) not in carried]
        left = entries_left(succession, held.values())
        if not left or any(_stays(each, succession) for each in own):
            continue
        if goes_over(succession):
            wanted |= {(urn, str(each.entry_id)): (succession, school, each) for school, each in left}
        else:
            asks.append(Ask(new_id(), ASK_ENTRY, urn, succession.on, why_asked_of_entries(succession, left)))
    for place, note in list(notes.items()):
        there = held[UUID(note.ref)]
        is_hers = there.entry_id in by_officers and place in wanted
        if note.urn in of and note.on > uow.today and not is_hers and not _is_as_planned(there, wanted.get(place)):
            await _take_back(uow, note, there)
            del notes[place]
    begun = [each for each in notes.values() if each.urn in of and each.on <= uow.today]
    for note in await _follow_liftings(uow, begun, held, known, by_officers):
        del notes[note.urn, note.subject]
    for place, (succession, school, entry) in wanted.items():
        if place not in notes:
            await _carry_over(uow, succession, school, entry)
    goes = {(succession.on, succession.school.urn) for succession, _, _ in wanted.values()}
    for day in sorted({on for on, _ in goes}):
        await take_back_asks(uow, ASK_ENTRY, [urn for on, urn in goes if on == day], day)
    await ask_once(uow, ASK_ENTRY, of, asks)


async def follow_overrides(
    uow: UnitOfWork, following: Sequence[Succession], known: Mapping[str, School], of: Collection[str]
) -> None:
    """Whoever was named for a school that is no more speaks for none that continues it until an officer says so.

    ``of``: the schools of which all continuations are known here.
    """
    held = await overrides.overrides(uow, list(known))
    asks = []
    for succession in following:
        urn = succession.school.urn
        left = overrides_left(succession, held)
        if left and not any(each.urn == urn and each.until > succession.on for each in held):
            asks.append(Ask(new_id(), ASK_OVERRIDE, urn, succession.on, why_asked_of_overrides(succession, left)))
    await ask_once(uow, ASK_OVERRIDE, of, asks)


def _stays(entry: LaEntry, succession: Succession) -> bool:
    return not entry.withdrawn and (entry.lifted_on is None or entry.lifted_on > succession.on)


def _is_as_planned(carried: LaEntry, wanted: tuple[Succession, School, LaEntry] | None) -> bool:
    """Whether what was written for a day to come is still what follows."""
    if wanted is None:
        return carried.withdrawn
    succession, _, entry = wanted
    right = replace(from_its_opening(entry, succession), entry_id=carried.entry_id, recorded_at=carried.recorded_at)
    return carried == right


async def _take_back(uow: UnitOfWork, note: Followed, carried: LaEntry) -> None:
    if not carried.withdrawn:
        await kept.withdraw_la_entry(uow, carried.entry_id, reason="What was to follow has changed", withdrawn_by=BY)
    await continuity.forget_followed(uow, [note])


async def _follow_liftings(
    uow: UnitOfWork,
    begun: Sequence[Followed],
    held: Mapping[UUID, LaEntry],
    known: Mapping[str, School],
    by_officers: set[UUID],
) -> list[Followed]:
    """What has begun follows the lifting of the entry it came from, unless an officer has decided of it; which of it never was."""
    follows = []
    for note in begun:
        there, before = held[UUID(note.ref)], held.get(UUID(note.subject))
        right = lifted_as_before(there, before, uow.today) if before is not None else there
        if right != there:
            follows.append((note, there, right))
    hers = by_officers | await kept.kept_by_officers(uow, [there.entry_id for _, there, _ in follows])
    gone = []
    for note, there, right in follows:
        if there.entry_id in hers:
            continue
        if right.withdrawn:
            await _never_stood(uow, there, known[note.urn])
            gone.append(note)
        else:
            await _lift_as_before(uow, there, known[note.urn], right.lifted_on)
    await continuity.forget_followed(uow, gone)
    return gone


async def _never_stood(uow: UnitOfWork, there: LaEntry, here: School) -> None:
    before = await remember(uow, [there.urn], there.from_date)
    why = "There was nothing to go over from the school before"
    await kept.withdraw_la_entry(uow, there.entry_id, reason=why, withdrawn_by=BY)
    await close_reviews(uow, [there.entry_id], "withdrawn", by=BY)
    with story("continuity.la-category") as cause:
        await tell_lift(uow, [there], there.from_date, here.authority, cause, kind=ENTRY_WITHDRAWN)
        await correct_past(uow, before, there.from_date, {there.urn: cause})


async def _lift_as_before(uow: UnitOfWork, there: LaEntry, here: School, lifted_on: date | None) -> None:
    assert there.lifted_on is not None
    since = min(there.lifted_on, lifted_on or there.lifted_on)
    before = await remember(uow, [there.urn], since)
    with story("continuity.la-category") as cause:
        await kept.add_la_lifts(
            uow, [there.entry_id], lifted_on=lifted_on, reason="As for the school before", lifted_by=BY,
            story_of=cause.correlation_id,
        )  # fmt: skip
        if there.lifted_on <= uow.today:
            ids = [there.entry_id]
            await withhold_facts(uow, there.urn, cause.correlation_id, ENTRY_LIFTING_CORRECTED, ids, acted_on=uow.today)
        elif lifted_on is None:
            change = Change("category-in-force", {there.urn: cause}, restricted=True)
            for looked in await reroute(uow, [there.urn], change):
                await ask_what_a_lifting_hid(uow, looked, there.entry_id)
        else:
            later = [Due(ENTRY_LIFTS, str(there.entry_id), lifted_on)] if lifted_on > uow.today else []
            await put_off(uow, later)
            await tell_lift(uow, [there], lifted_on, here.authority, cause)
        await correct_past(uow, before, since, {there.urn: cause})


async def _carry_over(uow: UnitOfWork, succession: Succession, left: School, entry: LaEntry) -> None:
    """An act inside the council with its own story: the school hears of it first, as of any entry (R0.8)."""
    here = succession.school
    new = replace(from_its_opening(entry, succession), entry_id=new_id(), recorded_at=uow.now)
    said = await kept.why_entered(uow, entry.entry_id)
    before = await remember(uow, [here.urn], new.from_date)
    why = f"{said.reason} (entered for {left.name}, {left.urn}, which this school continues)"
    await kept.add_la_entry(uow, new, reason=why, set_by=said.set_by)
    later = [Due(ENTRY_BEGINS, str(new.entry_id), new.from_date)] if new.from_date > uow.today else []
    if new.lifted_on is not None:
        await kept.add_la_lifts(
            uow, [new.entry_id], lifted_on=new.lifted_on, reason="As for the school before", lifted_by=BY
        )
        later.append(Due(ENTRY_LIFTS, str(new.entry_id), new.lifted_on))
    await put_off(uow, [*later, Due(ENTRY_REVIEW, str(new.entry_id), new.review_on)])
    note = Followed(here.urn, ENTRY, str(entry.entry_id), new.from_date, str(new.entry_id), None, succession.words())
    await continuity.save_followed(uow, [note])
    with story("continuity.la-category") as cause:
        await tell_entry(uow, new, here.authority, cause)
        await correct_past(uow, before, new.from_date, {here.urn: cause})
