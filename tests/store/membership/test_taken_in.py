"""What a school inherits of one that it took in when it had long existed, in whatever order that is learned (R0.1, D3.11)."""

from dataclasses import replace
from datetime import date

import pytest

from services.membership.domain.category import Category, Inherit
from services.membership.domain.links import Link
from services.membership.domain.standing import standing
from services.membership.store.facts import facts_of
from services.membership.store.reviews import reviews_in
from services.membership.use_cases import policies
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.la_category import set_la_category
from tests.store.membership.conftest import START, Authority, line

# As 138668, a converter, opened in the place of 108928 on 1 September 2012, and took 142297 in on 1 September 2015: each
# link says "Predecessor", and at each of the other schools the same day or its eve stands.
INFANTS, JUNIORS, PRIMARY, NEXT, BEFORE_THAT = "900028", "900029", "900038", "900048", "900018"
OPENED, TOOK_IN = date(2023, 10, 1), date(2024, 3, 1)
INSPECTED, EVE, LATER = date(2023, 9, 4), date(2024, 2, 29), date(2024, 3, 4)
CATEGORY, CORRECTED = "category-in-force.changed", "history.corrected"
LINKS = [
    Link(PRIMARY, INFANTS, "Predecessor", OPENED, "links", START),
    Link(INFANTS, PRIMARY, "Successor", date(2023, 9, 30), "links", START),
    Link(PRIMARY, JUNIORS, "Predecessor", TOOK_IN, "links", START),
    Link(JUNIORS, PRIMARY, "Successor", TOOK_IN, "links", START),
]


async def in_register(abbey: Authority, *, opened_on: date | None = OPENED, as_at: date = START) -> None:
    trust = {"trust_id": "7001", "trust_name": "Larch Trust"}
    academy = line(PRIMARY, as_at, type_code="34", opened_on=opened_on, **trust)
    await abbey.do(lambda uow: keep_schools(uow, [line(INFANTS), line(JUNIORS), academy]))


async def adopts(abbey: Authority, inherit: Inherit) -> None:
    await abbey.do(
        lambda uow: policies.adopt_category_policy(
            uow, "937", name="ofsted", from_date=START, inherit=inherit, reason="Why", adopted_by="her"
        )
    )


async def category(abbey: Authority, day: date, known: date | None = None, urn: str = PRIMARY) -> Category:
    async with abbey.store.unit() as uow:
        return standing((await facts_of(uow, [urn], known=known))[urn], day).category


async def decided(abbey: Authority) -> tuple[int | None, date | None]:
    """What is written down as in force, and since when it is true."""
    async with abbey.store.unit() as uow:
        row = await uow.row("select category, true_from from representation where urn = $1", PRIMARY)
    return row.category, row.true_from


async def both_are_inspected(abbey: Authority) -> None:
    await abbey.on(INSPECTED)
    await abbey.publish(INFANTS, START, headline=2)
    await abbey.publish(JUNIORS, INSPECTED, headline=4)


@pytest.mark.parametrize("order", [1, -1])
async def test_a_converter_inherits_of_the_school_in_whose_place_it_opened_alone(abbey: Authority, order: int) -> None:
    """R0.1: what it takes in later is a merger, whatever the link is called, on that day too."""
    await in_register(abbey)
    for each in LINKS[::order]:
        await abbey.do(lambda uow, each=each: keep_links(uow, [each]))  # type: ignore[misc]
    await both_are_inspected(abbey)
    for day in (OPENED, EVE, TOOK_IN, LATER):
        await abbey.on(day)
        assert await decided(abbey) == (2, OPENED)
        assert (await category(abbey, day)).inherited_from == INFANTS


