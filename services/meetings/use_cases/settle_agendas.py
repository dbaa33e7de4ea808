"""Putting schools with a new speaker on the confidential part of the next agenda of their Area Analysis Group."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.meetings import outbound
from services.meetings.domain.agenda import Decision, settle
from services.meetings.store import agendas
from services.meetings.store.agendas import Area, SchoolMatter, StoredChange
from services.meetings.store.told_stories import told_meanwhile
from shared.contracts.envelope import body_key
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork
from shared.telemetry import step


async def hear_of_changes(uow: UnitOfWork, changes: Sequence[StoredChange]) -> None:
    """Changes of speakers came in. One that came before is known by its place and moves nothing.

    One that was held back until the school was told, and is read after that, the group may know of from today.
    """
    held = [
        ((each.urn, each.cause.correlation_id), each.change.place.event_id)
        for each in changes
        if each.change.known_from is None
    ]
    told = await told_meanwhile(uow, held)
    changes = [
        replace(each, change=replace(each.change, known_from=uow.today)) if each.change.place.event_id in told else each
        for each in changes
    ]
    await settle_schools(uow, await agendas.add_changes(uow, changes))


async def release_what_schools_were_told(uow: UnitOfWork, told: Sequence[tuple[str, UUID, date]]) -> None:
    """Schools were told of changes, named by their stories, on a day (R0.8)."""
    await settle_schools(uow, await agendas.release(uow, told))


async def settle_schools_with_changes(uow: UnitOfWork, urns: Sequence[str]) -> None:
    await settle_schools(uow, await agendas.schools_with_changes(uow, urns))


async def settle_areas(uow: UnitOfWork, areas: Sequence[Area]) -> None:
    """A group of the area was recorded, or its next meeting is another."""
    await agendas.lock_areas(uow, areas)
    await _settle(uow, await agendas.schools_with_changes_in(uow, areas))


async def settle_schools(uow: UnitOfWork, urns: Sequence[str]) -> None:
    """A school without an area has no group: no agenda changes. Bristol has neither."""
    if urns:
        await agendas.lock_areas(uow, await agendas.areas_of_schools(uow, urns))
        await _settle(uow, urns)


async def _settle(uow: UnitOfWork, urns: Sequence[str]) -> None:
    if not urns:
        return
    placed: list[tuple[UUID, UUID, str]] = []
    withdrawn: list[UUID] = []
    for matter in await agendas.load_matters(uow, urns):
        decision = settle(
            [each.change for each in matter.changes],
            last_meeting=matter.last_meeting,
            next_meeting=matter.next_meeting,
            live=[item.live for item in matter.live],
        )
        if decision.nothing:
            continue
        with step("agenda.settle", cause=_cause(matter, decision)) as cause:
            withdrawn += _withdraw(uow, matter, decision, cause)
            if decision.place_on is not None:
                item_id = new_id()
                placed.append((item_id, decision.place_on.meeting_id, matter.urn))
                uow.record(
                    outbound.agenda_item_placed(item_id, decision.place_on, matter.urn),
                    key=body_key(matter.authority, decision.place_on.body_id),
                    because=cause,
                )
    await agendas.withdraw_items(uow, withdrawn)
    await agendas.place_items(uow, placed)


def _withdraw(uow: UnitOfWork, matter: SchoolMatter, decision: Decision, cause: Cause) -> list[UUID]:
    gone = [item for item in matter.live if item.live in decision.withdraw]
    for item in gone:
        uow.record(
            outbound.agenda_item_withdrawn(item.live.item_id, item.live.meeting_id, item.body_id, matter.urn),
            key=body_key(item.authority, item.body_id),
            because=cause,
        )
    return [item.live.item_id for item in gone]


def _cause(matter: SchoolMatter, decision: Decision) -> Cause:
    """The story of the change that moved the item, also when it is placed long after, by the calling of a meeting."""
    return next(each.cause for each in matter.changes if each.change == decision.because)
