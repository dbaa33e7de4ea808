"""What an officer decided about a school when another continues it: it goes over or she is asked, and never just ends."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.la_entry import LaEntry
from services.membership.domain.standing import standing
from services.membership.store import outcomes
from services.membership.store.facts import facts_of
from services.membership.store.reviews import reviews_in
from services.membership.use_cases import la_category
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.liftings import take_lifting_back
from services.membership.use_cases.overrides import set_override
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_continuity import linked, registered, turned

OLD, OTHER, NEW = "900002", "900003", "900020"  # a system leader is allocated to the first
MARCH, OPENING, REVIEW = date(2024, 3, 1), date(2024, 5, 1), date(2025, 3, 1)
MAINTAINED, CONVERTER, SPONSORED = "1", "34", "28"
SET, LIFTED = "la-category.set", "la-category.lifted"


@pytest.fixture
async def march(abbey: Authority) -> Authority:
    await abbey.on(MARCH)
    return abbey


async def entered(abbey: Authority, urn: str = OLD, category: int = 4, on: date = MARCH, review: date = REVIEW) -> UUID:
    made = await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, urn, category=category, from_date=on, reason="A visit", review_on=review, set_by="ms officer"
        )
    )
    return made.entry_id


async def continued(
    abbey: Authority, type_code: str = MAINTAINED, *olds: str, on: date = OPENING, as_at: date = MARCH
) -> None:
    """These schools close, and one opens that continues them."""
    olds = olds or (OLD,)
    closing = [line(urn, as_at, closed_on=on) for urn in olds]
    await registered(abbey, *closing, line(NEW, as_at, type_code=type_code, opened_on=on))
    await linked(abbey, *((NEW, urn) for urn in olds))


async def entries(abbey: Authority, urn: str = NEW) -> list[LaEntry]:
    return [each for each in await abbey.do(lambda uow: outcomes.la_entries(uow, urn)) if not each.withdrawn]


async def answered(abbey: Authority, on: date, urn: str = NEW) -> tuple[int | None, str]:
    facts = await abbey.do(lambda uow: facts_of(uow, [urn]))
    now = standing(facts[urn], on)
    assert now.general is not None
    return now.category.value, now.general.rule


async def asked(abbey: Authority, kind: str) -> list[tuple[str, str]]:
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    return [(each["urn"], each["why"]) for each in queue["items"] if each.get("about") == kind]


async def test_an_entry_goes_over_to_a_maintained_school_that_continues_one_school(march: Authority) -> None:
    """R0.1, W-18: one school under another URN; who speaks for it doesn't change."""
    abbey = march
    await entered(abbey)
    await continued(abbey)
    await abbey.on(OPENING)
    assert await answered(abbey, OPENING) == (4, "maintained-3-4-allocated")
    (entry,) = await entries(abbey)
    assert (entry.category, entry.from_date, entry.review_on) == (4, OPENING, REVIEW)


async def test_what_goes_over_is_told_on_its_day_and_waits_until_the_school_that_continues_was_told(
    march: Authority,
) -> None:
    """R0.8"""
    abbey = march
    await entered(abbey)
    await continued(abbey)
    await abbey.forget_said()
    await abbey.on(date(2024, 4, 30))
    assert await abbey.said(SET, urn=NEW) == []
    await abbey.on(OPENING)
    (told,) = await abbey.said(SET, urn=NEW)
    assert (told.told, told.sensitivity, told.data["from_date"]) == (False, "restricted", "2024-05-01")
    assert not any(each.told for each in await abbey.said("category-in-force.changed", urn=NEW))
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    assert NEW in {each["urn"] for each in queue["items"] if each["kind"] == "not-told"}


async def test_the_entry_is_reviewed_at_the_school_that_continues_and_nobody_is_asked_of_the_closed_one(
    march: Authority,
) -> None:
    """R0.1"""
    abbey = march
    await entered(abbey)
    await continued(abbey)
    await abbey.on(OPENING)
    await abbey.on(REVIEW)
    assert [each["urn"] for each in await abbey.do(lambda uow: reviews_in(uow, "937", only_open=False))] == [NEW]


