"""A consortium gets another chair: all four services in one story."""

import pytest

from infra.demo import bodies, people
from tests.journeys.conftest import Whole
from tests.journeys.test_category_change import things

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]


async def test_a_change_of_chair_shows_all_four_services_and_what_each_department_may_know(whole: Whole) -> None:
    """W-04, W-31, N-01 to N-03"""
    body = bodies.body_named("Warwick consortium")
    today = await whole.next_day()
    assert body.chair is not None
    assert body.deputy is not None
    successor = people.fit_to_chair(body.members, bodies.STORIED)[2]
    answer = await whole.consortia["membership"].post(
        f"/bodies/{body.id}/change-of-office",
        {
            "post": "chair",
            "person_id": str(people.head_of(successor.urn).id),
            "from": today.isoformat(),
            "route": "meeting",
        },
    )
    journey = await whole.journey(answer.correlation_id)
    assert set(journey["services"]) == {"membership", "meetings", "funding", "notifications"}
    assert {"office.ended", "office.taken-up", "award.adjusted", "members.changed"} <= set(things(journey))
    assert "category-in-force.changed" not in things(journey)
    assert "agenda-item.placed" not in things(journey), "an agenda is for what a category caused"

    finance = {message.thing for message in await whole.in_topic("finance", answer.correlation_id)}
    governance = {message.thing for message in await whole.in_topic("governance", answer.correlation_id)}
    improvement = {message.thing for message in await whole.in_topic("school-improvement", answer.correlation_id)}
    assert finance == {"award.adjusted"}
    assert governance == {"office.ended", "office.taken-up"}
    assert "representation.reassigned" in improvement

    awards = await whole.consortia["funding"].get("/awards", body_id=str(body.id))
    assert awards
    for award in awards:
        paid = sum(share["pence"] for share in award["shares"])
        assert paid + award["unawarded_pence"] == award["amount_pence"] == 500_000
    assert successor.urn in {share["urn"] for award in awards for share in award["shares"]}
