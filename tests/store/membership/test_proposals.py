"""The policy `propose`: a published outcome proposes, an officer confirms, and nothing changes before that (R0.1)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.category import Inherit
from services.membership.domain.proposal import ConfirmedFromThePast, NoLongerOpen, UnknownProposal, WhyDeclined
from services.membership.store.proposals import proposals_in
from services.membership.use_cases import la_category, policies
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.explain import explain
from services.membership.use_cases.proposals import Answered, confirm_proposal, decline_proposal
from services.membership.use_cases.who_speaks import category_of
from services.membership.use_cases.withdraw_outcome import withdraw_outcome
from shared.messaging.cause import new_id
from tests.store.membership.conftest import Authority

SCHOOL = "900003"
BEGINS = date(2024, 3, 1)
PUBLISHED = date(2024, 3, 15)
LATER = date(2024, 4, 10)
PROPOSED, CHANGED, REASSIGNED = "category.proposed", "category-in-force.changed", "representation.reassigned"


async def adopt(abbey: Authority, name: str, on: date, *, inherit: Inherit = Inherit.CONVERTERS) -> None:
    await abbey.do(
        lambda uow: policies.adopt_category_policy(
            uow, "937", name=name, from_date=on, inherit=inherit, reason="Cabinet, item 4", adopted_by="officer"
        )
    )


@pytest.fixture
async def proposing(abbey: Authority) -> Authority:
    """The school is good by an inspection of January; from March on an officer confirms."""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(SCHOOL, date(2024, 1, 10), headline=2)
    await abbey.on(BEGINS)
    await adopt(abbey, "propose", BEGINS)
    await abbey.forget_said()
    return abbey


async def listed(abbey: Authority, *, only_open: bool = True) -> list[dict[str, Any]]:
    return await abbey.do(lambda uow: proposals_in(uow, "937", only_open=only_open))


async def the_proposal(abbey: Authority) -> UUID:
    (one,) = await listed(abbey)
    found: UUID = one["proposal_id"]
    return found


async def confirm(abbey: Authority, proposal_id: UUID, on: date | None = None) -> Answered:
    return await abbey.do(lambda uow: confirm_proposal(uow, proposal_id, from_date=on, confirmed_by="ms officer"))


async def decline(abbey: Authority, proposal_id: UUID, reason: str = "A visit says otherwise") -> Answered:
    return await abbey.do(lambda uow: decline_proposal(uow, proposal_id, reason=reason, declined_by="ms officer"))


async def answer(abbey: Authority, on: date, *, to_the_school: bool = False) -> dict[str, Any]:
    return await abbey.do(lambda uow: category_of(uow, SCHOOL, on, to_the_school=to_the_school))


async def in_force(abbey: Authority, on: date) -> int | None:
    category: int | None = (await answer(abbey, on))["category"]
    return category


async def test_an_outcome_proposes_and_changes_nothing_until_an_officer_confirms(proposing: Authority) -> None:
    """R0.1, R0.8"""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, PUBLISHED, headline=3)
    said = await abbey.said(urn=SCHOOL)
    assert [each.type for each in said] == ["outcome.published", PROPOSED]
    assert set(said[1].data) == {"proposal_id", "urn"}
    assert (said[1].sensitivity, said[1].told) == ("restricted", False)
    assert said[1].correlation_id == said[0].correlation_id
    # The feed hears what the published outcome gives, and of no speaker: the report alone moves nobody (N-05).
    assert (said[0].data["public_category_after"], said[0].data["public_role_after"]) == (3, None)
    now = await answer(abbey, PUBLISHED)
    assert (now["category"], now["public_category"], now["restricted"]) == (2, 3, True)
    assert now["sentence"].endswith("kept because no officer has confirmed another")
    assert (await abbey.answers(SCHOOL))[-1][2] == "chair"

    await abbey.on(LATER)
    await abbey.forget_said()
    answered = await confirm(abbey, await the_proposal(abbey))
    assert (answered.ended, answered.category_in_force, answered.from_date) == ("confirmed", 3, LATER)
    said = await abbey.said(urn=SCHOOL)
    assert [each.type for each in said] == [CHANGED, REASSIGNED]
    assert (said[0].data["before"], said[0].data["after"], said[0].data["on"]) == (2, 3, str(LATER))
    assert (said[0].data["because"], said[0].data["because_ref"]) == ("proposal", str(answered.proposal_id))
    # What it was before shows that it was not what was published, so the event stays inside; the school need not be told.
    assert {(each.sensitivity, each.told) for each in said} == {("restricted", True)}
    assert [await in_force(abbey, on) for on in (PUBLISHED, date(2024, 4, 9), LATER)] == [2, 2, 3]
    assert (await answer(abbey, LATER))["restricted"] is False
    assert (await abbey.answers(SCHOOL))[-1][2] == "duty-desk"
    assert await listed(abbey) == []


async def test_a_category_may_be_confirmed_from_a_later_day_and_never_from_an_earlier_one(proposing: Authority) -> None:
    """R0.4"""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, PUBLISHED, headline=4)
    proposal_id = await the_proposal(abbey)
    await abbey.on(LATER)
    with pytest.raises(ConfirmedFromThePast):
        await confirm(abbey, proposal_id, PUBLISHED)
    await abbey.forget_said()
    await confirm(abbey, proposal_id, date(2024, 5, 1))
    assert await abbey.said() == []
    assert (await listed(abbey), await in_force(abbey, LATER), await in_force(abbey, date(2024, 5, 1))) == ([], 2, 4)
    await abbey.on(date(2024, 5, 1))
    assert [each.type for each in await abbey.said(urn=SCHOOL)] == [CHANGED, REASSIGNED]


async def test_a_declined_outcome_proposes_no_second_time_until_it_is_corrected(proposing: Authority) -> None:
    """R0.1"""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, PUBLISHED, headline=3, number="N1")
    proposal_id = await the_proposal(abbey)
    with pytest.raises(WhyDeclined):
        await decline(abbey, proposal_id, " ")
    await decline(abbey, proposal_id)
    with pytest.raises(NoLongerOpen, match="an officer has declined it"):
        await confirm(abbey, proposal_id)
    await abbey.on(LATER)
    await abbey.publish(SCHOOL, PUBLISHED, headline=3, number="N1")
    assert await listed(abbey) == []
    await abbey.publish(SCHOOL, PUBLISHED, headline=4, number="N1")
    assert [each["proposed_category"] for each in await listed(abbey)] == [4]
    assert await in_force(abbey, LATER) == 2


async def test_a_later_outcome_takes_the_place_of_an_open_proposal(proposing: Authority) -> None:
    """R0.1"""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, PUBLISHED, headline=3)
    first = await the_proposal(abbey)
    await abbey.on(LATER)
    await abbey.publish(SCHOOL, LATER, headline=4)
    (second,) = await listed(abbey)
    assert (second["proposed_category"], second["proposal_id"] == first) == (4, False)
    with pytest.raises(NoLongerOpen, match="a later outcome has taken its place"):
        await confirm(abbey, first)
    # One that gives again what is in force leaves nothing to ask.
    await abbey.on(date(2024, 4, 20))
    await abbey.publish(SCHOOL, date(2024, 4, 20), headline=2)
    assert {each["ended"] for each in await listed(abbey, only_open=False)} == {"superseded"}
    assert await in_force(abbey, date(2024, 4, 20)) == 2


async def test_a_corrected_outcome_renews_its_proposal_and_a_withdrawn_one_takes_it_back(proposing: Authority) -> None:
    """R0.1, R0.4"""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, PUBLISHED, headline=3, number="N1")
    await abbey.publish(SCHOOL, PUBLISHED, headline=4, number="N1")
    assert [(each["proposed_category"], each["ended"]) for each in await listed(abbey, only_open=False)] == [
        (3, "withdrawn"),
        (4, None),
    ]
    await abbey.do(lambda uow: withdraw_outcome(uow, "N1", "graded", reason="Another school's", withdrawn_by="officer"))
    assert await listed(abbey) == []
    assert await in_force(abbey, PUBLISHED) == 2


async def test_a_confirmed_outcome_that_is_withdrawn_stays_in_force_until_an_officer_confirms_what_is_left(
    proposing: Authority,
) -> None:
    """R0.1"""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, PUBLISHED, headline=4, number="N1")
    await confirm(abbey, await the_proposal(abbey))
    await abbey.do(lambda uow: withdraw_outcome(uow, "N1", "graded", reason="Another school's", withdrawn_by="officer"))
    assert await in_force(abbey, PUBLISHED) == 4
    (back,) = await listed(abbey)
    assert back["proposed_category"] == 2
    await confirm(abbey, back["proposal_id"])
    assert await in_force(abbey, PUBLISHED) == 2


async def test_what_was_in_force_stays_when_the_policy_begins_whatever_is_learned_later_of_the_time_before(
    proposing: Authority,
) -> None:
    """R0.1: an outcome of February that comes in March proposes like any other."""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, date(2024, 2, 10), headline=4)
    assert [await in_force(abbey, on) for on in (date(2024, 2, 20), BEGINS, PUBLISHED)] == [4, 2, 2]
    assert [each["proposed_category"] for each in await listed(abbey)] == [4]


async def test_another_policy_closes_open_proposals_and_the_outcome_decides_again(proposing: Authority) -> None:
    """R0.1"""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, PUBLISHED, headline=3)
    proposal_id = await the_proposal(abbey)
    await adopt(abbey, "ofsted", LATER)
    assert await listed(abbey) != []
    await abbey.on(LATER)
    assert [each["ended"] for each in await listed(abbey, only_open=False)] == ["policy"]
    assert [await in_force(abbey, on) for on in (PUBLISHED, LATER)] == [2, 3]
    with pytest.raises(NoLongerOpen, match="another category policy"):
        await confirm(abbey, proposal_id)
    # Coming back begins anew: what was confirmed or declined before counts no more, what is in force stays.
    await adopt(abbey, "propose", date(2024, 5, 1))
    await abbey.on(date(2024, 5, 1))
    assert (await in_force(abbey, date(2024, 5, 1)), await listed(abbey)) == (3, [])


async def test_another_policy_of_the_same_day_closes_them_too(proposing: Authority) -> None:
    """R0.1: the policy that proposed was taken back before its day was over, and nothing is left to be answered."""
    abbey = proposing
    await abbey.publish(SCHOOL, BEGINS, headline=4)
    await the_proposal(abbey)
    await adopt(abbey, "ofsted", BEGINS)
    assert await listed(abbey) == []


async def test_another_version_of_the_policy_keeps_what_was_confirmed(proposing: Authority) -> None:
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, PUBLISHED, headline=3)
    await confirm(abbey, await the_proposal(abbey))
    await abbey.on(LATER)
    await adopt(abbey, "propose", LATER, inherit=Inherit.NEVER)
    assert (await in_force(abbey, LATER), await listed(abbey)) == (3, [])


async def test_an_entry_of_the_authority_overrides_what_is_confirmed_and_the_proposal_stays_open(
    proposing: Authority,
) -> None:
    """R0.1"""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, SCHOOL, category=1, from_date=PUBLISHED, reason="Why", review_on=None, set_by="officer"
        )
    )
    await abbey.publish(SCHOOL, PUBLISHED, headline=3)
    assert (await confirm(abbey, await the_proposal(abbey))).category_in_force == 1
    await abbey.do(
        lambda uow: la_category.lift_la_category(uow, SCHOOL, lifted_on=PUBLISHED, reason="Over", lifted_by="officer")
    )
    assert await in_force(abbey, PUBLISHED) == 3


async def test_a_confirmed_category_that_is_not_what_was_published_waits_until_the_school_was_told(
    proposing: Authority,
) -> None:
    """R0.8: confirmed for May; by then another outcome is out."""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, PUBLISHED, headline=3)
    await confirm(abbey, await the_proposal(abbey), date(2024, 5, 1))
    await abbey.on(LATER)
    await abbey.publish(SCHOOL, LATER, headline=4)
    await abbey.forget_said()
    await abbey.on(date(2024, 5, 1))
    said = await abbey.said(urn=SCHOOL)
    assert [(each.type, each.sensitivity, each.told) for each in said] == [
        (CHANGED, "restricted", False),
        (REASSIGNED, "restricted", False),
    ]
    assert (await answer(abbey, date(2024, 5, 1), to_the_school=True))["category"] == 2
    told = await abbey.do(lambda uow: la_category.record_school_told(uow, SCHOOL, told_on=uow.today, told_by="officer"))
    assert told.releases == [said[0].correlation_id]
    assert (await answer(abbey, date(2024, 5, 1), to_the_school=True))["category"] == 3


async def test_an_academy_that_opens_is_proposed_what_it_inherits(proposing: Authority) -> None:
    """R0.1: `inherit` of the policy says whose outcomes propose."""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish("900011", PUBLISHED, headline=3, inspected="900004")
    found = {each["urn"]: (each["proposed_category"], each["inherited_from"]) for each in await listed(abbey)}
    assert found["900011"] == (3, "900004")


async def test_the_desk_lists_what_is_to_be_confirmed_and_an_explanation_says_what_came_of_it(
    proposing: Authority,
) -> None:
    """R0.1, R0.4"""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(SCHOOL, PUBLISHED, headline=3)
    await abbey.on(LATER)
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    (item,) = [each for each in queue["items"] if each["kind"] == "proposal"]
    assert (item["urn"], item["days"], item["proposed_category"]) == (SCHOOL, 26, 3)
    assert "Confirm" in item["cure"]
    await confirm(abbey, await the_proposal(abbey))
    then = await abbey.do(lambda uow: explain(uow, SCHOOL, LATER, PUBLISHED))
    now = await abbey.do(lambda uow: explain(uow, SCHOOL, LATER, LATER))
    assert (then["category"]["category"], now["category"]["category"]) == (2, 3)
    assert [each.says for each in now["steps"] if each.about == "proposal"] == [
        "Category 3, proposed by inspection N90000320240315: confirmed on 10 April 2024 by ms officer"
    ]
    assert [each.says for each in then["steps"] if each.about == "proposal"] == [
        "Category 3, proposed by inspection N90000320240315: nobody has answered"
    ]


async def test_what_nobody_proposed_cannot_be_confirmed(proposing: Authority) -> None:
    with pytest.raises(UnknownProposal):
        await confirm(proposing, new_id())