async def test_a_question_that_was_open_when_the_school_closed_is_asked_of_the_one_that_continues(
    march: Authority,
) -> None:
    """R0.1"""
    abbey = march
    await entered(abbey, review=date(2024, 4, 1))
    await abbey.on(date(2024, 4, 2))
    await continued(abbey)
    await abbey.on(OPENING)
    assert [each["urn"] for each in await abbey.do(lambda uow: reviews_in(uow, "937", only_open=True))] == [NEW]
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    assert [each["urn"] for each in queue["items"] if each["kind"] == "keep-or-lift"] == [NEW]


async def test_an_entry_made_or_lifted_after_the_link_was_known_goes_over_as_it_is_in_the_end(march: Authority) -> None:
    """D3.11: in whatever order things become known."""
    abbey = march
    await continued(abbey)
    await entered(abbey, category=4)
    await turned(abbey)
    assert [each.category for each in await entries(abbey)] == [4]
    await abbey.do(
        lambda uow: la_category.lift_la_category(uow, OLD, lifted_on=MARCH, reason="Wrong", lifted_by="ms officer")
    )
    await turned(abbey)
    assert await entries(abbey) == []
    await entered(abbey, category=3)
    await turned(abbey)
    await abbey.on(OPENING)
    assert [(each.category, each.from_date) for each in await entries(abbey)] == [(3, OPENING)]
    assert await abbey.said(LIFTED, urn=NEW) == []  # what never was is told to nobody


async def test_an_opening_that_is_put_off_takes_the_entry_along(march: Authority) -> None:
    """D3.11"""
    abbey, later = march, date(2024, 9, 1)
    await entered(abbey)
    await continued(abbey)
    await abbey.on(date(2024, 4, 1))
    await continued(abbey, on=later, as_at=date(2024, 4, 1))
    assert [each.from_date for each in await entries(abbey)] == [later]
    await abbey.on(OPENING)
    await abbey.on(later)
    assert [each.data["from_date"] for each in await abbey.said(SET, urn=NEW)] == ["2024-09-01"]


async def test_a_continuation_learnt_late_takes_the_entry_over_from_the_opening_day(march: Authority) -> None:
    """D3.11, R0.4"""
    abbey = march
    await entered(abbey)
    await abbey.on(date(2024, 5, 20))
    await continued(abbey)
    assert await answered(abbey, date(2024, 5, 20)) == (4, "maintained-3-4-allocated")
    assert [each.from_date for each in await entries(abbey)] == [OPENING]


@pytest.mark.parametrize("type_code", [CONVERTER, SPONSORED])
async def test_of_a_conversion_an_officer_is_asked(march: Authority, type_code: str) -> None:
    """R0.1, W-19"""
    abbey = march
    await entered(abbey)
    await continued(abbey, type_code)
    await abbey.on(OPENING)
    assert await entries(abbey) == []
    assert await asked(abbey, "la-category-after-continuity") == [
        (
            NEW,
            "School 900020 (900020) continues School 900002 (900002) from 1 May 2024: the authority's own category, 4 for "
            "School 900002 (900002) from 1 March 2024, doesn't go over to it. If it is to, enter it for it",
        )
    ]


async def test_of_a_merger_an_officer_is_asked_once_of_all_that_was_entered(march: Authority) -> None:
    """R0.1"""
    abbey = march
    await entered(abbey, OLD, 4)
    await entered(abbey, OTHER, 3)
    await continued(abbey, MAINTAINED, OLD, OTHER)
    await abbey.on(OPENING)
    assert await entries(abbey) == []
    ((urn, why),) = await asked(abbey, "la-category-after-continuity")
    assert urn == NEW
    assert f"4 for School {OLD}" in why
    assert f"3 for School {OTHER}" in why


async def test_what_an_officer_has_entered_for_the_school_that_continues_decides(march: Authority) -> None:
    """R0.1"""
    abbey = march
    await entered(abbey, category=4)
    await registered(abbey, line(OLD, MARCH, closed_on=OPENING), line(NEW, MARCH, opened_on=OPENING))
    await entered(abbey, NEW, 2, on=OPENING)
    await linked(abbey, (NEW, OLD))
    await abbey.on(OPENING)
    assert [each.category for each in await entries(abbey)] == [2]
    assert await asked(abbey, "la-category-after-continuity") == []


