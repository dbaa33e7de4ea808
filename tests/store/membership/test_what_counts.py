"""Of all that an explanation lists that alone counts which decides: what the category in force rests on, who is there (R0.4)."""

from datetime import date
from uuid import UUID

import pytest

from services.membership.domain.category import Inherit
from services.membership.store import knowledge
from services.membership.store.proposals import proposals_in
from services.membership.use_cases import la_category, places
from services.membership.use_cases.explain import NotKnownYet, explain
from services.membership.use_cases.policies import adopt_category_policy
from services.membership.use_cases.proposals import confirm_proposal
from services.membership.use_cases.step import Step
from services.membership.use_cases.withdraw_outcome import withdraw_outcome
from tests.store.membership.conftest import START, Authority

OAK, CONVERTER, BEFORE = "900003", "900011", "900004"
JANUARY, FEBRUARY, MARCH, APRIL = (date(2024, month, 10) for month in (1, 2, 3, 4))
OF_THE_CATEGORY = ("outcome", "the authority's own", "proposal")


async def steps(abbey: Authority, urn: str, on: date, known: date | None = None) -> list[Step]:
    found: list[Step] = (await abbey.do(lambda uow: explain(uow, urn, on, known)))["steps"]
    return found


async def what_counts(abbey: Authority, urn: str, on: date) -> list[str]:
    """Of what says a category, by what each is about and how it begins."""
    return [
        f"{each.about}: {each.says.split(',')[0].split(':')[0]}"
        for each in await steps(abbey, urn, on)
        if each.counts and each.about in OF_THE_CATEGORY
    ]


async def adopt(abbey: Authority, name: str, on: date) -> None:
    await abbey.do(
        lambda uow: adopt_category_policy(
            uow, "937", name=name, from_date=on, inherit=Inherit.CONVERTERS, reason="Cabinet, item 4", adopted_by="her"
        )
    )


async def enter(abbey: Authority, category: int, on: date, reason: str = "Why") -> None:
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, OAK, category=category, from_date=on, reason=reason, review_on=None, set_by="her"
        )
    )


async def confirm(abbey: Authority) -> None:
    (one,) = await abbey.do(lambda uow: proposals_in(uow, "937", only_open=True))
    await abbey.do(lambda uow: confirm_proposal(uow, one["proposal_id"], from_date=None, confirmed_by="ms officer"))


async def test_of_two_outcomes_only_the_later_counts(abbey: Authority) -> None:
    """R0.1"""
    await abbey.on(FEBRUARY)
    await abbey.publish(OAK, JANUARY, headline=3, number="1")
    await abbey.publish(OAK, FEBRUARY, headline=2, number="2")
    assert await what_counts(abbey, OAK, JANUARY) == ["outcome: Inspection 1"]
    assert await what_counts(abbey, OAK, FEBRUARY) == ["outcome: Inspection 2"]


async def test_under_an_entry_of_the_authority_no_outcome_counts_and_of_two_entries_that_from_the_later_day(
    abbey: Authority,
) -> None:
    """R0.1: an entry of the authority always overrides."""
    await abbey.on(APRIL)
    await abbey.publish(OAK, JANUARY, headline=2, number="1")
    await enter(abbey, 4, MARCH)
    await enter(abbey, 3, FEBRUARY)  # entered later, from an earlier day
    assert await what_counts(abbey, OAK, JANUARY) == ["outcome: Inspection 1"]
    assert await what_counts(abbey, OAK, FEBRUARY) == ["the authority's own: Category 3"]
    assert await what_counts(abbey, OAK, APRIL) == ["the authority's own: Category 4"]


