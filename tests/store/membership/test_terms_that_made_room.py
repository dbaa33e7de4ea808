"""A change of chair that was a slip: of the term that it ended somebody is asked, and can put it right (R0.4, W-05)."""

from datetime import date
from uuid import UUID

import pytest

from services.membership.domain.office import Correction
from services.membership.use_cases import corrections, offices
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.offices import OfficeChanged
from tests.store.membership.conftest import Authority

ELM, CHAIRS_SCHOOL = "900003", "900001"
BEGAN, REALLY, TODAY = date(2024, 3, 1), date(2024, 3, 8), date(2024, 3, 20)


@pytest.fixture
async def change(abbey: Authority) -> OfficeChanged:
    """The newcomer is entered as the next chair from 1 March; that ends the term of the chair before her."""
    await abbey.on(BEGAN)
    made = await abbey.do(
        lambda uow: offices.change_office(
            uow, abbey.body_id, post="chair", person_id=abbey.people["newcomer"], from_date=BEGAN, route="meeting"
        )
    )
    await abbey.on(TODAY)
    return made


async def withdraw(abbey: Authority, term_id: UUID) -> OfficeChanged:
    return await abbey.do(
        lambda uow: corrections.withdraw_office(uow, term_id, reason="A slip", withdrawn_by="officer")
    )


async def correct(abbey: Authority, term_id: UUID, correction: Correction) -> OfficeChanged:
    return await abbey.do(
        lambda uow: corrections.correct_office(uow, term_id, correction, reason="A slip", corrected_by="officer")
    )


async def asked(abbey: Authority) -> list[tuple[str, str]]:
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    return [(each["urn"], each["why"]) for each in queue["items"] if each.get("about", "").startswith("end-of-term")]


async def test_withdrawn_it_is_asked_whether_the_chair_before_went_on_until_her_end_is_put_right(
    abbey: Authority, change: OfficeChanged
) -> None:
    """R0.4, W-17"""
    assert change.ended is not None
    (said,) = (await withdraw(abbey, change.term_id)).asks
    assert said == (
        f"The chair in term {change.ended} ended on 1 March 2024 only because the chair of term {change.term_id} began then, "
        "which never was. If it went on, correct its last day: until then the office is vacant"
    )
    assert await asked(abbey) == [(CHAIRS_SCHOOL, said)]
    await correct(abbey, change.ended, Correction(no_end=True))
    assert await asked(abbey) == []
    assert (await abbey.answers(ELM))[-1][2:] == ("chair", abbey.people["chair"])


async def test_begun_later_than_was_entered_it_is_asked_whether_the_chair_before_stayed_until_then(
    abbey: Authority, change: OfficeChanged
) -> None:
    """R0.4"""
    assert change.ended is not None
    (said,) = (await correct(abbey, change.term_id, Correction(from_date=REALLY))).asks
    assert "which began on 8 March 2024" in said
    assert [urn for urn, _ in await asked(abbey)] == [CHAIRS_SCHOOL]
    await correct(abbey, change.ended, Correction(until=REALLY))
    assert await asked(abbey) == []


async def test_another_person_in_the_same_term_asks_nobody(abbey: Authority, change: OfficeChanged) -> None:
    """R0.4: the one before ended all the same."""
    corrected = await correct(abbey, change.term_id, Correction(person_id=abbey.people["officer"]))
    assert (corrected.asks, await asked(abbey)) == ((), [])


async def test_of_whoever_acted_as_chair_and_stepped_back_it_is_asked_as_well(
    abbey: Authority, change: OfficeChanged
) -> None:
    """W-04, W-17"""
    await abbey.do(lambda uow: offices.end_office(uow, change.term_id, ended_on=TODAY, reason="She left"))
    acting, chair = date(2024, 3, 21), date(2024, 4, 2)

    async def takes_up(post: str, who: str, on: date) -> OfficeChanged:
        await abbey.on(on)
        return await abbey.do(
            lambda uow: offices.take_up_office(
                uow, abbey.body_id, post=post, person_id=abbey.people[who], from_date=on, until=None, route="meeting"
            )
        )

    stood_in = await takes_up("acting-chair", "chair", acting)
    wrong = await takes_up("chair", "officer", chair)
    (said,) = (await withdraw(abbey, wrong.term_id)).asks
    assert said.startswith(
        f"The acting-chair in term {stood_in.term_id} ended on 2 April 2024 only because the chair of"
    )
    assert [urn for urn, _ in await asked(abbey)] == [CHAIRS_SCHOOL]


async def test_a_term_that_an_officer_ended_herself_stays_ended_and_nobody_is_asked(
    abbey: Authority, change: OfficeChanged
) -> None:
    """R0.4"""
    await abbey.do(lambda uow: offices.end_office(uow, change.term_id, ended_on=TODAY, reason="She left"))
    next_one = await abbey.do(
        lambda uow: offices.take_up_office(
            uow,
            abbey.body_id,
            post="chair",
            person_id=abbey.people["officer"],
            from_date=TODAY,
            until=None,
            route="meeting",
        )
    )
    assert (await withdraw(abbey, next_one.term_id)).asks == ()