async def test_an_entry_that_is_lifted_at_the_school_that_continues_comes_back_by_no_file(march: Authority) -> None:
    """R0.1"""
    abbey = march
    await entered(abbey)
    await continued(abbey)
    await abbey.on(date(2024, 6, 1))
    await abbey.do(
        lambda uow: la_category.lift_la_category(
            uow, NEW, lifted_on=date(2024, 6, 1), reason="Over", lifted_by="ms officer"
        )
    )
    await registered(abbey, line(NEW, date(2024, 6, 1), opened_on=OPENING, name="Renamed"))
    assert [each.lifted_on for each in await entries(abbey)] == [date(2024, 6, 1)]


LIFTED = date(2024, 6, 1)


async def lifts(abbey: Authority, urn: str) -> None:
    await abbey.do(
        lambda uow: la_category.lift_la_category(uow, urn, lifted_on=LIFTED, reason="Over", lifted_by="ms officer")
    )


async def takes_back(abbey: Authority, entry_id: UUID) -> None:
    await abbey.do(lambda uow: take_lifting_back(uow, entry_id, reason="Not this one", taken_back_by="ms officer"))
    await turned(abbey)


async def test_a_lifting_that_is_taken_back_lifts_nothing_at_the_school_that_continues_either(march: Authority) -> None:
    """R0.1: what follows from it follows it back."""
    entry_id = await entered(march)
    await lifts(march, OLD)
    await continued(march)
    assert [each.lifted_on for each in await entries(march)] == [LIFTED]
    await takes_back(march, entry_id)
    assert [each.lifted_on for each in await entries(march)] == [None]
    await march.on(LIFTED)
    assert (await answered(march, LIFTED))[0] == 4


async def test_a_lifting_that_an_officer_takes_back_at_the_school_that_continues_comes_back_by_no_file(
    march: Authority,
) -> None:
    """R0.1: what she has decided of the next school stays, whatever is true of the one before."""
    await entered(march)
    await lifts(march, OLD)
    await continued(march)
    (carried,) = await entries(march)
    await takes_back(march, carried.entry_id)
    await registered(march, line(NEW, MARCH, opened_on=OPENING, name="Renamed"))
    assert [(each.entry_id, each.lifted_on) for each in await entries(march)] == [(carried.entry_id, None)]


APRIL, JUNE = date(2024, 4, 10), date(2024, 6, 10)
CORRECTED = "history.corrected"


async def lifted_after_the_opening(abbey: Authority, on: date) -> None:
    """That the entry of the school before had been lifted becomes known in June."""
    await abbey.on(JUNE)
    await abbey.forget_said()
    await abbey.do(
        lambda uow: la_category.lift_la_category(uow, OLD, lifted_on=on, reason="Over", lifted_by="ms officer")
    )
    await turned(abbey)


async def corrects(abbey: Authority, entry_id: UUID, on: date) -> None:
    await abbey.forget_said()
    await abbey.do(
        lambda uow: la_category.correct_lifting(uow, entry_id, lifted_on=on, reason="A slip", corrected_by="ms officer")
    )
    await turned(abbey)


async def test_an_entry_that_had_been_lifted_before_the_school_closed_never_went_over(march: Authority) -> None:
    """R0.1, R0.4: it becomes known when the school that continues has had it for a month, and is told as it is."""
    entry_id = await entered(march)
    await continued(march)
    await march.on(OPENING)
    assert (await answered(march, OPENING))[0] == 4
    await lifted_after_the_opening(march, JUNE)
    assert [each.lifted_on for each in await entries(march)] == [None]  # lifted when it was no more: a slip
    await corrects(march, entry_id, APRIL)
    assert await entries(march) == []
    assert (await answered(march, JUNE))[0] is None
    assert [each.told for each in await march.said("la-category.lifted", urn=NEW)] == [False]
    (said,) = await march.said(CORRECTED, urn=NEW)
    assert (said.data["from_date"], said.data["until"], said.told) == (str(OPENING), str(JUNE), False)
    await corrects(march, entry_id, date(2024, 5, 20))
    assert [(each.category, each.from_date, each.lifted_on) for each in await entries(march)] == [
        (4, OPENING, date(2024, 5, 20))
    ]


