"""Offices, allocations and entries that were entered wrongly: corrections add, who spoke stays as answered (R0.4)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.appointment import AlreadyAllocated, HeadsTheSchool
from services.membership.domain.la_entry import EntryIsWithdrawn, NothingToLift
from services.membership.domain.office import Correction, HoldsTheOtherPost, NothingToCorrect, PostIsHeld
from services.membership.store import bodies, outcomes, people
from services.membership.use_cases import appointments, corrections, la_category, offices
from services.membership.use_cases.explain import explain
from tests.store.membership.asking import FINANCE, HEAD, OFFICER, Ask
from tests.store.membership.conftest import Authority
from tests.store.membership.test_told import tell

SCHOOL, ALLOCATED = "900003", "900002"
BEGAN, TODAY, LATER = date(2024, 1, 10), date(2024, 2, 12), date(2024, 3, 4)
CORRECTED, REASSIGNED, HISTORY = "office.corrected", "representation.reassigned", "history.corrected"


async def new_chair(abbey: Authority, on: date = BEGAN, clock: date | None = None, name: str = "newcomer") -> UUID:
    """The newcomer takes the chair; her term."""
    await abbey.on(clock or on)
    made = await abbey.do(
        lambda uow: offices.change_office(
            uow, abbey.body_id, post="chair", person_id=abbey.people[name], from_date=on, route="meeting"
        )
    )
    return made.term_id


async def correct(abbey: Authority, term_id: UUID, **changes: Any) -> None:
    await abbey.do(
        lambda uow: corrections.correct_office(
            uow, term_id, Correction(**changes), reason="The minute was misread", corrected_by="officer"
        )
    )


async def withdraw(abbey: Authority, term_id: UUID) -> None:
    await abbey.do(
        lambda uow: corrections.withdraw_office(uow, term_id, reason="Another body's", withdrawn_by="officer")
    )


async def test_another_person_held_the_office_and_speaks_from_today_not_from_then(abbey: Authority) -> None:
    """R0.4, D3.10: the past is told as corrected and answered as it was; today's speaker is told as another."""
    term_id = await new_chair(abbey)
    await abbey.on(TODAY)
    await abbey.forget_said()
    await correct(abbey, term_id, person_id=abbey.people["officer"])
    assert (await abbey.answers(SCHOOL))[-2:] == [
        (BEGAN, TODAY, "chair", abbey.people["newcomer"]),
        (TODAY, None, "chair", abbey.people["officer"]),
    ]
    (fact,) = await abbey.said(CORRECTED)
    assert fact.key == f"937/body/{abbey.body_id}"
    assert fact.data["before"]["person_id"] == str(abbey.people["newcomer"])
    assert (fact.data["after"]["person_id"], fact.data["after"]["from_date"]) == (
        str(abbey.people["officer"]), "2024-01-10",
    )  # fmt: skip
    (reassigned,) = await abbey.said(REASSIGNED, urn=SCHOOL)
    assert (reassigned.data["cause"], reassigned.data["valid_from"]) == ("office", "2024-02-12")
    assert reassigned.correlation_id == fact.correlation_id
    (history,) = await abbey.said(HISTORY, urn=SCHOOL)
    assert (history.data["what"], history.data["from_date"], history.data["until"]) == (
        "representation", "2024-01-10", "2024-02-12",
    )  # fmt: skip


async def test_what_was_known_before_the_correction_is_still_known_to_have_been_known(abbey: Authority) -> None:
    """R0.4"""
    term_id = await new_chair(abbey)
    await abbey.on(TODAY)
    await correct(abbey, term_id, person_id=abbey.people["officer"])

    async def chair(known: date) -> UUID:
        found = await abbey.do(lambda uow: explain(uow, SCHOOL, date(2024, 2, 1), known))
        return UUID(str(found["general"]["person_id"]))

    assert await chair(date(2024, 2, 11)) == abbey.people["newcomer"]
    assert await chair(TODAY) == abbey.people["officer"]
    async with abbey.store.unit() as uow:
        (row,) = await uow.rows("select kind, fact_id, withdrawn, reason, corrected_by from correction")
    assert tuple(row) == ("office", str(term_id), False, "The minute was misread", "officer")


