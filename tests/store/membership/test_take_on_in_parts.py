"""A part that is sent later: state to the schools that begin with it, news to all that were there (R0.8, D3.10)."""

from datetime import date
from uuid import UUID

import pytest

from services.membership.domain.appointment import Allocation
from services.membership.domain.body import Body, Membership
from services.membership.domain.office import Term
from services.membership.store import bodies
from services.membership.use_cases import offices
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.messaging.cause import new_id
from tests.store.membership.conftest import START, Authority, Said, line
from tests.store.membership.test_told import REASSIGNED, held_in_one_story, tell

DAY = date(2024, 3, 1)
OLD, NEW = "900003", "900005"


def beech() -> Body:
    return Body(
        new_id(),
        "937",
        "primary-consortium",
        "Beech",
        ["Central"],
        DAY,
        None,
        None,
        "04-01",
        new_id(),
        new_id(),
        new_id(),
    )


def chair(body_id: UUID, person_id: UUID) -> Term:
    return Term(new_id(), new_id(), body_id, "chair", person_id, DAY, None, "taken-on")


async def sent(abbey: Authority, part: TakenOn) -> list[Said]:
    """What was said of who speaks and who was allocated."""
    await abbey.forget_said()
    await abbey.do(lambda uow: take_on(uow, part))
    return await abbey.said("allocation.made", REASSIGNED)


@pytest.fixture
async def later(abbey: Authority) -> Authority:
    """Months after the authority began, with a school more that nobody has put into a body."""
    await abbey.do(lambda uow: keep_schools(uow, [line(NEW)]))
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(OLD, date(2024, 1, 10), headline=4)
    await abbey.publish(NEW, date(2024, 1, 10), headline=4)
    await abbey.on(DAY)
    return abbey


async def test_an_allocation_beside_a_new_body_is_held_until_its_school_is_told(later: Authority) -> None:
    """R0.8, W-18"""
    allocation = Allocation(new_id(), OLD, later.people["leader"], DAY, None)
    said = await sent(later, TakenOn("937", bodies=[beech()], allocations=[allocation]))
    assert [each.type for each in said] == ["allocation.made", REASSIGNED]
    held_in_one_story(said, "allocation.made")
    assert await tell(later, urn=OLD) == [said[0].correlation_id]


async def test_a_new_chair_beside_a_new_body_is_news_to_the_schools_of_the_old_one(later: Authority) -> None:
    """R0.8, W-20"""
    async with later.store.unit() as uow:
        held = await bodies.terms(uow, [later.body_id])
    for term in held:
        await later.do(
            lambda uow, term=term: offices.end_office(uow, term.term_id, ended_on=DAY, reason="retired")  # type: ignore[misc]
        )
    said = await sent(later, TakenOn("937", bodies=[beech()], terms=[chair(later.body_id, later.people["newcomer"])]))
    assert {"900002", "900004"} <= {each.data["urn"] for each in said}
    assert {each.told for each in said} == {True}
    assert (await later.answers("900004"))[-1][-1] == later.people["newcomer"]


async def test_what_changes_for_a_school_is_news_though_the_same_part_places_it_in_another_area(
    later: Authority,
) -> None:
    """R0.8"""
    async with later.store.unit() as uow:
        held = await bodies.terms(uow, [later.body_id])
    (chairs,) = (each for each in held if each.post == "chair")
    await later.do(lambda uow: offices.end_office(uow, chairs.term_id, ended_on=DAY, reason="retired"))
    part = TakenOn("937", districts=[("CV31", "East")], terms=[chair(later.body_id, later.people["newcomer"])])
    said = await sent(later, part)
    assert "900004" in {each.data["urn"] for each in said}


async def test_what_a_new_school_of_a_new_body_begins_with_is_state_and_the_part_sent_again_tells_nothing(
    later: Authority,
) -> None:
    """D3.10"""
    body = beech()
    part = TakenOn(
        "937",
        bodies=[body],
        memberships=[Membership(body.body_id, NEW, DAY, None, True)],
        terms=[chair(body.body_id, later.people["newcomer"])],
        allocations=[Allocation(new_id(), NEW, later.people["leader"], DAY, None)],
    )
    said = await sent(later, part)
    assert [(each.type, each.told) for each in said] == [("allocation.made", True)]
    assert await sent(later, part) == []


async def test_a_school_that_goes_from_an_old_body_to_a_new_one_hears_of_its_new_chair(later: Authority) -> None:
    """R0.8, W-20: it is the body that is new, not the school."""
    urn, body = "900004", beech()
    await later.do(lambda uow: uow.execute(
        "update membership set during = daterange(lower(during), $2::date) where urn = $1", urn, DAY
    ))  # fmt: skip
    part = TakenOn(
        "937",
        bodies=[body],
        memberships=[Membership(body.body_id, urn, DAY, None, True)],
        terms=[chair(body.body_id, later.people["newcomer"])],
    )
    assert [(each.type, each.data["urn"], each.told) for each in await sent(later, part)] == [(REASSIGNED, urn, True)]


async def test_all_parts_of_the_day_on_which_an_authority_begins_are_state(abbey: Authority) -> None:
    """D3.10"""
    part = TakenOn("937", allocations=[Allocation(new_id(), "900001", abbey.people["leader"], START, None)])
    assert [(each.type, each.told) for each in await sent(abbey, part)] == [("allocation.made", True)]
