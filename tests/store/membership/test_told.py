"""What the school must hear first stays restricted, whatever else happens on the same day (R0.8)."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

import pytest

from services.membership.domain.appointment import Allocation
from services.membership.domain.governors import NobodyChairsTheGovernors
from services.membership.use_cases import appointments, la_category, offices
from services.membership.use_cases.failed_days import turn
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.told_preview import WouldBeTold, preview_told
from services.membership.use_cases.who_speaks import category_of
from shared.messaging.cause import new_id
from tests.store.membership.conftest import Authority, Said
from tests.store.membership.test_policies_and_conversion import NEW, OPENS, converts
from tests.store.membership.test_proposals import decline, proposing, the_proposal

__all__ = ["proposing"]
CATEGORY, REASSIGNED = "category-in-force.changed", "representation.reassigned"
AS_TOLD = "representation-as-told.changed"
DAY = date(2024, 3, 1)
SCHOOL = "900002"


async def plan_entry(abbey: Authority, urn: str = SCHOOL, *, category: int = 3, on: date = DAY) -> None:
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, urn, category=category, from_date=on, reason="Why", review_on=None, set_by="officer"
        )
    )


async def change_chair(abbey: Authority, name: str = "newcomer", on: date = DAY) -> None:
    await abbey.do(
        lambda uow: offices.change_office(
            uow, abbey.body_id, post="chair", person_id=abbey.people[name], from_date=on, route="meeting"
        )
    )


async def tell(abbey: Authority, on: date = DAY, urn: str = SCHOOL) -> list[UUID]:
    told = await abbey.do(lambda uow: la_category.record_school_told(uow, urn, told_on=on, told_by="officer"))
    return told.releases


async def set_clock(abbey: Authority, day: date) -> None:
    """The clock is there, the day's turn is not done yet."""
    await abbey.do(lambda uow: uow.execute("update clock set today = $1::date", day))


async def restricted(abbey: Authority, urn: str = SCHOOL) -> list[Said]:
    return [each for each in await abbey.said(urn=urn) if each.sensitivity == "restricted"]


def held_in_one_story(said: list[Said], first: str) -> None:
    assert said[0].type == first
    assert {each.told for each in said} == {False}
    assert len({each.correlation_id for each in said}) == 1


async def test_an_entry_and_a_change_of_chair_planned_for_one_day_keep_what_is_restricted_in_the_entrys_story(
    abbey: Authority,
) -> None:
    """R0.8, D3.8"""
    await plan_entry(abbey)
    await change_chair(abbey)
    await abbey.forget_said()
    await abbey.on(DAY)
    said = await restricted(abbey)
    assert [each.type for each in said] == ["la-category.set", CATEGORY, REASSIGNED]
    held_in_one_story(said, "la-category.set")
    # The schools that the entry doesn't concern hear of their new chair at once.
    others = [each for each in await abbey.said(REASSIGNED) if each.data["urn"] != SCHOOL]
    assert {(each.sensitivity, each.told) for each in others} == {("internal", True)}
    assert await tell(abbey) == [said[0].correlation_id]


async def _outcome(abbey: Authority) -> None:
    await abbey.publish(SCHOOL, DAY, headline=2)


@pytest.mark.parametrize("command", [_outcome, change_chair])
async def test_a_command_on_the_entrys_day_before_its_turn_tells_the_entry_first_and_holds_it(
    abbey: Authority, command: Callable[[Authority], Awaitable[None]]
) -> None:
    """R0.8"""
    await plan_entry(abbey)
    await abbey.forget_said()
    await set_clock(abbey, DAY)
    await command(abbey)
    # Whether the entry shall stand, now that there is an outcome of its day, officers alone are asked (R0.1). What the
    # outcome gives is the category as the school knows it, and no part of the entry's story.
    apart = ("la-category.review-due", "category-as-told.changed")
    said = [each for each in await restricted(abbey) if each.type not in apart]
    held_in_one_story(said, "la-category.set")
    known = await abbey.said("category-as-told.changed", urn=SCHOOL)
    assert all(each.told and each.correlation_id != said[0].correlation_id for each in known)
    before = len(await abbey.said("la-category.set"))
    await abbey.on(DAY)
    assert len(await abbey.said("la-category.set")) == before == 1  # and its turn doesn't tell it again


async def test_an_allocation_of_the_day_is_held_whatever_command_comes_first(abbey: Authority) -> None:
    """R0.8, W-18"""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish("900003", date(2024, 1, 10), headline=4)
    await abbey.do(
        lambda uow: appointments.allocate_system_leader(
            uow, "900003", person_id=abbey.people["leader"], from_date=DAY, until=None
        )
    )
    await abbey.forget_said()
    await set_clock(abbey, DAY)
    await change_chair(abbey)
    said = await restricted(abbey, "900003")
    assert [each.type for each in said] == ["allocation.made", REASSIGNED]
    held_in_one_story(said, "allocation.made")


