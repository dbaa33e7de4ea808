"""The demo's own checks are seen failing: a step that does not hold is found, and named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from infra.demo import bodies, evidence, people, verify
from infra.demo.evidence import CategoryStory, Department
from infra.demo.receivers import Message
from infra.demo.registers import schools
from services.notifications.domain.feed import PublicOutcome, entry_for

CHAIR, LEADER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def message(thing: str, number: int) -> Message:
    return Message(f"e-{number}", f"consortia.membership.{thing}.v1", "125580", "c-1", {})


def span(number: str, parent: str | None, service: str) -> dict[str, Any]:
    return {
        "id": number,
        "localEndpoint": {"serviceName": f"consortia-{service}"},
        **({"parentId": parent} if parent else {}),
    }


SPANS = [
    span("1", None, "membership"),
    span("2", "1", "meetings"),
    span("3", "2", "meetings"),
    span("4", "3", "notifications"),
]
# As the feed itself makes an entry.
ENTRY: dict[str, Any] = {
    "number": 1,
    **entry_for(
        PublicOutcome(
            urn="125580",
            school_name="A school",
            authority="937",
            region="West Midlands",
            inspection_number="10296001",
            kind="graded",
            inspection_started_on=date(2025, 5, 1),
            published_on=date(2025, 6, 1),
            headline=3,
            category_of_concern=None,
            quality_of_education=None,
            leadership=None,
            safeguarding_effective=None,
            inherited_from_urn=None,
            report_link=None,
            role_before="chair",
            role_after="system-leader",
        ),
        "maintained",
    ).data,  # type: ignore[union-attr]
}


def informed(*messages: Message) -> Department:
    return Department(list(messages), list(messages), anything=9)


def step(event: str, cause: str | None, service: str) -> dict[str, Any]:
    return {"event_id": event, "causation_id": cause, "service": service}


@pytest.fixture
def story() -> CategoryStory:
    before, after = {"role": "chair", "person_id": CHAIR}, {"role": "system-leader", "person_id": LEADER}
    known = [message(thing, number) for number, thing in enumerate(sorted(verify.TOLD_TO_IMPROVEMENT))]
    return CategoryStory(
        school=schools()["125580"],
        outcome=evidence.storied_outcome(),
        correlation_id="c-1",
        before={"category": 1},
        after={"category": 3},
        spoke={"general": (before, after), "inspection": (before, after)},
        area_group=bodies.warwickshire()[-4],
        meeting={"on": "2025-06-17"},
        items=[{"urn": "125580"}],
        heads_agenda={"open": []},
        departments={"school-improvement": informed(*known), "finance": informed(), "governance": informed()},
        entry=ENTRY,
        journey={
            "services": ["meetings", "membership", "notifications"],
            "steps": [step("a", None, "membership"), step("b", "a", "meetings"), step("c", "b", "notifications")],
            "trace_url": "http://127.0.0.1/zipkin/traces/1",
        },
        spans=SPANS,
    )


def failed(story: CategoryStory) -> list[str]:
    return [check.claim for check in verify.category_checks(story) if not check.holds]


def test_the_story_as_it_should_be_holds(story: CategoryStory) -> None:
    assert failed(story) == []


def with_department(name: str, department: Department) -> Callable[[CategoryStory], CategoryStory]:
    return lambda story: replace(story, departments={**story.departments, name: department})


def with_journey(**changed: Any) -> Callable[[CategoryStory], CategoryStory]:
    return lambda story: replace(story, journey={**story.journey, **changed})


def with_entry(**changed: Any) -> Callable[[CategoryStory], CategoryStory]:
    return lambda story: replace(story, entry={**ENTRY, **changed})


@pytest.mark.parametrize(
    ("spoil", "claim"),
    [
        (with_department("finance", informed(message("outcome.published", 1))), "finance received nothing"),
        (with_department("governance", Department([], [message("office.ended", 1)], 9)), "governance received nothing"),
        (with_department("finance", Department([], [], 0)), "finance's topic works"),
        (with_department("school-improvement", informed()), "school improvement received"),
        (lambda story: replace(story, items=[]), "one item is on the confidential part"),
        (lambda story: replace(story, items=story.items * 2), "one item is on the confidential part"),
        (lambda story: replace(story, heads_agenda={"open": [{"urn": "125580"}]}), "nothing of it is on the agenda"),
        (lambda story: replace(story, after={"category": 2}), "the category in force fell"),
        (with_entry(who="the leader"), "the entry names roles"),
        (with_entry(change_of_speaker={"from_role": "chair", "person_id": LEADER}), "the entry names roles"),
        (with_entry(school_name=f"School of {people.head_of('125580').name}"), "the entry names roles"),
        (with_entry(report_link=str(people.person("system leader 3").id)), "the entry names roles"),
        (lambda story: replace(story, entry={"number": 1}), "the entry names roles"),
        (with_department("finance", Department([], [], 9, [{"state": "pending"}])), "finance received nothing"),
        (lambda story: replace(story, spans=[]), "the journey has its trace"),
        (lambda story: replace(story, spans=[SPANS[0], *SPANS[2:]]), "the journey has its trace"),
        (lambda story: replace(story, spans=[*SPANS, span("5", "1", "funding")]), "the journey has its trace"),
        (lambda story: replace(story, entry=None), "the regional office has an entry"),
        (with_journey(services=["funding", "meetings", "membership", "notifications"]), "funding has no part"),
        (with_journey(steps=[step("b", "a", "meetings"), step("a", None, "membership")]), "the journey shows"),
        (with_journey(trace_url=None), "the journey has its trace"),
    ],
)
def test_a_step_that_does_not_hold_is_named(
    story: CategoryStory, spoil: Callable[[CategoryStory], CategoryStory], claim: str
) -> None:
    assert any(found.startswith(claim) for found in failed(spoil(story)))
