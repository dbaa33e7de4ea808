"""Keep or lift: when an officer is asked whether an entry of the authority shall stand (R0.1).

Asked once a cause: the review date, or a later outcome. The entry stands until somebody answers.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain.category import CategoryPolicy, Continuity, Outcome, category_of_outcome, passed_on
from services.membership.domain.la_entry import LaEntry, ReviewBeforeStart
from services.membership.domain.office import NothingToCorrect
from shared.refusal import Invalid, Refusal


class Cause(enum.StrEnum):
    REVIEW_DATE = "review-date"
    OUTCOME = "outcome"


@dataclass(frozen=True)
class Ask:
    """One question: entry, cause and its date tell it from every other."""

    entry_id: UUID
    urn: str
    cause: Cause
    on: date  # the review date, or the day on which the outcome was published
    ref: str = ""  # the inspection number


class NothingAsked(Refusal):
    def __init__(self, urn: str):
        super().__init__(
            f"Nobody is asked whether the authority's own category for {urn} shall stand: "
            "its review date has not come, or the question is answered"
        )


class LiftedAlready(Refusal):
    def __init__(self, urn: str, lifted_on: date):
        super().__init__(
            f"The authority's own category for {urn} is lifted from {lifted_on:%-d %B %Y}; enter a new one instead"
        )


class ReviewNotLater(Invalid):
    def __init__(self, review_on: date, today: date):
        super().__init__(
            f"The new review date {review_on:%-d %B %Y} is not later than today, {today:%-d %B %Y}: "
            "enter the day on which to ask again"
        )


class WhyKept(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the authority keeps its own category")


def keep(entry: LaEntry, asked: bool, *, review_on: date, reason: str, today: date) -> None:
    """Whether an officer may keep the entry until another review date."""
    if entry.lifted_on is not None:
        raise LiftedAlready(entry.urn, entry.lifted_on)
    if not asked:
        raise NothingAsked(entry.urn)
    if review_on <= today:
        raise ReviewNotLater(review_on, today)
    if not reason.strip():
        raise WhyKept


class AskedAlready(Refusal):
    def __init__(self, urn: str):
        super().__init__(
            f"An officer is asked already whether the authority's own category for {urn} shall stand: keep it until the right "
            "day, or lift it"
        )


def correct_review(entry: LaEntry, asked: bool, *, review_on: date, today: date) -> None:
    """Whether another day is when to ask: the one that was entered, with the entry or when it was kept, was a slip (R0.4).

    While an officer is asked she answers with the right day, and nothing is left to be corrected.
    """
    if entry.lifted_on is not None:
        raise LiftedAlready(entry.urn, entry.lifted_on)
    if asked:
        raise AskedAlready(entry.urn)
    if review_on == entry.review_on:
        raise NothingToCorrect
    if review_on <= entry.from_date:
        raise ReviewBeforeStart(review_on, entry.from_date)
    if review_on <= today:
        raise ReviewNotLater(review_on, today)


def by_review_date(entry: LaEntry, day: date) -> Ask | None:
    """The question of a review date that has come, unless the entry was lifted or has a later review date by now."""
    if entry.review_on > day or entry.lifted_on is not None or not entry.stands_on(day):
        return None
    return Ask(entry.entry_id, entry.urn, Cause.REVIEW_DATE, entry.review_on)


def by_outcome(
    urn: str,
    entries: Iterable[LaEntry],
    outcomes: Iterable[Outcome],
    continuities: Iterable[Continuity],
    outcome: Outcome,
    *,
    policy: CategoryPolicy,
    is_converter: bool,
    today: date,
) -> list[Ask]:
    """The questions of an outcome that is later than a standing entry.

    Of the school's own, or of a school from which it inherits while it has no outcome of its own. One that says nothing
    of the category (a monitoring visit) asks nobody. Of one day the later is what was recorded later, as of two outcomes
    (R0.4): what an officer could not know when she entered it is asked about.
    """
    if outcome.withdrawn or category_of_outcome(outcome) is None:
        return []
    if outcome.urn != urn:
        line = passed_on(urn, continuities, policy, is_converter=is_converter)
        counts = any(each.predecessor_urn == outcome.urn for each in line)
        own = any(each.urn == urn and not each.withdrawn and category_of_outcome(each) for each in outcomes)
        if not counts or own:
            return []
    known = next((each for each in outcomes if each.identity == outcome.identity), outcome)
    published = (outcome.published_on, known.recorded_at)
    return [
        Ask(each.entry_id, urn, Cause.OUTCOME, outcome.published_on, outcome.inspection_number)
        for each in entries
        if each.urn == urn
        and each.stands_on(today)
        and each.lifted_on is None
        and published >= (each.from_date, each.recorded_at)
    ]
