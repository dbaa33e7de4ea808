"""Urgent requests while a school is inspected: who is asked, who answers, who may know (W-16, R0.8)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from services.membership.call_metrics import CALL_MINUTES
from services.membership.call_watch import Watch
from services.membership.domain.category import Outcome
from services.membership.domain.inspection_call import SomebodyAccepted
from services.membership.use_cases import appointments, inspection_calls, la_category, offices
from services.membership.use_cases.inspection_calls import Look
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from services.membership.use_cases.withdraw_outcome import withdraw_outcome
from shared.refusal import Refusal
from shared.store import UnitOfWork
from tests.store.membership.asking import FINANCE, OFFICER, OPS, Ask, asking
from tests.store.membership.conftest import Authority

SCHOOL, LED, ACADEMY = "900003", "900002", "900011"
WEDNESDAY, THURSDAY, FRIDAY = date(2024, 1, 10), date(2024, 1, 11), date(2024, 1, 12)
HEAD: dict[str, Any] = {"roles": ["headteacher"], "urns": [SCHOOL]}
ANOTHER_HEAD: dict[str, Any] = {"roles": ["headteacher"], "urns": ["900004"]}
IMPROVEMENT: dict[str, Any] = {"roles": ["la.school-improvement"]}
ROUNDS = 20


@pytest.fixture
async def ask(abbey: Authority, tmp_path: Path) -> AsyncIterator[Ask]:
    await abbey.on(WEDNESDAY)
    client, send = asking(abbey.store, tmp_path)
    async with client:
        yield send


def signed_in_as(person_id: UUID, *roles: str) -> dict[str, Any]:
    return {"subject": str(person_id), "roles": list(roles)}


async def started(ask: Ask, urn: str = SCHOOL, who: dict[str, Any] = OFFICER) -> dict[str, Any]:
    answer = await ask(f"/schools/{urn}/inspection-calls", who, {})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def time_passes(abbey: Authority, day: date) -> int:
    """The clock goes to that day, and the timer does what there is to do."""
    await abbey.on(day)
    done = 0
    while await abbey.do(Look()):
        done += 1
    return done


def asked(card: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["role"], each["answer"]) for each in card["asked"]]


async def the_desk_is(abbey: Authority, ask: Ask) -> None:
    desk = {
        "desk": "duty-desk",
        "mailbox": "duty@example.org",
        "telephone": "01632 960001",
        "officer_of_the_day": str(abbey.people["officer"]),
    }
    taken = await ask("/take-on", {"roles": ["la.officer"]}, {"authority": "937", "desks": [desk]})
    assert taken.status_code == 201


async def test_a_head_is_shown_at_once_whom_to_ring_and_who_stands_in_and_the_speaker_is_asked(
    ask: Ask, abbey: Authority
) -> None:
    """W-16"""
    await abbey.forget_said()
    card = await started(ask, who=HEAD)
    assert card["speaker"]["role"] == "chair"
    assert card["speaker"]["person"]["name"] == "Invented chair"
    assert card["stand_in"]["person"]["name"] == "Invented deputy"
    assert (card["state"], asked(card)) == ("asking", [("chair", "waiting")])
    [said] = await abbey.said()
    assert (said.type, said.key, said.sensitivity) == ("inspection-call.asked", f"937/school/{SCHOOL}", "restricted")
    assert said.data == {
        "call_id": card["call_id"],
        "urn": SCHOOL,
        "person_id": str(abbey.people["chair"]),
        "role": "chair",
        "asked_at": "2024-01-10T12:00:00Z",
        "answer_by": "2024-01-10T12:30:00Z",
        "place_in_line": 1,
        "desk_asked": False,
    }


async def test_started_again_it_is_the_same_call_and_nobody_is_asked_twice(ask: Ask, abbey: Authority) -> None:
    """W-16"""
    first = await started(ask, who=HEAD)
    assert (await started(ask))["call_id"] == first["call_id"]
    assert len(await abbey.said("inspection-call.asked")) == 1


@pytest.mark.parametrize(
    ("urn", "role", "who"),
    [(LED, "chair", "chair"), (ACADEMY, "trust-chief-executive", "chief"), ("900001", "deputy", "deputy")],
)
async def test_the_first_in_line_is_whoever_speaks_about_an_inspection(
    ask: Ask, abbey: Authority, urn: str, role: str, who: str
) -> None:
    """W-16, W-17, W-19: Abbey's chair heads 900001."""
    card = await started(ask, urn)
    speaker = (await ask(f"/schools/{urn}/speaker?matter=inspection", OFFICER)).json()
    assert (card["speaker"]["role"], card["speaker"]["person"]["person_id"]) == (role, str(abbey.people[who]))
    assert (speaker["role"], speaker["person_id"]) == (role, str(abbey.people[who]))


