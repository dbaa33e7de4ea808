"""What an authority has decided of a school doesn't follow into another authority that has the next one (R0.8, decision 20).

Abbey and its schools are 937's; the school that continues one of them is 801's. What is published follows it there.
"""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.body import Body, Membership
from services.membership.domain.category import Because, Inherit
from services.membership.domain.school import Status
from services.membership.domain.standing import standing
from services.membership.store import people
from services.membership.store.facts import facts_of
from services.membership.store.proposals import proposals_in
from services.membership.use_cases import policies
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.explain import explain
from services.membership.use_cases.overrides import set_override
from services.membership.use_cases.places import join
from services.membership.use_cases.proposals import confirm_proposal, decline_proposal
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.withdraw_outcome import believe_outcome, let_withdrawal_stand, withdraw_outcome
from shared.messaging.cause import new_id
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_continuity import linked, places, registered
from tests.store.membership.test_decisions_go_over import (
    CONVERTER,
    MAINTAINED,
    MARCH,
    NEW,
    OLD,
    OPENING,
    OTHER,
    entered,
    entries,
    march,
)
from tests.store.membership.test_proposals import BEGINS, PUBLISHED, proposing, the_proposal

__all__ = ["march", "proposing"]
ELSEWHERE, THEIRS, APRIL = "801", "910001", date(2024, 4, 1)
TOLD = ("la-category.set", "allocation.made", "school.joined-body")


async def continued(abbey: Authority, type_code: str = MAINTAINED, *, authority: str = ELSEWHERE) -> None:
    """The school closes, and one opens elsewhere that continues it."""
    closing = line(OLD, MARCH, closed_on=OPENING)
    await registered(abbey, closing, line(NEW, MARCH, type_code=type_code, opened_on=OPENING, authority=authority))
    await linked(abbey, (NEW, OLD))


async def allocated(abbey: Authority) -> dict[str, tuple[date, date | None]]:
    async with abbey.store.unit() as uow:
        return {each.urn: (each.from_date, each.until) for each in await people.allocations(uow, [OLD, NEW])}


async def asked(abbey: Authority, authority: str = ELSEWHERE) -> list[tuple[str, str, str]]:
    queue = await abbey.do(lambda uow: desk_queue(uow, authority, after=None, limit=100))
    return [(each["urn"], each["about"], each["why"]) for each in queue["items"] if "about" in each]


async def a_body_elsewhere(abbey: Authority, *urns: str) -> UUID:
    """A body of 801, to which these schools of 801 belong."""
    body = Body(
        new_id(), ELSEWHERE, "primary-consortium", "Quay", (), START, None, None, "04-01", new_id(), new_id(), new_id()
    )  # fmt: skip
    held = [Membership(body.body_id, urn, START, None, True) for urn in urns]
    await abbey.do(lambda uow: take_on(uow, TakenOn(ELSEWHERE, bodies=[body], memberships=held)))
    return body.body_id


async def named_for(abbey: Authority, reason: str) -> None:
    """An officer of 937 has named somebody for the old school."""

    async def override(uow: Any) -> None:
        await set_override(
            uow, OLD, matter="both", person_id=abbey.people["newcomer"], from_date=MARCH, until=date(2025, 1, 1),
            reason=reason, set_by="ms officer",
        )  # fmt: skip

    await abbey.do(override)


async def test_a_category_an_allocation_and_a_place_end_with_the_school_and_follow_into_no_other_authority(
    march: Authority,
) -> None:
    """R0.8, decision 20"""
    abbey = march
    await entered(abbey)
    await continued(abbey)
    await abbey.on(OPENING)
    assert await entries(abbey) == []
    assert await allocated(abbey) == {OLD: (START, OPENING)}
    assert (await places(abbey), await places(abbey, OLD)) == ({}, {abbey.body_id: (START, OPENING, True)})
    assert await abbey.said(*TOLD, urn=NEW) == []
    assert {each.key for each in await abbey.said("allocation.ended", "school.left-body")} == {
        f"937/school/{OLD}",
        f"937/body/{abbey.body_id}",
    }
    assert await abbey.answers(NEW) == [(OPENING, None, "improvement-desk", None)]


