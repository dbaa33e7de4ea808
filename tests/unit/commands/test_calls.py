"""`call`, `calls` and `desk-queue` say of an inspection call when the next is asked, or that it waits for the clock (W-16)."""

from typing import Any

from tests.unit.commands.conftest import Membership, Run

ID = "01900000-0000-7000-8000-000000000001"
WAITS = "The clock waits for somebody to look at it and confirm it (`consortia tick --confirm`)."
CALL: dict[str, Any] = {
    **{"call_id": ID, "urn": "125677", "school_name": "School", "called_on": "2024-01-10", "state": "asking"},
    "speaker": {"role": "chair", "person": {"name": "Invented chair", "telephone": "01632 960002"}, "desk": None},
    "stand_in": {"role": "deputy", "person": {"name": "Invented deputy"}, "desk": None},
    "asked": [{"role": "chair", "person_id": "01900000-0000-7000-8000-000000000002", "answer": "waiting"}],
    "answer_by": "2024-01-10T12:30:00Z",
    "waits": None,
}


def test_a_call_says_when_the_next_is_asked_or_that_the_clock_waits(membership: Membership, run: Run) -> None:
    """W-16, D3.10"""
    path = "/schools/125677/inspection-calls"
    membership.answers = {f"POST {path}": CALL, "GET /inspection-calls": [CALL]}
    said, listed = run("call", "125677").stdout, run("calls").stdout
    assert "The next in line is asked after 2024-01-10T12:30:00Z" in said
    assert "2024-01-10T12:30:00Z" in listed
    assert "tick --confirm" not in said + listed

    stuck = CALL | {"answer_by": None, "waits": WAITS}
    membership.answers = {f"POST {path}": stuck, "GET /inspection-calls": [stuck, stuck]}
    said, listed = run("call", "125677").stdout, run("calls").stdout
    assert WAITS in said
    assert "is asked after" not in said
    assert listed.count(WAITS) == 1


def test_the_queue_has_the_clock_among_schools_and_of_no_school(membership: Membership, run: Run) -> None:
    """D3.10"""
    item = {
        "kind": "clock-waits",
        "urn": None,
        "school_name": None,
        "since": "2024-01-10",
        "days": 54,
        "working_days": 38,
    }
    said = {"why": "The clock may be wrong", "cure": "Confirm it (`consortia tick --confirm`)"}
    membership.answers = {"GET /authorities/937/desk-queue": {"items": [item | said], "next": None}}
    shown = run("desk-queue", "937").stdout
    assert all(each in shown for each in ("clock-waits", "The clock may be wrong", "tick --confirm"))
    assert "None" not in shown
