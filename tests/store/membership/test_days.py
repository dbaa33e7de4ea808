"""Days that bring something by themselves: schools open and close, dates that were set come."""

from datetime import date
from functools import partial
from uuid import uuid4

import pytest

from services.membership.domain.appointment import AlreadyInPost
from services.membership.domain.body import Membership
from services.membership.domain.doubtful_clock import ClockWaits
from services.membership.domain.links import Link
from services.membership.domain.school import Status
from services.membership.store.people import Person
from services.membership.use_cases import appointments, la_category
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.turn_days import turn_days
from tests.store.membership.conftest import START, Authority, line

CATEGORY, REASSIGNED, RECORDED = "category-in-force.changed", "representation.reassigned", "school.recorded"
NEW, OLD = "900020", "900004"
OPENING = date(2024, 4, 1)


async def _conversion(abbey: Authority, type_code: str = "34") -> None:
    """A school closes and an academy that continues it opens on the same day."""
    closing = line(OLD, closed_on=OPENING)
    opening = line(
        NEW, type_code=type_code, status=Status.PROPOSED, opened_on=OPENING, trust_id="7001", trust_name="Larch Trust"
    )
    await abbey.do(lambda uow: keep_schools(uow, [closing, opening]))
    await abbey.do(lambda uow: keep_links(uow, [Link(NEW, OLD, "Predecessor", None, "links", START)]))
    joining = TakenOn("937", memberships=[Membership(abbey.body_id, NEW, OPENING, None, True)])
    await abbey.do(lambda uow: take_on(uow, joining))


async def test_a_converter_inherits_the_outcome_on_its_opening_day_as_one_fact(abbey: Authority) -> None:
    await _conversion(abbey)
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(OLD, date(2024, 1, 10), headline=3)
    await abbey.forget_said()
    await abbey.on(OPENING)
    (category,) = await abbey.said(CATEGORY)
    assert (category.data["urn"], category.data["before"], category.data["after"]) == (NEW, None, 3)
    assert (category.data["because"], category.data["on"]) == ("inherited", "2024-04-01")
    assert category.sensitivity == "public"
    (reassigned,) = await abbey.said(REASSIGNED)
    assert reassigned.data["general_before"] is None
    assert reassigned.data["general_after"]["role"] == "trust"
    assert [(each.data["urn"], each.data["open"]) for each in await abbey.said(RECORDED)] == [(OLD, False), (NEW, True)]


async def test_a_school_answers_until_the_day_it_closes_and_its_successor_from_the_day_it_opens(
    abbey: Authority,
) -> None:
    await _conversion(abbey)
    await abbey.on(date(2024, 4, 9))  # days were missed
    assert await abbey.answers(OLD) == [(START, OPENING, "chair", abbey.people["chair"])]
    assert await abbey.answers(NEW) == [(OPENING, None, "chair", abbey.people["chair"])]


async def test_a_sponsor_led_academy_begins_with_no_category(abbey: Authority) -> None:
    await _conversion(abbey, type_code="28")
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(OLD, date(2024, 1, 10), headline=4)
    await abbey.forget_said()
    await abbey.on(OPENING)
    assert await abbey.said(CATEGORY) == []


async def test_an_outcome_of_a_predecessor_that_has_closed_is_told_of_the_school_that_inherits_it(
    abbey: Authority,
) -> None:
    await _conversion(abbey)
    await abbey.on(date(2024, 5, 1))
    await abbey.forget_said()
    await abbey.publish(NEW, date(2024, 5, 1), headline=3, inspected=OLD)
    outcome, category, _ = await abbey.said()
    assert (outcome.data["urn"], outcome.data["inherited_from_urn"]) == (NEW, OLD)
    assert (category.data["urn"], category.data["because"]) == (NEW, "inherited")
    assert outcome.correlation_id == category.correlation_id


async def test_an_outcome_listed_under_the_new_school_is_told_of_the_old_one_while_that_is_open(
    abbey: Authority,
) -> None:
    await _conversion(abbey)
    await abbey.on(date(2024, 2, 1))
    await abbey.forget_said()
    await abbey.publish(NEW, date(2024, 2, 1), headline=3, inspected=OLD)
    assert {each.key.rsplit("/", 1)[-1] for each in await abbey.said()} == {OLD}


async def test_a_fact_about_a_school_that_the_register_lacks_is_kept_and_counts_when_it_appears(
    abbey: Authority,
) -> None:
    await abbey.on(date(2024, 2, 1))
    await abbey.forget_said()
    (kept,) = await abbey.publish("900077", date(2024, 2, 1), headline=4)
    assert kept.new
    assert await abbey.said() == []
    await abbey.do(lambda uow: keep_schools(uow, [line("900077")]))
    (category,) = await abbey.said(CATEGORY, urn="900077")
    assert category.data["after"] == 4


async def test_an_entry_that_begins_later_stays_unsaid_until_its_day(abbey: Authority) -> None:
    await abbey.forget_said()
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, "900002", category=3, from_date=date(2024, 2, 1), reason="Why", review_on=None, set_by="officer"
        )
    )
    assert await abbey.said() == []
    await abbey.on(date(2024, 2, 1))
    said = await abbey.said()
    assert [each.type for each in said] == ["la-category.set", CATEGORY, REASSIGNED]
    assert len({each.correlation_id for each in said}) == 1
    assert {each.told for each in said} == {False}


