"""Corrections add, they don't rewrite: late facts, wrong grades, wrong schools, withdrawals, policies from a day on (R0.4)."""

from datetime import date
from typing import Any

import pytest

from services.membership.domain.adopted import PolicyFromThePast
from services.membership.domain.category import Inherit, Outcome
from services.membership.domain.standing import standing
from services.membership.store import queries
from services.membership.store.facts import facts_of
from services.membership.use_cases import appointments, policies
from services.membership.use_cases.explain import explain
from services.membership.use_cases.record_outcomes import OutcomeRecorded, Published, record_outcomes
from services.membership.use_cases.withdraw_outcome import (
    AlreadyWithdrawn,
    UnknownInspection,
    WhyWithdrawn,
    withdraw_outcome,
)
from tests.store.membership.conftest import START, Authority

CATEGORY, REASSIGNED, CORRECTED = "category-in-force.changed", "representation.reassigned", "history.corrected"
OAK, ELM = "900002", "900003"
JANUARY, FEBRUARY, MARCH = date(2024, 1, 10), date(2024, 2, 10), date(2024, 3, 10)


async def category(abbey: Authority, urn: str, on: date, known: date | None = None) -> int | None:
    facts = await abbey.do(lambda uow: facts_of(uow, [urn], known=known))
    return standing(facts[urn], on).category.value


async def withdraw(abbey: Authority, number: str, reason: str = "Entered by mistake") -> OutcomeRecorded:
    return await abbey.do(lambda uow: withdraw_outcome(uow, number, "graded", reason=reason, withdrawn_by="an officer"))


async def test_a_wrong_grade_is_corrected_and_each_day_keeps_what_was_known_on_it(abbey: Authority) -> None:
    """R0.4, W-20"""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=4, number="1")
    await abbey.on(FEBRUARY)
    await abbey.forget_said()
    await abbey.publish(OAK, JANUARY, headline=2, number="1")
    assert [each.type for each in await abbey.said()] == ["outcome.published", CATEGORY, REASSIGNED, CORRECTED]
    (told,) = await abbey.said("outcome.published")
    assert told.data["corrects"] is True
    assert await category(abbey, OAK, JANUARY) == 2
    assert await category(abbey, OAK, JANUARY, known=JANUARY) == 4
    assert await category(abbey, OAK, FEBRUARY, known=JANUARY) == 4
    assert [role for _, _, role, _ in await abbey.answers(OAK)] == ["chair", "system-leader", "chair"]


async def test_an_outcome_of_the_wrong_school_goes_to_the_right_one_in_one_story(abbey: Authority) -> None:
    """W-20: an officer enters it for Oak; the register's file lists the same inspection for Elm."""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=4, number="1")
    await abbey.on(FEBRUARY)
    await abbey.forget_said()
    await abbey.publish(ELM, JANUARY, headline=4, number="1")
    said = await abbey.said()
    assert [(each.type, each.key[-6:]) for each in said if each.type.startswith("outcome")] == [
        ("outcome.withdrawn", OAK),
        ("outcome.published", ELM),
    ]
    assert len({each.correlation_id for each in said}) == 1
    assert (await category(abbey, OAK, FEBRUARY), await category(abbey, ELM, FEBRUARY)) == (None, 4)
    (gone,) = await abbey.said("outcome.withdrawn")
    assert (gone.data["why"], gone.data["public_role_before"], gone.data["public_role_after"]) == (
        "another-school",
        "system-leader",
        "chair",
    )


async def test_a_withdrawn_outcome_counts_no_more_and_the_one_before_it_counts_again(abbey: Authority) -> None:
    """R0.4"""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=2, number="1")
    await abbey.on(FEBRUARY)
    await abbey.publish(OAK, FEBRUARY, headline=4, number="2")
    await abbey.on(MARCH)
    await abbey.forget_said()
    await withdraw(abbey, "2")
    assert [each.type for each in await abbey.said()] == ["outcome.withdrawn", CATEGORY, REASSIGNED, CORRECTED]
    assert await category(abbey, OAK, MARCH) == 2
    assert await category(abbey, OAK, FEBRUARY, known=FEBRUARY) == 4
    with pytest.raises(AlreadyWithdrawn):
        await withdraw(abbey, "2")


