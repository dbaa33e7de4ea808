"""A school that converts while officers confirm categories; and an authority whose own category alone decides."""

from datetime import date

from services.membership.domain.category import Inherit
from services.membership.domain.links import Link
from services.membership.domain.standing import Standing, standing
from services.membership.store.facts import facts_of
from services.membership.store.proposals import proposals_in
from services.membership.use_cases import la_category
from services.membership.use_cases.explain import explain
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.proposals import confirm_proposal, decline_proposal
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_proposals import BEGINS, PUBLISHED, adopt, proposing, the_proposal

__all__ = ["proposing"]
OLD, NEW = "900003", "900020"
OPENS, LATER = date(2024, 5, 1), date(2024, 5, 8)
CHANGED, REASSIGNED = "category-in-force.changed", "representation.reassigned"


async def converts(abbey: Authority) -> None:
    academy = line(NEW, type_code="34", opened_on=OPENS, trust_id="7001", trust_name="Larch Trust")
    await abbey.do(lambda uow: keep_schools(uow, [line(OLD, date(2023, 9, 2), closed_on=OPENS), academy]))
    await abbey.do(lambda uow: keep_links(uow, [Link(NEW, OLD, "Predecessor", None, "links", START)]))


async def of_the_new_school(abbey: Authority, on: date) -> Standing:
    facts = await abbey.do(lambda uow: facts_of(uow, [NEW]))
    return standing(facts[NEW], on)


async def test_a_school_that_converts_keeps_what_an_officer_confirmed_for_it(proposing: Authority) -> None:
    """R0.1, W-02: the academy inherits what was in force, and nobody is asked the same again."""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(OLD, PUBLISHED, headline=3)
    proposal_id = await the_proposal(abbey)
    await abbey.do(lambda uow: confirm_proposal(uow, proposal_id, from_date=None, confirmed_by="ms officer"))
    await converts(abbey)
    await abbey.on(OPENS)
    now = await of_the_new_school(abbey, OPENS)
    assert (now.category.value, now.category.inherited_from, now.category_is_public) == (3, OLD, True)
    assert now.category.sentence("Oak School") == (
        "Category 3 from 1 May 2024, as an officer confirmed for Oak School; proposed by inspection N90000320240315"
    )
    assert [(each.data["after"], each.told) for each in await abbey.said(CHANGED, urn=NEW)] == [(3, True)]
    assert await abbey.do(lambda uow: proposals_in(uow, "937", only_open=True)) == []


async def test_what_an_officer_declined_for_the_school_before_stays_declined_and_waits_until_the_academy_is_told(
    proposing: Authority,
) -> None:
    """R0.1, R0.8: what is in force is not what was published, so the first answer is held back as well."""
    abbey = proposing
    await abbey.on(PUBLISHED)
    await abbey.publish(OLD, PUBLISHED, headline=3)
    proposal_id = await the_proposal(abbey)
    await abbey.do(lambda uow: decline_proposal(uow, proposal_id, reason="A visit", declined_by="ms officer"))
    await converts(abbey)
    await abbey.on(OPENS)
    now = await of_the_new_school(abbey, OPENS)
    assert (now.category.value, now.public_category.value) == (2, 3)
    assert {(each.type, each.told) for each in await abbey.said(CHANGED, REASSIGNED, urn=NEW)} == {
        (CHANGED, False),
        (REASSIGNED, False),
    }
    assert await abbey.do(lambda uow: proposals_in(uow, "937", only_open=True)) == []


async def test_the_first_answer_of_a_school_without_a_confirmed_category_is_held_back(abbey: Authority) -> None:
    """R0.8: nothing is confirmed, the inherited outcome says 3, and the answer would show that nobody has confirmed it."""
    await adopt(abbey, "la", date(2024, 1, 10))
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(OLD, date(2024, 1, 10), headline=3)
    await adopt(abbey, "propose", BEGINS)
    await abbey.on(BEGINS)
    await converts(abbey)
    await abbey.on(OPENS)
    first = await abbey.said(REASSIGNED, urn=NEW)
    assert {(each.sensitivity, each.told) for each in first} == {("restricted", False)}


async def test_where_the_authoritys_own_category_decides_outcomes_are_told_and_nothing_follows(
    abbey: Authority,
) -> None:
    """R0.1, R0.8, N-05: what the feed gets of it, from the report to the entry that is lifted."""
    january, february, march = date(2024, 1, 10), date(2024, 2, 10), date(2024, 3, 10)
    await adopt(abbey, "la", january)
    await abbey.on(january)
    await abbey.forget_said()
    await abbey.publish(OLD, january, headline=4)
    (published,) = await abbey.said()
    public = ("public_category_before", "public_category_after", "public_role_before", "public_role_after")
    assert [published.data[each] for each in public] == [None, None, "chair", "chair"]
    assert (await abbey.answers(OLD))[-1][2] == "chair"
    why = await abbey.do(lambda uow: explain(uow, OLD, january, None))
    assert why["category"]["sentence"].startswith("The authority's own category decides and none is entered")

    await abbey.on(february)
    await abbey.forget_said()
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, OLD, category=3, from_date=february, reason="Results", review_on=None, set_by="officer"
        )
    )
    said = await abbey.said(urn=OLD)
    assert [each.type for each in said] == ["la-category.set", CHANGED, REASSIGNED]
    assert {(each.sensitivity, each.told) for each in said} == {("restricted", False)}
    assert (await abbey.answers(OLD))[-1][2] == "duty-desk"
    why = await abbey.do(lambda uow: explain(uow, OLD, february, None))
    assert (why["category"]["category"], why["category"]["because"]) == (3, "la-category")
    assert "own entry from 10 February 2024" in why["category"]["sentence"]
    # A report that comes meanwhile says to the public what it said before: nothing of a category.
    await abbey.forget_said()
    await abbey.publish(OLD, february, headline=1, number="2")
    (published,) = await abbey.said("outcome.published")
    assert [published.data[each] for each in public] == [None, None, "chair", "chair"]

    await abbey.on(march)
    await abbey.do(lambda uow: la_category.record_school_told(uow, OLD, told_on=uow.today, told_by="officer"))
    await abbey.do(
        lambda uow: la_category.lift_la_category(uow, OLD, lifted_on=march, reason="Over", lifted_by="officer")
    )
    assert (await abbey.answers(OLD))[-1][2] == "chair"


async def test_an_academy_that_inherits_only_since_officers_confirm_keeps_what_was_in_force_before_it(
    abbey: Authority,
) -> None:
    """R0.1: what stays of the school before it is written down in the same hour, and nobody is asked about it."""
    await adopt(abbey, "ofsted", date(2024, 1, 10), inherit=Inherit.NEVER)
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(OLD, date(2024, 1, 10), headline=3)
    await converts(abbey)
    await adopt(abbey, "propose", LATER, inherit=Inherit.CONVERTERS)
    await abbey.on(OPENS)
    assert (await of_the_new_school(abbey, OPENS)).category.value is None
    await abbey.on(LATER)
    now = await of_the_new_school(abbey, LATER)
    assert (now.category.value, now.category.inherited_from, now.category_is_public) == (3, OLD, True)
    assert [(each.data["after"], each.data["because"]) for each in await abbey.said(CHANGED, urn=NEW)] == [
        (3, "policy")
    ]
    assert await abbey.do(lambda uow: proposals_in(uow, "937", only_open=False)) == []
