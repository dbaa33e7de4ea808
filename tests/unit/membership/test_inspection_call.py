"""An urgent request while a school is inspected: the line, the answers, the time in school hours (W-16)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from services.membership.domain import inspection_call as calls
from services.membership.domain.adopted import always
from services.membership.domain.inspection_call import (
    Answer,
    Call,
    CallIsClosed,
    CloseNeedsReason,
    HeadsTheInspectedSchool,
    IsNoLongerAsked,
    LastInLine,
    SaidCannot,
    SomebodyAccepted,
    line,
)
from services.membership.domain.representation import Circumstances, Role, Speaker
from services.membership.domain.routing_policy import BRISTOL
from services.membership.domain.school_hours import NoSchoolHours, SchoolHours, answer_by, minutes_between
from tests.unit.membership.known import (
    ABBEY,
    DAY,
    URN,
    a_school,
    a_term,
    allocated,
    an_academy,
    circumstances,
    heads_it,
    person,
    trust_contact,
)

CHIEF, PARTNER = "chief-executive", "school-improvement-partner"
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
ONE = NOON + timedelta(hours=1)


def in_line(around: Circumstances, category: int = 2) -> list[tuple[Role, object]]:
    return [(each.role, each.person_id) for each in line(around, DAY, category)]


DESK = (Role.DUTY_DESK, None)


def test_a_chair_is_followed_by_her_deputy_and_the_deputy_by_the_duty_desk() -> None:
    """W-16, W-17"""
    assert in_line(circumstances()) == [
        (Role.CHAIR, person("the chair")),
        (Role.DEPUTY, person("the deputy")),
        DESK,
    ]


def test_a_chief_executive_is_followed_by_the_partner_and_never_by_the_chair() -> None:
    """W-16, W-19"""
    both = (trust_contact(CHIEF, "the chief"), trust_contact(PARTNER, "the partner"))
    assert in_line(circumstances(an_academy(), trust_contacts=both)) == [
        (Role.TRUST_CHIEF_EXECUTIVE, person("the chief")),
        (Role.SCHOOL_IMPROVEMENT_PARTNER, person("the partner")),
        DESK,
    ]


def test_a_system_leader_is_followed_by_the_duty_desk_and_never_by_the_chair() -> None:
    """W-16, W-18"""
    around = circumstances(allocations=(allocated("the leader"),))
    assert in_line(around, category=4) == [(Role.SYSTEM_LEADER, person("the leader")), DESK]


def test_nobody_in_line_heads_the_school() -> None:
    """W-16, R0.3"""
    assert in_line(circumstances(headships=(heads_it("the chair"),))) == [(Role.DEPUTY, person("the deputy")), DESK]
    assert in_line(circumstances(headships=(heads_it("the deputy"),))) == [(Role.CHAIR, person("the chair")), DESK]
    both = (trust_contact(CHIEF, "the chief"), trust_contact(PARTNER, "the partner"))
    around = circumstances(an_academy(), trust_contacts=both, headships=(heads_it("the partner"),))
    assert in_line(around) == [(Role.TRUST_CHIEF_EXECUTIVE, person("the chief")), DESK]


def test_of_a_school_that_is_shut_only_the_duty_desk_is_asked() -> None:
    """W-16, R0.3: nobody speaks for it."""
    assert in_line(circumstances(a_school(closed_on=DAY + timedelta(days=1))))[0][0] is Role.CHAIR
    assert in_line(circumstances(a_school(closed_on=DAY))) == [DESK]


def test_one_person_in_two_posts_is_asked_once() -> None:
    """W-16"""
    one = (trust_contact(CHIEF, "the chief"), trust_contact(PARTNER, "the chief"))
    assert in_line(circumstances(an_academy(), trust_contacts=one)) == [
        (Role.TRUST_CHIEF_EXECUTIVE, person("the chief")),
        DESK,
    ]


def test_where_the_policy_names_a_trust_its_people_are_asked_and_where_it_names_a_desk_the_duty_desk_is_next() -> None:
    """W-16; Bristol's policy."""
    both = (trust_contact(CHIEF, "the chief"), trust_contact(PARTNER, "the partner"))
    assert in_line(circumstances(an_academy(), policies=always(BRISTOL), trust_contacts=both)) == [
        (Role.TRUST_CHIEF_EXECUTIVE, person("the chief")),
        (Role.SCHOOL_IMPROVEMENT_PARTNER, person("the partner")),
        DESK,
    ]
    assert in_line(circumstances(an_academy(), policies=always(BRISTOL))) == [DESK]
    assert in_line(circumstances(a_school(), policies=always(BRISTOL))) == [(Role.IMPROVEMENT_DESK, None), DESK]