@pytest.mark.parametrize("type_code", [MAINTAINED, CONVERTER])
async def test_the_desk_of_the_other_authority_is_asked_once_and_hears_nothing_of_what_was_decided(
    march: Authority, type_code: str
) -> None:
    """R0.8"""
    abbey = march
    await entered(abbey)
    await named_for(abbey, "An agreement")
    await continued(abbey, type_code)
    await abbey.on(OPENING)
    assert await asked(abbey) == [
        (
            NEW,
            "school-in-no-body",
            "School 900020 (900020) continues School 900002 (900002) from 1 May 2024, over the border between two authorities: "
            "its place in a body doesn't go over, nor does anything else that the other authority may have decided. Enter the "
            "body to which it is to belong, and what is to hold for it",
        )
    ]
    assert await asked(abbey, "937") == []


async def test_whoever_enters_its_place_has_answered(march: Authority) -> None:
    abbey = march
    theirs = await a_body_elsewhere(abbey)
    await continued(abbey)
    await abbey.on(OPENING)
    await abbey.do(lambda uow: join(uow, theirs, NEW, from_date=OPENING, by="officer"))
    assert await asked(abbey) == []


async def test_of_a_merger_over_a_border_what_its_own_authority_had_decided_follows(march: Authority) -> None:
    """W-02, R0.1: the place of the one in its own authority, and a question of what that one had entered alone."""
    abbey = march
    await registered(abbey, line(THEIRS, MARCH, authority=ELSEWHERE))
    theirs = await a_body_elsewhere(abbey, THEIRS)
    await entered(abbey, OLD, 4)
    await entered(abbey, THEIRS, 3)
    await registered(
        abbey,
        line(OLD, MARCH, closed_on=OPENING),
        line(THEIRS, MARCH, closed_on=OPENING, authority=ELSEWHERE),
        line(NEW, MARCH, opened_on=OPENING, authority=ELSEWHERE),
    )
    await linked(abbey, (NEW, OLD), (NEW, THEIRS), kind="Predecessor - merged")
    await abbey.on(OPENING)
    assert await places(abbey) == {theirs: (OPENING, None, True)}
    assert await allocated(abbey) == {OLD: (START, OPENING)}
    assert await asked(abbey) == [
        (
            NEW,
            "la-category-after-continuity",
            "School 900020 (900020) continues School 910001 (910001) from 1 May 2024: the authority's own category, 3 for "
            "School 910001 (910001) from 1 March 2024, doesn't go over to it. If it is to, enter it for it",
        )
    ]


async def test_of_a_school_that_is_split_over_a_border_the_officer_of_its_own_authority_is_asked(
    march: Authority,
) -> None:
    """W-18: whichever part has the lower number."""
    abbey, second = march, "900021"
    await registered(
        abbey,
        line(OLD, MARCH, closed_on=OPENING),
        line(NEW, MARCH, opened_on=OPENING, authority=ELSEWHERE),
        line(second, MARCH, opened_on=OPENING),
    )
    await linked(abbey, (NEW, OLD), (second, OLD), kind="Predecessor - Split School")
    await abbey.on(OPENING)
    assert (await places(abbey), await places(abbey, second)) == ({}, {abbey.body_id: (OPENING, None, True)})
    assert [each[:2] for each in await asked(abbey, "937")] == [(second, "allocation-after-continuity")]
    assert [each[:2] for each in await asked(abbey)] == [(NEW, "school-in-no-body")]


async def test_what_was_to_follow_is_taken_back_when_the_register_gives_the_school_to_another_authority(
    march: Authority,
) -> None:
    """D3.11: and follows all the same when it gives it back before the opening."""
    abbey = march
    await entered(abbey)
    await continued(abbey, authority="937")
    assert await places(abbey) == {abbey.body_id: (OPENING, None, True)}
    assert (len(await entries(abbey)), set(await allocated(abbey))) == (1, {OLD, NEW})
    await registered(abbey, line(NEW, APRIL, opened_on=OPENING, authority=ELSEWHERE))
    assert (await places(abbey), await entries(abbey)) == ({}, [])
    assert await allocated(abbey) == {OLD: (START, OPENING)}
    await registered(abbey, line(NEW, date(2024, 4, 2), opened_on=OPENING))
    await abbey.on(OPENING)
    assert await places(abbey) == {abbey.body_id: (OPENING, None, True)}
    assert await allocated(abbey) == {OLD: (START, OPENING), NEW: (OPENING, None)}
    assert [(each.category, each.from_date) for each in await entries(abbey)] == [(4, OPENING)]


