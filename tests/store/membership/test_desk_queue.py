"""What waits at the duty desk: the most urgent first, and of those the oldest (W-15, W-16, W-18, R0.3)."""

from datetime import date
from typing import Any

import pytest

from services.membership.domain.appointment import Headship
from services.membership.domain.body import Membership
from services.membership.domain.desk_queue import Kind, cure_of
from services.membership.store import asks, people
from services.membership.store.asks import Ask as Question
from services.membership.use_cases import appointments, inspection_calls, la_category, offices, policies
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from tests.statements import counted
from tests.store.membership.asking import FINANCE, OFFICER, OPS, Ask
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_inspection_calls import time_passes

WEDNESDAY = date(2024, 1, 10)
IMPROVEMENT: dict[str, Any] = {"roles": ["la.school-improvement"]}


async def queue(ask: Ask, **query: Any) -> dict[str, Any]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await ask(f"/authorities/937/desk-queue?{asked}", OFFICER)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def items(ask: Ask) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await queue(ask))["items"]
    return found


async def falls(abbey: Authority, urn: str, day: date) -> None:
    await abbey.on(day)
    await abbey.publish(urn, day, headline=4)


async def test_where_everybody_has_a_speaker_nothing_waits(ask: Ask) -> None:
    assert await queue(ask) == {"authority": "937", "on": "2023-09-01", "items": [], "next": None}


async def test_a_weak_school_without_a_system_leader_waits_with_its_age_until_one_is_allocated(
    ask: Ask, abbey: Authority
) -> None:
    """W-18"""
    await falls(abbey, "900003", WEDNESDAY)
    await abbey.on(date(2024, 1, 22))
    [item] = await items(ask)
    assert (item["kind"], item["urn"], item["since"], item["days"], item["working_days"]) == (
        "desk-answers",
        "900003",
        "2024-01-10",
        12,
        8,
    )
    assert [(each["matter"], each["rule"]) for each in item["answers"]] == [
        ("general", "maintained-3-4-unallocated"),
        ("inspection", "maintained-3-4-unallocated"),
    ]
    assert (item["cure"], item["category"]) == ("Allocate a system leader", 4)
    await abbey.do(
        lambda uow: appointments.allocate_system_leader(
            uow, "900003", person_id=abbey.people["leader"], from_date=date(2024, 1, 22), until=None
        )
    )
    assert [each["kind"] for each in await items(ask)] == ["not-told"]


async def test_a_change_of_category_or_rule_at_the_desk_makes_no_school_younger(ask: Ask, abbey: Authority) -> None:
    """W-15: the age is that of the desk's answers, whatever rule gives them."""
    await falls(abbey, "900003", WEDNESDAY)
    await abbey.on(date(2024, 2, 1))
    await abbey.publish("900003", date(2024, 2, 1), headline=3)
    await abbey.on(date(2024, 3, 1))
    await abbey.do(
        lambda uow: appointments.move_head(uow, abbey.people["leader"], to_urn="900003", on=date(2024, 3, 1))
    )
    await abbey.do(
        lambda uow: _allocate(uow, abbey, "newcomer", "900003", date(2024, 3, 1)),
    )
    assert [each for each in await items(ask) if each["kind"] == "desk-answers"] == []
    [allocation] = [each for each in await _allocations(abbey) if each[0] == "900003"]
    await abbey.on(date(2024, 4, 1))
    await abbey.do(lambda uow: appointments.end_allocation(uow, allocation[1], ended_on=date(2024, 4, 1)))
    [item] = [each for each in await items(ask) if each["kind"] == "desk-answers"]
    assert (item["since"], item["category"]) == ("2024-04-01", 3)
    await abbey.on(date(2024, 5, 1))
    await abbey.publish("900003", date(2024, 5, 1), headline=4)
    [item] = [each for each in await items(ask) if each["kind"] == "desk-answers"]
    assert (item["since"], item["category"]) == ("2024-04-01", 4)


async def _allocate(uow: Any, abbey: Authority, who: str, urn: str, day: date) -> object:
    return await appointments.allocate_system_leader(uow, urn, person_id=abbey.people[who], from_date=day, until=None)


async def _allocations(abbey: Authority) -> list[Any]:
    async with abbey.store.unit() as uow:
        return [tuple(row) for row in await uow.rows("select urn, allocation_id from allocation")]