async def test_a_weak_schools_system_leader_is_asked_and_the_duty_desk_stands_in(ask: Ask, abbey: Authority) -> None:
    """W-16, W-18"""
    await the_desk_is(abbey, ask)
    await abbey.publish(LED, WEDNESDAY, headline=4)
    card = await started(ask, LED)
    assert card["speaker"]["person"]["person_id"] == str(abbey.people["leader"])
    assert (card["stand_in"]["role"], card["stand_in"]["desk"]["telephone"]) == ("duty-desk", "01632 960001")


async def test_what_the_school_was_not_told_does_not_decide_who_comes_to_it(ask: Ask, abbey: Authority) -> None:
    """R0.8: a system leader at the door would show the authority's own entry."""
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, LED, category=4, from_date=WEDNESDAY, reason="Why", review_on=None, set_by="officer"
        )
    )
    card = await started(ask, LED)
    assert card["speaker"]["role"] == "chair"
    assert "held back" in card["note"]
    head = {"roles": ["headteacher"], "urns": [LED]}
    assert "note" not in (await ask(f"/inspection-calls/{card['call_id']}", head)).json()


async def test_who_cannot_says_so_herself_and_the_next_is_asked_at_once(ask: Ask, abbey: Authority) -> None:
    """W-16"""
    card = await started(ask)
    chair = signed_in_as(abbey.people["chair"], "chair")
    answered = (await ask(f"/inspection-calls/{card['call_id']}/cannot", chair, {})).json()
    assert asked(answered) == [("chair", "cannot"), ("deputy", "waiting")]
    assert answered["stand_in"]["role"] == "duty-desk"
    last = (await abbey.said("inspection-call.asked"))[-1]
    assert (last.data["person_id"], last.data["place_in_line"]) == (str(abbey.people["deputy"]), 2)


async def test_no_answer_in_time_asks_the_next_in_line_down_to_the_duty_desk_where_nothing_runs_out(
    ask: Ask, abbey: Authority
) -> None:
    """W-16"""
    await the_desk_is(abbey, ask)
    card = await started(ask)
    assert await time_passes(abbey, WEDNESDAY) == 0
    assert await time_passes(abbey, THURSDAY) == 1
    assert await time_passes(abbey, THURSDAY) == 0
    assert await time_passes(abbey, FRIDAY) == 1
    assert await time_passes(abbey, date(2024, 1, 19)) == 0
    found = (await ask(f"/inspection-calls/{card['call_id']}", OFFICER)).json()
    assert asked(found) == [("chair", "no-answer"), ("deputy", "no-answer"), ("duty-desk", "waiting")]
    assert (found["answer_by"], found["stand_in"]) == (None, None)
    assert found["speaker"]["desk"]["officer_of_the_day"] == "Invented officer"
    said = await abbey.said("inspection-call.asked")
    assert [each.data["place_in_line"] for each in said] == [1, 2, 3]
    assert [each.data["desk_asked"] for each in said] == [False, False, True]
    assert said[-1].data["person_id"] == str(abbey.people["officer"])
    assert {each.correlation_id for each in said} == {said[0].correlation_id}
    async with abbey.store.unit() as uow:
        audited = await uow.rows("select who, subject from audit where what = 'inspection-call.no-answer'")
    assert [tuple(row) for row in audited] == [("membership", card["call_id"])] * 2