async def test_a_body_takes_in_no_school_of_another_authority_though_it_has_not_let_go_of_the_one_before(
    march: Authority,
) -> None:
    """Decision 20: the register has given the old school to 801, and it still has its place in a body of 937."""
    abbey = march
    await registered(abbey, line(OTHER, MARCH, authority=ELSEWHERE))
    await registered(
        abbey,
        line(OTHER, APRIL, closed_on=OPENING, authority=ELSEWHERE),
        line(NEW, APRIL, opened_on=OPENING, authority=ELSEWHERE),
    )
    await linked(abbey, (NEW, OTHER))
    await abbey.on(OPENING)
    assert (await places(abbey), await places(abbey, OTHER)) == ({}, {abbey.body_id: (START, OPENING, True)})
    assert [each[:2] for each in await asked(abbey)] == [(NEW, "school-in-no-body")]


async def test_an_outcome_that_was_published_counts_over_the_border(march: Authority) -> None:
    """R0.1: decision 20, what follows from what everybody may read."""
    abbey = march
    await abbey.publish(OLD, MARCH, headline=3)
    await continued(abbey, CONVERTER)
    await abbey.on(OPENING)
    now = standing((await abbey.do(lambda uow: facts_of(uow, [NEW])))[NEW], OPENING)
    assert (now.category.value, now.category.inherited_from) == (3, OLD)


@pytest.mark.parametrize("answer", ["confirmed", "declined"])
async def test_what_an_officer_of_one_authority_answered_decides_nothing_in_the_other(
    proposing: Authority, answer: str
) -> None:
    """R0.1, R0.8: both let officers confirm; the one of 801 is asked of the outcome that its school inherits."""
    abbey, school = proposing, "900003"
    await abbey.do(
        lambda uow: policies.adopt_category_policy(
            uow, ELSEWHERE, name="propose", from_date=BEGINS, inherit=Inherit.CONVERTERS, reason="Cabinet",
            adopted_by="officer",
        )
    )  # fmt: skip
    await abbey.on(PUBLISHED)
    await abbey.publish(school, PUBLISHED, headline=3)
    proposal_id = await the_proposal(abbey)
    if answer == "confirmed":
        await abbey.do(lambda uow: confirm_proposal(uow, proposal_id, from_date=None, confirmed_by="ms officer"))
    else:
        await abbey.do(lambda uow: decline_proposal(uow, proposal_id, reason="A visit", declined_by="ms officer"))
    await registered(
        abbey,
        line(school, date(2024, 2, 1), closed_on=OPENING),
        line(NEW, type_code=CONVERTER, opened_on=OPENING, authority=ELSEWHERE),
    )
    await linked(abbey, (NEW, school))
    await abbey.on(OPENING)
    now = standing((await abbey.do(lambda uow: facts_of(uow, [NEW])))[NEW], OPENING)
    assert (now.category.value, now.category.because) == (None, Because.NOTHING)
    (proposed,) = await abbey.do(lambda uow: proposals_in(uow, ELSEWHERE, only_open=True))
    assert (proposed["urn"], proposed["proposed_category"], proposed["inherited_from"]) == (NEW, 3, school)


async def test_a_school_that_closed_on_no_known_day_ended_when_one_elsewhere_took_its_place(march: Authority) -> None:
    """R0.4, W-18: that is in the register, whosever the next school is."""
    abbey, known = march, date(2024, 5, 6)
    await registered(abbey, line(NEW, MARCH, opened_on=OPENING, authority=ELSEWHERE))
    await linked(abbey, (NEW, OLD))
    await abbey.on(known)
    await registered(abbey, line(OLD, known, status=Status.CLOSED))
    assert await places(abbey, OLD) == {abbey.body_id: (START, OPENING, True)}
    assert await allocated(abbey) == {OLD: (START, OPENING)}


