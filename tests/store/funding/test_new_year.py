"""The first day of an award year opens its awards (W-31)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from services.funding.use_cases import turn_year as turning
from services.funding.use_cases.turn_year import ClockJumped, turn_year_for_all
from tests.store.funding.conftest import OAK, Funding, Holder, consortium

TAKEN_ON = Holder(1, OAK, date(2023, 9, 1), route="taken-on")


async def test_the_first_of_april_opens_the_award_of_a_chair_who_goes_on(funding: Funding):
    """W-31"""
    await funding.today_is(date(2023, 9, 1))
    await funding.hears(date(2023, 9, 1), consortium(), TAKEN_ON.takes_up())
    await funding.today_is(date(2024, 4, 1))
    await turn_year_for_all(funding.store)
    assert (await funding.awards())[2024] == {OAK: 500_000}
    assert [thing for thing, _ in await funding.published()] == ["award.opened.v1", "award.opened.v1"]


async def test_the_same_day_turned_twice_opens_nothing_more(funding: Funding):
    await funding.today_is(date(2023, 9, 1))
    await funding.hears(date(2023, 9, 1), consortium(), TAKEN_ON.takes_up())
    await funding.today_is(date(2024, 4, 1))
    await turn_year_for_all(funding.store)
    before = await funding.published()
    await turn_year_for_all(funding.store)
    assert await funding.published() == before


async def test_after_two_years_of_downtime_no_year_is_missing(funding: Funding):
    await funding.today_is(date(2023, 9, 1))
    await funding.hears(date(2023, 9, 1), consortium(), TAKEN_ON.takes_up())
    await funding.today_is(date(2026, 11, 22))
    await turn_year_for_all(funding.store)
    assert sorted(await funding.awards()) == [2023, 2024, 2025, 2026]


async def test_a_new_year_opens_no_award_for_a_body_without_a_chair_or_without_an_award(funding: Funding):
    await funding.today_is(date(2023, 9, 1))
    await funding.hears(date(2023, 9, 1), consortium(1), consortium(2, award_pence=None))
    await funding.today_is(date(2024, 4, 1))
    await turn_year_for_all(funding.store)
    assert await funding.awards() == {}


async def test_each_award_of_a_new_year_is_a_story_of_its_own(funding: Funding):
    """D3.12"""
    other = Holder(2, OAK, date(2023, 9, 1), body=2, route="taken-on")
    await funding.today_is(date(2023, 9, 1))
    await funding.hears(date(2023, 9, 1), consortium(1), consortium(2), TAKEN_ON.takes_up(), other.takes_up())
    await funding.today_is(date(2024, 4, 1))
    await turn_year_for_all(funding.store)
    rows = await funding.rows(
        "select correlation_id from award_version join award using (award_id) where year_from = date '2024-04-01'"
    )
    assert len({row.correlation_id for row in rows}) == 2


async def test_bodies_without_a_chair_keep_no_other_from_its_award(
    funding: Funding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turning, "AT_MOST", 1)
    later = Holder(3, OAK, date(2023, 9, 1), body=3, route="taken-on")
    await funding.today_is(date(2023, 9, 1))
    await funding.hears(date(2023, 9, 1), consortium(1), consortium(2), consortium(3), later.takes_up())
    await funding.today_is(date(2024, 4, 1))
    await turn_year_for_all(funding.store)
    assert (await funding.awards())[2024] == {OAK: 500_000}


async def test_a_body_whose_award_cannot_be_opened_keeps_no_other_from_its_own(
    funding: Funding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-31, D3.10: it is tried again at the next turn."""
    monkeypatch.setattr(turning, "AT_MOST", 2)
    await funding.today_is(date(2023, 9, 1))
    chairs = [Holder(body, OAK, date(2023, 9, 1), body=body, route="taken-on") for body in (1, 2, 3)]
    await funding.hears(
        date(2023, 9, 1), *(consortium(body) for body in (1, 2, 3)), *(each.takes_up() for each in chairs)
    )
    await funding.today_is(date(2024, 4, 1))
    opened, broken = turning.open_awards, UUID(int=2)

    async def fails(uow: Any, openings: Any) -> Any:
        if any(each.body.body_id == broken for each in openings):
            raise KeyError("nobody thought of this")
        return await opened(uow, openings)

    monkeypatch.setattr(turning, "open_awards", fails)
    with capture_logs():
        assert await turn_year_for_all(funding.store) == [broken]
    in_2024 = "select body_id from award where year_from = date '2024-04-01' order by body_id"
    assert [row.body_id for row in await funding.rows(in_2024)] == [UUID(int=1), UUID(int=3)]
    assert await funding.rows("select turned_to from turned where turned_to = date '2024-04-01'")
    monkeypatch.setattr(turning, "open_awards", opened)
    assert await turn_year_for_all(funding.store) == []
    assert len(await funding.rows(in_2024)) == 3


async def test_a_real_clock_that_jumps_more_than_a_week_opens_nothing_until_it_is_confirmed(funding: Funding):
    """D3.10"""
    await funding.hears(date(2023, 9, 1), consortium())
    await funding.rows("insert into turned (turned_to) select current_date - 9")
    with pytest.raises(ClockJumped):
        await turn_year_for_all(funding.store)
    await turn_year_for_all(funding.store, confirmed=True)
    await turn_year_for_all(funding.store)
