"""What officers, heads and everybody else ask and do over HTTP."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.membership.domain.appointment import TrustContact
from services.membership.domain.body import Membership
from services.membership.domain.school import Status
from services.membership.use_cases import policies
from services.membership.use_cases.import_files import apply_next_chunk
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from tests.store.membership.asking import DEMO, FINANCE, HEAD, OFFICER, OPS, Ask
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_imports import DATA, GIAS


async def test_who_speaks_answers_with_reason_rule_version_and_validity(ask: Ask, abbey: Authority) -> None:
    answer = (await ask("/schools/900002/speaker", OFFICER)).json()
    assert (answer["role"], answer["rule"], answer["policy"], answer["policy_version"]) == (
        "chair",
        "chair",
        "warwickshire",
        1,
    )
    assert (answer["valid_from"], answer["valid_until"]) == ("2023-09-01", None)
    assert answer["person"]["person_id"] == str(abbey.people["chair"])
    assert "routes as Category 2" in answer["category_in_force"]["sentence"]
    assert answer["reason"]


async def test_an_answer_for_a_past_day_is_what_was_known_then_beside_what_is_known_now(
    ask: Ask, abbey: Authority
) -> None:
    await abbey.on(date(2024, 3, 1))
    # Published a month ago, and only now known here.
    body = {
        "urn": "900002",
        "inspection_number": "10999999",
        "kind": "graded",
        "inspection_started_on": "2024-01-10",
        "published_on": "2024-02-01",
        "headline": 4,
    }
    posted = await ask("/outcomes", DEMO, {"outcomes": [body]})
    assert posted.status_code == 201
    assert posted.json()["outcomes"][0]["new"]
    then = (await ask("/schools/900002/speaker?on=2024-02-10", OFFICER)).json()
    assert then["role"] == "chair"
    assert then["as_known_today"]["role"] == "system-leader"
    now = (await ask("/schools/900002/speaker", OFFICER)).json()
    assert (now["role"], now["valid_from"]) == ("system-leader", "2024-03-01")
    assert (await ask("/schools/900002/category?on=2024-01-31", OFFICER)).json()["category"] is None
    assert (await ask("/schools/900002/category?on=2024-02-01", OFFICER)).json()["category"] == 4


@pytest.mark.parametrize("said", [{}, {"safeguarding_effective": True}])
async def test_a_graded_outcome_without_any_judgement_is_refused_with_what_is_missing(
    ask: Ask, abbey: Authority, said: dict[str, bool]
) -> None:
    """R0.1: it told everybody of an outcome that changes nothing."""
    body = {"urn": "900002", "inspection_number": "10999999", "kind": "graded", **said}
    days = {"inspection_started_on": "2023-09-01", "published_on": "2023-09-01"}
    refused = await ask("/outcomes", DEMO, {"outcomes": [body | days]})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:consortia:problem:no-judgement")
    assert "10999999 is entered as graded without any judgement" in refused.json()["detail"]
    assert "or enter it as ungraded" in refused.json()["detail"]
    assert (await ask("/outcomes", DEMO, {"outcomes": [body | days | {"kind": "ungraded"}]})).status_code == 201
    assert (await ask("/outcomes", DEMO, {"outcomes": [body | days | {"headline": 2}]})).status_code == 201


@pytest.mark.parametrize("act", ["la-category", "inspection-calls"])
async def test_for_a_school_that_the_register_lacks_the_refusal_says_what_to_do(ask: Ask, act: str) -> None:
    """W-20, W-16: whose school it is stands in the register alone, so nobody can be let act for it before."""
    entry = {"category": 4, "from": "2023-09-01", "reason": "A new school in difficulty"}
    answer = await ask(f"/schools/909999/{act}", OFFICER, entry if act == "la-category" else {})
    assert answer.status_code == 404
    said = answer.json()["detail"]
    assert "no school with the URN 909999 in the register" in said
    assert "import the register's latest file" in said
    assert "outcomes published for it can be recorded" in said


async def test_before_the_record_begins_nobody_is_named_beside_whom_todays_knowledge_gives(
    ask: Ask, abbey: Authority
) -> None:
    """R0.4: nothing was known of her then; as known now she was the chair of its body from 1 September 2023 on."""
    answer = (await ask("/schools/900002/speaker?on=2020-01-01", OFFICER)).json()
    assert (answer["role"], answer["person"], answer["desk"], answer["policy"]) == (None, None, None, None)
    assert "the record begins on 1 September 2023" in answer["reason"]
    assert (answer["valid_from"], answer["valid_until"]) == (None, "2023-09-01")
    assert (answer["as_known_today"]["role"], answer["as_known_today"]["rule"]) == ("duty-desk", "no-body")


async def test_a_school_that_came_late_into_the_register_is_answered_for_the_days_before_by_what_is_known_today(
    ask: Ask, abbey: Authority
) -> None:
    """R0.4: nobody spoke for it then, since nobody here knew it; somebody does by today's knowledge."""
    await abbey.on(date(2024, 3, 1))
    await abbey.do(lambda uow: keep_schools(uow, [line("900005", date(2024, 3, 1), opened_on=date(2024, 1, 8))]))
    place = Membership(abbey.body_id, "900005", date(2024, 1, 8), None, True)
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", memberships=[place])))
    then = (await ask("/schools/900005/speaker?on=2024-02-01", OFFICER)).json()
    assert (then["role"], then["valid_until"]) == (None, "2024-03-01")
    beside = then["as_known_today"]
    assert (beside["role"], beside["body_name"], beside["person"]["name"]) == ("chair", "Abbey", "Invented chair")
    before_it_opened = await ask("/schools/900005/speaker?on=2024-01-01", OFFICER)
    assert before_it_opened.status_code == 409