async def test_once_a_desk_was_asked_every_record_of_the_call_says_so(ask: Ask, abbey: Authority) -> None:
    """W-16: whoever passes it on knows by that whether the desk's office may hear of it."""
    card = await started(ask)
    for day in (THURSDAY, FRIDAY):
        await time_passes(abbey, day)
    await ask(f"/inspection-calls/{card['call_id']}/accept", OFFICER, {"person_id": str(abbey.people["deputy"])})
    await ask(f"/inspection-calls/{card['call_id']}/close", OFFICER, {"reason": "Ofsted put it off"})
    for what in ("accepted", "closed"):
        [said] = await abbey.said(f"inspection-call.{what}")
        assert said.data["desk_asked"], what


async def test_the_line_is_todays_when_the_next_is_asked(ask: Ask, abbey: Authority) -> None:
    """W-16: the deputy's term ended meanwhile, and the newcomer is deputy now."""
    card = await started(ask)
    await abbey.do(
        lambda uow: offices.change_office(
            uow,
            abbey.body_id,
            post="deputy",
            person_id=abbey.people["newcomer"],
            from_date=WEDNESDAY,
            route="meeting",
        )
    )
    answered = (await ask(f"/inspection-calls/{card['call_id']}/cannot", OFFICER, {})).json()
    assert answered["speaker"]["person"]["name"] == "Invented newcomer"


async def test_an_officer_answers_for_her_and_the_officers_name_is_recorded(ask: Ask, abbey: Authority) -> None:
    """W-16"""
    card = await started(ask)
    before = CALL_MINUTES._sum.get()
    officer = {"roles": ["la.officer"], "subject": "the officer"}
    path, body = f"/inspection-calls/{card['call_id']}/accept", {"person_id": str(abbey.people["chair"])}
    answered = (await ask(path, officer, body, key="once")).json()
    assert (answered["state"], answered["asked"][0]["answered_by"]) == ("accepted", "the officer")
    [said] = await abbey.said("inspection-call.accepted")
    assert (said.data["person_id"], said.sensitivity) == (str(abbey.people["chair"]), "restricted")
    assert CALL_MINUTES._sum.get() == before
    assert await time_passes(abbey, FRIDAY) == 0
    async with abbey.store.unit() as uow:
        assert await uow.value("select count(*) from audit where who = 'the officer'") == 1


async def test_the_minutes_taken_are_counted_once_for_the_service_and_kept_for_nobody(
    ask: Ask, abbey: Authority
) -> None:
    """W-16"""
    card = await started(ask)
    await abbey.on(THURSDAY)
    path, chair = f"/inspection-calls/{card['call_id']}/accept", signed_in_as(abbey.people["chair"], "chair")
    before = CALL_MINUTES._sum.get()
    first = await ask(path, chair, {}, key="once")
    assert (await ask(path, chair, {}, key="once")).headers["Idempotency-Replayed"] == "true"
    assert (await ask(path, chair, {}, key="again")).json() == first.json()
    assert CALL_MINUTES._sum.get() - before == 9 * 60
    assert not {"minutes", "answered_at", "asked_at"} & {name for each in first.json()["asked"] for name in each}
    async with abbey.store.unit() as uow:
        columns = await uow.rows(
            "select column_name from information_schema.columns where table_name = 'inspection_ask'"
        )
    assert "answered_at" not in {row.column_name for row in columns}


async def test_only_head_whoever_is_asked_and_officer_know_of_a_call(ask: Ask, abbey: Authority) -> None:
    """W-16, R0.8: to everybody else it doesn't exist."""
    card = await started(ask)
    path = f"/inspection-calls/{card['call_id']}"
    liaison = {"roles": ["rd.liaison"], "regions": ["West Midlands"]}
    finance_department = {"roles": ["department"], "departments": ["finance"]}
    strangers = [ANOTHER_HEAD, FINANCE, OPS, IMPROVEMENT, liaison, finance_department, signed_in_as(uuid4(), "chair")]
    strangers.append(signed_in_as(abbey.people["deputy"], "deputy"))  # not asked yet
    strangers.append(signed_in_as(abbey.people["officer"]))  # the desk's, and the desk is not asked yet
    for who in strangers:
        assert (await ask(path, who)).status_code == 404, who
        assert (await ask("/inspection-calls", who)).json() == [], who
        for act in ("accept", "cannot"):
            assert (await ask(f"{path}/{act}", who, {})).status_code == 404, who
        assert (await ask(f"{path}/close", who, {"reason": "Why"})).status_code == 403, who
    assert (await ask(path, OFFICER, authority="801")).status_code == 404
    for who in (HEAD, OFFICER, signed_in_as(abbey.people["chair"], "chair")):
        assert (await ask(path, who)).status_code == 200, who
        assert [each["call_id"] for each in (await ask("/inspection-calls", who)).json()] == [card["call_id"]]
    assert (await ask(f"{path}/accept", HEAD, {})).status_code == 403


