"""Several things on one day: none hides another. On the first of September schools open, heads move and chairs change."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from services.membership.domain.appointment import Headship
from services.membership.domain.body import Membership
from services.membership.domain.school import Status
from services.membership.use_cases import appointments, la_category, offices
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.turn_days import turn_days
from tests.store.membership.conftest import Authority, abbey, abbey_taken_on, line  # noqa: F401  (fixtures)

SEPTEMBER = date(2024, 9, 1)
OPENS, CLOSES = "900020", "900004"


async def change_the_chair(here: Authority) -> None:
    await here.do(lambda uow: offices.change_office(
        uow, here.body_id, post="chair", person_id=here.people["newcomer"], from_date=SEPTEMBER, route="meeting"
    ))  # fmt: skip


async def move_a_head(here: Authority) -> None:
    """The chair goes to the school that opens."""
    await here.do(lambda uow: appointments.move_head(uow, here.people["chair"], to_urn=OPENS, on=SEPTEMBER))


async def begin_an_entry(here: Authority) -> None:
    for urn, day in ((OPENS, SEPTEMBER), (CLOSES, SEPTEMBER - timedelta(days=1))):
        await here.do(lambda uow, urn=urn, day=day: la_category.set_la_category(  # type: ignore[misc]
            uow, urn, category=3, from_date=day, reason="Why", review_on=None, set_by="officer"
        ))  # fmt: skip


async def allocate(here: Authority) -> None:
    await here.do(lambda uow: appointments.allocate_system_leader(
        uow, OPENS, person_id=here.people["leader"], from_date=SEPTEMBER, until=None
    ))  # fmt: skip


async def appoint_a_head(here: Authority) -> None:
    later = TakenOn("937", headships=[Headship(here.people["officer"], OPENS, SEPTEMBER, None)])
    await here.do(lambda uow: take_on(uow, later))


Meets = Callable[[Authority], Awaitable[Any]]


async def prepared(here: Authority, *meets: Meets) -> None:
    await here.on(date(2024, 7, 1))
    lines = [line(OPENS, status=Status.PROPOSED, opened_on=SEPTEMBER), line(CLOSES, closed_on=SEPTEMBER)]
    await here.do(lambda uow: keep_schools(uow, lines))
    joining = TakenOn("937", memberships=[Membership(here.body_id, OPENS, SEPTEMBER, None, True)])
    await here.do(lambda uow: take_on(uow, joining))
    for each in meets:
        await each(here)
    while await here.do(turn_days):
        pass
    await here.forget_said()


ALL = (change_the_chair, move_a_head, begin_an_entry, allocate, appoint_a_head)


@pytest.mark.parametrize("meets", [(), *((each,) for each in ALL), ALL], ids=lambda each: str(len(each)))
async def test_a_school_is_announced_on_the_day_on_which_it_opens_or_closes_whatever_else_that_day_brings(
    abbey: Authority,  # noqa: F811
    meets: tuple[Meets, ...],
) -> None:
    """D3.10"""
    await prepared(abbey, *meets)
    await abbey.on(SEPTEMBER)
    announced = [(each.data["urn"], each.data["open"]) for each in await abbey.said("school.recorded")]
    assert sorted(announced) == [(CLOSES, False), (OPENS, True)]


async def test_a_school_is_announced_too_when_an_officer_was_up_before_the_clock(abbey: Authority) -> None:  # noqa: F811
    """D3.10: an act brings its schools up to today before the service has turned the day; nothing is told twice."""
    await prepared(abbey)
    await abbey.do(lambda uow: uow.execute("update clock set today = $1", SEPTEMBER))
    await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["chair"], to_urn=OPENS, on=SEPTEMBER))
    await abbey.on(SEPTEMBER)
    announced = [(each.data["urn"], each.data["open"]) for each in await abbey.said("school.recorded")]
    assert sorted(announced) == [(CLOSES, False), (OPENS, True)]


async def test_the_opening_is_no_part_of_the_story_of_an_entry_that_the_school_was_not_told_of(
    abbey: Authority,  # noqa: F811
) -> None:
    """R0.8: everybody hears that the school opens; the story under which they hear it must not be the entry's."""
    await prepared(abbey, begin_an_entry)
    await abbey.on(SEPTEMBER)
    untold = {each.correlation_id for each in await abbey.said() if not each.told}
    assert untold
    assert not untold & {each.correlation_id for each in await abbey.said("school.recorded")}


async def test_what_is_put_off_for_a_day_already_turned_is_done_when_that_day_comes_again(
    abbey: Authority,  # noqa: F811
) -> None:
    """D3.10: a clock that ran ahead and was put right. There is no cursor that would pass it over."""
    await abbey.on(date(2024, 9, 5))
    await abbey.on(date(2024, 8, 30))
    await abbey.forget_said()
    until = date(2024, 9, 3)
    await abbey.do(lambda uow: appointments.allocate_system_leader(
        uow, "900003", person_id=abbey.people["leader"], from_date=SEPTEMBER, until=until
    ))  # fmt: skip
    assert await abbey.said() == []
    await abbey.on(SEPTEMBER)
    assert [each.type for each in await abbey.said()] == ["allocation.made"]
    await abbey.on(until)
    assert [each.type for each in await abbey.said()] == ["allocation.made", "allocation.ended"]
    await abbey.on(date(2024, 9, 5))
    assert len(await abbey.said()) == 2


async def test_a_day_done_before_the_clock_was_put_back_is_not_done_again(abbey: Authority) -> None:  # noqa: F811
    """D3.10"""
    await prepared(abbey, *ALL)
    await abbey.on(SEPTEMBER)
    told = await abbey.said()
    histories = [await abbey.answers(urn) for urn in (OPENS, CLOSES, "900001", "900002")]
    await abbey.on(date(2024, 8, 25))
    await abbey.on(SEPTEMBER)
    assert await abbey.said() == told
    assert [await abbey.answers(urn) for urn in (OPENS, CLOSES, "900001", "900002")] == histories


async def test_an_act_on_a_clock_that_was_put_back_leaves_one_answer_for_every_day(abbey: Authority) -> None:  # noqa: F811
    """I12, D3.10"""
    await prepared(abbey, change_the_chair)
    await abbey.on(date(2024, 9, 5))
    await abbey.on(date(2024, 8, 25))
    await abbey.do(lambda uow: appointments.move_head(
        uow, abbey.people["newcomer"], to_urn="900002", on=date(2024, 8, 25)
    ))  # fmt: skip
    for urn in ("900001", "900002", OPENS):
        answers = await abbey.answers(urn)
        assert [until for _, until, _, _ in answers[:-1]] == [since for since, _, _, _ in answers[1:]]
        assert answers[-1][1] is None


async def test_a_date_of_29_february_is_a_day_like_any_other(abbey: Authority) -> None:  # noqa: F811
    """D3.10. A review falls due when a full year has gone."""
    await abbey.on(date(2024, 2, 20))
    made = await abbey.do(lambda uow: la_category.set_la_category(
        uow, "900002", category=3, from_date=date(2024, 2, 29), reason="Why", review_on=None, set_by="officer"
    ))  # fmt: skip
    assert made.review_on == date(2025, 3, 1)
    await abbey.forget_said()
    await abbey.on(date(2024, 2, 28))
    assert await abbey.said() == []
    await abbey.on(date(2024, 2, 29))
    assert (await abbey.said())[0].type == "la-category.set"
    await abbey.on(date(2024, 3, 1))
    assert [each.type for each in await abbey.said()].count("la-category.set") == 1