async def test_a_system_leader_who_becomes_head_of_her_school_shows_in_the_queue(ask: Ask, abbey: Authority) -> None:
    """W-18: the bar holds after the allocation too."""
    await falls(abbey, "900002", WEDNESDAY)
    assert await items(ask) == []
    await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["leader"], to_urn="900002", on=WEDNESDAY))
    [item] = await items(ask)
    assert {each["rule"] for each in item["answers"]} == {"system-leader-heads-school"}
    assert item["cure"].startswith("End the allocation")


async def test_an_academy_waits_for_one_matter_only(ask: Ask, abbey: Authority) -> None:
    """W-19: its trust's chief executive heads it, and the chair still speaks in general."""
    await abbey.on(WEDNESDAY)
    await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["chief"], to_urn="900011", on=WEDNESDAY))
    [item] = await items(ask)
    assert [(each["matter"], each["rule"]) for each in item["answers"]] == [
        ("inspection", "trust-contact-heads-school")
    ]
    assert "School Improvement Partner" in item["cure"]
    assert "(`trust_contacts` of a take-on, `consortia take-on FILE`)" in item["cure"]
    assert "`consortia take-on FILE`" in cure_of("trust-no-contact")


async def test_schools_in_no_body_and_of_unknown_type_are_listed(ask: Ask, abbey: Authority) -> None:
    """R0.3"""
    await abbey.on(WEDNESDAY)
    new = [line("900005"), line("900006", type_code="77"), line("900007", type_code="34", trust_id="7001")]
    await abbey.do(lambda uow: keep_schools(uow, new))
    await abbey.publish("900005", WEDNESDAY, headline=4, number="N5")
    await abbey.do(lambda uow: _allocate(uow, abbey, "leader", "900005", WEDNESDAY))
    found = {(each["kind"], each["urn"]): each for each in await items(ask)}
    unknown = found["desk-answers", "900006"]
    assert {each["rule"] for each in unknown["answers"]} == {"type-unknown"}
    assert found["desk-answers", "900007"]["cure"] == "Put the school into a body"
    assert ("no-body", "900007") not in found  # the desk answers by that rule already
    assert found["no-body", "900005"]["cure"] == "Put the school into a body"
    joined = [Membership(abbey.body_id, urn, WEDNESDAY, None, True) for urn in ("900005", "900007")]
    await abbey.do(lambda uow: take_on(uow, TakenOn(authority="937", memberships=joined)))
    left = {each["urn"] for each in await items(ask) if each["kind"] != "not-told"}
    assert left == {"900006"}


async def test_what_waits_for_the_school_to_be_told_is_listed_with_its_age(ask: Ask, abbey: Authority) -> None:
    """R0.8"""
    await abbey.on(WEDNESDAY)
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, "900002", category=3, from_date=WEDNESDAY, reason="Why", review_on=None, set_by="officer"
        )
    )
    await abbey.on(date(2024, 1, 12))
    [item] = await items(ask)
    assert (item["kind"], item["since"], item["days"], item["changes"]) == ("not-told", "2024-01-10", 2, 1)
    assert item["cure"] == "Tell the school, and record that it was told"
    await abbey.do(
        lambda uow: la_category.record_school_told(uow, "900002", told_on=date(2024, 1, 12), told_by="officer")
    )
    assert await items(ask) == []


async def test_an_inspection_call_that_reached_the_desk_comes_before_everything(ask: Ask, abbey: Authority) -> None:
    """W-16"""
    await falls(abbey, "900003", date(2023, 12, 1))
    await abbey.on(WEDNESDAY)
    call = (await abbey.do(lambda uow: inspection_calls.start(uow, "900011", started_by="head"))).call
    assert [each["kind"] for each in await items(ask)] == ["desk-answers"]
    await time_passes(abbey, date(2024, 1, 11))
    found = await items(ask)
    assert [(each["kind"], each["urn"]) for each in found] == [
        ("inspection-call", "900011"),
        ("desk-answers", "900003"),
    ]
    assert (found[0]["call_id"], found[0]["days"]) == (str(call.call_id), 0)
    improvement = (await ask(f"/inspection-calls/{call.call_id}", IMPROVEMENT)).json()
    assert improvement["speaker"]["role"] == "duty-desk"
    await abbey.do(lambda uow: inspection_calls.accept(uow, call.call_id, person_id=None, by="officer"))
    assert [each["kind"] for each in await items(ask)] == ["desk-answers"]


