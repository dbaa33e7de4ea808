"""The day on which an entry of the authority was lifted turns out to be another one (R0.1, R0.4, R0.8)."""

from datetime import date
from uuid import UUID

import pytest

from services.membership.domain.la_entry import (
    EntryIsWithdrawn,
    LiftedBeforeItBegins,
    LiftingHasNotCome,
    LiftingStaysInThePast,
)
from services.membership.domain.office import CorrectionNeedsReason, NothingToCorrect
from services.membership.store import outcomes as kept
from services.membership.use_cases import la_category
from services.membership.use_cases.told_preview import preview_told
from services.membership.use_cases.who_speaks import category_of, who_speaks
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import Authority

URN = "900003"
JANUARY, FEBRUARY, LATER, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 2, 15), date(2024, 3, 1)
BETWEEN = date(2024, 2, 10)


@pytest.fixture
async def entry(abbey: Authority) -> UUID:
    """Set in January and told; it is March, and nobody has lifted it."""
    await abbey.on(JANUARY)
    made = await abbey.do(lambda uow: la_category.set_la_category(
        uow, URN, category=3, from_date=JANUARY, reason="Why", review_on=None, set_by="officer"
    ))  # fmt: skip
    await abbey.do(lambda uow: la_category.record_school_told(uow, URN, told_on=JANUARY, told_by="officer"))
    await abbey.on(MARCH)
    return made.entry_id


async def lift(abbey: Authority, on: date) -> None:
    await abbey.do(lambda uow: la_category.lift_la_category(uow, URN, lifted_on=on, reason="Over", lifted_by="officer"))
    await abbey.forget_said()


async def tell(abbey: Authority, on: date) -> None:
    await abbey.do(lambda uow: la_category.record_school_told(uow, URN, told_on=on, told_by="officer"))


async def read_by_the_school(abbey: Authority, on: date = BETWEEN) -> int | None:
    found = await abbey.do(lambda uow: category_of(uow, URN, on, to_the_school=True))
    category: int | None = found["category"]
    return category


async def correct(abbey: Authority, entry: UUID, on: date, reason: str = "A slip") -> None:
    await abbey.do(
        lambda uow: la_category.correct_lifting(uow, entry, lifted_on=on, reason=reason, corrected_by="officer")
    )


@pytest.mark.parametrize(("first", "then"), [(FEBRUARY, LATER), (LATER, FEBRUARY)])
async def test_a_lifting_on_a_wrong_day_is_put_right_and_told_as_a_correction_of_history(
    abbey: Authority, entry: UUID, first: date, then: date
) -> None:
    """R0.4: today reads as before; of the days between today's knowledge gives something else."""
    await lift(abbey, first)
    await correct(abbey, entry, then)
    assert (await abbey.do(lambda uow: kept.la_entry(uow, entry))).lifted_on == then
    (told,) = await abbey.said()
    assert (told.type, told.data["what"], told.data["from_date"], told.data["until"]) == (
        "history.corrected",
        "category-in-force",
        str(FEBRUARY),
        str(LATER),
    )
    assert not told.told  # the school has yet to hear that it was lifted at all (R0.8)
    between = await abbey.do(lambda uow: category_of(uow, URN, BETWEEN))
    assert between["category"] == (3 if then == LATER else None)


async def test_what_cannot_be_a_correction_of_a_lifting_is_refused_with_what_to_do(
    abbey: Authority, entry: UUID
) -> None:
    with pytest.raises(LiftingHasNotCome, match="lift it on the right day"):
        await correct(abbey, entry, FEBRUARY)
    await lift(abbey, FEBRUARY)
    with pytest.raises(CorrectionNeedsReason):
        await correct(abbey, entry, LATER, " ")
    with pytest.raises(NothingToCorrect):
        await correct(abbey, entry, FEBRUARY)
    with pytest.raises(LiftingStaysInThePast, match="set it again"):
        await correct(abbey, entry, date(2024, 4, 1))
    with pytest.raises(LiftedBeforeItBegins):
        await correct(abbey, entry, JANUARY)
    await abbey.do(lambda uow: la_category.withdraw_la_category(uow, entry, reason="Never", withdrawn_by="officer"))
    with pytest.raises(EntryIsWithdrawn):
        await correct(abbey, entry, LATER)


