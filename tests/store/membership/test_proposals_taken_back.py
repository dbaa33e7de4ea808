"""An officer who has confirmed or declined a proposal by mistake takes her answer back: it never counted (R0.1, R0.4)."""

import asyncio
from datetime import date
from uuid import UUID

import pytest

from services.membership.domain.proposal import (
    NoLongerOpen,
    NothingAnswered,
    TakenBackAlready,
    UnknownProposal,
    WhyTakenBack,
)
from services.membership.use_cases import la_category
from services.membership.use_cases.explain import explain
from services.membership.use_cases.proposals import TakenBack, take_back_answer
from shared.messaging.cause import new_id
from shared.refusal import Refusal
from tests.store.membership.conftest import Authority
from tests.store.membership.test_proposals import (
    CHANGED,
    LATER,
    PROPOSED,
    PUBLISHED,
    REASSIGNED,
    SCHOOL,
    answer,
    confirm,
    decline,
    in_force,
    listed,
    proposing,
    the_proposal,
)

__all__ = ["proposing"]
NOTICED = date(2024, 4, 20)


async def take_back(abbey: Authority, proposal_id: UUID, reason: str = "The wrong school") -> TakenBack:
    return await abbey.do(lambda uow: take_back_answer(uow, proposal_id, reason=reason, taken_back_by="ms officer"))


@pytest.fixture
async def proposed(proposing: Authority) -> tuple[Authority, UUID]:
    """An outcome of March proposes 3, where 2 is in force."""
    await proposing.on(PUBLISHED)
    await proposing.publish(SCHOOL, PUBLISHED, headline=3, number="N1")
    await proposing.on(LATER)
    return proposing, await the_proposal(proposing)


async def test_what_was_declined_by_mistake_is_proposed_anew_and_can_be_confirmed(
    proposed: tuple[Authority, UUID],
) -> None:
    """R0.1"""
    abbey, first = proposed
    await decline(abbey, first)
    await abbey.on(NOTICED)
    await abbey.forget_said()
    taken = await take_back(abbey, first)
    again = await the_proposal(abbey)
    assert (taken.had, taken.category_in_force, taken.proposed_again) == ("declined", 2, again)
    assert again != first
    assert [each.type for each in await abbey.said(urn=SCHOOL)] == [PROPOSED]
    await confirm(abbey, again)
    assert await in_force(abbey, NOTICED) == 3
    assert {each["proposal_id"]: each["ended"] for each in await listed(abbey, only_open=False)} == {
        first: "taken-back",
        again: "confirmed",
    }


async def test_what_was_confirmed_by_mistake_never_counted_and_the_school_hears_it_from_an_officer_first(
    proposed: tuple[Authority, UUID],
) -> None:
    """R0.1, R0.4, R0.8: 2 is in force again, which is not what was published."""
    abbey, first = proposed
    await confirm(abbey, first)
    await abbey.on(NOTICED)
    await abbey.forget_said()
    taken = await take_back(abbey, first)
    assert (taken.had, taken.category_in_force) == ("confirmed", 2)
    assert taken.proposed_again == await the_proposal(abbey)
    said = await abbey.said(urn=SCHOOL)
    assert [each.type for each in said] == [CHANGED, REASSIGNED, PROPOSED, "history.corrected"]
    assert {(each.sensitivity, each.told) for each in said} == {("restricted", False)}
    assert (said[0].data["before"], said[0].data["after"]) == (3, 2)
    assert (said[3].data["from_date"], said[3].data["until"]) == (str(LATER), str(NOTICED))
    assert [await in_force(abbey, on) for on in (PUBLISHED, LATER, NOTICED)] == [2, 2, 2]

    # The school goes on as it was answered, also when something else of it changes meanwhile.
    assert (await answer(abbey, NOTICED, to_the_school=True))["category"] == 3
    await abbey.on(date(2024, 4, 22))
    assert (await answer(abbey, date(2024, 4, 22), to_the_school=True))["category"] == 3
    told = await abbey.do(lambda uow: la_category.record_school_told(uow, SCHOOL, told_on=uow.today, told_by="officer"))
    assert told.releases == [said[0].correlation_id]
    assert (await answer(abbey, date(2024, 4, 22), to_the_school=True))["category"] == 2


