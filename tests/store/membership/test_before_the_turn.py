"""A date has come and the service has not looked yet: it was down, or the clock is in doubt (decision 0017)."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.membership.domain.school import Status
from services.membership.use_cases import la_category, offices
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.speakers import speakers_on
from services.membership.use_cases.who_speaks import who_speaks
from tests.store.membership.conftest import START, Authority, line

DAY = date(2024, 3, 1)
SCHOOL, OPENS = "900003", "900020"
BEFORE = DAY - timedelta(days=1)


@pytest.fixture
async def morning(abbey: Authority) -> Authority:
    """The first of March before its turn: a chair begins and a school opens."""
    await abbey.do(lambda uow: offices.change_office(
        uow, abbey.body_id, post="chair", person_id=abbey.people["newcomer"], from_date=DAY, route="meeting"
    ))  # fmt: skip
    await abbey.do(lambda uow: keep_schools(uow, [line(OPENS, status=Status.PROPOSED, opened_on=DAY)]))
    await abbey.on(BEFORE)
    await abbey.do(lambda uow: uow.execute("update clock set today = $1::date", DAY))
    return abbey


async def answer(abbey: Authority, on: date | None = None, *, to_the_school: bool = False) -> dict[str, Any]:
    return await abbey.do(lambda uow: who_speaks(uow, SCHOOL, "general", on, to_the_school=to_the_school))


async def test_an_officer_hears_who_speaks_today_and_a_head_who_was_told_last_and_as_of_when(
    morning: Authority,
) -> None:
    """R0.4, R0.8, D3.10"""
    officer, head = await answer(morning), await answer(morning, to_the_school=True)
    assert (officer["person_id"], officer["as_of"]) == (morning.people["newcomer"], DAY)
    assert (officer["body_name"], officer["valid_from"], officer["valid_until"]) == ("Abbey", DAY, None)
    assert (head["person_id"], head["as_of"]) == (morning.people["chair"], BEFORE)
    assert (head["valid_from"], head["valid_until"]) == (START, None)  # until when, nobody has told her yet
    assert (await answer(morning, BEFORE))["person_id"] == morning.people["chair"]
    assert (await answer(morning, BEFORE))["valid_until"] == DAY
    await morning.on(DAY)
    for turned in (await answer(morning), await answer(morning, to_the_school=True)):
        assert (turned["person_id"], turned["as_of"]) == (morning.people["newcomer"], DAY)
        assert turned["recorded_at"] is not None


async def test_a_day_that_was_missed_is_answered_too(morning: Authority) -> None:
    """D3.10: three days after, nothing was turned."""
    await morning.do(lambda uow: uow.execute("update clock set today = $1::date", DAY + timedelta(days=3)))
    missed = await answer(morning, DAY)
    assert (missed["person_id"], missed["valid_from"]) == (morning.people["newcomer"], DAY)
    assert (await answer(morning))["valid_from"] == DAY  # since when it is so, and not since when it was asked


async def test_the_list_of_an_authority_says_the_same_as_each_answer(morning: Authority) -> None:
    """R0.4: and the school that opens today is in it."""
    for _ in range(2):
        listed = {
            each["urn"]: each
            for each in await morning.do(lambda uow: speakers_on(uow, "937", DAY))
            if each["matter"] == "general"
        }
        for urn, each in listed.items():
            alone = await morning.do(lambda uow, urn=urn: who_speaks(uow, urn, "general", DAY))  # type: ignore[misc]
            assert each == {name: alone[name] for name in each}
        assert (listed[SCHOOL]["person_id"], listed[SCHOOL]["body_name"]) == (morning.people["newcomer"], "Abbey")
        assert listed[OPENS]["role"] == "duty-desk"
        assert {each["as_of"] for each in listed.values()} == {DAY}
        await morning.on(DAY)


async def test_a_planned_entry_does_not_show_in_as_of_to_the_head(abbey: Authority) -> None:
    """R0.8: in a world without it no date has come."""
    await abbey.do(lambda uow: la_category.set_la_category(
        uow, SCHOOL, category=4, from_date=DAY, reason="Why", review_on=None, set_by="officer"
    ))  # fmt: skip
    await abbey.do(lambda uow: uow.execute("update clock set today = $1::date", DAY))
    assert (await answer(abbey, to_the_school=True))["as_of"] == DAY
    assert (await answer(abbey))["role"] == "duty-desk"
