"""A school that converts while the inspectors are there: it is one inspection and one call (W-16, D3.11)."""

from datetime import date
from typing import Any

import pytest

from services.membership.domain.category import Inherit, Outcome
from services.membership.domain.links import Link
from services.membership.use_cases import la_category
from services.membership.use_cases.inspection_calls import Look
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_continuity import turned
from tests.store.membership.test_inspection_calls import asked, started
from tests.store.membership.test_proposals import adopt, decline, the_proposal

OLD, ACADEMY, LAST = "900003", "900020", "900021"
CALLED, OPENS, AGAIN, REPORTED = date(2024, 4, 29), date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 20)


async def converts(abbey: Authority, urn: str = OLD, to: str = ACADEMY, on: date = OPENS, **academy: Any) -> None:
    said = {"type_code": "34", "trust_id": "7001", "trust_name": "Larch Trust", **academy}
    opening = line(to, opened_on=on, **said)
    closing = line(
        urn, date(2023, 9, 2), closed_on=on, **({"type_code": "34", "opened_on": OPENS} if urn != OLD else {})
    )
    await abbey.do(lambda uow: keep_schools(uow, [closing, opening]))
    await abbey.do(lambda uow: keep_links(uow, [Link(to, urn, "Predecessor", None, "links", START)]))
    await turned(abbey)


@pytest.fixture
async def called(abbey: Authority, ask: Ask) -> dict[str, Any]:
    """The inspectors call two days before the school becomes an academy, and the chair is asked."""
    await converts(abbey)
    await abbey.on(CALLED)
    card = await started(ask, OLD)
    assert asked(card) == [("chair", "waiting")]
    return card


async def test_whoever_is_next_in_line_is_next_for_the_school_that_it_is_now(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """W-16, W-19: of an academy the trust's chief executive has the conversation, not the desk for want of a body."""
    await abbey.on(OPENS)
    card = (await ask(f"/inspection-calls/{called['call_id']}/cannot", OFFICER, {})).json()
    assert asked(card) == [("chair", "cannot"), ("trust-chief-executive", "waiting")]


async def test_the_academy_that_tells_of_the_call_has_the_call_that_is_open(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """W-16: nobody is asked twice about one inspection."""
    await abbey.on(OPENS)
    await abbey.forget_said()
    assert (await started(ask, ACADEMY))["call_id"] == called["call_id"]
    assert await abbey.said("inspection-call.asked") == []


async def test_the_head_of_the_academy_sees_the_call_of_the_school_that_it_was(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """W-16, R0.8: she, and no other head."""
    await abbey.on(OPENS)
    for urn, status in ((ACADEMY, 200), ("900004", 404)):
        head = {"roles": ["headteacher"], "urns": [urn]}
        assert (await ask(f"/inspection-calls/{called['call_id']}", head)).status_code == status
        listed = (await ask("/inspection-calls", head)).json()
        assert [each["call_id"] for each in listed] == ([called["call_id"]] if status == 200 else [])


async def test_of_a_school_that_was_split_the_call_stays_where_it_was(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """W-16: which part the inspectors are in nobody can tell, so the desk is next and each part has a call of its own."""
    await abbey.do(lambda uow: keep_schools(uow, [line(LAST, opened_on=OPENS)]))
    await abbey.do(lambda uow: keep_links(uow, [Link(LAST, OLD, "Predecessor - Split School", None, "links", START)]))
    await abbey.on(OPENS)
    card = (await ask(f"/inspection-calls/{called['call_id']}/cannot", OFFICER, {})).json()
    assert asked(card) == [("chair", "cannot"), ("duty-desk", "waiting")]
    assert (await started(ask, LAST))["call_id"] != called["call_id"]


async def test_the_report_closes_the_call_under_whatever_number_of_the_line_it_comes(
    abbey: Authority, ask: Ask, called: dict[str, Any]
) -> None:
    """W-16: the academy has gone to another trust under a third number before the report is out."""
    await converts(abbey, ACADEMY, LAST, AGAIN)
    await abbey.on(REPORTED)

    async def reported(uow: Any) -> None:
        outcome = Outcome(LAST, "N1", "graded", date(2024, 4, 30), REPORTED, uow.now, headline=2)
        await record_outcomes(uow, [Published(LAST, outcome)], take_on=False, source="test")

    await abbey.do(reported)
    while await abbey.do(Look()):
        pass
    card = (await ask(f"/inspection-calls/{called['call_id']}", OFFICER)).json()
    assert card["state"] == "closed"


@pytest.mark.parametrize(
    ("before", "published", "asked_first", "then"),
    [(2, 4, "duty-desk", "duty-desk"), (4, 2, "chair", "duty-desk")],
    ids=["a better one was kept", "a weaker one was kept"],
)
async def test_before_the_school_was_told_who_speaks_for_it_the_line_goes_by_what_is_published(
    abbey: Authority, ask: Ask, before: int, published: int, asked_first: str, then: str
) -> None:
    """W-16, W-18, R0.8: where a school that continues another inherits, what an officer had declined for that one is in
    force, and whoever comes to the school would show it."""
    inspected, begins, reported = date(2024, 2, 1), date(2024, 3, 1), date(2024, 3, 15)
    await abbey.on(inspected)
    await abbey.publish(OLD, inspected, headline=before)
    await abbey.on(begins)
    await adopt(abbey, "propose", begins, inherit=Inherit.ALWAYS)
    await abbey.on(reported)
    await abbey.publish(OLD, reported, headline=published)
    await decline(abbey, await the_proposal(abbey))
    await converts(abbey, type_code="1", trust_id=None, trust_name=None)
    await abbey.on(OPENS)
    in_force = (await ask(f"/schools/{ACADEMY}/category", OFFICER)).json()
    assert (in_force["category"], in_force["public_category"]) == (before, published)

    card = await started(ask, ACADEMY)
    assert asked(card) == [(asked_first, "waiting")]
    assert card["note"].startswith("Something about this school is held back")

    async def told(uow: Any) -> None:
        await la_category.record_school_told(uow, ACADEMY, told_on=OPENS, told_by="officer")

    await abbey.do(told)
    now = (await ask(f"/inspection-calls/{card['call_id']}", OFFICER)).json()
    assert (now["note"], now["stand_in"] and now["stand_in"]["role"]) == (None, None if then == asked_first else then)