async def test_what_nobody_has_confirmed_does_not_count_and_what_is_confirmed_counts_with_its_outcome(
    abbey: Authority,
) -> None:
    """R0.1, `propose`: what was in force when the policy began stays in force until an officer confirms another."""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=2, number="1")
    await abbey.on(FEBRUARY)
    await adopt(abbey, "propose", FEBRUARY)
    await abbey.on(MARCH)
    await abbey.publish(OAK, MARCH, headline=3, number="2")
    found = await abbey.do(lambda uow: explain(uow, OAK, MARCH, None))
    assert "kept because no officer has confirmed another" in found["category"]["sentence"]
    assert await what_counts(abbey, OAK, MARCH) == ["outcome: Inspection 1"]
    await abbey.on(APRIL)
    await confirm(abbey)
    assert await what_counts(abbey, OAK, MARCH) == ["outcome: Inspection 1"]
    assert await what_counts(abbey, OAK, APRIL) == ["outcome: Inspection 2", "proposal: Category 3"]


async def test_what_was_confirmed_rests_on_the_version_that_proposed_it_and_the_latest_confirmation_alone_counts(
    abbey: Authority,
) -> None:
    """R0.1, R0.4: a correction proposes anew; until somebody answers that, the first stays in force."""
    await abbey.on(JANUARY)
    await adopt(abbey, "propose", JANUARY)
    await abbey.publish(OAK, JANUARY, headline=4, number="1")
    await confirm(abbey)
    await abbey.on(FEBRUARY)
    await abbey.publish(OAK, JANUARY, headline=3, number="1")
    counting = [each.says for each in await steps(abbey, OAK, FEBRUARY) if each.counts and each.about == "outcome"]
    assert [says.split(" (")[0] for says in counting] == [
        "Inspection 1, graded, version 1: headline 4, Category 4 by the table"
    ]
    await confirm(abbey)
    assert await what_counts(abbey, OAK, FEBRUARY) == ["outcome: Inspection 1", "proposal: Category 3"]


async def test_what_was_confirmed_for_the_school_before_is_told_of_the_school_that_carries_it_on(
    abbey: Authority,
) -> None:
    """R0.1, `inherit`"""
    await abbey.on(JANUARY)
    await adopt(abbey, "propose", JANUARY)
    await abbey.publish(BEFORE, JANUARY, headline=3, number="1")
    await confirm(abbey)
    await abbey.on(FEBRUARY)
    await abbey.publish(CONVERTER, JANUARY, headline=3, number="1", inspected=BEFORE)
    assert await what_counts(abbey, CONVERTER, FEBRUARY) == ["outcome: Inspection 1", "proposal: Category 3"]
    (proposal,) = [each for each in await steps(abbey, CONVERTER, FEBRUARY) if each.about == "proposal"]
    assert f"for {BEFORE}, which this school continues" in proposal.says


async def test_a_withdrawal_counts_where_the_category_would_be_another_without_it(abbey: Authority) -> None:
    """R0.4"""
    await abbey.on(MARCH)
    for number, published in (("1", JANUARY), ("2", FEBRUARY), ("3", MARCH)):
        await abbey.publish(OAK, published, headline=int(number), number=number)
    for number in ("1", "3"):
        await abbey.do(
            lambda uow, number=number: withdraw_outcome(uow, number, "graded", reason="Another Oak", withdrawn_by="her")
        )
    withdrawn = {each.fact_id: each.counts for each in await steps(abbey, OAK, MARCH) if "withdrawn by" in each.says}
    assert withdrawn == {"1": False, "3": True}
    assert "outcome: Inspection 2" in await what_counts(abbey, OAK, MARCH)


async def test_a_chair_of_a_body_that_the_school_has_left_counts_no_more(abbey: Authority) -> None:
    """R0.3, R0.4"""
    await abbey.on(JANUARY)
    await abbey.do(lambda uow: places.leave(uow, abbey.body_id, OAK, left_on=FEBRUARY))
    await abbey.on(MARCH)

    async def in_office(on: date) -> list[bool]:
        return [each.counts for each in await steps(abbey, OAK, on) if each.about == "office"]

    assert await in_office(JANUARY) == [True, True]
    assert await in_office(MARCH) == [False, False]