async def test_a_term_that_never_was_ended_nobody_s_either(abbey: Authority) -> None:
    """R0.4: the chair before her, who had ended in the same change, speaks on."""
    term_id = await new_chair(abbey)
    await abbey.on(TODAY)
    await abbey.forget_said()
    await withdraw(abbey, term_id)
    assert (await abbey.answers(SCHOOL))[-1] == (TODAY, None, "chair", abbey.people["chair"])
    fact, before_her = await abbey.said(CORRECTED)
    assert fact.data["after"] is None
    assert before_her.data["after"]["until"] is None
    assert [each.data["what"] for each in await abbey.said(HISTORY, urn=SCHOOL)] == ["representation"]
    with pytest.raises(Exception, match="There is no term"):
        await withdraw(abbey, term_id)


async def test_a_later_beginning_leaves_the_past_as_answered_and_changes_nothing_today(abbey: Authority) -> None:
    """R0.4, D3.10: only the past changes, so nobody is told of another speaker."""
    term_id = await new_chair(abbey)
    await abbey.on(TODAY)
    await abbey.forget_said()
    await correct(abbey, term_id, from_date=date(2024, 1, 22))
    assert await abbey.said(REASSIGNED) == []
    (history,) = await abbey.said(HISTORY, urn=SCHOOL)
    assert (history.data["from_date"], history.data["until"]) == ("2024-01-10", "2024-01-22")
    assert (await abbey.answers(SCHOOL))[-1] == (BEGAN, None, "chair", abbey.people["newcomer"])


async def test_a_beginning_put_off_is_taken_back_and_told_on_its_day(abbey: Authority) -> None:
    """D3.10: what lies ahead is told to nobody before its day."""
    term_id = await new_chair(abbey)
    await abbey.on(TODAY)
    await abbey.forget_said()
    await correct(abbey, term_id, from_date=LATER)
    fact, before_her = await abbey.said(CORRECTED)
    assert (fact.data["after"], before_her.data["after"]["until"]) == (None, "2024-03-04")
    assert (await abbey.answers(SCHOOL))[-1][2:] == ("chair", abbey.people["chair"])
    await abbey.on(LATER)
    (taken_up,) = await abbey.said("office.taken-up")
    assert (taken_up.data["term_id"], taken_up.data["from_date"]) == (str(term_id), "2024-03-04")
    assert (await abbey.answers(SCHOOL))[-1] == (LATER, None, "chair", abbey.people["newcomer"])


async def test_items_put_off_for_days_that_no_longer_hold_do_nothing_on_them(abbey: Authority) -> None:
    """D3.10: a beginning and an end that lay ahead, corrected and withdrawn before they came."""
    planned = await new_chair(abbey, on=LATER, clock=TODAY)
    await correct(abbey, planned, from_date=date(2024, 3, 18), until=date(2024, 9, 2))
    assert await abbey.said(CORRECTED) == []  # nobody had been told of it
    await abbey.on(date(2024, 2, 20))
    await correct(abbey, planned, no_end=True)
    await abbey.forget_said()
    await abbey.on(LATER)
    assert await abbey.said("office.taken-up", "office.ended") == []  # the chair before her stays until she begins
    await abbey.on(date(2024, 3, 18))
    assert [each.type for each in await abbey.said("office.taken-up", "office.ended")] == [
        "office.ended",
        "office.taken-up",
    ]
    await abbey.forget_said()
    await abbey.on(date(2024, 9, 2))
    assert await abbey.said() == []
    assert (await abbey.answers(SCHOOL))[-1][2:] == ("chair", abbey.people["newcomer"])


async def test_an_end_that_was_entered_by_mistake_is_taken_out(abbey: Authority) -> None:
    """R0.4"""
    term_id = await new_chair(abbey)
    await abbey.on(TODAY)
    await abbey.do(lambda uow: offices.end_office(uow, term_id, ended_on=TODAY, reason="Mistaken"))
    assert (await abbey.answers(SCHOOL))[-1][2] == "deputy"
    await correct(abbey, term_id, no_end=True)
    assert (await abbey.answers(SCHOOL))[-1] == (TODAY, None, "chair", abbey.people["newcomer"])
    (fact,) = await abbey.said(CORRECTED)
    assert (fact.data["before"]["until"], fact.data["after"]["until"], fact.data["after"]["ended"]) == (
        "2024-02-12", None, False,
    )  # fmt: skip


