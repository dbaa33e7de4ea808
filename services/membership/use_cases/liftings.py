"""A lifting of an entry of the authority that still lies ahead is taken back (R0.1, R0.4)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain import la_entry as rule
from services.membership.domain.office import must_have_reason
from services.membership.store import outcomes as kept
from services.membership.use_cases.hold import hold
from services.membership.use_cases.reroute import Change, reroute
from services.membership.use_cases.reviews import ask_what_a_lifting_hid
from shared.store import UnitOfWork


@dataclass(frozen=True)
class LiftingTakenBack:
    entry_id: UUID
    urn: str
    review_on: date


async def take_lifting_back(uow: UnitOfWork, entry_id: UUID, *, reason: str, taken_back_by: str) -> LiftingTakenBack:
    """The entry stands on, and whatever asks whether it shall asks again. Of a lifting to come nobody outside had heard (R0.8).

    Raises UnknownEntry, NothingToTakeBack, LiftingHasCome.
    """
    must_have_reason(reason)
    urn = (await kept.la_entry(uow, entry_id)).urn
    await hold(uow, [urn])
    entry = rule.take_lifting_back(await kept.la_entry(uow, entry_id), today=uow.today)
    await kept.add_la_lifts(uow, [entry_id], lifted_on=None, reason=reason, lifted_by=taken_back_by)
    for looked in await reroute(uow, [urn], Change("category-in-force", {urn: uow.cause}, restricted=True)):
        await ask_what_a_lifting_hid(uow, looked, entry_id)
    return LiftingTakenBack(entry_id, urn, entry.review_on)
