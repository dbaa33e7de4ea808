"""A command on a whole body or authority goes through where one of its schools stands still: that one follows (D3.10)."""

from datetime import date
from typing import Any

import pytest

from services.membership.use_cases import offices, policies, restricted
from services.membership.use_cases.hold import StandsStill
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import Authority
from tests.store.membership.test_failed_days import BROKEN, CATEGORY, DAY, NEXT, SET, Plant, _entry, _plan, _ticked
from tests.store.membership.test_failed_days import broken as broken

REASSIGNED = "representation.reassigned"
OTHERS = {"900001", "900004"}


@pytest.fixture
async def standing(ask: Ask, abbey: Authority, broken: Plant) -> Authority:
    """An entry of the authority for one school can't be told on its day; it would leave the chair to speak."""
    await _plan(abbey, BROKEN, DAY, category=2)
    broken(restricted, "tell_entry", _entry)
    await _ticked(ask, abbey, NEXT)
    await abbey.forget_said()
    return abbey


async def _goes_on(ask: Ask, abbey: Authority, broken: Plant) -> list[Any]:
    """What is told of the school once it goes on."""
    broken()
    (failed,) = (await ask("/due", OFFICER)).json()
    await ask(f"/due/{failed['failure_id']}/retry", OFFICER, {})
    assert (await _ticked(ask, abbey, NEXT))["failed"] == 0
    return await abbey.said(urn=BROKEN)


async def _new_chair(standing: Authority, on: date) -> Any:
    return await standing.do(
        lambda uow: offices.change_office(
            uow, standing.body_id, post="chair", person_id=standing.people["newcomer"], from_date=on, route="meeting"
        )
    )


async def test_a_new_chair_takes_up_the_office_and_the_school_that_stands_still_hears_of_her_when_it_goes_on(
    ask: Ask, standing: Authority, broken: Plant
) -> None:
    """W-05; R0.8: nothing of the entry comes out before the entry itself, which is told to school improvement alone."""
    await _new_chair(standing, NEXT)
    assert await standing.said(urn=BROKEN) == []
    told = {each.data["urn"]: each.data["general_after"] for each in await standing.said(REASSIGNED)}
    assert told.keys() >= OTHERS
    told_of = await _goes_on(ask, standing, broken)
    assert [(each.type, each.told) for each in told_of[:2]] == [(SET, False), (CATEGORY, False)]
    (reassigned,) = [each for each in told_of if each.type == REASSIGNED]
    assert reassigned.data["general_after"]["person_id"] == str(standing.people["newcomer"])
    assert reassigned.data["valid_from"] == str(NEXT)
    assert (await standing.answers(BROKEN))[-1][0] == NEXT


async def test_a_planned_change_of_chair_goes_through_too(ask: Ask, standing: Authority, broken: Plant) -> None:
    """W-05"""
    later = NEXT.replace(day=20)
    await _new_chair(standing, later)
    await _goes_on(ask, standing, broken)
    await standing.on(NEXT.replace(day=12))
    await standing.on(later)
    reassigned = [each for each in await standing.said(REASSIGNED, urn=BROKEN)]
    assert reassigned[-1].data["general_after"]["person_id"] == str(standing.people["newcomer"])


async def test_a_policy_is_adopted_and_counts_for_the_school_that_stands_still_when_it_goes_on(
    ask: Ask, standing: Authority, broken: Plant
) -> None:
    """R0.3"""
    await standing.do(
        lambda uow: policies.adopt_routing_policy(
            uow, "937", name="bristol", from_date=NEXT, settings={}, reason="Agreed", adopted_by="officer"
        )
    )
    assert await standing.said(urn=BROKEN) == []
    assert {each.data["urn"] for each in await standing.said(REASSIGNED)} >= OTHERS
    told_of = await _goes_on(ask, standing, broken)
    assert [(each.type, each.told) for each in told_of[:2]] == [(SET, False), (CATEGORY, False)]
    (reassigned,) = [each for each in told_of if each.type == REASSIGNED]
    assert reassigned.data["policy"] == "bristol"


async def test_a_change_of_days_that_have_gone_waits_for_the_school(standing: Authority) -> None:
    """R0.4: what it corrects of the school's past would be told by nobody."""
    with pytest.raises(StandsStill, match=BROKEN):
        await _new_chair(standing, DAY)