async def test_a_head_starts_a_call_for_her_own_school_only(ask: Ask) -> None:
    """W-16"""
    assert (await ask(f"/schools/{SCHOOL}/inspection-calls", ANOTHER_HEAD, {})).status_code == 403
    assert (await ask(f"/schools/{SCHOOL}/inspection-calls", FINANCE, {})).status_code == 403
    reason = await ask(f"/schools/{SCHOOL}/inspection-calls", HEAD, {"reason": "They said why"})
    assert reason.status_code == 422


async def test_the_published_report_closes_the_call(ask: Ask, abbey: Authority) -> None:
    """W-16"""
    card = await started(ask)
    await abbey.forget_said()
    await abbey.publish(SCHOOL, WEDNESDAY, headline=2, number="earlier")  # out by the day of the call
    assert await time_passes(abbey, WEDNESDAY) == 0
    await abbey.on(date(2024, 1, 31))
    await abbey.publish(SCHOOL, date(2024, 1, 31), headline=2)  # began on the 1st: another inspection
    await abbey.do(
        lambda uow: inspection_calls.accept(uow, UUID(card["call_id"]), person_id=abbey.people["chair"], by="somebody")
    )
    assert await time_passes(abbey, date(2024, 1, 31)) == 0
    await abbey.on(date(2024, 2, 20))
    await _publish(abbey, SCHOOL, inspected=SCHOOL, began=THURSDAY, published=date(2024, 2, 20))
    assert await time_passes(abbey, date(2024, 2, 20)) == 1
    assert await time_passes(abbey, date(2024, 2, 20)) == 0
    found = (await ask(f"/inspection-calls/{card['call_id']}", HEAD)).json()
    assert (found["state"], found["closed_on"], found["closed_because"]) == ("closed", "2024-02-20", "published")
    [said] = await abbey.said("inspection-call.closed")
    assert (said.data["because"], said.data["desk_asked"], said.sensitivity) == ("published", False, "restricted")
    assert (await ask("/inspection-calls", OFFICER)).json() == []
    again = await started(ask)
    assert again["call_id"] != card["call_id"]


async def test_a_school_that_converts_in_the_middle_of_its_inspection_has_its_call_closed_too(
    ask: Ask, abbey: Authority
) -> None:
    """W-16, W-20: the report is listed for the academy, under the old school's number."""
    await started(ask, "900012")
    day = date(2024, 2, 20)
    await abbey.on(day)
    await _publish(abbey, "900012", inspected="900004", began=THURSDAY, published=day)
    assert await time_passes(abbey, day) == 2  # nobody had answered either
    assert (await ask("/inspection-calls", OFFICER)).json() == []


async def test_a_report_that_was_withdrawn_closes_nothing(ask: Ask, abbey: Authority) -> None:
    """W-16, R0.4: it was entered for the wrong school."""
    card = await started(ask)
    day = date(2024, 2, 20)
    await abbey.on(day)
    await _publish(abbey, SCHOOL, inspected=SCHOOL, began=THURSDAY, published=day)
    await abbey.do(lambda uow: withdraw_outcome(uow, "N1", "graded", reason="Another school", withdrawn_by="officer"))
    await time_passes(abbey, day)
    assert (await ask(f"/inspection-calls/{card['call_id']}", OFFICER)).json()["state"] == "asking"


async def _publish(abbey: Authority, urn: str, *, inspected: str, began: date, published: date) -> None:
    async def work(uow: UnitOfWork) -> None:
        outcome = Outcome(inspected, "N1", "graded", began, published, uow.now, headline=2)
        await record_outcomes(uow, [Published(urn, outcome)], take_on=False, source="test")

    await abbey.do(work)


