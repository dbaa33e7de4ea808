"""Who heads a school is told from its day on, so that a head can hear of her school first (R0.8, W-06)."""

from datetime import date

import pytest

from services.membership.domain.appointment import Headship
from services.membership.domain.office import Term
from services.membership.store import bodies
from services.membership.use_cases import appointments, end_headships, offices
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.messaging.cause import new_id
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


@pytest.mark.parametrize("person", ["deputy", "chair"])  # who heads no school, and who leaves one
async def test_a_move_to_come_is_told_once_though_its_end_is_entered_before(abbey: Authority, person: str) -> None:
    """W-06, W-31"""
    await abbey.on(DAY)
    moves = abbey.people[person]
    await abbey.do(lambda uow: appointments.move_head(uow, moves, to_urn="900003", on=LATER))
    await abbey.do(lambda uow: end_headships.end_headship(uow, "900003", moves, ended_on=date(2024, 5, 1)))
    await abbey.forget_said()
    await abbey.on(LATER)
    assert [each[:2] for each in await told(abbey) if each[0] == "began"] == [("began", "937/school/900003")]
    assert len(await goes_with(abbey)) == 1


async def test_a_move_that_never_was_is_told_and_taken_back_before_the_turn_of_its_day(abbey: Authority) -> None:
    """W-06, R0.4: the day has come and its turn isn't done. She left her school all the same."""
    chair = abbey.people["chair"]
    await abbey.on(DAY)
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=LATER))
    await abbey.do(lambda uow: uow.execute("update clock set today = $1::date", LATER))
    await abbey.forget_said()
    await abbey.do(
        lambda uow: end_headships.withdraw_headship(
            uow, "900003", chair, on=LATER, reason="She stays at home", withdrawn_by="officer"
        )
    )
    await abbey.on(LATER)
    assert await told(abbey) == [
        ("ended", "937/school/900001", "2024-04-08"),
        ("began", "937/school/900003", "2024-04-08"),
        ("ended", "937/school/900003", "2024-04-08"),
    ]
    assert [each for _, each in await goes_with(abbey)] == [
        ("900001", "900003", "2024-04-08"),
        ("900003", None, "2024-04-08"),
    ]


# -- the school with which an office goes: its award is paid there (W-31) --

MOVED, CORRECTED = "office-holder.moved-school", "office.corrected"


async def goes_with(abbey: Authority) -> list[tuple[str, object]]:
    """What is told of the school with which an office goes: between which two, or all of its days."""
    return [
        (each.type, (each.data["from_urn"], each.data["to_urn"], each.data["moved_on"]))
        if each.type == MOVED
        else (each.type, [(held["from_date"], held["urn"]) for held in each.data["after"]["schools"]])
        for each in await abbey.said(MOVED, CORRECTED)
    ]


async def heads(abbey: Authority, person: str, urn: str, since: date, until: date | None = None) -> None:
    headship = Headship(abbey.people[person], urn, since, until)
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", headships=[headship])))


async def test_an_office_goes_with_a_school_whose_head_is_taken_on_after_it_was_told(abbey: Authority) -> None:
    """W-31: of today, of a day that has gone, and of one to come."""
    await abbey.on(DAY)
    await abbey.forget_said()
    await heads(abbey, "deputy", "900003", DAY)
    assert await goes_with(abbey) == [(MOVED, (None, "900003", "2024-03-01"))]
    await abbey.forget_said()
    await heads(abbey, "deputy", "900004", date(2024, 1, 8))
    began = str((await term_of(abbey, "deputy")).from_date)
    assert await goes_with(abbey) == [(CORRECTED, [(began, None), ("2024-01-08", "900004")])]
    await abbey.forget_said()
    await heads(abbey, "newcomer", "900002", LATER)
    await abbey.on(LATER)
    assert await goes_with(abbey) == []  # she holds none


async def test_an_office_of_a_head_to_come_goes_with_her_school_from_its_day(abbey: Authority) -> None:
    """W-31"""
    await abbey.on(DAY)
    await heads(abbey, "deputy", "900003", LATER)
    await abbey.forget_said()
    await abbey.on(LATER)
    assert await goes_with(abbey) == [(MOVED, (None, "900003", "2024-04-08"))]


async def test_an_office_that_is_told_late_is_told_with_every_school_that_its_holder_headed_in_it(
    abbey: Authority,
) -> None:
    """W-31: taken up in January, moved in February, entered in March."""
    chair, moved = abbey.people["chair"], date(2024, 2, 1)
    await abbey.on(moved)
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=moved))
    ends = (await term_of(abbey, "chair")).term_id
    await abbey.do(lambda uow: offices.end_office(uow, ends, ended_on=date(2024, 1, 8), reason="an error"))
    await abbey.on(DAY)
    await abbey.forget_said()
    again = Term(new_id(), new_id(), abbey.body_id, "chair", chair, date(2024, 1, 8), None, "taken-on")
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", terms=[again])))
    (taken_up,) = await abbey.said("office.taken-up")
    assert taken_up.data["school_urn"] == "900001"
    assert await goes_with(abbey) == [(MOVED, ("900001", "900003", "2024-02-01"))]


async def test_a_move_that_is_still_to_be_told_is_told_once_of_an_office_that_is_told_late(abbey: Authority) -> None:
    """W-31: the day has come and its turn isn't done."""
    newcomer, deputys = abbey.people["newcomer"], (await term_of(abbey, "deputy")).term_id
    await abbey.on(DAY)
    await abbey.do(lambda uow: appointments.move_head(uow, newcomer, to_urn="900003", on=LATER))
    await abbey.do(lambda uow: offices.end_office(uow, deputys, ended_on=DAY, reason="retired"))
    await abbey.do(lambda uow: uow.execute("update clock set today = $1::date", LATER))
    await abbey.forget_said()
    await abbey.do(
        lambda uow: offices.take_up_office(
            uow, abbey.body_id, post="deputy", person_id=newcomer, from_date=DAY, until=None, route="meeting"
        )
    )
    assert await goes_with(abbey) == []
    await abbey.on(LATER)
    assert await goes_with(abbey) == [(MOVED, (None, "900003", "2024-04-08"))]


async def term_of(abbey: Authority, person: str) -> Term:
    async with abbey.store.unit() as uow:
        (term,) = await bodies.terms_of_person(uow, abbey.people[person])
    return term