async def test_a_confirmation_whose_day_has_not_come_is_taken_back_without_a_word_to_anybody(
    proposed: tuple[Authority, UUID],
) -> None:
    """R0.4, R0.8"""
    abbey, first = proposed
    begins = date(2024, 5, 1)
    await confirm(abbey, first, begins)
    await abbey.forget_said()
    await take_back(abbey, first)
    assert [each.type for each in await abbey.said(urn=SCHOOL)] == [PROPOSED]
    await abbey.forget_said()
    await abbey.on(begins)
    assert await abbey.said(urn=SCHOOL) == []
    assert await in_force(abbey, begins) == 2


async def test_what_was_confirmed_before_counts_again_and_what_was_confirmed_since_stays(
    proposed: tuple[Authority, UUID],
) -> None:
    """R0.1"""
    abbey, first = proposed
    await confirm(abbey, first)
    await abbey.on(NOTICED)
    await abbey.publish(SCHOOL, NOTICED, headline=4, number="N2")
    second = await the_proposal(abbey)
    await confirm(abbey, second)
    await take_back(abbey, second)
    assert (await in_force(abbey, NOTICED), (await listed(abbey))[0]["proposed_category"]) == (3, 4)
    await confirm(abbey, await the_proposal(abbey))
    taken = await take_back(abbey, first)
    assert (taken.category_in_force, taken.proposed_again) == (4, None)
    assert [await in_force(abbey, on) for on in (LATER, NOTICED)] == [2, 4]


async def test_an_entry_of_the_authority_goes_on_overriding_and_then_the_school_has_nothing_to_hear(
    proposed: tuple[Authority, UUID],
) -> None:
    """R0.1, R0.8"""
    abbey, first = proposed
    await confirm(abbey, first)
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, SCHOOL, category=1, from_date=LATER, reason="Why", review_on=None, set_by="officer"
        )
    )
    await abbey.do(lambda uow: la_category.record_school_told(uow, SCHOOL, told_on=LATER, told_by="officer"))
    assert (await take_back(abbey, first)).category_in_force == 1
    told = await abbey.do(lambda uow: la_category.record_school_told(uow, SCHOOL, told_on=LATER, told_by="officer"))
    assert told.releases == []


async def test_only_an_answer_of_an_officer_is_taken_back_once_and_with_a_reason(
    proposed: tuple[Authority, UUID],
) -> None:
    """R0.4"""
    abbey, first = proposed
    with pytest.raises(NothingAnswered):
        await take_back(abbey, first)
    with pytest.raises(UnknownProposal):
        await take_back(abbey, new_id())
    await decline(abbey, first)
    with pytest.raises(WhyTakenBack):
        await take_back(abbey, first, " ")
    await take_back(abbey, first)
    with pytest.raises(TakenBackAlready):
        await take_back(abbey, first)
    with pytest.raises(NoLongerOpen, match="taken her answer back"):
        await confirm(abbey, first)
    # One that a later outcome has closed was never answered.
    again = await the_proposal(abbey)
    await abbey.publish(SCHOOL, LATER, headline=4, number="N2")
    with pytest.raises(NothingAnswered):
        await take_back(abbey, again)


async def test_two_officers_who_take_back_one_answer_at_one_moment_do_it_once(proposed: tuple[Authority, UUID]) -> None:
    """R0.4"""
    abbey, first = proposed
    await decline(abbey, first)

    async def one() -> str:
        try:
            return str((await take_back(abbey, first)).proposed_again)
        except Refusal as refusal:
            return type(refusal).__name__

    done = await asyncio.gather(one(), one())
    assert done.count("TakenBackAlready") == 1
    assert len(await listed(abbey)) == 1


async def test_an_explanation_says_when_the_answer_was_given_and_when_it_was_taken_back(
    proposed: tuple[Authority, UUID],
) -> None:
    """R0.4: what was known before is still known as it was then."""
    abbey, first = proposed
    await confirm(abbey, first)
    await abbey.on(NOTICED)
    await take_back(abbey, first)
    then = await abbey.do(lambda uow: explain(uow, SCHOOL, LATER, LATER))
    now = await abbey.do(lambda uow: explain(uow, SCHOOL, LATER, NOTICED))
    assert (then["category"]["category"], now["category"]["category"]) == (3, 2)
    says = "Category 3, proposed by inspection N1: confirmed on 10 April 2024 by ms officer"
    assert [each.says for each in then["steps"] if each.about == "proposal"] == [says]
    assert [(each.says, each.counts) for each in now["steps"] if each.about == "proposal"] == [
        (f"{says}; taken back on 20 April 2024 by ms officer, The wrong school", False),
        ("Category 3, proposed by inspection N1: nobody has answered", False),
    ]
