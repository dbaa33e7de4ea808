"""`consortia explain`: what was answered on the day comes first, whatever is known now (R0.4)."""

from typing import Any

from tests.unit.commands.conftest import Membership, Run


def answer(name: str = "Invented chair", **changes: Any) -> dict[str, Any]:
    known = {"role": "chair", "rule": "chair", "reason": "The chair is the contact", "body_name": "Abbey"}
    return {**known, "trust_name": None, "person": {"name": name}, **changes}


def explained(membership: Membership, then: dict[str, Any] | None, now: dict[str, Any] | None) -> None:
    membership.answers = {
        "GET /schools/125677/explanation": {
            "urn": "125677",
            "school_name": "School",
            "authority": "937",
            "on": "2024-05-01",
            "known": "2024-06-30",
            "to_come": False,
            "note": None,
            "category": {"sentence": "Category 2, by its last inspection"},
            "general": now,
            "inspection": now,
            "answered_then": {"general": then, "inspection": then},
            "steps": [],
        }
    }


def said(run: Run) -> list[str]:
    ended = run("explain", "125677", "--on", "2024-05-01", "--known", "2024-06-30")
    assert ended.exit_code == 0, ended.output
    return [line.strip() for line in ended.stdout.splitlines()]


def test_another_person_of_the_same_office_is_another_answer(membership: Membership, run: Run) -> None:
    """A correction of who was chair leaves role and rule as they were."""
    explained(membership, answer("Invented predecessor"), answer("Invented chair"))
    lines = said(run)
    (then, now) = [line for line in lines if line.startswith(("general, answered", "general, as known"))]
    assert "Invented predecessor" in then
    assert "Invented chair" in now
    assert then.startswith("general, answered on 2024-05-01")
    assert now.startswith("general, as known at the end of 2024-06-30")


def test_another_body_or_trust_is_another_answer(membership: Membership, run: Run) -> None:
    explained(membership, answer(body_name="Beech"), answer(body_name=None, trust_name="Larch Trust"))
    lines = said(run)
    assert any("answered on" in line and "Beech" in line for line in lines)
    assert any("as known" in line and "Larch Trust" in line for line in lines)


def test_the_answer_of_the_day_is_there_where_nothing_differs_and_where_there_was_none(
    membership: Membership, run: Run
) -> None:
    explained(membership, answer(), answer())
    lines = said(run)
    assert sum("answered on 2024-05-01: chair, Abbey, Invented chair (chair)" in line for line in lines) == 2
    explained(membership, None, answer())
    assert any("answered on 2024-05-01: nobody was named" in line for line in said(run))


def test_a_name_with_brackets_is_printed_whole(membership: Membership, run: Run) -> None:
    """It was taken for a style of letters, and lost."""
    explained(membership, answer("Invented [acting] chair"), answer("Invented [acting] chair", body_name="Abbey [red]"))
    found = membership.answers["GET /schools/125677/explanation"]
    found["school_name"] = "Oak [bold] School"
    found["category"] = {"sentence": "Category 2, inherited from Elm [old]"}
    step = {"about": "office", "says": "chair: Invented [acting] chair", "from_date": None, "until": None}
    found["steps"] = [{**step, "known_on": None, "counts": True, "fact_id": None}]
    lines = said(run)
    assert lines[0].startswith("Oak [bold] School")
    assert sum("Invented [acting] chair" in line for line in lines) == 5
    assert sum("Abbey [red]" in line for line in lines) == 2
    assert any("Elm [old]" in line for line in lines)


def test_of_a_day_to_come_it_is_said_once_that_it_is_planned_and_which_of_it_is_still_to_begin(
    membership: Membership, run: Run
) -> None:
    """R0.4: nothing was answered on that day yet, so nothing is said of that."""
    explained(membership, None, answer())
    found = membership.answers["GET /schools/125677/explanation"]
    found |= {"to_come": True, "note": "1 May 2024 has not come: this is what is known", "known": "2024-03-01"}
    step = {"about": "office", "says": "chair", "until": None, "known_on": None, "counts": True, "fact_id": None}
    found["steps"] = [
        step | {"from_date": "2024-03-01"},
        step | {"from_date": "2024-03-02"},
        step | {"from_date": None},
    ]
    lines = said(run)
    assert lines[1] == "1 May 2024 has not come: this is what is known."
    assert lines[2].startswith("general, planned for 2024-05-01: chair, Abbey, Invented chair")
    assert not any("answered on" in line or "as known" in line for line in lines)
    assert [("planned" in line, "2024-03-02" in line) for line in lines if "counts" in line] == [
        (False, False),
        (True, True),
        (False, False),
    ]
