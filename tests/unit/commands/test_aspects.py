"""Vulnerable aspects by command (W-26)."""

import pytest

from infra.local.ports import Ports
from tests.unit.commands.conftest import Membership, Run

ID, BODY = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
SCHOOL = {"aspect_id": ID, "urn": "125677", "school": "Oak", "evaluation_area": "inclusion", "from_date": "2026-01-05"}


@pytest.fixture
def meetings(membership: Membership, monkeypatch: pytest.MonkeyPatch) -> Membership:
    """The same stand-in, where meetings is looked for."""
    monkeypatch.setattr(Ports, "service", lambda self, name: membership.server.server_port if name == "meetings" else 1)
    return membership


def test_an_aspect_is_recorded_listed_and_withdrawn_by_command(meetings: Membership, run: Run) -> None:
    """W-26"""
    meetings.answers = {
        "POST /schools/125677/vulnerable-aspects": {"aspect_id": ID},
        f"GET /bodies/{BODY}/lists": {"schools_with_a_vulnerable_aspect": [SCHOOL]},
        f"POST /vulnerable-aspects/{ID}/withdraw": {"withdrawn": True},
    }
    assert run("aspect", "record", "125677", "inclusion", "--from", "2026-01-05").exit_code == 0
    listed = run("aspect", "list", BODY)
    assert [each for each in SCHOOL.values() if each not in listed.stdout] == []
    assert run("aspect", "withdraw", ID, "--reason", "Another school's").exit_code == 0
    assert meetings.asked == [
        ("POST /schools/125677/vulnerable-aspects", "", {"evaluation_area": "inclusion", "from": "2026-01-05"}),
        (f"GET /bodies/{BODY}/lists", "", None),
        (f"POST /vulnerable-aspects/{ID}/withdraw", "", {"reason": "Another school's"}),
    ]