async def test_a_correction_tells_which_schools_the_holder_headed_in_the_term(abbey: Authority) -> None:
    """W-31: the shares of the award follow the schools."""
    term_id = await new_chair(abbey)
    moved = date(2024, 1, 29)
    await abbey.on(moved)
    await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["chair"], to_urn="900004", on=moved))
    await abbey.on(TODAY)
    await correct(abbey, term_id, person_id=abbey.people["chair"])
    (fact,) = await abbey.said(CORRECTED)
    assert fact.data["after"]["schools"] == [
        {"from_date": "2024-01-10", "urn": "900001"},
        {"from_date": "2024-01-29", "urn": "900004"},
    ]


async def test_a_correction_keeps_the_rules_of_offices(abbey: Authority) -> None:
    """W-04"""
    term_id = await new_chair(abbey)
    with pytest.raises(HoldsTheOtherPost):
        await correct(abbey, term_id, person_id=abbey.people["deputy"])
    with pytest.raises(PostIsHeld):
        await correct(abbey, term_id, from_date=date(2024, 1, 9))
    with pytest.raises(NothingToCorrect):
        await correct(abbey, term_id, from_date=BEGAN)


# -- allocations --


async def allocated(abbey: Authority, urn: str = ALLOCATED) -> UUID:
    found = await abbey.do(lambda uow: people.allocations(uow, [urn]))
    return found[0].allocation_id


async def correct_allocation(abbey: Authority, allocation_id: UUID, **changes: Any) -> None:
    await abbey.do(
        lambda uow: corrections.correct_allocation(
            uow, allocation_id, Correction(**changes), reason="Two names alike", corrected_by="officer"
        )
    )


async def test_another_system_leader_was_allocated_and_speaks_from_today_once_the_school_was_told(
    abbey: Authority,
) -> None:
    """R0.4, R0.8, W-18"""
    await abbey.on(BEGAN)
    await abbey.publish(ALLOCATED, BEGAN, headline=3)
    await abbey.on(TODAY)
    await abbey.forget_said()
    await correct_allocation(abbey, await allocated(abbey), person_id=abbey.people["officer"])
    assert (await abbey.answers(ALLOCATED))[-2:] == [
        (BEGAN, TODAY, "system-leader", abbey.people["leader"]),
        (TODAY, None, "system-leader", abbey.people["officer"]),
    ]
    said = await abbey.said("allocation.corrected", REASSIGNED, urn=ALLOCATED)
    assert [(each.type, each.told, each.sensitivity) for each in said] == [
        ("allocation.corrected", False, "restricted"),
        (REASSIGNED, False, "restricted"),
    ]
    assert [each.data["what"] for each in await abbey.said(HISTORY, urn=ALLOCATED)] == ["representation"]
    assert await tell(abbey, TODAY, ALLOCATED) == [said[0].correlation_id]


async def test_an_allocation_that_lay_ahead_and_was_over_already_is_told_with_its_end(abbey: Authority) -> None:
    """W-18, R0.4: it was planned for a later day; in truth it had begun and ended."""
    await abbey.on(TODAY)
    who = abbey.people["newcomer"]
    made = await abbey.do(
        lambda uow: appointments.allocate_system_leader(uow, SCHOOL, person_id=who, from_date=LATER, until=None)
    )
    await abbey.forget_said()
    await correct_allocation(abbey, made.allocation_id, from_date=BEGAN, until=date(2024, 1, 30))
    said = await abbey.said("allocation.made", "allocation.ended", urn=SCHOOL)
    assert [(each.type, each.told) for each in said] == [("allocation.made", False), ("allocation.ended", False)]


async def test_an_allocation_that_never_was_leaves_the_school_to_the_duty_desk(abbey: Authority) -> None:
    """R0.4, W-18"""
    await abbey.on(BEGAN)
    await abbey.publish(ALLOCATED, BEGAN, headline=3)
    await abbey.on(TODAY)
    allocation_id = await allocated(abbey)
    await abbey.do(
        lambda uow: corrections.withdraw_allocation(
            uow, allocation_id, reason="Another school's", withdrawn_by="officer"
        )
    )
    assert (await abbey.answers(ALLOCATED))[-1] == (TODAY, None, "duty-desk", None)
    (fact,) = await abbey.said("allocation.corrected")
    assert fact.data["withdrawn"] is True
    # Whoever really has the school can be allocated for the same days now.
    await abbey.do(
        lambda uow: appointments.allocate_system_leader(
            uow, ALLOCATED, person_id=abbey.people["officer"], from_date=TODAY, until=None
        )
    )


