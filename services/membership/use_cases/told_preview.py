"""What would go out if a school were recorded as told: seen before, since nothing that has gone out comes back (R0.8).

The telling itself is done and undone again, so that the preview can say nothing else than what would happen. Who would be
written to notifications knows, by the same stories.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.representation import Speaker
from services.membership.store import queries
from services.membership.store.facts import facts_of
from services.membership.store.withheld import acts_withheld
from services.membership.use_cases import governors, trust_contacts
from services.membership.use_cases.as_told import standing_as_told, what_it_knows
from services.membership.use_cases.hold import hold
from services.membership.use_cases.la_category import CANNOT_BE_UNDONE, record_school_told
from shared.store import UnitOfWork

READ = ("category in force", "who speaks in general", "who speaks when it is inspected")


@dataclass(frozen=True)
class LetOut:
    """A story that would go out: of an act of which day, and what the school would know by it."""

    correlation_id: UUID
    acted_on: date
    acts: list[str]


@dataclass(frozen=True)
class Reads:
    """What whoever asks for the school is answered today, and what she would be answered once it was told."""

    what: str
    now: Any
    once_told: Any


@dataclass(frozen=True)
class WouldBeTold:
    """``trusts``: who would be written to for each, or nobody. ``waits``: the days of the acts of which the school would still
    not know."""

    urn: str
    told_on: date
    lets_out: list[LetOut]
    reads: list[Reads]
    chair_of_governors_id: UUID | None
    trusts: Mapping[str, UUID | None]
    waits: list[date]
    note: str


async def preview_told(
    uow: UnitOfWork, urn: str, *, told_on: date, and_the_chair_of_governors: bool = False
) -> WouldBeTold:
    """Raises what the telling itself would."""
    async with uow.rehearsal():
        await hold(uow, [urn])
        acts = await acts_withheld(uow, urn)
        before = await _read_by_the_school(uow, urn)
        told = await record_school_told(
            uow, urn, told_on=told_on, told_by="", and_the_chair_of_governors=and_the_chair_of_governors
        )
        after = await _read_by_the_school(uow, urn)
        chair = await governors.who_hears(uow, urn) if and_the_chair_of_governors else None
        trusts = await trust_contacts.who_hear(uow, urn) if told.releases else {}
    return WouldBeTold(
        urn,
        told_on,
        [LetOut(story, *acts[story]) for story in told.releases],
        [Reads(what, now, after[what]) for what, now in before.items() if now != after[what]],
        chair,
        trusts,
        told.waits,
        CANNOT_BE_UNDONE if told.releases else told.note or "Nothing is held back: nothing would go out",
    )


async def _read_by_the_school(uow: UnitOfWork, urn: str) -> Mapping[str, Any]:
    knows = await what_it_knows(uow, (await facts_of(uow, [urn]))[urn])
    now = await standing_as_told(uow, knows, uow.today)
    if now is None:
        return dict.fromkeys(READ)
    category, general, inspection = READ
    return {
        category: now.category.value,
        general: await _named(uow, now.general),
        inspection: await _named(uow, now.inspection),
    }


async def _named(uow: UnitOfWork, speaker: Speaker | None) -> dict[str, Any] | None:
    if speaker is None:
        return None
    return {"role": speaker.role.value, "person": await queries.person(uow, speaker.person_id)}
