"""What an officer does by command is entered at membership as she typed it; and each act of membership has its command."""

import re
import shlex
from typing import Any

import pytest

from infra.local.trouble import Trouble
from services.membership.web.api import routes
from shared.web.application import application
from tests.unit.commands.conftest import Membership, Run

ID = "01900000-0000-7000-8000-000000000001"
BODY = "01900000-0000-7000-8000-000000000002"
ON = "2024-05-01"
WHY = {"reason": "Why"}
CONTACT = "/trusts/2001/contacts/chief-executive"
HEADSHIP = f"/schools/125677/headships/{ID}"

# What is typed, where it is entered, and what is entered.
ACTS: list[tuple[str, str, Any]] = [
    (f"office take-up {BODY} chair {ID} --from {ON}", f"/bodies/{BODY}/offices",
     {"post": "chair", "person_id": ID, "from": ON, "route": "meeting"}),
    (f"office take-up {BODY} acting-chair {ID} --from {ON} --until 2024-09-01 --route ballot", f"/bodies/{BODY}/offices",
     {"post": "acting-chair", "person_id": ID, "from": ON, "until": "2024-09-01", "route": "ballot"}),
    (f"office change {BODY} deputy {ID} --from {ON}", f"/bodies/{BODY}/change-of-office",
     {"post": "deputy", "person_id": ID, "from": ON, "route": "meeting"}),
    (f"office end {ID} --on {ON} --reason Why", f"/offices/{ID}/end", {"ended_on": ON} | WHY),
    (f"correction fact offices {ID} --from {ON} --until none --reason Why", f"/offices/{ID}/correct",
     {"from": ON, "until": None} | WHY),
    (f"correction withdraw offices {ID} --reason Why", f"/offices/{ID}/withdraw", WHY),
    (f"school join 125677 {BODY} --from {ON}", f"/bodies/{BODY}/schools", {"urn": "125677", "from": ON}),
    (f"school join 125677 {BODY} --from {ON} --until 2024-09-01 --no-lead", f"/bodies/{BODY}/schools",
     {"urn": "125677", "from": ON, "until": "2024-09-01", "lead": False}),
    (f"school leave 125677 {BODY} --on {ON}", f"/bodies/{BODY}/schools/125677/leave", {"left_on": ON}),
    (f"school lead-body 125677 {BODY} --from {ON}", "/schools/125677/lead-body", {"body_id": BODY, "from": ON}),
    (f"correction place 125677 {BODY} --on {ON} --to {ID} --reason Why", f"/bodies/{BODY}/schools/125677/correct",
     {"on": ON, "body_id": ID} | WHY),
    (f"correction withdraw-place 125677 {BODY} --on {ON} --reason Why", f"/bodies/{BODY}/schools/125677/withdraw",
     {"on": ON} | WHY),
    (f"body close {BODY} --on {ON} --reason Why", f"/bodies/{BODY}/close", {"closed_on": ON} | WHY),
    (f"correction closing {BODY} --on {ON} --reason Why", f"/bodies/{BODY}/closing/correct", {"closed_on": ON} | WHY),
    (f"correction withdraw-closing {BODY} --reason Why", f"/bodies/{BODY}/closing/withdraw", WHY),
    (f"headship begin 125677 {ID} --from {ON}", "/schools/125677/headships", {"person_id": ID, "from": ON}),
    (f"headship begin 125677 {ID} --from {ON} --until 2024-09-01", "/schools/125677/headships",
     {"person_id": ID, "from": ON, "until": "2024-09-01"}),
    (f"headship move {ID} --to 125678 --on {ON}", f"/people/{ID}/moves", {"to_urn": "125678", "on": ON}),
    (f"headship move {ID} --to 125678 --on {ON} --leaves 125677", f"/people/{ID}/moves",
     {"to_urn": "125678", "from_urn": "125677", "on": ON}),
    (f"headship end 125677 {ID} --on {ON}", f"{HEADSHIP}/end", {"ended_on": ON}),
    (f"headship correct 125677 {ID} --on {ON} --until none --reason Why", f"{HEADSHIP}/correct",
     {"on": ON, "until": None} | WHY),
    (f"headship withdraw 125677 {ID} --on {ON} --reason Why", f"{HEADSHIP}/withdraw", {"on": ON} | WHY),
    (f"trust-contact end 2001 chief-executive --on {ON}", f"{CONTACT}/end", {"ended_on": ON}),
    (f"trust-contact correct 2001 chief-executive --on {ON} --person {ID} --reason Why", f"{CONTACT}/correct",
     {"on": ON, "person_id": ID} | WHY),
    (f"trust-contact withdraw 2001 chief-executive --on {ON} --reason Why", f"{CONTACT}/withdraw", {"on": ON} | WHY),
    (f"person change {ID} --email a@example.org", f"/people/{ID}/contact-details", {"email": "a@example.org"}),
    (f"person change {ID} --telephone none", f"/people/{ID}/contact-details", {"telephone": None}),
    (f"allocation make 125677 {ID} --from {ON}", "/schools/125677/allocations", {"person_id": ID, "from": ON}),
    (f"allocation make 125677 {ID} --from {ON} --until 2024-09-01 --reason Why", "/schools/125677/allocations",
     {"person_id": ID, "from": ON, "until": "2024-09-01"} | WHY),
    (f"allocation end {ID} --on {ON}", f"/allocations/{ID}/end", {"ended_on": ON}),
    (f"correction fact allocations {ID} --person {BODY} --reason Why", f"/allocations/{ID}/correct",
     {"person_id": BODY} | WHY),
    (f"correction withdraw allocations {ID} --reason Why", f"/allocations/{ID}/withdraw", WHY),
    (f"la-category set 125677 3 --from {ON} --reason Why", "/schools/125677/la-category", {"category": 3, "from": ON} | WHY),
    (f"la-category set 125677 3 --from {ON} --reason Why --review-on 2025-05-01", "/schools/125677/la-category",
     {"category": 3, "from": ON, "review_on": "2025-05-01"} | WHY),
    ("la-category lift 125677 --reason Why", "/schools/125677/la-category/lift", WHY),
    (f"la-category keep {ID} --review-on {ON} --reason Why", f"/la-category/{ID}/keep", {"review_on": ON} | WHY),
    (f"la-category take-lifting-back {ID} --reason Why", f"/la-category/{ID}/take-lifting-back", WHY),
    (f"correction lifting {ID} --on {ON} --reason Why", f"/la-category/{ID}/correct-lifting", {"on": ON} | WHY),
    (f"correction review {ID} --on {ON} --reason Why", f"/la-category/{ID}/correct-review", {"review_on": ON} | WHY),
    (f"correction withdraw la-category {ID} --reason Why", f"/la-category/{ID}/withdraw", WHY),
    (f"governors chair 125677 {ID} --from {ON}", "/schools/125677/chair-of-governors",
     {"person_id": ID, "from": ON}),
    (f"governors end 125677 --on {ON}", "/schools/125677/chair-of-governors/end", {"ended_on": ON}),
    (f"override set 125677 --until {ON} --reason Why", "/schools/125677/overrides",
     {"matter": "both", "until": ON} | WHY),
    (f"override set 125677 --until {ON} --reason none --matter inspection --person {ID}", "/schools/125677/overrides",
     {"matter": "inspection", "until": ON, "reason": "none", "person_id": ID}),
    (f"override end {ID} --reason Why --on {ON}", f"/overrides/{ID}/end", {"on": ON} | WHY),
    (f"proposal confirm {ID} --from {ON}", f"/proposals/{ID}/confirm", {"from": ON}),
    (f"proposal decline {ID} --reason Why", f"/proposals/{ID}/decline", WHY),
    (f"proposal take-back {ID} --reason Why", f"/proposals/{ID}/take-back", WHY),
    (f"ask answer {ID} --answer 'She stays'", f"/asks/{ID}/answer", {"answer": "She stays"}),
    (f"inspection-call accept {ID}", f"/inspection-calls/{ID}/accept", {}),
    (f"inspection-call accept {ID} --person {ID}", f"/inspection-calls/{ID}/accept", {"person_id": ID}),
    (f"inspection-call cannot {ID}", f"/inspection-calls/{ID}/cannot", {}),
    (f"inspection-call close {ID} --reason Why", f"/inspection-calls/{ID}/close", WHY),
    (f"desk officer 937 duty-desk {ID}", "/authorities/937/desks/duty-desk/officer-of-the-day", {"person_id": ID}),
    ("desk change 937 duty-desk --telephone '01632 960002'", "/authorities/937/desks/duty-desk/contact-details",
     {"telephone": "01632 960002"}),
    ("desk change 937 improvement-desk --mailbox a@example.org", "/authorities/937/desks/improvement-desk/contact-details",
     {"mailbox": "a@example.org"}),
    ("desk officer 937 improvement-desk none", "/authorities/937/desks/improvement-desk/officer-of-the-day",
     {"person_id": None}),
    ("policy adopt routing 937 bristol --reason Why", "/authorities/937/policies/routing", {"name": "bristol"} | WHY),
    (f"policy adopt category 937 la --reason Why --from {ON}", "/authorities/937/policies/category",
     {"name": "la", "inherit": "converters", "from": ON} | WHY),
    ("policy correct routing 937 2 --name bristol --reason Why", "/authorities/937/policies/routing/2/correct",
     {"name": "bristol"} | WHY),
    (f"policy correct category 937 2 --from {ON} --inherit never --reason Why", "/authorities/937/policies/category/2/correct",
     {"from": ON, "inherit": "never"} | WHY),
    ("policy withdraw routing 937 2 --reason Why", "/authorities/937/policies/routing/2/withdraw", WHY),
    ("outcome record 125677 --number 10296001 --began 2026-01-13 --published 2026-02-27 --safeguarding met "
     "--grade 'achievement=needs attention' --link https://reports.example/1", "/outcomes",
     {"outcomes": [{
         "urn": "125677", "inspection_number": "10296001", "kind": "graded", "inspection_started_on": "2026-01-13",
         "published_on": "2026-02-27", "safeguarding_effective": True, "report_link": "https://reports.example/1",
         "report_card": {"achievement": "needs attention"},
     }]}),
    ("outcome withdraw 10296001 --reason Why", "/outcomes/10296001/withdraw", {"kind": "graded"} | WHY),
    ("outcome believe 10296001 --reason Why", "/outcomes/10296001/believe", {"kind": "graded"} | WHY),
    ("outcome stands 10296001", "/outcomes/10296001/withdrawal-stands", {"kind": "graded"}),
    ("outcome correct-number 10296010 10296001 --reason Why", "/outcomes/10296010/correct-number",
     {"kind": "graded", "number": "10296001"} | WHY),
]  # fmt: skip