async def test_somebody_spoke_then_and_nobody_does_by_what_is_known_today_and_the_answer_says_both(
    ask: Ask, abbey: Authority
) -> None:
    """R0.4: its closing was learned two months late. An answer of today has nothing beside it."""
    await abbey.on(date(2024, 3, 1))
    assert "as_known_today" not in (await ask("/schools/900003/speaker", OFFICER)).json()
    closed = line("900003", date(2024, 3, 1), status=Status.CLOSED, closed_on=date(2024, 1, 1))
    await abbey.do(lambda uow: keep_schools(uow, [closed]))
    then = (await ask("/schools/900003/speaker?on=2024-02-01", OFFICER)).json()
    assert (then["role"], then["as_known_today"]) == ("chair", None)
    assert "as_known_today" in then


async def test_the_duty_desk_is_a_mailbox_and_a_telephone_with_a_named_officer(ask: Ask, abbey: Authority) -> None:
    desk = {
        "desk": "duty-desk",
        "mailbox": "duty@example.org",
        "telephone": "01632 960001",
        "officer_of_the_day": str(abbey.people["officer"]),
    }
    taken = await ask("/take-on", DEMO, {"authority": "937", "desks": [desk]})
    assert taken.status_code == 201
    entry = {"category": 3, "from": START.isoformat(), "reason": "Two heads in a year"}
    assert (await ask("/schools/900003/la-category", OFFICER, entry)).status_code == 201
    answer = (await ask("/schools/900003/speaker", OFFICER)).json()
    assert (answer["role"], answer["rule"]) == ("duty-desk", "maintained-3-4-unallocated")
    assert answer["desk"]["officer_of_the_day"] == "Invented officer"
    assert answer["category_in_force"]["restricted"]


async def test_where_a_trust_speaks_the_answer_names_whom_to_ring_there(ask: Ask, abbey: Authority) -> None:
    """R0.3, W-19: a trust has no telephone, its people have."""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish("900011", date(2024, 1, 10), headline=4)
    answer = (await ask("/schools/900011/speaker", OFFICER)).json()
    assert (answer["role"], answer["person"], answer["desk"]) == ("trust", None, None)
    assert [(each["post"], each["person"]["name"]) for each in answer["contacts"]] == [
        ("chief-executive", "Invented chief")
    ]


async def test_an_entry_without_a_reason_is_refused_in_a_sentence(ask: Ask) -> None:
    refused = await ask("/schools/900003/la-category", OFFICER, {"category": 3, "from": "2023-09-01", "reason": " "})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("Enter the reason")


async def test_the_same_request_again_takes_effect_once(ask: Ask, abbey: Authority) -> None:
    """I11"""
    entry = {"category": 3, "from": "2023-09-01", "reason": "Why"}
    first = await ask("/schools/900003/la-category", OFFICER, entry, key="once")
    await abbey.forget_said()
    again = await ask("/schools/900003/la-category", OFFICER, entry, key="once")
    assert again.json() == first.json()
    assert await abbey.said() == []


@pytest.mark.parametrize("path", ["/schools/900002/speaker", "/schools/900002/category", "/speakers?authority=937"])
async def test_what_is_restricted_is_not_for_finance_ops_or_another_authority(ask: Ask, path: str) -> None:
    """I13, R0.8"""
    assert (await ask(path, FINANCE)).status_code == 403
    assert (await ask(path, OPS)).status_code == 403
    assert (await ask(path, OFFICER, authority="801")).status_code == 403


async def test_a_head_is_answered_for_her_own_school_and_no_other(ask: Ask) -> None:
    """I13"""
    assert (await ask("/schools/900002/speaker", HEAD)).status_code == 200
    assert (await ask("/schools/900003/speaker", HEAD)).status_code == 403