async def test_a_report_that_was_another_schools_after_all_closes_nothing(ask: Ask, abbey: Authority) -> None:
    """W-16, R0.4: one inspection has one number, and what is known of it now counts."""
    card = await started(ask)
    day = date(2024, 2, 20)
    await abbey.on(day)
    await _publish(abbey, SCHOOL, inspected=SCHOOL, began=THURSDAY, published=day)
    await _publish(abbey, "900004", inspected="900004", began=THURSDAY, published=day)
    await time_passes(abbey, day)
    assert (await ask(f"/inspection-calls/{card['call_id']}", OFFICER)).json()["state"] == "asking"


async def test_an_officer_closes_a_call_with_a_reason_that_stays_here(ask: Ask, abbey: Authority) -> None:
    """W-16"""
    card = await started(ask)
    path = f"/inspection-calls/{card['call_id']}/close"
    assert (await ask(path, OFFICER, {"reason": " "})).status_code == 422
    closed = (await ask(path, OFFICER, {"reason": "Ofsted put it off"})).json()
    assert (closed["state"], closed["closed_because"], asked(closed)) == (
        "closed",
        "officer",
        [("chair", "not-needed")],
    )
    [said] = await abbey.said("inspection-call.closed")
    assert "Ofsted put it off" not in str(said.data)
    late = await ask(f"/inspection-calls/{card['call_id']}/accept", OFFICER, {})
    assert (late.status_code, late.json()["detail"]) == (409, "This inspection call was closed on 10 January 2024")


async def test_who_heads_the_school_by_now_does_not_accept(ask: Ask, abbey: Authority) -> None:
    """W-16, R0.3"""
    card = await started(ask)
    await abbey.do(
        lambda uow: appointments.move_head(uow, abbey.people["chair"], to_urn=SCHOOL, on=WEDNESDAY, from_urn=None)
    )
    answer = await ask(f"/inspection-calls/{card['call_id']}/accept", OFFICER, {})
    assert answer.status_code == 409
    assert "heads the school 900003 now" in answer.json()["detail"]


async def test_an_authority_sets_its_own_minutes_and_hours(ask: Ask, abbey: Authority) -> None:
    """W-16, R0.7"""
    path = "/authorities/937/settings"
    before = (await ask(path, OFFICER)).json()
    assert before["answer_minutes"] is None
    assert (before["term_dates_known_until"], before["term_dates"]) == (
        "2027-06-06",
        "term dates of 937 are known until 6 June 2027",
    )
    asked_for = {"answer_minutes": 60, "hours_from": "09:00", "hours_until": "12:30", "reason": "Agreed with heads"}
    assert (await ask(path, OFFICER, asked_for)).status_code == 201
    assert (await started(ask))["answer_by"] == "2024-01-11T09:30:00Z"
    wrong = await ask(path, OFFICER, {"hours_from": "18:00", "reason": "Late"})
    assert (wrong.status_code, "18:00 until 17:00" in wrong.json()["detail"]) == (422, True)
    assert (await ask(path, OFFICER)).json()["version"] == 1
    assert (await ask("/authorities/801/settings", OFFICER, {"reason": "Why"})).status_code == 403


async def outcome_of(work: Any) -> str:
    try:
        await work
    except Refusal as refusal:
        return type(refusal).__name__
    return "done"


async def _waiting_for_the_chair_and_the_deputy(abbey: Authority, day: date, next_day: date) -> UUID:
    await abbey.on(day)
    call = (await abbey.do(lambda uow: inspection_calls.start(uow, SCHOOL, started_by="head"))).call
    await time_passes(abbey, next_day)  # the chair's time runs out, the deputy is asked
    return call.call_id


def _answers(abbey: Authority, call_id: UUID) -> Any:
    async def read() -> list[str]:
        async with abbey.store.unit() as uow:
            rows = await uow.rows("select answer from inspection_ask where call_id = $1 order by place", call_id)
        return [row.answer for row in rows]

    return read()


async def _close(abbey: Authority, call_id: UUID) -> None:
    await abbey.do(lambda uow: inspection_calls.close(uow, call_id, reason="Next round", by="officer"))


