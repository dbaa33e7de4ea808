"""A head of two schools moves: she leaves one of them, and nobody is named who heads the school (W-17)."""

from datetime import date

import pytest

from services.membership.domain.appointment import Headship, LeavesWhich
from services.membership.store import people
from services.membership.use_cases import appointments
from services.membership.use_cases.take_on import TakenOn, take_on
from tests.store.membership.conftest import START, Authority

DAY = date(2024, 3, 1)


async def heads_two(abbey: Authority) -> None:
    """The chair heads 900001 and 900002; the deputy speaks for both."""
    part = TakenOn("937", headships=[Headship(abbey.people["chair"], "900002", START, None)])
    await abbey.do(lambda uow: take_on(uow, part))
    assert [(await abbey.answers(urn))[-1][2] for urn in ("900001", "900002")] == ["deputy", "deputy"]


@pytest.mark.parametrize("on", [DAY, date(2024, 4, 1)])
async def test_the_other_school_of_a_head_of_two_stays_hers_when_she_leaves_one(abbey: Authority, on: date) -> None:
    """W-06, W-17: today, and on a day to come."""
    await abbey.on(DAY)
    await heads_two(abbey)
    await abbey.do(
        lambda uow: appointments.move_head(uow, abbey.people["chair"], to_urn="900003", on=on, from_urn="900001")
    )
    await abbey.on(on)
    speakers = {urn: (await abbey.answers(urn))[-1][2] for urn in ("900001", "900002", "900003")}
    assert speakers == {"900001": "chair", "900002": "deputy", "900003": "deputy"}
    async with abbey.store.unit() as uow:
        held = await people.headships(uow, people=[abbey.people["chair"]])
    assert {each.urn for each in held if each.holds_on(on)} == {"900002", "900003"}


async def test_a_head_of_two_schools_says_which_of_them_she_leaves(abbey: Authority) -> None:
    await abbey.on(DAY)
    await heads_two(abbey)
    with pytest.raises(LeavesWhich, match="900001 and 900002: enter which"):
        await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["chair"], to_urn="900003", on=DAY))


async def test_a_move_that_was_planned_otherwise_leaves_no_answer_behind(abbey: Authority) -> None:
    """The school to which she was to move is looked at on that day as if there had been no plan."""
    await abbey.on(DAY)
    chair = abbey.people["chair"]
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=date(2024, 5, 1)))
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900004", on=date(2024, 4, 1)))
    await abbey.on(date(2024, 5, 1))
    speakers = {urn: (await abbey.answers(urn))[-1][2] for urn in ("900001", "900003", "900004")}
    assert speakers == {"900001": "chair", "900003": "chair", "900004": "deputy"}


async def test_a_move_that_is_corrected_the_same_day_leaves_no_answer_behind(abbey: Authority) -> None:
    await abbey.on(DAY)
    chair = abbey.people["chair"]
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=DAY))
    moved = await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900004", on=DAY))
    assert moved.from_urn == "900001"
    speakers = {urn: (await abbey.answers(urn))[-1][2] for urn in ("900001", "900003", "900004")}
    assert speakers == {"900001": "chair", "900003": "chair", "900004": "deputy"}
