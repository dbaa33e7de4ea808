"""`consortia who-speaks`: of a day that has gone who it was as known then, and below whom today's knowledge gives (R0.4)."""

from typing import Any

from tests.unit.commands.conftest import Membership, Run

CHAIR = {
    "role": "chair",
    "rule": "chair",
    "reason": "The chair speaks",
    "body_name": "Abbey",
    "person": {"name": "Ann"},
}
NOBODY = {"role": None, "rule": None, "reason": "Nobody spoke for it then", "policy": None, "policy_version": None}


def answered(membership: Membership, *, then: dict[str, Any], **beside: Any) -> None:
    known = {"policy": "warwickshire", "policy_version": 1, "valid_from": "2023-09-01", "valid_until": "2024-09-01"}
    category = {"policy": "ofsted", "policy_version": 1, "sentence": "Category 2"}
    school = {"school_name": "School", "authority": "937", "on": "2024-05-01", "category_in_force": category}
    membership.answers = {"GET /schools/125677/speaker": known | school | then | beside}


def rows(run: Run) -> list[list[str]]:
    ended = run("who-speaks", "125677", "--matter", "general", "--on", "2024-05-01")
    assert ended.exit_code == 0, ended.output
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in ended.stdout.splitlines() if "│" in line]
    return [row for row in cells if row[0]]


def test_an_answer_of_today_is_one_line_with_until_when_it_holds(membership: Membership, run: Run) -> None:
    """R0.3"""
    answered(membership, then=CHAIR)
    assert rows(run) == [
        ["general", "chair, Abbey", "The chair speaks", "warwickshire 1, chair", "2023-09-01", "2024-09-01"]
    ]


def test_of_a_past_day_both_answers_are_there_also_where_one_of_them_is_nobody(
    membership: Membership, run: Run
) -> None:
    """R0.4"""
    answered(membership, then=CHAIR, as_known_today=None)
    assert [row[:2] for row in rows(run)] == [
        ["general", "chair, Abbey"],
        ["general, by what is known today", "nobody"],
    ]
    answered(membership, then=NOBODY, as_known_today=CHAIR)
    assert [row[:3] for row in rows(run)] == [
        ["general", "nobody", "Nobody spoke for it then"],
        ["general, by what is known today", "chair, Abbey", "The chair speaks"],
    ]
