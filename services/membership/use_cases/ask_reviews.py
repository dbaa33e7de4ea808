"""An officer is asked whether an entry of the authority shall stand: once a cause and its day (R0.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.review import Ask, by_review_date
from services.membership.domain.school import School
from services.membership.store import reviews as kept
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Asking:
    """A locked school that is looked at for a day, with the authority's entries for it, and the story in which."""

    school: School
    entries: Sequence[LaEntry]
    day: date
    cause: Cause


async def ask_what_has_come(uow: UnitOfWork, looked: Sequence[Asking]) -> None:
    """Of a review date that came while the school was closed, or not open yet, an officer is asked when it is open.

    Each look at a school asks, whatever has opened it: a line of the register, or a day.
    """
    asking = {
        ask: each
        for each in looked
        if each.school.open_on(each.day)
        for entry in each.entries
        if entry.urn == each.school.urn and (ask := by_review_date(entry, each.day)) is not None
    }
    for review_id, ask in await kept.add_asks(uow, {ask: each.day for ask, each in asking.items()}):
        _tell(uow, review_id, ask, asking[ask].school.authority, asking[ask].cause)


async def ask_officers(uow: UnitOfWork, asks: Sequence[Ask], authority: str, cause: Cause, on: date) -> None:
    for review_id, ask in await kept.add_asks(uow, dict.fromkeys(asks, on)):
        _tell(uow, review_id, ask, authority, cause)


def _tell(uow: UnitOfWork, review_id: UUID, ask: Ask, authority: str, cause: Cause) -> None:
    fact = outbound.la_category_review_due(review_id, ask.entry_id, ask.urn)
    uow.record(fact, key=school_key(authority, ask.urn), because=cause, told=False)