async def test_of_two_people_who_accept_at_once_one_is_told_that_the_other_has(abbey: Authority) -> None:
    """W-16"""
    people = [abbey.people["chair"], abbey.people["deputy"]]
    for turn in range(ROUNDS):
        day, next_day = (date(2024, 1, 8 + number) for number in (0, 1))
        call_id = await _waiting_for_the_chair_and_the_deputy(abbey, day, next_day)
        await abbey.forget_said()
        works = [
            abbey.do(partial(inspection_calls.accept, call_id=call_id, person_id=person, by=str(person)))
            for person in (people if turn % 2 else people[::-1])
        ]
        done = await asyncio.gather(*map(outcome_of, works))
        assert sorted(done) == [SomebodyAccepted.__name__, "done"]
        assert sorted(await _answers(abbey, call_id)) in (["accepted", "not-needed"], ["accepted", "no-answer"])
        assert len(await abbey.said("inspection-call.accepted")) == 1
        await _close(abbey, call_id)


async def test_accepting_at_the_last_moment_and_the_timer_leave_one_who_speaks(abbey: Authority) -> None:
    """W-16: whoever comes first, the chair has accepted, and nobody waits to be answered."""
    for _ in range(ROUNDS):
        await abbey.on(WEDNESDAY)
        call = (await abbey.do(lambda uow: inspection_calls.start(uow, SCHOOL, started_by="head"))).call
        await abbey.on(THURSDAY)
        chair = partial(inspection_calls.accept, call_id=call.call_id, person_id=abbey.people["chair"], by="chair")
        done = await asyncio.gather(outcome_of(abbey.do(chair)), abbey.do(Look()), abbey.do(Look()))
        assert done[0] == "done"
        assert await _answers(abbey, call.call_id) in (["accepted"], ["accepted", "not-needed"])
        await _close(abbey, call.call_id)


async def test_two_timers_at_once_ask_one_person(abbey: Authority) -> None:
    """W-16: a lease that has run out lets two look at once."""
    for _ in range(ROUNDS):
        await abbey.on(WEDNESDAY)
        call = (await abbey.do(lambda uow: inspection_calls.start(uow, SCHOOL, started_by="head"))).call
        await abbey.on(THURSDAY)
        await asyncio.gather(*(abbey.do(Look()) for _ in range(3)))
        assert await _answers(abbey, call.call_id) == ["no-answer", "waiting"]
        await _close(abbey, call.call_id)


async def test_two_starts_at_once_are_one_call(abbey: Authority) -> None:
    """W-16"""
    await abbey.on(WEDNESDAY)
    for _ in range(ROUNDS):
        await abbey.forget_said()
        both = await asyncio.gather(
            *(abbey.do(lambda uow: inspection_calls.start(uow, SCHOOL, started_by="somebody")) for _ in range(2))
        )
        assert both[0].call == both[1].call
        assert len(await abbey.said("inspection-call.asked")) == 1
        await _close(abbey, both[0].call.call_id)


async def test_a_call_that_cannot_be_passed_on_keeps_no_other_waiting_and_is_tried_again(
    ask: Ask, abbey: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-16: somebody else's half hour is running."""
    stuck, other = (await started(ask))["call_id"], (await started(ask, LED))["call_id"]
    await abbey.on(THURSDAY)
    real = inspection_calls._ask_next

    async def fails(uow: UnitOfWork, before: Any, *given: Any) -> Any:
        if str(before.call_id) == stuck:
            raise KeyError("nobody thought of this")
        return await real(uow, before, *given)

    monkeypatch.setattr(inspection_calls, "_ask_next", fails)
    watch = Watch(abbey.store)
    with capture_logs() as said:
        while await watch.look():
            pass
    assert [each["call_id"] for each in said] == [stuck]
    asked_now = {call: asked((await ask(f"/inspection-calls/{call}", OFFICER)).json()) for call in (stuck, other)}
    assert (len(asked_now[stuck]), len(asked_now[other])) == (1, 2)
    monkeypatch.setattr(inspection_calls, "_ask_next", real)
    assert not await watch.look()
    watch._again_at = {call: 0.0 for call in watch._again_at}  # a minute later
    assert await watch.look()
    assert len(asked((await ask(f"/inspection-calls/{stuck}", OFFICER)).json())) == 2
