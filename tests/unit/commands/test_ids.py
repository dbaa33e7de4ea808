"""Every id that a command asks for is printed by another, which its help names: an officer needs no JSON for a way back."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from infra.local.__main__ import app
from tests.unit.commands.conftest import Membership, Run

KINDS = (
    "person", "body", "term", "allocation", "entry", "call", "question", "aspect", "override", "correction", "proposal",
    "failure", "import", "message",
)  # fmt: skip
IDS = {kind: f"01900000-0000-7000-8000-{number:012}" for number, kind in enumerate(KINDS)}
IDS |= {"trust": "2001", "inspection": "10296001", "version": "4711"}

# What an argument is the id of, by its name; of `id` and of `fact_id` the group says it.
OF = {
    "person_id": ["person"],
    "person": ["person"],
    "body_id": ["body"],
    "correction place to": ["body"],
    "term_id": ["term"],
    "allocation_id": ["allocation"],
    "entry_id": ["entry"],
    "call_id": ["call"],
    "ask_id": ["question"],
    "aspect_id": ["aspect"],
    "override_id": ["override"],
    "correction_id": ["correction"],
    "proposal_id": ["proposal"],
    "trust_id": ["trust"],
    "inspection_number": ["inspection"],
    "version": ["version"],
    "due id": ["failure"],
    "imports id": ["import"],
    "parked id": ["message"],
    "correction fact fact_id": ["term", "allocation"],
    "correction withdraw fact_id": ["term", "allocation", "entry"],
}


def step(about: str, kind: str) -> dict[str, Any]:
    known = {"about": about, "says": "", "from_date": None, "until": None, "known_on": None, "counts": True}
    return {**known, "fact_id": IDS[kind]}


def answers() -> dict[str, Any]:
    """What membership answers to the commands that show ids."""
    nobody = {"general": None, "inspection": None}
    of_a_school = [
        step("headship", "person"), step("membership", "body"), step("office", "term"), step("allocation", "allocation"),
        step("the authority's own", "entry"), step("trust", "trust"), step("outcome", "inspection"),
    ]  # fmt: skip
    explained = {
        "school_name": "School", "authority": "937", "on": "2024-05-01", "known": "2024-05-01", "to_come": False,
        "note": None, "category": {"sentence": ""}, **nobody, "answered_then": nobody, "steps": of_a_school,
    }  # fmt: skip
    body = {"body_id": IDS["body"], "name": "Abbey", "kind": "", "schools": 1, "opened_on": "", "closed_on": None}
    term = {"term_id": IDS["term"], "post": "chair", "person_id": IDS["person"], "from_date": "", "until": None}
    allocation = {
        "allocation_id": IDS["allocation"], "urn": "125677", "from": "", "heads_the_school": False, "conflict": None
    }  # fmt: skip
    leader = {
        "name": "", "person_id": IDS["person"], "schools": 1, "planned_schools": 0, "over_the_limit": False,
        "present": [allocation], "planned": [],
    }  # fmt: skip
    call = {
        "call_id": IDS["call"], "school_name": "", "urn": "", "called_on": "", "state": "", "speaker": None,
        "asked": [{"role": "chair", "person_id": IDS["person"], "answer": "waiting"}], "waits": None, "answer_by": "",
    }  # fmt: skip
    of_an_import = {"name": "", "kind": "", "as_at": "", "state": "", "position": 0, "failure": None}
    policy = dict.fromkeys(("kind", "name", "from_date", "until", "adopted_by", "reason"), "")
    override = dict.fromkeys(("matter", "person_name", "from_date", "until", "reason", "set_by"), "")
    proposal = dict.fromkeys(
        ("urn", "school_name", "category_in_force", "proposed_category", "inspection_number", "days", "ended"), ""
    )
    review = dict.fromkeys(("urn", "school_name", "category", "cause", "cause_on", "days", "answer"), "")
    correction = dict.fromkeys(("kind", "fact_id", "withdrawn", "reason", "corrected_by", "recorded_at"), "")
    failed = {"on": "", "what": "", "names": [], "concerns": [], "because": "", "cure": ""}
    return {
        "GET /schools/125677/explanation": explained,
        "GET /people": [{"person_id": IDS["person"], "name": "", "posts": []}],
        "GET /bodies": [{**body, "offices": []}],
        f"GET /bodies/{IDS['body']}": {**body, "authority": "937", "schools": [], "terms_of_office": [term]},
        "GET /authorities/937/system-leaders": {"leaders": [leader], "schools_a_leader": 4},
        "GET /inspection-calls": [call],
        "GET /proposals": [{**proposal, "proposal_id": IDS["proposal"]}],
        "GET /authorities/937/reviews": [{**review, "entry_id": IDS["entry"]}],
        "GET /asks": [dict.fromkeys(("urn", "school_name", "kind", "on", "why"), "") | {"ask_id": IDS["question"]}],
        "GET /schools/125677/overrides": [{**override, "override_id": IDS["override"]}],
        "GET /schools/125677/corrections": [{**correction, "correction_id": IDS["correction"]}],
        "GET /due": [{**failed, "failure_id": IDS["failure"]}],
        "GET /imports": [
            {**of_an_import, "import_id": IDS["import"], "waiting": {"because": None, "for_the_clock": None}}
        ],
        "GET /parked": [{"id": IDS["message"]}],
        "GET /authorities/937/policies": [{**policy, "version": IDS["version"], "counts": True}],
    }


# How each of them is typed. `aspect list` asks meetings, and is tried in test_aspects.py.
TYPED = {
    "explain": "explain 125677",
    "person list": "person list 937",
    "body list": "body list 937",
    "body show": f"body show {IDS['body']}",
    "system-leaders": "system-leaders 937",
    "calls": "calls",
    "proposals": "proposals 937",
    "reviews": "reviews 937",
    "ask list": "ask list 937",
    "override list": "override list 125677",
    "correction list": "correction list 125677",
    "due list": "due list",
    "imports list": "imports list --all",
    "parked list": "parked list",
    "policy list": "policy list 937",
}
ELSEWHERE = {"aspect list"}


def asked_for() -> Iterator[tuple[str, str, list[str]]]:
    """Each argument and option that takes an id: where it stands, its help, and of what it is the id."""
    for path, command in _commands(get_command(app), ""):
        for param in command.params:
            kinds = (
                OF.get(f"{path} {param.name}") or OF.get(f"{path.split()[0]} {param.name}") or OF.get(param.name, [])
            )
            if kinds or "UUID" in str(param.type_descriptor.annotation):
                yield f"{path} {param.name}", param.help or "", kinds


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        here = f"{path} {name}".strip()
        yield from _commands(command, here) if hasattr(command, "commands") else [(here, command)]


ASKED_FOR = list(asked_for())


@pytest.mark.parametrize(("where", "says", "kinds"), ASKED_FOR, ids=[where for where, _, _ in ASKED_FOR])
def test_where_a_command_asks_for_an_id_its_help_names_one_that_prints_it(
    membership: Membership, run: Run, where: str, says: str, kinds: list[str]
) -> None:
    """R0.4: what was entered wrongly is put right by whoever sees it."""
    assert kinds, f"say in OF what {where} is the id of"
    named = [
        name for name in re.findall(r"`(?:consortia )?([a-z -]+)`", says) if name in TYPED | dict.fromkeys(ELSEWHERE)
    ]
    assert named, f"the help of {where} names no command that shows it: {says!r}"
    membership.answers = answers()
    for name in set(named) - ELSEWHERE:
        ended = run(*TYPED[name].split())
        assert ended.exit_code == 0, ended.output
        assert [kind for kind in kinds if IDS[kind] not in ended.stdout] == [], f"`{name}` does not show it"
