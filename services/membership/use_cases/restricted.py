"""Acts inside the council: entries of the authority, allocations, overrides: told on their days and held back (R0.8)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.appointment import Allocation
from services.membership.domain.known import (
    ALLOCATION_BEGINS,
    ALLOCATION_ENDS,
    CONFIRMATION_BEGINS,
    CONFIRMATION_TAKEN_BACK,
    ENTRY_BEGINS,
    ENTRY_LIFTS,
    ENTRY_REVIEW,
    OVERRIDE_BEGINS,
    OVERRIDE_ENDS,
)
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.override import Override
from services.membership.domain.proposal import Ended, Proposal
from services.membership.store import due, overrides, people, proposals
from services.membership.store import outcomes as kept
from services.membership.store.due import Due
from services.membership.store.schools import school
from services.membership.store.withheld import withhold_facts, withhold_from_heirs
from services.membership.use_cases import reviews
from services.membership.use_cases.reroute import Change, reroute
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story

KINDS = frozenset(
    {ENTRY_BEGINS, ENTRY_LIFTS, ENTRY_REVIEW, ALLOCATION_BEGINS, ALLOCATION_ENDS, OVERRIDE_BEGINS, OVERRIDE_ENDS}
    | {CONFIRMATION_BEGINS}
)


async def tell_due(uow: UnitOfWork, days: Mapping[str, date]) -> bool:
    """Tell what was put off for these locked schools up to the day given for each. Whether there was anything."""
    return await tell_items(uow, await due.restricted_of(uow, days))


async def tell_items(uow: UnitOfWork, listed: Sequence[Due]) -> bool:
    """Tell those of these items of locked schools that nobody has told yet. Whether there was any."""
    items = await due.claim(uow, listed)
    for item in items:  # single acts about single schools, a few on any one day
        if item.kind in (ENTRY_BEGINS, ENTRY_LIFTS):
            await _entry(uow, item)
        elif item.kind in (OVERRIDE_BEGINS, OVERRIDE_ENDS):
            await _override(uow, item)
        elif item.kind == ENTRY_REVIEW:
            await reviews.ask_on_review_date(uow, item)
        elif item.kind == CONFIRMATION_BEGINS:
            await _confirmation(uow, item)
        else:
            await _allocation(uow, item)
    return bool(items)


async def _entry(uow: UnitOfWork, item: Due) -> None:
    entry = await kept.la_entry(uow, UUID(item.subject))
    here = await school(uow, entry.urn)
    with story("la-category.day") as cause:
        if item.kind == ENTRY_BEGINS and (entry.lifted_on is None or entry.lifted_on > item.on):
            await tell_entry(uow, entry, here.authority, cause, item.on)
        if item.kind == ENTRY_LIFTS and entry.lifted_on == item.on:  # else the lifting was brought forward or put back
            await tell_lift(uow, [entry], item.on, here.authority, cause, item.on)


async def _allocation(uow: UnitOfWork, item: Due) -> None:
    allocation = await people.allocation(uow, UUID(item.subject))
    here = await school(uow, allocation.urn)
    ended = item.kind == ALLOCATION_ENDS
    if item.on != (allocation.until if ended else allocation.from_date):
        return  # the date was changed after it had been put off
    with story("allocation.day") as cause:
        await tell_allocation(uow, allocation, here.authority, cause, ended=ended, day=item.on)


async def _override(uow: UnitOfWork, item: Due) -> None:
    override = await overrides.override(uow, UUID(item.subject))
    ended = item.kind == OVERRIDE_ENDS
    if item.on != (override.until if ended else override.from_date):
        return  # it was ended earlier
    with story("override.day") as cause:
        if ended and not await overrides.was_ended(uow, override.override_id):
            await tell_expiry(uow, override, cause, item.on)
        else:
            await tell_override(uow, override, cause, item.on, ended=ended, day=item.on)


async def _confirmation(uow: UnitOfWork, item: Due) -> None:
    confirmed = await proposals.proposal(uow, UUID(item.subject))
    if confirmed.ended is not Ended.CONFIRMED:
        return  # it was taken back before its day
    with story("proposal.day") as cause:
        await tell_confirmation(uow, confirmed, cause, item.on)


async def tell_entry(
    uow: UnitOfWork, entry: LaEntry, authority: str, cause: Cause, day: date | None = None
) -> int | None:
    """Tell of an entry on the day on which it begins, and look at the school again. A later day is still ours alone."""
    day = day or uow.today
    if entry.from_date <= day:
        event_id = uow.record(
            outbound.la_category_set(entry), key=school_key(authority, entry.urn), because=cause, told=False
        )
        await withhold_facts(uow, entry.urn, cause.correlation_id, ENTRY_BEGINS, [entry.entry_id], acted_on=day)
        cause = replace(cause, causation_id=event_id)
    change = Change("category-in-force", {entry.urn: cause}, restricted=True, days={entry.urn: day})
    looked = await reroute(uow, [entry.urn], change)
    return looked[0].after.category.value if looked else None


async def tell_lift(
    uow: UnitOfWork,
    lifted: list[LaEntry],
    lifted_on: date,
    authority: str,
    cause: Cause,
    day: date | None = None,
    kind: str = ENTRY_LIFTS,
) -> int | None:
    """``kind``: by what the school doesn't know of it, as long as it was not told."""
    urn = lifted[0].urn
    day = day or uow.today
    if lifted_on <= day:
        for entry in lifted:
            event_id = uow.record(
                outbound.la_category_lifted(entry, lifted_on), key=school_key(authority, urn), because=cause, told=False
            )
            cause = replace(cause, causation_id=event_id)
        await withhold_facts(uow, urn, cause.correlation_id, kind, [each.entry_id for each in lifted], acted_on=day)
    looked = await reroute(uow, [urn], Change("category-in-force", {urn: cause}, restricted=True, days={urn: day}))
    return looked[0].after.category.value if looked else None


