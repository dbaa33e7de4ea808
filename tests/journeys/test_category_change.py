"""A category falls: membership, meetings and notifications in causal order, and no money moves."""

from typing import Any

import pytest

from infra.demo import bodies
from infra.demo.outcomes import Outcome
from infra.demo.places import area_of
from infra.demo.registers import schools
from tests.eventually import eventually
from tests.journeys.conftest import Whole

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

FALLS = "125616"  # Race Leys Infant School, maintained, good until now, with a system leader allocated in advance
SLIPS = "125670"  # Clifton-upon-Dunsmore, maintained, outstanding until now
OF_BRISTOL = "108910"  # Brunel Field Primary School, maintained


def outcome(urn: str, number: str, on: str, headline: int) -> Outcome:
    return {
        "urn": urn,
        "inspection_number": number,
        "kind": "graded",
        "inspection_started_on": on,
        "published_on": on,
        "headline": headline,
        "safeguarding_effective": True,
    }


async def publish(whole: Whole, urn: str, number: str, headline: int) -> str:
    """An outcome published today; its correlation id."""
    today = await whole.next_day()
    answer = await whole.consortia["membership"].post(
        "/outcomes", {"outcomes": [outcome(urn, number, today.isoformat(), headline)], "take_on": False}
    )
    found: str = answer.body["outcomes"][0]["correlation_id"]
    return found


def things(journey: dict[str, Any]) -> list[str]:
    return [step["type"].split(".", 2)[2].removesuffix(".v1") for step in journey["steps"]]


def group_of(urn: str) -> bodies.Body:
    area = area_of(schools()[urn].district)
    return next(body for body in bodies.warwickshire() if body.kind == "area-analysis-group" and area in body.areas)


@pytest.fixture(scope="module")
async def fallen(whole: Whole) -> str:
    """The correlation id of a category that fell from 2 to 3."""
    return await publish(whole, FALLS, "10900001", 3)


async def test_one_correlation_id_shows_membership_meetings_and_notifications_in_causal_order(
    whole: Whole, fallen: str
) -> None:
    """W-20"""
    journey = await whole.journey(fallen)
    assert set(journey["services"]) == {"membership", "meetings", "notifications"}
    assert {"outcome.published", "category-in-force.changed", "representation.reassigned"} <= set(things(journey))
    assert things(journey).index("representation.reassigned") < things(journey).index("agenda-item.placed")
    seen: set[str] = set()
    for step in journey["steps"]:
        assert step["parent"] is None or step["causation_id"] in seen
        seen.add(step["event_id"])
    assert sum(step["causation_id"] is None for step in journey["steps"]) == 1, "one root, the outcome"


async def test_a_category_change_moves_no_money(whole: Whole, fallen: str) -> None:
    """W-31: funding has no part in it, by journey and by what finance can read."""
    assert "funding" not in (await whole.journey(fallen))["services"]
    assert await whole.in_topic("finance", fallen) == []
    before = (await whole.consortia["funding"].get("/progress"))["recorded"]
    await publish(whole, "125635", "10900002", 3)
    await whole.consortia.drain()
    assert (await whole.consortia["funding"].get("/progress"))["recorded"] == before


async def test_only_school_improvement_is_informed(whole: Whole, fallen: str) -> None:
    """N-01 to N-03, R0.8"""

    async def informed() -> dict[str, Any]:
        """Departments hear after the head and the speakers, so a little later than everything else is done."""
        known = await whole.office.know_of(fallen)
        received = sorted(message.thing for message in known["school-improvement"].by_webhook)
        assert {"category-in-force.changed", "representation.reassigned"} <= set(received)
        assert len(received) == len(known["school-improvement"].in_topic)
        return known

    known = await eventually(informed)
    assert known["finance"].by_webhook == known["governance"].by_webhook == []


async def test_the_item_is_on_the_confidential_part_of_its_areas_next_agenda_once_and_on_no_heads_meeting(
    whole: Whole, fallen: str
) -> None:
    """W-25"""
    await whole.journey(fallen)
    agenda = await whole.next_agenda(group_of(FALLS).id)
    assert [item["urn"] for item in agenda["confidential"]].count(FALLS) == 1
    heads = bodies.lead_body(schools()[FALLS])
    assert heads is not None
    assert FALLS not in str(await whole.next_agenda(heads.id))


async def test_the_trace_nests_the_same_chain(whole: Whole, fallen: str) -> None:
    """D3.12: whoever recorded an event is the ancestor of whoever acted on it, across the services."""
    journey = await whole.journey(fallen)
    trace_id = next(step["trace_id"] for step in journey["steps"] if step["trace_id"])

    async def shown() -> list[dict[str, Any]]:
        spans = await whole.spans(trace_id)
        names = {span["localEndpoint"]["serviceName"] for span in spans}
        assert {"membership", "meetings", "notifications"} <= {name.removeprefix("consortia-") for name in names}
        return spans

    spans = await eventually(shown, every=0.2)
    by_id = {span["id"]: span for span in spans}

    def services_above(span: dict[str, Any]) -> list[str]:
        found = []
        while parent := by_id.get(span.get("parentId", "")):
            found.append(parent["localEndpoint"]["serviceName"].removeprefix("consortia-"))
            span = parent
        return found

    of_meetings = [span for span in spans if span["localEndpoint"]["serviceName"].endswith("meetings")]
    assert any("membership" in services_above(span) for span in of_meetings)
    of_notifications = [span for span in spans if span["localEndpoint"]["serviceName"].endswith("notifications")]
    assert any({"meetings", "membership"} <= set(services_above(span)) for span in of_notifications)
    assert not [span for span in spans if span["localEndpoint"]["serviceName"].endswith("funding")]


async def test_from_1_to_2_the_category_changes_and_nobody_else_speaks(whole: Whole) -> None:
    """W-20"""
    told = things(await whole.journey(await publish(whole, SLIPS, "10900003", 2)))
    assert "category-in-force.changed" in told
    assert "representation.reassigned" not in told
    assert "agenda-item.placed" not in told


async def test_in_bristol_a_category_falls_and_no_agenda_and_no_speaker_changes(whole: Whole) -> None:
    """R0.3: a change of category there reassigns nobody."""
    journey = await whole.journey(await publish(whole, OF_BRISTOL, "10900004", 4))
    assert "category-in-force.changed" in things(journey)
    assert "representation.reassigned" not in things(journey)
    assert "meetings" not in journey["services"]