async def test_the_day_of_a_lifting_that_went_over_follows_when_it_is_corrected(march: Authority) -> None:
    """R0.4, R0.8: as of the school before; the school knows the day that it was told until it is told of the other."""
    entry_id = await entered(march)
    await lifts(march, OLD)
    await continued(march)
    await march.on(OPENING)
    await march.on(JUNE)
    earlier = date(2024, 5, 20)
    await corrects(march, entry_id, earlier)
    assert [each.lifted_on for each in await entries(march)] == [earlier]
    (said,) = await march.said(CORRECTED, urn=NEW)
    assert (said.data["from_date"], said.data["until"], said.told) == (str(earlier), str(LIFTED), False)
    await registered(march, line(NEW, MARCH, opened_on=OPENING, name="Renamed"))
    assert [each.lifted_on for each in await entries(march)] == [earlier]


async def test_a_lifting_that_went_over_is_taken_back_with_the_one_it_came_from(march: Authority) -> None:
    """R0.1: the school has opened, and the day of the lifting lies ahead."""
    entry_id = await entered(march)
    await lifts(march, OLD)
    await continued(march)
    await march.on(OPENING)
    await takes_back(march, entry_id)
    assert [each.lifted_on for each in await entries(march)] == [None]
    await march.on(LIFTED)
    assert (await answered(march, LIFTED))[0] == 4
    assert await march.said("la-category.lifted", urn=NEW) == []


async def test_a_lifting_that_went_over_and_is_put_off_ends_the_entry_on_the_other_day(march: Authority) -> None:
    """R0.1"""
    later = date(2024, 7, 1)
    await entered(march)
    await lifts(march, OLD)
    await continued(march)
    await march.on(OPENING)
    await march.do(
        lambda uow: la_category.lift_la_category(uow, OLD, lifted_on=later, reason="Later", lifted_by="ms officer")
    )
    await turned(march)
    await march.on(LIFTED)
    assert await march.said("la-category.lifted", urn=NEW) == []
    await march.on(later)
    assert [each.data["lifted_on"] for each in await march.said("la-category.lifted", urn=NEW)] == [str(later)]


async def test_what_an_officer_has_decided_of_the_entry_that_went_over_stays_whatever_is_corrected(
    march: Authority,
) -> None:
    """R0.1: she lifted it on a day of her own, or kept it when she was asked."""
    entry_id = await entered(march, review=date(2024, 5, 15))
    await continued(march)
    await march.on(OPENING)
    await march.on(date(2024, 5, 15))
    (carried,) = await entries(march)
    await march.do(
        lambda uow: la_category.keep_la_category(
            uow, carried.entry_id, review_on=REVIEW, reason="As it is", kept_by="ms officer"
        )
    )
    await lifted_after_the_opening(march, JUNE)
    await corrects(march, entry_id, APRIL)
    assert [each.lifted_on for each in await entries(march)] == [None]


@pytest.mark.parametrize("type_code", [MAINTAINED, CONVERTER])
async def test_of_an_override_an_officer_is_asked_whoever_continues_the_school(
    march: Authority, type_code: str
) -> None:
    """W-19: somebody was named for a while and for a reason; whether it holds for the next school only she can say."""
    abbey = march

    async def overrides(uow: Any) -> None:
        await set_override(
            uow, OLD, matter="both", person_id=abbey.people["newcomer"], from_date=MARCH, until=date(2025, 1, 1),
            reason="An agreement", set_by="ms officer",
        )  # fmt: skip

    await continued(abbey, type_code)
    await abbey.do(overrides)
    await turned(abbey)
    await abbey.on(OPENING)
    ((urn, why),) = await asked(abbey, "override-after-continuity")
    assert urn == NEW
    assert f"for School {OLD} ({OLD}) until 1 January 2025 (An agreement)" in why


async def test_a_school_of_which_a_part_goes_another_way_keeps_what_was_decided_about_it(march: Authority) -> None:
    abbey = march
    await entered(abbey)
    await registered(abbey, line(NEW, START, opened_on=OPENING), line("900021", START, opened_on=OPENING))
    await linked(abbey, (NEW, OLD), ("900021", OLD), kind="Predecessor - Split School")
    await abbey.on(OPENING)
    assert await entries(abbey) == []
    assert await asked(abbey, "la-category-after-continuity") == []
    assert [each.category for each in await entries(abbey, OLD)] == [4]