async def test_an_allocation_put_off_that_was_corrected_or_withdrawn_does_nothing_on_its_old_days(
    abbey: Authority,
) -> None:
    """D3.10"""
    await abbey.on(TODAY)
    made = [
        await abbey.do(
            lambda uow, urn=urn: appointments.allocate_system_leader(  # type: ignore[misc]
                uow, urn, person_id=abbey.people["leader"], from_date=LATER, until=date(2024, 6, 3)
            )
        )
        for urn in ("900003", "900004")
    ]
    await correct_allocation(abbey, made[0].allocation_id, from_date=date(2024, 3, 11), no_end=True)
    await abbey.do(
        lambda uow: corrections.withdraw_allocation(
            uow, made[1].allocation_id, reason="Never agreed", withdrawn_by="officer"
        )
    )
    assert await abbey.said("allocation.corrected") == []
    await abbey.forget_said()
    await abbey.on(LATER)
    assert await abbey.said() == []
    await abbey.on(date(2024, 3, 11))
    assert [each.data["urn"] for each in await abbey.said("allocation.made")] == ["900003"]
    await abbey.forget_said()
    await abbey.on(date(2024, 6, 3))
    assert await abbey.said() == []


async def test_a_correction_keeps_the_rules_of_allocations(abbey: Authority) -> None:
    """W-18"""
    await abbey.on(TODAY)
    allocation_id = await allocated(abbey)
    await abbey.do(lambda uow: appointments.end_allocation(uow, allocation_id, ended_on=TODAY))
    await abbey.do(
        lambda uow: appointments.allocate_system_leader(
            uow, ALLOCATED, person_id=abbey.people["officer"], from_date=LATER, until=None
        )
    )
    with pytest.raises(AlreadyAllocated):
        await correct_allocation(abbey, allocation_id, no_end=True)
    await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["newcomer"], to_urn=ALLOCATED, on=BEGAN))
    with pytest.raises(HeadsTheSchool):
        await correct_allocation(abbey, allocation_id, person_id=abbey.people["newcomer"])


# -- the authority's own entries --


async def enter(abbey: Authority, on: date, category: int = 4) -> UUID:
    made = await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, SCHOOL, category=category, from_date=on, reason="Why", review_on=None, set_by="officer"
        )
    )
    return made.entry_id


async def lift(abbey: Authority, on: date) -> None:
    await abbey.do(
        lambda uow: la_category.lift_la_category(uow, SCHOOL, lifted_on=on, reason="Over", lifted_by="officer")
    )


async def test_an_entry_for_the_wrong_school_never_counted(abbey: Authority) -> None:
    """R0.4, R0.8: told as lifted from its first day; what it changed of days that have gone is corrected history."""
    await abbey.on(BEGAN)
    entry_id = await enter(abbey, BEGAN)
    await abbey.on(TODAY)
    await abbey.forget_said()
    found = await abbey.do(
        lambda uow: la_category.withdraw_la_category(uow, entry_id, reason="Wrong school", withdrawn_by="officer")
    )
    assert found.category_in_force is None
    (lifted,) = await abbey.said("la-category.lifted")
    assert (lifted.data["lifted_on"], lifted.told) == ("2024-01-10", False)
    (history,) = await abbey.said(HISTORY, urn=SCHOOL)
    assert history.data["what"] == "category-in-force"
    assert (await abbey.answers(SCHOOL))[-2:] == [
        (BEGAN, TODAY, "duty-desk", None),
        (TODAY, None, "chair", abbey.people["chair"]),
    ]
    steps = (await abbey.do(lambda uow: explain(uow, SCHOOL, TODAY, TODAY)))["steps"]
    assert [step.counts for step in steps if "withdrawn: Wrong school" in step.says] == [False]
    steps = (await abbey.do(lambda uow: explain(uow, SCHOOL, TODAY, BEGAN)))["steps"]
    assert [step.counts for step in steps if step.about == "the authority's own"] == [True]
    with pytest.raises(EntryIsWithdrawn):
        await abbey.do(
            lambda uow: la_category.withdraw_la_category(uow, entry_id, reason="Again", withdrawn_by="officer")
        )
    with pytest.raises(NothingToLift):
        await lift(abbey, TODAY)


