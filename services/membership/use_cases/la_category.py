"""The authority's own category, and telling the school of it (restricted, R0.8)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain import la_entry as rule
from services.membership.domain.known import (
    ENTRY_BEGINS,
    ENTRY_LIFTING_CORRECTED,
    ENTRY_LIFTS,
    ENTRY_REVIEW,
    ENTRY_WITHDRAWN,
)
from services.membership.domain.la_entry import (
    EntryIsWithdrawn,
    LaEntry,
    LiftedBeforeItBegins,
    NothingToLift,
    WithdrawalNeedsReason,
    la_entry,
)
from services.membership.domain.office import must_have_reason
from services.membership.domain.school import must_not_be_closed
from services.membership.store import outcomes as kept
from services.membership.store.due import Due, put_off
from services.membership.store.reviews import school_of_entry
from services.membership.store.schools import school
from services.membership.store.withheld import held_before, release, waits_of, withhold_facts
from services.membership.use_cases import governors, trust_contacts
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.hold import hold
from services.membership.use_cases.reroute import know_again
from services.membership.use_cases.restricted import tell_entry, tell_lift
from services.membership.use_cases.reviews import (
    EntryKept,
    ReviewCorrected,
    close_reviews,
    correct_review_date,
    keep_entry,
)
from shared.contracts.envelope import school_key
from shared.messaging.cause import new_id
from shared.refusal import Invalid, Refusal
from shared.store import UnitOfWork


@dataclass(frozen=True)
class EntryMade:
    entry_id: UUID
    urn: str
    category: int
    from_date: date
    review_on: date
    category_in_force: int | None


async def set_la_category(
    uow: UnitOfWork, urn: str, *, category: int, from_date: date, reason: str, review_on: date | None, set_by: str
) -> EntryMade:
    """The authority sets its own category for a school; it overrides from its date until it is lifted."""
    here = await school(uow, urn)
    await hold(uow, [urn])
    must_not_be_closed(await school(uow, urn), from_date)
    entry = la_entry(
        entry_id=new_id(),
        urn=urn,
        category=category,
        from_date=from_date,
        reason=reason,
        review_on=review_on,
        recorded_at=uow.now,
    )
    before = await remember(uow, [urn], from_date)
    await kept.add_la_entry(uow, entry, reason=reason, set_by=set_by)
    if entry.from_date > uow.today:
        await put_off(uow, [Due(ENTRY_BEGINS, str(entry.entry_id), entry.from_date)])
    await put_off(uow, [Due(ENTRY_REVIEW, str(entry.entry_id), entry.review_on)])
    looked = await tell_entry(uow, entry, here.authority, uow.cause)
    await correct_past(uow, before, from_date, {})
    return EntryMade(entry.entry_id, urn, category, from_date, entry.review_on, looked)


async def keep_la_category(uow: UnitOfWork, entry_id: UUID, *, review_on: date, reason: str, kept_by: str) -> EntryKept:
    """An officer who was asked lets the entry stand until another review date. Raises UnknownEntry, NothingAsked."""
    await hold(uow, [await school_of_entry(uow, entry_id)])
    return await keep_entry(uow, entry_id, review_on=review_on, reason=reason, kept_by=kept_by)


async def correct_review(
    uow: UnitOfWork, entry_id: UUID, *, review_on: date, reason: str, corrected_by: str
) -> ReviewCorrected:
    """The review date that was entered was a slip. Raises UnknownEntry, AskedAlready."""
    await hold(uow, [await school_of_entry(uow, entry_id)])
    return await correct_review_date(uow, entry_id, review_on=review_on, reason=reason, corrected_by=corrected_by)


@dataclass(frozen=True)
class EntriesLifted:
    urn: str
    entry_ids: list[UUID]
    lifted_on: date
    category_in_force: int | None


async def lift_la_category(uow: UnitOfWork, urn: str, *, lifted_on: date, reason: str, lifted_by: str) -> EntriesLifted:
    """Whatever the authority had entered for the school from an earlier day stops counting from that day.

    An entry that is to begin later stands: it is withdrawn by itself. A lifting whose day has not come can be brought
    forward or put back like this: the latest decision counts.
    """
    here = await school(uow, urn)
    await hold(uow, [urn])
    standing = [each for each in await kept.la_entries(uow, urn) if _can_be_lifted(each, uow.today)]
    if not standing:
        raise NothingToLift(urn)
    begun = [each for each in standing if each.from_date <= lifted_on]
    if not begun:
        raise LiftedBeforeItBegins(min(each.from_date for each in standing), lifted_on)
    standing = begun
    ids = [each.entry_id for each in standing]
    before = await remember(uow, [urn], lifted_on)
    # What an earlier lifting answered that was taken back is answered by this one.
    await close_reviews(uow, ids, "lifted", by=lifted_by)
    await kept.add_la_lifts(uow, ids, lifted_on=lifted_on, reason=reason, lifted_by=lifted_by)
    if lifted_on > uow.today:
        await put_off(uow, [Due(ENTRY_LIFTS, str(each), lifted_on) for each in ids])
    looked = await tell_lift(uow, standing, lifted_on, here.authority, uow.cause)
    await correct_past(uow, before, lifted_on, {})
    return EntriesLifted(urn, ids, lifted_on, looked)


def _can_be_lifted(entry: LaEntry, today: date) -> bool:
    return not entry.withdrawn and (entry.lifted_on is None or entry.lifted_on > today)


@dataclass(frozen=True)
class LiftingCorrected:
    entry_id: UUID
    urn: str
    lifted_on: date


async def correct_lifting(
    uow: UnitOfWork, entry_id: UUID, *, lifted_on: date, reason: str, corrected_by: str
) -> LiftingCorrected:
    """An entry was lifted on another day than was entered (R0.4).

    Lifted it is before and after: nothing changes of today, and nobody hears of it but as a correction of history. The school
    knows the day that it was told until it is told of the other (R0.8).
    """
    must_have_reason(reason)
    urn = (await kept.la_entry(uow, entry_id)).urn
    await hold(uow, [urn])
    entry = await kept.la_entry(uow, entry_id)
    corrected = rule.correct_lifting(entry, lifted_on, today=uow.today)
    since = min(day for day in (entry.lifted_on, lifted_on) if day is not None)
    before = await remember(uow, [urn], since)
    await kept.add_la_lifts(uow, [entry_id], lifted_on=lifted_on, reason=reason, lifted_by=corrected_by)
    story = uow.cause.correlation_id
    await withhold_facts(uow, urn, story, ENTRY_LIFTING_CORRECTED, [entry_id], acted_on=uow.today)
    await correct_past(uow, before, since, {})
    return LiftingCorrected(entry_id, urn, corrected.lifted_on or lifted_on)


@dataclass(frozen=True)
class EntryWithdrawn:
    entry_id: UUID
    urn: str
    category_in_force: int | None


async def withdraw_la_category(uow: UnitOfWork, entry_id: UUID, *, reason: str, withdrawn_by: str) -> EntryWithdrawn:
    """An entry that should never have been made, for instance for the wrong school, never counted (R0.4)."""
    if not reason.strip():
        raise WithdrawalNeedsReason
    urn = (await kept.la_entry(uow, entry_id)).urn
    here = await school(uow, urn)
    await hold(uow, [urn])
    entry = await kept.la_entry(uow, entry_id)
    if entry.withdrawn:
        raise EntryIsWithdrawn(entry_id)
    before = await remember(uow, [urn], entry.from_date)
    await kept.withdraw_la_entry(uow, entry_id, reason=reason, withdrawn_by=withdrawn_by)
    await close_reviews(uow, [entry_id], "withdrawn", by=withdrawn_by)
    looked = await tell_lift(uow, [entry], entry.from_date, here.authority, uow.cause, kind=ENTRY_WITHDRAWN)
    await correct_past(uow, before, entry.from_date, {})
    return EntryWithdrawn(entry_id, urn, looked)


CANNOT_BE_UNDONE = (
    "This cannot be undone: whoever hears of it has heard. What was wrong is put right by a correction, of which the school "
    "has to be told in turn"
)


class ToldTooEarly(Invalid):
    def __init__(self, told_on: date):
        super().__init__(f"{told_on:%-d %B %Y} has not come yet: enter that the school was told once it has been")


class HeldBeforeThese(Refusal):
    def __init__(self, days: Sequence[date]):
        super().__init__(
            f"Something of {_in_words(days)} was held back before the last of these stories, and isn't among them: what follows "
            "can't go out before it. Look at the preview again, and tell the school of all that it names"
        )


@dataclass(frozen=True)
class Told:
    """``waits``: the days of the acts of which the school was not told yet.

    ``note`` says so where nothing goes out, and where something does that it cannot be undone.
    """

    urn: str
    told_on: date
    releases: list[UUID]
    waits: list[date]
    note: str | None


async def record_school_told(
    uow: UnitOfWork,
    urn: str,
    *,
    told_on: date,
    told_by: str,
    and_the_chair_of_governors: bool = False,
    stories: Collection[UUID] | None = None,
) -> Told:
    """An officer says that the school was told: what is held back of acts up to that day may go out now, for good.

    ``stories``: those that she has seen in the preview. Whatever has come since waits until the school is told of it, too.

    Raises ToldTooEarly for a day to come: what is held back would be out before the school has heard of it (R0.8). And
    NobodyChairsTheGovernors where their chair is to hear, and nobody is recorded; HeldBeforeThese where a story that is left
    out is older than one that is named.
    """
    if told_on > uow.today:
        raise ToldTooEarly(told_on)
    here = await school(uow, urn)
    await hold(uow, [urn])
    if stories is not None and (before := await held_before(uow, urn, told_on, stories)):
        raise HeldBeforeThese(before)
    releases = await release(uow, urn, told_on, told_by, stories)
    waits = await waits_of(uow, urn)
    if releases and waits:
        await know_again(uow, urn)
    chair = await governors.who_hears(uow, urn) if and_the_chair_of_governors else None
    trusts = await trust_contacts.who_hear(uow, urn) if releases else {}
    uow.record(outbound.school_told(urn, told_on, releases, chair, trusts), key=school_key(here.authority, urn))
    return Told(urn, told_on, releases, waits, _note(told_on, releases, waits))


def _note(told_on: date, releases: Sequence[UUID], waits: Sequence[date]) -> str | None:
    since = [day for day in waits if day <= told_on]
    said = CANNOT_BE_UNDONE if releases else _nothing_goes_out(told_on, waits) if waits and not since else None
    if not since:
        return said
    came = f"Something of {_in_words(since)} is not among these stories and waits: look at the preview, and tell the school of that"
    return f"{said}. {came}" if said else came


def _in_words(days: Sequence[date]) -> str:
    return " and ".join(f"{day:%-d %B %Y}" for day in days)


def _nothing_goes_out(told_on: date, waits: Sequence[date]) -> str:
    return (
        f"Nothing goes out: what waits is of {_in_words(waits)}, and on {told_on:%-d %B %Y} the school can't have been told of it. "
        "Enter the day on which it is told of that"
    )