async def tell_allocation(
    uow: UnitOfWork, allocation: Allocation, authority: str, cause: Cause, *, ended: bool, day: date | None = None
) -> None:
    """Tell of an allocation that begins or ends today, and look at the school again. A later day is ours alone."""
    day = day or uow.today
    on = allocation.until if ended else allocation.from_date
    assert on is not None
    if on <= day:
        fact = outbound.allocation_ended(allocation, on) if ended else outbound.allocation_made(allocation)
        event_id = uow.record(fact, key=school_key(authority, allocation.urn), because=cause, told=False)
        kind = ALLOCATION_ENDS if ended else ALLOCATION_BEGINS
        await withhold_facts(uow, allocation.urn, cause.correlation_id, kind, [allocation.allocation_id], acted_on=day)
        cause = replace(cause, causation_id=event_id)
    urn = allocation.urn
    await reroute(uow, [urn], Change("allocation", {urn: cause}, restricted=True, days={urn: day}))


async def tell_override(
    uow: UnitOfWork, override: Override, cause: Cause, on: date, *, ended: bool, day: date | None = None
) -> None:
    """Look at the school again where an override begins or ends today. No fact but who speaks leaves membership."""
    day, urn = day or uow.today, override.urn
    if on <= day:
        kind = OVERRIDE_ENDS if ended else OVERRIDE_BEGINS
        await withhold_facts(uow, urn, cause.correlation_id, kind, [override.override_id], acted_on=day)
    await reroute(uow, [urn], Change("override", {urn: cause}, restricted=True, days={urn: day}))


async def tell_expiry(uow: UnitOfWork, override: Override, cause: Cause, day: date) -> None:
    """Look at the school again where an override expires, as was said when it was set: whoever knew of it knows that."""
    await reroute(uow, [override.urn], Change("override", {override.urn: cause}, days={override.urn: day}))


async def tell_confirmation(uow: UnitOfWork, confirmed: Proposal, cause: Cause, day: date | None = None) -> int | None:
    """Look at the school again where a confirmed category begins today. The school hears of it first where it is not
    what the published outcome gives (R0.8)."""
    day, urn = day or uow.today, confirmed.urn
    change = Change("category-in-force", {urn: cause}, days={urn: day})
    looked = await reroute(uow, [urn], change)
    for each in looked:
        if each.after.category.ref == str(confirmed.proposal_id) and not each.after.category_is_public:
            fact_ids = [confirmed.proposal_id]
            await withhold_facts(uow, urn, cause.correlation_id, CONFIRMATION_BEGINS, fact_ids, acted_on=day)
            await reroute(uow, [urn], change)  # what else is so from this day on: the school knows that
    return looked[0].after.category.value if looked else None


async def look_at_heirs(uow: UnitOfWork, heirs: Sequence[str]) -> None:
    """Look again at held schools that carry on one of which an officer has answered: it is answered for them too (R0.1)."""
    if heirs:
        await reroute(uow, heirs, Change("category-in-force", {urn: uow.cause for urn in heirs}))


async def tell_taken_back(uow: UnitOfWork, proposal: Proposal, carried_on_by: Sequence[str]) -> int | None:
    """Look at the school again, and at those that carry it on: what an officer had answered decides nothing any more.

    An act inside the council: whatever it changes the school hears from an officer first (R0.8).
    """
    urn = proposal.urn
    change = Change("category-in-force", {each: uow.cause for each in (urn, *carried_on_by)}, restricted=True)
    looked = {each.school.urn: each for each in await reroute(uow, (urn, *carried_on_by), change)}
    story_of, fact_id = uow.cause.correlation_id, proposal.proposal_id
    moved = {each for each, at in looked.items() if at.before.category != at.after.category.value}
    heirs = [each for each in sorted(moved - {urn}) if looked[each].school.open_on(looked[each].day)]
    await withhold_from_heirs(uow, CONFIRMATION_TAKEN_BACK, [(heir, story_of, fact_id) for heir in heirs])
    if urn in moved:
        await withhold_facts(uow, urn, story_of, CONFIRMATION_TAKEN_BACK, [fact_id], acted_on=uow.today)
    return looked[urn].after.category.value if urn in looked else None