# Acts of membership that no row above types, and why.
OTHERWISE = {
    "/take-on": "`take-on`: tests/unit/commands/test_take_on.py",
    "/authorities/{code}/settings": "`settings set`, which asks first what is set: below",
    "/schools/{urn}/told": "`school told`, which asks first what is held back: tests/unit/commands/test_told.py",
    "/schools/{urn}/inspection-calls": "`call`, which tells more than what became of it",
    "/imports/{kind}": "`import`: tests/unit/commands/test_import.py",
    "/imports/{import_id}/retry": "`imports retry`",
    "/imports/{import_id}/discard": "`imports discard`",
    "/due/{failure_id}/retry": "`due retry`: tests/unit/commands/test_due.py",
    "/due/{failure_id}/discard": "`due discard`: the same",
    "/parked/{parked_id}/retry": "`parked retry`",
    "/parked/{parked_id}/discard": "`parked discard`",
    "/clock": "`tick --today`, of the demo alone",
    "/tick": "`tick`: tests/unit/commands/test_due.py",
}


@pytest.mark.parametrize(("typed", "path", "entered"), ACTS, ids=[typed for typed, _, _ in ACTS])
def test_what_an_officer_types_is_entered_as_it_was_meant(
    membership: Membership, run: Run, typed: str, path: str, entered: Any
) -> None:
    """R0.3, R0.4, W-04, W-18: what is left out is not sent, so that it stays as it is; `none` says that there is none."""
    membership.answers = {f"POST {path}": {"urn": "125677", "until": None, "asks": ["Does she stay?"], "goes_on": []}}
    ended = run(*shlex.split(typed))
    assert ended.exit_code == 0, ended.output
    assert membership.asked == [(f"POST {path}", "", entered)]
    assert ended.stdout.splitlines()[:2] == ["urn: 125677", "asks: Does she stay?"]