async def test_under_always_what_it_takes_in_counts_from_that_day_and_is_told_on_it(abbey: Authority) -> None:
    """R0.1, D3.10: nobody enters anything on the day on which the school takes the other one in."""
    await adopts(abbey, Inherit.ALWAYS)
    await in_register(abbey)
    await abbey.do(lambda uow: keep_links(uow, LINKS))
    await both_are_inspected(abbey)
    await abbey.on(OPENED)
    await abbey.on(EVE)
    assert await decided(abbey) == (2, OPENED)
    await abbey.forget_said()
    await abbey.on(TOOK_IN)
    assert await decided(abbey) == (4, TOOK_IN)
    (changed,) = await abbey.said(CATEGORY, urn=PRIMARY)
    assert (changed.data["after"], changed.data["because"], changed.data["on"]) == (4, "inherited", str(TOOK_IN))
    assert (await category(abbey, EVE)).inherited_from == INFANTS
    assert (await category(abbey, TOOK_IN)).inherited_from == JUNIORS


async def test_a_link_that_is_dated_otherwise_later_counts_from_that_day_and_what_was_known_stays(
    abbey: Authority,
) -> None:
    """R0.4, D3.11: a later file has the day of the taking in as that of the opening, and then again as it was."""
    await adopts(abbey, Inherit.ALWAYS)
    await in_register(abbey)
    await abbey.do(lambda uow: keep_links(uow, LINKS))
    await both_are_inspected(abbey)
    await abbey.on(OPENED)
    await abbey.on(EVE)
    await abbey.forget_said()
    await abbey.do(lambda uow: keep_links(uow, [Link(PRIMARY, JUNIORS, "Predecessor", OPENED, "links", EVE)]))
    assert await decided(abbey) == (4, OPENED)
    assert await corrections(abbey) == [(str(OPENED), str(EVE))]
    yesterday = date(2024, 2, 28)
    assert (await category(abbey, yesterday, known=yesterday)).value == 2
    assert (await category(abbey, yesterday)).value == 4
    await abbey.forget_said()
    await abbey.do(lambda uow: keep_links(uow, [Link(PRIMARY, JUNIORS, "Predecessor", TOOK_IN, "links", TOOK_IN)]))
    assert await decided(abbey) == (2, OPENED)
    assert await corrections(abbey) == [(str(OPENED), str(EVE))]


async def test_where_the_opening_is_learned_late_the_school_that_inherits_in_turn_is_decided_anew(
    abbey: Authority,
) -> None:
    """R0.1, R0.4: what the one before took in is passed on by no converter; what opened it, is."""
    await in_register(abbey, opened_on=TOOK_IN)
    following = line(NEXT, type_code="34", opened_on=LATER, trust_id="7001", trust_name="Larch Trust")
    await abbey.do(lambda uow: keep_schools(uow, [following]))
    await abbey.do(lambda uow: keep_links(uow, [LINKS[2], Link(NEXT, PRIMARY, "Predecessor", None, "links", START)]))
    await both_are_inspected(abbey)
    await abbey.on(LATER)
    assert (await category(abbey, LATER, urn=NEXT)).inherited_from == JUNIORS
    await abbey.forget_said()
    await in_register(abbey, opened_on=OPENED, as_at=LATER)
    assert (await category(abbey, LATER, urn=NEXT)).value is None
    (changed,) = await abbey.said(CATEGORY, urn=NEXT)
    assert (changed.data["after"], changed.data["because"]) == (None, "inherited")


async def corrections(abbey: Authority) -> list[tuple[str, str]]:
    return [(each.data["from_date"], each.data["until"]) for each in await abbey.said(CORRECTED, urn=PRIMARY)]


async def test_what_the_school_that_was_taken_in_had_continued_counts_from_that_day_and_is_told(
    abbey: Authority,
) -> None:
    """R0.1, R0.4: the link of long ago comes when the school was taken in already."""
    await adopts(abbey, Inherit.ALWAYS)
    await in_register(abbey)
    await abbey.do(lambda uow: keep_schools(uow, [line(BEFORE_THAT)]))
    await abbey.do(lambda uow: keep_links(uow, LINKS[2:]))
    await abbey.on(INSPECTED)
    await abbey.publish(BEFORE_THAT, START, headline=4)
    await abbey.on(LATER)
    assert await decided(abbey) == (None, None)
    await abbey.forget_said()
    long_ago = Link(JUNIORS, BEFORE_THAT, "Predecessor", date(2015, 9, 1), "links", START)
    await abbey.do(lambda uow: keep_links(uow, [long_ago]))
    assert await decided(abbey) == (4, TOOK_IN)
    assert [each.data["urn"] for each in await abbey.said("representation.reassigned")] == [PRIMARY]
    assert {(each.data["urn"], each.data["from_date"]) for each in await abbey.said(CORRECTED)} == {
        (PRIMARY, str(TOOK_IN))
    }