async def decisions(abbey: Authority, urn: str) -> list[str]:
    """What an explanation of that school says of decisions on outcomes."""
    found = await abbey.do(lambda uow: explain(uow, urn, None, None))
    return [each.says for each in found["steps"] if each.about == "outcome" and "version" not in each.says]


async def test_an_explanation_says_that_an_outcome_from_over_the_border_counts_no_more_and_not_who_decided_it_or_why(
    march: Authority,
) -> None:
    """R0.4, R0.8, decision 20: that it was withdrawn everybody may know; the officer and her reason are the other one's."""
    abbey = march
    await abbey.publish(OLD, MARCH, headline=3, number="N1")
    await continued(abbey, CONVERTER)
    await abbey.on(OPENING)
    await abbey.do(
        lambda uow: withdraw_outcome(uow, "N1", "graded", reason="A slip of ours", withdrawn_by="ms officer")
    )
    await abbey.do(lambda uow: let_withdrawal_stand(uow, "N1", "graded", decided_by="ms officer"))
    assert await decisions(abbey, NEW) == ["Inspection N1, graded, withdrawn by an officer of another authority"]
    assert await decisions(abbey, OLD) == [
        "Inspection N1, graded, withdrawn by ms officer: A slip of ours",
        "Inspection N1, graded, withdrawn by ms officer: It stands",
    ]
    await abbey.do(lambda uow: believe_outcome(uow, "N1", "graded", reason="No slip", believed_by="ms officer"))
    assert await decisions(abbey, NEW) == [
        "Inspection N1, graded, withdrawn by an officer of another authority",
        "Inspection N1, graded, believed again by an officer of another authority",
    ]


async def test_of_an_outcome_that_another_authority_had_entered_for_its_own_school_its_decision_stays_its_own(
    march: Authority,
) -> None:
    """R0.8, decision 20: an officer of ours has entered it for a school of ours since."""
    abbey = march
    await registered(abbey, line(THEIRS, MARCH, authority=ELSEWHERE))
    await abbey.publish(THEIRS, MARCH, headline=3, number="N1")
    await abbey.do(lambda uow: withdraw_outcome(uow, "N1", "graded", reason="Not ours", withdrawn_by="their officer"))
    await abbey.on(APRIL)
    await abbey.publish(OTHER, MARCH, headline=3, number="N1")
    withdrawn, again = "Inspection N1, graded, withdrawn by", "Inspection N1, graded, believed again by"
    elsewhere = "an officer of another authority"
    assert await decisions(abbey, OTHER) == [f"{withdrawn} {elsewhere}", f"{again} test: Entered again"]
    assert await decisions(abbey, THEIRS) == [f"{withdrawn} their officer: Not ours", f"{again} {elsewhere}"]


async def test_the_desk_of_the_authority_to_which_a_school_passes_hears_once_that_it_speaks(abbey: Authority) -> None:
    """W-17, W-18: a desk of the same name spoke for the school before, and was another one."""
    of_no_known_type = "99"
    await registered(abbey, line(THEIRS, type_code=of_no_known_type))
    await abbey.on(MARCH)
    await abbey.forget_said()
    await registered(abbey, line(THEIRS, MARCH, type_code=of_no_known_type, authority=ELSEWHERE))
    await registered(abbey, line(THEIRS, APRIL, type_code=of_no_known_type, authority=ELSEWHERE, name="Renamed"))
    (said,) = await abbey.said("representation.reassigned", urn=THEIRS)
    assert (said.key, said.data["general_before"], said.data["inspection_before"]) == (
        f"{ELSEWHERE}/school/{THEIRS}",
        None,
        None,
    )
    assert (said.data["general_after"]["role"], said.data["cause"]) == ("duty-desk", "register")
    assert await abbey.answers(THEIRS) == [(START, MARCH, "duty-desk", None), (MARCH, None, "duty-desk", None)]


async def test_of_a_school_that_passes_to_another_authority_whoever_speaks_on_is_told_nothing(march: Authority) -> None:
    """W-20"""
    await named_for(march, "An agreement")
    await march.forget_said()
    await registered(march, line(OLD, MARCH, authority=ELSEWHERE))
    assert (await march.said("school.recorded"))[-1].key == f"{ELSEWHERE}/school/{OLD}"
    assert await march.said("representation.reassigned") == []
