"""The contact of a body as it was known then and as it is known now, and from when until when (R0.3, R0.4, W-15)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.membership.domain.body_contact import BodyRecord, ClosingEntered, TermEntered
from services.membership.domain.office import Term
from services.membership.domain.representation import Role
from tests.unit.membership.known import ABBEY, DAY, a_term, person

A_DAY = timedelta(days=1)
BEGAN, TAKEN_ON, TODAY = DAY - 400 * A_DAY, DAY - 100 * A_DAY, DAY + 100 * A_DAY
LATE, LEARNED, AHEAD = DAY, DAY + 10 * A_DAY, TODAY + 30 * A_DAY
CHAIR, DEPUTY = a_term("chair", "the chair", BEGAN), a_term("deputy", "the deputy", BEGAN)


def entered(term: Term, known_from: date = TAKEN_ON, known_until: date | None = None) -> TermEntered:
    return TermEntered(known_from, known_until, term)


def record(*terms: TermEntered, closings: Sequence[ClosingEntered] = ()) -> BodyRecord:
    return BodyRecord(ABBEY, BEGAN, [*terms, entered(DEPUTY)], closings)


LEARNED_LATE = record(
    entered(CHAIR, known_until=LEARNED),
    entered(replace(CHAIR, until=LATE), LEARNED),
    entered(a_term("chair", "her successor", LATE), LEARNED),
)


def named(of: BodyRecord, day: date, asked_by: UUID | None = None) -> UUID | None:
    return of.given_on(day, today=TODAY, asked_by=asked_by).person_id


def holds(of: BodyRecord, day: date, asked_by: UUID | None = None) -> tuple[date | None, date | None]:
    return of.validity(day, today=TODAY, asked_by=asked_by)


def test_another_chair_who_was_entered_late_was_not_the_contact_before_that_was_known() -> None:
    """R0.4: and she is by what is known now."""
    assert named(LEARNED_LATE, LATE + A_DAY) == person("the chair")
    assert LEARNED_LATE.contact_on(LATE + A_DAY, known=TODAY, asked_by=None).person_id == person("her successor")
    assert holds(LEARNED_LATE, LATE + A_DAY) == (TAKEN_ON, LEARNED)
    assert named(LEARNED_LATE, LEARNED) == person("her successor")
    assert holds(LEARNED_LATE, TODAY) == (LEARNED, None)


def test_before_anything_was_known_the_duty_desk_was_the_contact() -> None:
    """W-15: never nobody."""
    assert LEARNED_LATE.given_on(TAKEN_ON - A_DAY, today=TODAY, asked_by=None).role is Role.DUTY_DESK
    assert holds(LEARNED_LATE, TAKEN_ON - A_DAY) == (None, TAKEN_ON)


def test_a_contact_holds_until_the_day_that_is_planned_for_another() -> None:
    """R0.3"""
    planned = record(entered(replace(CHAIR, until=AHEAD)), entered(a_term("chair", "her successor", AHEAD), TODAY))
    assert holds(planned, TODAY) == (TAKEN_ON, AHEAD)
    assert named(planned, AHEAD) == person("her successor")
    assert holds(planned, AHEAD + A_DAY) == (AHEAD, None)


def test_for_the_chair_who_asks_the_deputy_is_the_contact_as_long_as_both_are_in_office() -> None:
    """R0.3a"""
    assert named(record(entered(replace(CHAIR, until=AHEAD))), TODAY, person("the chair")) == person("the deputy")
    assert holds(LEARNED_LATE, LATE + A_DAY, person("the chair")) == (TAKEN_ON, LEARNED)


def test_a_body_that_was_to_close_had_the_duty_desk_as_far_as_was_known() -> None:
    """R0.4: the closing was taken back ten days after its day."""
    closings = [ClosingEntered(TAKEN_ON, LEARNED, LATE), ClosingEntered(LEARNED, None, None)]
    closed = record(entered(CHAIR), closings=closings)
    assert closed.given_on(LATE, today=TODAY, asked_by=None).role is Role.DUTY_DESK
    assert closed.contact_on(LATE, known=TODAY, asked_by=None).person_id == person("the chair")
    assert holds(closed, LATE) == (LATE, LEARNED)
