"""Which trust an academy belongs to on a day, by the editions of the registers (D3.11, R0.4)."""

import itertools
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain.trust import ClosedTrust, InTrust, Seen, trust_on, trust_periods

LARCH, ALDER = "7001", "7002"
EVER = date.min
MAY, JUNE, JULY, AUGUST, LATER = (date(2024, month, 10) for month in (5, 6, 7, 8, 11))


def seen(trust: str, as_at: date, joined_on: date | None = None) -> Seen:
    return Seen("900001", trust, None, as_at, joined_on)


def periods(*editions: Seen, closed: Mapping[str, ClosedTrust] | None = None) -> list[tuple[str, date, date | None]]:
    return [(each.trust_id, each.from_date, each.until) for each in trust_periods(editions, closed or {})]


def test_a_trust_that_no_edition_dates_and_no_other_precedes_has_always_been_the_schools() -> None:
    assert periods(seen(LARCH, MAY), seen(LARCH, JULY)) == [(LARCH, EVER, None)]


def test_days_before_a_dated_move_belong_to_the_trust_before() -> None:
    assert periods(seen(LARCH, MAY), seen(ALDER, JULY, JUNE)) == [(LARCH, EVER, JUNE), (ALDER, JUNE, None)]


def test_a_move_that_no_edition_dates_counts_from_the_edition_that_says_it_first() -> None:
    moved = [(LARCH, EVER, JULY), (ALDER, JULY, None)]
    assert periods(seen(LARCH, MAY), seen(ALDER, JULY), seen(ALDER, AUGUST)) == moved


def test_the_day_of_joining_counts_beside_an_edition_that_names_the_trust_without_one() -> None:
    """The register's main file says which trust, its file of links since when."""
    moved = [(LARCH, EVER, JUNE), (ALDER, JUNE, None)]
    assert periods(seen(LARCH, MAY), seen(ALDER, JULY, JUNE), seen(ALDER, JULY)) == moved
    assert periods(seen(LARCH, MAY), seen(ALDER, JULY), seen(ALDER, AUGUST, JUNE)) == moved


def test_before_the_only_day_of_joining_that_is_known_no_trust_is() -> None:
    assert periods(seen(LARCH, JULY, MAY)) == [(LARCH, MAY, None)]


def test_where_editions_contradict_each_other_the_later_dated_one_counts() -> None:
    """D3.11"""
    assert periods(seen(LARCH, JULY), seen(ALDER, AUGUST, JUNE)) == [(LARCH, EVER, JUNE), (ALDER, JUNE, None)]
    assert periods(seen(LARCH, MAY, MAY), seen(ALDER, JULY), seen(LARCH, AUGUST, MAY)) == [(LARCH, MAY, None)]
    assert periods(seen(LARCH, MAY, MAY), seen(ALDER, JULY, JUNE), seen(LARCH, LATER)) == [
        (LARCH, MAY, JUNE),
        (ALDER, JUNE, LATER),
        (LARCH, LATER, None),
    ]


def test_the_day_of_joining_that_the_latest_edition_gives_counts() -> None:
    assert periods(seen(LARCH, MAY), seen(ALDER, JULY, JULY), seen(ALDER, AUGUST, JUNE))[-1] == (ALDER, JUNE, None)


def test_a_joining_to_come_stands_beside_editions_that_have_the_present_trust_until_then() -> None:
    """D3.10"""
    planned = [seen(LARCH, MAY), seen(ALDER, JUNE, LATER), seen(LARCH, AUGUST)]
    assert periods(*planned) == [(LARCH, EVER, LATER), (ALDER, LATER, None)]
    assert periods(*planned, seen(LARCH, date(2024, 12, 1)))[-1][0] == LARCH  # it did not come


def test_links_that_the_register_leaves_after_a_move_say_the_days_before_it() -> None:
    both = [seen(LARCH, MAY, EVER), seen(ALDER, MAY, date(2024, 1, 1))]
    again = [seen(LARCH, JULY, EVER), seen(ALDER, JULY, date(2024, 1, 1))]
    moved = [(LARCH, EVER, date(2024, 1, 1)), (ALDER, date(2024, 1, 1), None)]
    assert periods(*both) == periods(*both, *again) == moved


def test_a_trust_that_closed_was_the_schools_until_then_and_again_when_a_later_edition_has_it() -> None:
    closed = {LARCH: ClosedTrust(JULY, JUNE)}
    assert periods(seen(LARCH, MAY), closed=closed) == [(LARCH, EVER, JUNE)]
    assert periods(seen(LARCH, MAY), seen(LARCH, AUGUST), closed=closed) == [(LARCH, EVER, None)]
    assert periods(seen(LARCH, JUNE), seen(ALDER, JULY, MAY), closed=closed) == [
        (LARCH, EVER, MAY),
        (ALDER, MAY, None),
    ]


DAYS = st.dates(date(2024, 1, 1), date(2024, 2, 1))
EDITIONS = st.lists(st.builds(seen, st.sampled_from([LARCH, ALDER, "7003"]), DAYS, st.none() | DAYS), max_size=8)
CLOSED = st.dictionaries(st.sampled_from([LARCH, ALDER]), st.builds(ClosedTrust, DAYS, DAYS))


@given(EDITIONS, CLOSED)
def test_a_school_has_at_most_one_trust_a_day_and_the_periods_stand_in_order(
    editions: list[Seen], closed: dict[str, ClosedTrust]
) -> None:
    found = trust_periods(editions, closed)
    for one, two in itertools.pairwise(found):
        assert one.until is not None
        assert one.from_date < one.until <= two.from_date
        assert (one.trust_id, one.until) != (two.trust_id, two.from_date)


@given(EDITIONS, DAYS)
def test_what_the_latest_edition_says_holds_from_the_day_that_it_names(editions: list[Seen], joined: date) -> None:
    latest = seen(ALDER, date(2024, 3, 1), joined)
    found = trust_periods([*editions, latest], {})
    assert trust_on(found, joined) == trust_on(found, date.max) == found[-1]
    assert found[-1].trust_id == ALDER
    assert found[-1].from_date <= joined


@pytest.mark.parametrize(("day", "trust"), [(MAY, LARCH), (JUNE, ALDER), (LATER, None)])
def test_on_each_day_the_trust_of_its_period_is_the_schools(day: date, trust: str | None) -> None:
    held = [InTrust("900001", LARCH, EVER, JUNE), InTrust("900001", ALDER, JUNE, AUGUST)]
    found = trust_on(held, day)
    assert (found and found.trust_id) == trust
