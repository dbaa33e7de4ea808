"""Somebody acts on a day whose turn isn't done: what was due of a body, a place or a head is told before it is changed.

Told at the turn it came too late: readers heard that something had ended, or never was, and later that it had begun.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.office import Correction
from services.membership.use_cases import appointments, correct_places, corrections, offices, places
from tests.store.membership.conftest import Authority

DAY = date(2024, 3, 1)
THEN = DAY + timedelta(days=2)
SCHOOL = "900003"
WHY = {"reason": "Why"}

Act = Callable[[Any, UUID], Awaitable[Any]]


async def acts_before_the_turn(abbey: Authority, act: Callable[[Any], Awaitable[Any]]) -> None:
    """The product was away on the first of March; two days later somebody acts, and then the days are turned."""
    await abbey.forget_said()
    await abbey.do(lambda uow: uow.execute("update clock set today = $1::date", THEN))
    await abbey.do(act)
    await abbey.on(THEN)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda uow, term: offices.end_office(uow, term, ended_on=THEN, **WHY), "office.ended"),
        (lambda uow, term: corrections.withdraw_office(uow, term, withdrawn_by="officer", **WHY), "office.corrected"),
        (
            lambda uow, term: corrections.correct_office(
                uow, term, Correction(from_date=THEN + timedelta(days=9)), corrected_by="officer", **WHY
            ),
            "office.corrected",
        ),
    ],
    ids=["ended", "withdrawn", "put off"],
)
async def test_a_term_that_was_due_has_begun_before_it_ends_or_is_corrected(
    abbey: Authority, act: Act, told: str
) -> None:
    """D3.10, W-04"""
    made = await abbey.do(lambda uow: offices.change_office(
        uow, abbey.body_id, post="chair", person_id=abbey.people["newcomer"], from_date=DAY, route="meeting"
    ))  # fmt: skip
    await acts_before_the_turn(abbey, partial(act, term=made.term_id))
    of_her = [each.type for each in await abbey.said() if each.data.get("term_id") == str(made.term_id)]
    assert of_her == ["office.taken-up", told]


async def test_a_term_that_was_due_has_begun_before_its_holder_moves_and_her_school_is_told_once(
    abbey: Authority,
) -> None:
    """W-31: the award goes with the office."""
    made = await abbey.do(lambda uow: offices.change_office(
        uow, abbey.body_id, post="chair", person_id=abbey.people["newcomer"], from_date=DAY, route="meeting"
    ))  # fmt: skip
    await acts_before_the_turn(
        abbey, lambda uow: appointments.move_head(uow, abbey.people["newcomer"], to_urn="900004", on=THEN)
    )
    of_her = [each.type for each in await abbey.said() if each.data.get("term_id") == str(made.term_id)]
    assert of_her == ["office.taken-up", "office-holder.moved-school"]


@pytest.mark.parametrize(
    "act",
    [
        lambda uow, body: places.leave(uow, body, SCHOOL, left_on=THEN),
        lambda uow, body: correct_places.withdraw_place(uow, body, SCHOOL, on=DAY, withdrawn_by="officer", **WHY),
    ],
    ids=["left", "withdrawn"],
)
async def test_a_school_whose_day_of_joining_has_come_has_joined_before_it_leaves(abbey: Authority, act: Act) -> None:
    """D3.10, R0.3"""
    await abbey.do(lambda uow: places.leave(uow, abbey.body_id, SCHOOL, left_on=DAY - timedelta(days=60)))
    await abbey.do(lambda uow: places.join(uow, abbey.body_id, SCHOOL, from_date=DAY, by="officer"))
    await abbey.on(DAY - timedelta(days=1))
    await acts_before_the_turn(abbey, partial(act, body=abbey.body_id))
    told = [each.type for each in await abbey.said() if each.data.get("urn") == SCHOOL and "body" in each.type]
    assert told == ["school.joined-body", "school.left-body"]


async def move(abbey: Authority, to_urn: str, on: date) -> Any:
    return await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["chair"], to_urn=to_urn, on=on))


async def headships(abbey: Authority) -> list[tuple[str, str]]:
    return [(each.type, each.data["urn"]) for each in await abbey.said("headship.began", "headship.ended")]


async def test_a_head_whose_day_of_moving_has_come_has_moved_before_she_moves_on(abbey: Authority) -> None:
    """D3.10, R0.3"""
    await move(abbey, SCHOOL, DAY)
    await acts_before_the_turn(
        abbey,
        lambda uow: appointments.move_head(uow, abbey.people["chair"], to_urn="900004", on=THEN),
    )
    assert await headships(abbey) == [
        ("headship.ended", "900001"),
        ("headship.began", SCHOOL),
        ("headship.ended", SCHOOL),
        ("headship.began", "900004"),
    ]


async def test_a_head_who_went_elsewhere_that_day_leaves_her_school_once(abbey: Authority) -> None:
    """R0.4: it was entered wrongly, and put right on the same day."""
    await abbey.on(DAY)
    await move(abbey, SCHOOL, DAY)
    await abbey.forget_said()
    await move(abbey, "900004", DAY)
    assert await headships(abbey) == [("headship.ended", SCHOOL), ("headship.began", "900004")]
