"""Two who turn the same day at one time, and an officer who acts while it is turned (D3.1, D3.10)."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from services.funding.use_cases.turn_year import turn_year_for_all
from services.membership.use_cases import appointments, la_category, offices
from services.membership.use_cases.failed_days import turn_all_days
from shared.messaging.lease import Lease
from shared.refusal import Refusal
from tests.time import calendar, kinds, year
from tests.time.conftest import Fact, Installation
from tests.time.test_school_year import one_answer_a_day
from tests.time.year import ABBEY, FIRST, YEW, named, someone

END = date(2026, 8, 31)
pytestmark = pytest.mark.timeout(240)


async def everything_due(here: Installation, day: date = END) -> None:
    """The whole year lies ahead, undone, and the clock stands at its end."""
    await here.it_is(day)


def of_membership(facts: list[Fact]) -> Counter[str]:
    """What really changed: who hears of it when depends on when schools are told, and here nobody tells them."""
    mine = [each for each in facts if each.service == "membership" and each.type != "representation-as-told.changed"]
    return Counter(kinds.in_short(each, named).removesuffix(" (not told)") for each in mine)


def expected_of_membership() -> Counter[str]:
    others = ("award.", "agenda-item.", "school.told", "representation-as-told.")
    dated = [f"{day} {what}" for day, told in calendar.CALENDAR.items() for what in told if not what.startswith(others)]
    return Counter(
        what.removesuffix(" (not told)") for what in [*dated, *(f"None {each}" for each in calendar.UNDATED)]
    )


async def test_two_replicas_that_tick_at_once_tell_everything_once(year_ahead: Callable[[], Installation]) -> None:
    """I2. The lease keeps them apart; where it does not (a replica was paused past it), locks and claims do."""
    here = year_ahead()
    await everything_due(here)
    done = await asyncio.gather(*(turn_all_days(here["membership"]) for _ in range(3)))
    assert sum(1 for each in done if each) >= 1
    assert of_membership(await here.facts()) == expected_of_membership()
    assert await one_answer_a_day(here)
    await here.everybody_hears()
    await asyncio.gather(*(turn_year_for_all(here["funding"]) for _ in range(3)))
    opened = Counter(
        (each.data["body_id"], each.data["year_from"]) for each in await here.facts() if each.type == "award.opened"
    )
    assert opened
    assert set(opened.values()) == {1}


async def test_the_lease_of_the_day_is_held_by_one(installation: Callable[[], Installation]) -> None:
    """D3.10: one owner a service."""
    here = installation()
    first, second = (Lease(here["membership"], "membership-work") for _ in range(2))
    assert [await first.take(), await second.take()] == [True, False]
    await first.let_go()
    assert await second.take()


@pytest.mark.parametrize("ahead", [0, 1, 30])
async def test_an_officer_who_acts_while_the_days_are_turned_leaves_one_answer_and_every_fact_once(
    year_ahead: Callable[[], Installation], ahead: int
) -> None:
    """D3.1, I2, I12: on the same school and the same body, whoever comes first."""
    here = year_ahead()
    day = date(2026, 4, 10) + timedelta(days=ahead)  # the chair is taken up on the tenth
    await everything_due(here, day)
    store = here["membership"]

    async def tells() -> None:
        await store.run(lambda uow: la_category.record_school_told(uow, YEW, told_on=day, told_by="officer"))

    async def moves() -> None:
        await store.run(lambda uow: appointments.move_head(uow, someone("successor"), to_urn=year.OAK, on=day))

    async def ends() -> None:
        (term,) = await here.rows("select term_id from term where person_id = $1", someone("deputy"))
        await store.run(lambda uow: offices.end_office(uow, term.term_id, ended_on=day, reason="Steps down"))

    async def act_first_or_last() -> None:
        await asyncio.gather(tells(), moves(), ends())

    await asyncio.gather(turn_all_days(store), act_first_or_last(), turn_all_days(store))
    await turn_all_days(store)
    assert await here.rows("select 1 from due where done_at is null and on_date <= $1", day) == []
    assert await one_answer_a_day(here)
    facts = [each for each in await here.facts() if each.service == "membership"]
    once = Counter(
        (each.type, each.key, str(named(each.data)))
        for each in facts
        if each.type not in ("representation.reassigned", "school.told")
    )
    assert [fact for fact, times in once.items() if times > 1] == []
    await here.everybody_hears()
    assert await here.nothing_is_parked()


async def test_an_act_after_the_body_changed_hands_in_the_same_moment_is_refused_in_a_sentence_or_counts(
    year_ahead: Callable[[], Installation],
) -> None:
    """Two officers and the clock: a chair who is to begin today, and somebody who enters another."""
    here = year_ahead()
    await everything_due(here, FIRST)
    await turn_all_days(here["membership"])
    await here.it_is(date(2026, 1, 1))

    async def another() -> object:
        try:
            return await here.do(lambda uow: offices.take_up_office(
                uow, ABBEY, post="chair", person_id=someone("lead"), from_date=date(2026, 1, 1), until=None,
                route="meeting",
            ))  # fmt: skip
        except Refusal as refusal:
            return refusal

    _, entered = await asyncio.gather(turn_all_days(here["membership"]), another())
    assert isinstance(entered, Refusal)
    assert "10 April 2026" in str(entered)  # the successor's term lies ahead
    assert await one_answer_a_day(here)
