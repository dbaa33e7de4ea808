"""Keep or lift: when an officer is asked whether an entry of the authority shall stand (R0.1).

Asked once a cause: the review date, or a later outcome. The entry stands until somebody answers. Of an outcome it is asked
again where that gives another category than it gave when the question was answered.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.category import (
    CategoryPolicy,
    Continuity,
    Outcome,
    behind,
    category_of_outcome,
    passed_on,
)
from services.membership.domain.la_entry import LaEntry, ReviewBeforeStart
from services.membership.domain.office import NothingToCorrect
from shared.refusal import Invalid, Refusal

NOT_NEEDED = "not-needed"  # what was asked again is over, and nobody has answered it


class Cause(enum.StrEnum):
    REVIEW_DATE = "review-date"
    OUTCOME = "outcome"


@dataclass(frozen=True)
class Ask:
    """One question. ``again``: how often it was asked of the same outcome before."""

    entry_id: UUID
    urn: str
    cause: Cause
    on: date  # the review date, or the day on which the outcome was published
    ref: str = ""  # the inspection number
    inspected: tuple[str, date] | None = None  # which school, and since when: one inspection, whatever its number
    category: int | None = None  # what the outcome gives
    again: int = 0


@dataclass(frozen=True)
class Asked:
    """What was asked of an entry by an outcome of the same day. ``stands``: nobody has withdrawn the outcome.

    ``gave``: its category when the question was answered.
    """

    review_id: UUID
    ref: str
    inspected: tuple[str, date]
    stands: bool
    again: int
    asked_on: date
    answered: bool
    gave: int | None = None

    @property
    def is_open(self) -> bool:
        return self.stands and not self.answered


def to_be_asked(ask: Ask, before: Iterable[Asked]) -> Ask | None:
    """The question of an outcome, unless it is asked already or what it gives was answered.

    An inspection that stands under two numbers is one: what was answered under the one is answered under the other.
    """
    last = _last_of_each(before)
    if (mine := last.get(ask.ref)) is not None:
        is_new = mine.answered and mine.gave != ask.category
        return replace(ask, again=mine.again + 1) if is_new else None
    known = any(each.answered and each.gave == ask.category for each in _of_one_inspection(ask, last.values()))
    return None if known else ask


def asked_by_another_number(ask: Ask, before: Iterable[Asked]) -> Asked | None:
    """The question that is open of the same inspection under another number: to her who is asked they are one."""
    others = [each for each in _of_one_inspection(ask, before) if each.ref != ask.ref and each.is_open]
    return min(others, key=lambda each: each.asked_on, default=None)


def not_needed_any_more(ask: Ask, before: Sequence[Asked]) -> Asked | None:
    """The open question of an outcome that gives once more what was answered: nobody would be asked, had the file between come
    before the answer, or not at all (D3.11).
    """
    mine = _last_of_each(before).get(ask.ref)
    if mine is None or mine.answered or to_be_asked(ask, [each for each in before if each is not mine]) is not None:
        return None
    return mine


def _last_of_each(asked: Iterable[Asked]) -> dict[str, Asked]:
    return {each.ref: each for each in sorted(asked, key=lambda each: each.again)}


def _of_one_inspection(ask: Ask, asked: Iterable[Asked]) -> list[Asked]:
    return [each for each in asked if each.inspected == ask.inspected]


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

    Of the school's own, or of a school from which it inherits while it has no outcome of its own; of one that it took in later
    from that day. One that says nothing of the category (a monitoring visit) asks nobody. Of one day the later is what was
    recorded later, as of two outcomes (R0.4): what an officer could not know when she entered it is asked about.
    """
    category = category_of_outcome(outcome)
    if outcome.withdrawn or category is None:
        return []
    counts_from = outcome.published_on
    if outcome.urn != urn:
        taken_in = taken_in_since(urn, continuities, policy, is_converter=is_converter, day=today)
        own = any(each.urn == urn and not each.withdrawn and category_of_outcome(each) for each in outcomes)
        if outcome.urn not in taken_in or own:
            return []
        counts_from = max(counts_from, taken_in[outcome.urn])
    known = next((each for each in outcomes if each.identity == outcome.identity), outcome)
    comes = (counts_from, known.recorded_at)
    return [
        Ask(
            each.entry_id,
            urn,
            Cause.OUTCOME,
            outcome.published_on,
            outcome.inspection_number,
            (outcome.urn, outcome.inspection_started_on),
            category,
        )
        for each in entries
        if each.urn == urn
        and each.stands_on(today)
        and each.lifted_on is None
        and comes >= (each.from_date, each.recorded_at)
    ]


def taken_in_since(
    urn: str, continuities: Iterable[Continuity], policy: CategoryPolicy, *, is_converter: bool, day: date
) -> dict[str, date]:
    """The schools from which one inherits on a day, and since when it has those that it took in, or one of these did, later;
    before all days of the others."""
    line = passed_on(urn, continuities, policy, is_converter=is_converter, day=day)
    return behind(urn, line, lambda step: step.taken_in_on)