async def test_a_call_at_the_council_s_improvement_desk_is_in_the_queue_from_its_first_minute(
    ask: Ask, abbey: Authority
) -> None:
    """W-16: in Bristol that desk is the first to be asked, and its time runs."""
    await abbey.on(WEDNESDAY)
    await abbey.do(
        lambda uow: policies.adopt_routing_policy(
            uow, "937", name="bristol", from_date=WEDNESDAY, settings={}, reason="Agreed", adopted_by="officer"
        )
    )
    call = (await abbey.do(lambda uow: inspection_calls.start(uow, "900001", started_by="head"))).call
    found = next(each for each in await items(ask) if each["kind"] == "inspection-call")
    assert (found["urn"], found["desk"]) == ("900001", "improvement-desk")
    assert found["cure"].startswith("Accept the call for whoever of the desk talks to the inspectors")
    assert found["cure"].endswith("record the improvement desk with its mailbox (`desks` of a take-on)")
    assert (await ask(f"/inspection-calls/{call.call_id}", IMPROVEMENT)).status_code == 200
    await abbey.do(lambda uow: inspection_calls.accept(uow, call.call_id, person_id=None, by="officer"))
    assert not [each for each in await items(ask) if each["kind"] == "inspection-call"]


async def at_the_improvement_desk(abbey: Authority) -> str:
    await abbey.on(WEDNESDAY)
    await abbey.do(
        lambda uow: policies.adopt_routing_policy(
            uow, "937", name="bristol", from_date=WEDNESDAY, settings={}, reason="Agreed", adopted_by="officer"
        )
    )
    return str((await abbey.do(lambda uow: inspection_calls.start(uow, "900001", started_by="head"))).call.call_id)


async def listed(ask: Ask, who: dict[str, Any], **query: Any) -> list[str]:
    return [each["call_id"] for each in (await ask("/inspection-calls", who, **query)).json()]


async def test_the_improvement_desk_lists_its_calls_and_accepts_for_itself(ask: Ask, abbey: Authority) -> None:
    """W-16"""
    call = await at_the_improvement_desk(abbey)
    assert await listed(ask, IMPROVEMENT) == [call]
    assert await listed(ask, IMPROVEMENT, authority="801") == []
    accepted = await ask(f"/inspection-calls/{call}/accept", IMPROVEMENT, {})
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted"), accepted.text


async def test_the_improvement_desk_says_that_it_cannot_and_the_duty_desk_accepts(ask: Ask, abbey: Authority) -> None:
    """W-16"""
    call = await at_the_improvement_desk(abbey)
    assert (await ask(f"/inspection-calls/{call}/cannot", IMPROVEMENT, {}, authority="801")).status_code == 404
    passed = await ask(f"/inspection-calls/{call}/cannot", IMPROVEMENT, {})
    assert passed.json()["speaker"]["role"] == "duty-desk", passed.text
    assert (await ask(f"/inspection-calls/{call}/accept", IMPROVEMENT, {})).json()["state"] == "accepted"


async def test_school_improvement_answers_for_no_person(ask: Ask, abbey: Authority) -> None:
    """W-16, R0.8: once a desk was asked it knows of the call, and whoever accepts late after all is not its to answer for."""
    await abbey.on(WEDNESDAY)
    call = (await abbey.do(lambda uow: inspection_calls.start(uow, "900011", started_by="head"))).call
    path = f"/inspection-calls/{call.call_id}"
    assert await listed(ask, IMPROVEMENT) == []
    assert (await ask(f"{path}/cannot", IMPROVEMENT, {})).status_code == 404
    await time_passes(abbey, date(2024, 1, 11))
    assert await listed(ask, IMPROVEMENT) == [str(call.call_id)]
    chief = {"person_id": str(abbey.people["chief"])}
    assert (await ask(f"{path}/accept", IMPROVEMENT, chief)).status_code == 403
    assert (await ask(f"{path}/accept", OFFICER, chief)).status_code == 200
    for act in ("accept", "cannot"):
        refused = await ask(f"{path}/{act}", IMPROVEMENT, {})
        assert (refused.status_code, refused.json()["detail"]) == (
            409,
            "No desk of the council is asked now: a person is, and answers herself, or an officer for her",
        )
    assert (await ask(path, IMPROVEMENT)).json()["state"] == "accepted"


