"""The demo's own checks are seen failing: a step that does not hold is found, and named."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from infra.demo import bodies, evidence, verify
from infra.demo.evidence import CategoryStory, Department
from infra.demo.receivers import Message
from infra.demo.registers import schools

CHAIR, LEADER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def message(thing: str, number: int) -> Message:
    return Message(f"e-{number}", f"consortia.membership.{thing}.v1", "125580", "c-1", {})


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
        entry={"number": 1},
        journey={
            "services": ["meetings", "membership", "notifications"],
            "steps": [step("a", None, "membership"), step("b", "a", "meetings"), step("c", "b", "notifications")],
            "trace_url": "http://127.0.0.1/zipkin/traces/1",
        },
    )


def failed(story: CategoryStory) -> list[str]:
    return [check.claim for check in verify.category_checks(story) if not check.holds]


def test_the_story_as_it_should_be_holds(story: CategoryStory) -> None:
    assert failed(story) == []


def with_department(name: str, department: Department) -> Callable[[CategoryStory], CategoryStory]:
    return lambda story: replace(story, departments={**story.departments, name: department})


def with_journey(**changed: Any) -> Callable[[CategoryStory], CategoryStory]:
    return lambda story: replace(story, journey={**story.journey, **changed})


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
        (lambda story: replace(story, entry={"number": 1, "who": LEADER}), "the entry names roles"),
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
