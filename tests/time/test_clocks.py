"""Clocks that jump, and the hour in which London and the database's own time disagree about the day (D3.10)."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from services.funding.use_cases.turn_year import ClockJumped, turn_year_for_all
from services.membership.domain.doubtful_clock import ClockWaits
from services.membership.use_cases.failed_days import turn_all_days
from shared.clock import london_date, noon
from tests.time.conftest import Installation


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 28, 23, 59, tzinfo=UTC), date(2026, 3, 28)),  # the last day of winter time
        (datetime(2026, 3, 29, 0, 0, tzinfo=UTC), date(2026, 3, 29)),  # midnight in both; summer time begins at one
        (datetime(2026, 3, 29, 22, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),  # London is an hour ahead now
        (datetime(2026, 3, 31, 23, 30, tzinfo=UTC), date(2026, 4, 1)),  # an award year begins in London
        (datetime(2026, 8, 31, 23, 30, tzinfo=UTC), date(2026, 9, 1)),  # a school year, too
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 59, tzinfo=UTC), date(2026, 10, 25)),  # a day of 25 hours
        (datetime(2026, 10, 26, 0, 0, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_a_day_begins_at_midnight_in_london(instant: datetime, day: date) -> None:
    """D3.10"""
    assert london_date(instant) == day


def test_the_noon_of_a_test_clock_lies_on_its_day_in_winter_and_in_summer() -> None:
    """D3.10: what is recorded under a test clock carries the day that it was given."""
    for day in (date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25), date(2028, 2, 29)):
        assert london_date(noon(day)) == day


async def turned_to(here: Installation, service: str) -> date | None:
    rows = await here.rows("select turned_to from turned", service=service)
    return rows[0].turned_to if rows else None


async def test_a_jump_of_a_week_is_taken_and_of_a_day_more_waits(installation: Callable[[], Installation]) -> None:
    """D3.10"""
    here = installation()
    await here.it_is(date(2026, 1, 1), confirmed=False)
    await here.tick()  # the first tick of all has no day before it
    await here.it_is(date(2026, 1, 8), confirmed=False)
    await here.tick()
    await here.it_is(date(2026, 1, 16), confirmed=False)
    with pytest.raises(ClockWaits, match="16 January 2026"):
        await turn_all_days(here["membership"])
    with pytest.raises(ClockJumped, match="8 days ahead"):
        await turn_year_for_all(here["funding"])
    assert {await turned_to(here, service) for service in ("membership", "funding")} == {date(2026, 1, 8)}
    await here.tick(confirmed=True)
    assert {await turned_to(here, service) for service in ("membership", "funding")} == {date(2026, 1, 16)}
    await here.it_is(date(2026, 1, 17), confirmed=False)
    await here.tick()  # confirmed once, not every day again


async def test_a_clock_that_ran_years_ahead_and_was_put_right_is_watched_again(
    installation: Callable[[], Installation],
) -> None:
    """D3.10: else the next wrong jump would pass unnoticed until those years have gone."""
    here = installation()
    await here.it_is(date(2030, 1, 1), confirmed=False)
    await here.tick()
    await here.it_is(date(2026, 1, 1), confirmed=False)
    await here.tick()
    await here.it_is(date(2026, 2, 1), confirmed=False)
    with pytest.raises(ClockWaits):
        await turn_all_days(here["membership"])
    with pytest.raises(ClockJumped):
        await turn_year_for_all(here["funding"])


async def test_one_service_ahead_of_the_others_waits_alone(installation: Callable[[], Installation]) -> None:
    """D3.10: each looks at its own clock, and none is hurried by another."""
    here = installation()
    await here.it_is(date(2026, 1, 1), confirmed=False)
    await here.tick()
    await here.it_is(date(2026, 3, 1), confirmed=False, only="funding")
    assert await turn_all_days(here["membership"]) == 0
    with pytest.raises(ClockJumped):
        await turn_year_for_all(here["funding"])
    await here.it_is(date(2026, 1, 2), confirmed=False)
    await here.tick()
