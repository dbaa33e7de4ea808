"""What can be seen of a story from the outside: by an officer, by three departments, by the regional office."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from infra.demo import bodies, people
from infra.demo.bodies import Body
from infra.demo.client import Consortia
from infra.demo.outcomes import Outcome, published
from infra.demo.places import area_of
from infra.demo.receivers import DEPARTMENTS, Message, Receiver, read_topic
from infra.demo.registers import GO_LIVE, WARWICKSHIRE, School, schools
from infra.demo.traces import Span, spans_of

REGION = "west-midlands"
PATIENCE = 60.0


@dataclass
class Department:
    """What one department knows of a story, by webhook and in its own topic, and how much it knows of anything."""

    by_webhook: list[Message]
    in_topic: list[Message]
    anything: int
    deliveries: list[dict[str, Any]] = field(default_factory=list)  # rows of the delivery log, begun or not


@dataclass
class Office:
    """The three departments of one authority as consumers: their receivers, and how each reaches its topic."""

    receivers: dict[str, Receiver]
    client_of: Callable[[str], dict[str, Any]]  # connection settings by department

    def topic_of(self, department: str) -> str:
        return f"consortia.{WARWICKSHIRE}.{department}.events.v1"

    async def know_of(self, correlation_id: str) -> dict[str, Department]:
        """Read each topic to its end, then give the webhooks time to bring what stands there."""
        found: dict[str, Department] = {}
        for department in DEPARTMENTS:
            everything = await read_topic(self.topic_of(department), self.client_of(department))
            of_story = [message for message in everything if message.correlation_id == correlation_id]
            by_webhook = await self._delivered(department, correlation_id, {message.id for message in of_story})
            found[department] = Department(by_webhook, of_story, len(everything))
        return found

    async def _delivered(self, department: str, correlation_id: str, expected: set[str]) -> list[Message]:
        receiver = self.receivers[department]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not expected <= set(receiver.messages):
                    receiver.arrived.clear()
                    await receiver.arrived.wait()
        return receiver.of_story(correlation_id)


@dataclass
class CategoryStory:
    """A school's category fell, by a published outcome."""

    school: School
    outcome: Outcome
    correlation_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    spoke: dict[str, tuple[dict[str, Any], dict[str, Any]]]  # by matter: before and after
    area_group: Body
    meeting: dict[str, Any] | None
    items: list[dict[str, Any]]
    heads_agenda: dict[str, Any] | None
    departments: dict[str, Department]
    entry: dict[str, Any] | None
    journey: dict[str, Any]
    spans: list[Span]

    @property
    def published_on(self) -> date:
        return date.fromisoformat(self.outcome["published_on"])


@dataclass
class ChairStory:
    """A body changed its chair."""

    body: Body
    correlation_id: str
    on: date
    before: dict[str, Any]  # the contact of the body
    after: dict[str, Any]
    school: School  # one of its members, for which another person speaks now
    spoke: tuple[dict[str, Any], dict[str, Any]]
    awards: list[dict[str, Any]]
    departments: dict[str, Department]
    journey: dict[str, Any]
    spans: list[Span]


def storied_outcome() -> Outcome:
    """The latest real outcome of a maintained Warwickshire school of the demo's that put it in Category 3 or 4."""
    found: list[Outcome] = []
    for on, outcomes in published():
        for outcome in outcomes:
            school = schools().get(outcome["urn"])
            if on < GO_LIVE or outcome["kind"] != "graded" or school is None or not school.maintained:
                continue
            worst = max(outcome["headline"] or 0, outcome["quality_of_education"] or 0, outcome["leadership"] or 0)
            if school.authority == WARWICKSHIRE and worst >= 3 and school.urn in bodies.STORIED:
                found.append(outcome)
    return max(found, key=lambda outcome: outcome["published_on"])