FEBRUARY = date(2024, 2, 5)


async def enters(abbey: Authority, on: date) -> None:
    await abbey.on(on)
    await abbey.do(
        lambda uow: set_la_category(
            uow, PRIMARY, category=3, from_date=on, reason="A visit", review_on=date(2025, 2, 5), set_by="ms officer"
        )
    )


async def publishes(abbey: Authority, urn: str, on: date, number: str) -> None:
    await abbey.on(on)
    await abbey.publish(urn, on, headline=4, number=number, began=START)


async def keep_or_lift(abbey: Authority) -> list[tuple[str, str, date]]:
    """Of which inspections an officer is asked, and since when."""
    asked = await abbey.do(lambda uow: reviews_in(uow, "937", only_open=False))
    return [(each["urn"], each["cause_ref"], each["asked_on"]) for each in asked]


async def test_keep_or_lift_is_asked_by_what_the_school_takes_in_on_the_day_on_which_it_does(abbey: Authority) -> None:
    """R0.1: from that day the outcome counts, whatever was entered between its publication and that."""
    await adopts(abbey, Inherit.ALWAYS)
    await in_register(abbey)
    await abbey.do(lambda uow: keep_links(uow, LINKS))
    await publishes(abbey, JUNIORS, date(2024, 2, 1), "EARLIER")
    await enters(abbey, FEBRUARY)
    await publishes(abbey, JUNIORS, date(2024, 2, 12), "LATER")
    await abbey.on(EVE)
    assert await keep_or_lift(abbey) == []
    for day in (TOOK_IN, LATER):
        await abbey.on(day)
        assert await keep_or_lift(abbey) == [(PRIMARY, "EARLIER", TOOK_IN), (PRIMARY, "LATER", TOOK_IN)]
    assert len(await abbey.said("la-category.review-due")) == 2


@pytest.mark.parametrize("entered", [FEBRUARY, TOOK_IN])
async def test_keep_or_lift_is_asked_when_the_link_comes_after_the_outcome_unless_the_entry_is_later(
    abbey: Authority, entered: date
) -> None:
    """R0.1, D3.11: in whatever order things become known; and once, however often a file has the link."""
    await adopts(abbey, Inherit.ALWAYS)
    await in_register(abbey)
    await abbey.do(lambda uow: keep_links(uow, LINKS[:2]))
    await publishes(abbey, JUNIORS, date(2024, 2, 1), "JUNIORS")
    await enters(abbey, entered)
    await abbey.on(LATER)
    assert await keep_or_lift(abbey) == []
    for as_at in (START, LATER):
        await abbey.do(
            lambda uow, as_at=as_at: keep_links(uow, [replace(each, source_as_at=as_at) for each in LINKS])  # type: ignore[misc]
        )
        assert await keep_or_lift(abbey) == ([(PRIMARY, "JUNIORS", LATER)] if entered < TOOK_IN else [])


async def test_keep_or_lift_is_asked_of_a_converter_when_the_link_to_the_school_before_comes_after_its_outcome(
    abbey: Authority,
) -> None:
    """R0.1: the inspection was before the conversion, and its report came after what was entered."""
    await in_register(abbey)
    await enters(abbey, FEBRUARY)
    await publishes(abbey, INFANTS, date(2024, 2, 12), "INFANTS")
    await abbey.on(LATER)
    assert await keep_or_lift(abbey) == []
    await abbey.do(lambda uow: keep_links(uow, LINKS[:2]))
    assert await keep_or_lift(abbey) == [(PRIMARY, "INFANTS", LATER)]