async def test_an_entry_that_lies_ahead_and_is_withdrawn_does_nothing_on_its_day(abbey: Authority) -> None:
    """D3.10"""
    await abbey.on(TODAY)
    entry_id = await enter(abbey, LATER)
    await abbey.do(
        lambda uow: la_category.withdraw_la_category(uow, entry_id, reason="Not agreed", withdrawn_by="officer")
    )
    assert await abbey.said("la-category.lifted") == []
    await abbey.forget_said()
    await abbey.on(LATER)
    assert await abbey.said() == []


@pytest.mark.parametrize("now", [date(2024, 2, 26), date(2024, 3, 18)], ids=["brought forward", "put back"])
async def test_a_lifting_that_lies_ahead_is_brought_forward_or_put_back(abbey: Authority, now: date) -> None:
    """R0.4, D3.10: the latest decision counts; the day that was decided first brings nothing."""
    await abbey.on(BEGAN)
    await enter(abbey, BEGAN)
    await lift(abbey, LATER)
    await abbey.on(TODAY)
    await lift(abbey, now)
    await abbey.forget_said()
    for day in sorted([now, LATER]):
        await abbey.on(day)
    (lifted,) = await abbey.said("la-category.lifted")
    assert lifted.data["lifted_on"] == now.isoformat()
    assert (await abbey.answers(SCHOOL))[-1] == (now, None, "chair", abbey.people["chair"])

    async def known(day: date) -> date | None:
        steps = (await abbey.do(lambda uow: explain(uow, SCHOOL, TODAY, day)))["steps"]
        return next(step.until for step in steps if step.about == "the authority's own")

    assert (await known(BEGAN), await known(TODAY)) == (LATER, now)


async def test_an_entry_is_lifted_while_another_lies_ahead(abbey: Authority) -> None:
    """The one to come stands: it was decided by itself."""
    await abbey.on(date(2024, 1, 10))
    for category, begins in ((3, date(2024, 1, 10)), (4, date(2024, 6, 1))):
        await abbey.do(
            lambda uow, category=category, begins=begins: la_category.set_la_category(  # type: ignore[misc]
                uow, "900003", category=category, from_date=begins, reason="A review", review_on=None, set_by="officer"
            )
        )
    lifted = await abbey.do(
        lambda uow: la_category.lift_la_category(
            uow, "900003", lifted_on=date(2024, 1, 10), reason="Not needed", lifted_by="officer"
        )
    )
    assert (len(lifted.entry_ids), lifted.category_in_force) == (1, None)
    await abbey.on(date(2024, 6, 1))
    async with abbey.store.unit() as uow:
        assert await uow.value("select category from representation where urn = '900003'") == 4


async def test_a_lifting_that_has_come_stays(abbey: Authority) -> None:
    """R0.4"""
    await abbey.on(BEGAN)
    entry_id = await enter(abbey, BEGAN)
    await abbey.on(TODAY)
    await lift(abbey, TODAY)
    with pytest.raises(NothingToLift):
        await lift(abbey, LATER)
    entry = await abbey.do(lambda uow: outcomes.la_entry(uow, entry_id))
    assert entry.lifted_on == TODAY


# -- over HTTP --


async def test_officers_correct_and_withdraw_over_http_and_others_are_refused(ask: Ask, abbey: Authority) -> None:
    """R0.4, R0.8"""
    term_id = await new_chair(abbey)
    allocation_id = await allocated(abbey)
    entry_id = await enter(abbey, BEGAN)
    officer = str(abbey.people["officer"])
    acts: list[tuple[str, dict[str, Any]]] = [
        (f"/offices/{term_id}/correct", {"person_id": officer, "until": None, "reason": "Misread"}),
        (f"/offices/{term_id}/withdraw", {"reason": "Never"}),
        (f"/allocations/{allocation_id}/correct", {"from": "2023-10-01", "reason": "Misread"}),
        (f"/allocations/{allocation_id}/withdraw", {"reason": "Never"}),
        (f"/la-category/{entry_id}/withdraw", {"reason": "Wrong school"}),
    ]
    for path, body in acts:
        for who in (FINANCE, HEAD):
            assert (await ask(path, who, body)).status_code == 403
        assert (await ask(path, OFFICER, {**body, "reason": ""})).status_code == 422
        answer = await ask(path, OFFICER, body)
        assert answer.status_code == 200, answer.text
    assert [term.post for term in await abbey.do(lambda uow: bodies.terms(uow, [abbey.body_id]))] == ["chair", "deputy"]
