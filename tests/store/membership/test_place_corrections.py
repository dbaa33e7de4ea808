"""A school that was entered in the wrong body or on wrong days: what it was is put right, what was answered stays (R0.4)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.body import Body
from services.membership.domain.continuity import AlreadyAMember, LeavesBeforeItJoins, NotAMember
from services.membership.domain.office import CorrectionNeedsReason, NothingToCorrect, Term
from services.membership.domain.place import PlaceCorrection
from services.membership.store import bodies
from services.membership.store.corrections import corrections_of
from services.membership.use_cases.correct_places import correct_place, withdraw_place
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.messaging.cause import new_id
from tests.store.membership.conftest import START, Authority

SCHOOL = "900003"
DAY, REALLY = date(2024, 1, 8), date(2023, 11, 6)
JOINED, LEFT, REASSIGNED, HISTORY = (
    "school.joined-body",
    "school.left-body",
    "representation.reassigned",
    "history.corrected",
)


@pytest.fixture
async def priory(abbey: Authority) -> UUID:
    """Another consortium, with the newcomer in its chair."""
    await abbey.on(DAY)
    body = Body(
        new_id(), "937", "primary-consortium", "Priory", (), START, None, None, "04-01", *(new_id() for _ in "abc")
    )
    chair = Term(new_id(), body.chair_office, body.body_id, "chair", abbey.people["newcomer"], START, None, "taken-on")
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", bodies=[body], terms=[chair])))
    await abbey.forget_said()
    return body.body_id


async def correct(abbey: Authority, reason: str = "The letter says Priory", **changes: Any) -> None:
    await abbey.do(lambda uow: correct_place(
        uow, abbey.body_id, SCHOOL, PlaceCorrection(**changes), on=DAY, reason=reason, corrected_by="officer"
    ))  # fmt: skip


async def places_of(abbey: Authority) -> list[tuple[UUID, date, date | None, bool]]:
    async with abbey.store.unit() as uow:
        found = await bodies.members_of_schools(uow, [SCHOOL])
    return [(each.body_id, each.from_date, each.until, each.lead) for each in found]


async def test_a_school_entered_in_the_wrong_body_is_in_the_right_one_from_the_day_on_which_it_really_joined(
    abbey: Authority, priory: UUID
) -> None:
    """R0.4, R0.3: the right body's chair speaks from today, and the days that have gone are told as corrected."""
    await correct(abbey, body_id=priory, from_date=REALLY)
    assert await places_of(abbey) == [(priory, REALLY, None, True)]
    assert [(each.data["body_id"], each.data["left_on"]) for each in await abbey.said(LEFT)] == [
        (str(abbey.body_id), START.isoformat())  # on the day on which it joined: it never was there
    ]
    assert [(each.data["body_id"], each.data["from_date"]) for each in await abbey.said(JOINED)] == [
        (str(priory), REALLY.isoformat())
    ]
    assert [(since, person) for since, _, _, person in await abbey.answers(SCHOOL)] == [
        (START, abbey.people["chair"]),
        (DAY, abbey.people["newcomer"]),
    ]
    assert [each.data["general_after"]["person_id"] for each in await abbey.said(REASSIGNED)] == [
        str(abbey.people["newcomer"])
    ]
    (told,) = await abbey.said(HISTORY)
    assert (told.data["what"], told.data["from_date"], told.data["until"]) == (
        "representation",
        START.isoformat(),
        DAY.isoformat(),
    )
    async with abbey.store.unit() as uow:
        (kept,) = await corrections_of(uow, SCHOOL)
    assert (kept["kind"], kept["withdrawn"], kept["reason"]) == ("membership", False, "The letter says Priory")


async def test_a_place_that_never_was_is_withdrawn_and_the_school_goes_to_the_duty_desk(abbey: Authority) -> None:
    """R0.3, R0.4"""
    await abbey.on(DAY)
    await abbey.forget_said()
    await abbey.do(lambda uow: withdraw_place(
        uow, abbey.body_id, SCHOOL, on=DAY, reason="A mistake", withdrawn_by="officer"
    ))  # fmt: skip
    assert await places_of(abbey) == []
    assert (await abbey.answers(SCHOOL))[-1][:3] == (DAY, None, "duty-desk")
    assert [each.data["left_on"] for each in await abbey.said(LEFT)] == [START.isoformat()]


async def test_a_place_begins_later_than_it_was_entered(abbey: Authority) -> None:
    """R0.4: today nothing changes, and the first months are told as corrected."""
    await abbey.on(DAY)
    await abbey.forget_said()
    await correct(abbey, from_date=REALLY)
    assert await places_of(abbey) == [(abbey.body_id, REALLY, None, True)]
    assert await abbey.said(REASSIGNED) == []
    assert [(each.data["from_date"], each.data["until"]) for each in await abbey.said(HISTORY)] == [
        (START.isoformat(), REALLY.isoformat())
    ]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"reason": " ", "from_date": REALLY}, CorrectionNeedsReason),
        ({}, NothingToCorrect),
        ({"until": START}, LeavesBeforeItJoins),
    ],
)
async def test_what_is_no_correction_of_a_place_is_refused(
    abbey: Authority, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    """R0.4"""
    await abbey.on(DAY)
    with pytest.raises(refusal):
        await correct(abbey, **changes)


async def test_a_place_is_not_corrected_into_one_that_is_there_nor_where_there_is_none(
    abbey: Authority, priory: UUID
) -> None:
    """R0.4"""
    await correct(abbey, body_id=priory, from_date=DAY)
    with pytest.raises(NotAMember):
        await correct(abbey, from_date=REALLY)
    await abbey.do(lambda uow: correct_place(
        uow, priory, SCHOOL, PlaceCorrection(until=date(2024, 2, 1)), on=DAY, reason="Left", corrected_by="officer"
    ))  # fmt: skip
    again = PlaceCorrection(body_id=priory)
    with pytest.raises((AlreadyAMember, NotAMember)):
        await abbey.do(lambda uow: correct_place(
            uow, abbey.body_id, SCHOOL, again, on=DAY, reason="Why", corrected_by="officer"
        ))  # fmt: skip
