"""Keep or lift: an officer is asked whether an entry of the authority shall stand, and answers (R0.1)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain.category import Outcome
from services.membership.domain.known import ENTRY_REVIEW
from services.membership.domain.la_entry import LaEntry, UnknownEntry
from services.membership.domain.office import must_have_reason
from services.membership.domain.review import by_review_date, correct_review, keep
from services.membership.store import outcomes as entries
from services.membership.store import reviews as kept
from services.membership.store.due import Due, put_off
from services.membership.store.schools import school
from services.membership.use_cases.ask_reviews import Pair, ask_officers, by_links, of_an_outcome
from services.membership.use_cases.reroute import Looked
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story


@dataclass(frozen=True)
class EntryKept:
    entry_id: UUID
    urn: str
    review_on: date
    answered: list[UUID]


async def keep_entry(uow: UnitOfWork, entry_id: UUID, *, review_on: date, reason: str, kept_by: str) -> EntryKept:
    """The entry stands, and is asked about again on another date. The school is held (hold.py)."""
    entry = await _entry(uow, entry_id)
    asked = await kept.open_reviews(uow, [entry_id])
    keep(entry, bool(asked), review_on=review_on, reason=reason, today=uow.today)
    await kept.add_keep(uow, entry_id, review_on=review_on, reason=reason.strip(), kept_by=kept_by)
    await kept.answer(uow, asked, "kept", by=kept_by)
    await put_off(uow, [Due(ENTRY_REVIEW, str(entry_id), review_on)])
    return EntryKept(entry_id, entry.urn, review_on, asked)


@dataclass(frozen=True)
class ReviewCorrected:
    entry_id: UUID
    urn: str
    review_on: date


async def correct_review_date(
    uow: UnitOfWork, entry_id: UUID, *, review_on: date, reason: str, corrected_by: str
) -> ReviewCorrected:
    """An officer is to be asked on another day than was entered. Nobody hears of it before that. The school is held."""
    must_have_reason(reason)
    entry = await _entry(uow, entry_id)
    correct_review(entry, bool(await kept.open_reviews(uow, [entry_id])), review_on=review_on, today=uow.today)
    await kept.add_keep(uow, entry_id, review_on=review_on, reason=reason.strip(), kept_by=corrected_by, corrects=True)
    await put_off(uow, [Due(ENTRY_REVIEW, str(entry_id), review_on)])
    return ReviewCorrected(entry_id, entry.urn, review_on)


async def close_reviews(uow: UnitOfWork, entry_ids: Sequence[UUID], answered: str, *, by: str) -> None:
    """Entries are lifted or withdrawn: nobody is asked of them any more."""
    await kept.answer(uow, await kept.unanswered_reviews(uow, entry_ids), answered, by=by)


async def ask_on_review_date(uow: UnitOfWork, item: Due) -> None:
    """The review date of an entry has come. One that was lifted, or kept until another date, asks nobody."""
    try:
        entry = await _entry(uow, UUID(item.subject))
    except UnknownEntry:
        return  # withdrawn since
    ask = by_review_date(entry, item.on)
    if ask is None:
        return
    here = await school(uow, entry.urn)
    if not here.open_on(item.on):
        return  # asked when it is open (ask_reviews.py); of the school that continues this one it is asked there
    with story("la-category.review") as cause:
        await ask_officers(uow, [ask], here.authority, cause, max(item.on, entry.from_date))


async def ask_by_outcome(uow: UnitOfWork, looked: Looked, outcome: Outcome, cause: Cause) -> None:
    """An outcome is published while an entry stands: shall it stand? Of a closed school it is asked when that is open."""
    here = looked.facts.circumstances.school
    if here.open_on(looked.day):
        await ask_officers(uow, of_an_outcome(looked.facts, outcome, looked.day), here.authority, cause, looked.day)


async def ask_by_links(uow: UnitOfWork, looked: Looked, linked: Collection[Pair]) -> None:
    """A link comes while an entry stands, and by it an outcome counts that is later: shall it stand?"""
    here = looked.facts.circumstances.school
    if here.open_on(looked.day):
        await ask_officers(uow, by_links(looked.facts, linked, looked.day), here.authority, looked.cause, looked.day)


async def ask_what_a_lifting_hid(uow: UnitOfWork, looked: Looked, entry_id: UUID) -> None:
    """An entry is not to be lifted after all: of the outcomes that were learned since it was, an officer is asked now."""
    here = looked.facts.circumstances.school
    if not here.open_on(looked.day):
        return
    asks = [
        ask
        for outcome in looked.facts.outcomes
        for ask in of_an_outcome(looked.facts, outcome, looked.day)
        if ask.entry_id == entry_id
    ]
    learned = await kept.learned_since_lifted(uow, asks) if asks else set()
    await ask_officers(uow, [ask for ask in asks if ask in learned], here.authority, looked.cause, looked.day)


async def _entry(uow: UnitOfWork, entry_id: UUID) -> LaEntry:
    urn = await kept.school_of_entry(uow, entry_id)
    found = [each for each in await entries.la_entries(uow, urn) if each.entry_id == entry_id]
    if not found:
        raise UnknownEntry(entry_id)
    return found[0]