async def test_an_entry_is_not_lifted_without_a_reason(ask: Ask, abbey: Authority, entry: UUID) -> None:
    assert (await ask(f"/schools/{URN}/la-category/lift", OFFICER, {})).status_code == 422
    assert (await ask(f"/schools/{URN}/la-category/lift", OFFICER, {"reason": "Over"})).status_code == 200


@pytest.mark.parametrize(("first", "then"), [(FEBRUARY, LATER), (LATER, FEBRUARY)])
async def test_a_school_that_was_told_of_a_lifting_reads_that_day_until_it_is_told_that_it_was_another(
    abbey: Authority, entry: UUID, first: date, then: date
) -> None:
    """R0.8: the officer reads the right day at once; the correction of history waits as well."""
    was, really = (None, 3) if then == LATER else (3, None)
    await lift(abbey, first)
    await tell(abbey, MARCH)
    await abbey.forget_said()
    await correct(abbey, entry, then)
    assert await read_by_the_school(abbey) == was
    shown = await abbey.do(lambda uow: who_speaks(uow, URN, "general", BETWEEN, to_the_school=True))
    assert (shown["as_known_today"]["role"] == "chair") == (was is None)
    assert (await abbey.do(lambda uow: category_of(uow, URN, BETWEEN)))["category"] == really
    assert [(each.type, each.told) for each in await abbey.said()] == [("history.corrected", False)]
    told = await abbey.do(lambda uow: preview_told(uow, URN, told_on=MARCH))
    assert [each.acts for each in told.lets_out] == [["la-category-lifting-corrected"]]
    await tell(abbey, MARCH)
    assert await read_by_the_school(abbey) == really


async def test_of_two_corrections_of_a_lifting_a_school_knows_as_far_as_it_was_told(
    abbey: Authority, entry: UUID
) -> None:
    """R0.8: told up to the day of the first it reads the day that this gave, also where the entry is withdrawn since."""
    await lift(abbey, FEBRUARY)
    await tell(abbey, MARCH)
    await correct(abbey, entry, LATER)
    await abbey.on(date(2024, 3, 2))
    await correct(abbey, entry, date(2024, 2, 5))
    assert await read_by_the_school(abbey, date(2024, 2, 3)) is None
    await tell(abbey, MARCH)
    assert await read_by_the_school(abbey) == 3
    await abbey.do(lambda uow: la_category.withdraw_la_category(uow, entry, reason="Never", withdrawn_by="officer"))
    assert (await read_by_the_school(abbey), await read_by_the_school(abbey, date(2024, 2, 20))) == (3, None)
    await tell(abbey, date(2024, 3, 2))
    assert await read_by_the_school(abbey, date(2024, 2, 3)) is None


async def test_a_school_that_was_not_told_of_a_lifting_reads_nothing_of_the_day_that_it_really_was(
    abbey: Authority, entry: UUID
) -> None:
    """R0.8: to it the entry stands. Told of the lifting alone, it reads the day that was entered first."""
    await lift(abbey, FEBRUARY)
    await abbey.on(date(2024, 3, 2))
    await correct(abbey, entry, LATER)
    assert (await read_by_the_school(abbey), await read_by_the_school(abbey, date(2024, 3, 2))) == (3, 3)
    await tell(abbey, MARCH)
    assert (await read_by_the_school(abbey), await read_by_the_school(abbey, date(2024, 3, 2))) == (None, None)
    await tell(abbey, date(2024, 3, 2))
    assert await read_by_the_school(abbey) == 3


async def test_what_was_corrected_twice_on_one_day_is_to_a_school_what_it_was_told_between(
    abbey: Authority, entry: UUID
) -> None:
    """R0.8"""
    await lift(abbey, FEBRUARY)
    await correct(abbey, entry, LATER)
    await tell(abbey, MARCH)
    await correct(abbey, entry, FEBRUARY)
    assert await read_by_the_school(abbey) == 3
    await tell(abbey, MARCH)
    assert await read_by_the_school(abbey) is None
