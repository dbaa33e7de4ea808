"""The journey of a change: its order, and who may see which step (N-04, R0.8)."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.journey import Step, in_causal_order, trace_id, viewer, visible

STORY = UUID(int=1)
NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)
EVERYBODY = frozenset({"937"})


def step(number: int, because: int | None = None, **changes: object) -> Step:
    stated = {
        "event_id": UUID(int=number),
        "correlation_id": STORY,
        "causation_id": None if because is None else UUID(int=because),
        "service": "membership",
        "type": "consortia.membership.office.taken-up.v1",
        "key": "937/school/125677",
        "subject": "125677",
        "authority": "937",
        "sensitivity": "internal",
        "type_sensitivity": "internal",
        "told": True,
        "time": NOON,
        "traceparent": None,
        "batch_id": None,
    }
    return Step(**{**stated, **changes})  # type: ignore[arg-type]


def shape(steps: list[Step]) -> list[tuple[int, int]]:
    return [(placed.step.event_id.int, placed.depth) for placed in in_causal_order(steps)]


def test_each_step_follows_its_cause_even_if_it_was_read_first():
    assert shape([step(30, 20), step(20, 10), step(40, 20), step(10)]) == [(10, 0), (20, 1), (30, 2), (40, 2)]


def test_the_steps_of_one_cause_are_told_by_their_time():
    later = NOON + timedelta(minutes=1)
    assert shape([step(10), step(20, 10, time=later), step(30, 10)]) == [(10, 0), (30, 1), (20, 1)]


def test_a_step_whose_cause_is_not_here_begins_a_tree_of_its_own():
    assert shape([step(20, 99), step(30, 20)]) == [(20, 0), (30, 1)]


@given(st.lists(st.tuples(st.integers(2, 12), st.one_of(st.none(), st.integers(2, 12))), max_size=12))
def test_every_step_is_told_exactly_once_whatever_the_causes(edges):
    steps = {number: step(number, because) for number, because in edges}
    placed = in_causal_order(steps.values())
    assert sorted(each.step.event_id.int for each in placed) == sorted(steps)
    for here, each in enumerate(placed):
        if each.parent is None:
            assert each.depth == 0
        else:
            assert each.parent < here
            assert placed[each.parent].depth == each.depth - 1
            assert placed[each.parent].step.event_id == each.step.causation_id


FALL = [
    step(10, sensitivity="public"),
    step(20, 10, sensitivity="restricted"),
    step(30, 20, sensitivity="confidential"),
    step(40, 20, sensitivity="internal"),
    step(50, 40, sensitivity="internal", told=False),
    step(60, 10, sensitivity="personal"),
]


def seen_by(
    roles: set[str],
    departments: Collection[str] = frozenset(),
    told: Collection[tuple[UUID, str | None]] = frozenset(),
) -> list[int]:
    return [each.event_id.int for each in visible(FALL, viewer(roles, departments, EVERYBODY), told)]


def test_the_officer_sees_every_step():
    assert seen_by({"la.officer"}) == [10, 20, 30, 40, 50, 60]


def test_school_improvement_sees_every_step_but_the_personal_one():
    """N-01"""
    assert seen_by({"department"}, {"school-improvement"}) == [10, 20, 30, 40, 50]


@pytest.mark.parametrize(
    ("roles", "departments"), [({"la.finance"}, {"finance"}), ({"department"}, {"finance"}), (set(), {"governance"})]
)
def test_finance_and_governance_see_nothing_restricted_and_nothing_untold(roles, departments):
    """N-02, N-03, R0.8"""
    assert seen_by(roles, departments) == [10, 40]
    assert seen_by(roles, departments, told={(STORY, "125677")}) == [10, 40, 50]
    assert seen_by(roles, departments, told={(STORY, "100002")}) == [10, 40]  # another school of the same story


def test_a_hidden_cause_is_not_even_named():
    """R0.8"""
    shown = visible(FALL, viewer({"la.finance"}, {"finance"}, EVERYBODY))
    assert shown[1].event_id.int == 40
    assert shown[1].causation_id is None


def test_a_public_record_of_a_restricted_type_is_hidden_like_a_restricted_one():
    """R0.8: else finance would see every change of category but those that an entry of the authority made."""
    changed = step(20, sensitivity="public", type_sensitivity="restricted")
    assert visible([changed], viewer({"la.finance"}, {"finance"}, EVERYBODY)) == []
    (shown,) = visible([changed], viewer({"la.ops"}, set(), EVERYBODY))
    assert (shown.subject, shown.key) == (None, None)


@pytest.mark.parametrize("roles", [set(), {"clerk"}, {"chair", "headteacher"}, {"rd.liaison"}, {"department"}])
def test_others_see_no_step(roles):
    """N-05, N-06"""
    assert seen_by(roles) == []


def test_ops_follows_every_step_by_ids_without_seeing_whom_any_is_about():
    """N-04, R0.8: one public step with its school would say whose the restricted steps of the story are."""
    shown = visible(FALL, viewer({"la.ops"}, set(), EVERYBODY))
    assert [each.event_id.int for each in shown] == [10, 20, 30, 40, 50, 60]
    assert {(each.subject, each.key) for each in shown} == {(None, None)}


def test_a_journey_of_another_authority_is_not_shown():
    assert visible(FALL, viewer({"la.officer"}, set(), {"801"})) == []


def test_a_trace_is_linked_only_where_one_was_kept():
    trace = "0af7651916cd43dd8448eb211c80319c"
    assert trace_id(f"00-{trace}-b7ad6b7169203331-01") == trace
    assert trace_id(f"00-{trace}-b7ad6b7169203331-00") is None
    assert trace_id(None) is None
    assert trace_id("rubbish") is None
