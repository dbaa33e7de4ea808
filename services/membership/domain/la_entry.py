"""The authority's own category for a school: it overrides what was published, from a day until it is lifted (R0.1)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.membership.domain.office import NothingToCorrect
from shared.refusal import Invalid, NotFound, Refusal


@dataclass(frozen=True)
class LaEntry:
    """The authority's own category for a school, from a day until it is lifted (restricted)."""

    entry_id: UUID
    urn: str
    category: int
    from_date: date
    recorded_at: datetime
    review_on: date
    lifted_on: date | None = None

    def stands_on(self, day: date) -> bool:
        return self.from_date <= day and (self.lifted_on is None or day < self.lifted_on)

    @property
    def withdrawn(self) -> bool:
        """It never stood on any day: it was made by mistake."""
        return self.lifted_on == self.from_date


class UnknownCategory(Invalid):
    def __init__(self, category: int):
        super().__init__(f"{category} is not a category: enter 1, 2, 3 or 4")


class ReasonMissing(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter the reason for the authority's own category: it overrides what Ofsted published")


class ReviewBeforeStart(Invalid):
    def __init__(self, review_on: date, from_date: date):
        super().__init__(
            f"The review date {review_on:%-d %B %Y} is not later than {from_date:%-d %B %Y}, when the entry begins"
        )


class NothingToLift(Refusal):
    def __init__(self, urn: str):
        super().__init__(f"The authority has no category of its own for {urn} that could be lifted")
        self.urn = urn


class LiftingHasNotCome(Refusal):
    def __init__(self, urn: str):
        super().__init__(
            f"This category of the authority's own for {urn} is not lifted, or on a day to come: lift it on the right day, or "
            "take the lifting back"
        )


class NothingToTakeBack(Refusal):
    def __init__(self, urn: str):
        super().__init__(
            f"This category of the authority's own for {urn} is not to be lifted: there is nothing to take back"
        )


class LiftingHasCome(Refusal):
    def __init__(self, urn: str, lifted_on: date):
        super().__init__(
            f"This category of the authority's own for {urn} is lifted since {lifted_on:%-d %B %Y}: correct the day if it was "
            "another, and if the authority's own category stands, set it again"
        )


class LiftingStaysInThePast(Invalid):
    def __init__(self, lifted_on: date, today: date):
        super().__init__(
            f"It was told as lifted, so it can't be lifted on {lifted_on:%-d %B %Y}, which has not come: enter a day up to "
            f"{today:%-d %B %Y}. If the authority's own category stands, set it again"
        )


class UnknownEntry(NotFound):
    def __init__(self, entry_id: UUID):
        super().__init__(
            f"There is no entry {entry_id} of an authority's own category: see `consortia explain` of the school"
        )


class EntryIsWithdrawn(Refusal):
    def __init__(self, entry_id: UUID):
        super().__init__(f"The entry {entry_id} was withdrawn already")


class WithdrawalNeedsReason(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the entry should never have been made")


class LiftedBeforeItBegins(Invalid):
    def __init__(self, from_date: date, lifted_on: date):
        super().__init__(
            f"The authority's own category begins on {from_date:%-d %B %Y}; it can't be lifted on {lifted_on:%-d %B %Y}"
        )


def correct_lifting(entry: LaEntry, lifted_on: date, *, today: date) -> LaEntry:
    """The entry was lifted on another day that has gone. One that was lifted as it began is withdrawn instead."""
    if entry.withdrawn:
        raise EntryIsWithdrawn(entry.entry_id)
    if entry.lifted_on is None or entry.lifted_on > today:
        raise LiftingHasNotCome(entry.urn)
    if entry.lifted_on == lifted_on:
        raise NothingToCorrect
    if lifted_on > today:
        raise LiftingStaysInThePast(lifted_on, today)
    if lifted_on <= entry.from_date:
        raise LiftedBeforeItBegins(entry.from_date, lifted_on)
    return replace(entry, lifted_on=lifted_on)


def take_lifting_back(entry: LaEntry, *, today: date) -> LaEntry:
    """The entry was to be lifted, and is not."""
    if entry.withdrawn:
        raise EntryIsWithdrawn(entry.entry_id)
    if entry.lifted_on is None:
        raise NothingToTakeBack(entry.urn)
    if entry.lifted_on <= today:
        raise LiftingHasCome(entry.urn, entry.lifted_on)
    return replace(entry, lifted_on=None)


def a_year_later(day: date) -> date:
    """The same day of the next year; 29 February gives 1 March, so that a full year has gone."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


def la_entry(
    *,
    entry_id: UUID,
    urn: str,
    category: int,
    from_date: date,
    reason: str,
    review_on: date | None,
    recorded_at: datetime,
) -> LaEntry:
    """The authority sets its own category. It stands until somebody lifts it; the review date only asks."""
    if category not in (1, 2, 3, 4):
        raise UnknownCategory(category)
    if not reason.strip():
        raise ReasonMissing
    review = review_on or a_year_later(from_date)
    if review <= from_date:
        raise ReviewBeforeStart(review, from_date)
    return LaEntry(entry_id, urn, category, from_date, recorded_at, review)