async def test_the_page_of_a_school_lists_what_is_believed_of_its_inspections(abbey: Authority) -> None:
    """R0.4: neither a grade that was corrected, nor an outcome of another school, nor one that was withdrawn."""
    await abbey.on(JANUARY)
    for number in ("1", "2", "3"):
        await abbey.publish(OAK, JANUARY, headline=4, number=number)
    await abbey.on(FEBRUARY)
    await abbey.publish(OAK, JANUARY, headline=3, number="1")
    await abbey.publish(ELM, JANUARY, headline=4, number="2")
    await withdraw(abbey, "3")

    async def listed(urn: str) -> list[tuple[str, int]]:
        async with abbey.store.unit() as uow:
            return [(each["inspection_number"], each["headline"]) for each in await queries.outcomes_listed(uow, urn)]

    assert (await listed(OAK), await listed(ELM)) == ([("1", 3)], [("2", 4)])


async def test_a_withdrawal_needs_a_known_inspection_and_a_reason(abbey: Authority) -> None:
    with pytest.raises(UnknownInspection):
        await withdraw(abbey, "no such number")
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=2, number="1")
    with pytest.raises(WhyWithdrawn):
        await withdraw(abbey, "1", "  ")


async def test_what_a_late_outcome_changes_of_the_past_alone_is_a_correction_and_no_reaction(abbey: Authority) -> None:
    """D3.10"""
    await abbey.on(FEBRUARY)
    await abbey.publish(OAK, FEBRUARY, headline=2, number="2")
    await abbey.on(MARCH)
    await abbey.forget_said()
    await abbey.publish(OAK, JANUARY, headline=4, number="1")
    assert [each.type for each in await abbey.said()] == ["outcome.published", CORRECTED]
    (corrected,) = await abbey.said(CORRECTED)
    assert corrected.sensitivity == "restricted"
    assert (corrected.data["what"], corrected.data["from_date"], corrected.data["until"]) == (
        "category-in-force",
        str(JANUARY),
        str(FEBRUARY),
    )


async def test_of_two_sources_the_later_dated_is_believed_in_whatever_order_they_come(abbey: Authority) -> None:
    """D3.11"""
    for urn, order in ((OAK, (1, 2, 3)), (ELM, (3, 1, 2))):
        for month in order:
            await _listed(abbey, urn, as_at=date(2024, month, 20), headline={1: 4, 2: 3, 3: 2}[month])
        assert await category(abbey, urn, date(2024, 4, 1)) == 2
    said = len(await abbey.said())
    await _listed(abbey, ELM, as_at=date(2024, 3, 20), headline=2)
    assert len(await abbey.said()) == said  # the same again says nothing


async def _listed(abbey: Authority, urn: str, *, as_at: date, headline: int) -> None:
    await abbey.on(date(2024, 4, 1))

    async def work(uow: Any) -> None:
        outcome = Outcome(urn, f"N{urn}", "graded", START, JANUARY, uow.now, headline=headline)
        await record_outcomes(uow, [Published(urn, outcome)], take_on=False, source="a file", as_at=as_at)

    await abbey.do(work)


async def test_an_allocation_recorded_late_corrects_who_would_have_spoken(abbey: Authority) -> None:
    """D3.10, W-18: she speaks from today, never from an earlier day."""
    await abbey.on(JANUARY)
    await abbey.publish(ELM, JANUARY, headline=4, number="1")
    await abbey.on(MARCH)
    await abbey.forget_said()
    leader = abbey.people["leader"]
    await abbey.do(
        lambda uow: appointments.allocate_system_leader(uow, ELM, person_id=leader, from_date=FEBRUARY, until=None)
    )
    assert [each.type for each in await abbey.said()] == ["allocation.made", REASSIGNED, CORRECTED]
    (corrected,) = await abbey.said(CORRECTED)
    assert corrected.told is False  # the school hears of the allocation first (R0.8)
    assert (corrected.data["what"], corrected.data["from_date"], corrected.data["until"]) == (
        "representation",
        str(FEBRUARY),
        str(MARCH),
    )
    assert [(since, role) for since, _, role, _ in await abbey.answers(ELM)][1:] == [
        (JANUARY, "duty-desk"),
        (MARCH, "system-leader"),
    ]


