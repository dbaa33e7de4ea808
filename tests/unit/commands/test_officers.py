"""What an officer does by command: take back what never was, answer a question, name a lead body, look at the desk."""

from typing import Any

import pytest

from tests.unit.commands.conftest import Membership, Run

ID = "01900000-0000-7000-8000-000000000001"
BODY = "01900000-0000-7000-8000-000000000002"


@pytest.mark.parametrize(
    ("arguments", "path", "body"),
    [
        (("correction", "withdraw", "offices", ID, "--reason", "Why"), f"/offices/{ID}/withdraw", {"reason": "Why"}),
        (
            ("correction", "withdraw", "allocations", ID, "--reason", "Why"),
            f"/allocations/{ID}/withdraw",
            {"reason": "Why"},
        ),
        (
            ("correction", "withdraw", "la-category", ID, "--reason", "Why"),
            f"/la-category/{ID}/withdraw",
            {"reason": "Why"},
        ),
        (
            ("correction", "withdraw-place", "125677", BODY, "--on", "2024-05-01", "--reason", "Why"),
            f"/bodies/{BODY}/schools/125677/withdraw",
            {"on": "2024-05-01", "reason": "Why"},
        ),
        (
            ("correction", "lifting", ID, "--on", "2024-05-01", "--reason", "Why"),
            f"/la-category/{ID}/correct-lifting",
            {"on": "2024-05-01", "reason": "Why"},
        ),
        (
            ("person", "change", ID, "--email", "a@example.org"),
            f"/people/{ID}/contact-details",
            {"email": "a@example.org"},
        ),
        (("person", "change", ID, "--telephone", "none"), f"/people/{ID}/contact-details", {"telephone": None}),
        (
            ("headship", "end", "125677", ID, "--on", "2024-05-01"),
            f"/schools/125677/headships/{ID}/end",
            {"ended_on": "2024-05-01"},
        ),
        (
            ("headship", "correct", "125677", ID, "--on", "2024-05-01", "--until", "none", "--reason", "Why"),
            f"/schools/125677/headships/{ID}/correct",
            {"on": "2024-05-01", "until": None, "reason": "Why"},
        ),
        (
            ("headship", "withdraw", "125677", ID, "--on", "2024-05-01", "--reason", "Why"),
            f"/schools/125677/headships/{ID}/withdraw",
            {"on": "2024-05-01", "reason": "Why"},
        ),
        (
            ("trust-contact", "end", "2001", "chief-executive", "--on", "2024-05-01"),
            "/trusts/2001/contacts/chief-executive/end",
            {"ended_on": "2024-05-01"},
        ),
        (
            (
                "trust-contact",
                "correct",
                "2001",
                "chief-executive",
                "--on",
                "2024-05-01",
                "--person",
                ID,
                "--reason",
                "Why",
            ),
            "/trusts/2001/contacts/chief-executive/correct",
            {"on": "2024-05-01", "person_id": ID, "reason": "Why"},
        ),
        (
            ("trust-contact", "withdraw", "2001", "chief-executive", "--on", "2024-05-01", "--reason", "Why"),
            "/trusts/2001/contacts/chief-executive/withdraw",
            {"on": "2024-05-01", "reason": "Why"},
        ),
        (
            ("allocation", "make", "125677", ID, "--from", "2024-05-01"),
            "/schools/125677/allocations",
            {"person_id": ID, "from": "2024-05-01"},
        ),
        (("allocation", "end", ID, "--on", "2024-05-01"), f"/allocations/{ID}/end", {"ended_on": "2024-05-01"}),
        (
            (
                "outcome",
                "record",
                "125677",
                "--number",
                "10296001",
                "--began",
                "2026-01-13",
                "--published",
                "2026-02-27",
                "--grade",
                "achievement=needs attention",
                "--safeguarding",
                "met",
                "--link",
                "https://reports.example/1",
            ),
            "/outcomes",
            {
                "outcomes": [
                    {
                        "urn": "125677",
                        "inspection_number": "10296001",
                        "kind": "graded",
                        "inspection_started_on": "2026-01-13",
                        "published_on": "2026-02-27",
                        "safeguarding_effective": True,
                        "report_link": "https://reports.example/1",
                        "report_card": {"achievement": "needs attention"},
                    }
                ]
            },
        ),
        (("ask", "answer", ID, "--answer", "She stays"), f"/asks/{ID}/answer", {"answer": "She stays"}),
        (
            ("school", "lead-body", "125677", BODY, "--from", "2024-05-01"),
            "/schools/125677/lead-body",
            {"body_id": BODY, "from": "2024-05-01"},
        ),
    ],
    ids=lambda case: " ".join(case[:3]) if isinstance(case, tuple) else "",
)
def test_an_officer_does_by_command_what_the_services_offer(
    membership: Membership, run: Run, arguments: tuple[str, ...], path: str, body: Any
) -> None:
    """R0.3, R0.4"""
    membership.answers = {f"POST {path}": {"urn": "125677"}}
    ended = run(*arguments)
    assert ended.exit_code == 0, ended.output
    assert membership.asked == [(f"POST {path}", "", body)]


def test_what_is_held_back_is_asked_for_by_authority_and_never_guessed(membership: Membership, run: Run) -> None:
    """R0.8: an officer of Bristol who forgets the code must not read that nothing waits."""
    assert run("held").exit_code != 0
    assert membership.asked == []
    membership.answers = {"GET /held": []}
    assert run("held", "801").exit_code == 0
    assert membership.asked[-1][1] == "authority=801"


def test_questions_and_the_queue_say_why_somebody_is_asked(membership: Membership, run: Run) -> None:
    question = {"ask_id": ID, "urn": "125677", "school_name": "School", "kind": "head-of-continuing-school"}
    membership.answers = {"GET /asks": [{**question, "on": "2024-09-01", "why": "It continues two schools"}]}
    assert "It continues two schools" in run("ask", "list", "937").stdout
    item = {"urn": None, "school_name": None, "since": "2024-05-01", "days": 1, "working_days": 1, "kind": "day-failed"}
    failed = {**item, "body_name": "Abbey", "item": "a term of office begins", "on": "2024-05-01", "why": "An error"}
    membership.answers = {"GET /authorities/937/desk-queue": {"items": [{**failed, "cure": "Retry"}], "next": None}}
    said = run("desk-queue", "937").stdout
    assert all(each in said for each in ("Abbey", "a term of office begins, due on 2024-05-01:", "An error"))
