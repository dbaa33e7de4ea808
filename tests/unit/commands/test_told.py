"""Before a school is recorded as told the officer sees who would hear what; by looking nothing is recorded (R0.8)."""

import json
from typing import Any

import pytest

from infra.local.ports import Ports
from infra.local.trouble import Trouble
from tests.unit.commands.conftest import Membership, Run

STORY, EVENT = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
SINCE = "01900000-0000-7000-8000-000000000004"  # held back after the officer has looked
GOVERNOR = "01900000-0000-7000-8000-000000000003"
FOUND: dict[str, Any] = {
    "urn": "125677",
    "told_on": "2024-05-01",
    "lets_out": [{"correlation_id": STORY, "acted_on": "2024-04-30", "acts": ["la-category-begins"]}],
    "reads": [
        {"what": "category in force", "now": 2, "once_told": 4},
        {"what": "who speaks in general", "now": {"role": "chair", "person": {"name": "Invented Chair"}},
         "once_told": {"role": "duty-desk", "person": None}},
    ],
    "chair_of_governors_id": GOVERNOR,
    "trusts": {"7001": GOVERNOR, "7002": None},
    "waits": [],
    "note": "This cannot be undone",
}  # fmt: skip
HEARS = {
    "urn": "125677",
    "people": [{"person_id": STORY, "name": "Invented Head", "kind": "speaker-changed", "channel": "email",
                "due_at": "2024-05-02T08:00", "reason": None, "sentence": "Another person speaks"}],
    "departments": [{"department": "governance", "type": "office.ended", "event_id": EVENT, "at_once": True}],
    "not_read_yet": [],
}  # fmt: skip


@pytest.fixture(autouse=True)
def one_for_all(membership: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same service stands for notifications too."""
    monkeypatch.setattr(Ports, "service", lambda self, name: membership.server.server_port)
    membership.answers = {
        "GET /schools/125677/told/preview": FOUND,
        "GET /schools/125677/who-would-hear": HEARS,
    }


def test_a_preview_names_who_would_hear_what_and_only_asks(membership: Membership, run: Run) -> None:
    said = run("school", "told", "125677", "--on", "2024-05-01", "--chair-of-governors", "--preview")
    assert said.exit_code == 0, said.output
    assert membership.asked == [
        ("GET /schools/125677/told/preview", "told_on=2024-05-01&chair_of_governors=true", None),
        (
            "GET /schools/125677/who-would-hear",
            f"story={STORY}&chair_of_governors={GOVERNOR}&trust=7001%3A{GOVERNOR}&trust=7002%3A",
            None,
        ),
    ]
    shown = ("Nothing is recorded", "Invented Head", "Another person speaks", "governance", "office.ended", "at once",
             "la-category-begins", "Invented Chair (chair)", "duty-desk", "This cannot be undone.")  # fmt: skip
    assert [each for each in shown if each not in said.stdout] == []
    assert "consortia school told 125677 --on 2024-05-01 --chair-of-governors --seen 000001\n" in said.stdout


def test_a_preview_as_json_has_both_answers(membership: Membership, run: Run) -> None:
    said = run("school", "told", "125677", "--on", "2024-05-01", "--preview", "--json")
    found = json.loads(said.stdout)
    assert (found["note"], found["people"][0]["name"], found["seen"]) == (
        "This cannot be undone",
        "Invented Head",
        "000001",
    )


def test_where_nothing_would_go_out_nobody_is_asked_who_would_hear(membership: Membership, run: Run) -> None:
    membership.answers["GET /schools/125677/told/preview"] = {
        **FOUND,
        "lets_out": [],
        "reads": [],
        "waits": ["2024-05-03"],
    }
    said = run("school", "told", "125677", "--on", "2024-05-01", "--preview")
    assert [path for path, _, _ in membership.asked] == ["GET /schools/125677/told/preview"]
    assert "2024-05-03" in said.stdout


@pytest.mark.parametrize(("governors", "query"), [((), ""), (("--chair-of-governors",), "&chair_of_governors=true")])
def test_a_telling_names_the_stories_that_were_held_back_when_it_began_and_no_others(
    membership: Membership, run: Run, governors: tuple[str, ...], query: str
) -> None:
    """R0.8: what is entered meanwhile the school was not told of."""
    membership.answers["POST /schools/125677/told"] = {"urn": "125677", "releases": [STORY]}
    said = run("school", "told", "125677", "--on", "2024-05-01", *governors)
    assert said.exit_code == 0, said.output
    entered = {"told_on": "2024-05-01", "stories": [STORY]} | ({"chair_of_governors": True} if governors else {})
    assert membership.asked == [
        ("GET /schools/125677/told/preview", f"told_on=2024-05-01{query}", None),
        ("POST /schools/125677/told", "", entered),
    ]
    assert STORY in said.stdout


def test_a_telling_of_what_was_seen_lets_nothing_out_that_has_come_since_the_preview(
    membership: Membership, run: Run
) -> None:
    """R0.8: between looking and recording she talks to the school, of what she saw alone."""
    since = {"correlation_id": SINCE, "acted_on": "2024-04-30", "acts": ["la-category-lifts"]}
    membership.answers["GET /schools/125677/told/preview"] = {**FOUND, "lets_out": [since, *FOUND["lets_out"]]}
    membership.answers["POST /schools/125677/told"] = {"urn": "125677", "releases": [STORY]}
    tell = ("school", "told", "125677", "--on", "2024-05-01")
    assert run(*tell, "--seen", "000001").exit_code == 0
    assert membership.asked[-1][2] == {"told_on": "2024-05-01", "stories": [STORY]}
    for other in ("000009", "000001-000009", "000001-000001"):  # of another school, or some of it went out meanwhile
        ended = run(*tell, "--seen", other)
        assert isinstance(ended.exception, Trouble)
        assert f"seen as {other} is not held back for 125677 up to 2024-05-01" in ended.exception.sentence
    assert [method for method, _, _ in membership.asked].count("POST /schools/125677/told") == 1


def test_where_nothing_is_held_back_a_telling_lets_nothing_out_that_comes_meanwhile(
    membership: Membership, run: Run
) -> None:
    """R0.8"""
    membership.answers["GET /schools/125677/told/preview"] = {**FOUND, "lets_out": []}
    membership.answers["POST /schools/125677/told"] = {"urn": "125677", "releases": []}
    assert run("school", "told", "125677", "--on", "2024-05-01").exit_code == 0
    assert membership.asked[-1][2] == {"told_on": "2024-05-01", "stories": []}
