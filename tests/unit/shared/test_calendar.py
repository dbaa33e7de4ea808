"""School days, terms and half-terms of the two authorities (W-12, R0.9)."""

from datetime import UTC, date, datetime

import pytest

from infra.local.commands.doctor import term_dates
from shared.calendar import (
    BANK_HOLIDAY,
    HOLIDAY,
    TERM,
    WEEKDAY,
    WEEKEND,
    Calendar,
    NoSchoolDay,
    Span,
    calendar,
    term_dates_in_words,
)

WARWICKSHIRE, BRISTOL = "937", "801"


@pytest.mark.parametrize(
    ("authority", "day", "kind"),
    [
        (WARWICKSHIRE, date(2025, 10, 24), TERM),  # the last Friday of the half-term
        (WARWICKSHIRE, date(2025, 10, 25), WEEKEND),
        (WARWICKSHIRE, date(2025, 10, 27), HOLIDAY),
        (WARWICKSHIRE, date(2025, 11, 3), TERM),
        (WARWICKSHIRE, date(2026, 3, 30), HOLIDAY),  # Bristol's schools are open that week
        (BRISTOL, date(2026, 3, 30), TERM),
        (WARWICKSHIRE, date(2026, 4, 3), BANK_HOLIDAY),  # Good Friday
        (WARWICKSHIRE, date(2026, 5, 4), BANK_HOLIDAY),  # within the half-term
        (WARWICKSHIRE, date(2026, 8, 12), HOLIDAY),  # between two years that are known
        (WARWICKSHIRE, date(2024, 8, 14), WEEKDAY),  # before the first that is known
        (WARWICKSHIRE, date(2024, 8, 26), BANK_HOLIDAY),
        (WARWICKSHIRE, date(2027, 6, 16), WEEKDAY),  # its last term has no last day in the source
        (BRISTOL, date(2027, 6, 16), TERM),
        (BRISTOL, date(2027, 7, 26), WEEKDAY),  # after the last that is known
        ("330", date(2026, 4, 8), WEEKDAY),  # an authority without term dates
    ],
)
def test_what_sort_of_day_it_is_and_by_what_that_is_known(authority: str, day: date, kind: str):
    """W-12: where term dates are not known, weekdays less bank holidays."""
    found = calendar().school_day(authority, day)
    assert found.kind == kind
    assert found.open is (kind in (TERM, WEEKDAY))


def test_warwickshires_six_half_terms_are_three_terms_and_bristols_six_are_terms():
    """W-12"""
    warwickshire = calendar().terms(WARWICKSHIRE, "2025-26")
    assert warwickshire == (
        Span(date(2025, 9, 1), date(2025, 12, 19)),
        Span(date(2026, 1, 5), date(2026, 3, 27)),
        Span(date(2026, 4, 13), date(2026, 7, 20)),
    )
    assert len(calendar().terms(BRISTOL, "2025-26")) == 6
    assert calendar().terms(WARWICKSHIRE, "2026-27")[-1].last is None


@pytest.mark.parametrize(
    ("ready", "sent"),
    [
        (datetime(2026, 1, 14, 15, 0, tzinfo=UTC), datetime(2026, 1, 14, 15, 0, tzinfo=UTC)),  # a Wednesday
        (datetime(2026, 1, 14, 6, 30, tzinfo=UTC), datetime(2026, 1, 14, 8, 0, tzinfo=UTC)),  # before school
        (datetime(2026, 1, 16, 23, 30, tzinfo=UTC), datetime(2026, 1, 16, 23, 30, tzinfo=UTC)),  # a Friday night
        (datetime(2026, 1, 17, 0, 30, tzinfo=UTC), datetime(2026, 1, 19, 8, 0, tzinfo=UTC)),  # a Saturday
        (datetime(2026, 2, 14, 12, 0, tzinfo=UTC), datetime(2026, 2, 23, 8, 0, tzinfo=UTC)),  # half-term
        (datetime(2025, 12, 20, 12, 0, tzinfo=UTC), datetime(2026, 1, 5, 8, 0, tzinfo=UTC)),  # Christmas
        (datetime(2026, 6, 13, 23, 30, tzinfo=UTC), datetime(2026, 6, 15, 7, 0, tzinfo=UTC)),  # British summer time
        # Half past eleven at night in UTC is the next day in London.
        (datetime(2026, 6, 21, 23, 30, tzinfo=UTC), datetime(2026, 6, 22, 7, 0, tzinfo=UTC)),
    ],
)
def test_what_is_ready_outside_school_days_waits_for_eight_of_the_next(ready: datetime, sent: datetime):
    """R0.9"""
    assert calendar().school_hours(WARWICKSHIRE, ready) == sent


def test_working_days_leave_out_weekends_and_bank_holidays():
    assert calendar().working_days(date(2026, 4, 1), date(2026, 4, 1)) == 0
    assert calendar().working_days(date(2026, 4, 1), date(2026, 4, 8)) == 3  # over Easter: the 2nd, 7th and 8th
    assert calendar().working_days(date(2026, 4, 3), date(2026, 4, 7)) == 1


def test_term_dates_that_never_begin_again_are_refused_and_not_searched_for_ever():
    closed = Calendar(frozenset(date.fromordinal(day) for day in range(738000, 738400)), {})
    with pytest.raises(NoSchoolDay, match="no school day within 120 days"):
        closed.next_school_day(WARWICKSHIRE, date.fromordinal(738001))


def test_term_dates_are_known_until_their_last_day_or_until_a_term_without_one_begins():
    """W-12, R0.9: the last half-term of Warwickshire has no last day in the source."""
    known = calendar()
    assert [known.known_until(each) for each in (WARWICKSHIRE, BRISTOL, "330")] == [
        date(2027, 6, 6),
        date(2027, 7, 23),
        None,
    ]


@pytest.mark.parametrize(
    ("today", "has_to_be_done"), [(date(2027, 4, 22), False), (date(2027, 4, 23), True), (date(2027, 8, 1), True)]
)
def test_who_looks_is_told_where_term_dates_end_and_three_months_before_that_to_enter_the_next(
    today: date, has_to_be_done: bool
):
    """W-12"""
    said, cure = term_dates_in_words(BRISTOL, date(2027, 7, 23), today)
    assert said == "term dates of 801 are known until 23 July 2027"
    assert ("term_dates.json" in cure) is has_to_be_done
    assert "are not known" in term_dates_in_words("330", None, today)[0]


def test_doctor_says_until_when_the_term_dates_of_each_authority_are_known():
    """W-12: it stops nobody from starting."""
    soon = {each.found: each for each in term_dates(date(2027, 5, 1))}
    assert set(soon) == {
        "term dates of 937 are known until 6 June 2027",
        "term dates of 801 are known until 23 July 2027",
    }
    assert all(each.good and "term_dates.json" in each.cure for each in soon.values())
    assert not any(each.cure for each in term_dates(date(2026, 12, 1)))