@pytest.mark.parametrize("around", [circumstances(terms=()), circumstances(in_abbey=False)])
def test_the_line_of_a_school_that_nobody_speaks_for_is_the_duty_desk(around: Circumstances) -> None:
    """W-15, W-16"""
    assert in_line(around) == [DESK]


ORDERED = line(circumstances(), DAY, 2)


def a_call() -> Call:
    call = Call(uuid4(), URN, "937", DAY, NOON, uuid4())
    return ask_next(call)


def ask_next(call: Call, ordered: list[Speaker] = ORDERED) -> Call:
    speaker = calls.next_in_line(call, ordered)
    return calls.ask(call, speaker, speaker.person_id, NOON, NOON + timedelta(minutes=30))


def answers(call: Call) -> list[tuple[Role, Answer]]:
    return [(each.role, each.answer) for each in call.asked]


def test_the_speaker_is_asked_and_the_next_stands_in() -> None:
    """W-16"""
    call = a_call()
    assert answers(call) == [(Role.CHAIR, Answer.WAITING)]
    stand_in = calls.after(ORDERED, call)
    assert stand_in is not None
    assert stand_in.role is Role.DEPUTY


def test_who_cannot_is_followed_by_the_next_in_line_down_to_the_duty_desk() -> None:
    """W-16"""
    call = calls.cannot(a_call(), 1, by="the chair")
    assert calls.needs_somebody(call)
    call = ask_next(call)
    call = ask_next(calls.cannot(call, 2, by="an officer"))
    assert answers(call) == [
        (Role.CHAIR, Answer.CANNOT),
        (Role.DEPUTY, Answer.CANNOT),
        (Role.DUTY_DESK, Answer.WAITING),
    ]
    assert calls.after(ORDERED, call) is None
    assert call.asked[2].answer_by is None
    with pytest.raises(LastInLine):
        calls.cannot(call, 3, by="an officer")


def test_time_runs_out_on_the_minute_and_not_before() -> None:
    """W-16"""
    call = a_call()
    half_past = NOON + timedelta(minutes=30)
    assert calls.run_out(call, half_past - timedelta(seconds=1)) == call
    assert answers(calls.run_out(call, half_past)) == [(Role.CHAIR, Answer.NO_ANSWER)]


def test_time_does_not_run_out_on_the_duty_desk_nor_after_somebody_accepted_nor_on_a_closed_call() -> None:
    """W-16"""
    desk = ask_next(a_call(), [ORDERED[-1]])
    desk = replace(desk, asked=desk.asked[1:])
    assert calls.run_out(desk, NOON + timedelta(days=9)) == desk
    accepted = calls.accept(a_call(), 1, by="she", heads_it=False)
    assert calls.run_out(accepted, ONE) == accepted
    closed = calls.close(a_call(), DAY, "published")
    assert calls.run_out(closed, ONE) == closed


def test_a_call_waits_for_the_clock_only_where_whoever_is_asked_was_asked_before_it_jumped() -> None:
    """W-16, D3.10"""
    call = a_call()
    assert calls.waits_for_the_clock(call, DAY + timedelta(days=1))
    assert not calls.waits_for_the_clock(call, DAY)  # by the same clock
    assert not calls.waits_for_the_clock(call, None)
    late = DAY + timedelta(days=9)
    assert not calls.waits_for_the_clock(calls.accept(call, 1, by="she", heads_it=False), late)
    assert not calls.waits_for_the_clock(calls.close(call, DAY, "published"), late)
    assert not calls.waits_for_the_clock(ask_next(calls.cannot(call, 1, by="she"), [ORDERED[-1]]), late)  # the desk


def test_who_let_her_time_run_out_may_still_accept_and_then_nobody_else_is_needed() -> None:
    """W-16"""
    call = ask_next(calls.run_out(a_call(), ONE))
    call = calls.accept(call, 1, by="the chair", heads_it=False)
    assert answers(call) == [(Role.CHAIR, Answer.ACCEPTED), (Role.DEPUTY, Answer.NOT_NEEDED)]
    with pytest.raises(SomebodyAccepted, match="The chair has accepted already"):
        calls.accept(call, 2, by="the deputy", heads_it=False)
    with pytest.raises(IsNoLongerAsked):
        calls.cannot(call, 2, by="the deputy")


def test_saying_the_same_twice_changes_nothing() -> None:
    """W-16"""
    accepted = calls.accept(a_call(), 1, by="she", heads_it=False)
    assert calls.accept(accepted, 1, by="she", heads_it=False) == accepted
    refused = calls.cannot(a_call(), 1, by="she")
    assert calls.cannot(refused, 1, by="she") == refused


def test_who_said_that_she_cannot_does_not_accept_afterwards() -> None:
    with pytest.raises(SaidCannot):
        calls.accept(calls.cannot(a_call(), 1, by="she"), 1, by="she", heads_it=False)


