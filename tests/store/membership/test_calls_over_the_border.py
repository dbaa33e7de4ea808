"""A school that goes over to another authority while the inspectors are there: each has a call of its own (W-16, decision 20)."""

from datetime import date
from typing import Any

import pytest

from services.membership.domain.category import Outcome
from services.membership.use_cases import la_category
from services.membership.use_cases.inspection_calls import Look
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from tests.store.membership.asking import Ask
from tests.store.membership.conftest import Authority, line
from tests.store.membership.test_continuity import linked, registered
from tests.store.membership.test_inspection_calls import asked, started
from tests.store.membership.test_over_the_border import ELSEWHERE

OLD, ACADEMY = "900003", "900020"
EARLIER, CALLED, OPENS, REPORTED = date(2024, 3, 1), date(2024, 4, 29), date(2024, 5, 1), date(2024, 5, 20)
OURS = {"roles": ["la.officer"], "authorities": ["937"]}
THEIRS = {"roles": ["la.officer"], "authorities": [ELSEWHERE]}
THEIR_HEAD = {"roles": ["headteacher"], "urns": [ACADEMY], "authorities": [ELSEWHERE]}
OVER = line(ACADEMY, opened_on=OPENS, type_code="34", trust_id="7001", trust_name="Larch Trust", authority=ELSEWHERE)


@pytest.fixture
async def called(abbey: Authority, ask: Ask) -> dict[str, Any]:
    """The inspectors call two days before the school becomes an academy of 801, for which its trust speaks."""
    await registered(abbey, line(OLD, date(2023, 9, 2), closed_on=OPENS), OVER)
    await linked(abbey, (ACADEMY, OLD))
    await abbey.on(CALLED)
    card = await started(ask, OLD, OURS)
    assert asked(card) == [("chair", "waiting")]
    return card


async def test_the_authority_that_has_the_school_now_has_a_call_of_its_own(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """W-16, R0.8: whom the other one had asked is not for its officers to see."""
    await abbey.on(OPENS)
    card = await started(ask, ACADEMY, THEIRS)
    assert card["call_id"] != called["call_id"]
    assert (card["authority"], asked(card)) == (ELSEWHERE, [("trust-chief-executive", "waiting")])
    assert (await started(ask, ACADEMY, THEIRS))["call_id"] == card["call_id"]
    seen = [[each["call_id"] for each in (await ask("/inspection-calls", who)).json()] for who in (OURS, THEIRS)]
    assert seen == [[called["call_id"]], [card["call_id"]]]


async def test_the_head_who_comes_after_over_the_border_sees_her_own_authoritys_call_alone(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """W-16, R0.8"""
    await abbey.on(OPENS)
    assert (await ask(f"/inspection-calls/{called['call_id']}", THEIR_HEAD)).status_code == 404
    assert (await ask("/inspection-calls", THEIR_HEAD)).json() == []
    card = await started(ask, ACADEMY, THEIR_HEAD)
    assert [each["call_id"] for each in (await ask("/inspection-calls", THEIR_HEAD)).json()] == [card["call_id"]]


async def test_after_the_border_the_desk_of_the_calls_own_authority_is_next_and_nobody_of_the_other_one(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """W-16: whoever speaks for the academy does so by what 801 has decided."""
    await abbey.on(OPENS)
    path = f"/inspection-calls/{called['call_id']}"
    stand_in = (await ask(path, OURS)).json()["stand_in"]
    assert (stand_in["role"], stand_in["person"]) == ("duty-desk", None)
    await abbey.forget_said()
    card = (await ask(f"{path}/cannot", OURS, {})).json()
    assert asked(card) == [("chair", "cannot"), ("duty-desk", "waiting")]
    (said,) = await abbey.said("inspection-call.asked")
    assert said.key == f"937/school/{OLD}"


async def test_whoever_was_asked_before_the_border_may_still_accept(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """W-16"""
    await abbey.on(OPENS)
    card = (await ask(f"/inspection-calls/{called['call_id']}/accept", OURS, {})).json()
    assert (card["state"], asked(card)) == ("accepted", [("chair", "accepted")])


async def test_that_the_other_authority_holds_something_back_is_not_said_on_the_card(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """R0.8"""
    await abbey.on(OPENS)

    async def enter(uow: Any) -> None:
        await la_category.set_la_category(
            uow, ACADEMY, category=4, from_date=OPENS, reason="A visit", review_on=None, set_by="theirs"
        )

    await abbey.do(enter)
    assert (await ask(f"/inspection-calls/{called['call_id']}", OURS)).json()["note"] is None
    assert (await started(ask, ACADEMY, THEIRS))["note"] is not None


async def test_a_school_that_the_register_gives_away_while_the_inspectors_are_there_has_a_call_in_each_authority(
    abbey: Authority, ask: Ask
) -> None:
    """W-16: it keeps its number, and the chair who was asked still may come."""
    await abbey.on(EARLIER)
    ours = await started(ask, OLD, OURS)
    await registered(abbey, line(OLD, EARLIER, authority=ELSEWHERE))
    assert (await ask(f"/inspection-calls/{ours['call_id']}", OURS)).json()["stand_in"]["role"] == "duty-desk"
    theirs = await started(ask, OLD, THEIRS)
    assert (theirs["authority"], asked(theirs)) == (ELSEWHERE, [("improvement-desk", "waiting")])
    assert (await started(ask, OLD, THEIRS))["call_id"] == theirs["call_id"] != ours["call_id"]


async def test_the_report_which_everybody_may_read_closes_both(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """W-16, decision 20: what is published goes over the border."""
    await abbey.on(OPENS)
    theirs = await started(ask, ACADEMY, THEIRS)
    await abbey.on(REPORTED)

    async def reported(uow: Any) -> None:
        outcome = Outcome(OLD, "N1", "graded", date(2024, 4, 30), REPORTED, uow.now, headline=2)
        await record_outcomes(uow, [Published(ACADEMY, outcome)], take_on=False, source="test")

    await abbey.do(reported)
    while await abbey.do(Look()):
        pass
    for card, who in ((called, OURS), (theirs, THEIRS)):
        assert (await ask(f"/inspection-calls/{card['call_id']}", who)).json()["state"] == "closed"