async def category_story(consortia: Consortia, office: Office, stories: dict[str, str]) -> CategoryStory:
    outcome = storied_outcome()
    school = schools()[outcome["urn"]]
    on = date.fromisoformat(outcome["published_on"])
    day_before = on - timedelta(days=1)
    correlation_id = stories[outcome["inspection_number"]]
    membership = consortia["membership"]
    path = f"/schools/{school.urn}"
    spoke = {
        matter: (
            await membership.get(f"{path}/speaker", matter=matter, on=day_before.isoformat()),
            await membership.get(f"{path}/speaker", matter=matter, on=on.isoformat()),
        )
        for matter in ("general", "inspection")
    }
    group = next(
        body
        for body in bodies.warwickshire()
        if body.kind == "area-analysis-group" and area_of(school.district) in body.areas
    )
    heads = bodies.lead_body(school)
    assert heads is not None
    meeting = await _next_meeting(consortia, group, on)
    journey = await consortia["notifications"].get(f"/journeys/{correlation_id}")
    return CategoryStory(
        school=school,
        outcome=outcome,
        correlation_id=correlation_id,
        before=await membership.get(f"{path}/category", on=day_before.isoformat()),
        after=await membership.get(f"{path}/category", on=on.isoformat()),
        spoke=spoke,
        area_group=group,
        meeting=meeting,
        items=[item for item in (meeting or {}).get("confidential", []) if item["urn"] == school.urn],
        heads_agenda=await _next_meeting(consortia, heads, on),
        departments=await _informed(consortia, office, correlation_id),
        entry=await _feed_entry(consortia, outcome),
        journey=journey,
        spans=await spans_of(journey.get("trace_url"), PATIENCE),
    )


async def _informed(consortia: Consortia, office: Office, correlation_id: str) -> dict[str, Department]:
    """What the departments have, with what the product itself has sent them or means to send.

    A department that should get nothing has nothing to wait for: only the log shows that nothing is on its way either.
    """
    known = await office.know_of(correlation_id)
    for name, department in known.items():
        department.deliveries = await consortia["notifications"].get(
            "/deliveries", authority=WARWICKSHIRE, department=name, correlation_id=correlation_id
        )
    return known


async def _next_meeting(consortia: Consortia, body: Body, after: date) -> dict[str, Any] | None:
    """The agenda of the first meeting of a body after a day."""
    meetings = await consortia["meetings"].get(f"/bodies/{body.id}/meetings")
    later = sorted((meeting for meeting in meetings if meeting["on"] > after.isoformat()), key=lambda each: each["on"])
    if not later:
        return None
    found: dict[str, Any] = await consortia["meetings"].get(f"/meetings/{later[0]['meeting_id']}/agenda")
    return found


async def _feed_entry(consortia: Consortia, outcome: Outcome) -> dict[str, Any] | None:
    """The entry about one inspection, found as the regional office would: by reading on from where it stopped."""
    after = 0
    while True:
        page = await consortia["notifications"].get(f"/feed/{REGION}", after=after, limit=500)
        for event in page:
            data: dict[str, Any] = event["data"]
            if data.get("inspection_number") == outcome["inspection_number"]:
                return data
            after = data["number"]
        if not page:
            return None


async def _award_of_the_year(consortia: Consortia, body: Body) -> None:
    """Funding looks every few seconds whether a new award year has begun."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while True:
                awards = await consortia["funding"].get("/awards", body_id=str(body.id))
                if any(award["year_to"] > str(consortia.today) for award in awards):
                    return
                await asyncio.sleep(0.2)


async def change_chair(consortia: Consortia, office: Office, on: date) -> ChairStory:
    """A consortium elects another of its heads: the one act of the second story."""
    school = schools()[storied_outcome()["urn"]]
    body = bodies.lead_body(school)
    assert body is not None
    assert body.chair is not None
    fit = people.fit_to_chair(body.members, bodies.STORIED)
    successor = fit[2]
    # Any other member school for which the chair speaks: neither hers nor one in Category 3 or 4.
    membership = consortia["membership"]
    member = next(each for each in fit[3:] if each.maintained)
    await consortia.set_clock(on)
    await _award_of_the_year(consortia, body)
    await consortia.drain()
    day = on.isoformat()
    contact_before = await membership.get(f"/bodies/{body.id}/contact", on=day)
    spoke_before = await membership.get(f"/schools/{member.urn}/speaker", matter="general", on=day)
    answer = await membership.post(
        f"/bodies/{body.id}/change-of-office",
        {"post": "chair", "person_id": str(people.head_of(successor.urn).id), "from": day, "route": "meeting"},
    )
    await consortia.drain()
    journey = await consortia["notifications"].get(f"/journeys/{answer.correlation_id}")
    return ChairStory(
        body=body,
        correlation_id=answer.correlation_id,
        on=on,
        before=contact_before,
        after=await membership.get(f"/bodies/{body.id}/contact", on=day),
        school=member,
        spoke=(spoke_before, await membership.get(f"/schools/{member.urn}/speaker", matter="general", on=day)),
        awards=await consortia["funding"].get("/awards", body_id=str(body.id)),
        departments=await _informed(consortia, office, answer.correlation_id),
        journey=journey,
        spans=await spans_of(journey.get("trace_url"), PATIENCE),
    )