async def test_an_allocation_that_ends_later_gives_the_school_to_the_duty_desk_on_its_day(abbey: Authority) -> None:
    """W-18"""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish("900003", date(2024, 1, 10), headline=4)
    await abbey.do(
        lambda uow: appointments.allocate_system_leader(
            uow, "900003", person_id=abbey.people["leader"], from_date=date(2024, 1, 10), until=date(2024, 6, 1)
        )
    )
    await abbey.forget_said()
    await abbey.on(date(2024, 6, 1))
    assert [each.type for each in await abbey.said()] == ["allocation.ended", REASSIGNED]
    # On the day of the outcome the desk answered for an hour, then the leader: the day's answer is its last.
    assert [role for _, _, role, _ in await abbey.answers("900003")] == ["chair", "system-leader", "duty-desk"]


async def test_a_head_who_moves_takes_her_office_with_her_and_both_schools_are_looked_at_again(
    abbey: Authority,
) -> None:
    """W-17, W-31"""
    await abbey.on(date(2024, 1, 1))
    await abbey.forget_said()
    await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["chair"], to_urn="900003", on=date(2024, 1, 1)))
    ended, began, moved, *reassigned = await abbey.said()
    assert [each.type for each in (ended, began)] == ["headship.ended", "headship.began"]
    assert moved.type == "office-holder.moved-school"
    assert (moved.data["from_urn"], moved.data["to_urn"]) == ("900001", "900003")
    now = {each.data["urn"]: each.data["general_after"]["role"] for each in reassigned}
    assert now == {"900001": "chair", "900003": "deputy"}


async def test_a_trust_that_changes_is_told(abbey: Authority) -> None:
    await abbey.on(date(2024, 1, 1))
    await abbey.forget_said()
    moved = line("900011", date(2024, 1, 1), type_code="34", trust_id="7002", trust_name="Alder Trust")
    await abbey.do(lambda uow: keep_schools(uow, [moved]))
    recorded, reassigned = await abbey.said()
    assert (recorded.type, recorded.data["trust_id"]) == (RECORDED, "7002")
    assert reassigned.data["inspection_before"]["role"] == "trust-chief-executive"
    assert reassigned.data["inspection_after"]["role"] == "duty-desk"


async def test_a_later_part_of_a_take_on_is_news_and_the_same_part_again_is_not(abbey: Authority) -> None:
    await abbey.on(date(2024, 1, 1))
    await abbey.do(lambda uow: keep_schools(uow, [line("900030")]))
    await abbey.forget_said()
    someone = Person(uuid4(), "937", "Invented somebody", "somebody@example.org", None)
    part = TakenOn(
        "937", people=[someone], memberships=[Membership(abbey.body_id, "900030", date(2024, 1, 1), None, True)]
    )
    first = await abbey.do(lambda uow: take_on(uow, part))
    assert (first.people, first.memberships) == (1, 1)
    assert {each.type for each in await abbey.said()} == {"person.recorded", "school.joined-body", REASSIGNED}
    await abbey.forget_said()
    again = await abbey.do(lambda uow: take_on(uow, part))
    assert (again.people, again.memberships) == (0, 0)
    assert await abbey.said() == []


async def test_a_clock_that_jumps_more_than_a_week_ahead_waits_for_somebody_to_confirm_it(abbey: Authority) -> None:
    """D3.10; on the real clock only"""
    await abbey.do(lambda uow: uow.execute("delete from clock"))
    await abbey.do(turn_days)  # up to today
    await abbey.do(lambda uow: uow.execute("update turned set turned_to = $1::date - 8", uow.today))
    await abbey.do(
        lambda uow: uow.execute("update representation set next_due = $1::date where urn = '900001'", uow.today)
    )
    assert await abbey.do(turn_days) == 0
    # A command would do the same as the turn of the days for the schools that it touches.
    with pytest.raises(ClockWaits, match="more than a week after the last day that was done"):
        await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["leader"], to_urn="900003", on=uow.today))
    assert await abbey.do(partial(turn_days, confirmed=True)) == 1
    await abbey.do(partial(turn_days, confirmed=True))
    assert await abbey.do(lambda uow: uow.value("select turned_to = $1::date from turned", uow.today))


async def test_an_outcome_that_changes_only_the_past_corrects_the_history_and_nothing_else(abbey: Authority) -> None:
    """D3.10"""
    await abbey.on(date(2024, 5, 1))
    await abbey.publish("900002", date(2024, 5, 1), headline=2)
    await abbey.on(date(2024, 6, 1))
    await abbey.forget_said()
    await abbey.publish("900002", date(2024, 2, 1), headline=4)  # found in a drawer
    outcome, corrected = await abbey.said()
    assert (outcome.data["public_category_before"], outcome.data["public_category_after"]) == (2, 2)
    assert corrected.type == "history.corrected"
    assert (corrected.data["from_date"], corrected.data["until"]) == ("2024-02-01", "2024-05-01")


async def test_two_lead_bodies_at_one_time_are_refused_in_a_sentence(abbey: Authority) -> None:
    second = TakenOn("937", memberships=[Membership(abbey.body_id, "900002", date(2024, 1, 1), None, True)])
    with pytest.raises(AlreadyInPost, match="The lead body of 900002 has a holder from 1 September 2023 already"):
        await abbey.do(lambda uow: take_on(uow, second))