def test_every_act_of_membership_has_its_command() -> None:
    app = application("membership", [routes], store=None, verifier=None)
    there = {route.path.removeprefix("/api/v1") for route in app.state.guarded if "POST" in route.methods}
    typed = {route for route in there for _, path, _ in ACTS if _is_of(route, path)}
    assert sorted(there - typed - OTHERWISE.keys()) == [], "give it a command and a row above, or say why it has none"
    assert sorted(OTHERWISE.keys() - there) == [], "no longer there"
    assert [path for _, path, _ in ACTS if not any(_is_of(route, path) for route in there)] == [], "no such route"
    assert sorted(OTHERWISE.keys() & typed) == [], "has a row above"


@pytest.mark.parametrize(
    ("typed", "option"),
    [
        (f"office end {ID} --on 2024-02-30 --reason Why", "--on"),
        (f"school join 125677 {BODY} --from tomorrow", "--from"),
        (f"correction fact offices {ID} --until never --reason Why", "--until"),
        ("explain 125677 --on 1.5.2024", "--on"),
        ("explain 125677 --known 1.5.2024", "--known"),
        ("who-speaks 125677 --on 1.5.2024", "--on"),
        ("tick --today 1.5.2024", "--today"),
        ("import gias gias.csv --as-at 1.5.2024", "--as-at"),
    ],
)
def test_what_is_no_day_is_refused_by_the_option_and_with_the_cure_before_anything_is_sent(
    membership: Membership, run: Run, typed: str, option: str
) -> None:
    ended = run(*shlex.split(typed))
    assert isinstance(ended.exception, Trouble)
    assert ended.exception.sentence.startswith(f"{option} ")
    assert "is not a date" in ended.exception.sentence
    assert ended.exception.cure == "Write it as 2025-09-01."
    assert membership.asked == []


