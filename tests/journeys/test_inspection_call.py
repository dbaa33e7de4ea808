"""A school has had the call: the right person is asked at once, and nobody else hears of it (W-16, R0.8)."""

import json
from datetime import datetime
from typing import Any

import httpx2
import pytest

from infra.demo.registers import WARWICKSHIRE
from shared.auth.tokens import mint
from shared.clock import noon
from tests.eventually import eventually
from tests.journeys.conftest import Whole
from tests.journeys.test_command_line import a_school, read, run
from tests.journeys.test_told_gate import EVERY_DEPARTMENT

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]


async def seen_by(whole: Whole, service: str, path: str, *roles: str, **claims: Any) -> httpx2.Response:
    token = mint(whole.stack.state / "token.key", subject="somebody", roles=roles, authorities=[WARWICKSHIRE], **claims)
    async with httpx2.AsyncClient() as client:
        return await client.get(
            f"{whole.stack.url(service)}/api/v1{path}", headers={"Authorization": f"Bearer {token}"}
        )


async def nobody_is_late(whole: Whole, call: str) -> dict[str, Any] | None:
    """The call, once nobody is asked whose time has run out."""
    found: dict[str, Any] = await whole.consortia["membership"].get(f"/inspection-calls/{call}")
    until = found["answer_by"]
    return found if until is None or datetime.fromisoformat(until) > noon(whole.today) else None


async def test_a_call_is_passed_on_in_time_and_closed_and_a_department_hears_of_it_when_its_desk_is_asked(
    whole: Whole,
) -> None:
    """W-16, R0.8"""
    urn = await a_school(whole)
    await whole.next_day()
    membership = whole.consortia["membership"]
    started = await membership.post(f"/schools/{urn}/inspection-calls", {})
    call = started.body["call_id"]
    assert started.body["speaker"]["role"] == "chair"

    # The command shows the same call, and the list has it.
    assert read(whole, "call", urn)["call_id"] == call
    assert started.body["speaker"]["person"]["name"] in run(whole, "call", urn).stdout
    assert [each["call_id"] for each in read(whole, "calls")] == [call]
    assert urn in run(whole, "calls").stdout

    # School days pass and nobody answers: the service by itself asks the next, and in the end the desk.
    found = await membership.get(f"/inspection-calls/{call}")
    while found["answer_by"] is not None:
        await whole.next_day()
        found = await eventually(lambda: nobody_is_late(whole, call))
    queue = read(whole, "desk-queue", WARWICKSHIRE)
    assert [each["answer"] for each in found["asked"]][-1] == "waiting"
    assert found["asked"][-1]["role"] == "duty-desk"
    assert queue[0]["urn"] == urn
    assert "accept the call" in run(whole, "desk-queue", WARWICKSHIRE).stdout

    closed = await membership.post(f"/inspection-calls/{call}/close", {"reason": "The inspectors put it off"})
    assert read(whole, "calls") == []

    # One story from the call to the desk; school improvement hears of it by what its desk was asked, and not before.
    asked = await whole.in_topic("school-improvement", started.correlation_id)
    assert [(message.thing, message.data["role"]) for message in asked] == [("inspection-call.asked", "duty-desk")]
    for department in EVERY_DEPARTMENT[1:]:
        for story in (started.correlation_id, closed.correlation_id):
            assert await whole.in_topic(department, story) == []
    feed = await whole.consortia["notifications"].get("/feed/west-midlands", limit=500)
    assert "inspection-call" not in json.dumps(feed)
    for roles in (("la.finance",), ("la.ops",)):
        hidden = await seen_by(whole, "notifications", f"/journeys/{started.correlation_id}", *roles)
        assert urn not in hidden.text
        assert (await seen_by(whole, "membership", f"/inspection-calls/{call}", *roles)).status_code == 404


async def test_the_load_of_every_leader_is_printed(whole: Whole) -> None:
    """W-18"""
    leaders = read(whole, "system-leaders", WARWICKSHIRE)
    assert leaders["schools_a_leader"] == "not stated"
    assert leaders["leaders"][0]["name"] in run(whole, "system-leaders", WARWICKSHIRE).stdout