async def _many_things(abbey: Authority) -> None:
    await falls(abbey, "900003", date(2023, 12, 1))
    await falls(abbey, "900004", date(2023, 12, 20))
    await abbey.on(WEDNESDAY)
    [deputy] = [each for each in await _terms(abbey) if each[1] == "deputy"]
    await abbey.do(lambda uow: offices.end_office(uow, deputy[0], ended_on=WEDNESDAY, reason="Moved"))  # 900001
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, "900002", category=3, from_date=WEDNESDAY, reason="Why", review_on=None, set_by="officer"
        )
    )
    await abbey.do(lambda uow: keep_schools(uow, [line("900006", type_code="77")]))
    await abbey.do(lambda uow: inspection_calls.start(uow, "900003", started_by="head"))


async def _terms(abbey: Authority) -> list[Any]:
    async with abbey.store.unit() as uow:
        return [tuple(row) for row in await uow.rows("select term_id, post from term")]


EXPECTED = [
    ("inspection-call", "900003"),
    ("desk-answers", "900003"),
    ("desk-answers", "900004"),
    ("desk-answers", "900001"),
    ("desk-answers", "900006"),
    ("not-told", "900002"),
    ("no-body", "900006"),
]


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_pages_follow_one_another_without_gap_or_repetition(ask: Ask, abbey: Authority, limit: int) -> None:
    await _many_things(abbey)
    seen: list[tuple[str, str]] = []
    page = await queue(ask, limit=limit)
    while True:
        seen += [(each["kind"], each["urn"]) for each in page["items"]]
        assert len(page["items"]) <= limit
        if page["next"] is None:
            break
        page = await queue(ask, limit=limit, after=page["next"])
    assert seen == EXPECTED


async def test_a_queue_ten_times_as_long_takes_the_same_number_of_statements(ask: Ask, abbey: Authority) -> None:
    """No query in a loop."""
    with counted(abbey.store) as few:
        await queue(ask)
    await abbey.do(lambda uow: keep_schools(uow, [line(f"91{n:04}", type_code="77") for n in range(30)]))
    with counted(abbey.store) as many:
        assert len(await items(ask)) == 60
    assert 0 < len(many) == len(few) <= len(Kind) + 1


async def test_only_school_improvement_sees_the_queue_and_only_its_own(ask: Ask, abbey: Authority) -> None:
    """R0.8: allocations and what is held back show in it."""
    head = {"roles": ["headteacher"], "urns": ["900003"]}
    for who in (FINANCE, OPS, head, {"roles": ["clerk"]}, {"roles": ["rd.liaison"]}):
        assert (await ask("/authorities/937/desk-queue", who)).status_code == 403
    assert (await ask("/authorities/801/desk-queue", OFFICER)).status_code == 403
    assert (await ask("/authorities/937/desk-queue", IMPROVEMENT)).status_code == 200
    assert (await ask("/authorities/937/desk-queue?after=nowhere", OFFICER)).status_code == 422


async def test_what_the_register_cannot_say_of_a_continuing_school_waits_until_it_is_answered(
    ask: Ask, abbey: Authority
) -> None:
    """W-02: whoever enters a head has answered who heads the school."""
    asked = Question(new_id(), "head-of-continuing-school", "900003", START, "The head is not assumed")

    async def put(uow: UnitOfWork) -> None:
        await uow.execute("delete from headship where urn = '900003'")
        await asks.ask(uow, [asked])

    await abbey.do(put)
    [item] = [each for each in await items(ask) if each["kind"] == "question"]
    assert (item["urn"], item["ask_id"], item["why"]) == ("900003", str(asked.ask_id), "The head is not assumed")
    assert item["cure"].startswith("Enter what the question asks for")
    head = Headship(abbey.people["newcomer"], "900003", START, None)
    await abbey.do(lambda uow: people.add_headships(uow, [head]))
    assert [each for each in await items(ask) if each["kind"] == "question"] == []