async def test_more_items_than_one_transaction_takes_overtake_no_entry(
    abbey: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R0.8, D3.10"""
    monkeypatch.setattr("services.membership.use_cases.turn_days.AT_MOST", 1)
    for urn in ("900002", "900003", "900004"):
        await plan_entry(abbey, urn)
    await abbey.forget_said()
    await abbey.on(DAY)
    for urn in ("900002", "900003", "900004"):
        held_in_one_story(await restricted(abbey, urn), "la-category.set")


async def test_while_the_school_does_not_know_of_its_entry_what_depends_on_it_waits_and_afterwards_not(
    abbey: Authority,
) -> None:
    """R0.8: an entry of 2 over a published 3 gives the school back to the chair, and then the chair changes."""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(SCHOOL, date(2024, 1, 10), headline=3)
    await plan_entry(abbey, category=2)
    await abbey.forget_said()
    await set_clock(abbey, DAY)
    await change_chair(abbey)
    said = await restricted(abbey)
    assert [each.type for each in said] == ["la-category.set", CATEGORY, REASSIGNED, REASSIGNED]
    held_in_one_story(said[:3], "la-category.set")
    assert not said[3].told  # the new chair's own story shows that a chair speaks for the school again
    assert await tell(abbey) == [said[0].correlation_id, said[3].correlation_id]
    later = date(2024, 4, 1)
    await abbey.on(later)
    await abbey.forget_said()
    await change_chair(abbey, "chair", later)
    (known,) = await abbey.said(REASSIGNED, urn=SCHOOL)
    assert (known.sensitivity, known.told) == ("restricted", True)


async def test_a_change_of_chair_while_the_entry_is_untold_waits_with_it(abbey: Authority) -> None:
    """R0.8"""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(SCHOOL, date(2024, 1, 10), headline=3)
    await abbey.on(DAY)
    await plan_entry(abbey, category=2)
    await abbey.forget_said()
    await change_chair(abbey)
    (reassigned,) = await abbey.said(REASSIGNED, urn=SCHOOL)
    assert (reassigned.sensitivity, reassigned.told) == ("restricted", False)
    assert reassigned.correlation_id in await tell(abbey)


async def test_an_outcome_that_brings_out_an_allocation_that_the_school_does_not_know_of_waits(
    abbey: Authority,
) -> None:
    """R0.8: the outcome and its category are public, the name of the leader is not."""
    await abbey.on(DAY)
    await abbey.do(
        lambda uow: appointments.allocate_system_leader(
            uow, "900003", person_id=abbey.people["leader"], from_date=DAY, until=None
        )
    )
    await abbey.forget_said()
    await abbey.publish("900003", DAY, headline=4)
    told = {each.type: each.told for each in await abbey.said()}
    assert told == {"outcome.published": True, CATEGORY: True, REASSIGNED: False, AS_TOLD: True}
    (shown,) = await abbey.said(AS_TOLD)
    assert shown.data["general_after"]["role"] == "duty-desk"  # as if nobody were allocated


async def test_telling_the_school_on_the_entrys_day_before_its_turn_releases_the_entry(abbey: Authority) -> None:
    """R0.8: the officer tells the school of everything up to today."""
    await plan_entry(abbey)
    await abbey.forget_said()
    await set_clock(abbey, DAY)
    (story,) = await tell(abbey)
    assert {each.correlation_id for each in await abbey.said("la-category.set", CATEGORY, REASSIGNED)} == {story}


async def test_an_allocation_in_a_later_part_of_a_take_on_is_held_until_the_school_is_told(abbey: Authority) -> None:
    """R0.8, W-18"""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish("900003", date(2024, 1, 10), headline=4)
    await abbey.on(DAY)
    await abbey.forget_said()
    part = TakenOn("937", allocations=[Allocation(new_id(), "900003", abbey.people["leader"], DAY, None)])
    await abbey.do(lambda uow: take_on(uow, part))
    said = await abbey.said()
    assert [each.type for each in said] == ["allocation.made", REASSIGNED]
    held_in_one_story(said, "allocation.made")
    assert await tell(abbey, urn="900003") == [said[0].correlation_id]


async def test_that_a_school_will_be_told_tomorrow_lets_nothing_out_today(abbey: Authority) -> None:
    """R0.8: held back until the school has heard of it, whatever is entered before."""
    await abbey.on(DAY)
    await plan_entry(abbey)
    with pytest.raises(la_category.ToldTooEarly, match="has not come yet"):
        await tell(abbey, on=DAY + timedelta(days=1))
    assert await tell(abbey) != []


async def after_a_week_away(abbey: Authority, *begins: date) -> list[UUID]:
    """Entries are planned for those days; the product is away before the first of them, and catches up on the 7th."""
    for on, category in zip(begins, (3, 4), strict=False):
        await plan_entry(abbey, category=category, on=on)
    await set_clock(abbey, DAY + timedelta(days=6))
    while await turn(abbey.store, confirmed=True):
        pass
    return [each.correlation_id for each in await abbey.said("la-category.set")]


async def test_what_was_caught_up_with_after_the_school_was_told_of_it_goes_out(abbey: Authority) -> None:
    """R0.8, D3.10: of an entry of the 1st the school was told on the 2nd, while the product was away."""
    stories = await after_a_week_away(abbey, DAY)
    assert await tell(abbey, on=DAY + timedelta(days=1)) == stories


async def test_of_two_acts_caught_up_with_at_once_a_telling_lets_out_the_one_that_was_before_it(
    abbey: Authority,
) -> None:
    """R0.8, D3.10"""
    first, second = await after_a_week_away(abbey, DAY, DAY + timedelta(days=3))
    assert await tell(abbey, on=DAY + timedelta(days=1)) == [first]
    seen = await abbey.do(lambda uow: category_of(uow, SCHOOL, DAY + timedelta(days=2), to_the_school=True))
    assert seen["category"] == 3
    assert await tell(abbey, on=DAY + timedelta(days=3)) == [second]


async def test_where_a_telling_lets_nothing_out_the_answer_says_of_which_day_something_waits(abbey: Authority) -> None:
    """R0.8"""
    await abbey.on(DAY)
    await plan_entry(abbey)
    early = DAY - timedelta(days=2)
    told = await abbey.do(lambda uow: la_category.record_school_told(uow, SCHOOL, told_on=early, told_by="officer"))
    assert (told.releases, told.waits) == ([], [DAY])
    assert told.note is not None
    assert told.note.startswith("Nothing goes out: what waits is of 1 March 2024")


async def preview(abbey: Authority, on: date = DAY, **how: bool) -> WouldBeTold:
    return await abbey.do(lambda uow: preview_told(uow, SCHOOL, told_on=on, **how))


async def everything(abbey: Authority) -> list[list[str]]:
    """What a telling writes, row by row."""
    tables = ("told", "withheld", "representation_as_told", "answer_as_told", "outbox")
    async with abbey.store.unit() as uow:
        found = [await uow.rows(f"select t::text as row from {table} t order by 1") for table in tables]
    return [[each.row for each in rows] for rows in found]


async def test_a_preview_shows_what_a_telling_then_does_and_records_nothing(abbey: Authority) -> None:
    """R0.8: what has gone out can't be called back, so it is looked at first."""
    await abbey.on(DAY)
    await plan_entry(abbey, category=4)
    before = await everything(abbey)
    seen = await preview(abbey)
    assert await everything(abbey) == before
    assert [(each.acted_on, each.acts) for each in seen.lets_out] == [(DAY, ["la-category-begins"])]
    assert {each.what: (each.now, each.once_told) for each in seen.reads}["category in force"] == (None, 4)
    assert (seen.waits, seen.note) == ([], la_category.CANNOT_BE_UNDONE)
    assert [each.correlation_id for each in seen.lets_out] == await tell(abbey)
    now = await abbey.do(lambda uow: category_of(uow, SCHOOL, DAY, to_the_school=True))
    assert now["category"] == 4


async def test_a_telling_says_that_it_cannot_be_undone(abbey: Authority) -> None:
    """R0.8"""
    await abbey.on(DAY)
    await plan_entry(abbey)
    told = await abbey.do(lambda uow: la_category.record_school_told(uow, SCHOOL, told_on=DAY, told_by="officer"))
    assert told.note is not None
    assert told.note.startswith("This cannot be undone")


async def test_a_preview_says_what_would_wait_on_and_is_refused_as_the_telling_would_be(abbey: Authority) -> None:
    """R0.8"""
    await abbey.on(DAY)
    assert (await preview(abbey)).note == "Nothing is held back: nothing would go out"
    await plan_entry(abbey)
    early = await preview(abbey, DAY - timedelta(days=2))
    assert (early.lets_out, early.reads, early.waits) == ([], [], [DAY])
    assert early.note.startswith("Nothing goes out")
    with pytest.raises(la_category.ToldTooEarly):
        await preview(abbey, DAY + timedelta(days=1))
    with pytest.raises(NobodyChairsTheGovernors):
        await preview(abbey, and_the_chair_of_governors=True)


async def test_a_preview_shows_what_an_academy_hears_first_of_who_speaks(proposing: Authority) -> None:
    """R0.8: an officer had declined what was published of the school before, so the academy has heard nothing yet."""
    abbey = proposing
    await abbey.publish("900003", DAY, headline=3)
    proposal_id = await the_proposal(abbey)
    await decline(abbey, proposal_id)
    await converts(abbey)
    await abbey.on(OPENS)
    seen = await abbey.do(lambda uow: preview_told(uow, NEW, told_on=OPENS))
    reads = {each.what: (each.now, each.once_told) for each in seen.reads}
    assert reads["category in force"] == (None, 2)
    assert [reads[f"who speaks {when}"][0] for when in ("in general", "when it is inspected")] == [None, None]
    assert reads["who speaks in general"][1]["role"] == "chair"