async def test_a_routing_policy_is_applied_from_its_day_and_every_school_looked_at_on_it(abbey: Authority) -> None:
    """R0.3, D3.10: until then it stays membership's alone."""
    await abbey.on(JANUARY)
    await abbey.forget_said()
    adopted = await _adopt(abbey, "bristol", FEBRUARY)
    assert adopted.version == 2
    assert await abbey.said() == []
    await abbey.on(FEBRUARY)
    reassigned = await abbey.said(REASSIGNED)
    assert {each.data["cause"] for each in reassigned} == {"policy"}
    assert {(each.data["policy"], each.data["policy_version"]) for each in reassigned} == {("bristol", 2)}
    assert [role for _, _, role, _ in await abbey.answers(OAK)] == ["chair", "improvement-desk"]
    assert (await _adopt(abbey, "bristol", FEBRUARY)).version is None  # the same again


async def test_a_policy_cannot_be_adopted_from_a_day_that_has_gone(abbey: Authority) -> None:
    await abbey.on(FEBRUARY)
    with pytest.raises(PolicyFromThePast, match="10 February 2024 or a later day"):
        await _adopt(abbey, "bristol", JANUARY)


async def _adopt(abbey: Authority, name: str, from_date: date) -> policies.PolicyAdopted:
    return await abbey.do(
        lambda uow: policies.adopt_routing_policy(
            uow, "937", name=name, from_date=from_date, settings={}, reason="The committee decided", adopted_by="her"
        )
    )


async def test_under_the_authoritys_own_policy_outcomes_decide_nothing_from_its_day(abbey: Authority) -> None:
    """R0.1"""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=4, number="1")
    await abbey.do(
        lambda uow: policies.adopt_category_policy(
            uow,
            "937",
            name="la",
            from_date=FEBRUARY,
            inherit=Inherit.CONVERTERS,
            reason="The committee decided",
            adopted_by="her",
        )
    )
    await abbey.forget_said()
    await abbey.on(FEBRUARY)
    (changed,) = await abbey.said(CATEGORY)
    assert (changed.data["before"], changed.data["after"], changed.data["because"]) == (4, None, "policy")
    assert [role for _, _, role, _ in await abbey.answers(OAK)] == ["chair", "system-leader", "chair"]
    assert await category(abbey, OAK, JANUARY) == 4


async def test_an_explanation_gives_the_reasoning_as_it_was_known(abbey: Authority) -> None:
    """R0.4"""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=4, number="1")
    await abbey.on(FEBRUARY)
    await abbey.publish(OAK, JANUARY, headline=2, number="1")
    then = await abbey.do(lambda uow: explain(uow, OAK, JANUARY, JANUARY))
    now = await abbey.do(lambda uow: explain(uow, OAK, JANUARY, None))
    assert (then["category"]["category"], then["general"]["role"]) == (4, "system-leader")
    assert (now["category"]["category"], now["general"]["role"]) == (2, "chair")
    assert now["answered_then"]["general"]["role"] == "system-leader"
    assert now["answered_then"]["general"]["person"]["name"] == "Invented leader"
    assert (now["general"]["body_name"], now["general"]["person"]["name"]) == ("Abbey", "Invented chair")
    said = [step.says for step in now["steps"] if step.about == "outcome"]
    assert len(said) == 2
    assert len([step for step in then["steps"] if step.about == "outcome"]) == 1


async def test_an_answer_written_over_on_its_own_day_is_kept_beside_the_history(abbey: Authority) -> None:
    """R0.4: two changes of one day; both stay in the record."""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=4, number="1")
    await abbey.publish(OAK, JANUARY, headline=2, number="1")
    rows = await abbey.do(
        lambda uow: uow.rows(
            "select role from answer_past where urn = $1 and matter = 'general' and from_date = $2", OAK, JANUARY
        )
    )
    assert [row.role for row in rows] == ["system-leader"]
    assert [role for _, _, role, _ in await abbey.answers(OAK)] == ["chair", "chair"]