def test_who_accepted_and_then_cannot_is_followed_by_the_next_and_who_was_not_needed_is_asked_again() -> None:
    """W-16"""
    call = ask_next(calls.run_out(a_call(), ONE))
    call = calls.accept(call, 1, by="the chair", heads_it=False)
    call = calls.cannot(call, 1, by="the chair")
    assert calls.needs_somebody(call)
    assert ask_next(call).asked[-1].role is Role.DEPUTY


def test_who_has_become_head_of_the_school_since_does_not_accept() -> None:
    """W-16, R0.3"""
    with pytest.raises(HeadsTheInspectedSchool, match=URN):
        calls.accept(a_call(), 1, by="she", heads_it=True)


def test_a_closed_call_takes_no_more_answers() -> None:
    """W-16"""
    closed = calls.close(a_call(), DAY, "officer", "Ofsted put it off")
    with pytest.raises(CallIsClosed, match="1 March 2024"):
        calls.accept(closed, 1, by="she", heads_it=False)
    with pytest.raises(CallIsClosed):
        calls.cannot(closed, 1, by="she")
    with pytest.raises(CallIsClosed):
        calls.close(closed, DAY, "officer", "again")


def test_when_a_call_is_closed_whoever_was_still_asked_is_not_needed() -> None:
    """W-16"""
    assert answers(calls.close(a_call(), DAY, "published")) == [(Role.CHAIR, Answer.NOT_NEEDED)]


def test_an_officer_closes_with_a_reason_only() -> None:
    """W-16"""
    with pytest.raises(CloseNeedsReason):
        calls.close(a_call(), DAY, "officer", "  ")


CALLED = date(2024, 3, 4)


@pytest.mark.parametrize(
    ("started", "published", "its_own"),
    [
        (date(2024, 3, 5), date(2024, 4, 10), True),  # called the day before
        (date(2024, 3, 4), date(2024, 4, 10), True),  # without notice
        (date(2024, 2, 26), date(2024, 4, 10), True),  # recorded late
        (date(2024, 2, 25), date(2024, 4, 10), False),  # an earlier inspection
        (date(2024, 2, 27), date(2024, 3, 4), False),  # out by the day of the call
    ],
)
def test_a_report_closes_the_call_that_came_with_its_inspection(started: date, published: date, its_own: bool) -> None:
    """W-16"""
    assert calls.is_its_report(CALLED, started, published) is its_own


def monday_to_friday(day: date) -> bool:
    return day.weekday() < 5


def london(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2024, before the clocks change: London is UTC."""
    return datetime(2024, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        (london(1, 9), london(1, 9, 30)),
        (london(1, 7), london(1, 8, 30)),  # before school: from eight on
        (london(1, 16, 30), london(1, 17)),
        (london(1, 16, 45), london(4, 8, 15)),  # Friday afternoon: the rest on Monday
        (london(1, 18), london(4, 8, 30)),
        (london(2, 12), london(4, 8, 30)),  # a Saturday
    ],
)
def test_minutes_count_in_school_hours_only(asked: datetime, by: datetime) -> None:
    """W-16"""
    assert answer_by(asked, SchoolHours(), monday_to_friday) == by


def test_a_holiday_is_passed_over() -> None:
    """W-16"""
    assert answer_by(london(28, 16, 45), SchoolHours(), lambda day: day != date(2024, 3, 29)) == london(30, 8, 15)


def test_hours_are_londons_on_both_sides_of_a_change_of_the_clocks() -> None:
    """D3.10: on 31 March 2024 the clocks went forward."""
    friday = london(29, 16, 45)
    assert answer_by(friday, SchoolHours(), monday_to_friday) == datetime(2024, 4, 1, 7, 15, tzinfo=UTC)


def test_an_authority_whose_schools_never_open_waits_for_a_year_at_most() -> None:
    assert answer_by(NOON, SchoolHours(), lambda day: False) == NOON + timedelta(days=366)


def test_the_minutes_taken_are_those_in_school_hours() -> None:
    """W-16"""
    assert minutes_between(london(1, 16, 45), london(4, 8, 10), SchoolHours(), monday_to_friday) == 25
    assert minutes_between(london(2, 9), london(3, 9), SchoolHours(), monday_to_friday) == 0


def test_school_hours_that_are_none_are_refused() -> None:
    with pytest.raises(NoSchoolHours, match="17:00 until 08:00"):
        SchoolHours(30, time(17), time(8))


def test_an_acting_chair_is_asked_where_the_chair_is_vacant() -> None:
    """W-16, W-17"""
    terms = (a_term("acting-chair", "the actor", body=ABBEY), a_term("deputy", "the deputy", body=ABBEY))
    assert in_line(circumstances(terms=terms))[:2] == [
        (Role.CHAIR, person("the actor")),
        (Role.DEPUTY, person("the deputy")),
    ]