async def test_a_contact_of_a_trust_counts_while_the_school_is_in_that_trust(abbey: Authority) -> None:
    """R0.3, W-19"""
    await abbey.on(JANUARY)
    await abbey.do(
        lambda uow: uow.execute(
            "update school_in_trust set during = daterange(lower(during), $2::date) where urn = $1", CONVERTER, FEBRUARY
        )
    )
    await abbey.on(MARCH)

    async def contacts(on: date) -> list[bool]:
        return [each.counts for each in await steps(abbey, CONVERTER, on) if each.about == "trust contact"]

    assert await contacts(JANUARY) == [True]
    assert await contacts(MARCH) == [False]


async def test_of_a_policy_it_is_said_from_when_it_applies_since_when_that_is_known_by_whom_and_why(
    abbey: Authority,
) -> None:
    """R0.1, R0.3: policies are dated and versioned, and rest on a decision."""
    await abbey.on(JANUARY)
    await adopt(abbey, "propose", FEBRUARY)
    before, category = [
        next(each for each in await steps(abbey, OAK, on) if each.about == "category policy")
        for on in (JANUARY, FEBRUARY)
    ]
    assert (before.from_date, before.until) == (None, FEBRUARY)
    assert category.says == "propose, version 2, inherit converters; adopted by her: Cabinet, item 4"
    assert (category.from_date, category.until, category.known_on, category.fact_id) == (FEBRUARY, None, JANUARY, "2")


async def test_what_is_known_on_a_day_to_come_nobody_can_say_and_who_is_to_speak_then_is_said_as_planned(
    abbey: Authority,
) -> None:
    """R0.4"""
    await abbey.on(JANUARY)
    with pytest.raises(NotKnownYet, match="10 February 2024 has not come"):
        await abbey.do(lambda uow: explain(uow, OAK, JANUARY, FEBRUARY))
    await adopt(abbey, "propose", FEBRUARY)
    planned = await abbey.do(lambda uow: explain(uow, OAK, FEBRUARY, None))
    assert (planned["to_come"], planned["answered_then"]["general"]) == (True, None)
    assert planned["general"]["role"] == "chair"
    assert [each.says.split(",")[0] for each in planned["steps"] if each.about == "category policy"] == ["propose"]
    assert planned["note"].startswith(
        "10 February 2024 has not come: this is what is known today, 10 January 2024, to apply on it. Whatever is entered"
    )
    before = await abbey.do(lambda uow: explain(uow, OAK, FEBRUARY, START))
    assert "this is what was known by 1 September 2023 to apply on it" in before["note"]
    assert "propose" not in str(before["steps"])
    today = await abbey.do(lambda uow: explain(uow, OAK, JANUARY, None))
    assert (today["to_come"], today["note"]) == (False, None)


async def test_each_step_has_the_id_by_which_what_it_tells_is_corrected_withdrawn_or_ended(abbey: Authority) -> None:
    """R0.4: entries that are lifted or planned, allocations and headships are shown by nothing else."""
    await abbey.on(JANUARY)
    await enter(abbey, 4, MARCH)
    (entry,) = await abbey.do(lambda uow: knowledge.entries_recorded(uow, OAK, JANUARY))
    shown = {each.about: each.fact_id for each in await steps(abbey, OAK, JANUARY)}
    assert shown["the authority's own"] == str(entry["entry_id"])
    assert shown["membership"] == str(abbey.body_id)
    led = {each.about: each.fact_id for each in await steps(abbey, "900002", JANUARY)}
    (allocation,) = await abbey.do(lambda uow: uow.rows("select allocation_id from allocation where urn = '900002'"))
    assert led["allocation"] == str(allocation.allocation_id)
    headed = {each.about: each.fact_id for each in await steps(abbey, "900001", JANUARY)}
    assert headed["headship"] == str(abbey.people["chair"])
    terms = await abbey.do(lambda uow: uow.rows("select term_id from term"))
    in_office = {UUID(each.fact_id or "") for each in await steps(abbey, OAK, JANUARY) if each.about == "office"}
    assert in_office == {each.term_id for each in terms}
    of_the_trust = {each.about: each.fact_id for each in await steps(abbey, CONVERTER, START)}
    assert (of_the_trust["trust"], of_the_trust["trust contact"]) == ("7001", str(abbey.people["chief"]))
