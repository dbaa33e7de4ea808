"""`consortia tick` and `consortia due`: operators hear at once that something of a day could not be done (D3.10)."""

from typing import Any

import pytest

from infra.local.trouble import Trouble
from tests.unit.commands.conftest import Membership, Run

PROGRESS = {"outbox": 0, "recorded": {}, "applied": {}}
FAILED = {
    "failure_id": "01900000-0000-7000-8000-000000000001",
    "on": "2024-02-01",
    "kind": "la-category-begins",
    "what": "the authority's own category begins",
    "concerns": ["900003"],
    "names": ["School 900003"],
    "because": "An unexpected error (KeyError)",
    "failed_at": "2024-02-01T12:00:00Z",
    "cure": "Put right what is wrong, then try it again",
}


def test_a_tick_that_leaves_something_undone_says_so_and_ends_with_an_error(membership: Membership, run: Run) -> None:
    membership.answers = {
        "GET /progress": PROGRESS,
        "GET /clock": {"today": "2024-02-01"},
        "POST /tick": {"done": 7, "failed": 2},
    }
    ended = run("tick")
    assert ended.exit_code != 0
    assert isinstance(ended.exception, Trouble)
    assert ended.exception.sentence == "Something that was due could not be done: 2 in membership."
    assert "consortia due list" in str(ended.exception.cure)
    assert "2024-02-01" in ended.stdout  # what was done is told all the same
    membership.answers["POST /tick"] = {"done": 7, "failed": 0}
    assert run("tick").exit_code == 0


def _problem(status: int, kind: str, detail: str) -> dict[str, Any]:
    return {"type": kind, "title": "Problem", "status": status, "detail": detail}


@pytest.mark.parametrize(
    ("answer", "names_confirm"),
    [
        (_problem(409, "urn:consortia:problem:clock-waits", "The clock says 1 February 2025"), True),
        (_problem(409, "urn:consortia:problem:clock-jumped", "The last day was 1 January 2024"), True),
        (_problem(500, "urn:consortia:problem:unexpected", "Something went wrong on our side"), False),
        (_problem(403, "about:blank", "Your sign-in may not do this"), False),
        (_problem(409, "urn:consortia:problem:unknown-policy", "There is no such policy"), False),
    ],
    ids=lambda each: each["type"] if isinstance(each, dict) else "",
)
def test_only_who_is_refused_for_the_clock_is_told_to_confirm_it(
    membership: Membership, run: Run, answer: dict[str, Any], names_confirm: bool
) -> None:
    """D3.10: whoever learns to confirm whatever goes wrong confirms a wrong clock."""
    membership.answers = {"GET /progress": PROGRESS, "GET /clock": {"today": "2024-02-01"}, "POST /tick": answer}
    ended = run("tick")
    assert isinstance(ended.exception, Trouble)
    assert answer["detail"] in ended.exception.sentence
    assert ("--confirm" in str(ended.exception)) is names_confirm


def test_what_failed_is_listed_with_school_and_reason_and_tried_again_or_given_up(
    membership: Membership, run: Run
) -> None:
    address = f"/due/{FAILED['failure_id']}"
    membership.answers = {"GET /due": [FAILED], f"POST {address}/retry": FAILED, f"POST {address}/discard": FAILED}
    said = run("due", "list").stdout
    assert all(str(FAILED[name]) in said for name in ("failure_id", "on", "what", "because", "cure"))
    assert "School 900003, 900003" in said
    assert run("due", "retry", str(FAILED["failure_id"])).exit_code == 0
    assert run("due", "discard", str(FAILED["failure_id"]), "--reason", "Entered twice").exit_code == 0
    assert membership.asked[-1][2] == {"reason": "Entered twice"}
    membership.answers["GET /due"] = []
    assert "Nothing that was due has failed" in run("due", "list").stdout
