"""Who heads a school is told from its day on, so that a head can hear of her school first (R0.8, W-06)."""

from datetime import date

from services.membership.domain.appointment import Headship
from services.membership.use_cases import appointments
from services.membership.use_cases.take_on import TakenOn, take_on
from tests.store.membership.conftest import START, Authority

DAY = date(2024, 3, 1)
LATER = date(2024, 4, 8)


async def told(abbey: Authority) -> list[tuple[str, str, str]]:
    return [
        (each.type.removeprefix("headship."), each.key, each.data["ended_on"] if "ended" in each.type else each.data["from_date"])
        for each in await abbey.said("headship.began", "headship.ended")
    ]  # fmt: skip


async def test_the_heads_of_an_authority_are_told_when_it_is_taken_on(abbey: Authority):
    assert await told(abbey) == [("began", "937/school/900001", "2018-09-01")]
    (said,) = await abbey.said("headship.began")
    assert (said.sensitivity, said.data["person_id"]) == ("internal", str(abbey.people["chair"]))


async def test_a_headship_that_lies_ahead_is_told_on_its_first_and_its_last_day(abbey: Authority):
    await abbey.forget_said()
    ahead = Headship(abbey.people["newcomer"], "900003", DAY, LATER)
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", headships=[ahead])))
    assert await told(abbey) == []
    await abbey.on(DAY)
    assert await told(abbey) == [("began", "937/school/900003", "2024-03-01")]
    await abbey.on(LATER)
    assert (await told(abbey))[1:] == [("ended", "937/school/900003", "2024-04-08")]


async def test_a_move_ends_one_headship_and_begins_another_on_its_day(abbey: Authority):
    await abbey.on(DAY)
    await abbey.forget_said()
    chair = abbey.people["chair"]
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=LATER))
    assert await told(abbey) == []
    await abbey.on(LATER)
    assert await told(abbey) == [
        ("ended", "937/school/900001", "2024-04-08"),
        ("began", "937/school/900003", "2024-04-08"),
    ]


async def test_a_head_is_known_before_it_is_told_who_speaks_for_her_new_school(abbey: Authority):
    """R0.8: both stand under the school's key, so whoever reads them has the head first."""
    await abbey.on(DAY)
    await abbey.forget_said()
    await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["chair"], to_urn="900003", on=DAY))
    under = [each.type for each in await abbey.said(urn="900003")]
    assert under[0] == "headship.began"
    assert "representation.reassigned" in under


async def test_a_headship_that_was_taken_back_is_told_as_ended_on_its_first_day(abbey: Authority):
    await abbey.on(DAY)
    chair = abbey.people["chair"]
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=DAY))
    await abbey.forget_said()
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900004", on=DAY))
    assert ("ended", "937/school/900003", "2024-03-01") in await told(abbey)
    assert (await told(abbey))[-1] == ("began", "937/school/900004", "2024-03-01")


async def test_a_headship_that_was_planned_otherwise_is_not_told(abbey: Authority):
    await abbey.on(START)
    await abbey.forget_said()
    chair = abbey.people["chair"]
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=LATER))
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900004", on=DAY))
    await abbey.on(LATER)
    assert [key for thing, key, _ in await told(abbey) if thing == "began"] == ["937/school/900004"]
