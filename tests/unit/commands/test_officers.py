"""What an officer looks at by command: what is held back, questions, the desk, bodies and their offices."""

from tests.unit.commands.conftest import Membership, Run

ID = "01900000-0000-7000-8000-000000000001"
BODY = "01900000-0000-7000-8000-000000000002"


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


def test_bodies_and_terms_of_office_are_listed_with_the_ids_by_which_they_are_entered(
    membership: Membership, run: Run
) -> None:
    """W-04: whoever ends a term or lets a school join needs its id."""
    chair = {"term_id": ID, "post": "chair", "person_id": "somebody", "from_date": "2023-09-01", "until": None}
    school = {"urn": "125677", "name": "School", "lead": False, "from_date": "2023-09-01", "until": None}
    abbey = {
        "body_id": BODY,
        "name": "Abbey",
        "kind": "primary-consortium",
        "opened_on": "2023-09-01",
        "closed_on": None,
    }
    membership.answers = {
        "GET /bodies": [{**abbey, "schools": 12, "offices": [chair]}],
        f"GET /bodies/{BODY}": {**abbey, "authority": "937", "schools": [school], "terms_of_office": [chair]},
    }
    said = run("body", "list", "937", "--on", "2024-05-01").stdout
    assert all(each in said for each in (BODY, "Abbey", "12", "chair"))
    assert membership.asked[-1][1] == "authority=937&on=2024-05-01"
    said = run("body", "show", BODY).stdout
    assert all(each in said for each in ("Abbey", "125677", "no", ID, "chair", "2023-09-01"))


def test_the_desks_of_an_authority_are_listed_with_their_officers_of_the_day(membership: Membership, run: Run) -> None:
    """R0.3"""
    desk = {"desk": "duty-desk", "mailbox": "duty@example.org", "telephone": "01632 960001"}
    membership.answers = {"GET /authorities/937/desks": [{**desk, "officer_of_the_day": "Invented officer"}]}
    said = run("desk", "list", "937").stdout
    assert all(each in said for each in (*desk.values(), "Invented officer"))


def test_what_officers_are_asked_is_asked_of_one_authority_with_what_was_answered_or_without(
    membership: Membership, run: Run
) -> None:
    """R0.1"""
    membership.answers = {"GET /proposals": [], "GET /authorities/937/reviews": []}
    for typed in (("proposals", "937"), ("proposals", "937", "--all"), ("reviews", "937", "--all")):
        assert run(*typed).exit_code == 0
    assert [(path, query) for path, query, _ in membership.asked] == [
        ("GET /proposals", "authority=937&open=true"),
        ("GET /proposals", "authority=937&open=false"),
        ("GET /authorities/937/reviews", "open=false"),
    ]