def test_a_refusal_is_told_in_the_words_of_the_service(membership: Membership, run: Run) -> None:
    refusal = "Nobody holds the post of chair on 1 May 2024: enter a term of office instead"
    problem = {"type": "urn:consortia:problem:post-is-vacant", "title": "Problem", "status": 409, "detail": refusal}
    membership.answers = {f"POST /bodies/{BODY}/change-of-office": problem}
    ended = run("office", "change", BODY, "chair", ID, "--from", ON)
    assert isinstance(ended.exception, Trouble)
    assert refusal in ended.exception.sentence


def test_of_the_settings_what_is_left_out_stays_and_none_is_no_longer_stated(membership: Membership, run: Run) -> None:
    """R0.7, W-16: the route takes all of them at once, and an officer who sets one takes back no other."""
    path = "/authorities/937/settings"
    known = {"authority": "937", "version": 2, "answer_minutes": 20, "hours_from": "08:30:00", "hours_until": None}
    known["term_dates"] = "term dates of 937 are known until 6 June 2027"
    membership.answers = {f"GET {path}": {**known, "schools_a_leader": 4}, f"POST {path}": {"version": 3}}
    typed = ("settings", "set", "937", "--answer-minutes", "25", "--schools-a-leader", "none", "--reason", "Why")
    assert run(*typed).exit_code == 0
    entered = {"answer_minutes": 25, "hours_from": "08:30:00", "schools_a_leader": None, "reason": "Why"}
    assert membership.asked[-1] == (f"POST {path}", "", entered)
    said = run("settings", "show", "937").stdout
    assert all(each in said for each in ("version 2", "school hours end", "not stated", "08:30", "until 6 June 2027"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("settings set 937 --answer-minutes soon --reason Why", "--answer-minutes soon is not a number"),
        ("settings set 937 --hours-from 8 --reason Why", "--hours-from 8 is not a time of day"),
        ("desk officer 937 duty-desk somebody", "somebody is not the id of a person"),
    ],
)
def test_what_can_not_be_meant_is_refused_with_the_cure(
    membership: Membership, run: Run, typed: str, sentence: str
) -> None:
    ended = run(*shlex.split(typed))
    assert isinstance(ended.exception, Trouble)
    assert ended.exception.sentence == sentence
    assert ended.exception.cure.endswith(", or none.")
    assert membership.asked == []


def _is_of(route: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), path) is not None
