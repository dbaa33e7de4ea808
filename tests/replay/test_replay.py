"""The category in force of every school after the replay, against an oracle written apart from the policy code."""

from collections import Counter
from datetime import date

import pytest

from infra.demo.outcomes import published
from infra.demo.registers import GO_LIVE
from infra.demo.replay import LAST_DAY
from tests.replay import oracle
from tests.replay.conftest import Membership

pytestmark = pytest.mark.timeout(300)  # the first test waits for the whole past


async def test_after_the_replay_every_one_of_the_406_schools_is_in_its_expected_category(replayed: Membership) -> None:
    """R0.1: 57 not judged, 6 never inspected and 58 judged as a predecessor among them; no difference unexplained."""
    rows = oracle.management_information()
    found = {urn: await replayed.category(urn) for urn in rows}
    differences = {
        urn: (rows[urn].name, found[urn], oracle.expected(urn))
        for urn in rows
        if found[urn] != oracle.expected(urn).category
    }
    assert differences == {}
    assert len(found) == 406
    assert len(oracle.not_judged() & set(found)) == 57
    assert {found[urn] for urn in oracle.never_inspected()} == {None}
    assert len(oracle.judged_as_a_predecessor() & set(found)) == 58


async def test_a_school_with_no_outcome_routes_as_category_2_and_the_answer_says_so(replayed: Membership) -> None:
    """R0.3"""
    for urn in oracle.never_inspected():
        answer = await replayed.caller.get(f"/schools/{urn}/category")
        assert answer["category"] is None
        assert answer["routes_as"] == 2


@pytest.mark.parametrize("on", [date(2020, 2, 26), date(2024, 4, 12)])
async def test_on_two_earlier_days_the_grades_are_those_that_were_listed_then(replayed: Membership, on: date) -> None:
    """R0.1, R0.4: equal but for a list of differences, each with its reason; docs/replay.md has the counts."""
    unexplained = []
    reasons: Counter[str] = Counter()
    for listed in oracle.snapshot(on):
        ours = await replayed.category(listed.urn, on.isoformat())
        if ours == listed.category:
            reasons["equal"] += 1
            continue
        why = oracle.reason_for_difference(listed, ours, on)
        reasons[why or "unexplained"] += 1
        if why is None:
            unexplained.append((listed, ours))
    assert unexplained == []
    assert reasons == EXPECTED_REASONS[on]


EXPECTED_REASONS = {
    date(2020, 2, 26): Counter(
        {
            "equal": 366,
            oracle.NOT_LISTED_AS_INHERITED: 47,
            oracle.NOT_STATE_FUNDED: 45,
            oracle.EARLIER_INSPECTION: 13,
            oracle.LIST_AHEAD: 1,
        }
    ),
    date(2024, 4, 12): Counter({"equal": 355, oracle.NOT_STATE_FUNDED: 16, oracle.LIST_BEHIND: 2}),
}


def test_every_known_inspection_is_in_the_replay_exactly_as_often_as_in_the_file() -> None:
    """949 rows, 946 inspections: three ungraded ones were converted and appear twice."""
    sent = [outcome for _, outcomes in published() for outcome in outcomes]
    assert len(sent) == 949
    assert len({outcome["inspection_number"] for outcome in sent}) == 946
    graded = [outcome for outcome in sent if outcome["kind"] == "graded"]
    assert all("quality_of_education" in outcome for outcome in graded)
    days = [on for on, _ in published()]
    assert days == sorted(days)
    assert days[0] < GO_LIVE < days[-1] < LAST_DAY
