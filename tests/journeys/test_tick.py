"""`consortia tick` against the running product: one day for all services, and what it brought."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.trouble import Trouble
from tests.journeys.conftest import Whole
from tests.journeys.test_command_line import a_school, read, run

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


async def test_a_tick_does_what_the_day_brings_and_waits_until_everybody_has_heard(whole: Whole) -> None:
    """D3.10, D5: an entry of the authority that begins on a later day, told on it by one command."""
    urn = await a_school(whole)
    begins = whole.today + timedelta(days=3)
    arguments = ("la-category", "set", urn, "4", "--from", begins.isoformat(), "--reason", "visit of the adviser")
    correlation = read(whole, *arguments)["correlation_id"]
    found = read(whole, "tick", "--today", begins.isoformat())
    whole.today = begins
    assert set(found) == {"membership", "meetings", "funding", "notifications"}
    assert {each["today"] for each in found.values()} == {begins.isoformat()}
    assert found["membership"]["recorded"] >= 3  # the entry, the category, who speaks
    assert found["notifications"]["recorded"] >= 3  # and school improvement was informed of each
    answer = await whole.consortia["membership"].get(f"/schools/{urn}/category")
    assert answer["category"] == 4
    about = await whole.consortia["notifications"].get("/journeys", subject=urn)
    types = {event["type"] for journey in about["journeys"] for event in journey["events"]}
    assert "consortia.membership.la-category.set.v1" in types
    assert correlation
    # The same day once more brings nothing.
    again = read(whole, "tick", "--today", begins.isoformat())
    assert {name: each["recorded"] for name, each in again.items()} == dict.fromkeys(again, 0)
    said = run(whole, "tick", "--today", begins.isoformat()).stdout
    assert "facts recorded" in said


async def test_more_than_a_week_at_once_waits_for_somebody_who_has_looked_at_the_clock(whole: Whole) -> None:
    """D3.10"""
    far = whole.today + timedelta(days=30)
    with pytest.raises(Trouble, match=r"Look at the clock.*tick --confirm"):
        run(whole, "tick", "--today", far.isoformat())
    refused: Any = None
    try:
        urn = await a_school(whole)
        run(whole, "school", "told", urn, "--on", whole.today.isoformat())
    except Trouble as trouble:
        refused = str(trouble)
    assert refused is not None
    assert "more than a week" in refused
    found = read(whole, "tick", "--today", far.isoformat(), "--confirm")
    whole.today = far
    assert {each["today"] for each in found.values()} == {far.isoformat()}
    assert found["funding"]["done"] == "every body was looked at"
    await whole.consortia.drain()
    read(whole, "tick", "--today", (far + timedelta(days=1)).isoformat())  # confirmed once
    whole.today = far + timedelta(days=1)