async def test_whoever_speaks_for_a_school_is_answered_of_it_once_the_school_was_told_and_nobody_else(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8: the chair until the school knows that somebody else speaks for it, then the system leader, and not the chair."""
    chair = {"roles": ["chair", "headteacher"], "subject": str(abbey.people["chair"]), "urns": ["900001"]}
    leader = {"roles": ["system.leader"], "subject": str(abbey.people["leader"])}
    paths = ("/schools/900002/speaker", "/schools/900002/category")

    async def answered(who: dict[str, Any]) -> list[int]:
        return [(await ask(path, who)).status_code for path in paths]

    assert (await answered(chair), await answered(leader)) == ([200, 200], [403, 403])
    entry = {"category": 4, "from": START.isoformat(), "reason": "Why"}
    assert (await ask("/schools/900002/la-category", OFFICER, entry)).status_code == 201
    assert (await answered(chair), await answered(leader)) == ([200, 200], [403, 403])
    assert (await ask(paths[1], chair)).json()["category"] is None
    assert (await ask("/schools/900002/told", OFFICER, {})).status_code == 200
    assert (await answered(chair), await answered(leader)) == ([403, 403], [200, 200])
    assert (await ask(paths[1], leader)).json()["category"] == 4
    assert (await ask("/schools/900003/category", leader)).status_code == 403
    assert (await ask("/schools/900003/explanation", chair)).status_code == 403


async def test_where_a_trust_speaks_its_people_are_answered_of_the_school_and_those_of_no_other(
    ask: Ask, abbey: Authority
) -> None:
    """R0.3, R0.8: in Warwickshire in general of an academy in Category 3 or 4, in Bristol on both matters of any academy."""
    who = abbey.people
    posts = [
        TrustContact("7001", "school-improvement-partner", who["newcomer"], START, None),
        TrustContact("7002", "chief-executive", who["officer"], START, None),
    ]
    moved = line("900012", START + timedelta(days=1), type_code="34", trust_id="7002", trust_name="Alder Trust")
    await abbey.on(START + timedelta(days=1))
    await abbey.do(lambda uow: keep_schools(uow, [moved]))
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", trust_contacts=posts)))
    chief, partner, of_another = (
        {"roles": ["trust"], "subject": str(who[name])} for name in ("chief", "newcomer", "officer")
    )

    async def answered(person: dict[str, Any]) -> list[int]:
        paths = ("/schools/900011/speaker", "/schools/900011/speaker?matter=inspection", "/schools/900011/category")
        return [(await ask(path, person)).status_code for path in paths]

    assert [await answered(each) for each in (chief, partner, of_another)] == [[200] * 3, [403] * 3, [403] * 3]
    await abbey.publish("900011", START + timedelta(days=1), headline=4)
    assert [await answered(each) for each in (chief, partner, of_another)] == [[200] * 3, [200] * 3, [403] * 3]
    await abbey.do(lambda uow: policies.adopt_routing_policy(
        uow, "937", name="bristol", from_date=uow.today, settings={}, reason="Why", adopted_by="officer"
    ))  # fmt: skip
    assert (await ask("/schools/900011/speaker?matter=inspection", OFFICER)).json()["role"] == "trust"
    assert [await answered(each) for each in (chief, partner, of_another)] == [[200] * 3, [200] * 3, [403] * 3]
    assert (await ask("/schools/900012/category", chief)).status_code == 403


async def test_a_head_is_answered_with_what_her_school_was_told_until_it_is_told_more(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8: neither an entry that is held back nor a planned one is seen by the head before the school was told."""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish("900002", date(2024, 1, 10), headline=2)
    questions = ["/schools/900002/speaker", "/schools/900002/category", "/schools/900002/speaker?on=2024-01-01"]
    questions += ["/schools/900002/speaker?on=2024-12-01", "/schools/900002/category?on=2024-12-01"]
    before = [(await ask(path, HEAD)).json() for path in questions]

    await abbey.on(date(2024, 2, 1))
    planned = {"category": 4, "from": "2024-03-01", "reason": "Why"}
    assert (await ask("/schools/900002/la-category", OFFICER, planned)).status_code == 201
    assert [(await ask(path, HEAD)).json() for path in questions[2:]] == before[2:]

    await abbey.on(date(2024, 3, 1))
    assert (await ask("/schools/900002/speaker", OFFICER)).json()["role"] == "system-leader"
    today = [(await ask(path, HEAD)).json() for path in questions]
    for was, now in zip(before, today, strict=True):
        assert now | {name: was[name] for name in ("on", "as_of") if name in was} == was
    past = (await ask("/schools/900002/speaker?on=2024-02-15", HEAD)).json()
    assert (past["role"], past["valid_until"]) == ("chair", None)

    assert (await ask("/schools/900002/told", OFFICER, {})).status_code == 200
    assert (await ask("/schools/900002/speaker", HEAD)).json()["role"] == "system-leader"
    assert (await ask("/schools/900002/category", HEAD)).json()["category"] == 4


async def test_a_head_does_not_hear_of_an_entry_of_the_day_on_which_the_answer_began(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8: the day's answer is written over, and what public facts give stands in its place."""
    entry = {"category": 3, "from": START.isoformat(), "reason": "Why"}
    assert (await ask("/schools/900002/la-category", OFFICER, entry)).status_code == 201
    seen = (await ask("/schools/900002/speaker", HEAD)).json()
    assert (seen["role"], seen["category"], seen["valid_from"]) == ("chair", None, "2023-09-01")
    assert not seen["category_in_force"]["restricted"]


async def test_the_register_page_says_nothing_that_is_restricted(ask: Ask) -> None:
    """I13"""
    entry = {"category": 3, "from": "2023-09-01", "reason": "Why"}
    await ask("/schools/900003/la-category", OFFICER, entry)
    before = (await ask("/schools/900002", FINANCE)).json()
    seen = (await ask("/schools/900003", FINANCE)).json()
    assert {key for key in seen if seen[key] != before[key]} == {"urn", "name"}


async def test_a_change_of_chair_over_http_is_one_story(ask: Ask, abbey: Authority) -> None:
    await abbey.on(date(2024, 1, 1))
    await abbey.forget_said()
    change = {"post": "chair", "person_id": str(abbey.people["newcomer"]), "from": "2024-01-01", "route": "ballot"}
    answer = await ask(f"/bodies/{abbey.body_id}/change-of-office", OFFICER, change)
    assert answer.status_code == 201
    said = await abbey.said()
    assert {str(each.correlation_id) for each in said} == {answer.headers["X-Correlation-ID"]}
    # Funding waits for the successor when it reads this, so that finance sees one adjustment.
    assert [each.data["reason"] for each in said if "reason" in each.data] == ["succeeded"]
    contact = (await ask(f"/bodies/{abbey.body_id}/contact", FINANCE)).json()
    assert contact["person_id"] == str(abbey.people["newcomer"])
    asked = (await ask(f"/bodies/{abbey.body_id}/contact?asked_by={abbey.people['newcomer']}", FINANCE)).json()
    assert (asked["role"], asked["person_id"]) == ("deputy", str(abbey.people["deputy"]))


async def test_the_deputy_cannot_be_chair_as_well(ask: Ask, abbey: Authority) -> None:
    """W-04"""
    await abbey.on(date(2024, 1, 1))
    change = {"post": "chair", "person_id": str(abbey.people["deputy"]), "from": "2024-01-01", "route": "meeting"}
    refused = await ask(f"/bodies/{abbey.body_id}/change-of-office", OFFICER, change)
    assert refused.status_code == 409
    assert "one person can't hold both posts" in refused.json()["detail"]


async def test_an_outcome_of_tomorrow_is_refused(ask: Ask) -> None:
    body = {
        "urn": "900002",
        "inspection_number": "1",
        "kind": "graded",
        "inspection_started_on": "2023-08-01",
        "published_on": "2023-09-02",
        "headline": 4,
    }
    refused = await ask("/outcomes", DEMO, {"outcomes": [body]})
    assert refused.status_code == 409
    assert "from that day on" in refused.json()["detail"]


async def test_a_file_is_sent_as_it_is_and_its_progress_can_be_read(ask: Ask, abbey: Authority) -> None:
    sent = await ask(f"/imports/gias?name={GIAS}&as_at=2024-06-17", DEMO, content=(DATA / GIAS).read_bytes())
    assert sent.status_code == 201
    assert (sent.json()["state"], sent.json()["lines"]) == ("applying", 996)
    assert await abbey.do(apply_next_chunk)
    progress = (await ask(f"/imports/{sent.json()['import_id']}", OPS)).json()
    assert (progress["state"], progress["lines"]) == ("applying", 996)
    assert progress["position"] > 400
    assert progress["problems"] == []


async def test_schools_bodies_and_speakers_of_an_authority_are_listed(ask: Ask, abbey: Authority) -> None:
    assert len((await ask("/schools?authority=937", FINANCE)).json()) == 6
    (body,) = (await ask("/bodies?authority=937", FINANCE)).json()
    assert (body["name"], body["schools"]) == ("Abbey", 6)
    assert {office["post"]: office["heads_urn"] for office in body["offices"]} == {"chair": "900001", "deputy": None}
    assert len((await ask(f"/bodies/{abbey.body_id}", FINANCE)).json()["schools"]) == 6
    speakers = (await ask("/speakers?authority=937", OFFICER)).json()
    assert len(speakers) == 12
    history = (await ask("/speakers/history?authority=937", OFFICER)).json()
    assert len(history) == 12
